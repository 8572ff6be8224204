# SPDX-License-Identifier: MIT
"""Trains a small network on handwritten digits with tinygrad, at a learning rate that kills it.

    ./scripts/setup.sh --programs                                                    # once: tinygrad and the digits
    nonans run --mode off -- build/programs/bin/python examples/train_tinygrad.py    # dies of NaN
    nonans run -- build/programs/bin/python examples/train_tinygrad.py               # does not

Nothing here knows of NoNans, tinygrad comes unmodified from PyPI, and no NaN is planted. It is born in tinygrad's ELU:
where an activation exceeds 88, exp(x) is infinite in float32; the forward pass does not use it there, but the gradient
multiplies it by 0. Inf * 0 is NaN, and an optimiser step later so are the weights. At a lower learning rate (--lr 0.01)
the activations stay small and nothing happens.

NoNans sees the NaN behind the kernel that made it, proves from the kernel's PTX that it wrote that float, and sets it to
0: this sample teaches this unit nothing this time.
"""
import argparse
import os
from pathlib import Path

# Before tinygrad is imported: its CUDA device, and one launch for each kernel, since NoNans does not look into explicit
# graphs yet. DEV=CUDA:PTX takes tinygrad's own PTX instead of NVRTC's.
os.environ.setdefault("DEV", "CUDA")
os.environ.setdefault("JIT", "2")

import numpy as np
from tinygrad import Context, Tensor, TinyJit, nn

WIDTH, BATCH, TRAINING_SAMPLES = 64, 64, 1437
DIGITS = Path(__file__).parents[1] / "build/data/digits.csv"


def load(path, random):
    """1,797 images of 8 x 8 pixels from 0 to 16, each with its digit, in random order."""
    rows = random.permutation(np.loadtxt(path, delimiter=",", dtype=np.float32))
    return rows[:, :64], rows[:, 64].astype(np.int32)


class Network:
    """Projection, one residual block, readout. The logits are divided by the width (Yang and Hu 2021)."""

    def __init__(self, random):
        def layer(inputs, outputs):
            bound = (6 / inputs) ** 0.5
            weights = random.uniform(-bound, bound, (inputs, outputs)).astype(np.float32)
            return Tensor(weights), Tensor.zeros(outputs).contiguous()

        self.w0, self.b0 = layer(64, WIDTH)
        self.w1, self.b1 = layer(WIDTH, WIDTH)
        self.w2, self.b2 = layer(WIDTH, 10)

    def __call__(self, x):
        h = x @ self.w0 + self.b0
        # contiguous_backward: compute the gradient here once and store it, rather than again for each of its readers.
        h = h + (h @ self.w1 + self.b1).contiguous_backward().elu()
        return (h @ self.w2 + self.b2) / WIDTH


def main():
    parser = argparse.ArgumentParser(description="train a small network on handwritten digits with tinygrad")
    parser.add_argument("--lr", type=float, default=0.1, help="learning rate (default: %(default)s, which is too high)")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=DIGITS, help="the digits that scripts/setup.sh fetches")
    options = parser.parse_args()

    random = np.random.default_rng(options.seed)
    pixels, labels = load(options.data, random)
    network = Network(random)
    optimiser = nn.optim.SGD(nn.state.get_parameters(network), lr=options.lr, momentum=0.9)

    @TinyJit
    def step(x, y):
        optimiser.zero_grad()
        loss = network(x).sparse_categorical_crossentropy(y).backward()
        return loss.realize(*optimiser.schedule_step())

    for i in range(1, options.steps + 1):
        first = (i - 1) * BATCH % (TRAINING_SAMPLES - BATCH)
        batch = slice(first, first + BATCH)
        with Context(TRAINING=1):
            loss = step(Tensor(pixels[batch]).realize(), Tensor(labels[batch]).realize()).item()
        if i % 10 == 0 or i == options.steps:
            print(f"step {i:4}  loss {loss:.4f}", flush=True)

    found = network(Tensor(pixels[TRAINING_SAMPLES:])).argmax(axis=1).numpy()
    accuracy = np.mean(found == labels[TRAINING_SAMPLES:])
    finite = all(np.isfinite(p.numpy()).all() for p in nn.state.get_parameters(network))
    print(f"test accuracy {accuracy:.4f}, final loss {loss:.4f}, weights {'finite' if finite else 'NOT finite'}")


if __name__ == "__main__":
    main()
