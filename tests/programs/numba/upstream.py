#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the tests that come with Numba-CUDA, unmodified, and counts.

    LD_LIBRARY_PATH=build/default/lib/nonans/softgpu build/programs/bin/python tests/programs/numba/upstream.py
    …/upstream.py --jobs 2 --preload build/default/lib/libnonans.so cudapy.test_reduction cudadrv

Arguments choose modules below numba.cuda.tests by the beginning of their names; none: all of them. Each module runs in a
process of its own. The last line is "N passed, M failed, K skipped"; before it stands what failed, one line each.
Exit status 0 whatever failed: the figures are for reading.
"""
import argparse
import importlib
import json
import os
import pathlib
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor, as_completed

PACKAGE = "numba.cuda.tests"
# Benchmarks need a plugin; core and nocuda touch no device.
FOLDERS = ("cudadrv", "cudapy", "doc_examples", "nrt")
LIMIT_S = 1500


def last_line(text):
    """Of a traceback: what was raised, as far as one line tells."""
    lines = [line for line in text.strip().splitlines() if line and not line.startswith(" ")]
    return lines[-1][:200] if lines else ""


class Collector(unittest.TestResult):
    """Passed, failed or skipped for each test, sub-tests not counted."""

    def __init__(self):
        super().__init__()
        self.outcome = {}

    def startTest(self, test):
        super().startTest(test)
        self.outcome[test.id()] = ["passed", ""]

    def _failed(self, test, err):
        self.outcome[test.id()] = ["failed", last_line(self._exc_info_to_string(err, test))]

    def addFailure(self, test, err):
        self._failed(test, err)

    def addError(self, test, err):
        if err[0].__name__ == "Skipped":  # pytest.importorskip and its like
            self.addSkip(test, str(err[1]))
        else:
            self._failed(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._failed(test, err)

    def addSkip(self, test, reason):
        self.outcome[test.id()] = ["skipped", reason]

    def addUnexpectedSuccess(self, test):
        self.outcome[test.id()] = ["failed", "unexpected success"]


def run_module(name):
    """In the child: one JSON object on the last line of standard output."""
    import warnings

    warnings.simplefilter("ignore")
    result = Collector()
    try:
        from numba.cuda.testing import CUDATestCase

        # What the repository's pytest configuration sets; it is not in the wheel.
        CUDATestCase._dump_failed_filechecks = False
        module = importlib.import_module(name)
    except BaseException as error:  # pytest.importorskip raises what is no Exception
        skipped = type(error).__name__ == "Skipped"
        print(json.dumps({name: ["skipped" if skipped else "failed", str(error)[:200]]}), flush=True)
        return
    # As they come, and each written down as it begins: after a crash one knows where.
    for test in unittest.defaultTestLoader.loadTestsFromModule(module):
        test.run(result)
    print("\n" + json.dumps(result.outcome), flush=True)


def start(name, preload):
    environment = dict(os.environ)
    # The toolkit's own libraries, nvJitLink among them, would be found through these.
    for variable in ("CUDA_HOME", "CUDA_PATH"):
        environment.pop(variable, None)
    if preload:
        environment["LD_PRELOAD"] = preload
    command = [sys.executable, __file__, "--module", name]
    try:
        child = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return {name: ["failed", f"did not end within {LIMIT_S} s"]}
    lines = [line for line in child.stdout.splitlines() if line.startswith("{")]
    try:
        outcome = json.loads(lines[-1])
    except (IndexError, ValueError):
        return {name: ["failed", f"no result, exit status {child.returncode}: {last_line(child.stderr)}"]}
    if child.returncode != 0:
        outcome[name + " (at exit)"] = ["failed", f"exit status {child.returncode}"]
    return outcome


def count(outcomes):
    kinds = [kind for kind, _ in outcomes.values()]
    return f"{kinds.count('passed')} passed, {kinds.count('failed')} failed, {kinds.count('skipped')} skipped"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--preload", help="a library for LD_PRELOAD")
    parser.add_argument("--json", help="write all outcomes to this file, again after each module")
    parser.add_argument("--module", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.module:
        return run_module(arguments.module)
    package = importlib.import_module("numba.cuda")
    tests = pathlib.Path(package.__file__).parent / "tests"
    names = [f"{folder}.{path.stem}" for folder in FOLDERS for path in sorted((tests / folder).glob("test_*.py"))]
    if arguments.modules:
        names = [n for n in names if n.startswith(tuple(arguments.modules))]
    outcomes = {}
    with ThreadPoolExecutor(arguments.jobs) as pool:
        running = {pool.submit(start, f"{PACKAGE}.{name}", arguments.preload): name for name in names}
        for ended in as_completed(running):
            outcomes.update(ended.result())
            print(f"{running[ended]}: {count(ended.result())}", flush=True)
            if arguments.json:
                pathlib.Path(arguments.json).write_text(json.dumps(outcomes, indent=1))
    for test, (kind, why) in outcomes.items():
        if kind == "failed":
            print(f"failed: {test.removeprefix(PACKAGE + '.')}: {why}")
    print(count(outcomes))


if __name__ == "__main__":
    main()
