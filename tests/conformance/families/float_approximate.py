# SPDX-License-Identifier: MIT
"""Approximate functions (PTX ISA 9.0, 9.7.3.8 to 9.7.3.22, 9.7.4.9, 9.7.4.10): the special values of the ISA's tables
exactly, everything else within the bound that the ISA states, against Python's functions in double.

    div.approx.f32     2 ulp for 2^-126 <= |b| <= 2^126; beyond, 0, or NaN for an infinite a; below, nothing is said
    div.full.f32       2 ulp across the full range
    rcp.approx.f32     1 ulp across the full range
    sqrt.approx.f32    relative error 2^-23 over the positive finite range
    rsqrt.approx.f32   relative error 2^-22.9 over the positive finite range
    sin, cos .f32      absolute error 2^-20.5 in [-2 pi, 2 pi], 2^-14.7 in [-100 pi, 100 pi], no bound outside
    lg2.approx.f32     absolute error 2^-22 in (0.5, 2), relative error 2^-22 elsewhere
    ex2.approx.f32     2 ulp across the full range
    tanh.approx.f32    relative error 2^-11
    tanh f16, bf16     absolute error 2^-10.987, relative error 2^-8
    ex2 f16, bf16      relative error 2^-9.9, 2^-7
    rcp, rsqrt .approx.ftz.f64   "a gross approximation" from 20 bits of mantissa: two units of the last of them here
    rsqrt.approx.f64   no bound stated; 2 ulp here, twice what CUDA promises of rsqrt(double), which is built on it

Left out, because the ISA says nothing: results so near the overflow threshold or (.ftz) the smallest normal number
that the allowed error crosses it, negative subnormals under a root or logarithm without .ftz, sin beyond 100 pi.
"""

import math
import random
import struct
from fractions import Fraction

from case import any_nan, near
from elementwise import elementwise
from exact import F32, F64, FORMATS
from float_rows import PACKED, halves, paired, rows
from registry import covers

INF, NAN = math.inf, math.nan


def exp2(x):
    return INF if x >= 1024 else 2.0 ** x


# What each function gives where a table of the ISA names the input: -Inf, -0, +0, +Inf; a NaN always gives NaN.
SPECIALS = {"rcp": (-0.0, -INF, INF, 0.0), "sqrt": (NAN, -0.0, 0.0, INF), "rsqrt": (NAN, -INF, INF, 0.0),
            "sin": (NAN, -0.0, 0.0, NAN), "cos": (NAN, 1.0, 1.0, NAN), "lg2": (NAN, -INF, -INF, INF),
            "ex2": (0.0, 1.0, 1.0, INF), "tanh": (-1.0, -0.0, 0.0, 1.0)}
FUNCTIONS = {"rcp": lambda x: 1.0 / x, "sqrt": math.sqrt, "rsqrt": lambda x: 1.0 / math.sqrt(x), "sin": math.sin,
             "cos": math.cos, "lg2": math.log2, "ex2": exp2, "tanh": math.tanh}
BOUNDS = {("rcp", "f32"): {"ulp": 1}, ("sqrt", "f32"): {"rel": 2.0 ** -23}, ("rsqrt", "f32"): {"rel": 2.0 ** -22.9},
          ("ex2", "f32"): {"ulp": 2}, ("tanh", "f32"): {"rel": 2.0 ** -11},
          ("tanh", "f16"): {"absolute": 2.0 ** -10.987}, ("tanh", "bf16"): {"rel": 2.0 ** -8},
          # A subnormal result cannot be nearer than its spacing.
          ("ex2", "f16"): {"rel": 2.0 ** -9.9, "absolute": 2.0 ** -25}, ("ex2", "bf16"): {"rel": 2.0 ** -7},
          ("rcp", "f64"): {"rel": 2.0 ** -19}, ("rsqrt", "f64"): {"ulp": 2}}
POSITIVE = ("sqrt", "rsqrt", "lg2")


def code_of(number, x):
    """The code of a float that the format has exactly."""
    if math.isnan(x):
        return number.nan
    sign = number.sign_bit if math.copysign(1.0, x) < 0 else 0
    return sign | (number.infinity if math.isinf(x) else number.encode(Fraction(abs(x))))


