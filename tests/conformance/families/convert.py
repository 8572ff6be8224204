# SPDX-License-Identifier: MIT
"""cvt between scalar types (PTX ISA 9.0, 9.7.9.21).

Float to integer clamps to the integer type's range, with .sat or without. A NaN gives 0 if the source is not .f64 and
the destination not .s64 or .u64, else 1 << (width - 1). .sat on a float result clamps to [0, 1] with +0 for NaN; .relu
makes negative results +0 and a NaN canonical; .satfinite gives the largest finite number instead of an infinity.
.ftz flushes subnormal inputs and results of type .f32 only. A result narrower than its register is extended by its
sign or by zeros, which the 8-bit types show here. Not tested: what .sat and .relu make of -0, and results of .ftz
whose tininess depends on when it is detected (float_rows.py). The payload of an f32 or f64 NaN is open, as is
that of a conversion to the same type.
"""

from fractions import Fraction

from case import any_nan
from conversion_rows import around, integers, near_integers
from elementwise import elementwise
from exact import FORMATS, round_fraction, signed, unsigned
from registry import covers

INTEGERS = {f"{sign}{bits}": (bits, sign == "s") for sign in "us" for bits in (8, 16, 32, 64)}
SCALARS = ("f16", "bf16", "f32", "f64")


def limits(bits, is_signed):
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if is_signed else (0, (1 << bits) - 1)


def result_kind(kind):
    """8-bit results are looked at in all 16 bits of their register."""
    return kind[0] + "16" if INTEGERS[kind][0] == 8 else kind


def kinds(form):
    return form.mods[-2], form.mods[-1]


def both(first, second):
    return lambda f: f.mods[-2] in first and f.mods[-1] in second and not f.has("pack")


@covers("cvt", when=both(INTEGERS, INTEGERS))
def integer_to_integer(form):
    to, source = kinds(form)
    (bits, is_signed), (from_bits, from_signed) = INTEGERS[to], INTEGERS[source]

    def expected(code):
        value = signed(code, from_bits) if from_signed else code
        if form.has("sat"):
            low, high = limits(bits, is_signed)
            value = min(max(value, low), high)
        value = signed(value, bits) if is_signed else unsigned(value, bits)
        return unsigned(value, max(bits, 16))

    return elementwise(form, source, result_kind(to), [(code,) for code in integers(from_bits)], expected)


def clamped(form, number, code):
    """.sat, .relu and .satfinite of a result."""
    if form.has("sat"):
        return 0 if number.is_nan(code) or number.negative(code) else min(code, number.encode(Fraction(1)))
    if form.has("relu") and number.negative(code) and not number.is_nan(code):
        return 0
    return code


@covers("cvt", when=both(SCALARS, INTEGERS))
def integer_to_float(form):
    to, source = kinds(form)
    number = FORMATS[to]
    bits, is_signed = INTEGERS[source]

    def expected(code):
        value = Fraction(signed(code, bits) if is_signed else code)
        return clamped(form, number, number.encode(value, form.rounding))

    return elementwise(form, source, to, [(code,) for code in integers(bits)], expected)


@covers("cvt", when=both(INTEGERS, SCALARS))
def float_to_integer(form):
    to, source = kinds(form)
    number = FORMATS[source]
    bits, is_signed = INTEGERS[to]

    def expected(code):
        code = number.flush(code) if form.has("ftz") else code
        value = number.to_integer(code, form.rounding, bits, is_signed)
        return unsigned(signed(value, bits) if is_signed else value, max(bits, 16))

    return elementwise(form, source, result_kind(to), [(code,) for code in near_integers(number)], expected)


@covers("cvt", when=lambda f: f.mods[-1] in SCALARS and f.mods[-2] == f.mods[-1] and f.mods[0].endswith("i"))
def to_integral(form):
    kind = form.mods[-1]
    number = FORMATS[kind]

    def unclamped(code):
        code = number.flush(code) if form.has("ftz") else code
        if not number.is_finite(code):
            return number.nan if number.is_nan(code) else code
        return number.encode(Fraction(round_fraction(number.decode(code), form.rounding)), "rn", number.negative(code))

    codes = [code for code in near_integers(number) if not (form.has("sat") and unclamped(code) == number.sign_bit)]
    return elementwise(form, kind, kind, [(code,) for code in codes],
                       lambda code: clamped(form, number, unclamped(code)), compare=[any_nan(kind)])


@covers("cvt", when=both(SCALARS, SCALARS))
def float_to_float(form):
    to, source = kinds(form)
    number, origin = FORMATS[to], FORMATS[source]

    def unclamped(code, mode=form.rounding):
        return number.convert(code, origin, mode, form.has("ftz"), form.has("satfinite"))

    def unclear(code):
        if not (form.has("ftz") and to == "f32"):
            return False
        return (number.magnitude(number.convert(code, origin, form.rounding)) == number.min_normal
                and number.is_subnormal(number.convert(code, origin, "rz")))

    codes = [code for code in around(origin, number) if not unclear(code)]
    if form.has("sat", "relu"):
        codes = [code for code in codes if unclamped(code) != number.sign_bit]
    return elementwise(form, source, to, [(code,) for code in codes],
                       lambda code: clamped(form, number, unclamped(code)),
                       compare=[any_nan(to)] if to in ("f32", "f64") or to == source else None)
