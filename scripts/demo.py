# SPDX-License-Identifier: MIT
"""The runs of the demo, what is asked of them, and the report. Started by demo.sh, which builds what this runs.

With --sources cupti NoNans learns of images and buffers from CUPTI alone. CUPTI shows the machine code of an image that
has some for the device, which NoNans does not analyse yet: then every run gets the kernels as PTX only.
"""
import argparse
import json
import sys

import digits

OUT = digits.ROOT / "out"
SAFE_RATE = "0.003"
SAFE_STEPS = "60"  # enough to change every weight; identity needs no finished training


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=["auto", "gpu", "soft"], default="auto")
    parser.add_argument("--lr", default="0.03", help="learning rate; default %(default)s, at which fp16 overflows")
    parser.add_argument("--seed", default="2")
    parser.add_argument("--steps", default="300")
    parser.add_argument("--sources", choices=["auto", "hooks", "cupti"], default="auto",
                        help="where NoNans learns of images and buffers (NONANS_SOURCES)")
    return parser.parse_args()


class Runs:
    """Every run by name, in order."""

    def __init__(self, arguments, device):
        self.device = device
        self.sources = arguments.sources
        image = ["--image", "ptx"] if self.sources == "cupti" else []
        self.common = ["--lr", arguments.lr, "--seed", arguments.seed, "--steps", arguments.steps, *image]
        self.safe = ["--lr", SAFE_RATE, "--seed", arguments.seed, "--steps", SAFE_STEPS, "--log-every", "0", *image]
        self.by_name = {}

    def add(self, name, label, arguments, mode=None, shown=False):
        print(f"\n{label}" if shown else f"{label} ...", end="\n" if shown else " ", flush=True)
        run = digits.run(name, self.device, arguments, mode, lambda line: print("  " + line) if shown else None,
                         self.sources)
        if shown:
            print("".join(f"  {line}\n" for line in run.said()), end="")
        print(f"  {run.seconds:.1f} s" if shown else f"{run.seconds:.1f} s", flush=True)
        self.by_name[name] = (label, run)

    def __getitem__(self, name):
        return self.by_name[name][1]

    def images(self):
        """(suffix of the run names, what the kernels come as)"""
        if self.sources == "cupti":
            return [("", "PTX only")]
        return [("", "machine code and PTX"), ("-ptx", "PTX only")]

    def all(self):
        shown = self.common + ["--log-every", "50"]
        quiet = self.common + ["--log-every", "0"]
        self.add("baseline", "without NoNans", shown, shown=True)
        self.add("nonans", "with NoNans: LD_PRELOAD=libnonans.so, the same binary", shown, "resolve", shown=True)
        self.add("reference", "reference: fp32 activations, without NoNans", shown + ["--precision", "f32"], shown=True)
        print()
        self.add("observe", "observe: looks, changes nothing", quiet, "observe")
        if self.sources != "cupti":
            self.add("baseline-ptx", "kernels as PTX only, without NoNans", quiet + ["--image", "ptx"])
            self.add("nonans-ptx", "kernels as PTX only, with NoNans", quiet + ["--image", "ptx"], "resolve")
            self.add("observe-ptx", "kernels as PTX only, observe", quiet + ["--image", "ptx"], "observe")
        self.add("nonans-pool", "all buffers from one pool, with NoNans", quiet + ["--pool"], "resolve")
        self.add("safe", f"safe rate {SAFE_RATE}, without NoNans", self.safe)
        self.add("safe-nonans", f"safe rate {SAFE_RATE}, with NoNans", self.safe, "resolve")
        self.add("safe-pool", f"safe rate {SAFE_RATE}, one pool, without NoNans", self.safe + ["--pool"])
        self.add("safe-pool-nonans", f"safe rate {SAFE_RATE}, one pool, with NoNans", self.safe + ["--pool"], "resolve")


