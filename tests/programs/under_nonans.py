# SPDX-License-Identifier: MIT
"""Runs a program twice, with and without libnonans.so preloaded, and holds the two together.

    python3 under_nonans.py LIBNONANS PROGRAM [ARGUMENTS]

A program that computes no NaN must not notice the library: the exit code is 0 both times and what it
prints is the same to the byte (programs print fingerprints of their results). The library must have
watched launches and found nothing, unless the kernel writes infinities on purpose. Its summary, and the
events if there are any, go to stdout, so `ctest -V` shows them.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile


def fail(message: str) -> None:
    print(f"WRONG: {message}")
    sys.exit(1)


def run(command: list[str], **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)


def main() -> None:
    library, command = sys.argv[1], sys.argv[2:]
    plain = run(command)
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "events.jsonl")
        watched = run(command, LD_PRELOAD=library, NONANS_EVENTS=str(file))
        events = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    notes = [line for line in watched.stderr.splitlines() if line.startswith("nonans")]
    print(*notes, sep="\n")
    for event in events:
        print(json.dumps(event))
    if plain.returncode != 0 or watched.returncode != 0:
        print(plain.stderr[-2000:], watched.stderr[-2000:], sep="\n")
        fail(f"exit code {plain.returncode} alone, {watched.returncode} under the library")
    if plain.stdout != watched.stdout:
        fail("the results differ:\n" + plain.stdout + "-- under the library:\n" + watched.stdout)
    if not any(" launches: " in line and not line.startswith("nonans: 0 ") for line in notes):
        fail("the library watched no launch")
    alarms = [event for event in events if event["severity"] != "info" or event["resolution"] != "observed"]
    if alarms:
        fail(f"{len(alarms)} false alarms")


main()
