# SPDX-License-Identifier: MIT
"""bar and barrier (PTX ISA 9.0, 9.7.13.1) and barrier.cluster (9.7.13.3).

Two blocks of 134 threads (four warps and six lanes). The threads pass values through shared memory, so a barrier that
lets a thread through too early, or never, shows. Some lanes and one whole warp have exited before; exited threads do
not count. Groups of two warps use barriers of their own with a thread count. Forms without .aligned are also
executed by the two halves of each warp at different places."""

import random

from case import FILL, Case, words
from elementwise import header
from registry import covers

THREADS, BLOCKS, ROUNDS = 134, 2, 6
EXITS = {block: {t for t in range(THREADS) if t // 32 == 1 + block or t % 32 in (3, 17 + block) and t // 32 == 0}
         for block in range(BLOCKS)}


def value(block, thread, r):
    return (block * 1000003 + thread * 7919 + r * 104729 + 12345) & 0xFFFFFFFF


HEAD = """{header}
.visible .entry k(.param .u64 in, .param .u64 out)
{{
  .reg .pred %p, %q, %odd, %bye; .reg .b32 %i, %c, %t, %v, %r, %id, %n, %w, %cnt; .reg .b64 %src, %dst, %x;
  .shared .align 4 .b8 sh[576];
  mov.u32 %i, %tid.x; mov.u32 %c, %ctaid.x; mad.lo.u32 %t, %c, 134, %i;
  ld.param.u64 %src, [in]; mad.wide.u32 %src, %t, 32, %src;
  ld.param.u64 %dst, [out]; mad.wide.u32 %dst, %t, 64, %dst;
  and.b32 %t, %i, 1; setp.ne.u32 %odd, %t, 0;
"""
EXIT = "  ld.global.u32 %t, [%src+28]; setp.ne.u32 %bye, %t, 0;\n  @%bye exit;\n"
# A thread's value of round r from %v to its place; the value of thread %t from there to the output.
PUT = "  shl.b32 %w, %i, 2; mov.u32 %t, sh; add.u32 %w, %w, %t; st.shared.u32 [%w], %v;\n"


def take(r):
    return ("  shl.b32 %w, %t, 2; mov.u32 %v, sh; add.u32 %w, %w, %v; ld.shared.u32 %v, [%w]; "
            f"st.global.u32 [%dst+{8 * r}], %v;\n")


def barrier(op, operands, diverged=False):
    if not diverged:
        return f"  {op} {operands};\n"
    return f"  @%odd bra ODD_0;\n  {op} {operands};\n  bra JOIN_0;\nODD_0:\n  {op} {operands};\nJOIN_0:\n"


def numbered(text):
    """Gives the labels of diverged barriers numbers of their own."""
    parts = text.split("@%odd bra ODD_0;")
    return parts[0] + "".join("@%odd bra ODD_{};".format(n) + part.replace("JOIN_0", f"JOIN_{n}").replace(
        "ODD_0", f"ODD_{n}") for n, part in enumerate(parts[1:], 1))


def finished(form, text, records, expected, blocks=BLOCKS):
    case = Case(numbered(HEAD.format(header=header(form.target)) + text + "  ret;\n}\n"), grid=(blocks, 1, 1),
                block=(THREADS, 1, 1))
    return case.input(records).output(expected)


def records(exits, columns=lambda block, thread: [0] * 7):
    return b"".join(words(columns(b, t) + [int(t in exits[b])], 32) for b in range(BLOCKS) for t in range(THREADS))


def filled(entries):
    """The output: 64 bytes for each thread; entries: {(block, thread, round): 32-bit value}."""
    data = bytearray([FILL]) * (BLOCKS * THREADS * 64)
    for (block, thread, r), number in entries.items():
        at = (block * THREADS + thread) * 64 + 8 * r
        data[at:at + 4] = (number & 0xFFFFFFFF).to_bytes(4, "little")
    return bytes(data)


NONE = {0: set(), 1: set()}


def exchange(form, op, exits, diverged=False):
    """Each living thread reads, in each round, what the next living thread (cyclically) wrote."""
    def columns(block, thread):
        alive = [t for t in range(THREADS) if t not in exits[block]]
        after = alive[(alive.index(thread) + 1) % len(alive)] if thread in alive else 0
        return [value(block, thread, r) for r in range(ROUNDS)] + [after]
    text, entries = EXIT, {}
    for r in range(ROUNDS):
        operand = ["0", "15", "%id"][r % 3]
        text += f"  ld.global.u32 %v, [%src+{4 * r}];\n" + PUT
        text += f"  mov.u32 %id, {(5 * r + 3) % 16};\n" + barrier(op, operand, diverged)
        text += "  ld.global.u32 %t, [%src+24];\n" + take(r) + barrier(op, operand, diverged)
        for block in range(BLOCKS):
            for t in range(THREADS):
                if t not in exits[block]:
                    entries[block, t, r] = value(block, columns(block, t)[6], r)
    return finished(form, text, records(exits, columns), filled(entries))


def counted(form, op, diverged=False):
    """Warps 0 and 1 use barrier 1, warps 2 and 3 another, 64 threads each; the last warp takes no part."""
    text = "  setp.ge.u32 %p, %i, 128;\n  @%p ret;\n  shr.u32 %id, %i, 6; add.u32 %id, %id, 1; mov.u32 %n, 64;\n"
    entries = {}
    for r in range(ROUNDS):
        operand = ["%id, 64", "%id, %n"][r % 2]
        text += f"  ld.global.u32 %v, [%src+{4 * r}];\n" + PUT + barrier(op, operand, diverged)
        text += f"  xor.b32 %t, %i, {32 + r};\n" + take(r) + barrier(op, operand, diverged)
        for block in range(BLOCKS):
            for t in range(128):
                entries[block, t, r] = value(block, t ^ (32 + r), r)
    columns = [[value(b, t, r) for r in range(ROUNDS)] + [0] for b in range(BLOCKS) for t in range(THREADS)]
    return finished(form, text, records(NONE, lambda b, t: columns[b * THREADS + t]), filled(entries))


def big(form):
    """1,024 threads, with and without their number as count."""
    text = header(form.target) + """.visible .entry k(.param .u64 out)
{
  .reg .b32 %i, %v, %w; .reg .b64 %d, %x; .shared .align 4 .b8 sh[4096];
  mov.u32 %i, %tid.y; mov.u32 %v, %tid.x; mad.lo.u32 %i, %i, 32, %v; ld.param.u64 %d, [out]; mad.wide.u32 %d, %i, 8, %d;
"""
    for r, operands in enumerate(("9", "3, 1024")):
        text += f"""  mul.lo.u32 %v, %i, {3 + r}; mov.b64 %x, sh; mad.wide.u32 %x, %i, 4, %x; st.shared.u32 [%x], %v;
  {form.spelling} {operands};
  xor.b32 %w, %i, {1023 - r}; mov.b64 %x, sh; mad.wide.u32 %x, %w, 4, %x; ld.shared.u32 %v, [%x];
  st.global.u32 [%d+{4 * r}], %v;
  {form.spelling} {operands};
"""
    expected = [(3 + r) * (i ^ 1023 - r) for i in range(1024) for r in range(2)]
    return Case(text + "  ret;\n}\n", block=(32, 32, 1)).output(words(expected, 32))


@covers("bar", "barrier", when=lambda f: "sync" in f.mods and not f.has("warp"))
def sync(form):
    cases = [big(form), exchange(form, form.spelling, NONE), exchange(form, form.spelling, EXITS),
             counted(form, form.spelling)]
    if form.op == "barrier" and not form.has("aligned"):
        cases += [exchange(form, form.spelling, EXITS, True), counted(form, form.spelling, True)]
    return cases


@covers("bar", "barrier", when=lambda f: "arrive" in f.mods and not f.has("cluster"))
def arrive(form):
    """Producers (warps 0 and 1) and consumers (2 and 3), as the ISA's example: barrier 0 says that there is a value,
    barrier 1 that it was taken; who says so does not wait."""
    waits = form.spelling.replace("arrive", "sync")
    text = f"  setp.ge.u32 %p, %i, 128;\n  @%p ret;\n  setp.ge.u32 %p, %i, 64; mov.u32 %id, 1; mov.u32 %n, 128;\n"
    text += "  @%p bra CONSUMER;\n"
    entries = {}
    for r in range(ROUNDS):
        text += f"  ld.global.u32 %v, [%src+{4 * r}];\n" + PUT + f"  {form.spelling} 0, 128;\n  {waits} 1, %n;\n"
    text += "  ret;\nCONSUMER:\n"
    for r in range(ROUNDS):
        text += f"  {waits} 0, 128;\n  sub.u32 %t, 127, %i;\n" + take(r) + f"  {form.spelling} %id, %n;\n"
        for block in range(BLOCKS):
            for t in range(64, 128):
                entries[block, t, r] = value(block, 127 - t, r)
    columns = [[value(b, t, r) for r in range(ROUNDS)] + [0] for b in range(BLOCKS) for t in range(THREADS)]
    return finished(form, text, records(NONE, lambda b, t: columns[b * THREADS + t]), filled(entries))


def reduction(form, exits, inverted, with_count, diverged=False):
    """Predicates: none, all, one, random ones. With a count: two groups of two warps."""
    rng = random.Random(form.spelling)
    patterns = [[False] * THREADS, [True] * THREADS, [t == 77 for t in range(THREADS)],
                [t != 5 for t in range(THREADS)], [rng.random() < 0.5 for _ in range(THREADS)],
                [t >= 64 for t in range(THREADS)]]
    popc = form.has("popc")
    text = EXIT + ("  setp.ge.u32 %q, %i, 128;\n  @%q ret;\n" if with_count else "")
    text += "  shr.u32 %id, %i, 6; add.u32 %id, %id, 1; mov.u32 %n, 64;\n" if with_count else "  mov.u32 %id, 7;\n"
    entries = {}
    for r in range(ROUNDS):
        text += f"  ld.global.u32 %t, [%src+{4 * r}]; setp.ne.u32 %p, %t, 0;\n  mov.u32 %cnt, 77; "
        text += f"setp.ne.u32 %q, %i, %i;\n"
        ids = ["%id, 64", "%id, %n"][r % 2] if with_count else ["0", "%id"][r % 2]
        text += barrier(form.spelling, f"{'%cnt' if popc else '%q'}, {ids}, {'!' if inverted else ''}%p", diverged)
        text += ("" if popc else "  selp.u32 %cnt, 1, 0, %q;\n") + f"  st.global.u32 [%dst+{8 * r}], %cnt;\n"
        for block in range(BLOCKS):
            alive = [t for t in range(128 if with_count else THREADS) if t not in exits[block]]
            for t in alive:
                group = [x for x in alive if not with_count or x // 64 == t // 64]
                true = [x for x in group if patterns[r][x] != inverted]
                entries[block, t, r] = (len(true) if popc else int(len(true) == len(group)) if form.has("and")
                                        else int(bool(true)))
    return finished(form, text, records(exits, lambda b, t: [int(p[t]) for p in patterns] + [0]), filled(entries))


@covers("bar", "barrier", when=lambda f: "red" in f.mods)
def red(form):
    cases = [reduction(form, NONE, False, False), reduction(form, EXITS, True, False),
             reduction(form, NONE, False, True), reduction(form, NONE, True, True)]
    if form.op == "barrier" and not form.has("aligned"):
        cases += [reduction(form, EXITS, False, False, True)]
    return cases


@covers("barrier", when=lambda f: f.has("cluster"))
def cluster(form):
    """A cluster of one block: arrive and wait by all its threads. "The default is .release for arrive and .acquire
    for wait"; behind arrive.relaxed a fence orders the stores."""
    aligned = ".aligned" if form.has("aligned") else ""
    arrives = form.spelling if form.has("arrive") else "barrier.cluster.arrive" + aligned
    waits = form.spelling if form.has("wait") else "barrier.cluster.wait" + aligned
    fence = "  fence.acq_rel.cluster;\n" if form.has("relaxed") else ""
    text, entries = "", {}
    for r in range(ROUNDS):
        text += f"  ld.global.u32 %v, [%src+{4 * r}];\n" + PUT + fence + f"  {arrives};\n  {waits};\n"
        text += f"  add.u32 %t, %i, {37 * r + 1}; rem.u32 %t, %t, {THREADS};\n" + take(r)
        text += fence + f"  {arrives};\n  {waits};\n"
        for block in range(BLOCKS):
            for t in range(THREADS):
                entries[block, t, r] = value(block, (t + 37 * r + 1) % THREADS, r)
    columns = [[value(b, t, r) for r in range(ROUNDS)] + [0] for b in range(BLOCKS) for t in range(THREADS)]
    return finished(form, text, records(NONE, lambda b, t: columns[b * THREADS + t]), filled(entries))
