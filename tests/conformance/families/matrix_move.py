# SPDX-License-Identifier: MIT
"""ldmatrix, stmatrix and movmatrix (PTX ISA 9.0, 9.7.14.5.15 to 9.7.14.5.17).

Two blocks of two warps; the second warp skips the instruction and keeps its sentinel. Each block has 32 rows of 16
bytes in shared memory, with 16 bytes between them, and gives them to the lanes in an order of its own. Lanes that name
no row ("for .x1, threads 0 to 7 …") hold an address that would fault. Fragments, q = lane % 4, g = lane / 4:

  m8n8 .b16            elements 2q and 2q + 1 of row g;            .trans: of column g
  m16n16 .trans .b8    register 0: rows 4q to 4q + 3 of column g; register 1: of column g + 8
  m8n16 .b8x16…        elements 4q to 4q + 3 of row g, a byte each
  m16n8 .trans .b8     rows 2q and 2q + 1 of column g, then of column g + 8

The layouts of 8-bit fragments are figures in the text. Of .b6x16_p32 a row is "16 unsigned 6-bit elements with 32 bits
padding", of .b4x16_p64 "16 unsigned 4-bit elements with 64 bits padding".
"""

import random

from case import Case, words
from elementwise import header
from registry import covers

SENTINEL = 0xA5A5A5A5
STRIDE = 32
BLOCKS = 2


def order(block):
    rows = list(range(32))
    random.Random(block).shuffle(rows)
    return rows


def row_bytes(block):
    rng = random.Random(100 + block)
    return [[rng.getrandbits(8) for _ in range(16)] for _ in range(32)]


def count_of(form):
    return next(int(m[1:]) for m in form.mods if m in ("x1", "x2", "x4"))


def narrow(row, bits):
    """A row of 16 elements as bytes."""
    packed = int.from_bytes(bytes(row), "little")
    return [packed >> (i * bits) & ((1 << bits) - 1) for i in range(16)]


