# SPDX-License-Identifier: MIT
"""Warp-level instructions: shfl, shfl.sync (PTX ISA 9.0, 9.7.9.5 and 9.7.9.6), vote, vote.sync, match.sync,
activemask, redux.sync, elect.sync, bar.warp.sync (9.7.13.2, 9.7.13.8 to 9.7.13.14).

What the ISA leaves open is not looked at: a shfl result read from a lane that is not active; which lane elect takes
(only that it is one of the members, the same in both of two elections, and that all are told the same); what
activemask says of other lanes (only that it names the own lane, and none that exited or is predicated off: nothing
promises that a warp has converged)."""

import random

from exact import F32, integer_specials, signed
from case import Case, words
from elementwise import header
from registry import covers
from warp_kernels import FULL, groups, one_group, present, warp_case, whole

MODES = ("up", "down", "bfly", "idx")
OLD = {"version": "6.3"}  # the last PTX version that has shfl and vote without .sync on targets since sm_70


def draw(key, choices=None, bits=32):
    rng = random.Random(str(key))
    return rng.choice(choices) if choices is not None and rng.random() < 0.6 else rng.getrandbits(bits)


def shuffled(mode, lane, b, c):
    """Source lane and predicate, from the pseudocode of 9.7.9.6."""
    bval, cval, mask = b & 31, c & 31, c >> 8 & 31
    max_lane = (lane & mask) | (cval & ~mask & 31)
    min_lane = lane & mask
    j = {"up": lane - bval, "down": lane + bval, "bfly": lane ^ bval, "idx": min_lane | (bval & ~mask & 31)}[mode]
    valid = j >= max_lane if mode == "up" else j <= max_lane
    return (j if valid else lane), valid


def shuffle_reference(mode, operands=None):
    def reference(values, mask, r):
        result = {}
        for lane, row in values.items():
            b, c = operands or row[1:3]
            source, valid = shuffled(mode, lane, b, c)
            result[lane] = (values[source][0] if source in values else None, valid)
        return result
    return reference


def shuffle_inputs(warp, lane, r):
    """Rounds 0 to 2: b and c as compilers write them, the same in all lanes; then each lane its own."""
    usual = [(1, 0x1F), (1, 0x0), (8, 0x181F), (3, 0x1807), (16, 0x1F), (33, 0x1C1F)]
    b, c = usual[(warp + r) % 6] if r < 3 else (draw((warp, lane, r, "b"), [0, 1, 2, 31, 5]),
                                                draw((warp, lane, r, "c"), [0x1F, 0, 0x181F, 0x1C03, 0x100F]))
    return draw((warp, lane, r)), b, c


@covers("shfl", when=lambda f: f.has("sync"))
def shfl_sync(form):
    mode = next(m for m in form.mods if m in MODES)
    b, c = {"up": (2, 0), "down": (3, 0x1F), "bfly": (1, 0x1F), "idx": (9, 0x181F)}[mode]

    def without_predicate(values, mask, r):
        return {lane: (row[0], row[1] if r % 2 == 0 else 0)
                for lane, row in shuffle_reference(mode)(values, mask, r).items()}
    return [warp_case(form, "b32 b32 b32", "b32 pred", shuffle_inputs, without_predicate,
                      ["{op} %d0|%d1, %a0, %a1, %a2, %m;", "{op} %d0, %a0, %a1, %a2, %m;"]),
            warp_case(form, "b32", "b32 pred", lambda w, l, r: (draw((w, l, r)),), shuffle_reference(mode, (b, c)),
                      [f"{{op}} %d0|%d1, %a0, {b}, {c}, 0xffffffff;"], grouping=whole)]


@covers("shfl", when=lambda f: not f.has("sync"))
def shfl_old(form):
    mode = next(m for m in form.mods if m in MODES)
    return warp_case(form, "b32 b32 b32", "b32 pred", shuffle_inputs, shuffle_reference(mode),
                     ["{op} %d0|%d1, %a0, %a1, %a2;"], grouping=one_group, **OLD)


def votes(mode, bodies):
    def reference(values, mask, r):
        inverted = bodies[r % len(bodies)].find("!") >= 0
        ballot = sum(1 << lane for lane, row in values.items() if bool(row[0]) != inverted)
        everyone = sum(1 << lane for lane in values)
        value = {"all": ballot == everyone, "any": ballot != 0, "uni": ballot in (0, everyone), "ballot": ballot}[mode]
        return {lane: (value,) for lane in values}
    return reference


