#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the compiled programs of tests/programs on the software device, alone and under libnonans.so, and prints what
each took and what the library saw of it.

    ./scripts/softgpu-programs.py [--build build/default] [--filter REGEX]

Times are of the whole process: start, loading, the program's inputs and its own check on the host included.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

RUNS = [
    "gemm",
    "gemm --m 512 --n 512 --k 512 --tile large --type bf16",
    "gemm --m 256 --n 256 --k 2048 --tile large --type half --split 8",
    "attention",
    "attention --queries 256 --keys 256 --width 128 --heads 4 --causal --type bf16",
    "attention --careless",
    "cub --size 50000",
    "cub --size 1000000 --only scan",
    "cub --size 1000000 --only radix",
    "graphs",
    "graphs --side 96 --steps 100",
]
LAUNCHES = re.compile(r"nonans: ([\d,]+) launch(?:es)?: ([\d,]+) scanned .* ([\d,]+) with an output")


def run(command, environment):
    """(CPU seconds, wall seconds, stderr) of a program that must succeed."""
    with tempfile.TemporaryFile("w+") as errors:
        began = time.monotonic()
        process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        errors.seek(0)
        text = errors.read()
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{text[-3000:]}")
    return usage.ru_utime + usage.ru_stime, wall, text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default="build/default", help="folder of the build")
    parser.add_argument("--filter", default="", help="only runs whose command line matches")
    options = parser.parse_args()
    device = {"LD_LIBRARY_PATH": str((options.build / "lib/nonans/softgpu").resolve())}
    print("| program | CPU s | wall s | CPU s with NoNans | launches | scanned | not looked at | events |")
    print("|---|---|---|---|---|---|---|---|")
    for line in RUNS:
        if not re.search(options.filter, line):
            continue
        name, *arguments = line.split()
        program = options.build / "tests/programs" / name / f"program_{name}"
        if not program.exists():
            sys.exit(f"{program} is not there: build it with cmake --build --preset default")
        cpu, wall, _ = run([program, *arguments], device)
        with tempfile.TemporaryDirectory() as folder:
            events = pathlib.Path(folder, "events.jsonl")
            watched, _, text = run([program, *arguments], device | {
                "LD_PRELOAD": str((options.build / "lib/libnonans.so").resolve()), "NONANS_EVENTS": str(events)})
            found = len(events.read_text().splitlines()) if events.exists() else 0
        launches = LAUNCHES.search(text)
        if launches is None:
            sys.exit(f"libnonans.so gave no summary of {line}:\n{text[-3000:]}")
        counts = " | ".join(launches.groups())
        print(f"| `{line}` | {cpu:.1f} | {wall:.1f} | {watched:.1f} | {counts} | {found} |", flush=True)


main()
