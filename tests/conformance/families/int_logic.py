# SPDX-License-Identifier: MIT
"""Logic and shifts (PTX ISA 9.0, 9.7.8)."""

from elementwise import crossed, elementwise, random_words, width
from exact import integer_specials, signed, unsigned
from registry import covers

BINARY = {"and": lambda a, b: a & b, "or": lambda a, b: a | b, "xor": lambda a, b: a ^ b}
AMOUNTS = [0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 255, 256, 0x7fffffff, 0x80000000, 0xffffffff]


@covers("and", "or", "xor", "not", when=lambda f: f.has("pred"))
def predicates(form):
    """Each operand plain and negated, and a constant; inactive lanes keep their predicates."""
    body = "setp.ne.u32 %p0, %a0, 0; setp.ne.u32 %p1, %a1, 0;"
    rows = [(a, b) for a in (0, 1) for b in (0, 1)] * 60
    if form.op == "not":
        return elementwise(form, "u32 u32", "pred pred", rows, lambda a, b: (1 - a, a),
                           body=body + "{op} %d0, %p0; {op} %d1, !%p0;")
    compute = BINARY[form.op]
    body += "{op} %d0, %p0, %p1; {op} %d1, !%p0, %p1; {op} %d2, %p0, !%p1; {op} %d3, %p0, 1;"
    return elementwise(form, "u32 u32", "pred pred pred pred", rows,
                       lambda a, b: (compute(a, b), compute(1 - a, b), compute(a, 1 - b), compute(a, 1)), body=body)


@covers("and", "or", "xor")
def logic(form):
    kind = form.types[0]
    bits = width(kind)
    special = integer_specials(bits)
    rows = crossed(special, special, extra=random_words(100, bits, 2))
    constant = 0x5a0f
    return [elementwise(form, f"{kind} {kind}", kind, rows, BINARY[form.op]),
            elementwise(form, kind, kind, [row[:1] for row in rows[:200]], lambda a: BINARY[form.op](a, constant),
                        body=f"{{op}} %d0, %a0, {constant:#x};")]


@covers("not", "cnot")
def inversion(form):
    kind = form.types[0]
    bits = width(kind)
    rows = [(v,) for v in integer_specials(bits)] + [(1 << i,) for i in range(bits)] + random_words(100, bits, 1)
    return elementwise(form, kind, kind, rows, lambda a: unsigned(~a, bits) if form.op == "not" else int(a == 0))


def shifted(form, kind, a, amount):
    """Amounts of the width and more act as the width does (9.7.8.8, 9.7.8.9)."""
    bits = width(kind)
    amount = min(amount, bits)
    if form.op == "shl":
        return unsigned(a << amount, bits)
    return unsigned((signed(a, bits) if kind[0] == "s" else a) >> amount, bits)


@covers("shl", "shr")
def shift(form):
    kind = form.types[0]
    bits = width(kind)
    rows = crossed(integer_specials(bits), AMOUNTS)
    rows += [(a, b) for (a,), b in zip(random_words(130, bits, 1), [i % 65 for i in range(130)])]

    def expected(a, b):
        return shifted(form, kind, a, b)

    cases = [elementwise(form, f"{kind} u32", kind, rows, expected)]
    for constant in (3, bits, bits + 5):
        cases.append(elementwise(form, kind, kind, [row[:1] for row in rows[::5]],
                                 lambda a, by=constant: expected(a, by), body=f"{{op}} %d0, %a0, {constant};"))
    return cases


@covers("shf")
def funnel(form):
    """b:a shifted; the upper word for .l, the lower for .r."""

    def expected(a, b, c):
        amount = min(c, 32) if form.has("clamp") else c & 31
        pair = b << 32 | a
        return unsigned(pair << amount >> 32 if form.has("l") else pair >> amount, 32)

    words = [0, 1, 0xffffffff, 0x80000000, 0x12345678, 0xfedcba98]
    rows = crossed(words, words, AMOUNTS, limit=500)
    rows += [(a, b, c & 63) for a, b, c in random_words(200, 32, 3)]
    return elementwise(form, "b32 b32 u32", "b32", rows, expected)


def table(lut, a, b, c):
    """Each bit of the result is the bit of `lut` that the three bits at its place select, a's the highest."""
    result = 0
    for index in range(8):
        if lut >> index & 1:
            result |= (a if index & 4 else ~a) & (b if index & 2 else ~b) & (c if index & 1 else ~c)
    return unsigned(result, 32)


@covers("lop3", when=lambda f: not f.has("or", "and"))
def every_table(form):
    """All 256 tables: in each of 16 tests, 16 results of their own."""
    rows = [(0xf0, 0xcc, 0xaa)] + crossed([0, 0xffffffff, 0x80000001], [0, 0xffffffff], [0, 0xffffffff, 0x0f0f0f0f])
    rows += random_words(13, 32, 3)
    cases = []
    for first in range(0, 256, 16):
        tables = range(first, first + 16)
        body = "".join(f"{{op}} %d{lut - first}, %a0, %a1, %a2, {lut:#x};" for lut in tables)
        cases.append(elementwise(form, "b32 b32 b32", " ".join(["b32"] * 16), rows,
                                 lambda a, b, c, tables=tables: tuple(table(lut, a, b, c) for lut in tables),
                                 body=body))
    return cases


@covers("lop3")
def table_and_predicate(form):
    """d|p: p is (d != 0) combined with q; d may be left out."""
    combine = BINARY["and" if form.has("and") else "or"]
    cases = []
    for lut in (0x80, 0xe8, 0x96, 0x01, 0x00, 0xff):
        def expected(a, b, c, q, lut=lut):
            d = table(lut, a, b, c)
            return d, combine(int(d != 0), q), combine(int(d != 0), 1 - q), combine(int(d != 0), q)

        rows = crossed([0, 0xffffffff, 0xf0f0f0f0], [0, 0xffffffff, 5], [0, 0xffffffff, 10], [0, 1])
        rows += [(a, b, c, q & 1) for a, b, c, q in random_words(60, 32, 4)]
        body = (f"setp.ne.u32 %p0, %a3, 0; {{op}} %d0|%d1, %a0, %a1, %a2, {lut:#x}, %p0;"
                f"{{op}} %r0|%d2, %a0, %a1, %a2, {lut:#x}, !%p0; {{op}} _|%d3, %a0, %a1, %a2, {lut:#x}, %p0;")
        cases.append(elementwise(form, "b32 b32 b32 u32", "b32 pred pred pred", rows, expected, body=body))
    return cases
