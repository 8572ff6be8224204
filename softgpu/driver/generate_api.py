#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes generated/*.inc from cuda.h, cudaProfiler.h and their typedef headers.

    generate_api.py /usr/local/cuda/include            # rewrite generated/
    generate_api.py /usr/local/cuda/include --verify   # exit 1 if generated/ is not what would be written

functions.inc   SOFTGPU_FUNCTION(symbol): every symbol a 13.0 driver exports.
internal_names.inc  #define cuX softgpu_cuX for each of them (driver/cuda_api.hpp says why).
entry_points.inc    SOFTGPU_ENTRY(symbol, CUPTI callback id, (parameters), (their names), members of a structure of them).
variants.inc    SOFTGPU_VARIANT(base, version, per_thread, symbol, typedef): what cuGetProcAddress chooses from.
errors.inc      SOFTGPU_ERROR(name, text): every CUresult.

cuda.h under __CUDA_API_VERSION_INTERNAL declares each symbol by its versioned spelling, legacy and per-thread.
cudaTypedefs.h knows the versions (PFN_cuMemAlloc_v3020) but not the symbols (cuMemAlloc_v2). Within one base name
both grow in the same order, so the n-th version is the n-th symbol; proc_address.cpp static-asserts for each pair that
the symbol has the type of the typedef.
"""
import pathlib
import re
import subprocess
import sys

BANNER = ("// SPDX-License-Identifier: MIT\n"
          "// DO NOT EDIT. Written by softgpu/driver/generate_api.py from the CUDA {version} headers.\n")

# What hardware drivers answer where programs are known to match on the text; the rest is made from the name.
TEXTS = {
    "CUDA_SUCCESS": "no error",
    "CUDA_ERROR_INVALID_VALUE": "invalid argument",
    "CUDA_ERROR_OUT_OF_MEMORY": "out of memory",
    "CUDA_ERROR_NOT_INITIALIZED": "initialization error",
    "CUDA_ERROR_DEINITIALIZED": "driver shutting down",
    "CUDA_ERROR_NO_DEVICE": "no CUDA-capable device is detected",
    "CUDA_ERROR_INVALID_DEVICE": "invalid device ordinal",
    "CUDA_ERROR_INVALID_CONTEXT": "invalid device context",
    "CUDA_ERROR_NO_BINARY_FOR_GPU": "no kernel image is available for execution on the device",
    "CUDA_ERROR_INVALID_PTX": "a PTX JIT compilation failed",
    "CUDA_ERROR_INVALID_HANDLE": "invalid resource handle",
    "CUDA_ERROR_NOT_FOUND": "named symbol not found",
    "CUDA_ERROR_NOT_READY": "device not ready",
    "CUDA_ERROR_ILLEGAL_ADDRESS": "an illegal memory access was encountered",
    "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES": "too many resources requested for launch",
    "CUDA_ERROR_LAUNCH_TIMEOUT": "the launch timed out and was terminated",
    "CUDA_ERROR_ASSERT": "device-side assert triggered",
    "CUDA_ERROR_MISALIGNED_ADDRESS": "misaligned address",
    "CUDA_ERROR_LAUNCH_FAILED": "unspecified launch failure",
    "CUDA_ERROR_NOT_PERMITTED": "operation not permitted",
    "CUDA_ERROR_NOT_SUPPORTED": "operation not supported",
    "CUDA_ERROR_UNKNOWN": "unknown error",
}


def preprocess(include, headers, typedefs):
    source = "#define __CUDA_API_VERSION_INTERNAL\n" + "".join(
        f"#include <{h}>\n" for h in headers + typedefs)
    return subprocess.run(["g++", "-E", "-P", "-x", "c++", f"-I{include}", "-"], input=source, text=True,
                          check=True, capture_output=True).stdout


def symbols_of(text):
    return sorted(set(re.findall(r"\b(cu[A-Z]\w*)\s*\(", re.sub(r"typedef[^;]*PFN_[^;]*;", "", text))))


def prototypes_of(text):
    """symbol -> [(declaration, name)], of plain parameters: cuda.h spells arrays and functions as pointers and typedefs."""
    out = {}
    for symbol, declared in re.findall(r"CUresult\s+(cu[A-Z]\w*)\s*\(([^;]*?)\)\s*;", text):
        parameters = [" ".join(p.split()) for p in declared.split(",")]
        if parameters == ["void"] or parameters == [""]:
            parameters = []
        if any(not re.fullmatch(r"[\w\s*]+\b\w+", p) for p in parameters):
            sys.exit(f"{symbol}: a parameter of ({declared}) is not a type and a name")
        out[symbol] = [(p, re.search(r"\w+$", p)[0]) for p in parameters]
    return out


def entry_points_of(text, symbols, include):
    """What CUPTI reports of a call: its id, and its arguments in a structure (generated_cuda_meta.h's, member for member)."""
    header = pathlib.Path(include, "cupti_driver_cbid.h").read_text()
    ids = dict(re.findall(r"CUPTI_DRIVER_TRACE_CBID_(cu\w+)\s*=\s*(\d+)", header))
    prototypes = prototypes_of(text)
    lines = []
    for s in symbols:
        p = prototypes[s]
        members = " ".join(f"{declared};" for declared, _ in p)
        lines.append(f"SOFTGPU_ENTRY({s}, {ids[s]}, ({', '.join(d for d, _ in p)}), "
                     f"({', '.join(n for _, n in p)}),{' ' + members if members else ''})\n")
    return "".join(lines)


def split_symbol(symbol):
    """cuMemcpyHtoD_v2_ptds -> (cuMemcpyHtoD, 2, True)"""
    m = re.fullmatch(r"(cu[A-Za-z0-9]+?)(?:_v(\d+))?(_pts?z|_ptds)?", symbol)
    return m[1], int(m[2] or 1), m[3] is not None


def variants_of(text, symbols):
    versions, spelled = {}, {}
    for name in set(re.findall(r"\bPFN_cu[A-Z]\w*", text)):
        m = re.fullmatch(r"PFN_(cu[A-Za-z0-9]+)_v(\d+)(_ptsz|_ptds)?", name)
        if m:
            versions.setdefault((m[1], m[3] is not None), []).append((int(m[2]), name))
    for symbol in symbols:
        base, n, per_thread = split_symbol(symbol)
        spelled.setdefault((base, per_thread), []).append((n, symbol))
    rows = []
    for key in sorted(set(versions) | set(spelled)):
        known, named = sorted(versions.get(key, [])), sorted(spelled.get(key, []))
        if len(known) != len(named):
            sys.exit(f"{key}: versions {known} do not pair with symbols {named}")
        for (version, typedef), (_, symbol) in zip(known, named):
            rows.append((key[0], version, key[1], symbol, typedef))
    return rows


def errors_of(include):
    header = pathlib.Path(include, "cuda.h").read_text()
    body = re.search(r"typedef enum cudaError_enum \{(.*?)\} CUresult;", header, re.S)[1]
    names = re.findall(r"\b(CUDA_(?:SUCCESS|ERROR_\w+))\s*=", re.sub(r"/\*.*?\*/", "", body, flags=re.S))
    return [(n, TEXTS.get(n, n.replace("CUDA_ERROR_", "").lower().replace("_", " "))) for n in names]


def main():
    include = sys.argv[1]
    text = preprocess(include, ["cuda.h", "cudaProfiler.h"], ["cudaTypedefs.h", "cudaProfilerTypedefs.h"])
    version = int(re.search(r"#define CUDA_VERSION (\d+)", pathlib.Path(include, "cuda.h").read_text())[1])
    banner = BANNER.format(version=f"{version // 1000}.{version % 1000 // 10}")
    symbols = symbols_of(text)
    files = {
        "functions.inc": "".join(f"SOFTGPU_FUNCTION({s})\n" for s in symbols),
        "internal_names.inc": "".join(f"#define {s} softgpu_{s}\n" for s in symbols),
        "entry_points.inc": entry_points_of(text, symbols, include),
        "variants.inc": "".join(
            f'SOFTGPU_VARIANT("{base}", {v}, {str(per_thread).lower()}, {symbol}, {typedef})\n'
            for base, v, per_thread, symbol, typedef in variants_of(text, symbols)),
        "errors.inc": "".join(f'SOFTGPU_ERROR({n}, "{t}")\n' for n, t in errors_of(include)),
    }
    folder = pathlib.Path(__file__).parent / "generated"
    stale = [n for n, t in files.items() if not (folder / n).exists() or (folder / n).read_text() != banner + t]
    if "--verify" in sys.argv[2:]:
        sys.exit(f"stale: {' '.join(stale)}; run softgpu/driver/generate_api.py" if stale else 0)
    for name, content in files.items():
        (folder / name).write_text(banner + content)


if __name__ == "__main__":
    main()
