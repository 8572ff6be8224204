# SPDX-License-Identifier: MIT
"""Where the elements of A, B, C and D lie in the registers of a warp (PTX ISA 9.0, 9.7.14.5), and the kernel that runs
one mma.sync on such registers.

    mma_case(form, kinds, rounds, results, compare)

The formulas are those of the text, with groupID = lane >> 2 and threadID_in_group = lane % 4. A block of two warps
makes one round. Its second warp skips the instruction (all of it: the instruction is .aligned) and must keep the
sentinel that D was given; D, where the form allows it, is the same registers as C in odd rounds.
"""

import functools
import re
import struct

from case import Case
from elementwise import header

BITS = {"f16": 16, "bf16": 16, "tf32": 32, "f64": 64, "f32": 32, "s32": 32, "s8": 8, "u8": 8, "s4": 4, "u4": 4,
        "b1": 1, "e4m3": 8, "e5m2": 8, "e3m2": 8, "e2m3": 8, "e2m1": 8,
        "e2m1_packed": 4}
SENTINEL = 0xA5A5A5A5


def shape_of(form):
    return next(tuple(map(int, found.groups())) for mod in form.mods
                if (found := re.fullmatch(r"m(\d+)n(\d+)k(\d+)", mod)))


def register(kind):
    return {"f64": "f64", "f32": "f32", "s32": "s32"}.get(kind, "b32")


def quad_pairs(role, kind, layout):
    """m8n8k4 with .f16: (product, lane, element, row, column)."""
    for lane in range(32):
        pair, q, upper = lane // 4 % 4, lane % 4, 0 if lane < 16 else 4
        for i in range(8 if role == "c" else 4):
            if role == "a":
                row, column = (q + upper, i) if layout == "row" else (i + upper, q)
            elif role == "b":
                row, column = (q, i + upper) if layout == "row" else (i, q + upper)
            elif kind == "f16":
                row, column = q + upper, i
            else:
                row, column = (lane & 1) + (i & 2) + upper, (i & 4) + (lane & 2) + (i & 1)
            yield pair, lane, i, row, column


