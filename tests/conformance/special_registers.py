# SPDX-License-Identifier: MIT
"""Kernels that read the special registers of PTX ISA 9.0, chapter 10, with a mov of the form under test.

What has a value by definition (%tid, %ctaid, %lanemask_lt …) is compared; of what the ISA only gives a range or an
order (%smid, %clock64, %globaltimer …) the kernel stores whether that holds.
"""

from case import Case, words
from elementwise import header

GRID, BLOCK = (2, 3, 2), (5, 7, 2)


def threads():
    """(tid, ctaid, linear thread number in the block) in the order of the outputs."""
    for z in range(GRID[2]):
        for y in range(GRID[1]):
            for x in range(GRID[0]):
                for linear in range(BLOCK[0] * BLOCK[1] * BLOCK[2]):
                    tid = (linear % BLOCK[0], linear // BLOCK[0] % BLOCK[1], linear // (BLOCK[0] * BLOCK[1]))
                    yield tid, (x, y, z), linear


def _kernel(reads, count, declarations=""):
    """`reads` fills %v0 … with 32-bit words, `count` of them; each thread stores its own."""
    size = BLOCK[0] * BLOCK[1] * BLOCK[2]
    stores = "".join(f"  st.global.u32 [%o+{4 * i}], %v{i};\n" for i in range(count))
    return header() + declarations + f"""
.visible .entry k(.param .u64 out)
{{
  .reg .u32 %x, %y, %z, %v<{count}>, %r<8>; .reg .u64 %o, %l<8>; .reg .pred %p<4>;
  mov.u32 %x, %ctaid.z; mov.u32 %y, %nctaid.y; mov.u32 %z, %ctaid.y; mad.lo.u32 %x, %x, %y, %z;
  mov.u32 %y, %nctaid.x; mov.u32 %z, %ctaid.x; mad.lo.u32 %x, %x, %y, %z; mul.lo.u32 %x, %x, {size};
  mov.u32 %y, %tid.z; mad.lo.u32 %x, %y, {BLOCK[0] * BLOCK[1]}, %x;
  mov.u32 %y, %tid.y; mad.lo.u32 %x, %y, {BLOCK[0]}, %x; mov.u32 %y, %tid.x; add.u32 %x, %x, %y;
  ld.param.u64 %o, [out]; mad.wide.u32 %o, %x, {4 * count}, %o;
{reads}
{stores}  ret;
}}
"""


def _case(reads, values_of, declarations="", shared=0):
    rows = [values_of(*where) for where in threads()]
    ptx = _kernel(reads, len(rows[0]), declarations)
    return Case(ptx, grid=GRID, block=BLOCK, shared=shared).output(words([v for row in rows for v in row], 32))


def _truth(condition, at):
    """%v`at` = 1 where the condition, which sets %p0, holds."""
    return f"  {condition} selp.u32 %v{at}, 1, 0, %p0;\n"


def word_cases(form):
    move = form.spelling
    names = [f"%{name}.{c}" for name in ("tid", "ntid", "ctaid", "nctaid") for c in "xyz"]
    names += ["%laneid"] + [f"%lanemask_{which}" for which in ("eq", "le", "lt", "ge", "gt")]
    names += ["%cluster_ctaid.x", "%cluster_nctaid.y", "%cluster_ctarank", "%cluster_nctarank",
              "%clusterid.x", "%clusterid.y", "%nclusterid.z", "%tid.w"]

    def places(tid, cta, linear):
        bit = 1 << linear % 32
        masks = [bit, bit | bit - 1, bit - 1, -bit & 0xffffffff, ~(bit | bit - 1) & 0xffffffff]
        return [*tid, *BLOCK, *cta, *GRID, linear % 32, *masks, 0, 1, 0, 1, cta[0], cta[1], GRID[2], 0]

    cases = [_case("".join(f"  {move} %v{i}, {name};\n" for i, name in enumerate(names)), places)]
    # Numbers below their limits; sizes of shared memory; the parts of %globaltimer; clocks that do not run backwards.
    reads = ""
    pairs = (("%warpid", "%nwarpid"), ("%smid", "%nsmid"))
    for at, (number, limit) in enumerate(pairs):
        reads += f"  {move} %r0, {number}; {move} %r1, {limit};\n" + _truth("setp.lt.u32 %p0, %r0, %r1;", at)
    reads += f"  {move} %v2, %dynamic_smem_size;\n"
    reads += f"  {move} %r0, %total_smem_size;\n" + _truth("setp.ge.u32 %p0, %r0, 576;", 3)
    reads += f"  {move} %r1, %aggr_smem_size;\n" + _truth("setp.ge.u32 %p0, %r1, %r0;", 4)
    reads += f"  {move} %r0, %clock; {move} %r1, %clock; sub.u32 %r1, %r1, %r0;\n"
    reads += _truth("setp.ge.s32 %p0, %r1, 0;", 5)
    reads += (f"  mov.u64 %l0, %globaltimer; {move} %r1, %globaltimer_hi; {move} %r0, %globaltimer_lo;"
              "  mov.b64 %l1, {%r0, %r1}; sub.u64 %l1, %l1, %l0;\n") + _truth("setp.lt.u64 %p0, %l1, 8000000000;", 6)
    reads += (f"  mov.u64 %l0, %clock64; {move} %r1, %clock_hi; mov.u64 %l1, %clock64; shr.u64 %l0, %l0, 32;"
              "  shr.u64 %l1, %l1, 32; cvt.u32.u64 %r2, %l0; cvt.u32.u64 %r3, %l1;\n")
    reads += _truth("setp.ge.u32 %p0, %r1, %r2; setp.le.and.u32 %p0, %r1, %r3, %p0;", 7)
    reads += f"  {move} %r0, %gridid; {move} %r1, %gridid;\n" + _truth("setp.eq.u32 %p0, %r0, %r1;", 8)
    reads += f"  {move} %r0, %pm0; {move} %r1, %envreg31; {move} %r2, %reserved_smem_offset_begin;"
    reads += f"  {move} %r3, %reserved_smem_offset_cap; {move} %r4, %reserved_smem_offset_0;\n"
    reads += "  mov.u32 %v9, 1;\n  st.shared.u32 [room], %v9;"
    cases.append(_case(reads, lambda *_: [1, 1, 512, 1, 1, 1, 1, 1, 1, 1], ".shared .b32 room[16];\n", shared=512))
    return cases


def wide_cases(form):
    move = form.spelling
    reads = f"  {move} %l0, %clock64; {move} %l1, %clock64;\n" + _truth("setp.ge.u64 %p0, %l1, %l0;", 0)
    reads += f"  {move} %l0, %globaltimer; {move} %l1, %globaltimer;\n" + _truth("setp.ge.u64 %p0, %l1, %l0;", 1)
    reads += f"  {move} %l0, %gridid; {move} %l1, %gridid;\n" + _truth("setp.eq.u64 %p0, %l1, %l0;", 2)
    reads += f"  {move} %l2, %pm3_64; {move} %l3, %current_graph_exec;\n"
    return [_case(reads, lambda *_: [1, 1, 1])]



def predicate_cases(form):
    """A kernel that is launched without a cluster's size is no explicit cluster."""
    return [_case(f"  {form.spelling} %p0, %is_explicit_cluster; selp.u32 %v0, 1, 0, %p0;\n", lambda *_: [0])]
