# SPDX-License-Identifier: MIT
"""min and max of f32, f64, f16, bf16 and their pairs (PTX ISA 9.0, 9.7.3.11, 9.7.3.12, 9.7.4.7, 9.7.4.8).

The semantics as the ISA gives them: with .xorsign the result's sign is the exclusive or of the input signs, after .abs
has made both magnitudes; a NaN operand loses against a number unless .NaN is there; two NaNs give the canonical NaN;
-0 is less than +0. The variant with three operands (f32, sm_100 and newer) is min(min(a, b), c), with .abs of each.
"""

from dataclasses import replace

from case import any_nan
from elementwise import elementwise
from exact import FORMATS
from float_rows import PACKED, each, paired, rows
from registry import covers

KINDS = ("f32", "f64", "f16", "f16x2", "bf16", "bf16x2")


def ordered(number, code):
    """An integer that orders the numbers of a format, -0 below +0."""
    magnitude = number.magnitude(code)
    return -magnitude - 1 if number.negative(code) else magnitude


def extreme(number, form, a, b):
    sign = (a ^ b) & number.sign_bit
    if form.has("xorsign"):
        a, b = number.magnitude(a), number.magnitude(b)
    if number.is_nan(a) and number.is_nan(b) or form.has("NaN") and (number.is_nan(a) or number.is_nan(b)):
        return number.nan
    if number.is_nan(a) or number.is_nan(b):
        result = b if number.is_nan(a) else a
    else:
        pick = min if form.op == "min" else max
        result = pick(a, b, key=lambda code: ordered(number, code))
    return number.magnitude(result) | sign if form.has("xorsign") else result


@covers("min", "max", when=lambda f: len(f.types) == 1 and f.types[0] in KINDS)
def minmax(form):
    kind = form.types[0]
    number = FORMATS[PACKED.get(kind, kind)]

    def prepared(code):
        code = number.flush(code) if form.has("ftz") else code
        return number.magnitude(code) if form.has("abs") and not form.has("xorsign") else code

    def expected(a, *others):
        result = prepared(a)
        for other in others:
            result = extreme(number, form, result, prepared(other))
        return result

    compare = [any_nan(kind)] if kind == "f64" else None
    inputs, operation = rows(number, 2), expected
    if kind in PACKED:
        inputs, operation = paired(inputs, number.bits), each(expected, number.bits)
    cases = []
    if not form.has("abs") or form.has("xorsign"):
        cases.append(elementwise(form, f"{kind} {kind}", kind, inputs, operation, compare=compare))
    if kind == "f32" and not form.has("xorsign"):
        cases.append(elementwise(replace(form, target="sm_100a"), "f32 f32 f32", kind, rows(number, 3), expected))
    return cases
