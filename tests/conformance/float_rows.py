# SPDX-License-Identifier: MIT
"""Inputs for floating-point tests, and the operations of exact.py applied to packed pairs.

    rows(F32, 2)                       tuples of codes: all pairs of specials, close exponents, random bits
    unclear(F32, "mul", row, "rn")     whether `.ftz` of this result depends on when tininess is detected
    minus_zero(F32, F32.add, row)      whether the result is -0, which .sat and .relu may or may not make +0
    halves(0x3c003c00, 16)             [0x3c00, 0x3c00], the low one first

FTZ and tininess: PTX says that .ftz flushes subnormal results to zero, not whether a result is subnormal before or
after it is rounded. They differ where the exact result lies below the smallest normal number and rounds up to it, so
such inputs are left out wherever .ftz is tested.
"""

import random

from elementwise import crossed, random_words

PACKED = {"f16x2": "f16", "bf16x2": "bf16", "f32x2": "f32"}


def close_words(number, count, columns, seed=5):
    """Codes whose exponents lie so close together that sums and products round, cancel and tie."""
    rng = random.Random(seed)
    rows = []
    for _ in range(count):
        base = rng.choice([number.bias] * 3 + [1, 2, 2 * number.bias - 1])
        row = []
        for _ in range(columns):
            exponent = min(max(base + rng.randint(-3, 3), 0), 2 * number.bias)
            mantissa = rng.getrandbits(number.mantissa_bits)
            if rng.random() < 0.4:  # few bits, so that ties are frequent
                mantissa &= rng.choice([1, 3, 7]) << rng.randrange(number.mantissa_bits)
                mantissa &= number.min_normal - 1
            row.append(rng.getrandbits(1) * number.sign_bit | exponent << number.mantissa_bits | mantissa)
        rows.append(tuple(row))
    return rows


def rows(number, columns, limit=700, extra=200):
    return (crossed(*[number.specials()] * columns, limit=limit) + close_words(number, extra, columns) +
            random_words(extra // 2, number.bits, columns))


def unclear(number, operation, row, mode):
    """Whether the exact result is below the smallest normal number and its rounding is not."""
    row = [number.flush(code) for code in row]
    rounded = operation(*row, mode=mode)
    return number.magnitude(rounded) == number.min_normal and number.is_subnormal(operation(*row, mode="rz"))


def minus_zero(number, operation, row, **options):
    """Whether .sat or .relu meets -0: the ISA does not say that it is negative, nor that it stays."""
    return operation(*row, **options) == number.sign_bit


def halves(code, bits):
    return [code & (1 << bits) - 1, code >> bits]


def pack(codes, bits):
    return sum(code << (i * bits) for i, code in enumerate(codes))


def paired(all_rows, bits):
    """Two rows as one of packed operands: each row with the next one in its upper halves."""
    return [tuple(low | high << bits for low, high in zip(row, following))
            for row, following in zip(all_rows, all_rows[1:] + all_rows[:1])]


def each(operation, bits):
    """`operation` on codes as an operation on packed pairs."""
    def both(*operands):
        return pack([operation(*lane) for lane in zip(*[halves(o, bits) for o in operands])], bits)
    return both
