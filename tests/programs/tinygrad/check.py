# SPDX-License-Identifier: MIT
"""Runs a workload on the software device without and with libnonans.so; holds the results against tinygrad's CPU device.

    check.py --reference operations.npz operations.py                          # writes the reference, on the CPU
    check.py --softgpu DIR --preload libnonans.so --device CUDA:PTX --reference operations.npz operations.py

Results agree with the CPU's within TOLERANCE, since sums are taken in another order and the special functions of CUDA are
allowed an error of a few units in the last place; with and without libnonans.so they are the same to the last bit.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

# Of the larger of 1 and the largest value of the array; f16 keeps 11 bits and is summed in f32.
TOLERANCE = {"half_elementwise": 2e-3}
DEFAULT_TOLERANCE = 2e-5


def run(arguments, output, preload=None):
    """Runs the workload; its results and what it wrote to stderr."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NONANS_", "SOFTGPU_"))}
    # tinygrad's cache of compiled kernels goes into the scratch folder: nothing of an earlier run is used.
    environment |= {"DEV": arguments.device, "JIT": arguments.jit, "CACHEDB": str(output.parent / "kernels.db")}
    if arguments.softgpu:
        environment |= {"LD_LIBRARY_PATH": arguments.softgpu, "SOFTGPU_DEVICES": arguments.devices}
    if preload:
        environment |= {"LD_PRELOAD": preload, "NONANS_EVENTS": str(output.parent / "events")}
    finished = subprocess.run([sys.executable, *arguments.workload, output], env=environment, capture_output=True,
                              text=True)
    if finished.returncode != 0:
        sys.exit(f"{arguments.device} exits with {finished.returncode}:\n{finished.stdout}{finished.stderr}")
    return dict(np.load(output)), finished.stderr


def differences(results, reference):
    """A line for each array that is too far from the reference."""
    for name, expected in reference.items():
        actual = results[name]
        if actual.shape != expected.shape or actual.dtype != expected.dtype:
            yield f"{name}: {actual.dtype}{actual.shape} instead of {expected.dtype}{expected.shape}"
            continue
        if expected.dtype.kind in "iub":
            if wrong := np.count_nonzero(actual != expected):
                yield f"{name}: {wrong} of {expected.size} whole numbers differ"
            continue
        error = np.max(np.abs(actual.astype(np.float64) - expected)) / max(1.0, np.max(np.abs(expected)))
        if not error <= TOLERANCE.get(name, DEFAULT_TOLERANCE):
            yield f"{name}: off by {error:.3g} of its largest value"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--softgpu", help="folder of the software device; without it the reference is written")
    parser.add_argument("--preload", help="libnonans.so")
    parser.add_argument("--device", default="CPU")
    parser.add_argument("--jit", default="2")
    parser.add_argument("--devices", default="1")
    parser.add_argument("--reference", type=Path, required=True)
    parser.add_argument("workload", nargs="+", help="script and arguments; the file for the results is added")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as scratch:
        plain, _ = run(arguments, Path(scratch) / "plain.npz")
        if not arguments.softgpu:
            np.savez(arguments.reference, **plain)
            return
        watched, said = run(arguments, Path(scratch) / "watched.npz", arguments.preload)

    faults = list(differences(plain, dict(np.load(arguments.reference))))
    faults += [f"{name}: not the same with libnonans.so" for name in plain
               if plain[name].tobytes() != watched[name].tobytes()]
    if plain.get("accuracy", 1.0) < 0.9:
        faults.append(f"accuracy: {plain['accuracy']}")
    # That the library was there at all, and looked at something. With several devices tinygrad lets each reach the memory
    # of the others: such memory is left alone, and said to be.
    launches = re.search(r"nonans: ([\d,]+) launches: ([\d,]+) scanned", said)
    shared = arguments.devices != "1" and "launches into memory that other devices can reach" in said
    if not launches or (launches[2] == "0" and not shared):
        faults.append(f"libnonans.so scanned nothing:\n{said}")
    print("\n".join(faults) if faults else f"{len(plain)} arrays agree; {launches[0]}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
