# SPDX-License-Identifier: MIT
"""mma.sync, dense (PTX ISA 9.0, 9.7.14.5.14).

Integers: the sum is exact, then wraps, or stops at the ends of s32 with .satfinite. Floats: "element-wise
multiplication of matrix A and B is performed with at least single precision", accumulation "with at least single
precision" for .f32 and "at least half precision" for .f16 accumulators, "the accumulation order, rounding and handling
of subnormal inputs are unspecified". So there are three tests of each form:
  exact     sums whose every part any accumulator holds exactly: must be equal to the bit (this is where a misplaced
            element shows)
  single    one product in each sum, of special values: within one last place, NaN for NaN
  dense     random values: within one last place of the accumulator for each term of the largest sum of magnitudes
.f64: "precision of the element-wise multiplication and addition is identical to that of .f64 precision fused
multiply-add": with one product to a sum it is that of fma in the given rounding.
"""

import functools
import random

from case import any_nan, near
from exact import FORMATS
from matrix_fragments import mma_case, shape_of
from matrix_reference import (as_double, codes_between, encode, exact_matrix, is_float, magnitude, product,
                              special_codes, value)
from registry import covers

PRECISION = {"f16": 11, "f32": 24}


def kinds_of(form):
    d, a, b, c = form.types
    return d, a, b, c


def quads(form):
    return shape_of(form) == (8, 8, 4) and form.types[1] == "f16"


@functools.lru_cache(None)
def exact_round(shape, kinds, seed):
    m, n, k = shape
    d, a, b, c = kinds
    matrices = exact_matrix(a, m * k, d, seed), exact_matrix(b, k * n, d, seed + 1), exact_matrix(c, m * n, d, seed + 2)
    return matrices, product(m, n, k, *matrices, a, b, c)


@functools.lru_cache(None)
def single_round(shape, kinds, seed):
    """A has one special value in each row, B finite ones and in its last column everything; C special values."""
    m, n, k = shape
    d, a, b, c = kinds
    specials = special_codes(a, seed, m)
    left = [0] * (m * k)
    for row in range(m):
        left[row * k + (row + seed) % k] = specials[row]
    any_code = special_codes(b, seed + 1, k * n)
    finite = [x for x in any_code if not isinstance(value(b, x), float)]
    right = [finite[i % len(finite)] for i in range(k * n)]
    right[n - 1::n] = special_codes(b, seed + 2, k)
    addends = special_codes(c, seed + 3, m * n)
    matrices = left, right, addends
    return matrices, product(m, n, k, *matrices, a, b, c)


@functools.lru_cache(None)
def dense_round(shape, kinds, seed):
    m, n, k = shape
    d, a, b, c = kinds
    low, high = (-6, 3) if d == "f16" else (-40, 20)
    matrices = (codes_between(a, m * k, low, high, seed), codes_between(b, k * n, low, high, seed + 1),
                codes_between(c, m * n, low, 2 * high, seed + 2))
    size = magnitude(m, n, k, *matrices, a, b, c)
    return matrices, product(m, n, k, *matrices, a, b, c), size


def wrapped(results, saturate):
    low, high = -(1 << 31), (1 << 31) - 1
    return [(min(max(x, low), high) if saturate else x) & 0xFFFFFFFF for x, _ in results]


def near_case(form, kinds, rounds, results, tolerance, ulp):
    rule = near(kinds[0], ulp=ulp, absolute=tolerance)
    return mma_case(form, kinds, rounds, results, rule)


def limited(d, results):
    """Doubles, with what overflows the accumulator as infinity."""
    out = []
    for r in results:
        x = as_double(r)
        code = encode(d, r)
        out.append((-1.0 if x < 0 else 1.0) * float("inf") if FORMATS[d].is_infinite(code) else x)
    return out


def grouped(form, make):
    """One matrix, or four for the quad pairs, each made with its own seed."""
    made = [make(i) for i in range(4 if quads(form) else 1)]
    return tuple([m[0][at] for m in made] for at in range(3)), [m[1] for m in made], made


