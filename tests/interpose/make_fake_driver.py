#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write the C source of a fake libcuda.so.1: one function per name of cuda.h, that records its call.

    make_fake_driver.py KIND CUDA_INCLUDE OUT.c

Kinds differ in what real driver libraries were seen to differ in; several are joined by "_":
  plain    every name exported; cuGetProcAddress answers with the exports
  private  every name exported; cuGetProcAddress answers with addresses of its own
  folded   functions of one body share one address
  shared   cuGetProcAddress answers for some functions with the address of exports of other functions
  named    cuGetProcAddress knows exported names too ("cuMemAlloc_v2", at any version)
  noptsz   no per-thread twins at all: a request for one is answered with the legacy entry
  old      11.4: what was there by then, and only the four-argument cuGetProcAddress
  newer    14.0: has cuMemAlloc_v3 and cuLaunchKernel_v2, which cuda.h of 13.0 does not know
  stub     the toolkit's link-time stub: cuGetProcAddress fails with 34 (STUB_LIBRARY)
  versioned  a symbol version on every export
  bare     exports cuInit and the two resolvers only; everything else is to be asked for
"""
import sys

import driver_interface

VERSIONS = {"old": 11040, "newer": 14000}
# (kept, folded onto it): two ABIs with one body, two spellings, and two unrelated functions an optimiser found equal.
FOLDS = [("cuDevicePrimaryCtxRelease_v2", "cuDevicePrimaryCtxRelease"), ("cuCtxCreate_v2", "cuCtxCreate"),
         ("cuModuleUnload", "cuLinkDestroy"), ("cuStreamDestroy_v2", "cuEventDestroy_v2"),
         ("cuMemHostUnregister", "cuMemFreeHost")]
# (function, the export at whose address its answer lies): beside one other name, and beside two.
SHARED = {"cuModuleUnload": "cuArrayDestroy", "cuStreamDestroy_v2": "cuMipmappedArrayDestroy",
          "cuMemFree_v2": "cuMipmappedArrayDestroy"}
SHARED_FOLDS = [("cuMipmappedArrayDestroy", "cuTexObjectDestroy")]
BARE = {"cuInit", "cuGetProcAddress", "cuGetProcAddress_v2"}


def functions_of(kinds, include, version):
    found = [(e.name, e.base, e.version, int(bool(e.twin))) for e in driver_interface.read(include)]
    if "newer" in kinds:
        found += [("cuMemAlloc_v3", "cuMemAlloc", 14000, 0), ("cuLaunchKernel_v2", "cuLaunchKernel", 14000, 0)]
    if "noptsz" in kinds:
        found = [f for f in found if not f[3]]
    if "old" in kinds:
        found = [f for f in found if f[2] <= version and f[0] != "cuGetProcAddress_v2"]
    return sorted(found, key=lambda f: (f[1], f[2], f[3]))


def main():
    kind, include, out = sys.argv[1:]
    kinds = set(kind.split("_"))
    version = max((VERSIONS[k] for k in kinds if k in VERSIONS), default=13000)
    functions = functions_of(kinds, include, version)
    index = {f[0]: i for i, f in enumerate(functions)}
    folds = FOLDS if "folded" in kinds else SHARED_FOLDS if "shared" in kinds else []
    folded = {other: kept for kept, other in folds}
    lines = [f"// Written by make_fake_driver.py {kind}.\n#include \"fake_driver.h\"\n\n"]
    for i, (name, *_) in enumerate(functions):
        hidden = " __attribute__((visibility(\"hidden\")))" if "bare" in kinds and name not in BARE else ""
        lines.append(f'long entry_{i}(FAKE_PARAMETERS) __asm__("{name}"){hidden};\n')
        if name in folded:
            continue
        lines.append(f"long entry_{i}(FAKE_PARAMETERS) {{ return "
                     f"fake_record({i}, (void*)entry_{i}, FAKE_RETURN_ADDRESS, FAKE_ARGUMENTS); }}\n")
        if "private" in kinds:
            lines.append(f"static long private_{i}(FAKE_PARAMETERS) {{ return "
                         f"fake_record({i}, (void*)private_{i}, FAKE_RETURN_ADDRESS, FAKE_ARGUMENTS); }}\n")
    for name in folded:
        lines.append(f'__asm__(".globl {name}\\n.type {name}, %function\\n.set {name}, {folded[name]}\\n");\n')
    lines.append("\n// Sorted by base: fake_answer() searches by halves.\nstruct fake_function fake_functions[] = {\n")
    for i, (name, base, introduced, per_thread) in enumerate(functions):
        answer = f"entry_{i}"
        if "private" in kinds:
            answer = f"private_{index[folded.get(name, name)]}"
        if "shared" in kinds and name in SHARED:
            answer = f"entry_{index[SHARED[name]]}"
        export = "0" if "bare" in kinds and name not in BARE else f"(void*)entry_{i}"
        lines.append(f'    {{"{name}", "{base}", {introduced}, {per_thread}, {export}, (void*){answer}, 0}},\n')
    lines.append(f"}};\nconst int fake_function_count = {len(functions)};\nconst int fake_version = {version};\n")
    for flag in ("stub", "old", "named"):
        lines.append(f"const int fake_is_{flag} = {int(flag in kinds)};\n")
    open(out, "w").write("".join(lines))


if __name__ == "__main__":
    main()
