# SPDX-License-Identifier: MIT
"""Kernels for atom and red: each thread its own cells, then all threads of a block one cell.

    atomic_case(form, "shared", "add", "u32", 1)

Two blocks of 64 and 41 threads (a last warp of nine lanes), some lanes inactive with an address that would fault.

Private cells: every thread operates on two cells of its own, so old values and results are known exactly.
Contended cell: the active threads of a block operate on one cell. "atomic { d = *a; *a = op(*a, b) }" leaves the
order open, so either all threads use the same b, or the old values are the same in any order (exch), and old values
and final value together are compared as a multiset; or only the final value is looked at (and, or, xor, min, max).
cas counts the threads in a loop that tries again until it succeeds.
"""

import functools
import random

from case import FILL, Case, any_nan, multiset, words
from elementwise import SENTINEL, header, width
from exact import FORMATS, integer_specials, signed
from memory_kernels import POLICY, copy, element

BLOCK, THREADS, ROUNDS = 64, 105, 2
ACTIVE = [t % 3 != 1 or t % 32 == 7 for t in range(THREADS)]
ELEMENT = {"f16x2": "f16", "bf16x2": "bf16"}


def operation(name, kind, in_shared):
    """Function of bit patterns (old, b, c): the new value of one element (not of a packed pair)."""
    bits = width(kind)
    mask = (1 << bits) - 1
    if kind in FORMATS:
        number = FORMATS[kind]
        if name == "add":
            # "atom.add.f32 on global memory flushes subnormal inputs and results to sign-preserving zero; whereas
            # atom.add.f32 on shared memory supports subnormal inputs and results"
            flush = kind == "f32" and not in_shared
            return lambda old, b, c: number.add(old, b, ftz=True) if flush else number.add(old, b)

        def choose(old, b, c):
            if number.is_nan(old):
                return old
            if number.is_infinite(old) or number.is_infinite(b):
                key = [(-1 if number.negative(v) else 1) * (2 if number.is_infinite(v) else 0) for v in (old, b)]
                key = [k if k else 0 for k in key]
            else:
                key = [number.decode(v) for v in (old, b)]
            if name == "min":
                return old if key[0] <= key[1] else b
            return old if key[0] >= key[1] else b
        return choose

    def value(v):
        return signed(v, bits) if kind[0] == "s" else v
    return {"add": lambda old, b, c: (old + b) & mask,
            "min": lambda old, b, c: min(old, b, key=value), "max": lambda old, b, c: max(old, b, key=value),
            "and": lambda old, b, c: old & b, "or": lambda old, b, c: old | b, "xor": lambda old, b, c: old ^ b,
            "exch": lambda old, b, c: b, "cas": lambda old, b, c: c if old == b else old,
            "inc": lambda old, b, c: 0 if old >= b else old + 1,
            "dec": lambda old, b, c: b if old == 0 or old > b else old - 1}[name]


def operands(name, kind, count, parts, seed=5):
    """Rows (old, b, c) of elements. The text does not say which of NaN and a number, or of zeros of different sign,
    a floating-point min or max takes: both operands are NaN there, or none, and never both zero."""
    bits = width(kind)
    rng = random.Random(f"{name}{kind}{seed}")
    special = FORMATS[kind].specials() if kind in FORMATS else integer_specials(min(bits, 64))

    def one():
        return rng.choice(special) if rng.random() < 0.7 else rng.getrandbits(bits)
    rows = []
    while len(rows) < count:
        old, b, c = one(), one(), one()
        if name == "cas" and rng.random() < 0.5:
            b = old
        if name in ("inc", "dec") and rng.random() < 0.4:
            b = (old + rng.choice((-1, 0, 1))) & ((1 << bits) - 1)
        if kind in FORMATS and name != "add":
            number = FORMATS[kind]
            first_round = len(rows) // parts % ROUNDS == 0  # whose operands meet in the contended cell
            if number.is_nan(old) != number.is_nan(b) or number.is_zero(old) and number.is_zero(b):
                continue
            if first_round and (number.is_nan(b) or number.is_zero(b)):
                continue
        rows.append((old, b, c))
    return rows


def braces(prefix, count):
    return f"%{prefix}0" if count == 1 else "{" + ", ".join(f"%{prefix}{e}" for e in range(count)) + "}"


def transfer(space, register, address, bits, store=False):
    """Loads or stores a register with accesses of at most 64 bits."""
    if bits == 128:
        if store:
            return (f"  mov.b128 {{%x, %y}}, {register}; st.{space}.b64 [{address}], %x; "
                    f"st.{space}.b64 [{address}+8], %y;\n")
        return (f"  ld.{space}.b64 %x, [{address}]; ld.{space}.b64 %y, [{address}+8]; "
                f"mov.b128 {register}, {{%x, %y}};\n")
    if store:
        return f"  st.{space}.b{bits} [{address}], {register};\n"
    return f"  ld.{space}.b{bits} {register}, [{address}];\n"


