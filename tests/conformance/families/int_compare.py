# SPDX-License-Identifier: MIT
"""Comparison and selection of integers and bits (PTX ISA 9.0, 9.7.6; set with a half-precision result: 9.7.7.1)."""

from elementwise import crossed, elementwise, random_words, width
from exact import integer_specials, signed
from registry import covers

INTEGERS = [f"{letter}{bits}" for letter in "bus" for bits in (16, 32, 64)]
COMPARISONS = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b, "le": lambda a, b: a <= b, "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b,
    "lo": lambda a, b: a < b, "ls": lambda a, b: a <= b, "hi": lambda a, b: a > b, "hs": lambda a, b: a >= b,
}
COMBINATIONS = {"and": lambda a, b: a & b, "or": lambda a, b: a | b, "xor": lambda a, b: a ^ b}
# What set stores for true (9.7.6.1): all ones for integers, 1.0 for the others.
TRUE = {"u32": 0xffffffff, "s32": 0xffffffff, "f32": 0x3f800000, "f16": 0x3c00, "bf16": 0x3f80}


def of_integers(form):
    return form.types[-1] in INTEGERS


def comparison(form, kind):
    bits = width(kind)
    compare = next(COMPARISONS[m] for m in form.mods if m in COMPARISONS)
    if kind[0] == "s":
        return lambda a, b: int(compare(signed(a, bits), signed(b, bits)))
    return lambda a, b: int(compare(a, b))


def combination(form):
    return next((COMBINATIONS[m] for m in form.mods if m in COMBINATIONS), None)


def rows_for(bits):
    special = integer_specials(bits)[:11]
    return crossed(special, special, extra=random_words(60, bits, 2) + [(a, a) for a, in random_words(20, bits, 1)])


@covers("setp", when=of_integers)
def setp(form):
    """p|q, a destination left out, a constant operand; with a boolean also the negated predicate."""
    kind = form.types[0]
    compare, combine = comparison(form, kind), combination(form)
    rows = rows_for(width(kind))
    if combine is None:
        body = "{op} %d0|%d1, %a0, %a1; {op} %d2, %a0, 1; {op} %d3|_, %a0, %a1;"
        return elementwise(form, f"{kind} {kind}", "pred pred pred pred", rows,
                           lambda a, b: (compare(a, b), 1 - compare(a, b), compare(a, 1), compare(a, b)),
                           body=body)
    rows = [(*row, c) for row in rows for c in (0, 1)]
    body = "setp.ne.u32 %p0, %a2, 0; {op} %d0|%d1, %a0, %a1, %p0; {op} %d2|%d3, %a0, %a1, !%p0;"

    def expected(a, b, c):
        holds = compare(a, b)
        return combine(holds, c), combine(1 - holds, c), combine(holds, 1 - c), combine(1 - holds, 1 - c)

    return elementwise(form, f"{kind} {kind} u32", "pred pred pred pred", rows, expected, body=body)


@covers("set", when=of_integers)
def set_register(form):
    result, kind = form.types
    compare, combine, true = comparison(form, kind), combination(form), TRUE[result]
    rows = rows_for(width(kind))
    if combine is None:
        return elementwise(form, f"{kind} {kind}", result, rows, lambda a, b: true * compare(a, b))
    rows = [(*row, i & 1) for i, row in enumerate(rows + rows[1:])]
    body = "setp.ne.u32 %p0, %a2, 0; {op} %d0, %a0, %a1, %p0; {op} %d1, %a0, %a1, !%p0;"
    return elementwise(form, f"{kind} {kind} u32", f"{result} {result}", rows,
                       lambda a, b, c: (true * combine(compare(a, b), c), true * combine(compare(a, b), 1 - c)),
                       body=body)


@covers("selp", when=of_integers)
def selp(form):
    kind = form.types[0]
    rows = [(*row, i % 3 & 1) for i, row in enumerate(random_words(260, width(kind), 2))]
    body = "setp.ne.u32 %p0, %a2, 0; {op} %d0, %a0, %a1, %p0; {op} %d1, %a0, 9, !%p0;"
    return elementwise(form, f"{kind} {kind} u32", f"{kind} {kind}", rows,
                       lambda a, b, c: (a if c else b, 9 if c else a), body=body)


@covers("slct", when=lambda f: f.types[0] in INTEGERS and f.types[1] == "s32")
def slct(form):
    kind = form.types[0]
    selectors = integer_specials(32)
    rows = [(*row, selectors[i % len(selectors)]) for i, row in enumerate(random_words(300, width(kind), 2))]
    return elementwise(form, f"{kind} {kind} s32", kind, rows, lambda a, b, c: a if signed(c, 32) >= 0 else b)