def checks(runs):
    """(sentence, holds) for everything that is promised."""
    reference = runs["reference"]
    yield "the fp32 reference stays finite and learns (accuracy >= 0.90)", reference.finite and reference.accuracy >= 0.90
    for suffix, image in runs.images():
        baseline, nonans, observe = (runs[name + suffix] for name in ("baseline", "nonans", "observe"))
        origin = nonans.first_origin()
        yield f"{image}: without NoNans the loss becomes non-finite", not baseline.finite
        yield f"{image}: with NoNans loss and weights stay finite", nonans.finite
        yield f"{image}: at least one repair", nonans.repairs() >= 1
        yield (f"{image}: accuracy >= 0.90 and within 2 points of the reference",
               nonans.accuracy >= 0.90 and abs(nonans.accuracy - reference.accuracy) <= 0.02)
        yield (f"{image}: the first origin has a kernel and a step, not after the loss was lost",
               origin is not None and bool(origin["kernel"]) and
               1 <= origin["step"] <= (baseline.first_nonfinite_step or 0))
        yield (f"{image}: observe dies at the step at which the run without NoNans died",
               observe.first_nonfinite_step is not None and
               observe.first_nonfinite_step == baseline.first_nonfinite_step)
        yield (f"{image}: observe names the same first origin",
               origin is not None and observe.first_origin() == origin)
        yield f"{image}: observe repairs nothing", observe.repairs() == 0
    pool = runs["nonans-pool"]
    yield "one pool: loss and weights stay finite, with at least one repair", pool.finite and pool.repairs() >= 1
    yield ("one pool: weights bit-identical to those from separate buffers, so no repair touched a neighbour",
           pool.weights == runs["nonans"].weights)
    yield ("one pool: the summary says how much could be proven",
           any(line.startswith("nonans: provable: ") for line in pool.said()))
    yield "safe rate: no event", not runs["safe-nonans"].events and not runs["safe-pool-nonans"].events
    yield "safe rate: weights bit-identical with and without NoNans", runs["safe"].weights == runs["safe-nonans"].weights
    yield ("safe rate, one pool: weights bit-identical with and without NoNans",
           runs["safe-pool"].weights == runs["safe-pool-nonans"].weights)
    watched = [run for _, run in runs.by_name.values() if run.said()]
    if runs.sources == "hooks":
        yield "hooks alone: CUPTI was not used in any run", not any(run.from_cupti() for run in watched)
    if runs.sources == "cupti":
        yield ("CUPTI alone: in every run an image and buffers came from it",
               all(min(run.from_cupti() or (0, 0)) >= 1 for run in watched))


def write_reports(runs, results, arguments):
    rows = [digits.HEADING] + [digits.row(run) for _, run in runs.by_name.values()]
    holds = "\n".join(f"- {'holds' if ok else 'FAILS'}: {sentence}" for sentence, ok in results)
    summary = "\n".join(f"    {line}" for line in runs["nonans"].said())
    pool = "\n".join(f"    {line}" for line in runs["nonans-pool"].said())
    device = "the software device (no GPU answered)" if runs.device == "soft" else "a GPU"
    if runs.sources != "auto":
        device += f", images and buffers from {'CUPTI' if runs.sources == 'cupti' else 'hooks'} alone"
    (OUT / "report.md").write_text(f"""# train_digits with and without NoNans

Learning rate {arguments.lr}, seed {arguments.seed}, {arguments.steps} steps, on {device}. Written by scripts/demo.sh.

{digits.table(rows)}

{holds}

What NoNans said in the run that it repaired:

{summary}

With all buffers cut from one pool:

{pool}
""")
    (OUT / "report.json").write_text(json.dumps(
        {name: runs[name].report() for name in ("baseline", "nonans", "reference")}, indent=2) + "\n")
    details = {name: run.report() | {"label": label, "seconds": round(run.seconds, 2), "command": run.command,
                                     "repaired_values": run.repaired_values(), "said": run.said()}
               for name, (label, run) in runs.by_name.items()}
    (OUT / "details.json").write_text(json.dumps({"device": runs.device, "runs": details,
                                                  "checks": dict(results)}, indent=2) + "\n")
    return digits.table(rows)


def main():
    arguments = parse_arguments()
    device = digits.choose_device(arguments.device)
    print("device:", "the software device" if device == "soft" else "GPU")
    runs = Runs(arguments, device)
    runs.all()
    results = list(checks(runs))
    print("\n" + write_reports(runs, results, arguments))
    failed = [sentence for sentence, ok in results if not ok]
    for sentence in failed:
        print("FAILS:", sentence)
    print(f"\n{len(results) - len(failed)} of {len(results)} checks hold; see out/report.md and out/report.json")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
