# SPDX-License-Identifier: MIT
"""Extended-precision integer arithmetic (PTX ISA 9.0, 9.7.2): chains in which the carry flag goes from instruction
to instruction.

Each test first makes a carry (or a borrow) with add.cc (sub.cc), lets other instructions run, uses the form under
test, and reads the flag back with addc (subc) of zeros. A form without .cc must leave the flag as it was. Borrows are
read by subc only: the ISA calls both the carry and the borrow CC.CF, and says nothing of mixing them.
"""

from elementwise import crossed, elementwise, random_words, width
from exact import integer_specials, signed, unsigned
from registry import covers


def high(a, b, kind):
    bits = width(kind)
    if kind[0] == "s":
        a, b = signed(a, bits), signed(b, bits)
    return unsigned(a * b >> bits, bits)


def split(total, bits):
    """The result and the carry out of a sum of unsigned words."""
    return total & (1 << bits) - 1, total >> bits


def rows_for(arity, bits):
    special = integer_specials(bits)[:9]
    return crossed(*[special] * arity, limit=500, extra=random_words(100, bits, arity))


@covers("add", "addc", when=lambda f: f.op == "addc" or f.has("cc"))
def addition(form):
    """The sum of two numbers of three words: %a0 %a1 are the low words."""
    kind = form.types[0]
    bits = width(kind)

    def expected(a, b, c, d):
        low, carry = split(a + b, bits)
        if form.op == "add":
            middle, carry = split(c + d + carry, bits)
            return low, middle, carry
        middle, out = split(c + d + carry, bits)
        return low, middle, out if form.has("cc") else carry

    first, second = ("{op}", f"addc.cc.{kind}") if form.op == "add" else (f"add.cc.{kind}", "{op}")
    body = (f"{first} %d0, %a0, %a1; xor.b{bits} %{'r0' if bits == 32 else 'l0'}, %a0, %a1;"
            f"{second} %d1, %a2, %a3; addc.{kind} %d2, 0, 0;")
    return elementwise(form, " ".join([kind] * 4), " ".join([kind] * 3), rows_for(4, bits), expected, body=body)


@covers("sub", "subc", when=lambda f: f.op == "subc" or f.has("cc"))
def subtraction(form):
    kind = form.types[0]
    bits = width(kind)

    def take(total):
        return unsigned(total, bits), 1 if total < 0 else 0

    def expected(a, b, c, d):
        low, borrow = take(a - b)
        middle, out = take(c - d - borrow)
        if form.op == "subc" and not form.has("cc"):
            out = borrow
        return low, middle, unsigned(-out, bits)

    first, second = ("{op}", f"subc.cc.{kind}") if form.op == "sub" else (f"sub.cc.{kind}", "{op}")
    body = f"{first} %d0, %a0, %a1; {second} %d1, %a2, %a3; subc.{kind} %d2, 0, 0;"
    return elementwise(form, " ".join([kind] * 4), " ".join([kind] * 3), rows_for(4, bits), expected, body=body)


@covers("mad", "madc", when=lambda f: f.op == "madc" or f.has("cc"))
def multiplication(form):
    """d0 = low half of a0 * a1 + a2 with carry out; d1 = half of a0 * a1 + a3 with that carry in."""
    kind = form.types[0]
    bits = width(kind)

    def half(a, b):
        return high(a, b, kind) if form.has("hi") else unsigned(a * b, bits)

    def expected(a, b, c, d):
        if form.op == "mad":
            low, carry = split(half(a, b) + c, bits)
            middle, out = split(high(a, b, kind) + d + carry, bits)
            return low, middle, out
        low, carry = split(unsigned(a * b, bits) + c, bits)
        middle, out = split(half(a, b) + d + carry, bits)
        return low, middle, out if form.has("cc") else carry

    first = "{op}" if form.op == "mad" else f"mad.lo.cc.{kind}"
    second = "{op}" if form.op == "madc" else f"madc.hi.cc.{kind}"
    body = f"{first} %d0, %a0, %a1, %a2; {second} %d1, %a0, %a1, %a3; addc.{kind} %d2, 0, 0;"
    return elementwise(form, " ".join([kind] * 4), " ".join([kind] * 3), rows_for(4, bits), expected, body=body)
