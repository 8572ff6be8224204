# SPDX-License-Identifier: MIT
"""Runs a script of this folder on the software device, by the Python that runs this.

    python on_device.py --softgpu build/default/lib/nonans/softgpu [--preload build/default/lib/libnonans.so] SCRIPT

A CUDA toolkit that the machine may have is not used: what Numba needs comes from its packages.
"""
import argparse
import os
import sys


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--softgpu", required=True, help="the folder of the device's libcuda.so.1")
    parser.add_argument("--preload", help="a library for LD_PRELOAD")
    parser.add_argument("script")
    arguments = parser.parse_args()
    environment = dict(os.environ, LD_LIBRARY_PATH=arguments.softgpu, PYTHONDONTWRITEBYTECODE="1")
    for variable in ("CUDA_HOME", "CUDA_PATH"):
        environment.pop(variable, None)
    if arguments.preload:
        environment["LD_PRELOAD"] = arguments.preload
    os.execve(sys.executable, [sys.executable, "-W", "ignore", arguments.script], environment)


if __name__ == "__main__":
    main()
