# SPDX-License-Identifier: MIT
"""Bit counting, bit fields and the dot products of bytes (PTX ISA 9.0, 9.7.1.14 to 9.7.1.24), as the ISA's own
pseudocode has them, bit by bit."""

from elementwise import crossed, elementwise, random_words, width
from exact import integer_specials, signed, unsigned
from registry import covers

FULL = 0xffffffff
# Positions and lengths: their low 8 bits count for bfe and bfi; all of them for szext and bmsk with .clamp.
PLACES = [0, 1, 5, 16, 30, 31, 32, 33, 63, 64, 65, 128, 255, 256, 257, 0x120, 0x80000000, FULL]


def bit(value, at):
    return value >> at & 1


@covers("popc", "clz", "brev")
def count(form):
    kind = form.types[0]
    bits = width(kind)
    compute = {
        "popc": lambda a: bin(a).count("1"),
        "clz": lambda a: bits - a.bit_length(),
        "brev": lambda a: int(f"{a:0{bits}b}"[::-1], 2),
    }[form.op]
    rows = [(v,) for v in integer_specials(bits) + [1 << i for i in range(bits)] + [(1 << i) - 1 for i in range(bits)]]
    return elementwise(form, kind, kind if form.op == "brev" else "b32", rows + random_words(100, bits, 1), compute)


@covers("bfind")
def find_leading(form):
    kind = form.types[0]
    bits = width(kind)

    def expected(a):
        if kind[0] == "s" and bit(a, bits - 1):
            a = unsigned(~a, bits)
        if a == 0:
            return FULL
        found = a.bit_length() - 1
        return bits - 1 - found if form.has("shiftamt") else found

    rows = [(v,) for v in integer_specials(bits) + [1 << i for i in range(bits)]]
    rows += [(unsigned(-1 << i, bits),) for i in range(bits)] + random_words(100, bits, 1)
    return elementwise(form, kind, "u32", rows, expected)


@covers("fns")
def find_nth(form):
    """Bases stay below 32: the ISA says nothing of others."""

    def expected(mask, base, offset):
        offset = signed(offset, 32)
        if offset == 0:
            return base if bit(mask, base) else FULL
        step, left = (1, offset) if offset > 0 else (-1, -offset)
        at = base
        while 0 <= at < 32:
            if bit(mask, at):
                left -= 1
                if left == 0:
                    return at
            at += step
        return FULL

    masks = [0, FULL, 0xaaaaaaaa, 0x80000001, 0x00f0, 0x12345678]
    offsets = [unsigned(n, 32) for n in (0, 1, 2, 3, 16, 32, 33, -1, -2, -3, -31, -32, -33, 0x7fffffff, -0x80000000)]
    rows = crossed(masks, [0, 1, 7, 15, 30, 31], offsets)
    rows += [(m, b & 31, unsigned(signed(o & 15, 4), 32)) for m, b, o in random_words(200, 32, 3)]
    return elementwise(form, "b32 b32 s32", "b32", rows, expected)


@covers("bfe")
def extract(form):
    kind = form.types[0]
    bits = width(kind)
    msb = bits - 1

    def expected(a, b, c):
        position, length = b & 0xff, c & 0xff
        sign = 0 if kind[0] == "u" or length == 0 else bit(a, min(position + length - 1, msb))
        return sum((bit(a, position + i) if i < length and position + i <= msb else sign) << i for i in range(bits))

    values = [0, unsigned(-1, bits), 1 << msb, unsigned(0x123456789abcdef0, bits)]
    rows = crossed(values, PLACES, PLACES, limit=600)
    rows += [(a, b & 0x3f, c & 0x3f) for a, b, c in random_words(200, bits, 3)]
    return elementwise(form, f"{kind} u32 u32", kind, rows, expected)


@covers("bfi")
def insert(form):
    kind = form.types[0]
    bits = width(kind)

    def expected(a, b, c, d):
        position, length = c & 0xff, d & 0xff
        for i in range(length):
            if position + i < bits:
                b = b & ~(1 << position + i) | bit(a, i) << position + i
        return b

    values = [0, unsigned(-1, bits), unsigned(0x123456789abcdef0, bits)]
    rows = crossed(values, values, PLACES, PLACES, limit=700)
    rows += [(a, b, c & 0x3f, d & 0x3f) for a, b, c, d in random_words(200, bits, 4)]
    return elementwise(form, f"{kind} {kind} u32 u32", kind, rows, expected)


@covers("szext")
def extend(form):
    def expected(a, b):
        low = b & 31
        if b >= 32 and form.has("clamp"):
            return a
        if low == 0:
            return 0
        value = a & (1 << low) - 1
        return unsigned(signed(value, low), 32) if form.has("s32") else value

    kind = form.types[0]
    rows = crossed([0, FULL, 0x80000000, 0x7fffffff, 0x12345678, 0xfedcba98], PLACES + list(range(2, 31)))
    return elementwise(form, f"{kind} u32", kind, rows + random_words(50, 32, 2), expected)


@covers("bmsk")
def mask(form):
    def expected(a, b):
        position, length = a & 31, b & 31
        if form.has("clamp"):
            if a >= 32:
                return 0
            if b >= 32:
                return unsigned(-1 << position, 32)
        return unsigned((1 << length) - 1 << position, 32)

    places = PLACES + [2, 8, 15, 17, 29]
    return elementwise(form, "b32 b32", "b32", crossed(places, places) + random_words(50, 32, 2), expected)


@covers("dp4a", "dp2a")
def dot(form):
    """dp4a: four products of bytes; dp2a: two of a 16-bit part of a and a byte of b, the lower two bytes or the upper."""

    def part(value, kind, bits, index):
        field = value >> bits * index & (1 << bits) - 1
        return signed(field, bits) if kind[0] == "s" else field

    def expected(a, b, c):
        terms, bits = (4, 8) if form.op == "dp4a" else (2, 16)
        first = 2 if form.has("hi") else 0
        total = signed(c, 32)
        for i in range(terms):
            total += part(a, form.types[0], bits, i) * part(b, form.types[1], 8, first + i)
        return unsigned(total, 32)

    specials = [0, FULL, 0x80808080, 0x7f7f7f7f, 0x80007fff, 0x01020304, 0xff7f8001]
    accumulators = [0, 1, 0x7fffffff, 0x80000000, FULL]
    rows = crossed(specials, specials, accumulators) + random_words(200, 32, 3)
    return elementwise(form, "b32 b32 b32", "b32", rows, expected)
