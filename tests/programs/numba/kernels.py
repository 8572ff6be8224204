# SPDX-License-Identifier: MIT
"""What kernels do: shared and local memory, atomics, warps, grids, numbers."""
import math
import subprocess
import sys

import numpy as np
from checking import case, cuda, run
from numba import float32, int32
from numba.cuda.random import create_xoroshiro128p_states, xoroshiro128p_normal_float64, xoroshiro128p_uniform_float32

N = 1 << 12


def values(n=N, seed=1, dtype=np.float32):
    return np.random.default_rng(seed).uniform(-4, 4, n).astype(dtype)


@case
def shared_memory():
    @cuda.jit
    def matrix_product(a, b, c):
        left = cuda.shared.array((16, 16), float32)
        right = cuda.shared.array((16, 16), float32)
        x, y = cuda.grid(2)
        i, j = cuda.threadIdx.x, cuda.threadIdx.y
        total = float32(0)
        for tile in range(a.shape[1] // 16):
            left[i, j] = a[x, tile * 16 + j]
            right[i, j] = b[tile * 16 + i, y]
            cuda.syncthreads()
            for k in range(16):
                total += left[i, k] * right[k, j]
            cuda.syncthreads()
        c[x, y] = total

    a, b = values(64 * 48).reshape(64, 48), values(48 * 32, 2).reshape(48, 32)
    c = np.zeros((64, 32), np.float32)
    matrix_product[(4, 2), (16, 16)](a, b, c)
    np.testing.assert_allclose(c, a @ b, rtol=1e-4, atol=1e-4)


@case
def dynamic_shared_memory():
    @cuda.jit
    def reverse(a):
        s = cuda.shared.array(0, int32)
        i = cuda.threadIdx.x
        s[i] = a[i]
        cuda.syncthreads()
        a[i] = s[cuda.blockDim.x - 1 - i]

    a = np.arange(200, dtype=np.int32)
    reverse[1, 200, 0, 200 * 4](a)
    np.testing.assert_array_equal(a, np.arange(200)[::-1])


@case
def local_memory():
    @cuda.jit
    def sort_eight(a):
        mine = cuda.local.array(8, float32)
        i = cuda.grid(1) * 8
        for k in range(8):
            mine[k] = a[i + k]
        for k in range(1, 8):
            value, j = mine[k], k
            while j > 0 and mine[j - 1] > value:
                mine[j] = mine[j - 1]
                j -= 1
            mine[j] = value
        for k in range(8):
            a[i + k] = mine[k]

    a = values()
    d = cuda.to_device(a)
    sort_eight[N // 8 // 64, 64](d)
    np.testing.assert_array_equal(d.copy_to_host().reshape(-1, 8), np.sort(a.reshape(-1, 8)))


@case
def constant_memory():
    table = np.arange(16, dtype=np.float64) ** 2

    @cuda.jit
    def look_up(out):
        c = cuda.const.array_like(table)
        i = cuda.grid(1)
        out[i] = c[i % 16]

    out = np.zeros(64)
    look_up[2, 32](out)
    np.testing.assert_array_equal(out, np.tile(table, 4))


@case
def atomics():
    @cuda.jit
    def histogram(counts, a):
        i = cuda.grid(1)
        cuda.atomic.add(counts, a[i], 1)

    @cuda.jit
    def several(out, a):
        i = cuda.grid(1)
        cuda.atomic.add(out, 0, a[i])
        cuda.atomic.max(out, 1, a[i])
        cuda.atomic.min(out, 2, a[i])
        cuda.atomic.sub(out, 3, 1.0)

    @cuda.jit
    def bits(out, a):
        i = cuda.grid(1)
        cuda.atomic.or_(out, 0, a[i])
        cuda.atomic.and_(out, 1, a[i])
        cuda.atomic.xor(out, 2, a[i])
        cuda.atomic.inc(out, 3, 99)
        cuda.atomic.cas(out, 4, 0, 5)
        cuda.atomic.exch(out, 5, 6)

    a = np.random.default_rng(1).integers(0, 50, N).astype(np.uint32)
    counts = np.zeros(50, np.int64)
    histogram[N // 128, 128](counts, a)
    np.testing.assert_array_equal(counts, np.bincount(a, minlength=50))
    for dtype in (np.float32, np.float64):
        x = np.round(values(dtype=dtype) * 8) / 8  # sums of these are exact in any order
        out = np.array([0, -9, 9, 0], dtype)
        several[N // 128, 128](out, x)
        np.testing.assert_array_equal(out, [x.sum(dtype=np.float64), x.max(), x.min(), -N])
    out = np.array([0, 0xFFFFFFFF, 0, 0, 0, 0], np.uint32)
    bits[N // 128, 128](out, a)
    expected = [np.bitwise_or.reduce(a), np.bitwise_and.reduce(a), np.bitwise_xor.reduce(a), N % 100, 5, 6]
    np.testing.assert_array_equal(out, expected)


@case
def warps():
    @cuda.jit
    def sums(out, a):
        i = cuda.grid(1)
        total = a[i]
        step = 16
        while step > 0:
            total += cuda.shfl_down_sync(0xFFFFFFFF, total, step)
            step //= 2
        if cuda.laneid == 0:
            out[i // 32] = total

    @cuda.jit
    def votes(out):
        i = cuda.threadIdx.x
        out[0, i] = cuda.ballot_sync(0xFFFFFFFF, i % 3 == 0)
        out[1, i] = cuda.all_sync(0xFFFFFFFF, i < 32)
        out[2, i] = cuda.any_sync(0xFFFFFFFF, i == 40)
        out[3, i] = cuda.match_any_sync(0xFFFFFFFF, i // 8)
        out[4, i] = cuda.shfl_xor_sync(0xFFFFFFFF, i, 5)
        out[5, i] = cuda.popc(i) + 100 * cuda.clz(int32(i)) + 10000 * cuda.ffs(int32(i))
        out[6, i] = cuda.lanemask_lt()
        cuda.syncwarp()

    a = np.arange(N, dtype=np.int32)
    out = np.zeros(N // 32, np.int32)
    sums[N // 128, 128](out, a)
    np.testing.assert_array_equal(out, a.reshape(-1, 32).sum(axis=1))
    out = np.zeros((7, 32), np.int64)
    votes[1, 32](out)
    i = np.arange(32)
    assert (out[0] & 0xFFFFFFFF == sum(1 << k for k in range(0, 32, 3))).all()
    assert (out[1] == 1).all() and (out[2] == 0).all()
    np.testing.assert_array_equal(out[3] & 0xFFFFFFFF, 0xFF << (i // 8 * 8))
    np.testing.assert_array_equal(out[4], i ^ 5)
    ones = np.array([bin(k).count("1") for k in i])
    lengths = np.array([32 - int(k).bit_length() for k in i])
    first = np.array([(int(k) & -int(k)).bit_length() for k in i])
    np.testing.assert_array_equal(out[5], ones + 100 * lengths + 10000 * first)
    np.testing.assert_array_equal(out[6], (1 << i) - 1)


@case
def whole_grid_waits():
    @cuda.jit
    def neighbours(a, b):
        grid = cuda.cg.this_grid()
        i = cuda.grid(1)
        for _ in range(5):
            b[i] = a[(i + cuda.blockDim.x) % a.size] + 1
            grid.sync()
            a[i] = b[i]
            grid.sync()

    a = np.arange(1024, dtype=np.int32)
    b = np.zeros_like(a)
    neighbours[8, 128](a, b)
    np.testing.assert_array_equal(a, (np.arange(1024) + 5 * 128) % 1024 + 5)
    assert neighbours.overloads[next(iter(neighbours.overloads))].cooperative
    assert neighbours.overloads[next(iter(neighbours.overloads))].max_cooperative_grid_blocks(128) >= 8


@case
def device_functions():
    @cuda.jit(device=True)
    def twice(x):
        return 2 * x

    @cuda.jit(device=True, inline="never")
    def swapped(x, y):
        return y, twice(x)

    @cuda.jit
    def kernel(a, b):
        i = cuda.grid(1)
        a[i], b[i] = swapped(a[i], b[i])

    a, b = values(64), values(64, 2)
    x, y = a.copy(), b.copy()
    kernel[2, 32](x, y)
    np.testing.assert_array_equal(x, b)
    np.testing.assert_array_equal(y, 2 * a)


@case
def mathematics():
    functions = (math.sin, math.cos, math.exp, math.tanh, math.erf, math.atan, math.floor, math.lgamma, math.expm1)

    def kernel_of(function):
        @cuda.jit
        def kernel(out, a):
            i = cuda.grid(1)
            out[i] = function(a[i])

        return kernel

    for dtype, tolerance in ((np.float32, 4e-6), (np.float64, 1e-14)):
        a = values(256, dtype=dtype)
        for function in functions:
            out = np.zeros_like(a)
            kernel_of(function)[2, 128](out, a)
            expected = np.array([function(float(x)) for x in a])
            np.testing.assert_allclose(out, expected, rtol=tolerance, atol=tolerance, err_msg=function.__name__)


@case
def half_precision():
    from numba.cuda.types import float16

    @cuda.jit
    def kernel(out, a, b):
        i = cuda.grid(1)
        out[i] = a[i] * b[i] + float16(0.5)

    a, b = values(128, 1, np.float16), values(128, 2, np.float16)
    out = np.zeros_like(a)
    kernel[1, 128](out, a, b)
    np.testing.assert_allclose(out.astype(np.float64), (a.astype(np.float64) * b + 0.5), rtol=2e-3, atol=2e-3)


@case
def bfloat16_numbers():
    from numba.cuda.bf16 import bfloat16

    @cuda.jit
    def kernel(out, a):
        i = cuda.grid(1)
        x = bfloat16(a[i])
        out[i] = float32(x * x + x)

    a = values(64)
    out = np.zeros_like(a)
    kernel[1, 64](out, a)
    np.testing.assert_allclose(out, a * a + a, rtol=0.03, atol=0.06)


@case
def random_numbers():
    @cuda.jit
    def draw(states, uniform, normal):
        i = cuda.grid(1)
        for k in range(uniform.shape[1]):
            uniform[i, k] = xoroshiro128p_uniform_float32(states, i)
            normal[i, k] = xoroshiro128p_normal_float64(states, i)

    def numbers():
        states = create_xoroshiro128p_states(256, seed=7)
        uniform, normal = np.zeros((256, 40), np.float32), np.zeros((256, 40))
        draw[2, 128](states, uniform, normal)
        return uniform, normal

    uniform, normal = numbers()
    again = numbers()
    np.testing.assert_array_equal(uniform, again[0])
    np.testing.assert_array_equal(normal, again[1])
    assert uniform.min() >= 0 and uniform.max() < 1 and len(np.unique(uniform)) > 10000
    assert abs(uniform.mean() - 0.5) < 0.01 and abs(normal.mean()) < 0.04 and abs(normal.std() - 1) < 0.03


@case
def printing():
    program = """
from numba import cuda
@cuda.jit
def tell(x):
    if cuda.threadIdx.x == 3:
        print("thread", cuda.threadIdx.x, x, True)
tell[1, 8](1.5)
cuda.synchronize()
"""
    out = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True)
    assert "thread 3 1.500000 True" in out.stdout, out.stdout + out.stderr


@case
def errors_raised_by_kernels():
    @cuda.jit(debug=True, opt=False)
    def divide(out, a):
        i = cuda.grid(1)
        if a[i] < 0:
            raise ValueError("negative")
        out[i] = 100 // a[i]

    out = np.zeros(8, np.int32)
    divide[1, 8](out, np.arange(1, 9, dtype=np.int32))
    np.testing.assert_array_equal(out, 100 // np.arange(1, 9))
    for bad, error in ((0, ZeroDivisionError), (-1, ValueError)):
        a = np.arange(1, 9, dtype=np.int32)
        a[5] = bad
        try:
            divide[1, 8](out, a)
        except error as raised:
            assert "tid=[0, 0, 5] ctaid=[0, 0, 0]" in str(raised), raised
        else:
            raise AssertionError(f"no {error.__name__}")


@case
def occupancy():
    @cuda.jit("void(float32[:])")
    def kernel(a):
        i = cuda.grid(1)
        if i < a.size:
            a[i] = 1

    compiled = kernel.overloads[next(iter(kernel.overloads))]
    assert compiled.regs_per_thread > 0 and compiled.max_threads_per_block == 1024
    assert compiled.shared_mem_per_block == 0 and compiled.local_mem_per_thread == 0
    context = cuda.current_context()
    function = compiled._codelibrary.get_cufunc()
    assert context.get_active_blocks_per_multiprocessor(function, 128, 0) > 0
    a = np.zeros(100, np.float32)
    kernel.forall(100)(a)
    assert (a == 1).all()


run()
