# SPDX-License-Identifier: MIT
"""The frame of the control-flow tests: thread i takes the word a[i] and stores one result.

    case = control_case("  setp.gt.u32 %p0, %a, 5;\\n  @%p0 bra L; …", lambda i, a: …)

The body finds %i (the thread in the grid), %lane, %warp (in the block), %block, %a (its input, small numbers that
differ from lane to lane) and leaves its result in %d; %r0-9, %l0-7, %p0-7 are free. A thread that never comes to the
end keeps the fill: its expected value is KEPT. The grid ends in a warp with missing threads.
"""

import random

from case import FILL, Case, words
from elementwise import header

THREADS, BLOCKS = 112, 2
KEPT = int.from_bytes(bytes([FILL]) * 4, "little")


def inputs():
    rng = random.Random(5)
    values = []
    for i in range(THREADS * BLOCKS):
        warp = i % THREADS // 32
        values.append({0: i % 32, 1: 7, 2: rng.randrange(64), 3: i % 3}[warp % 4])
    return values


def control_case(body, expected, declarations="", error=0):
    text = header() + declarations + f"""
.visible .entry k(.param .u64 in, .param .u64 out)
{{
  .reg .u32 %i, %t, %lane, %warp, %block, %a, %d, %r<10>; .reg .u64 %from, %to, %l<8>; .reg .pred %p<8>;
  mov.u32 %t, %tid.x; mov.u32 %block, %ctaid.x; mad.lo.u32 %i, %block, {THREADS}, %t;
  and.b32 %lane, %t, 31; shr.u32 %warp, %t, 5;
  ld.param.u64 %from, [in]; mad.wide.u32 %from, %i, 4, %from; ld.global.u32 %a, [%from];
  ld.param.u64 %to, [out]; mad.wide.u32 %to, %i, 4, %to; mov.u32 %d, 0;
{body}
  st.global.u32 [%to], %d;
  ret;
}}
"""
    values = inputs()
    case = Case(text, grid=(BLOCKS, 1, 1), block=(THREADS, 1, 1), error=error)
    case.input(words(values, 32))
    results = [expected(i, a) & 0xffffffff for i, a in enumerate(values)]
    return case.output(words(results, 32))


def place(i):
    """(block, warp in the block, lane) of a thread."""
    block, thread = divmod(i, THREADS)
    return block, thread // 32, thread % 32
