# SPDX-License-Identifier: MIT
"""cvt with packed pairs and the formats tf32, e4m3, e5m2, e2m1, e2m3, e3m2 and ue8m0 (PTX ISA 9.0, 9.7.9.21).

.satfinite gives the largest finite number for an infinity and for what overflows; a NaN stays NaN where the format has
one and becomes the largest positive number where not (e2m1, e2m3, e3m2). ue8m0 is the exponent of the magnitude,
0xff its NaN, which an overflow without .satfinite gives too. Six-bit codes stand in bytes whose upper two bits are 0.
tf32 has its value in the upper 19 bits of the register; the lower 13 are not looked at, nor is the payload of its NaN.
What .relu makes of -0 is left out, see float_rows.py.
"""

from fractions import Fraction

from case import any_nan
from conversion_rows import around
from elementwise import elementwise
from exact import BF16, E2M1, E2M3, E3M2, E4M3, E5M2, F16, F32, TF32
from float_rows import halves
from registry import covers

# Format of an element and the bits it takes in the packed value.
PAIRS = {"f16x2": (F16, 16), "bf16x2": (BF16, 16), "e4m3x2": (E4M3, 8), "e5m2x2": (E5M2, 8), "e2m3x2": (E2M3, 8),
         "e3m2x2": (E3M2, 8), "e2m1x2": (E2M1, 4)}
WITHOUT_NAN = (E2M1, E2M3, E3M2)


def rounds(mods, to, source):
    """The conversion of one element, a code to a code, for a form's modifiers."""
    mode = next(m for m in mods if m in ("rn", "rz", "rna"))

    def convert(code):
        if source.is_nan(code):
            return to.max_finite if to in WITHOUT_NAN else to.nan
        result = to.convert(code, source, mode, saturate="satfinite" in mods)
        return 0 if "relu" in mods and to.negative(result) else result

    return convert


def clear(form, to, source, codes):
    """Without those whose result is -0, if the form has .relu."""
    mods = [m for m in form.mods if m != "relu"]
    convert = rounds(mods, to, source) if form.has("relu") else lambda code: 0
    return [code for code in codes if convert(code) != to.sign_bit]


def spread(codes):
    """Each code with one from elsewhere in the list."""
    shift = len(codes) // 3 + 1
    return list(zip(codes, codes[shift:] + codes[:shift]))


def narrow_codes(number):
    return [sign | code for code in range(number.sign_bit) for sign in (0, number.sign_bit)
            if code <= number.max_finite or number.is_nan(code) or code == number.infinity]


@covers("cvt", when=lambda f: f.mods[-2] in PAIRS and f.mods[-1] == "f32" and not f.has("rs"))
def pair_from_two(form):
    to, bits = PAIRS[form.mods[-2]]
    convert = rounds(form.mods, to, F32)
    rows = spread(clear(form, to, F32, around(F32, to)))
    result = {16: "b32", 8: "b16", 4: "b8"}[bits]
    body = "{op} %d0, %a0, %a1;"
    declarations = ""
    if bits == 4:  # a .b8 register stands beside others in no instruction but mov and cvt
        body = "  .reg .b8 %pair; {op} %pair, %a0, %a1; mov.b16 %d0, {%pair, 0};"
    return elementwise(form, "f32 f32", result, rows, lambda a, b: convert(a) << bits | convert(b), body=body,
                       declarations=declarations)


@covers("cvt", when=lambda f: f.mods[-2] in PAIRS and f.mods[-1] == "f16x2")
def pair_from_halves(form):
    to, bits = PAIRS[form.mods[-2]]
    convert = rounds(form.mods, to, F16)
    rows = [(high << 16 | low,) for high, low in spread(clear(form, to, F16, around(F16, to)))]

    def expected(pair):
        low, high = halves(pair, 16)
        return convert(high) << bits | convert(low)

    body = "  .reg .b8 %pair; {op} %pair, %a0; mov.b16 %d0, {%pair, 0};" if bits == 4 else "{op} %d0, %a0;"
    return elementwise(form, "b32", "b8" if bits == 4 else "b16", rows, expected, body=body)


@covers("cvt", when=lambda f: f.mods[-2] == "f16x2" and f.mods[-1] in PAIRS)
def halves_from_pair(form):
    source, bits = PAIRS[form.mods[-1]]
    convert = rounds(form.mods, F16, source)
    codes = clear(form, F16, source, narrow_codes(source))
    rows = [(high << bits | low,) for high, low in spread(codes)]

    def expected(pair):
        low, high = halves(pair, bits)
        return convert(high) << 16 | convert(low)

    body = "  .reg .b8 %pair, %none; mov.b16 {%pair, %none}, %a0; {op} %d0, %pair;" if bits == 4 else "{op} %d0, %a0;"
    return elementwise(form, "b8" if bits == 4 else "b16", "b32", rows, expected, body=body)


@covers("cvt", when=lambda f: f.mods[-2] == "tf32")
def tf32(form):
    convert = rounds(form.mods, TF32, F32)
    rows = [(code,) for code in clear(form, TF32, F32, around(F32, TF32))]
    return elementwise(form, "f32", "f32", rows, lambda a: convert(a) << 13,
                       body="{op} %d0, %a0; and.b32 %d0, %d0, 0xffffe000;", compare=[any_nan("f32")])


def power(form, number):
    """The ue8m0 code of an f32 or bf16 code: below (rz) or above (rp) the magnitude, at least 2^-127."""
    def convert(code):
        magnitude = number.magnitude(code)
        if magnitude > number.infinity:
            return 0xff
        exponent = magnitude >> number.mantissa_bits
        if exponent < 0xff and form.rounding == "rp":
            exact = Fraction(2) ** (exponent - 127) if exponent else Fraction(1, 1 << 127)
            exponent += number.decode(magnitude) > exact
        return 0xfe if exponent == 0xff and form.has("satfinite") else exponent
    return convert


@covers("cvt", when=lambda f: f.mods[-2] == "ue8m0x2")
def to_powers(form):
    number = F32 if form.mods[-1] == "f32" else BF16
    convert = power(form, number)
    half = number.min_normal >> 1  # 2^-127, the least power
    codes = list(around(number, BF16)) + [half - 1, half, half + 1, number.infinity - number.min_normal,
                                          number.infinity - number.min_normal + 1]
    if number is F32:
        return elementwise(form, "f32 f32", "b16", spread(codes), lambda a, b: convert(a) << 8 | convert(b))
    return elementwise(form, "b32", "b16", [(a << 16 | b,) for a, b in spread(codes)],
                       lambda pair: convert(pair >> 16) << 8 | convert(pair & 0xffff))


@covers("cvt", when=lambda f: f.mods[-1] == "ue8m0x2")
def from_powers(form):
    def value(code):
        if code == 0xff:
            return BF16.nan
        return BF16.encode(Fraction(2) ** (code - 127))

    return elementwise(form, "b16", "b32", [(a << 8 | b,) for a, b in spread(list(range(256)))],
                       lambda pair: value(pair >> 8) << 16 | value(pair & 0xff))
