# SPDX-License-Identifier: MIT
"""Inputs that make conversions round, tie, overflow and saturate.

    around(F32, F16)          f32 codes on, and one code beside, the points where f16 rounding changes direction
    near_integers(F32)        codes next to integers, halves between them and the limits of the integer types
    integers(32)              bit patterns of 32 bits that fall between the values of f16, bf16, f32 and f64
"""

import random
from fractions import Fraction
from functools import lru_cache

from exact import integer_specials, unsigned
from float_rows import close_words, random_words

HALF = Fraction(1, 2)


def _neighbours(number, value, out):
    """The codes of the representable values at or next to a positive value."""
    code = number.encode(value, "rz")
    for near in (code - 1, code, code + 1):
        if 0 <= near <= number.max_finite:
            out += [near, near | number.sign_bit]


@lru_cache(maxsize=None)
def around(source, to, count=60):
    rng = random.Random(9)
    one = to.encode(Fraction(1))
    codes = [0, 1, 2, to.min_normal - 1, to.min_normal, one - 1, one, one + 1, to.max_finite - 1, to.max_finite]
    codes += [rng.randrange(to.max_finite + 1) for _ in range(count)]
    out = list(source.specials())
    for code in codes:
        low = to.decode(code)
        # Above the largest number the next one would follow with the same spacing.
        high = to.decode(code + 1) if code < to.max_finite else 2 * low - to.decode(code - 1)
        for value in (low, (low + high) / 2, high):
            if value <= source.decode(source.max_finite):
                _neighbours(source, value, out)
    out += [row[0] for row in close_words(source, 60, 1) + random_words(60, source.bits, 1)]
    return list(dict.fromkeys(out))


@lru_cache(maxsize=None)
def near_integers(number):
    out = list(number.specials())
    top = number.decode(number.max_finite)
    points = [Fraction(k) for k in (1, 2, 3, 4, 5, 9, 100)]
    for bits in (7, 8, 15, 16, 31, 32, 63, 64):
        points += [Fraction(2 ** bits + k) for k in (-2, -1, 0, 1)]
    for point in points:
        for value in (point - HALF, point, point + HALF):
            if 0 < value <= top:
                _neighbours(number, value, out)
    out += [row[0] for row in random_words(40, number.bits, 1) + close_words(number, 60, 1)]
    return list(dict.fromkeys(out))


@lru_cache(maxsize=None)
def integers(bits):
    rng = random.Random(4)
    out = integer_specials(bits)
    for precision in (8, 11, 24, 53):
        for length in range(precision + 1, bits + 1, 3):
            lead = (1 << precision - 1 | rng.getrandbits(precision - 1)) << length - precision
            half = 1 << length - precision - 1
            out += [lead, lead + half, lead + half - 1, lead + half + 1, -lead - half, -lead - half - 1]
    out += [rng.getrandbits(rng.randint(1, bits)) for _ in range(60)]
    return list(dict.fromkeys(unsigned(value, bits) for value in out))
