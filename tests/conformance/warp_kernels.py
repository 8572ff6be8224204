# SPDX-License-Identifier: MIT
"""Kernels in which the lanes of a warp work together: shfl, vote, match, redux, elect, activemask, bar.warp.sync.

    warp_case(form, "b32", "b32", inputs, reference, ["{op} %d0, %a0, %m;"])

Two blocks of 134 threads, so each has four whole warps and one of six lanes. Groups of lanes (GROUPS) say who takes
part, with which member mask: all lanes; some, while the others skip the instruction; two, four or 32 groups in one
warp; lanes that exited before, and lanes that the last warp does not have, which the mask names nonetheless ("all
non-exited threads in membermask"). Each thread runs `rounds` instructions with its own operands.

`inputs(warp, lane, round)` gives a tuple of operand bit patterns; in a body they are %a0 …, %m is the member mask.
`reference(values, mask, round)` gets the operands of the group's live lanes, {lane: tuple}, and gives {lane: tuple of
results}; a result of None is one that the ISA leaves undefined, and is not stored. Results are %d0 … (types as in
elementwise.py), scratch registers %r0-3, %l0-1, %p0-3. A lane that is not in a group keeps its sentinel. Of several
`bodies` the rounds take turns.
"""

import random

from case import FILL, Case
from elementwise import SENTINEL, header, width

THREADS, BLOCKS, ROUNDS = 134, 2, 6
WARPS = 5 * BLOCKS
FULL = 0xFFFFFFFF


def groups(warp):
    """(member masks of the groups, lanes that exit before) of a warp; lanes that no mask names skip."""
    some = random.Random(warp).getrandbits(32) | 1
    return {0: ([FULL], 0), 1: ([some], 0), 2: ([0x55555555, 0xAAAAAAAA], 0), 3: ([FULL], 0x10808006),
            4: ([FULL], 0), 5: ([1 << lane for lane in range(32)], 0), 6: ([0x00000001], 0),
            7: ([0xFF, 0xFF00, 0xFF0000, 0xFF000000], 0), 8: ([some], some & 0x0F0F0F0E), 9: ([0x2B], 0)}[warp]


def whole(warp):
    """One group of all lanes: for forms whose member mask is an immediate, or that have none."""
    return [FULL], 0x10808006 if warp == 3 else 0


def one_group(warp):
    """For instructions without member mask: all active lanes take part."""
    masks, exits = groups(warp)
    return (masks, exits) if len(masks) == 1 else ([masks[0]], exits)


def present(warp):
    """Lanes that the warp has at all."""
    return FULL if warp % 5 < 4 else (1 << THREADS % 32) - 1


