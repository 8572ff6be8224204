# SPDX-License-Identifier: MIT
"""D = A * B + C in exact arithmetic, and the numbers that matrix instructions are tried with.

    number = element("e4m3")                   Integers or Floats: code -> value
    product(m, n, k, a, b, c, "f16", "f16", "f32")

Matrices are flat lists of codes by rows: a[row * k + column], b[row * n + column]. Results are exact: a Python int or
Fraction, or one of NAN, INF, -INF (floats). Finite values are handled as ints at the scale of the format's smallest
subnormal, which keeps a product of 16 x 8 x 16 elements at a millisecond.
"""

import functools
import random
from fractions import Fraction

from exact import FORMATS, signed

NAN, INF = float("nan"), float("inf")
INTEGER_BITS = {"s8": 8, "u8": 8, "s4": 4, "u4": 4, "s32": 32}


def is_float(kind):
    return kind in FORMATS


def scale(kind):
    """Powers of two below the unit at which every finite value is an int."""
    return FORMATS[kind].bias + FORMATS[kind].mantissa_bits - 1 if is_float(kind) else 0


@functools.lru_cache(1 << 18)
def value(kind, code):
    """An int at the kind's scale, or NAN, INF, -INF."""
    if not is_float(kind):
        return code if kind[0] == "u" else signed(code, INTEGER_BITS[kind])
    number = FORMATS[kind]
    if kind == "tf32":
        code >>= 13  # the format is the upper 19 bits of a register
    if number.is_nan(code):
        return NAN
    if number.is_infinite(code):
        return -INF if number.negative(code) else INF
    return int(number.decode(code) * (1 << scale(kind)))


def special_sum(terms):
    """The sum of the products (x, y) and the addend, where some are not finite."""
    total = 0
    for x, y in terms:
        if x != x or y != y or (abs(x) == INF and y == 0) or (abs(y) == INF and x == 0):
            return NAN
        if abs(x) == INF or abs(y) == INF:
            infinity = INF if (x > 0) == (y > 0) else -INF
            if total == -infinity:
                return NAN
            total = infinity
    return total


def sign_of(kind, code):
    return code >> (31 if kind == "tf32" else FORMATS[kind].bits - 1)


def negative_zero(kind, code):
    return is_float(kind) and code == FORMATS[kind].sign_bit << (13 if kind == "tf32" else 0)


def product(m, n, k, a, b, c, a_kind, b_kind, c_kind):
    """The exact results as (numerator, power): numerator * 2**-power, or (NAN, 0), (INF, 0), (-INF, 0), (-0.0, 0)."""
    av, bv, cv = [value(a_kind, x) for x in a], [value(b_kind, x) for x in b], [value(c_kind, x) for x in c]
    product_scale, c_scale = scale(a_kind) + scale(b_kind), scale(c_kind)
    power = max(product_scale, c_scale)
    up_product, up_c = power - product_scale, power - c_scale
    columns = [bv[column::n] for column in range(n)]
    odd_columns = [any(isinstance(x, float) for x in column) for column in columns]
    results = []
    for row in range(m):
        line = av[row * k:(row + 1) * k]
        odd_row = any(isinstance(x, float) for x in line)
        for column in range(n):
            addend = cv[row * n + column]
            if odd_row or odd_columns[column] or isinstance(addend, float):
                special = special_sum([*zip(line, columns[column]), (addend, 1)])
                if special != 0:
                    results.append((special, 0))
                    continue
            total = sum([x * y for x, y in zip(line, columns[column])])
            # Zeros add up to -0 only if all of them are negative.
            if total == 0 and addend == 0 and negative_zero(c_kind, c[row * n + column]) and all(
                    x * y == 0 and sign_of(a_kind, p) != sign_of(b_kind, q) for x, y, p, q in
                    zip(line, columns[column], a[row * k:(row + 1) * k], b[column::n])):
                results.append((-0.0, 0))
                continue
            results.append(((total << up_product) + (addend << up_c), power))
    return results


def magnitude(m, n, k, a, b, c, a_kind, b_kind, c_kind):
    """The largest sum of magnitudes |a * b| + |c|, as a float."""
    size = [[abs(value(kind, x)) for x in codes] for kind, codes in ((a_kind, a), (b_kind, b), (c_kind, c))]
    product_scale, c_scale = scale(a_kind) + scale(b_kind), scale(c_kind)
    largest = max(sum(x * y for x, y in zip(size[0][row * k:(row + 1) * k], size[1][column::n]))
                  for row in range(m) for column in range(n))
    return float(Fraction(largest, 1 << product_scale) + Fraction(max(size[2]), 1 << c_scale))


def as_double(result):
    numerator, power = result
    return numerator if isinstance(numerator, float) else numerator / (1 << power)


def encode(kind, result, mode="rn"):
    """The code of an exact result."""
    numerator, power = result
    number = FORMATS[kind]
    if numerator == 0 and isinstance(numerator, float):
        return number.sign_bit
    if isinstance(numerator, float):
        return number.nan if numerator != numerator else number.infinity | (number.sign_bit if numerator < 0 else 0)
    return number.encode(Fraction(numerator, 1 << power), mode)


@functools.lru_cache(None)
def small_codes(kind, accumulator):
    """Codes of numbers whose sums of products any accumulator holds exactly: integers up to 4; with an f32
    accumulator also quarters."""
    if kind == "f64":
        return tuple(FORMATS[kind].encode(Fraction(i, 4)) for i in range(-16, 17))
    number, shift = FORMATS[kind], 13 if kind == "tf32" else 0
    steps = 1 if accumulator == "f16" else 4
    codes = {number.encode(Fraction(i, steps)) for i in range(-4 * steps, 4 * steps + 1)}
    return tuple(sorted(code << shift for code in codes if (number.decode(code) * steps).denominator == 1))


def exact_matrix(kind, count, accumulator, seed):
    rng = random.Random(f"{kind}{count}{accumulator}{seed}")
    if kind in INTEGER_BITS:
        bits = INTEGER_BITS[kind]
        extremes = [0, (1 << bits) - 1, 1 << (bits - 1), (1 << (bits - 1)) - 1]
        return [rng.choice(extremes) if rng.random() < 0.2 else rng.getrandbits(bits) for _ in range(count)]
    codes = small_codes(kind, accumulator)
    return [rng.choice(codes) for _ in range(count)]


def codes_between(kind, count, low, high, seed):
    """Random codes with exponents from `low` to `high` (as powers of two), or the kind's own limits."""
    rng = random.Random(f"{kind}{count}{low}{seed}")
    number, shift = FORMATS[kind], 13 if kind == "tf32" else 0
    first = max(low + number.bias, 0)
    last = min(high + number.bias, (1 << number.exponent_bits) - 2)
    return [((rng.getrandbits(1) << (number.bits - 1)) | (rng.randint(first, last) << number.mantissa_bits) |
             rng.getrandbits(number.mantissa_bits)) << shift for _ in range(count)]


def special_codes(kind, seed, count):
    """The interesting codes of a format, then random ones."""
    number, shift = FORMATS[kind], 13 if kind == "tf32" else 0
    rng = random.Random(f"{kind}{seed}")
    codes = number.specials()
    rng.shuffle(codes)
    codes += [rng.getrandbits(number.bits) for _ in range(count)]
    return [code << shift for code in codes[:count]]
