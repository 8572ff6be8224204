# SPDX-License-Identifier: MIT
"""mma.sync with block scaling (PTX ISA 9.0, 9.7.14.3): D = (A * scale_A) * (B * scale_B) + C.

A row of A and a column of B fall into 1, 2 or 4 chunks along k; chunk c is multiplied with byte byte-id + c of the
scale register of the selected thread: of the quad of row m % 8 the thread 2 * thread-id-a + m / 8, of the quad of
column n the thread thread-id-b. Every byte of every lane holds another scale, and each case has its own selectors.
Precision is open as told in matrix_mma.py: sums of the first case are exact in f32, the others are compared with a
bound. A scale that is NaN makes its whole row or column NaN.
"""

import random
from fractions import Fraction

from case import near
from exact import F32, FORMATS
from matrix_fragments import mma_case, shape_of
from matrix_reference import NAN, codes_between, exact_matrix, scale, value
from registry import covers


def scale_value(kind, code):
    """A Fraction, or NAN."""
    if kind == "ue4m3":
        number = FORMATS["e4m3"]
        return NAN if number.is_nan(code) else number.decode(code)
    if code == 0xFF:
        return NAN
    return Fraction(1 << (code - 127)) if code >= 127 else Fraction(1, 1 << (127 - code))


def scaled_product(shape, matrices, kinds, scales):
    """For each element of D: (the exact Fraction or NAN, the sum of magnitudes as a float)."""
    m, n, k = shape
    a, b = [value(kinds[0], x) for x in matrices[0]], [value(kinds[1], x) for x in matrices[1]]
    unit = Fraction(1, 1 << (scale(kinds[0]) + scale(kinds[1])))
    chunks = len(scales[0][0])
    length = k // chunks
    out = []
    for row in range(m):
        for column in range(n):
            total = size = F32.decode(matrices[2][row * n + column])
            size = abs(size)
            for chunk in range(chunks):
                factors = scales[0][row][chunk], scales[1][column][chunk]
                parts = range(chunk * length, (chunk + 1) * length)
                products = [(a[row * k + i], b[i * n + column]) for i in parts]
                if any(x != x for x in factors) or any(x != x or y != y for x, y in products):
                    total = NAN
                    break
                both = factors[0] * factors[1] * unit
                total += both * sum(x * y for x, y in products)
                size += both * sum(abs(x * y) for x, y in products)
            out.append((total, float(size)))
    return out


def scale_codes(kind, low, high, specials, rng):
    """A byte for each of four places of each of 32 lanes: a power of two between the limits, or anything."""
    bias = 7 if kind == "ue4m3" else 127
    codes = [(rng.randint(low, high) + bias) << (3 if kind == "ue4m3" else 0) for _ in range(128)]
    if kind == "ue4m3" and specials:
        codes = [rng.randrange(0x7F) for _ in range(128)]
    if specials:
        codes[rng.randrange(128)] = 0x7F if kind == "ue4m3" else 0xFF
    return codes


def words_of(codes):
    return [int.from_bytes(bytes(codes[at:at + 4]), "little") for at in range(0, 128, 4)]


@covers("mma", when=lambda f: f.has("block_scale"))
def scaled(form):
    shape, stype = shape_of(form), form.mods[-1]
    m, n, k = shape
    packed = not form.has("kind::mxf8f6f4")
    kinds = ("f32", *(("e2m1_packed",) * 2 if packed else form.types[1:3]), "f32")
    plain = tuple(kind.split("_")[0] for kind in kinds[1:3])
    chunks = 1 if not packed else 4 if form.has("scale_vec::4X") else 2
    cases = []
    for which in range(4):
        rng = random.Random(f"{form.spelling}{which}")
        byte_a, byte_b = (rng.randrange(0, 4, chunks) for _ in range(2))
        thread_a, thread_b = which % 2, 3 - which
        rounds, results, data_a, data_b, sizes = [], [], [], [], []
        for seed in range(2):
            if which < 2:
                matrices = tuple(exact_matrix(kind, count, "f32", 7 * which + seed)
                                 for kind, count in ((plain[0], m * k), (plain[1], k * n), ("f32", m * n)))
                limits = (-1, 1, False)
            else:
                matrices = (codes_between(plain[0], m * k, -8, 8, seed), codes_between(plain[1], k * n, -8, 8, seed + 1),
                            codes_between("f32", m * n, -20, 12, seed + 2))
                limits = (-6, 6, which == 3)
            code_a, code_b = (scale_codes(stype, *limits, rng) for _ in range(2))
            by_row = [[scale_value(stype, code_a[(row % 8 * 4 + 2 * thread_a + row // 8) * 4 + byte_a + c])
                       for c in range(chunks)] for row in range(m)]
            by_column = [[scale_value(stype, code_b[(column * 4 + thread_b) * 4 + byte_b + c])
                          for c in range(chunks)] for column in range(n)]
            made = scaled_product(shape, matrices, plain, (by_row, by_column))
            rounds.append(tuple([x] for x in matrices))
            sizes += [size for total, size in made if total == total]
            results.append([[total if total != total else F32.encode(total) if which < 2 else float(total)
                             for total, _ in made]])
            data_a += words_of(code_a)
            data_b += words_of(code_b)
        rule = "exact" if which < 2 else near("f32", ulp=1.0, absolute=max(sizes) * (k + 1) * 2.0 ** -24)
        tail = f", {{%sa0}}, {{{byte_a}, {thread_a}}}, {{%sb0}}, {{{byte_b}, {thread_b}}}"
        cases.append(mma_case(form, kinds, rounds, results, rule, {"sa": data_a, "sb": data_b}, tail))
    return cases