def value_of(number, code):
    if number.is_nan(code):
        return NAN
    if number.is_infinite(code):
        return -INF if number.negative(code) else INF
    return math.copysign(float(number.decode(code)), -1.0 if number.negative(code) else 1.0)


def evaluate(op, x):
    """The function's value in double, by the table where it has the input."""
    if math.isnan(x):
        return NAN
    if math.isinf(x) or x == 0:
        return SPECIALS[op][3 if x > 0 else 0] if x != 0 else SPECIALS[op][1 if math.copysign(1.0, x) < 0 else 2]
    return NAN if op in POSITIVE and x < 0 else FUNCTIONS[op](x)


def flushed(number, x):
    return math.copysign(0.0, x) if abs(x) < float(number.decode(number.min_normal)) else x


def risky(number, x, ftz):
    """Whether the allowed error could carry a result over the overflow threshold or, with .ftz, to a subnormal."""
    edges = [float(number.decode(number.max_finite))] + [float(number.decode(number.min_normal))] * ftz
    return any(edge * (1 - 2.0 ** -6) < abs(x) < edge * (1 + 2.0 ** -6) for edge in edges)


def from_float(x):
    return struct.unpack("<I", struct.pack("<f", x))[0]


def uniform(low, high, count=400):
    rng = random.Random(3)
    return [(from_float(rng.uniform(low, high)),) for _ in range(count)]


def unary_inputs(form, number):
    codes = rows(number, 1, extra=500)
    if form.op == "ex2" and number is F32:
        codes += uniform(-151, 129)
    if form.op in ("lg2", "tanh") and number is F32:
        codes += uniform(-4, 4)
    kept = []
    for code, in codes:
        negative_subnormal = number.negative(code) and number.is_subnormal(code)
        if negative_subnormal and form.op in POSITIVE and not form.has("ftz"):
            continue
        x = value_of(number, number.flush(code) if form.has("ftz") else code)
        if not risky(number, evaluate(form.op, x), form.has("ftz")):
            kept.append((code,))
    return kept


def unary_case(form, number, bound, codes):
    kind = form.types[0]

    def expected(code):
        x = value_of(number, code)
        if form.has("ftz"):
            x = flushed(number, x) if not math.isnan(x) else x
        y = evaluate(form.op, x)
        if not math.isnan(y) and not math.isinf(y):
            y = flushed(number, y) if form.has("ftz") else y
            if abs(y) > float(number.decode(number.max_finite)):
                y = math.copysign(INF, y)
        return y

    compare = [near(number.name, **bound)]
    if kind in PACKED:
        return elementwise(form, kind, kind, paired(codes, 16), lambda pair: [expected(x) for x in halves(pair, 16)],
                           compare=compare)
    return elementwise(form, kind, kind, codes, expected, compare=compare)


def special_case(form, number):
    """The table's inputs, exactly; a NaN may have any payload."""
    kind = form.types[0]
    codes = [(number.infinity | number.sign_bit,), (number.sign_bit,), (0,), (number.infinity,), (number.nan,),
             (number.nan | number.sign_bit,)] * 6
    if form.has("ftz"):
        codes += [(1,), (number.min_normal - 1,), (number.sign_bit | 1,), (number.sign_bit | number.min_normal - 1,)]

    def expected(code):
        return code_of(number, evaluate(form.op, value_of(number, number.flush(code) if form.has("ftz") else code)))

    if kind in PACKED:
        return elementwise(form, kind, kind, paired(codes, 16),
                           lambda pair: sum(expected(x) << 16 * i for i, x in enumerate(halves(pair, 16))),
                           compare=[any_nan(number.name)])
    return elementwise(form, kind, kind, codes, expected, compare=[any_nan(kind)])


@covers("rcp", "sqrt", "rsqrt", "ex2", "tanh", when=lambda f: f.has("approx") and not (f.has("ftz") and f.has("f64")))
def unary(form):
    number = FORMATS[PACKED.get(form.types[0], form.types[0])]
    return [unary_case(form, number, BOUNDS[form.op, number.name], unary_inputs(form, number)),
            special_case(form, number)]


@covers("lg2")
def logarithm(form):
    """Absolute error 2^-22 between 0.5 and 2, relative error 2^-22 elsewhere."""
    codes = unary_inputs(form, F32) + uniform(0.5, 2)

    def between(code):
        return 0.5 < value_of(F32, code) < 2

    return [unary_case(form, F32, {"absolute": 2.0 ** -22}, [row for row in codes if between(*row)]),
            unary_case(form, F32, {"rel": 2.0 ** -22}, [row for row in codes if not between(*row)]),
            special_case(form, F32)]


