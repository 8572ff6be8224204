#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write the C source of a fake libcuda.so.1: one function per name of the registry, that records its call.

    make_fake_driver.py KIND driver_functions.def OUT.c

Kinds differ in what real driver libraries were seen to differ in:
  plain    every name exported; cuGetProcAddress answers with the exports
  private  every name exported; cuGetProcAddress answers with addresses of its own
  folded   plain, but functions of one body share one address
  noptsz   no per-thread twins at all: a request for one is answered with the legacy entry
  old      11.4: what was there by then, and only the four-argument cuGetProcAddress
  newer    14.0: plain, and has cuMemAlloc_v3 and cuLaunchKernel_v2, which cuda.h of 13.0 does not know
  stub     the toolkit's link-time stub: cuGetProcAddress fails with 34 (STUB_LIBRARY)
  versioned  plain, with a symbol version on every export
  bare     exports cuInit and the two resolvers only; everything else is to be asked for
"""
import re
import sys

VERSIONS = {"old": 11040, "newer": 14000}
# (kept, folded onto it): two ABIs with one body, two spellings, and two unrelated functions an optimiser found equal.
FOLDS = [("cuDevicePrimaryCtxRelease_v2", "cuDevicePrimaryCtxRelease"), ("cuCtxCreate_v2", "cuCtxCreate"),
         ("cuModuleUnload", "cuLinkDestroy"), ("cuStreamDestroy_v2", "cuEventDestroy_v2"),
         ("cuMemHostUnregister", "cuMemFreeHost")]
BARE = {"cuInit", "cuGetProcAddress", "cuGetProcAddress_v2"}


def main():
    kind, registry, out = sys.argv[1:]
    version = VERSIONS.get(kind, 13000)
    row = r'NONANS_DRIVER_FUNCTION\(\w+, "(\w+)", "(\w+)", (\d+), (\w+),'
    functions = [(n, b, int(v), int(s == "per_thread")) for n, b, v, s in re.findall(row, open(registry).read())]
    if kind == "newer":
        functions += [("cuMemAlloc_v3", "cuMemAlloc", 14000, 0), ("cuLaunchKernel_v2", "cuLaunchKernel", 14000, 0)]
    if kind == "noptsz":
        functions = [f for f in functions if not f[3]]
    if kind == "old":
        functions = [f for f in functions if f[2] <= version and f[0] != "cuGetProcAddress_v2"]
    folded = {other: kept for kept, other in FOLDS} if kind == "folded" else {}
    lines = [f"// Written by make_fake_driver.py {kind}.\n#include \"fake_driver.h\"\n\n"]
    for i, (name, *_ ) in enumerate(functions):
        hidden = " __attribute__((visibility(\"hidden\")))" if kind == "bare" and name not in BARE else ""
        lines.append(f'long entry_{i}(FAKE_PARAMETERS) __asm__("{name}"){hidden};\n')
        if name in folded:
            continue
        lines.append(f"long entry_{i}(FAKE_PARAMETERS) {{ return "
                     f"fake_record({i}, (void*)entry_{i}, FAKE_RETURN_ADDRESS, FAKE_ARGUMENTS); }}\n")
        if kind == "private":
            lines.append(f"static long private_{i}(FAKE_PARAMETERS) {{ return "
                         f"fake_record({i}, (void*)private_{i}, FAKE_RETURN_ADDRESS, FAKE_ARGUMENTS); }}\n")
    for i, (name, *_ ) in enumerate(functions):
        if name in folded:
            lines.append(f'__asm__(".globl {name}\\n.type {name}, %function\\n.set {name}, {folded[name]}\\n");\n')
    lines.append("\nstruct fake_function fake_functions[] = {\n")
    for i, (name, base, introduced, per_thread) in enumerate(functions):
        answer = f"private_{i}" if kind == "private" else f"entry_{i}"
        export = "0" if kind == "bare" and name not in BARE else f"(void*)entry_{i}"
        lines.append(f'    {{"{name}", "{base}", {introduced}, {per_thread}, {export}, (void*){answer}, 0}},\n')
    lines.append(f"}};\nconst int fake_function_count = {len(functions)};\nconst int fake_version = {version};\n")
    lines.append(f"const int fake_is_stub = {int(kind == 'stub')};\nconst int fake_is_old = {int(kind == 'old')};\n")
    open(out, "w").write("".join(lines))


if __name__ == "__main__":
    main()
