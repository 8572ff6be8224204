#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write one generic call per driver function, and the errors that cuda.h documents for it.

    make_calls.py --cuda INCLUDE OUT.cpp

Errors are what the "\\return" section of a function's documentation lists; they hold for every variant of it. Functions
without such a list get those of the fixed set below.
"""
import argparse
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "scripts"))
import generate_registry  # noqa: E402

UNDOCUMENTED = ["CUDA_ERROR_DEINITIALIZED", "CUDA_ERROR_INVALID_CONTEXT", "CUDA_ERROR_INVALID_VALUE",
                "CUDA_ERROR_NOT_INITIALIZED", "CUDA_ERROR_OUT_OF_MEMORY"]
# "Note that this function may also return error codes from previous, asynchronous launches."
ALWAYS = ["CUDA_ERROR_ILLEGAL_ADDRESS", "CUDA_ERROR_UNKNOWN"]

HEAD = """// SPDX-License-Identifier: MIT
// DO NOT EDIT: written by make_calls.py.
#define __CUDA_API_VERSION_INTERNAL
#include <cuda.h>
#include <cudaProfilerTypedefs.h>
#include <cudaTypedefs.h>

#include "arguments.hpp"

namespace hostile {

const GenericCall generic_calls[] = {
"""


def documented(include):
    text = (pathlib.Path(include) / "cuda.h").read_text()
    errors = {}
    for block, after in re.findall(r"/\*\*(.*?)\*/(.*?)(?=/\*\*|\Z)", text, re.S):
        function = re.search(r"CUresult CUDAAPI (cu\w+)\s*\(", after)
        listed = re.search(r"\\returns?\b(.*?)(?=\\(?:note|sa|param|brief|see)\b|\Z)", block, re.S)
        codes = sorted(set(re.findall(r"::(CUDA_ERROR_\w+)", listed[1]))) if listed else []
        if function and codes:
            errors.setdefault(generate_registry.split_name(function[1])[0], codes)
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cuda", required=True)
    parser.add_argument("out")
    options = parser.parse_args()
    errors = documented(options.cuda)
    lines = [HEAD]
    for v in generate_registry.read_variants(options.cuda):
        made = []
        for position, (declaration, name) in enumerate(generate_registry.parameters(v.params)):
            type_name = re.sub(rf"\s*\b{name}$", "", declaration)
            made.append(f'a.make<{type_name}>("{type_name}", {position})')
        codes = ", ".join(sorted({*errors.get(v.base, UNDOCUMENTED), *ALWAYS}))
        lines.append(f'    {{"{v.name}", [](void* entry, [[maybe_unused]] Arguments& a) {{\n'
                     f"       return reinterpret_cast<{v.pfn}>(entry)({', '.join(made)});\n"
                     f"     }}, {{{codes}}}, {'true' if v.base in errors else 'false'}}},\n")
    lines.append("};\nconst int generic_call_count = std::size(generic_calls);\n\n}  // namespace hostile\n")
    pathlib.Path(options.out).write_text("".join(lines))


if __name__ == "__main__":
    main()
