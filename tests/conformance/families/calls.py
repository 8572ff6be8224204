# SPDX-License-Identifier: MIT
"""call (PTX ISA 9.0, 9.7.12.5): parameters and results of every size, by value, in registers; recursion; function
pointers with .callprototype and .calltargets, the same for all lanes or not; guards.

call.uni promises that the active threads agree on guard and target."""

import device_calls
from control_kernels import control_case, place
from registry import covers

DECLARATIONS = """
.func (.param .u32 result) twice(.param .u32 given)
{
  .reg .u32 %x; ld.param.u32 %x, [given]; shl.b32 %x, %x, 1; st.param.u32 [result], %x; ret;
}
.func (.param .u32 result) plus100(.param .u32 given)
{
  .reg .u32 %x; ld.param.u32 %x, [given]; add.u32 %x, %x, 100; st.param.u32 [result], %x; ret;
}
.func (.param .u32 result) square(.param .u32 given)
{
  .reg .u32 %x; ld.param.u32 %x, [given]; mul.lo.u32 %x, %x, %x; st.param.u32 [result], %x; ret;
}
.global .u64 table[4] = {twice, plus100, square, twice};
"""


def applied(which, a):
    return [2 * a, a + 100, a * a, 2 * a][which]


def one(callee, tail="", call="call"):
    return (f"{{ .param .u32 x; .param .u32 y; st.param.u32 [x], %a; {call} (y), {callee}, (x){tail};"
            " ld.param.u32 %d, [y]; }")


def direct(form):
    op = form.spelling
    return [
        control_case(f"  {one('twice', call=op)}\n  add.u32 %a, %d, 1;\n  {one('plus100', call=op)}",
                     lambda i, a: 2 * a + 101, DECLARATIONS),
        # No result, no parameter; writes through a pointer given by value.
        control_case(f"  {{ .param .u64 at; st.param.u64 [at], %to; {op} store, (at); }}\n  {op} nothing;\n"
                     "  ld.global.u32 %d, [%to];", lambda i, a: 77, """
.func store(.param .u64 at) { .reg .u64 %x; ld.param.u64 %x, [at]; st.global.u32 [%x], 77; ret; }
.func nothing { ret; }
"""),
    ]


def parameters(form):
    """Words of each kind, a struct by value in and out, and registers. (ptxas passes nothing of 8 or 16 bits.)"""
    op = form.spelling
    mixed = control_case(f"""
  {{
    .param .u32 c; .param .u64 d; .param .f32 e; .param .f64 f;
    .param .align 8 .b8 g[24]; .param .align 8 .b8 r[16]; .reg .f32 %f; .reg .f64 %g;
    add.u32 %r0, %a, 70000; st.param.u32 [c], %r0; cvt.u64.u32 %l0, %a; shl.b64 %l0, %l0, 33; st.param.u64 [d], %l0;
    cvt.rn.f32.u32 %f, %a; st.param.f32 [e], %f; cvt.rn.f64.u32 %g, %lane; st.param.f64 [f], %g;
    st.param.u32 [g], %lane; st.param.v2.u32 [g+8], {{%a, %i}}; st.param.u64 [g+16], %l0;
    {op} (r), mixed, (c, d, e, f, g);
    ld.param.u32 %d, [r]; ld.param.u64 %l1, [r+8]; cvt.u32.u64 %r1, %l1; add.u32 %d, %d, %r1;
  }}""", lambda i, a: mixed_value(i, a), """
.func (.param .align 8 .b8 r[16]) mixed(.param .u32 c, .param .u64 d, .param .f32 e, .param .f64 f,
                                        .param .align 8 .b8 g[24])
{
  .reg .u32 %x<8>; .reg .u64 %w<3>; .reg .f32 %f; .reg .f64 %g;
  ld.param.u32 %x0, [c]; ld.param.u64 %w0, [d]; ld.param.f32 %f, [e];
  ld.param.f64 %g, [f]; ld.param.u32 %x1, [g]; ld.param.v2.u32 {%x2, %x3}, [g+8]; ld.param.u64 %w1, [g+16];
  mov.u32 %x4, %x0;
  cvt.rzi.u32.f32 %x5, %f; mad.lo.u32 %x4, %x5, 3, %x4; cvt.rzi.u32.f64 %x5, %g; mad.lo.u32 %x4, %x5, 5, %x4;
  mad.lo.u32 %x4, %x1, 7, %x4; mad.lo.u32 %x4, %x2, 11, %x4; mad.lo.u32 %x4, %x3, 13, %x4;
  add.u64 %w2, %w0, %w1; shr.u64 %w2, %w2, 33;
  st.param.u32 [r], %x4; st.param.u64 [r+8], %w2; ret;
}
""")
    registers = control_case(f"  {op} (%d), inside, (%a, %lane, 5);", lambda i, a: a * 5 + place(i)[2], """
.func (.reg .u32 %result) inside(.reg .u32 %x, .reg .u32 %y, .reg .u32 %z)
{
  mad.lo.u32 %result, %x, %z, %y; ret;
}
""")
    return [mixed, registers]


