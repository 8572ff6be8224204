#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write the entries of the fault-injecting libcuda.so.1: two typed functions per exported name of cuda.h.

    make_entries.py --cuda INCLUDE OUT.cpp

Names and types are read as scripts/generate_registry.py reads them, so a name that the registry has is a name that
this library has.
"""
import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "scripts"))
import generate_registry  # noqa: E402

HEAD = """// SPDX-License-Identifier: MIT
// DO NOT EDIT: written by make_entries.py.
#define __CUDA_API_VERSION_INTERNAL
#define __CUDA_API_VERSION_INTERNAL_ODR
#include <cuda.h>
#include <cudaProfiler.h>
#include <cudaProfilerTypedefs.h>
#include <cudaTypedefs.h>
#undef cuGetProcAddress_v2  // cuda.h leaves it a macro for an inline wrapper

#include "call.hpp"

using faulty::forward;
using faulty::Way;
#define FAULTY_FROM __builtin_return_address(0)

"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cuda", required=True)
    parser.add_argument("out")
    options = parser.parse_args()
    lines, table = [HEAD], []
    for index, v in enumerate(generate_registry.read_variants(options.cuda)):
        names = "".join(f", {name}" for _, name in generate_registry.parameters(v.params))
        for storage, name, way in (('extern "C" FAULTY_EXPORT', v.name, "exported"), ("static", f"answered_{v.name}", "answered")):
            lines.append(f"{storage} CUresult CUDAAPI {name}({v.params}) {{\n"
                         f"  return forward<{v.pfn}>({index}, Way::{way}, FAULTY_FROM{names});\n}}\n")
        table.append(f'    {{"{v.name}", reinterpret_cast<void*>({v.name}), reinterpret_cast<void*>(answered_{v.name})}},\n')
    lines += ["\nnamespace faulty {\n\nFunction functions[] = {\n", *table, "};\n",
              f"const int function_count = {len(table)};\n\n}}  // namespace faulty\n"]
    pathlib.Path(options.out).write_text("".join(lines))


if __name__ == "__main__":
    main()
