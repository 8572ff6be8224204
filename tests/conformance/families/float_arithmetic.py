# SPDX-License-Identifier: MIT
"""f32, f64 and f32x2 arithmetic with IEEE results (PTX ISA 9.0, 9.7.3): exact rational arithmetic, rounded once.

mad is fma on every target that PTX 9.0 knows (9.7.3.7: sm_20 and newer compute mad.f32 as fma). NaN results of f32
are 0x7fffffff; f64 NaN payloads are open (9.7.3: "NaN payloads … are preserved" names no rule for two NaNs), and so is
the NaN that abs and neg give ("yields an unspecified NaN").
"""

from fractions import Fraction

from case import any_nan
from elementwise import elementwise
from exact import FORMATS
from float_rows import PACKED, each, minus_zero, paired, rows, unclear
from registry import covers

ARITY = {"add": 2, "sub": 2, "mul": 2, "div": 2, "fma": 3, "mad": 3, "rcp": 1, "sqrt": 1}
PLAIN = (["f32"], ["f64"])


def reciprocal(number):
    one = number.encode(Fraction(1))
    return lambda a, **options: number.div(one, a, **options)


@covers(*ARITY, when=lambda f: f.types in (["f32"], ["f64"], ["f32x2"]) and not f.has("approx", "full"))
def arithmetic(form):
    kind = form.types[0]
    number = FORMATS[PACKED.get(kind, kind)]
    operation = reciprocal(number) if form.op == "rcp" else getattr(number, {"mad": "fma"}.get(form.op, form.op))
    arity = ARITY[form.op]
    options = {"ftz": True} if form.has("ftz") else {}
    if form.has("sat"):
        options["sat"] = True
    mode = form.rounding
    inputs = rows(number, arity)
    if form.has("ftz"):
        inputs = [row for row in inputs if not unclear(number, operation, row, mode)]

    if form.has("sat"):
        inputs = [row for row in inputs if not minus_zero(number, operation, row, mode=mode)]

    def expected(*row):
        return operation(*row, mode=mode, **options)

    if kind in PACKED:
        inputs, expected = paired(inputs, number.bits), each(expected, number.bits)
    return elementwise(form, " ".join([kind] * arity), kind, inputs, expected,
                       compare=[any_nan(kind)] if kind == "f64" else None)


@covers("abs", "neg", when=lambda f: f.types in PLAIN)
def sign_only(form):
    number = FORMATS[form.types[0]]

    def expected(a):
        if form.has("ftz"):
            a = number.flush(a)
        return number.magnitude(a) if form.op == "abs" else a ^ number.sign_bit

    return elementwise(form, form.types[0], form.types[0], rows(number, 1), expected, compare=[any_nan(number.name)])


@covers("copysign")
def copysign(form):
    """The sign of a and the rest of b."""
    number = FORMATS[form.types[0]]
    kind = form.types[0]
    return elementwise(form, f"{kind} {kind}", kind, rows(number, 2),
                       lambda a, b: (a & number.sign_bit) | number.magnitude(b))


@covers("testp")
def testp(form):
    """The class of a; a zero is a finite number, but neither normal nor subnormal (9.7.3.1)."""
    number = FORMATS[form.types[0]]
    test = {"finite": number.is_finite,
            "infinite": number.is_infinite,
            "number": lambda a: not number.is_nan(a),
            "notanumber": number.is_nan,
            "normal": lambda a: number.is_finite(a) and number.magnitude(a) >= number.min_normal,
            "subnormal": number.is_subnormal}[form.mods[0]]
    return elementwise(form, form.types[0], "pred", rows(number, 1), lambda a: int(test(a)))
