# SPDX-License-Identifier: MIT
"""wmma.load, wmma.store and wmma.mma (PTX ISA 9.0, 9.7.14.4.3 to 9.7.14.4.5).

Loads and stores are tested in two kernels, with and without the stride operand; a form without a state space gets an
address of global memory in one and of shared memory in the other. What is compared of products is told in
matrix_mma.py; here too .f64 is exact to the bit in every rounding with one product to a sum.
"""

import functools
import random

from case import any_nan, doubles, near
from exact import FORMATS
from families.matrix_mma import PRECISION, dense_round, exact_round, limited, single_round, wrapped
from matrix_fragments import shape_of
from matrix_memory import Setup, wmma_case
from matrix_reference import encode, is_float
from registry import covers

ACCUMULATORS = {"f16": "f32", "bf16": "f32", "tf32": "f32", "f64": "f64", "s8": "s32", "u8": "s32", "s4": "s32",
                "u4": "s32", "b1": "s32"}
FACTORS = {"f16": "f16", "f32": "f16", "s32": "s8", "f64": "f64"}  # what an accumulator is tried with


def spelled(shape, d, a, c, operation="", layouts=("row", "col")):
    m, n, k = shape
    types = f".{d}.{c}" if a == "f16" else f".{d}.{a}.{a}.{c}"
    operation = ".xor.popc" if a == "b1" and not operation else operation
    return f"wmma.mma{operation}.sync.aligned.{layouts[0]}.{layouts[1]}.m{m}n{n}k{k}{types}"


@functools.lru_cache(None)
def bit_round(seed, join_and):
    m, n, k = 8, 8, 128
    rng = random.Random(seed)
    a, b = [rng.getrandbits(1) for _ in range(m * k)], [rng.getrandbits(1) for _ in range(k * n)]
    c = [rng.getrandbits(32) for _ in range(m * n)]
    rows = [a[r * k:(r + 1) * k] for r in range(m)]
    columns = [b[col::n] for col in range(n)]
    counted = [sum(x & y if join_and else x ^ y for x, y in zip(row, column)) for row in rows for column in columns]
    return (a, b, c), [(x + y) & 0xFFFFFFFF for x, y in zip(c, counted)]


@functools.lru_cache(None)
def whole(shape, kinds, seed, saturate=False, join_and=False):
    """A round whose results are exact: ((A, B, C), codes of D)."""
    if kinds[1] == "b1":
        return bit_round(seed, join_and)
    matrices, results = exact_round(shape, kinds, seed)
    if kinds[0] == "s32":
        return matrices, wrapped(results, saturate)
    return matrices, [encode(kinds[0], r) for r in results]


@covers("wmma", when=lambda f: f.has("load", "store"))
def moves(form):
    name = form.mods[1]
    kind, shape = form.types[0], shape_of(form)
    if name in "ab":
        a, accumulator = kind, ACCUMULATORS[kind]
    elif shape == (8, 8, 32):
        a, accumulator = "s4", kind
    elif shape == (8, 8, 128):
        a, accumulator = "b1", kind
    elif shape == (16, 16, 8):
        a, accumulator = "tf32", kind
    else:
        a, accumulator = FACTORS[kind], kind
    kinds = (accumulator, a, a, accumulator)
    cases = []
    for stride in (True, False):
        setup = Setup(shape, kinds, spelled(shape, accumulator, a, accumulator), form.target)
        setup.layouts[name] = "row" if form.has("row") else "col"
        setup.spaces[name] = next((f".{s}" for s in ("global", "shared", "shared::cta") if form.has(s)), "")
        setup.strides[name] = stride
        # Rows start on 16 bytes at least.
        setup.extra[name] = {"b1": 128, "s4": 32, "u4": 32, "f64": 2, "f32": 4, "s32": 4, "tf32": 4}.get(kind, 16) \
            if stride else 0
        if form.has("shared", "shared::cta") or (not setup.spaces[name] and not stride):
            setup.shared = (name,)
        layouts = (setup.layouts["a"], setup.layouts["b"])
        setup.mma = spelled(shape, accumulator, a, accumulator, layouts=layouts)
        rounds = [whole(shape, kinds, 10 * seed) for seed in range(2)]
        cases.append(wmma_case(setup, [r[0] for r in rounds], [r[1] for r in rounds], "exact"))
    return cases


def setup_of(form):
    types = form.types
    kinds = (types[0], "f16", "f16", types[1]) if len(types) == 2 else tuple(types)
    layouts = [mod for mod in form.mods if mod in ("row", "col")]
    setup = Setup(shape_of(form), kinds, form.spelling, form.target)
    setup.layouts["a"], setup.layouts["b"] = layouts
    return setup


@covers("wmma", when=lambda f: f.has("mma") and (f.types[0] == "s32"))
def integers(form):
    setup = setup_of(form)
    rounds = [whole(setup.shape, setup.kinds, 10 * seed, form.has("satfinite"), form.has("and")) for seed in range(3)]
    return wmma_case(setup, [r[0] for r in rounds], [r[1] for r in rounds], "exact")


@functools.lru_cache(None)
def fma_rounds(mode):
    """m8n8k4 of .f64: sums, and one fma to a sum. A sum of zero is avoided: its sign would depend on the order."""
    number, shape = FORMATS["f64"], (8, 8, 4)
    rounds = []
    for seed in range(3):
        left, right, addends = single_round(shape, ("f64",) * 4, seed)[0]
        right = [x if number.is_finite(x) else number.encode(3) for x in right]
        addends, expected = list(addends), []
        for row in range(8):
            for column in range(8):
                at = (row + seed) % 4
                x, y = left[row * 4 + at], right[at * 8 + column]
                code = number.fma(x, y, addends[row * 8 + column], mode)
                if number.is_zero(code):
                    addends[row * 8 + column] = number.encode(1)
                    code = number.fma(x, y, number.encode(1), mode)
                expected.append(code)
        rounds.append(((left, right, addends), expected))
    return rounds


@covers("wmma", when=lambda f: f.has("mma") and f.types[0] == "f64")
def fused(form):
    setup = setup_of(form)
    rounds = fma_rounds(form.rounding)
    expected = b"".join(code.to_bytes(8, "little") for r in rounds for code in r[1])
    return wmma_case(setup, [r[0] for r in rounds], expected, any_nan("f64"))


@covers("wmma", when=lambda f: f.has("mma") and is_float(f.types[0]))
def floats(form):
    setup = setup_of(form)
    shape, kinds = setup.shape, setup.kinds
    d = kinds[0]
    rounds = [whole(shape, kinds, 10 * seed) for seed in range(2)]
    cases = [wmma_case(setup, [r[0] for r in rounds], [r[1] for r in rounds], "exact")]
    rounds = [single_round(shape, kinds, 40 * seed) for seed in range(2)]
    cases.append(wmma_case(setup, [r[0] for r in rounds],
                           b"".join(doubles(limited(d, r[1])) for r in rounds), near(d, ulp=1.0)))
    rounds = [dense_round(shape, kinds, 0)]
    tolerance = rounds[0][2] * (shape[2] + 1) * 2.0 ** -PRECISION[d]
    cases.append(wmma_case(setup, [r[0] for r in rounds], doubles(limited(d, rounds[0][1])),
                           near(d, ulp=1.0, absolute=tolerance)))
    return cases
