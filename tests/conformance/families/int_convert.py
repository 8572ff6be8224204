# SPDX-License-Identifier: MIT
"""cvt.pack (PTX ISA 9.0, 9.7.9.22) and byte permutation (9.7.9.7)."""

from elementwise import crossed, elementwise, random_words
from exact import signed, unsigned
from registry import covers


def bounds(kind):
    bits = int(kind[1:])
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if kind[0] == "s" else (0, (1 << bits) - 1)


def fit(value, kind):
    low, high = bounds(kind)
    return max(low, min(high, value))


@covers("cvt", when=lambda f: f.has("pack"))
def packed(form):
    """b in the low bits, a above it; below 16 bits, c above both."""
    kind = form.types[0]
    bits = int(kind[1:])

    def expected(a, b, c=0):
        a, b = (unsigned(fit(signed(x, 32), kind), bits) for x in (a, b))
        return unsigned(c << 2 * bits | a << bits | b, 32)

    low, high = bounds(kind)
    edges = [unsigned(v, 32) for v in (low - 1, low, low + 1, -1, 0, 1, high - 1, high, high + 1)]
    edges += [0x80000000, 0x7fffffff, 0x12345678]
    arity = 2 if bits == 16 else 3
    lists = [edges, edges] + [[0, 0xffffffff, 0x12345678]] * (arity - 2)
    return elementwise(form, " ".join(["s32"] * arity), "b32", crossed(*lists) + random_words(80, 32, arity), expected)


# The bytes that the modes take for c & 3 = 0 … 3, d.b3 first (the tables of 9.7.9.7).
MODES = {
    "f4e": ["3210", "4321", "5432", "6543"],
    "b4e": ["5670", "6701", "7012", "0123"],
    "rc8": ["0000", "1111", "2222", "3333"],
    "ecl": ["3210", "3211", "3222", "3333"],
    "ecr": ["0000", "1110", "2210", "3210"],
    "rc16": ["1010", "3232", "1010", "3232"],
}


@covers("prmt")
def permute(form):
    mode = next((m for m in form.mods if m in MODES), None)

    def expected(a, b, c):
        pool = b << 32 | a
        if mode is None:
            selectors = [c >> 4 * i & 15 for i in range(4)]
        else:
            selectors = [int(digit) for digit in reversed(MODES[mode][c & 3])]
        result = 0
        for i, selector in enumerate(selectors):
            byte = pool >> 8 * (selector & 7) & 0xff
            if selector & 8:
                byte = 0xff if byte & 0x80 else 0
            result |= byte << 8 * i
        return result

    pools = [(0x33221100, 0x77665544), (0xf3721180, 0x7f8001fe), (0x8090a0b0, 0x01020304)]
    if mode is None:
        controls = [s * 0x1111 for s in range(16)] + [0x3210, 0x0123, 0x7654, 0xfedc, 0x5410, 0xffff3210, 0x9a0b]
    else:
        controls = [0, 1, 2, 3, 4, 7, 0xfffffffe, 0x80000003]
    rows = [(a, b, c) for a, b in pools for c in controls] + random_words(150, 32, 3)
    return elementwise(form, "b32 b32 b32", "b32", rows, expected)