@covers("sin", "cos")
def circular(form):
    small = [row for row in rows(F32, 1, extra=600) if abs(value_of(F32, row[0])) <= 2 * math.pi]
    return [unary_case(form, F32, {"absolute": 2.0 ** -20.5}, small + uniform(-2 * math.pi, 2 * math.pi)),
            unary_case(form, F32, {"absolute": 2.0 ** -14.7}, uniform(-100 * math.pi, 100 * math.pi)),
            special_case(form, F32)]


@covers("div", when=lambda f: f.has("approx", "full"))
def division(form):
    cases, beyond, special = [], [], []
    for a, b in rows(F32, 2, limit=1200, extra=600):
        if form.has("ftz"):
            a, b = F32.flush(a), F32.flush(b)
        x, y = value_of(F32, a), value_of(F32, b)
        if form.has("approx") and 0 < abs(y) < 2.0 ** -126:
            continue
        if math.isnan(x) or math.isnan(y) or math.isinf(x) and math.isinf(y) or x == 0 and y == 0:
            special.append((a, b, F32.nan))
        elif form.has("approx") and 2.0 ** 126 < abs(y) < INF:
            beyond.append((a, b, F32.nan if math.isinf(x) else 0))
        elif y == 0:  # "a value of infinity (with same sign as a)": b = -0 is left out
            special += [(a, b, code_of(F32, math.copysign(INF, x)))] if math.copysign(1.0, y) > 0 else []
        elif math.isinf(x) or math.isinf(y) or x == 0:
            special.append((a, b, F32.div(a, b)))
        elif not risky(F32, x / y, form.has("ftz")):
            cases.append((a, b))

    def quotient(a, b):
        q = value_of(F32, a) / value_of(F32, b)
        q = flushed(F32, q) if form.has("ftz") else q
        return math.copysign(INF, q) if abs(q) > value_of(F32, F32.max_finite) else q

    table = {(a, b): result for a, b, result in special}
    made = [elementwise(form, "f32 f32", "f32", cases, quotient, compare=[near("f32", ulp=2)]),
            elementwise(form, "f32 f32", "f32", list(table), lambda a, b: table[a, b], compare=[any_nan("f32")])]
    if beyond:  # 0 of either sign, or NaN
        signs = {(a, b): result for a, b, result in beyond}
        made.append(elementwise(form, "f32 f32", "f32", list(signs), lambda a, b: signs[a, b],
                                body="{op} %d0, %a0, %a1; abs.f32 %d0, %d0;", compare=[any_nan("f32")]))
    return made


@covers("rcp", "rsqrt", when=lambda f: f.has("ftz") and f.has("f64"))
def coarse(form):
    """The upper word of a stands for a, the lower word of the result is 0, a NaN gives 0x7fffffff00000000."""
    upper = 0xffffffff << 32

    def seen(code):
        return value_of(F64, F64.flush(code & upper))

    codes = [row for row in rows(F64, 1, extra=600)
             if not math.isnan(seen(*row)) and not risky(F64, evaluate(form.op, seen(*row)), True)]
    codes = [row for row in codes if not F64.is_nan(row[0])]

    def expected(code):
        y = evaluate(form.op, seen(code))
        return (y if math.isnan(y) or math.isinf(y) else flushed(F64, y)), 0

    def special(code):
        return code_of(F64, evaluate(form.op, value_of(F64, F64.flush(code))))

    table = [(c,) for c in (0, 1 << 63, F64.infinity, F64.infinity | 1 << 63, F64.min_normal - 1,
                            1 << 63 | F64.min_normal - 1)]
    nans = [(c,) for c in (F64.nan, F64.nan | 1 << 63, 0x7ff0000100000000)]
    return [elementwise(form, "f64", "f64 u32", codes, expected,
                        body="{op} %d0, %a0; mov.b64 {%d1, %r0}, %d0;",
                        compare=[near("f64", rel=2.0 ** -19), None]),
            elementwise(form, "f64", "f64", table * 8, special, compare=[any_nan("f64")]),
            elementwise(form, "f64", "f64", nans * 8, lambda code: 0x7fffffff << 32)]
