# SPDX-License-Identifier: MIT
"""A data-parallel step of tinygrad on two devices: every device takes half of the samples, then they exchange gradients.

    SOFTGPU_DEVICES=2 DEV=CUDA JIT=2 python sharded.py out.npz

On the CPU device, whose results are the reference, nothing is sharded.
"""
import sys

import numpy as np
from tinygrad import Device, Tensor, TinyJit

random = np.random.default_rng(3)
samples, weights = (random.standard_normal(shape).astype(np.float32) for shape in ((64, 32), (32, 16)))
devices = None if Device.DEFAULT == "CPU" else ("CUDA:0", "CUDA:1")


def split(x, axis=None):
    return x.shard(devices, axis=axis) if devices else x


@TinyJit
def step(x, w):
    return (x @ w).tanh().square().mean().gradient(w)[0].realize()


def main():
    w = split(Tensor(weights)).realize()
    gradients = [step(split(Tensor(samples + i), axis=0).realize(), w).numpy() for i in range(5)]
    moved = Tensor(samples).realize()
    if devices:
        moved = moved.to(devices[1]).realize().to(devices[0]).realize()
    np.savez(sys.argv[1], gradients=np.stack(gradients), moved=moved.numpy())


if __name__ == "__main__":
    main()