def plain(role, kind, shape):
    m, n, k = shape
    per = max(32 // BITS[kind], 1)
    for lane in range(32):
        group, inside = lane >> 2, lane % 4
        for i in range({"a": m * k, "b": n * k, "c": m * n}[role] // 32):
            reg = i // per
            if role == "a" and m == 16:
                row, column = group + 8 * (reg % 2), inside * per + i % per + reg // 2 * 4 * per
            elif role == "a":
                row, column = group, inside * per + i % per + reg * 4 * per
            elif role == "b":
                row, column = inside * per + i % per + reg * 4 * per, group
            else:
                row, column = group + 8 * (i // 2), inside * 2 + i % 2
            yield 0, lane, i, row, column


@functools.lru_cache(None)
def places(role, kind, shape, layout):
    """[(register, lane, shift, product, index into the matrix)]"""
    m, n, k = shape
    columns = {"a": k, "b": n, "c": n}[role]
    quads = shape == (8, 8, 4) and layout
    bits = BITS[kind]
    per = max(32 // bits, 1)
    found = quad_pairs(role, kind, layout) if quads else plain(role, kind, shape)
    return [(i // per, lane, i % per * bits, pair, row * columns + column) for pair, lane, i, row, column in found]


def registers(role, kind, shape, layout):
    return 1 + max(place[0] for place in places(role, kind, shape, layout))


def pack(role, kind, shape, layout, products):
    """The registers [register][lane] of the matrices (lists of codes; four of them for quad pairs)."""
    count = registers(role, kind, shape, layout)
    packed = [0] * (count * 32)
    position = 2 if kind == "e2m1" else 0  # in bits 2 to 5 of its byte
    for reg, lane, shift, pair, index in places(role, kind, shape, layout):
        packed[reg * 32 + lane] |= products[pair][index] << (shift + position)
    return struct.pack(f"<{len(packed)}{'Q' if BITS[kind] == 64 else 'I'}", *packed)


def load(name, kind, count):
    """Loads the fragment `name` of this round and lane."""
    size = BITS[kind] // 8 if kind == "f64" else 4
    text = f"  ld.param.u64 %ad, [in_{name}]; mad.wide.u32 %ad, %round, {count * 32 * size}, %ad;\n"
    text += f"  mad.wide.u32 %ad, %lane, {size}, %ad;\n"
    return text + "".join(f"  ld.global.{register(kind)} %{name}{r}, [%ad+{r * 32 * size}];\n" for r in range(count))


def braces(name, count):
    return "{" + ", ".join(f"%{name}{r}" for r in range(count)) + "}"


def mma_kernel(form, kinds, counts, extra=(), tail=""):
    """`extra`: names of further 32-bit operands of each lane; `tail`: the operands behind C."""
    text = header(form.target) + ".visible .entry k(.param .u64 in_a, .param .u64 in_b, .param .u64 in_c, "
    text += "".join(f".param .u64 in_{name}, " for name in extra)
    text += ".param .u64 out)\n{\n  .reg .pred %first, %odd; .reg .b32 %t, %lane, %warp, %tid0, %round; .reg .b64 %ad;\n"
    for name, kind, count in zip("dabc", kinds, counts):
        text += f"  .reg .{register(kind)} %{name}<{count}>;\n"
    text += "  mov.u32 %tid0, %tid.x; and.b32 %lane, %tid0, 31; shr.u32 %warp, %tid0, 5; setp.eq.u32 %first, %warp, 0;\n"
    text += "  mov.u32 %round, %ctaid.x; and.b32 %t, %round, 1; setp.ne.u32 %odd, %t, 0;\n"
    for name, kind, count in list(zip("dabc", kinds, counts))[1:]:
        text += load(name, kind, count)
    for name in extra:
        text += f"  .reg .b32 %{name}<1>;\n" + load(name, "b32", 1)
    bits = 64 if kinds[0] == "f64" else 32
    sentinel = SENTINEL | SENTINEL << 32 if bits == 64 else SENTINEL
    for r in range(counts[0]):
        text += f"  mov.b{bits} %d{r}, {sentinel:#x};\n"
    d, a, b, c = (braces(name, count) for name, count in zip("dabc", counts))
    same = kinds[0] == kinds[3]
    if same:  # D in place of C
        text += "  @%odd bra IN_PLACE;\n"
    text += f"  @%first {form.spelling} {d}, {a}, {b}, {c}{tail};\n"
    if same:
        text += "  bra.uni DONE;\nIN_PLACE:\n"
        text += f"  @%first {form.spelling} {c}, {a}, {b}, {c}{tail};\n"
        text += "".join(f"  @%first mov.b{bits} %d{r}, %c{r};\n" for r in range(counts[0])) + "DONE:\n"
    size = bits // 8
    text += f"  ld.param.u64 %ad, [out]; mad.wide.u32 %ad, %round, {counts[0] * 64 * size}, %ad;\n"
    text += f"  mad.wide.u32 %ad, %tid0, {size}, %ad;\n"
    text += "".join(f"  st.global.{register(kinds[0])} [%ad+{r * 64 * size}], %d{r};\n" for r in range(counts[0]))
    return text + "  ret;\n}\n"


def mma_case(form, kinds, rounds, results, compare, extra=None, tail=""):
    """`kinds`: of D, A, B, C. `rounds`: [(A, B, C)], each a list of matrices (one, or four for quad pairs).
    `extra`: {name: the words of all rounds and lanes}. `results`: for each round the list of matrices of D, as codes, or as doubles for a comparison with near()."""
    shape = shape_of(form)
    layouts = [mod for mod in form.mods if mod in ("row", "col")]
    quads = shape == (8, 8, 4) and kinds[1] == "f16"
    layout = dict(zip("abc", [*layouts, "c"])) if quads else dict.fromkeys("abc", "")
    roles = [("c", kinds[0]), ("a", kinds[1]), ("b", kinds[2]), ("c", kinds[3])]
    counts = [registers(role, kind, shape, layout[role]) for role, kind in roles]
    case = Case(mma_kernel(form, kinds, counts, extra or (), tail), grid=(len(rounds), 1, 1), block=(64, 1, 1))
    for at, (role, kind) in enumerate(roles[1:]):
        case.input(b"".join(pack(role, kind, shape, layout[role], matrices[at]) for matrices in rounds))
    for data in (extra or {}).values():
        case.input(struct.pack(f"<{len(data)}I", *data))
    size = 8 if kinds[0] == "f64" else 4
    doubles = compare != "exact" and "kind" in compare
    out = bytearray()
    for matrices in results:
        words = [0xA5A5A5A5A5A5A5A5 if size == 8 else SENTINEL] * (counts[0] * 64)
        halves = [[0.0] * (counts[0] * 64) for _ in range(2)]
        sentinel_value = struct.unpack("<e", b"\xa5\xa5")[0] if kinds[0] == "f16" else \
            struct.unpack("<f", struct.pack("<I", SENTINEL))[0]
        for half in halves:
            half[:] = [sentinel_value] * len(half)
        for index in range(len(words)):
            if index % 64 < 32:
                words[index] = 0
        for reg, lane, shift, pair, index in places("c", kinds[0], shape, layout["c"]):
            if doubles:
                halves[shift // 16][reg * 64 + lane] = matrices[pair][index]
            else:
                words[reg * 64 + lane] |= matrices[pair][index] << shift
        if not doubles:
            out += struct.pack(f"<{len(words)}{'Q' if size == 8 else 'I'}", *words)
        elif kinds[0] == "f16":
            out += struct.pack(f"<{2 * len(words)}d", *[x for both in zip(*halves) for x in both])
        else:
            out += struct.pack(f"<{len(words)}d", *halves[0])
    return case.output(bytes(out), compare, size=counts[0] * 64 * size * len(rounds))
