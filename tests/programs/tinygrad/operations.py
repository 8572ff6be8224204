# SPDX-License-Identifier: MIT
"""Operations of tinygrad, forward and backward, on the device that DEV names.

    DEV=CUDA python operations.py out.npz

Every case gives one array. What the CPU device gives for the same case is what the others are compared with: inputs come
from one seeded generator, so they are the same for all.
"""
import math
import sys

import numpy as np
from tinygrad import Device, Tensor, dtypes

cases = {}


def case(function):
    cases[function.__name__] = function
    return function


def values(seed, *shape, low=-2.0, high=2.0, dtype=np.float32):
    return np.random.default_rng(seed).uniform(low, high, shape).astype(dtype)


def gradients(function, *arrays):
    """The gradients of a weighted sum of what the function makes, one after the other in one array."""
    inputs = [Tensor(array) for array in arrays]
    out = function(*inputs)
    weights = Tensor(values(99, *out.shape))
    parts = (out * weights).sum().gradient(*inputs)
    return Tensor.cat(*[part.flatten() for part in parts])


# Elementwise: one kernel each way, with the transcendental functions of each renderer.
@case
def elementwise():
    x = Tensor(values(1, 37, 19))
    return Tensor.stack(x.exp(), x.sin(), x.tanh(), x.sigmoid(), x.gelu(), x.abs().sqrt(), x.elu(), x.square(),
                        (x + 3).log(), x.floor(), x.round(), x.trunc(), x.cos(), x.erf())


@case
def elementwise_gradients():
    return gradients(lambda x, y: x.exp() * y.sin() + (x * y).tanh() - x.gelu() / (y.abs() + 1), values(2, 33, 20),
                     values(3, 33, 20))


@case
def doubles():
    x, y = Tensor(values(4, 100, dtype=np.float64)), Tensor(values(26, 100, dtype=np.float64))
    # No division, root or exponential: for those tinygrad 0.14's PTX has instructions that do not exist (rcp.approx.f64).
    return x * (y.square() + 3) - x.maximum(y)


@case
def large_angles():
    return Tensor(values(5, 64, low=1e4, high=1e6)).sin()


# Reductions: in registers, and over a block with shared memory and barriers.
@case
def reductions():
    x = Tensor(values(6, 64, 300))
    return Tensor.stack(x.sum(1), x.max(1), x.mean(1), x.std(1), x.logsumexp(1), x.prod(1), x.var(1))


@case
def long_reduction():
    return Tensor(values(7, 3, 40000)).sum(1)


@case
def softmax_gradients():
    return gradients(lambda x: x.log_softmax(1), values(8, 24, 50))


@case
def layernorm_gradients():
    return gradients(lambda x: x.layernorm(), values(9, 16, 96))


@case
def running_sum():
    return Tensor(values(10, 20, 600)).cumsum(1)


# Matrix products: unrolled in registers; of f16 and bf16 with the tensor cores (mma.sync).
@case
def matrix_product_gradients():
    return gradients(lambda a, b: a @ b, values(11, 48, 70), values(12, 70, 36))


@case
def half_product():
    a, b = Tensor(values(13, 64, 64)).half(), Tensor(values(14, 64, 64)).half()
    return a.matmul(b, dtype=dtypes.float)


@case
def bfloat16_product():
    # Whole numbers of 8 bits are exact in bf16. Debian's clang has no bf16 on x86-64: the CPU multiplies them in f32.
    a, b = (Tensor(values(seed, 64, 64, low=-128, high=128).round()) for seed in (15, 16))
    if Device.DEFAULT != "CPU":
        a, b = a.cast(dtypes.bfloat16).realize(), b.cast(dtypes.bfloat16).realize()
    return a.matmul(b, dtype=dtypes.float)


@case
def convolution_gradients():
    return gradients(lambda x, w: x.conv2d(w, padding=1).relu().max_pool2d(2), values(17, 2, 3, 12, 12),
                     values(18, 4, 3, 3, 3))


# Narrow and integer types.
@case
def half_elementwise():
    x = Tensor(values(19, 200)).half()
    return (x.exp2() + x.sin() * x).float()


@case
def integers():
    x = Tensor(np.arange(-500, 500, dtype=np.int32))
    y = (x * 7919 + 3) // 17 + (x % 13) - (x << 2)
    return (y ^ x).cast(dtypes.int64) * 100003 + (x > 3).cast(dtypes.int64) + x.cast(dtypes.uint8).cast(dtypes.int64)


@case
def conversions():
    x = Tensor(values(20, 300, low=-100, high=100))
    return Tensor.stack(x.cast(dtypes.int16).float(), x.cast(dtypes.int8).float(), x.half().float(),
                        x.cast(dtypes.float64).float(), (x > 0).float())


# Indexing: loads through computed addresses.
@case
def gather():
    index = Tensor(np.random.default_rng(21).integers(0, 50, 80).astype(np.int32))
    return Tensor(values(22, 50, 8))[index]


@case
def sorted_values():
    ordered, index = Tensor(values(23, 4, 60)).sort(dim=1)
    return Tensor.cat(ordered, index.float())


@case
def argmax():
    return Tensor(values(24, 30, 40)).argmax(1)


@case
def movement():
    x = Tensor(values(25, 6, 10, 8))
    return x.permute(2, 0, 1).flip(1).pad(((1, 0), (0, 2), (1, 1))).shrink(((0, 8), (1, 7), (0, 11))).contiguous()


def main():
    results = {name: function().numpy() for name, function in cases.items()}
    np.savez(sys.argv[1], **results)


if __name__ == "__main__":
    main()