@covers("mma", when=lambda f: f.types[0] == "s32" and f.types[1] != "b1")
def integers(form):
    kinds = kinds_of(form)
    rounds, results = [], []
    for seed in range(4):
        matrices, exact = exact_round(shape_of(form), kinds, 10 * seed)
        rounds.append(tuple([x] for x in matrices))
        results.append([wrapped(exact, form.has("satfinite"))])
    return mma_case(form, kinds, rounds, results, "exact")


@covers("mma", when=lambda f: f.types[1] == "b1")
def bits(form):
    m, n, k = shape_of(form)
    rounds, results = [], []
    for seed in range(2):
        rng = random.Random(seed + m + k)
        a, b = [rng.getrandbits(1) for _ in range(m * k)], [rng.getrandbits(1) for _ in range(k * n)]
        c = [rng.getrandbits(32) for _ in range(m * n)]
        rows = [int("".join(map(str, a[r * k:(r + 1) * k])), 2) for r in range(m)]
        columns = [int("".join(map(str, b[col::n])), 2) for col in range(n)]
        join = (lambda x, y: x & y) if form.has("and") else (lambda x, y: x ^ y)
        results.append([[(c[r * n + col] + bin(join(rows[r], columns[col])).count("1")) & 0xFFFFFFFF
                         for r in range(m) for col in range(n)]])
        rounds.append(([a], [b], [c]))
    return mma_case(form, kinds_of(form), rounds, results, "exact")


@covers("mma", when=lambda f: f.types[0] == "f64")
def doubles(form):
    kinds, shape = kinds_of(form), shape_of(form)
    rounds, results = [], []
    for seed in range(2):
        (left, right, addends), exact = exact_round(shape, kinds, 10 * seed)
        # A sum of zero is avoided: its sign depends on the order where the rounding is down.
        one = FORMATS["f64"].encode(1)
        addends = [FORMATS["f64"].add(c, one) if r[0] == 0 else c for c, r in zip(addends, exact)]
        rounds.append(([left], [right], [addends]))
        results.append([[one if r[0] == 0 else encode("f64", r, form.rounding) for r in exact]])
    m, n, k = shape
    for seed in range(3):
        left, right, addends = single_round(shape, kinds, seed)[0]
        number = FORMATS["f64"]
        # One product: zeros elsewhere add nothing. B is finite here, so that they are zeros.
        right = [x if number.is_finite(x) else number.encode(3) for x in right]
        at = [(row + seed) % k for row in range(m)]
        expected = [number.fma(left[r * k + at[r]], right[at[r] * n + col], addends[r * n + col], form.rounding)
                    for r in range(m) for col in range(n)]
        for i, code in enumerate(expected):
            if number.is_zero(code):
                addends[i] = number.encode(1)
                r, col = divmod(i, n)
                expected[i] = number.fma(left[r * k + at[r]], right[at[r] * n + col], addends[i], form.rounding)
        rounds.append(([left], [right], [addends]))
        results.append([expected])
    return mma_case(form, kinds, rounds, results, any_nan("f64"))


@covers("mma", when=lambda f: is_float(f.types[1]) and not f.has("block_scale"))
def floats(form):
    kinds, shape = kinds_of(form), shape_of(form)
    d = kinds[0]
    cases = []
    made = [grouped(form, lambda i, seed=seed: exact_round(shape, kinds, 40 * seed + 3 * i)) for seed in range(2)]
    cases.append(mma_case(form, kinds, [x[0] for x in made],
                          [[[encode(d, r) for r in matrix] for matrix in x[1]] for x in made], "exact"))
    made = [grouped(form, lambda i, seed=seed: single_round(shape, kinds, 40 * seed + 3 * i)) for seed in range(3)]
    cases.append(near_case(form, kinds, [x[0] for x in made],
                           [[limited(d, matrix) for matrix in x[1]] for x in made], 0.0, 1.0))
    made = [grouped(form, lambda i, seed=seed: dense_round(shape, kinds, 40 * seed + 3 * i)) for seed in range(2)]
    size = max(one[2] for x in made for one in x[2])
    cases.append(near_case(form, kinds, [x[0] for x in made],
                           [[limited(d, matrix) for matrix in x[1]] for x in made],
                           size * (shape[2] + 1) * 2.0 ** -PRECISION[d], 1.0))
    return cases
