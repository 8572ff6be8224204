# SPDX-License-Identifier: MIT
"""Kernels that pass messages: what fences, releases and acquires promise (PTX ISA 9.0, chapter 8).

    message_case(form, "global", "cta", release="fence.sc.cta;", acquire="fence.sc.cta;")

A producer warp and a consumer warp play ping-pong for ROUNDS rounds. The producer writes 32 words with weak stores,
then its lane 0 sets a flag; the consumer's lane 0 waits for the flag, then its lanes read the words with weak loads.
`bar.warp.sync` joins lane 0 with the others of its warp, which orders their accesses too (9.7.13.2), so by causality
order (8.9.5) each word read is the one of this round. For scopes gpu and sys the warps are in two blocks, for cta and
cluster in one; flags and data lie in global or in shared memory.

    sync_flag / sync_wait    what lane 0 executes: {flag} is the address, %r the round

A test of what must not happen cannot prove that it never does: on a GPU one tries, on the software device with
SOFTGPU_WEAK=1 stores stay invisible until something orders them.
"""

from case import FILL, Case, words
from elementwise import header

ROUNDS = 6


def message_case(form, region, scope, sync_flag, sync_wait, flag_bits=32, version="9.0"):
    far = scope in ("gpu", "sys", "gl")
    space = "shared" if region == "shared" else "global"
    relaxed = "gpu" if scope == "gl" else scope
    t = header(form.target, version)
    t += ".visible .entry k(.param .u64 mem, .param .u64 out)\n{\n"
    t += "  .reg .pred %p, %lead; .reg .b16 %h; .reg .b32 %i, %r, %v, %w, %who; "
    t += ".reg .b64 %data, %flag, %back, %dst, %x, %l;\n"
    if region == "shared":
        t += "  .shared .align 16 .b8 sh[192];\n  mov.b64 %data, sh;\n"
    else:
        t += "  ld.param.u64 %data, [mem];\n"
    t += "  add.u64 %flag, %data, 128; add.u64 %back, %data, 160;\n"
    t += "  mov.u32 %i, %tid.x; and.b32 %i, %i, 31; setp.eq.u32 %lead, %i, 0;\n"
    t += f"  mov.u32 %who, {'%ctaid.x' if far else '%tid.x'};\n" + ("" if far else "  shr.u32 %who, %who, 5;\n")
    if region == "shared":
        t += "  @%lead st.shared.b64 [%flag], 0;\n  @%lead st.shared.b64 [%back], 0;\n  bar.sync 0;\n"
    t += "  mad.wide.u32 %x, %i, 4, %data; ld.param.u64 %dst, [out]; mad.wide.u32 %dst, %i, 4, %dst;\n"
    t += "  mov.u32 %r, 1; setp.ne.u32 %p, %who, 0;\n  @%p bra CONSUMER;\nPRODUCE:\n"
    t += f"  mad.lo.u32 %v, %r, 1000, %i; st.{space}.u32 [%x], %v;\n  bar.warp.sync 0xffffffff;\n"
    t += f"  @!%lead bra SENT;\n  cvt.u64.u32 %l, %r; cvt.u16.u32 %h, %r;\n  {sync_flag.format(flag='%flag')}\n"
    t += f"ACK:\n  ld.acquire.{relaxed}.{space}.u32 %w, [%back]; setp.ne.u32 %p, %w, %r;\n  @%p bra ACK;\n"
    t += f"SENT:\n  bar.warp.sync 0xffffffff;\n  add.u32 %r, %r, 1; setp.le.u32 %p, %r, {ROUNDS};\n"
    t += f"  @%p bra PRODUCE;\n  ret;\n"
    register = {8: "%w", 16: "%h", 32: "%w", 64: "%l"}[flag_bits]
    same = {16: "cvt.u32.u16 %w, %h;", 64: "cvt.u32.u64 %w, %l;"}.get(flag_bits, "")
    t += f"CONSUMER:\n  @!%lead bra GOT;\nWAIT:\n  "
    wait = sync_wait.format(flag="%flag", d=register)
    poll, _, after = wait.partition(";")
    t += f"{poll}; {same} setp.ne.u32 %p, %w, %r;\n  @%p bra WAIT;\n  {after.strip()}\n"
    t += f"GOT:\n  bar.warp.sync 0xffffffff;\n  ld.{space}.u32 %v, [%x]; st.global.u32 [%dst], %v;\n"
    t += f"  bar.warp.sync 0xffffffff;\n  @%lead st.release.{relaxed}.{space}.u32 [%back], %r;\n"
    t += f"  add.u64 %dst, %dst, 128; add.u32 %r, %r, 1; setp.le.u32 %p, %r, {ROUNDS};\n"
    t += f"  @%p bra CONSUMER;\n  ret;\n}}\n"
    case = Case(t, grid=(2 if far else 1, 1, 1), block=(32 if far else 64, 1, 1))
    case.buffer(bytes(192), b"")
    return case.output(words([r * 1000 + i for r in range(1, ROUNDS + 1) for i in range(32)], 32))