def warp_case(form, sources, results, inputs, reference, bodies, grouping=groups, rounds=ROUNDS, version="9.0",
              before="", declarations=""):
    sources, results = sources.split(), results.split()
    cells = (len(sources) + 1) * 8                      # the last one: which results are stored
    stride_in, stride_out = 16 + rounds * cells, rounds * len(results) * 8
    t = header(form.target, version) + declarations
    t += ".visible .entry k(.param .u64 in, .param .u64 out)\n{\n"
    t += "  .reg .pred %in, %bye, %keep, %p<4>; .reg .b32 %i, %c, %t, %m, %f, %lane, %r<4>;\n"
    t += "  .reg .b64 %src, %dst, %l<2>;\n"
    for prefix, kinds in (("a", sources), ("d", results)):
        for n, kind in enumerate(kinds):
            t += f"  .reg {'.pred' if kind == 'pred' else f'.b{width(kind)}'} %{prefix}{n};\n"
    t += "  mov.u32 %i, %tid.x; mov.u32 %c, %ctaid.x; and.b32 %lane, %i, 31;\n"
    t += f"  mad.lo.u32 %c, %c, {THREADS}, %i; ld.param.u64 %src, [in]; mad.wide.u32 %src, %c, {stride_in}, %src;\n"
    t += f"  ld.param.u64 %dst, [out]; mad.wide.u32 %dst, %c, {stride_out}, %dst;\n"
    t += "  ld.global.u32 %m, [%src]; ld.global.u32 %f, [%src+4];\n"
    t += "  and.b32 %t, %f, 1; setp.ne.u32 %in, %t, 0; and.b32 %t, %f, 2; setp.ne.u32 %bye, %t, 0;\n"
    t += before + "  @%bye exit;\n"
    for r in range(rounds):
        base = 16 + r * cells
        for n, kind in enumerate(sources):
            if kind == "pred":
                t += f"  ld.global.b32 %t, [%src+{base + 8 * n}]; setp.ne.u32 %a{n}, %t, 0;\n"
            else:
                t += f"  ld.global.b{width(kind)} %a{n}, [%src+{base + 8 * n}];\n"
        for n, kind in enumerate(results):
            t += (f"  setp.ne.u32 %d{n}, %i, %i;\n" if kind == "pred"
                  else f"  mov.b{width(kind)} %d{n}, {SENTINEL & (1 << width(kind)) - 1:#x};\n")
        for statement in bodies[r % len(bodies)].replace("{op}", form.spelling).split(";"):
            statement = " ".join(statement.split())
            if statement:
                guard = "" if statement[0] in "@{}" or statement.endswith(":") else "@%in "
                t += f"  {guard}{statement};\n"
        t += f"  ld.global.b32 %f, [%src+{base + 8 * len(sources)}];\n"
        for n, kind in enumerate(results):
            t += f"  and.b32 %t, %f, {1 << n}; setp.ne.u32 %keep, %t, 0;\n"
            at = f"%dst+{(r * len(results) + n) * 8}"
            if kind == "pred":
                t += f"  selp.u32 %t, 1, 0, %d{n};\n  @%keep st.global.b32 [{at}], %t;\n"
            else:
                t += f"  @%keep st.global.b{width(kind)} [{at}], %d{n};\n"
    t += "  ret;\n}\n"

    total = THREADS * BLOCKS
    data, expected = bytearray(total * stride_in), bytearray([FILL]) * (total * stride_out)
    for warp in range(WARPS):
        masks, exits = grouping(warp)
        exists = present(warp)
        live = exists & ~exits
        mask_of = {lane: m for m in masks for lane in range(32) if m >> lane & 1}
        first = warp // 5 * THREADS + warp % 5 * 32
        for lane in range(32):
            if not exists >> lane & 1:
                continue
            at = (first + lane) * stride_in
            flags = (1 if lane in mask_of else 0) | (2 if exits >> lane & 1 else 0)
            data[at:at + 8] = mask_of.get(lane, 0).to_bytes(4, "little") + flags.to_bytes(4, "little")
        for r in range(rounds):
            rows = {lane: inputs(warp, lane, r) for lane in range(32) if live >> lane & 1}
            outcome = {}
            for mask in masks:
                members = {lane: rows[lane] for lane in rows if mask >> lane & 1}
                if members:
                    outcome.update(reference(members, mask, r))
            for lane, row in rows.items():
                idle = tuple(0 if k == "pred" else SENTINEL & (1 << width(k)) - 1 for k in results)
                values = outcome.get(lane, idle)
                at = (first + lane) * stride_in + 16 + r * cells
                for n, value in enumerate(row):
                    data[at + 8 * n:at + 8 * n + 8] = value.to_bytes(8, "little")
                stored = sum(1 << n for n, value in enumerate(values) if value is not None)
                data[at + 8 * len(sources):at + cells] = stored.to_bytes(8, "little")
                at = (first + lane) * stride_out + r * len(results) * 8
                for n, (kind, value) in enumerate(zip(results, values)):
                    if value is not None:
                        size = width(kind) // 8
                        expected[at + 8 * n:at + 8 * n + size] = int(value).to_bytes(size, "little")
    return Case(t, grid=(BLOCKS, 1, 1), block=(THREADS, 1, 1)).input(data).output(bytes(expected))
