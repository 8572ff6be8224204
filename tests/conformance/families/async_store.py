# SPDX-License-Identifier: MIT
"""st.async and red.async to the block's own shared memory (PTX ISA 9.0, 9.7.9.12, 9.7.13.7).

All threads of a block store or reduce, and an mbarrier that expects exactly their bytes says when everything is there.
"""

from case import Case, words
from elementwise import active_flags, header
from registry import covers

THREADS = 96
FILL = 0x3C3C3C3C

HEAD = """.visible .entry k(.param .u64 in, .param .u64 flags, .param .u64 out)
{
  .reg .pred %act, %p<4>; .reg .b16 %flag; .reg .b32 %t, %bar, %own, %r<8>; .reg .b64 %in, %out, %flags, %off, %state;
  .reg .b64 %l<4>; .shared .align 16 .b8 tile[2048]; .shared .align 8 .b64 object;
  mov.u32 %t, %tid.x; mov.u32 %bar, object; ld.param.u64 %in, [in]; ld.param.u64 %out, [out];
  ld.param.u64 %flags, [flags]; cvt.u64.u32 %off, %t; add.s64 %flags, %flags, %off; ld.global.u8 %flag, [%flags];
  setp.ne.u16 %act, %flag, 0; mul.wide.u32 %off, %t, 16; add.s64 %in, %in, %off; add.s64 %out, %out, %off;
  mov.u32 %own, tile; shl.b32 %r0, %t, 4; add.u32 %own, %own, %r0;
"""
WAIT = """FULL:
  mbarrier.try_wait.parity.shared.b64 %p1, [%bar], 0;
  @!%p1 bra FULL;
"""


def inputs():
    return [0x85EBCA6B * (i + 3) & 0xFFFFFFFF for i in range(4 * THREADS)]


def start(total):
    return f"""  setp.eq.u32 %p0, %t, 0;
  @%p0 mbarrier.init.shared.b64 [%bar], 1;
  @%p0 mbarrier.arrive.expect_tx.shared.b64 %state, [%bar], {total};
  bar.sync 0;
"""


def finish(form, text, source, expected, flags):
    case = Case(header(form.target) + HEAD + text + "  ret;\n}\n", block=(THREADS, 1, 1))
    return case.input(words(source, 32)).input(bytes(flags)).output(words(expected, 32))


def size_of(form):
    return int(form.types[0][1:]) // 8


@covers("st", when=lambda f: f.has("async"))
def stores(form):
    size, length = size_of(form), 4 if form.has("v4") else 2 if form.has("v2") else 1
    flags, source = active_flags(THREADS), inputs()
    registers = [f"%r{i + 1}" if size == 4 else f"%l{i}" for i in range(length)]
    vector = registers[0] if length == 1 else "{" + ", ".join(registers) + "}"
    load = f"ld.global{'.v' + str(length) if length > 1 else ''}.b{size * 8} {vector}, [%in];"
    text = f"  st.shared.v4.u32 [%own], {{{FILL}, {FILL}, {FILL}, {FILL}}};\n" + start(size * length * sum(flags))
    text += f"  {load}\n  @%act {form.spelling} [%own], {vector}, [%bar];\n" + WAIT
    # A word that another thread stored.
    text += f"  add.u32 %r0, %t, 50; rem.u32 %r0, %r0, {THREADS}; shl.b32 %r0, %r0, 4; mov.u32 %r1, tile;\n"
    text += "  add.u32 %r0, %r0, %r1; ld.shared.v4.u32 {%r1, %r2, %r3, %r4}, [%r0];\n"
    text += "  st.global.v4.u32 [%out], {%r1, %r2, %r3, %r4};\n"
    expected = []
    for t in range(THREADS):
        other, stored = (t + 50) % THREADS, size * length // 4
        row = source[4 * other:4 * other + stored] if flags[other] else []
        expected += row + [FILL] * (4 - len(row))
    return finish(form, text, source, expected, flags)


def _signed(value, bits):
    return value - (1 << bits) if value >> (bits - 1) else value


@covers("red", when=lambda f: f.has("async"))
def reductions(form):
    size, kind = size_of(form), form.types[0]
    bits, mask = size * 8, (1 << size * 8) - 1
    flags, source = active_flags(THREADS), inputs()
    values = [source[4 * t] | (source[4 * t + 1] << 32 if size == 8 else 0) for t in range(THREADS)]
    initial = 0x5A5A1234
    if form.has("inc", "dec"):
        values = [40] * THREADS
        initial = 17
    result = initial
    for t in range(THREADS):
        if not flags[t]:
            continue
        b = values[t]
        if form.has("add"):
            result = (result + b) & mask
        elif form.has("and", "or", "xor"):
            result = {"and": result & b, "or": result | b, "xor": result ^ b}[form.mods[-2]]
        elif form.has("inc"):
            result = 0 if result >= b else result + 1
        elif form.has("dec"):
            result = b if result == 0 or result > b else result - 1
        else:
            pick = min if form.has("min") else max
            key = (lambda v: _signed(v, bits)) if kind[0] == "s" else (lambda v: v)
            result = pick(result, b, key=key)
    register = "%r2" if size == 4 else "%l0"
    text = f"  mov.u{bits} {register}, {initial};\n"
    text += f"  setp.eq.u32 %p0, %t, 0; @%p0 st.shared.b{bits} [tile], {register};\n" + start(size * sum(flags))
    text += f"  mov.u32 %r1, tile; ld.global.b{bits} {register}, [%in];\n"
    if form.has("inc", "dec"):
        text += f"  mov.u32 {register}, 40;\n"
    text += f"  @%act {form.spelling} [%r1], {register}, [%bar];\n" + WAIT
    text += f"  ld.shared.b{bits} {register}, [tile]; mov.u32 %r5, 0; mov.u32 %r6, 0;\n"
    text += "  mov.u32 %r5, %r2;\n" if size == 4 else "  mov.b64 {%r5, %r6}, %l0;\n"
    text += "  mov.u32 %r0, 0; st.global.v4.u32 [%out], {%r5, %r6, %r0, %r0};\n"
    return finish(form, text, source, [result & 0xFFFFFFFF, result >> 32, 0, 0] * THREADS, flags)