def dekker_case(form, scope, version="9.0"):
    """Store buffering: two threads each set their own word and then look at the other's. With fence.sc between the
    two, not both can miss the other ("a total order" of fence.sc operations, 8.8.3). Every round leaves 1 where at
    least one saw the other; the observations themselves are free."""
    far = scope in ("gpu", "sys", "gl")
    relaxed = "gpu" if scope == "gl" else scope
    t = header(form.target, version)
    t += ".visible .entry k(.param .u64 mem, .param .u64 out)\n{\n"
    t += "  .reg .pred %p, %q; .reg .b32 %r, %v, %w, %who, %other; .reg .b64 %mine, %theirs, %dst, %mem;\n"
    t += f"  mov.u32 %who, {'%ctaid.x' if far else '%tid.x'};" + ("" if far else " shr.u32 %who, %who, 5;") + "\n"
    t += "  mov.u32 %v, %tid.x; and.b32 %v, %v, 31; setp.ne.u32 %p, %v, 0;\n  @%p ret;\n"
    t += "  xor.b32 %other, %who, 1; ld.param.u64 %mem, [mem]; ld.param.u64 %dst, [out];\n"
    t += "  mad.wide.u32 %mine, %who, 64, %mem; mad.wide.u32 %theirs, %other, 64, %mem; mov.u32 %r, 0;\nROUND:\n"
    t += f"  st.relaxed.{relaxed}.global.u32 [%mine], 1;\n  {form.spelling};\n"
    t += f"  ld.relaxed.{relaxed}.global.u32 %w, [%theirs];\n"
    t += "  setp.ne.u32 %q, %w, 0;\n  @%q atom.relaxed.gpu.global.exch.b32 %v, [%dst], 1;\n"
    t += "  add.u64 %dst, %dst, 4; add.u64 %mine, %mine, 128; add.u64 %theirs, %theirs, 128; add.u32 %r, %r, 1;\n"
    t += f"  setp.lt.u32 %p, %r, {ROUNDS};\n  @%p bra ROUND;\n  ret;\n}}\n"
    case = Case(t, grid=(2 if far else 1, 1, 1), block=(32 if far else 64, 1, 1))
    return case.buffer(bytes(128 * ROUNDS), b"").buffer(bytes(4 * ROUNDS), words([1] * ROUNDS, 32))


def lock_case(form, region, scope, acquire, release):
    """Threads of one warp, of several warps and (scope gpu, sys) of two blocks take a lock, in turn add 1 to a word
    with weak accesses, and release it. `acquire` leaves 0 in %w once the lock is taken, `release` frees it."""
    far = scope in ("gpu", "sys") and region != "shared"
    blocks, space = (2 if far else 1), ("shared" if region == "shared" else "global")
    t = header(form.target) + ".visible .entry k(.param .u64 mem)\n{\n"
    t += "  .reg .pred %p; .reg .b32 %i, %w, %v; .reg .b64 %lock, %word, %mem, %cell;\n  ld.param.u64 %mem, [mem];\n"
    if region == "shared":
        t += "  .shared .align 16 .b8 sh[64];\n  mov.b64 %lock, sh; mov.u32 %i, %tid.x; setp.eq.u32 %p, %i, 0;\n"
        t += "  @%p st.shared.b64 [%lock], 0;\n  @%p st.shared.b64 [%lock+8], 0;\n  bar.sync 0;\n"
    else:
        t += "  mov.b64 %lock, %mem;\n"
    t += "  add.u64 %word, %lock, 8; mov.b64 %cell, %lock;\n"
    if region == "shared" and not form.has("shared", "shared::cta", "shared::cluster"):
        t += "  cvta.shared.u64 %cell, %lock;\n"
    t += "  mov.u32 %i, 0;\n"
    t += f"AGAIN:\n  {acquire};\n  setp.ne.u32 %p, %w, 0;\n  @%p bra AGAIN;\n"
    t += f"  ld.{space}.u32 %v, [%word]; add.u32 %v, %v, 1; st.{space}.u32 [%word], %v;\n  {release};\n"
    t += "  add.u32 %i, %i, 1; setp.lt.u32 %p, %i, 3;\n  @%p bra AGAIN;\n"
    if region == "shared":
        t += "  bar.sync 0;\n  ld.shared.b64 %cell, [%word]; st.global.b64 [%mem+8], %cell;\n"
    t += "  ret;\n}\n"
    final = words([0, 0, 3 * 38 * blocks, 0], 32)
    return Case(t, grid=(blocks, 1, 1), block=(38, 1, 1)).buffer(bytes(16), final)


def touched_case(form, statements, declarations="", setup=""):
    """For instructions whose effect cannot be seen: stores before and loads behind them must be as ever. %x is the
    address of 128 bytes of the thread's own, %s the same in shared memory (32 bytes)."""
    t = header(form.target) + declarations + ".visible .entry k(.param .u64 mem)\n{\n"
    t += "  .reg .pred %p; .reg .b32 %i, %v, %w; .reg .b64 %x, %s, %g, %pol; "
    t += ".shared .align 128 .b8 sh[1280]; .local .align 128 .b8 lo[128];\n"
    t += "  mov.u32 %i, %tid.x; ld.param.u64 %x, [mem]; mad.wide.u32 %x, %i, 128, %x; mov.b64 %s, sh;\n"
    t += "  mad.wide.u32 %s, %i, 32, %s; mul.lo.u32 %v, %i, 17; and.b32 %w, %i, 3; setp.ne.u32 %p, %w, 2;\n" + setup
    t += "  st.global.u32 [%x], %v; st.shared.u32 [%s], %v;\n" + statements
    t += "  ld.global.u32 %w, [%x]; add.u32 %w, %w, 1; st.global.u32 [%x+4], %w;\n"
    t += "  ld.shared.u32 %w, [%s]; add.u32 %w, %w, 2; st.global.u32 [%x+8], %w;\n  ret;\n}\n"
    before, after = bytearray(), bytearray()
    for i in range(40):
        before += bytes([FILL]) * 128
        after += words([i * 17, i * 17 + 1, i * 17 + 2], 32) + bytes([FILL]) * 116
    return Case(t, block=(40, 1, 1)).buffer(bytes(before), bytes(after))