def vote_inputs(warp, lane, r):
    """All false, all true, one true in each group of eight, random."""
    return (int({0: False, 1: True, 2: lane % 8 == 3}.get(r // 2, random.Random(str((warp, lane, r))).random() < .5)),)


def big_ballot(form):
    """A block of 1,024 threads in three dimensions: each warp is a ballot of its own."""
    text = header(form.target) + f""".visible .entry k(.param .u64 out)
{{
  .reg .pred %p; .reg .b32 %i, %y, %z, %v, %w; .reg .b64 %d;
  mov.u32 %i, %tid.x; mov.u32 %y, %tid.y; mov.u32 %z, %tid.z; mad.lo.u32 %i, %y, 16, %i; mad.lo.u32 %i, %z, 128, %i;
  ld.param.u64 %d, [out]; mad.wide.u32 %d, %i, 4, %d; shr.u32 %w, %i, 5; and.b32 %v, %i, 31; shr.u32 %w, 0x9e3779b9, %w;
  xor.b32 %v, %v, %w; and.b32 %v, %v, 5; setp.eq.u32 %p, %v, 4;
  {form.spelling} %v, %p, 0xffffffff;
  st.global.u32 [%d], %v;
  ret;
}}
"""
    expected = []
    for warp in range(32):
        key = 0x9E3779B9 >> warp
        expected += [sum(1 << lane for lane in range(32) if (lane ^ key) & 5 == 4)] * 32
    return Case(text, block=(16, 8, 8)).output(words(expected, 32))


@covers("vote")
def vote(form):
    mode = next(m for m in form.mods if m in ("all", "any", "uni", "ballot"))
    kind = "b32" if mode == "ballot" else "pred"
    if not form.has("sync"):
        bodies = ["{op} %d0, %a0;", "{op} %d0, !%a0;"]
        return warp_case(form, "pred", kind, vote_inputs, votes(mode, bodies), bodies, one_group, rounds=8, **OLD)
    bodies = ["{op} %d0, %a0, %m;", "{op} %d0, !%a0, %m;"]
    constant = ["{op} %d0, %a0, 0xffffffff;"]
    cases = [big_ballot(form)] if mode == "ballot" else []
    return cases + [
        warp_case(form, "pred", kind, vote_inputs, votes(mode, bodies), bodies, rounds=8),
        warp_case(form, "pred", kind, vote_inputs, votes(mode, constant), constant, whole, rounds=8)]


@covers("match")
def match(form):
    kind = form.types[0]
    bits = 64 if kind == "b64" else 32

    def inputs(warp, lane, r):
        """The same value everywhere; two values that differ in the highest bit; few values; all different."""
        same = draw((warp, r), integer_specials(bits), bits)
        return ({0: same, 1: same ^ (1 << bits - 1 if lane % 5 == 0 else 0), 2: same ^ (lane >> 2)}.get(
            r % 4, same + lane & (1 << bits) - 1 if r == 3 else same),)

    def any_reference(values, mask, r):
        return {lane: (sum(1 << o for o, other in values.items() if other == row),) for lane, row in values.items()}

    def all_reference(values, mask, r):
        same = len({row for row in values.values()}) == 1
        everyone = sum(1 << lane for lane in values)
        return {lane: (everyone if same else 0, same if r % 2 == 0 else 0) for lane in values}
    if form.has("any"):
        return [warp_case(form, kind, "b32", inputs, any_reference, ["{op} %d0, %a0, %m;"]),
                warp_case(form, kind, "b32", inputs, any_reference, ["{op} %d0, %a0, 0xffffffff;"], whole)]
    return warp_case(form, kind, "b32 pred", inputs, all_reference,
                     ["{op} %d0|%d1, %a0, %m;", "{op} %d0, %a0, %m;"])


@covers("redux", when=lambda f: f.types != ["f32"])
def redux(form):
    kind = form.types[0]
    name = next(m for m in form.mods if m in ("add", "min", "max", "and", "or", "xor"))

    def key(v):
        return signed(v, 32) if kind == "s32" else v

    def reference(values, mask, r):
        rows = [row[0] for row in values.values()]
        result = rows[0]
        for v in rows[1:]:
            result = {"add": (result + v) & FULL, "min": min(result, v, key=key), "max": max(result, v, key=key),
                      "and": result & v, "or": result | v, "xor": result ^ v}[name]
        return {lane: (result,) for lane in values}

    def inputs(warp, lane, r):
        value = draw((warp, lane, r), integer_specials(32))
        return (value if r % 3 else value | 0xFFFF0000 if name == "and" else value & 0xFFFF,)
    return [warp_case(form, "b32", "b32", inputs, reference, ["{op} %d0, %a0, %m;"]),
            warp_case(form, "b32", "b32", inputs, reference, ["{op} %d0, %a0, 0xffffffff;"], whole)]


@covers("redux", when=lambda f: f.types == ["f32"])
def redux_float(form):
    """+0.0 > -0.0; NaN wins with .NaN, loses without; NaN results are canonical (9.7.13.12). Whether subnormals are
    flushed is not said, so they are kept: there is no .ftz."""
    def order(v):
        return -F32.magnitude(v) - 1 if F32.negative(v) else F32.magnitude(v)

    def reference(values, mask, r):
        rows = [F32.magnitude(row[0]) if form.has("abs") else row[0] for row in values.values()]
        numbers = [v for v in rows if not F32.is_nan(v)]
        if not numbers or form.has("NaN") and len(numbers) < len(rows):
            result = F32.nan
        else:
            result = (min if form.has("min") else max)(numbers, key=order)
        return {lane: (result,) for lane in values}

    def inputs(warp, lane, r):
        special = F32.specials()
        if r % 3 == 0:  # finite numbers and zeros of both signs
            special = [v for v in special if F32.is_finite(v)] if r else [0, F32.sign_bit]
            return (random.Random(str((warp, lane, r))).choice(special),)
        if r == 4:      # NaN only
            return (random.Random(str((warp, lane, r))).choice([v for v in special if F32.is_nan(v)]),)
        return (draw((warp, lane, r), special),)
    return warp_case(form, "b32", "b32", inputs, reference, ["{op} %d0, %a0, %m;"])


@covers("elect")
def elect(form):
    def grouping(warp):
        return {2: ([0x55555555, 0xAAAAAAAA], 0), 4: ([0x3F], 0), 5: ([1 << n for n in range(32)], 0),
                7: ([0xFF0, 0xF000F00F], 0), 8: ([0x80000000], 0), 9: ([0x2A], 0)}.get(warp, ([FULL], 0))
    body = ("{op} %r0|%p0, %m; vote.sync.ballot.b32 %r1, %p0, %m; popc.b32 %r2, %r1; setp.eq.u32 %p1, %r2, 1; "
            "and.b32 %r2, %r1, %m; setp.ne.and.u32 %p1, %r2, 0, %p1; shl.b32 %r2, 1, %r0; "
            "setp.eq.and.u32 %p1, %r2, %r1, %p1; SECOND; vote.sync.ballot.b32 %r3, %p2, %m; "
            "setp.eq.and.u32 %d0, %r1, %r3, %p1")
    return warp_case(form, "", "pred", lambda w, l, r: (), lambda values, mask, r: {lane: (1,) for lane in values},
                     [body.replace("SECOND", "{op} %r2|%p2, %m"), body.replace("SECOND", "{op} _|%p2, %m")], grouping)


@covers("activemask")
def activemask(form):
    """%a0: the lanes that may be active."""
    def grouping(warp):
        masks, exits = one_group(warp)
        return [m & (0x3F if warp % 5 == 4 else FULL) for m in masks], exits

    def inputs(warp, lane, r):
        masks, exits = grouping(warp)
        return (masks[0] & ~exits,)
    body = ("{op} %r0; shl.b32 %r1, 1, %lane; and.b32 %r1, %r0, %r1; setp.ne.u32 %p0, %r1, 0; not.b32 %r2, %a0; "
            "and.b32 %r2, %r0, %r2; setp.eq.and.u32 %d0, %r2, 0, %p0")
    return warp_case(form, "b32", "pred", inputs, lambda values, mask, r: {lane: (1,) for lane in values}, [body],
                     grouping)


@covers("bar", when=lambda f: f.spelling == "bar.warp.sync")
def bar_warp(form):
    """Each lane writes to shared memory and, after the barrier, reads what another member wrote."""
    def reference(values, mask, r):
        return {lane: (values[row[2]][0],) for lane, row in values.items()}

    def inputs(warp, lane, r):
        masks, exits = groups(warp)
        mask = next((m for m in masks if m >> lane & 1), 1 << lane) & present(warp) & ~exits
        members = [n for n in range(32) if mask >> n & 1]
        partner = members[(members.index(lane) + r + 1) % len(members)]
        return draw((warp, lane, r)), warp % 5 * 32, partner
    body = ("mov.u32 %r0, sh; shl.b32 %r1, %i, 2; add.u32 %r1, %r1, %r0; st.shared.b32 [%r1], %a0; {op} %m; "
            "add.u32 %r1, %a1, %a2; shl.b32 %r1, %r1, 2; add.u32 %r1, %r1, %r0; ld.shared.b32 %d0, [%r1]; {op} %m")
    constant = body.replace("%m", "0xffffffff")

    def whole_inputs(warp, lane, r):
        members = [n for n in range(32) if (present(warp) & ~whole(warp)[1]) >> n & 1]
        return draw((warp, lane, r)), warp % 5 * 32, members[(members.index(lane) + r + 1) % len(members)]
    shared = ".shared .align 4 .b8 sh[640];\n"
    return [warp_case(form, "b32 b32 b32", "b32", inputs, reference, [body], declarations=shared),
            warp_case(form, "b32 b32 b32", "b32", whole_inputs, reference, [constant], whole, declarations=shared)]