def elements(form):
    """For each register of a lane, its four bytes: [(matrix, row, byte in the row)]."""
    count = count_of(form)
    for lane in range(32):
        q, g = lane % 4, lane // 4
        if form.has("m16n16"):
            yield lane, [[(j, 4 * q + i, g + 8 * half) for i in range(4)] for j in range(count) for half in range(2)]
        elif form.has("m16n8"):
            yield lane, [[(j, 2 * q + i % 2, g + i // 2 * 8) for i in range(4)] for j in range(count)]
        elif form.has("m8n8") and form.has("trans"):
            yield lane, [[(j, 2 * q + i // 2, 2 * g + i % 2) for i in range(4)] for j in range(count)]
        else:
            yield lane, [[(j, g, 4 * q + i) for i in range(4)] for j in range(count)]


def rows_per_matrix(form):
    return 16 if form.has("m16n16") else 8


def kernel(form, registers):
    """in: the rows of each block; rows: the lanes' order; regs: registers to store; out: registers, then memory."""
    generic = not form.has("shared", "shared::cta")
    named = count_of(form) * rows_per_matrix(form)
    is_store = form.op == "stmatrix"
    fragment = "{" + ", ".join(f"%d{r}" for r in range(registers)) + "}"
    text = header(form.target) + f".shared .align 16 .b8 tile[{32 * STRIDE}];\n"
    text += ".visible .entry k(.param .u64 in, .param .u64 rows, .param .u64 regs, .param .u64 out)\n{\n"
    text += "  .reg .pred %first, %named; .reg .b32 %t, %lane, %warp, %block, %w; .reg .b64 %x, %y, %ad, %to;\n"
    text += f"  .reg .b32 %d<{registers}>;\n"
    text += "  mov.u32 %t, %tid.x; mov.u32 %block, %ctaid.x; and.b32 %lane, %t, 31; shr.u32 %warp, %t, 5;\n"
    text += "  setp.eq.u32 %first, %warp, 0; setp.lt.u32 %named, %lane, " + f"{named};\n"
    text += f"  ld.param.u64 %x, [in]; mad.wide.u32 %x, %block, {32 * STRIDE}, %x; mad.wide.u32 %x, %t, 16, %x;\n"
    text += "  mov.u64 %y, tile; mad.wide.u32 %y, %t, 16, %y;\n"
    for at in range(0, 16, 4):  # 64 threads copy the 64 halves of the lines of 32 bytes
        text += f"  ld.global.b32 %w, [%x+{at}]; st.shared.b32 [%y+{at}], %w;\n"
    text += "  bar.sync 0;\n"
    text += "  ld.param.u64 %x, [rows]; mad.wide.u32 %x, %block, 128, %x; mad.wide.u32 %x, %lane, 4, %x;\n"
    text += f"  ld.global.b32 %w, [%x]; mov.u64 %ad, tile; mad.wide.u32 %ad, %w, {STRIDE}, %ad;\n"
    text += "  cvta.shared.u64 %ad, %ad;\n" if generic else ""
    text += "  @!%named mov.u64 %ad, 0x7fffffff1;\n"
    size = registers * 256
    text += f"  ld.param.u64 %x, [regs]; mad.wide.u32 %x, %block, {size}, %x; mad.wide.u32 %x, %t, 4, %x;\n"
    for r in range(registers):
        text += f"  ld.global.b32 %d{r}, [%x+{r * 256}];\n"
    text += f"  @%first {form.spelling} [%ad], {fragment};\n" if is_store else \
        f"  @%first {form.spelling} {fragment}, [%ad];\n"
    text += "  bar.sync 0;\n"
    text += f"  ld.param.u64 %to, [out]; mad.wide.u32 %to, %block, {size + 32 * STRIDE}, %to;\n"
    text += "  mad.wide.u32 %x, %t, 4, %to;\n"
    for r in range(registers):
        text += f"  st.global.b32 [%x+{r * 256}], %d{r};\n"
    text += f"  mad.wide.u32 %x, %t, 16, %to; add.u64 %x, %x, {size};\n"
    for at in range(0, 16, 4):
        text += f"  ld.shared.b32 %w, [%y+{at}]; st.global.b32 [%x+{at}], %w;\n"
    return text + "  ret;\n}\n"


def spread(rows):
    """The lines of a block: 16 bytes of a row, 16 that nothing may touch."""
    return b"".join(bytes(row) + b"\x5c" * 16 for row in rows)


@covers("ldmatrix", "stmatrix")
def moves(form):
    is_store = form.op == "stmatrix"
    per_matrix = rows_per_matrix(form)
    registers = count_of(form) * (2 if form.has("m16n16") else 1)
    bits = 6 if form.has("b6x16_p32") else 4 if form.has("b4x16_p64") else 8
    rng = random.Random(form.spelling)
    case = Case(kernel(form, registers), grid=(BLOCKS, 1, 1), block=(64, 1, 1))
    case.input(b"".join(spread(row_bytes(b)) for b in range(BLOCKS)))
    case.input(words([row for b in range(BLOCKS) for row in order(b)], 32))
    initial, out = b"", b""
    for block in range(BLOCKS):
        rows, lanes = row_bytes(block), order(block)
        held = [[rng.getrandbits(32) if is_store else SENTINEL for _ in range(64)] for _ in range(registers)]
        initial += b"".join(words(r, 32) for r in held)
        source = [narrow(row, bits) for row in rows]
        for lane, fragment in elements(form):
            for r, four in enumerate(fragment):
                if is_store:
                    for i, (j, row, column) in enumerate(four):
                        rows[lanes[j * per_matrix + row]][column] = held[r][lane] >> (8 * i) & 0xFF
                else:
                    held[r][lane] = sum(source[lanes[j * per_matrix + row]][column] << (8 * i)
                                        for i, (j, row, column) in enumerate(four))
        out += b"".join(words(r, 32) for r in held) + spread(rows)
    return case.input(initial).output(out)


@covers("movmatrix")
def transpose(form):
    text = header(form.target) + f""".visible .entry k(.param .u64 in, .param .u64 out)
{{
  .reg .pred %first; .reg .b32 %t, %a, %d; .reg .b64 %x;
  mov.u32 %t, %tid.x; setp.lt.u32 %first, %t, 32;
  ld.param.u64 %x, [in]; mad.wide.u32 %x, %t, 4, %x; ld.global.b32 %a, [%x]; mov.b32 %d, {SENTINEL:#x};
  @%first {form.spelling} %d, %a;
  ld.param.u64 %x, [out]; mad.wide.u32 %x, %t, 8, %x; st.global.b32 [%x], %d;
  @%first {form.spelling} %a, %a;
  st.global.b32 [%x+4], %a;
  ret;
}}
"""
    rng = random.Random(1)
    a = [rng.getrandbits(32) for _ in range(64)]
    half = [[a[row * 4 + column // 2] >> (16 * (column % 2)) & 0xFFFF for column in range(8)] for row in range(8)]
    turned = [half[2 * (lane % 4)][lane // 4] | half[2 * (lane % 4) + 1][lane // 4] << 16 for lane in range(32)]
    expected = [x for d, same in zip(turned + [SENTINEL] * 32, turned + a[32:]) for x in (d, same)]
    return Case(text, block=(64, 1, 1)).input(words(a, 32)).output(words(expected, 32))
