#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs hooks_bench and says what a hook costs.

One run of the program holds all that is compared, its benchmarks taken in turns; a repetition is short, and the best of
each counts: other programs on the machine only ever slow one down. Times are CPU time, but for the percentile, which is
of single look-ups and so of the clock.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile


def run(program, rounds):
    """{benchmark: best CPU time in ns}, best p99 in ns, scans behind each watched launch"""
    with tempfile.TemporaryDirectory() as state:
        environment = {**os.environ, "NONANS_QUIET": "1", "XDG_STATE_HOME": state}
        done = subprocess.run([program, "--benchmark_format=json", "--benchmark_min_time=0.05",
                               f"--benchmark_repetitions={rounds}"], env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{program} ended with {done.returncode}")
    best, percentile, scans = {}, None, None
    for result in json.loads(done.stdout)["benchmarks"]:
        if result["run_type"] != "iteration":
            continue
        name = result["run_name"].split("/iterations")[0]
        best[name] = min(best.get(name, result["cpu_time"]), result["cpu_time"])
        if "p99_ns" in result:
            percentile = min(percentile or result["p99_ns"], result["p99_ns"])
        scans = result.get("scans", scans)
    return best, percentile, scans


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=5, help="repetitions of each benchmark")
    arguments.add_argument("--bench", default="build/default/bench/hooks/hooks_bench", help="the program")
    options = arguments.parse_args()
    best, percentile, scans = run(options.bench, options.rounds)
    direct = best["direct_call"]
    off, on = best["switched_off"] - direct, best["before_a_context"] - direct
    lookup = best["lookup/10000"]
    for text, value in [("the driver's function, called directly", direct),
                        ("  through the hook, NONANS_MODE=off: more by", off),
                        ("  through the hook, before there is a context: more by", on),
                        ("kernel, context and three buffers found, of 10,000", lookup),
                        ("  of 1,000,000", best["lookup/1000000"]),
                        ("  of 1,000,000, 99 of 100 are faster than", percentile),
                        (f"a launch with {scans:.0f} scan behind it, in all, 10,000 buffers", best["watched_launch/10000"])]:
        print(f"{text:<64} {value:9.1f} ns")
    print(f"hook-cost: pass_through_ns {max(off, on):.1f} lookup_ns {lookup:.1f}")


main()
