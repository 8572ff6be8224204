# SPDX-License-Identifier: MIT
"""Integer arithmetic (PTX ISA 9.0, 9.7.1.1 to 9.7.1.13) in Python's integers, cut to the width of the result.

Two things the ISA leaves open are computed but not looked at: division by zero ("yields an unspecified,
machine-specific value", 9.7.1.8; it must not trap), and the quotient of the least signed number by -1, which no
sentence defines. The second operand also comes as a constant once.
"""

from elementwise import crossed, elementwise, random_words, width
from exact import integer_specials, signed, unsigned
from registry import covers

TYPES = ("u16", "u32", "u64", "s16", "s32", "s64", "u16x2", "s16x2")


def reader(kind):
    """How the bits of an operand are read."""
    bits = width(kind)
    return (lambda x: signed(x, bits)) if kind[0] == "s" else (lambda x: unsigned(x, bits))


def clamp(value, bits):
    return max(-(1 << (bits - 1)), min((1 << (bits - 1)) - 1, value))


def truncated(a, b):
    """a / b rounded towards zero."""
    quotient = abs(a) // abs(b)
    return -quotient if (a < 0) != (b < 0) else quotient


OPERATIONS = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "sad": lambda a, b, c: c + abs(a - b),
    "div": truncated,
    "rem": lambda a, b: a - b * truncated(a, b),
    "abs": abs,
    "neg": lambda a: -a,
    "min": min,
    "max": max,
}


def rows_for(arity, bits):
    special = integer_specials(bits)
    # Three operands: all pairs of the first two with a third that walks through the list.
    if arity == 3:
        special = special[:11]
    return crossed(*[special] * arity, limit=700, extra=random_words(100, bits, arity))


def with_constant(form, kinds, results, rows, expected, constant):
    """The same with the second operand as a constant."""
    names = [f"%d{i}" for i in range(len(results.split()))] + [f"%a{i}" for i in range(len(kinds))]
    names[len(results.split()) + 1] = str(constant)
    rows = [row for row in rows][:200]
    value = unsigned(constant, width(kinds[1]))
    return elementwise(form, " ".join(kinds), results, rows, lambda a, b, *more: expected(a, value, *more),
                       body="{op} " + ", ".join(names) + ";")


@covers("add", "sub", "min", "max", "abs", "neg", "sad", when=lambda f: f.types[0] in TYPES and not f.has("cc"))
def plain(form):
    kind = form.types[0]
    operation = OPERATIONS[form.op]
    arity = {"abs": 1, "neg": 1, "sad": 3}.get(form.op, 2)
    if kind.endswith("x2"):
        return halves(form, kind, operation)
    bits, read = width(kind), reader(kind)

    def expected(*row):
        value = operation(*[read(x) for x in row])
        if form.has("sat"):
            value = clamp(value, bits)
        if form.has("relu"):
            value = max(value, 0)
        return unsigned(value, bits)

    rows = rows_for(arity, bits)
    cases = [elementwise(form, " ".join([kind] * arity), kind, rows, expected)]
    if arity > 1:
        cases.append(with_constant(form, [kind] * arity, kind, rows, expected, -7 if kind[0] == "s" else 7))
    return cases


def halves(form, kind, operation):
    read = reader(kind[:3])

    def half(a, b):
        value = operation(read(a), read(b))
        return unsigned(max(value, 0) if form.has("relu") else value, 16)

    def expected(a, b):
        return half(a & 0xffff, b & 0xffff) | half(a >> 16, b >> 16) << 16

    special = integer_specials(16)
    pairs = [(x, y) for x in special for y in special]
    shuffled = pairs[7:] + pairs[:7]
    rows = [(a | c << 16, b | d << 16) for (a, b), (c, d) in zip(pairs, shuffled)] + random_words(100, 32, 2)
    return elementwise(form, f"{kind} {kind}", kind, rows, expected)


def product(form, kind, bits, read, a, b):
    """What .hi, .lo and .wide take of a * b."""
    value = read(a) * read(b)
    return value >> bits if form.has("hi") else value


@covers("mul", "mad", when=lambda f: f.types[0] in TYPES and not f.has("cc"))
def multiply(form):
    kind = form.types[0]
    bits, read = width(kind), reader(kind)
    wide = f"{kind[0]}{2 * bits}" if form.has("wide") else kind
    read_wide = reader(wide)

    def expected(a, b, c=0):
        value = product(form, kind, bits, read, a, b)
        if form.has("hi"):
            value = read(value)
        value += read_wide(c)
        return unsigned(clamp(value, bits) if form.has("sat") else value, width(wide))

    if form.op == "mul":
        kinds, rows = [kind, kind], rows_for(2, bits)
    else:
        kinds = [kind, kind, wide]
        rows = crossed(integer_specials(bits)[:12], integer_specials(bits)[:12], integer_specials(width(wide))[:9],
                       limit=700, extra=[r[:2] + w for r, w in zip(random_words(100, bits, 2),
                                                                  random_words(100, width(wide), 1))])
    constant = -3 if kind[0] == "s" else 3
    return [elementwise(form, " ".join(kinds), wide, rows, expected),
            with_constant(form, kinds, wide, rows, expected, constant)]


@covers("mul24", "mad24")
def multiply_24(form):
    """The 48-bit product of the low 24 bits: .lo takes bits 31..0, .hi bits 47..16."""
    kind = form.types[0]
    is_signed = kind == "s32"

    def operand(x):
        return signed(x, 24) if is_signed else x & 0xffffff

    def expected(a, b, c=0):
        value = operand(a) * operand(b)
        value = signed(value >> 16, 32) if form.has("hi") else value
        value += signed(c, 32)
        return unsigned(clamp(value, 32) if form.has("sat") else value, 32)

    special = list(dict.fromkeys(integer_specials(24) + [0xff000000, 0x1000001, 0xff7fffff, 0x80800000, 0xffffffff]))
    lists = [special, special]
    if form.op == "mad24":
        lists.append([0, 1, 0xffffffff, 0x7fffffff, 0x80000000])
    arity = len(lists)
    rows = crossed(*lists, limit=700, extra=random_words(100, 32, arity))
    return elementwise(form, " ".join([kind] * arity), kind, rows, expected)


@covers("div", "rem", when=lambda f: f.types[0] in TYPES)
def divide(form):
    kind = form.types[0]
    bits, read = width(kind), reader(kind)
    least = -(1 << (bits - 1))

    def open_result(a, b):
        return b == 0 or (form.op == "div" and kind[0] == "s" and a == least and b == -1)

    def expected(a, b):
        a, b = read(a), read(b)
        return 0 if open_result(a, b) else unsigned(OPERATIONS[form.op](a, b), bits)

    body = f"{{op}} %d0, %a0, %a1; setp.eq.b{bits} %p0, %a1, 0; selp.b{bits} %d0, 0, %d0, %p0;"
    if form.op == "div" and kind[0] == "s":
        body += (f"setp.eq.s{bits} %p0, %a1, -1; setp.eq.and.s{bits} %p0, %a0, {least}, %p0;"
                 f"selp.b{bits} %d0, 0, %d0, %p0;")
    rows = rows_for(2, bits)
    return [elementwise(form, f"{kind} {kind}", kind, rows, expected, body=body),
            with_constant(form, [kind, kind], kind, rows, expected, -10 if kind[0] == "s" else 10)]
