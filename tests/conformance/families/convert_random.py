# SPDX-License-Identifier: MIT
"""cvt.rs, stochastic rounding (PTX ISA 9.0, 9.7.9.21): the result is rounded away from zero if adding the random bits
to the mantissa bits that are cut off carries out of them.

f16x2 takes 13 random bits for each value and bf16x2 16, as many as are cut off. The formats of four values have 16
(e2m1: 8) random bits for more cut-off ones; they are taken to stand at the upper end of those, and the inputs have
zeros below, so that it does not matter what is added there. Which bytes of rbits belong to which of the four values of
e2m1x4 is not clear from the text, so all four bytes are the same there. Results that are subnormal are left out: the
text does not say which bits are then cut off.
"""

import random

from elementwise import elementwise
from exact import BF16, E2M1, E2M3, E3M2, E4M3, E5M2, F16, F32
from registry import covers

# Format, bits it takes in the packed value, random bits for each value.
TARGETS = {"f16x2": (F16, 16, 13), "bf16x2": (BF16, 16, 16), "e4m3x4": (E4M3, 8, 16), "e5m2x4": (E5M2, 8, 16),
           "e2m3x4": (E2M3, 8, 16), "e3m2x4": (E3M2, 8, 16), "e2m1x4": (E2M1, 4, 8)}
WITHOUT_NAN = (E2M1, E2M3, E3M2)


def rounded(form, to, used, code, bits):
    if F32.is_nan(code):
        return to.max_finite if to in WITHOUT_NAN else to.nan
    sign = to.sign_bit if F32.negative(code) else 0
    if form.has("relu") and sign:
        return 0
    finite = form.has("satfinite")
    if F32.is_zero(code):
        return sign
    if F32.is_infinite(code):
        return sign | (to.max_finite if finite else to.infinity)
    cut = F32.mantissa_bits - to.mantissa_bits
    magnitude = (F32.magnitude(code) + (bits << cut - used)) >> cut  # a carry goes into the kept bits
    result = magnitude - ((F32.bias - to.bias) << to.mantissa_bits)
    if result > to.max_finite:
        result = to.max_finite if finite else to.infinity
    return sign | result


def inputs(form, to, used, count):
    """Codes whose results are normal, or zero, infinite or NaN; and random bits beside each row."""
    rng = random.Random(12)
    cut = F32.mantissa_bits - to.mantissa_bits
    low = F32.bias - to.bias + 1
    high = min(low + (to.max_finite >> to.mantissa_bits) + 2, 0xfe)
    special = [0, F32.infinity, F32.infinity | F32.sign_bit, F32.nan, F32.max_finite]
    if not form.has("relu"):
        special.append(F32.sign_bit)
    codes = []
    for i in range(600):
        mantissa = rng.getrandbits(F32.mantissa_bits) >> cut - used << cut - used
        if i % 4 == 0:
            mantissa = mantissa >> cut << cut | rng.choice([0, 1, (1 << used) - 1, 1 << used - 1]) << cut - used
        codes.append(rng.getrandbits(1) << 31 | rng.randint(low, high) << F32.mantissa_bits | mantissa)
    codes += special * 4
    rng.shuffle(codes)
    rows = []
    for i in range(0, len(codes) - count + 1, count):
        random_bits = rng.choice([0, 0xffffffff, rng.getrandbits(32), rng.getrandbits(32)])
        rows.append((*codes[i:i + count], random_bits))
    return rows


@covers("cvt", when=lambda f: f.has("rs"))
def stochastic(form):
    name = form.mods[-2]
    to, bits, used = TARGETS[name]
    count = int(name[-1])
    rows = inputs(form, to, used, count)
    if to is E2M1:
        rows = [(*row[:-1], (row[-1] & 0xff) * 0x01010101) for row in rows]

    def expected(*row):
        high, low = row[-1] >> 16, row[-1] & 0xffff
        mask = (1 << used) - 1
        result = 0
        for i, code in enumerate(row[:-1]):  # the first value goes to the upper end and uses the upper half
            own = (high if i < count // 2 else low) & mask
            result = result << bits | rounded(form, to, used, code, own)
        return result

    sources = ", ".join(f"%a{i}" for i in range(count))
    sources = "{" + sources + "}" if count == 4 else sources
    return elementwise(form, " ".join(["f32"] * count + ["b32"]), "b16" if to is E2M1 else "b32", rows, expected,
                       body="{op} %d0, " + sources + f", %a{count};")
