# SPDX-License-Identifier: MIT
"""set, setp, selp and slct with floating-point operands (PTX ISA 9.0, 9.7.6, 9.7.7).

The ordered comparisons eq ne lt le gt ge are false if an operand is NaN, ne included; the unordered ones equ … geu are
true then; num and nan ask for NaNs only (9.3.1). p = BoolOp(t, c) and q = BoolOp(!t, c), for packed operands p belongs
to the low and q to the high half. Each form with a Boolean operator is tested with c and with !c.
"""

from fractions import Fraction
from functools import lru_cache

from elementwise import elementwise
from exact import FORMATS
from float_rows import PACKED, halves, paired, rows
from registry import covers

ORDERED = {"eq": lambda x, y: x == y, "ne": lambda x, y: x != y, "lt": lambda x, y: x < y,
           "le": lambda x, y: x <= y, "gt": lambda x, y: x > y, "ge": lambda x, y: x >= y}
BOOLEAN = {"and": lambda t, c: t & c, "or": lambda t, c: t | c, "xor": lambda t, c: t ^ c}
FLOATS = ("f16", "f16x2", "bf16", "bf16x2", "f32", "f64")


@lru_cache(maxsize=None)
def inputs_for(kind, combined):
    """(a, b, c) with c 0 or 1 in a 32-bit word; fewer of them for the many forms with a Boolean operator."""
    number = FORMATS[PACKED.get(kind, kind)]
    pairs = rows(number, 2, limit=130 if combined else 330, extra=40)
    same = [(code, code) for code in number.specials()]
    pairs += same[::3] if combined else same
    if kind in PACKED:
        pairs = paired(pairs, number.bits)
    return [(a, b, i * 5 // 3 & 1) for i, (a, b) in enumerate(pairs)]


def comparison(form, kind):
    """The comparison t of two codes of one format."""
    number = FORMATS[PACKED.get(kind, kind)]
    name = form.mods[0]

    def value(code):
        """An integer in the order of the numbers, 0 for both zeros."""
        magnitude = number.magnitude(code)
        return -magnitude if number.negative(code) else magnitude

    def compare(a, b):
        if form.has("ftz"):
            a, b = number.flush(a), number.flush(b)
        unordered = number.is_nan(a) or number.is_nan(b)
        if name in ("num", "nan"):
            return int(unordered == (name == "nan"))
        if unordered:
            return int(name not in ORDERED)
        return int(ORDERED[name if name in ORDERED else {"equ": "eq", "neu": "ne"}.get(name, name[:2])](
            value(a), value(b)))

    return compare


def boolean(form):
    """BoolOp(t, c), or t where the form has none, and the statement's operands for c."""
    name = next((m for m in form.mods if m in BOOLEAN), None)
    return (BOOLEAN[name], True) if name else (lambda t, c: t, False)


@covers("setp", when=lambda f: f.types[0] in FLOATS)
def setp(form):
    kind = form.types[0]
    combine, combined = boolean(form)
    compare = comparison(form, kind)
    bits = 16 if kind in PACKED else 64
    two = kind not in ("f16", "bf16")  # these have p only

    def expected(a, b, c):
        if kind in PACKED:
            low, high = (compare(x, y) for x, y in zip(halves(a, bits), halves(b, bits)))
        else:
            low = compare(a, b)
            high = 1 - low
        results = []
        for operand in (c, 1 - c) if combined else (c,):
            results += [combine(low, operand), combine(high, operand)] if two else [combine(low, operand)]
        return tuple(results)

    body, results = "", 0
    for operand in (", %p0", ", !%p0") if combined else ("",):
        body += "{op} " + (f"%d{results}|%d{results + 1}" if two else f"%d{results}") + f", %a0, %a1{operand};"
        results += 2 if two else 1
    return elementwise(form, f"{kind} {kind} u32", " ".join(["pred"] * results), inputs_for(kind, combined), expected,
                       body="setp.ne.u32 %p0, %a2, 0;" + body)


@covers("set", when=lambda f: f.types[1] in FLOATS)
def set_to(form):
    to, kind = form.types
    combine, combined = boolean(form)
    compare = comparison(form, kind)
    element = PACKED.get(to, to)
    if element in FORMATS:
        true = FORMATS[element].encode(Fraction(1))
    else:
        true = 0xffff if kind in PACKED or element in ("u16", "s16") else 0xffffffff

    def expected(a, b, c):
        results = []
        for operand in (c, 1 - c) if combined else (c,):
            if kind in PACKED:
                low, high = (combine(compare(x, y), operand) for x, y in zip(halves(a, 16), halves(b, 16)))
                results.append(low * true | high * true << 16)
            else:
                results.append(combine(compare(a, b), operand) * true)
        return tuple(results)

    operands = (", %p0", ", !%p0") if combined else ("",)
    body = "setp.ne.u32 %p0, %a2, 0;"
    for i, operand in enumerate(operands):
        body += "{op} " + f"%d{i}, %a0, %a1{operand};"
    return elementwise(form, f"{kind} {kind} u32", " ".join([to] * len(operands)), inputs_for(kind, combined),
                       expected, body=body)


@covers("selp", when=lambda f: f.types[0] in ("f32", "f64"))
def selp(form):
    """a if the predicate is true, else b: the bits, of a NaN too."""
    kind = form.types[0]
    return elementwise(form, f"{kind} {kind} u32", kind, inputs_for(kind, False), lambda a, b, c: a if c else b,
                       body="setp.ne.u32 %p0, %a2, 0; {op} %d0, %a0, %a1, %p0;")


@covers("slct", when=lambda f: f.types[1] == "f32" or f.types[0] in ("f32", "f64"))
def slct(form):
    """a if c >= 0, else b, unmodified. -0 is >= 0 and a NaN is not; .ftz makes a negative subnormal c -0 (9.7.6.4)."""
    kind, selector = form.types
    number = FORMATS["f32"]
    words = [code for code, in rows(number, 1)]
    if selector == "s32":
        words += [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]

    def expected(a, b, c):
        if selector == "s32":
            return b if c >> 31 else a
        c = number.flush(c) if form.has("ftz") else c
        return b if number.is_nan(c) or (number.negative(c) and not number.is_zero(c)) else a

    width = 64 if "64" in kind else 16 if "16" in kind else 32
    mask = (1 << width) - 1
    inputs = [(i * 0x9E3779B97F4A7C15 & mask, ~i * 0xC2B2AE3D27D4EB4F & mask, c) for i, c in enumerate(words)]
    return elementwise(form, f"{kind} {kind} {selector}", kind, inputs, expected)
