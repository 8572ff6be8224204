# SPDX-License-Identifier: MIT
"""bra, brx.idx, ret and exit (PTX ISA 9.0, 9.7.12): branches that part the lanes of a warp and those that do not.

.uni promises that the active threads agree on guard and target, so its tests branch alike in a warp, or without a
guard."""

from control_kernels import KEPT, control_case, place
from registry import covers


def collatz(a):
    steps = 0
    while a > 1:
        a = 3 * a + 1 if a & 1 else a // 2
        steps += 1
    return steps


@covers("bra")
def branch(form):
    op, uniform = form.spelling, form.has("uni")
    either = "bra" if uniform else op
    cases = [
        # A loop whose lanes leave it one by one, with two ways through its body.
        control_case(f"""
LOOP:
  setp.le.u32 %p0, %a, 1;
  @%p0 {either} DONE;
  and.b32 %r0, %a, 1; setp.eq.u32 %p1, %r0, 0;
  @!%p1 {either} ODD;
  shr.u32 %a, %a, 1;
  {op} NEXT;
ODD:
  mad.lo.u32 %a, %a, 3, 1;
NEXT:
  add.u32 %d, %d, 1;
  {op} LOOP;
DONE:""", lambda i, a: collatz(a)),
        # Guards that hold for a whole warp, in nested loops.
        control_case(f"""
  add.u32 %r0, %warp, %block; mov.u32 %r1, 0;
OUTER:
  setp.gt.u32 %p0, %r1, %r0;
  @%p0 {op} DONE;
  mov.u32 %r2, 0;
INNER:
  mad.lo.u32 %d, %d, 3, %r2; add.u32 %r2, %r2, 1; setp.lt.u32 %p1, %r2, 4;
  @%p1 {op} INNER;
  add.u32 %d, %d, %lane; add.u32 %r1, %r1, 1;
  {op} OUTER;
DONE:""", lambda i, a: nested(i)),
    ]
    if uniform:
        return cases
    return cases + [
        # Nested parts of a warp that meet again, told by the vote behind each meeting point.
        control_case("""
  and.b32 %r0, %lane, 1; and.b32 %r1, %lane, 2; setp.ne.u32 %p0, %r0, 0; setp.ne.u32 %p1, %r1, 0;
  @%p0 bra A;
  add.u32 %d, %d, 1;
  @%p1 bra B;
  add.u32 %d, %d, 10;
  bra C;
B:
  add.u32 %d, %d, 100;
C:
  add.u32 %d, %d, 1000;
  bra D;
A:
  add.u32 %d, %d, 10000;
D:
  setp.eq.u32 %p2, %lane, %lane;
  activemask.b32 %r3; shl.b32 %r4, 1, %lane; and.b32 %r5, %r3, %r4; setp.ne.u32 %p3, %r5, 0;
  @%p3 add.u32 %d, %d, 100000;""",
                     lambda i, a: 110000 if place(i)[2] & 1 else 101000 + 1 + (100 if place(i)[2] & 2 else 10)),
        # A loop left from its middle (break) and taken up again early (continue), with trips of each lane's own.
        control_case("""
  mov.u32 %r0, 0;
LOOP:
  setp.ge.u32 %p0, %r0, %a;
  @%p0 bra DONE;
  add.u32 %r0, %r0, 1;
  rem.u32 %r1, %r0, 3; setp.eq.u32 %p1, %r1, 0;
  @%p1 bra LOOP;
  add.u32 %d, %d, %r0;
  setp.gt.u32 %p2, %d, 60;
  @!%p2 bra LOOP;
  add.u32 %d, %d, 1000;
DONE:""", lambda i, a: broken_loop(a)),
        # A branch into the middle of a loop.
        control_case("""
  setp.gt.u32 %p0, %a, 5; mov.u32 %r0, 3;
  @%p0 bra MIDDLE;
TOP:
  add.u32 %d, %d, 1;
MIDDLE:
  add.u32 %d, %d, 16; sub.u32 %r0, %r0, 1; setp.ne.u32 %p1, %r0, 0;
  @%p1 bra TOP;""", lambda i, a: 48 + (2 if a > 5 else 3)),
    ]