def mixed_value(i, a):
    lane = place(i)[2]
    value = a + 70000 + 3 * a + 5 * lane + 7 * lane + 11 * a + 13 * i
    return value + 2 * a


def recursion(form):
    """Each lane to its own depth, with locals that must survive the inner calls; two calls in one body."""
    op = form.spelling
    small = "  rem.u32 %a, %a, 9;\n"
    return control_case(small + "  " + one("fibonacci", call=op), lambda i, a: fibonacci(a % 9), f"""
.func (.param .u32 result) fibonacci(.param .u32 given)
{{
  .reg .u32 %a, %d, %keep; .reg .pred %p; .local .u32 slot;
  ld.param.u32 %a, [given]; setp.lt.u32 %p, %a, 2;
  @%p bra SMALL;
  mov.u32 %keep, %a; st.local.u32 [slot], %a;
  sub.u32 %a, %a, 1; {one("fibonacci", call=op)}
  ld.local.u32 %a, [slot]; st.local.u32 [slot], %d; sub.u32 %a, %keep, 2; {one("fibonacci", call=op)}
  ld.local.u32 %keep, [slot]; add.u32 %d, %d, %keep;
  st.param.u32 [result], %d; ret;
SMALL:
  st.param.u32 [result], %a; ret;
}}
""")


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def indirect(form):
    op, uniform = form.spelling, form.has("uni")
    index = "add.u32 %r0, %warp, %block; and.b32 %r0, %r0, 3;" if uniform else "and.b32 %r0, %a, 3;"
    load = f"  {index} mov.u64 %l0, table; mad.wide.u32 %l0, %r0, 8, %l0; ld.global.u64 %l1, [%l0];\n"

    def expected(i, a):
        block, warp, _ = place(i)
        return applied(warp + block & 3 if uniform else a & 3, a)

    prototype = "  proto: .callprototype (.param .u32 _) _ (.param .u32 _);\n"
    targets = "  list: .calltargets twice, plus100, square;\n"
    cases = [control_case(prototype + load + "  " + one("%l1", ", proto", op), expected, DECLARATIONS),
             control_case(targets + load + "  " + one("%l1", ", list", op), expected, DECLARATIONS)]
    # The address taken by mov, chosen by selp.
    choose = ("  mov.u64 %l2, square; mov.u64 %l3, plus100; setp.eq.u32 %p0, %warp, 1; selp.u64 %l1, %l2, %l3, %p0;\n")
    cases.append(control_case(prototype + choose + "  " + one("%l1", ", proto", op),
                              lambda i, a: a * a if place(i)[1] == 1 else a + 100, DECLARATIONS))
    return cases


def guarded(form):
    op, uniform = form.spelling, form.has("uni")
    condition = "setp.eq.u32 %p0, %warp, 2;" if uniform else "setp.gt.u32 %p0, %a, 6;"

    def holds(i, a):
        return place(i)[1] == 2 if uniform else a > 6

    body = f"""  {condition} mov.u32 %d, 1;
  {{
    .param .u32 x; .param .u32 y;
    st.param.u32 [x], %a;
    @%p0 {op} (y), twice, (x);
    ld.param.u32 %r1, [y];
    @%p0 mov.u32 %d, %r1;
  }}
  {{
    .param .u32 x; .param .u32 y;
    st.param.u32 [x], %a;
    @!%p0 {op} (y), plus100, (x);
    ld.param.u32 %r1, [y];
    @!%p0 mov.u32 %d, %r1;
  }}"""
    return control_case(body, lambda i, a: 2 * a if holds(i, a) else a + 100, DECLARATIONS)


@covers("call")
def calls(form):
    cases = [*direct(form), *parameters(form), recursion(form), *indirect(form), guarded(form)]
    return cases + (device_calls.all_cases() if form.has("uni") else [])