def contended_operand(name, kind):
    """b that all threads use, and the first value of the cell; None: each its own b."""
    if name == "add":
        return ({"f16": 0x3C00, "bf16": 0x3F80, "f32": 0x3F800000, "f64": 0x3FF0000000000000}.get(kind, 1), 0)
    return {"inc": (20, 3), "dec": (20, 3), "cas": (0, 0)}.get(name)


@functools.lru_cache(maxsize=None)
def template(op, name, region, generic, kind, count, hint, sink):
    part = ELEMENT.get(kind, kind)      # what one operation works on
    parts = count * (2 if kind in ELEMENT else 1)
    unit, bits = width(part) // 8, width(kind)
    size = unit * parts
    stride = ROUNDS * size
    fixed = contended_operand(name, part)
    apply = operation(name, part, region == "shared")
    rows = operands(name, part, THREADS * ROUNDS * parts, parts)
    cells = size * 2                    # b and c
    returns = op == "atom"
    keeps_old = returns and (fixed is not None and name != "cas" or name == "exch")
    tail = ", %pol" if hint else ""
    third = f", {braces('e', count)}" if name == "cas" else ""

    t = "$HEADER\n.visible .entry k("
    t += ", ".join(f".param .u64 {name}" for name in ("in", "flags", "mem", "con", "out")) + ")\n{\n"
    t += f"  .reg .pred %act, %end, %p; .reg .b32 %i, %b, %c, %w; .reg .b64 %ad, %at, %src, %dst, %x, %y, %pol;\n"
    t += f"  .reg .b{bits} %d<{count}>, %s<{count}>, %e<{count}>; .reg .b16 %h;\n"
    if region == "shared":
        t += f"  .shared .align 16 .b8 sh[{BLOCK * stride}]; .shared .align 16 .b8 sc[{max(size, 4)}];\n"
    t += f"  mov.u32 %b, %tid.x; mov.u32 %c, %ctaid.x; mad.lo.u32 %i, %c, {BLOCK}, %b;\n"
    t += f"  setp.ge.u32 %end, %i, {THREADS};\n  @%end ret;\n  $POLICY\n"
    t += "  ld.param.u64 %x, [flags]; cvt.u64.u32 %y, %i; add.u64 %x, %x, %y; ld.global.u8 %w, [%x];\n"
    t += "  setp.ne.u32 %act, %w, 0;\n"
    t += element("%dst", "mem", "%i", stride) + element("%src", "con", "%c", (BLOCK + 1) * size)
    t += f"  add.u64 %at, %src, {BLOCK * size};\n"
    if region == "shared":
        t += f"  mov.b64 %ad, sh; mad.wide.u32 %ad, %b, {stride}, %ad;\n"
        t += copy("%ad", "shared", "%dst", "global", stride)
        t += "\n  mov.b64 %x, sc; setp.ne.u32 %p, %b, 0;\n  @%p bra READY;\n"
        for at in range(0, size, 2):
            t += f"  ld.global.b16 %h, [%at+{at}]; st.shared.b16 [%x+{at}], %h;\n"
        t += "READY:\n  mov.b64 %at, sc;\n  bar.sync 0;\n"
        if generic:
            t += "  cvta.shared.u64 %ad, %ad; cvta.shared.u64 %at, %at;\n"
    else:
        t += "  mov.b64 %ad, %dst;\n"
    t += "  @!%act mov.b64 %ad, 3;\n"
    t += element("%src", "in", "%i", ROUNDS * cells) + element("%dst", "out", "%i", stride)
    filler = SENTINEL & ((1 << bits) - 1)
    for r in range(ROUNDS):
        for e in range(count):
            t += transfer("global", f"%s{e}", f"%src+{r * cells + e * bits // 8}", bits)
            if name == "cas":
                t += transfer("global", f"%e{e}", f"%src+{r * cells + size + e * bits // 8}", bits)
            if returns and bits == 128:
                t += f"  mov.b64 %x, {filler & (1 << 64) - 1:#x}; mov.b128 %d{e}, {{%x, %x}};\n"
            elif returns:
                t += f"  mov.b{bits} %d{e}, {filler:#x};\n"
        d = braces("d", count) + ", " if returns else ""
        t += f"  @%act $OP {d}[%ad+{r * size}], {braces('s', count)}{third}{tail};\n"
        for e in range(count if returns else 0):
            t += transfer("global", f"%d{e}", f"%dst+{r * size + e * bits // 8}", bits, store=True)
    # The contended cell.
    for e in range(count):
        if fixed is None:
            t += transfer("global", f"%s{e}", f"%src+{e * bits // 8}", bits)
        elif bits == 128:
            t += f"  mov.b64 %x, 0; mov.b128 %s{e}, {{%x, %x}};\n"
        else:
            pattern = fixed[0] | fixed[0] << 16 if kind in ELEMENT else fixed[0]
            t += f"  mov.b{bits} %s{e}, {pattern:#x};\n"
    if name == "cas":
        t += "  @!%act bra DONE;\nAGAIN:\n"
        if bits == 128:
            t += "  mov.b128 {%x, %y}, %s0; add.u64 %src, %x, 1; mov.b128 %e0, {%src, %y};\n"
        else:
            t += f"  add.u{bits} %e0, %s0, 1;\n"
        t += f"  $OP %d0, [%at], %s0, %e0{tail};\n"
        if bits == 128:
            t += "  mov.b128 {%src, %y}, %d0; setp.ne.u64 %p, %src, %x;\n"
        else:
            t += f"  setp.ne.u{bits} %p, %d0, %s0;\n"
        t += f"  mov.b{bits} %s0, %d0;\n  @%p bra AGAIN;\nDONE:\n"
    else:
        d = ("_, " if sink and not keeps_old else braces("d", count) + ", ") if returns else ""
        t += f"  @%act $OP {d}[%at], {braces('s', count)}{tail};\n"
    t += element("%src", "con", "%c", (BLOCK + 1) * size) + f"  mad.wide.u32 %y, %b, {size}, %src;\n"
    t += "  mov.b64 %dst, %y;\n"
    if keeps_old:
        t += "  @!%act bra NONE;\n"
        t += "".join(transfer("global", f"%d{e}", f"%dst+{e * bits // 8}", bits, store=True) for e in range(count))
        t += "NONE:\n"
    if region == "shared":
        t += "  bar.sync 0;\n" + f"  mov.b64 %ad, sh; mad.wide.u32 %ad, %b, {stride}, %ad;\n"
        t += element("%dst", "mem", "%i", stride) + copy("%dst", "global", "%ad", "shared", stride)
        t += "\n  setp.ne.u32 %p, %b, 0;\n  @%p ret;\n  mov.b64 %x, sc;\n"
        for at in range(0, size, 2):
            t += f"  ld.shared.b16 %h, [%x+{at}]; st.global.b16 [%src+{BLOCK * size + at}], %h;\n"
    t += "  ret;\n}\n"

    inputs, before, after, old = bytearray(), bytearray(), bytearray(), bytearray()
    idle = (SENTINEL & ((1 << 128) - 1)).to_bytes(16, "little")
    for thread in range(THREADS):
        for r in range(ROUNDS):
            row = rows[(thread * ROUNDS + r) * parts:][:parts]
            inputs += words([b for _, b, _ in row], unit * 8) + words([c for _, _, c in row], unit * 8)
            before += words([o for o, _, _ in row], unit * 8)
            after += words([apply(*x) if ACTIVE[thread] else x[0] for x in row], unit * 8)
            old += words([o for o, _, _ in row], unit * 8) if ACTIVE[thread] else (idle * size)[:size]
    start = {"min": (1 << (unit * 8 - 1)) - 1 if part[0] == "s" else (1 << unit * 8) - 1,
             "max": 1 << (unit * 8 - 1) if part[0] == "s" else 0, "and": (1 << unit * 8) - 1}.get(name, 0)
    if part in FORMATS and name in ("min", "max"):
        start = FORMATS[part].infinity | (FORMATS[part].sign_bit if name == "max" else 0)
    if fixed is not None:
        start = fixed[1]
    con_before, con_after = bytearray(), bytearray()
    for block in range(2):
        threads = [x for x in range(block * BLOCK, min(THREADS, (block + 1) * BLOCK))]
        con_before += bytes([FILL]) * (BLOCK * size) + words([start] * parts, unit * 8)
        cell, olds = [start] * parts, bytearray()
        for x in range(block * BLOCK, (block + 1) * BLOCK):
            if x not in threads or not ACTIVE[x]:
                olds += bytes([FILL]) * size
                continue
            b = ([fixed[0]] * parts if fixed is not None and name != "cas"
                 else [row[1] for row in rows[x * ROUNDS * parts:][:parts]])
            olds += words(cell, unit * 8) if keeps_old else bytes([FILL]) * size
            if name == "cas":
                cell = [cell[0] + 1]
            else:
                cell = [apply(o, v, 0) for o, v in zip(cell, b)]
        con_after += olds + words(cell, unit * 8)
    return t, bytes(inputs), bytes(before), bytes(after), bytes(con_before), bytes(con_after), bytes(old), keeps_old


def atomic_case(form, region, name, kind, count):
    hint = form.has("L2::cache_hint")
    generic = not form.has("global", "shared", "shared::cta", "shared::cluster")
    sink = len(form.mods) <= 3
    text, inputs, before, after, con_before, con_after, old, keeps_old = template(
        form.op, name, region, generic, kind, count, hint, sink)
    text = (text.replace("$HEADER", header(form.target)).replace("$OP", form.spelling)
            .replace("$POLICY", POLICY if hint else ""))
    part = ELEMENT.get(kind, kind)
    case = Case(text, grid=(2, 1, 1), block=(BLOCK, 1, 1))
    case.input(inputs).input(bytes(ACTIVE))
    case.buffer(before, after, any_nan(part) if part in FORMATS else "exact")
    case.buffer(con_before, con_after, multiset(width(part) // 8) if keeps_old else "exact")
    return case.output(old if form.op == "atom" else bytes([FILL]) * len(old))
