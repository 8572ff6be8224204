# SPDX-License-Identifier: MIT
"""Runs examples/train_tinygrad.py as its first lines say: it dies of NaN without NoNans, and learns with it.

    example.py --nonans build/default/bin/nonans --device CUDA:PTX ../../../examples/train_tinygrad.py
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile


def train(options, mode, scratch):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NONANS_", "SOFTGPU_"))}
    environment |= {"DEV": options.device, "CACHEDB": f"{scratch}/kernels.db", "NONANS_EVENTS": f"{scratch}/events"}
    command = [options.nonans, "run", "--device", "soft", "--mode", mode, "--", sys.executable, options.example]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True)
    if finished.returncode != 0:
        sys.exit(f"mode {mode} exits with {finished.returncode}:\n{finished.stdout}{finished.stderr}")
    return finished


def accuracy(finished):
    return float(re.search(r"test accuracy ([\d.]+)", finished.stdout)[1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nonans", required=True)
    parser.add_argument("--device", default="CUDA")
    parser.add_argument("example")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        without = train(options, "off", scratch)
        watched = train(options, "resolve", scratch)

    healthy = without.stdout.split("loss nan")[0].splitlines()[:-1]
    expectations = {
        "without NoNans the loss ends as NaN": "final loss nan, weights NOT finite" in without.stdout,
        "without NoNans nothing is learnt": accuracy(without) < 0.2,
        "it does not begin with NaN": len(healthy) > 0,
        "with NoNans all losses and weights are finite": "nan" not in watched.stdout and "weights finite" in watched.stdout,
        "with NoNans the digits are learnt": accuracy(watched) > 0.9,
        "until the NaN both runs are the same": watched.stdout.splitlines()[:len(healthy)] == healthy,
        "the origin is named": re.search(r"nonans: .* became NaN \(inputs finite\); set to 0", watched.stderr),
        "nothing was refused": "not repaired" not in watched.stderr,
    }
    broken = [what for what, holds in expectations.items() if not holds]
    print("\n".join([*broken, without.stdout, watched.stdout, watched.stderr]))
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
