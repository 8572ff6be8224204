# SPDX-License-Identifier: MIT
"""f16, bf16, their pairs, and f32 with 16-bit operands (PTX ISA 9.0, 9.7.4, 9.7.5).

Exact rational arithmetic rounded once; a NaN result is 0x7fff (9.7.4), but the NaN of abs and neg is unspecified.
.sat clamps to [0, 1] with +0 for NaN; .relu makes negative results 0 and keeps the canonical NaN. fma.oob gives 0 if
an operand is the out-of-bounds NaN of tensor copies, a value that the ISA does not name: it is tested without NaNs.
In the mixed forms the 16-bit operands are converted to f32, which is exact, before an f32 operation.
"""

from case import any_nan
from elementwise import elementwise
from exact import BF16, F16, F32, FORMATS
from float_rows import PACKED, close_words, each, minus_zero, paired, rows, unclear
from registry import covers

HALVES = ("f16", "f16x2", "bf16", "bf16x2")


def is_half(form):
    return len(form.types) == 1 and form.types[0] in HALVES


def rectified(number, code):
    return code if number.is_nan(code) or not number.negative(code) else 0


@covers("add", "sub", "mul", "fma", when=is_half)
def arithmetic(form):
    kind = form.types[0]
    number = FORMATS[PACKED.get(kind, kind)]
    operation = getattr(number, form.op)
    arity = 3 if form.op == "fma" else 2
    options = {"ftz": form.has("ftz"), "sat": form.has("sat")}
    inputs = rows(number, arity, limit=600, extra=400)
    if form.has("ftz"):
        inputs = [row for row in inputs if not unclear(number, operation, row, "rn")]
    if form.has("sat", "relu"):
        inputs = [row for row in inputs if not minus_zero(number, operation, row, ftz=form.has("ftz"))]
    if form.has("oob"):
        inputs = [row for row in inputs if not any(map(number.is_nan, row))]

    def expected(*row):
        result = operation(*row, **options)
        return rectified(number, result) if form.has("relu") else result

    if kind in PACKED:
        inputs, expected = paired(inputs, 16), each(expected, 16)
    return elementwise(form, " ".join([kind] * arity), kind, inputs, expected)


@covers("abs", "neg", when=is_half)
def sign_only(form):
    kind = form.types[0]
    number = FORMATS[PACKED.get(kind, kind)]
    inputs = rows(number, 1)

    def expected(a):
        a = number.flush(a) if form.has("ftz") else a
        return number.magnitude(a) if form.op == "abs" else a ^ number.sign_bit

    if kind in PACKED:
        inputs, expected = paired(inputs, 16), each(expected, 16)
    return elementwise(form, kind, kind, inputs, expected, compare=[any_nan(number.name)])


@covers("add", "sub", "fma", when=lambda f: f.types in (["f32", "f16"], ["f32", "bf16"]))
def mixed(form):
    """add and sub: a is narrow; fma: a and b are."""
    number = {"f16": F16, "bf16": BF16}[form.types[1]]
    narrow = 2 if form.op == "fma" else 1
    inputs = [row[:narrow] + (last,) for row, (last,) in zip(
        rows(number, 2, limit=900, extra=400), (rows(F32, 1, extra=300) + close_words(F32, 700, 1)) * 9)]
    operation = getattr(F32, form.op)

    def in_f32(*row, **options):
        return operation(*[F32.convert(code, number) for code in row[:narrow]], row[-1], **options)

    if form.has("sat"):
        inputs = [row for row in inputs if not minus_zero(F32, in_f32, row, mode=form.rounding)]
    return elementwise(form, " ".join([number.name] * narrow + ["f32"]), "f32", inputs,
                       lambda *row: in_f32(*row, mode=form.rounding, sat=form.has("sat")))
