# SPDX-License-Identifier: MIT
"""Cases of a test program: functions that compare with numpy.

    from checking import case, run, cuda

    @case
    def doubling(): ...

    run()                   # all of them, each once; exits with 1 if one failed, with 77 without Numba-CUDA
"""
import os
import sys
import traceback

try:
    from numba import cuda
except ImportError as missing:
    print(f"skipped: {missing}: ./scripts/setup.sh --programs installs it")
    sys.exit(77)

cases = []


def case(function):
    cases.append(function)
    return function


def run():
    if "softgpu" not in cuda.get_current_device().name:
        sys.exit("this is not the software device")
    with open("/proc/self/maps") as maps:
        loaded = "libnonans.so" in maps.read()
    if loaded != ("libnonans.so" in os.environ.get("LD_PRELOAD", "")):
        sys.exit("libnonans.so is not there though it is preloaded")
    failed = 0
    for function in cases:
        try:
            function()
        except Exception:
            failed += 1
            print(f"failed: {function.__name__}")
            traceback.print_exc(file=sys.stdout)
    print(f"{len(cases) - failed} passed, {failed} failed")
    sys.stdout.flush()
    sys.exit(1 if failed else 0)
