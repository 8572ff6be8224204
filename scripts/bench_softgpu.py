#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs softgpu_bench on one core and on two, in turns, and prints the best of the short repetitions of each.

In turns and the best: other programs on the machine take time from both alike, and only ever slow a run down.
"""
import argparse
import json
import os
import subprocess
import sys


def run(program, threads, name_filter):
    command = [program, "--benchmark_format=json", "--benchmark_min_time=0.02", "--benchmark_repetitions=5"]
    if name_filter:
        command.append("--benchmark_filter=" + name_filter)
    done = subprocess.run(command, env={**os.environ, "SOFTGPU_THREADS": str(threads)}, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    best = {}
    for result in json.loads(done.stdout)["benchmarks"]:
        if result["run_type"] != "iteration":
            continue
        name = result["run_name"].removesuffix("/real_time")
        if name not in best or result["threads/s"] > best[name]["threads/s"]:
            best[name] = result
    return best


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5, help="of one run on each number of cores")
    arguments.add_argument("--filter", default="", help="only benchmarks that match")
    arguments.add_argument("--bench", default="build/default/bench/softgpu/softgpu_bench", help="the program")
    options = arguments.parse_args()
    best = {1: {}, 2: {}}
    for _ in range(options.rounds):
        for cores, results in best.items():
            for name, result in run(options.bench, cores, options.filter).items():
                if name not in results or result["threads/s"] > results[name]["threads/s"]:
                    results[name] = result
    print("| kernel | lanes active | warp instructions/s, one core | active-thread instructions/s, one core "
          "| on two cores | two/one |")
    print("|---|---|---|---|---|---|")
    for name, one in best[1].items():
        two = best[2][name]
        print(f"| {name} | {one['active']:.1f} | {one['warps/s']:.2e} | {one['threads/s']:.2e} "
              f"| {two['threads/s']:.2e} | {two['threads/s'] / one['threads/s']:.2f} |")


main()
