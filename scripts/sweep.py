# SPDX-License-Identifier: MIT
"""Six learning rates, three runs each. Started by sweep.sh, which builds what this runs. Writes docs/sweep.md."""
import argparse

import digits

RATES = ["0.003", "0.01", "0.02", "0.03", "0.04", "0.06"]
SEED = "2"

TEXT = """# Which learning rates die

`bench/train_digits`, seed {seed}, 300 steps, on {device}. Written by `scripts/sweep.sh`.

{table}

"baseline" and "nonans" train with fp16 activations; "reference" trains the same network on the same data with fp32
activations. Nothing plants a NaN: from about 0.03 on the activations outgrow 65,504, the largest fp16 number. Where the
fp32 reference itself learns badly, the rate is simply too high, and keeping a run finite cannot make it learn.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=["auto", "gpu", "soft"], default="auto")
    device = digits.choose_device(parser.parse_args().device)
    rows = [["learning rate", "baseline", "died at step", "nonans", "repairs", "first origin", "reference"]]
    for rate in RATES:
        arguments = ["--lr", rate, "--seed", SEED, "--log-every", "0"]
        baseline = digits.run(f"sweep-{rate}-baseline", device, arguments)
        nonans = digits.run(f"sweep-{rate}-nonans", device, arguments, "resolve")
        reference = digits.run(f"sweep-{rate}-reference", device, arguments + ["--precision", "f32"])
        origin = nonans.first_origin()
        rows.append([rate, outcome(baseline), str(baseline.first_nonfinite_step or "-"), outcome(nonans),
                     str(nonans.repairs()), f"step {origin['step']}, {origin['kernel']}" if origin else "-",
                     outcome(reference)])
        print(" ".join(rows[-1]), flush=True)
    text = TEXT.format(seed=SEED, device="the software device" if device == "soft" else "a GPU", table=digits.table(rows))
    (digits.ROOT / "docs/sweep.md").write_text(text)


def outcome(run):
    return f"{run.accuracy:.4f}" if run.finite else f"NaN ({run.accuracy:.4f})"


if __name__ == "__main__":
    main()
