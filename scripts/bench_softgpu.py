#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs softgpu_bench on one core and on two, in turns, and prints the best of the short repetitions of each.

In turns and the best: other programs on the machine take time from both alike, and only ever slow a run down. Where
they keep both cores busy, the figures in wall time say little; those for each second of CPU time still do: on two cores
an instruction should cost no more of it than on one.
"""
import argparse
import json
import os
import subprocess
import sys


def run(program, threads, name_filter):
    """{kernel: {"wall": active-thread instructions a second, "cpu": … a second of CPU time, "active": lanes}}"""
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
        wall = result["threads/s"]
        rates = {"wall": wall, "cpu": wall * result["real_time"] / result["cpu_time"], "active": result["active"]}
        keep_best(best, result["run_name"].split("/")[0], rates)
    return best


def keep_best(best, name, rates):
    before = best.setdefault(name, rates)
    best[name] = {key: max(before[key], rates[key]) for key in rates}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=5, help="of one run on each number of cores")
    arguments.add_argument("--filter", default="", help="only benchmarks that match")
    arguments.add_argument("--bench", default="build/default/bench/softgpu/softgpu_bench", help="the program")
    options = arguments.parse_args()
    best = {1: {}, 2: {}}
    for _ in range(options.rounds):
        for cores, results in best.items():
            for name, rates in run(options.bench, cores, options.filter).items():
                keep_best(results, name, rates)
    print("Active-thread instructions a second:\n")
    print("| kernel | lanes active | one core | two cores | two/one | a second of CPU time, one core "
          "| two cores | two/one |")
    print("|---|---|---|---|---|---|---|---|")
    for name, one in best[1].items():
        two = best[2][name]
        print(f"| {name} | {one['active']:.1f} | {one['wall']:.2e} | {two['wall']:.2e} "
              f"| {two['wall'] / one['wall']:.2f} | {one['cpu']:.2e} | {two['cpu']:.2e} "
              f"| {two['cpu'] / one['cpu']:.2f} |")


main()
