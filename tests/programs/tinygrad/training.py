# SPDX-License-Identifier: MIT
"""Trains a small network on the handwritten digits with tinygrad on the device that DEV names.

    DEV=CUDA JIT=1 python training.py digits.csv out.npz

Weights and the order of the samples come from one seed, so every device trains the same network on the same data. With
JIT=1 tinygrad's CUDA device launches a step as CUDA graphs, with JIT=2 kernel by kernel.
"""
import gc
import os
import sys

import numpy as np
from tinygrad import Context, Device, Tensor, TinyJit, nn

STEPS, BATCH, TRAINING_SAMPLES = 150, 64, 1437
random = np.random.default_rng(7)


def load(path):
    rows = random.permutation(np.loadtxt(path, delimiter=",", dtype=np.float32))
    return rows[:, :64] / 16, rows[:, 64].astype(np.int32)


def weights(inputs, outputs):
    bound = (6 / inputs) ** 0.5
    return Tensor(random.uniform(-bound, bound, (inputs, outputs)).astype(np.float32))


def uses_graphs():
    if Device.DEFAULT != "CUDA":
        return False
    from tinygrad.runtime.graph.cuda import CUDAGraph
    return any(isinstance(thing, CUDAGraph) for thing in gc.get_objects())


def main():
    pixels, labels = load(sys.argv[1])
    w1, b1, w2, b2 = weights(64, 64), Tensor.zeros(64).contiguous(), weights(64, 10), Tensor.zeros(10).contiguous()
    optimiser = nn.optim.SGD([w1, b1, w2, b2], lr=0.05, momentum=0.9)

    def classify(x):
        return (x @ w1 + b1).relu() @ w2 + b2

    @TinyJit
    def step(x, y):
        optimiser.zero_grad()
        loss = classify(x).sparse_categorical_crossentropy(y).backward()
        return loss.realize(*optimiser.schedule_step())

    losses = []
    with Context(TRAINING=1):
        for i in range(STEPS):
            rows = slice(first := i * BATCH % (TRAINING_SAMPLES - BATCH), first + BATCH)
            losses.append(step(Tensor(pixels[rows]).realize(), Tensor(labels[rows]).realize()).item())
    found = classify(Tensor(pixels[TRAINING_SAMPLES:])).argmax(axis=1).numpy()
    # What was asked for must be what ran.
    if Device.DEFAULT == "CUDA":
        assert uses_graphs() == (os.environ["JIT"] == "1"), "JIT does not do what this was written for"
    np.savez(sys.argv[2], losses=np.array(losses), w1=w1.numpy(), b1=b1.numpy(), w2=w2.numpy(), b2=b2.numpy(),
             accuracy=np.mean(found == labels[TRAINING_SAMPLES:]))


if __name__ == "__main__":
    main()