def nested(i):
    block, warp, lane = place(i)
    d = 0
    for _ in range(warp + block + 1):
        for k in range(4):
            d = 3 * d + k
        d += lane
    return d


def broken_loop(a):
    d = n = 0
    while n < a:
        n += 1
        if n % 3 == 0:
            continue
        d += n
        if d > 60:
            return d + 1000
    return d


@covers("brx")
def branch_by_index(form):
    """Targets that occur twice, one that lies behind; .uni: the index follows from the warp."""
    op = form.spelling
    index = "add.u32 %r0, %warp, %block;" if form.has("uni") else "rem.u32 %r0, %a, 6;"

    def expected(i, a):
        block, warp, _ = place(i)
        at = warp + block if form.has("uni") else a % 6
        d = 0
        while True:
            if at == 5:
                d, at = d + 7, 1
            elif at in (0, 3):
                return d + 100
            elif at == 1:
                return d + 200
            elif at == 2:
                return d + 300 + 400
            else:
                return d + 400

    return control_case(f"""
  targets: .branchtargets ZERO, ONE, TWO, ZERO, FOUR, BACK;
  {index}
  bra GO;
BACK:
  add.u32 %d, %d, 7; mov.u32 %r0, 1;
GO:
  {op} %r0, targets;
ZERO:
  add.u32 %d, %d, 100;
  bra DONE;
ONE:
  add.u32 %d, %d, 200;
  bra DONE;
TWO:
  add.u32 %d, %d, 300;
FOUR:
  add.u32 %d, %d, 400;
DONE:""", expected)


FUNCTIONS = """
.func (.param .u32 result) early(.param .u32 given)
{{
  .reg .u32 %x, %n; .reg .pred %p;
  ld.param.u32 %x, [given]; mov.u32 %n, 0;
  setp.lt.u32 %p, %x, 4;
  @!%p bra MORE;
  st.param.u32 [result], 1000;
  {op};
MORE:
  sub.u32 %x, %x, 3; add.u32 %n, %n, 1; setp.gt.u32 %p, %x, 3;
  @%p bra MORE;
  st.param.u32 [result], %n;
  {op};
}}
"""
CALL = "{ .param .u32 x; .param .u32 y; st.param.u32 [x], %a; call (y), early, (x); ld.param.u32 %d, [y]; }"


def early(a):
    if a < 4:
        return 1000
    n = 0
    while True:
        a, n = a - 3, n + 1
        if a <= 3:
            return n


@covers("ret")
def returns(form):
    """From a function at different times for the lanes of a warp, and from the kernel for some threads."""
    op = form.spelling
    cases = [control_case(f"  {CALL}\n  add.u32 %d, %d, %lane;", lambda i, a: early(a) + place(i)[2],
                          FUNCTIONS.format(op=op))]
    if form.has("uni"):
        cases.append(control_case(f"  setp.eq.u32 %p0, %warp, 1;\n  @%p0 {op};\n  mov.u32 %d, 5;",
                                  lambda i, a: KEPT if place(i)[1] == 1 else 5))
    else:
        cases.append(control_case(f"  setp.gt.u32 %p0, %a, 6;\n  @!%p0 {op};\n  mov.u32 %d, %a;",
                                  lambda i, a: a if a > 6 else KEPT))
    return cases


@covers("exit")
def exits(form):
    """Some threads leave, one warp as a whole; from the depth of a function; the others meet at a barrier."""
    function = """
.func leave(.param .u32 given)
{
  .reg .u32 %x; .reg .pred %p;
  ld.param.u32 %x, [given]; setp.eq.u32 %p, %x, 7;
  @%p exit;
  ret;
}
"""
    return [
        control_case("  setp.lt.u32 %p0, %a, 4; mov.u32 %d, 9;\n  @%p0 exit;\n  add.u32 %d, %d, %a;",
                     lambda i, a: KEPT if a < 4 else 9 + a),
        control_case("  { .param .u32 x; st.param.u32 [x], %a; call leave, (x); }\n  bar.sync 0;\n  mov.u32 %d, %a;",
                     lambda i, a: KEPT if a == 7 else a, function),
        control_case("  mov.u32 %d, 3;\n  setp.ne.u32 %p0, %lane, 40;\n  @!%p0 exit;", lambda i, a: 3),
    ]
