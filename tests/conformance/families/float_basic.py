# SPDX-License-Identifier: MIT
"""add, sub, mul, fma of f32 and f64 (PTX ISA 9.0, 9.7.3): exact rational arithmetic, rounded once."""

from case import any_nan
from elementwise import crossed, elementwise, random_words
from exact import FORMATS
from registry import covers


@covers("add", "sub", "mul", "fma", when=lambda f: f.types in (["f32"], ["f64"]))
def arithmetic(form):
    kind = form.types[0]
    number = FORMATS[kind]
    operation = getattr(number, form.op)
    arity = 3 if form.op == "fma" else 2
    options = {"ftz": form.has("ftz"), "sat": form.has("sat")}
    rows = crossed(*[number.specials()] * arity, extra=random_words(200, number.bits, arity))
    return elementwise(form, " ".join([kind] * arity), kind, rows,
                       lambda *row: operation(*row, mode=form.rounding, **options),
                       compare=[any_nan(kind)] if kind == "f64" else None)
