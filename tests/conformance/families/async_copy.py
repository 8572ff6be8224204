# SPDX-License-Identifier: MIT
"""cp.async and its groups (PTX ISA 9.0, 9.7.9.25.3).

A program may look at the destination only after a wait, so nothing is said about what lies there before.
"""

from case import Case, words
from elementwise import active_flags, header
from registry import covers

THREADS = 96
OLD = 0x5A5A5A5A

HEAD = """.visible .entry k(.param .u64 in, .param .u64 flags, .param .u64 out)
{
  .reg .pred %act, %p<4>; .reg .b16 %flag; .reg .b32 %t, %s, %r<8>; .reg .b64 %in, %from, %out, %flags, %off, %policy;
  .shared .align 16 .b8 tile[8192];
  mov.u32 %t, %tid.x; ld.param.u64 %in, [in]; ld.param.u64 %out, [out]; ld.param.u64 %flags, [flags];
  cvt.u64.u32 %off, %t; add.s64 %flags, %flags, %off; ld.global.u8 %flag, [%flags]; setp.ne.u16 %act, %flag, 0;
  mul.wide.u32 %off, %t, 16; add.s64 %from, %in, %off; add.s64 %out, %out, %off;
  mov.u32 %s, tile; shl.b32 %r0, %t, 4; add.u32 %s, %s, %r0;
"""


def source_words():
    return [0x01000193 * (i + 1) & 0xFFFFFFFF for i in range(4 * THREADS)]


def finish(form, text, source, expected, flags):
    ptx = header(form.target) + HEAD + text + "  ret;\n}\n"
    case = Case(ptx, block=(THREADS, 1, 1))
    return case.input(words(source, 32)).input(bytes(flags)).output(words(expected, 32))


def _copy(form, size, operand):
    """`operand`: "" the whole source, "size" a source size that differs by thread, "ignore" a predicate."""
    flags, source = active_flags(THREADS), source_words()
    text = f"  st.shared.v4.u32 [%s], {{{OLD}, {OLD}, {OLD}, {OLD}}};\n"
    if form.has("L2::cache_hint"):
        text += "  createpolicy.fractional.L2::evict_last.b64 %policy, 1.0;\n"
    extra = ""
    if operand == "size":
        text += f"  rem.u32 %r1, %t, {size // 4 + 1}; shl.b32 %r1, %r1, 2;\n"
        extra = ", %r1"
    if operand == "ignore":
        # An ignored source may point anywhere.
        text += "  rem.u32 %r1, %t, 3; setp.eq.u32 %p0, %r1, 0; @%p0 mov.u64 %from, 16;\n"
        extra = ", %p0"
    if form.has("L2::cache_hint"):
        extra += ", %policy"
    text += f"  @%act {form.spelling} [%s], [%from], {size}{extra};\n  cp.async.wait_all;\n"
    text += "  ld.shared.v4.u32 {%r2, %r3, %r4, %r5}, [%s]; st.global.v4.u32 [%out], {%r2, %r3, %r4, %r5};\n"
    expected = []
    for t in range(THREADS):
        row = [OLD] * 4
        if flags[t]:
            read = {"": size // 4, "size": t % (size // 4 + 1), "ignore": 0 if t % 3 == 0 else size // 4}[operand]
            row[:size // 4] = [source[4 * t + i] if i < read else 0 for i in range(size // 4)]
        expected += row
    return finish(form, text, source, expected, flags)


@covers("cp", when=lambda f: f.has("ca", "cg"))
def copies(form):
    return [_copy(form, size, operand)
            for size in ((16,) if form.has("cg") else (4, 8, 16)) for operand in ("", "size", "ignore")]


@covers("cp", when=lambda f: f.has("commit_group", "wait_group"))
def groups(form):
    """Six groups of one copy each; behind wait_group N the first 6 - N are there."""
    made = []
    for pending in (0, 1, 3, 5):
        flags, source = [True] * THREADS, source_words()
        text = f"  st.shared.v4.u32 [%s], {{{OLD}, {OLD}, {OLD}, {OLD}}};\n"
        for group in range(6):
            text += f"  cp.async.ca.shared.global [%s+{group % 4 * 4}], [%from+{group % 4 * 4}], 4;\n"
            text += "  cp.async.commit_group;\n"
            if group == 3:
                text += f"  cp.async.wait_group {pending % 4};\n"
        text += f"  cp.async.wait_group {min(pending, 2)};\n"
        # Groups 0 to 3 wrote one word each, and 4 and 5 write words 0 and 1 once more, with the same values: whatever
        # is pending of them, all four words are there as soon as the first four groups are.
        text += "  ld.shared.v4.u32 {%r2, %r3, %r4, %r5}, [%s]; st.global.v4.u32 [%out], {%r2, %r3, %r4, %r5};\n"
        made.append(finish(form, text, source, source, flags))
    return made


@covers("cp", when=lambda f: f.has("wait_all"))
def wait_all(form):
    """Committed or not; and a barrier behind it shows every thread's copy to the others."""
    flags, source = active_flags(THREADS), source_words()
    text = f"""  st.shared.v4.u32 [%s], {{{OLD}, {OLD}, {OLD}, {OLD}}};
  @%act cp.async.ca.shared.global [%s], [%from], 8;
  cp.async.commit_group;
  @%act cp.async.ca.shared.global [%s+8], [%from+8], 8;
  {form.spelling};
  bar.sync 0;
  add.u32 %r1, %t, 37; rem.u32 %r1, %r1, {THREADS}; shl.b32 %r1, %r1, 4; mov.u32 %r0, tile; add.u32 %r1, %r1, %r0;
  ld.shared.v4.u32 {{%r2, %r3, %r4, %r5}}, [%r1]; st.global.v4.u32 [%out], {{%r2, %r3, %r4, %r5}};
"""
    expected = []
    for t in range(THREADS):
        other = (t + 37) % THREADS
        expected += source[4 * other:4 * other + 4] if flags[other] else [OLD] * 4
    return finish(form, text, source, expected, flags)


@covers("cp", when=lambda f: f.has("mbarrier"))
def tracked(form):
    """The phase completes when all copies have arrived; with .noinc they are counted among the expected arrivals."""
    flags, source = [True] * THREADS, source_words()
    address = "[%bar]" if form.has("shared", "shared::cta") else "[%generic]"
    arrive = "" if form.has("noinc") else "  mbarrier.arrive.shared.b64 %state, [%bar];\n"
    text = f"""  .reg .b32 %bar; .reg .b64 %generic, %state; .shared .align 8 .b64 object[2];
  mov.u32 %bar, object; cvt.u64.u32 %generic, %bar; cvta.shared.u64 %generic, %generic;
  setp.eq.u32 %p0, %t, 0; @%p0 mbarrier.init.shared.b64 [%bar], {THREADS};
  bar.sync 0;
  cp.async.ca.shared.global [%s], [%from], 16;
  {form.spelling} {address};
{arrive}WAIT:
  mbarrier.test_wait.parity.shared.b64 %p1, [%bar], 0;
  @!%p1 bra WAIT;
  add.u32 %r1, %t, 41; rem.u32 %r1, %r1, {THREADS}; shl.b32 %r1, %r1, 4; mov.u32 %r0, tile; add.u32 %r1, %r1, %r0;
  ld.shared.v4.u32 {{%r2, %r3, %r4, %r5}}, [%r1]; st.global.v4.u32 [%out], {{%r2, %r3, %r4, %r5}};
"""
    expected = [source[4 * ((t + 41) % THREADS) + i] for t in range(THREADS) for i in range(4)]
    return finish(form, text, source, expected, flags)
