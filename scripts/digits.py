# SPDX-License-Identifier: MIT
"""Runs bench/train_digits, with NoNans or without, and reads what a run leaves behind.

    device = digits.choose_device("auto")
    run = digits.run("nonans", device, ["--lr", "0.03"], mode="resolve")
    run.finite, run.first_nonfinite_step, run.events, run.first_origin()

`mode=None` runs the trainer as it is; `sources` is NONANS_SOURCES. Everything a run writes goes to out/logs/NAME.*.
"""
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/default"
TRAINER = BUILD / "bench/train_digits/train_digits"
LIBRARY = BUILD / "lib/libnonans.so"
SOFT_DEVICE = BUILD / "lib/nonans/softgpu"
DATA = ROOT / "build/data/digits.csv"
LOGS = ROOT / "out/logs"
TIMEOUT_SECONDS = 900

ASK_DRIVER = """
import ctypes
cuda = ctypes.CDLL("libcuda.so.1")
count = ctypes.c_int()
raise SystemExit(cuda.cuInit(0) or cuda.cuDeviceGetCount(ctypes.byref(count)) or (0 if count.value else 1))
"""


@dataclasses.dataclass
class Run:
    name: str
    command: list
    exit_code: int
    seconds: float
    stderr: str
    result: dict
    events: list
    weights: bytes

    def __getattr__(self, key):
        """finite, first_nonfinite_step, final_loss, accuracy, steps: as the trainer reports them."""
        try:
            return self.__dict__["result"][key]
        except KeyError:
            raise AttributeError(key) from None

    def repairs(self):
        return sum(e["resolution"] == "repaired" for e in self.events)

    def repaired_values(self):
        return sum(e["repaired"] for e in self.events if e["resolution"] == "repaired")

    def first_origin(self):
        for event in self.events:
            if event["origin"] == "origin":
                return {"kernel": event["kernel"], "step": event["step"]}
        return None

    def said(self):
        """What NoNans wrote on stderr."""
        return [line for line in self.stderr.splitlines() if line.startswith("nonans: ")]

    def from_cupti(self):
        """(images, buffers) that came from CUPTI; None if it was not used."""
        for line in self.said():
            found = re.match(r"nonans: CUPTI: .*; from it ([\d,]+) images? and ([\d,]+) buffers?$", line)
            if found:
                return tuple(int(number.replace(",", "")) for number in found.groups())
        return None

    def report(self):
        """One of the three objects of out/report.json."""
        return {"finite": self.finite, "first_nonfinite_step": self.first_nonfinite_step,
                "final_loss": self.final_loss, "accuracy": self.accuracy, "steps": self.steps,
                "events": len(self.events), "repairs": self.repairs(), "first_origin": self.first_origin()}


def choose_device(wanted):
    """"gpu" if asked for, or if the installed driver has a device; else "soft"."""
    if wanted != "auto":
        return wanted
    answers = subprocess.run([sys.executable, "-c", ASK_DRIVER], capture_output=True).returncode == 0
    return "gpu" if answers else "soft"


def environment(device, mode, events, sources="auto"):
    env = {k: v for k, v in os.environ.items() if not k.startswith("NONANS_") and k != "LD_PRELOAD"}
    if device == "soft":
        env["LD_LIBRARY_PATH"] = ":".join(filter(None, [str(SOFT_DEVICE), env.get("LD_LIBRARY_PATH")]))
    if mode is not None:
        env.update(LD_PRELOAD=str(LIBRARY), NONANS_MODE=mode, NONANS_EVENTS=str(events))
        if sources != "auto":
            env.update(NONANS_SOURCES=sources, NONANS_DEBUG="info")  # the summary then says what came from CUPTI
    return env


def run(name, device, arguments, mode=None, progress=lambda line: None, sources="auto"):
    LOGS.mkdir(parents=True, exist_ok=True)
    paths = {what: LOGS / f"{name}.{what}" for what in ("out", "err", "json", "weights", "events.jsonl")}
    for path in paths.values():
        path.unlink(missing_ok=True)
    command = [str(TRAINER), "--data", str(DATA), "--json", str(paths["json"]), "--save-weights",
               str(paths["weights"]), *arguments]
    begin = time.monotonic()
    with open(paths["out"], "w") as out, open(paths["err"], "w") as err:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=err, text=True,
                                   env=environment(device, mode, paths["events.jsonl"], sources))
        for line in process.stdout:
            out.write(line)
            progress(line.rstrip("\n"))
            if time.monotonic() - begin > TIMEOUT_SECONDS:
                process.kill()
    exit_code = process.wait()
    stderr = paths["err"].read_text(errors="replace")
    if exit_code != 0:
        sys.exit(f"{name}: {' '.join(command)} ended with exit code {exit_code}\n{stderr}")
    events = []
    if paths["events.jsonl"].exists():
        events = [json.loads(line) for line in paths["events.jsonl"].read_text().splitlines()]
    return Run(name, command, exit_code, time.monotonic() - begin, stderr, json.loads(paths["json"].read_text()),
               events, paths["weights"].read_bytes())


def table(rows):
    """Markdown, aligned so that it also reads well in a terminal."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


HEADING = ["run", "finite", "first bad step", "final loss", "test accuracy", "events", "repairs", "first origin", "seconds"]


def row(run):
    origin = run.first_origin()
    return [run.name, "yes" if run.finite else "NO",
            "-" if run.first_nonfinite_step is None else str(run.first_nonfinite_step),
            "nan" if run.final_loss is None else f"{run.final_loss:.4f}", f"{run.accuracy:.4f}",
            str(len(run.events)), str(run.repairs()),
            "-" if origin is None else f"step {origin['step']}, {origin['kernel']}", f"{run.seconds:.1f}"]
