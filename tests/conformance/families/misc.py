# SPDX-License-Identifier: MIT
"""Stack manipulation (PTX ISA 9.0, 9.7.17) and the miscellaneous instructions (9.7.19, griddepcontrol 9.7.13.13).

Of nanosleep only an upper bound of twice the time is promised, of pmevent, griddepcontrol without a dependent grid and
setmaxnreg nothing that a kernel could see: their tests are that the lanes that execute them go on with all they had.
What brkpt does without a debugger is not said: its test does not reach it."""

from case import Case, words
from control_kernels import control_case, place
from elementwise import header
from registry import covers

LAUNCH_FAILED = 719  # CUDA_ERROR_LAUNCH_FAILED


@covers("trap")
def trap(form):
    body = "  setp.eq.u32 %p0, %lane, {};\n  @%p0 trap;\n  add.u32 %d, %a, 1;"
    return [control_case(body.format(32), lambda i, a: a + 1),
            control_case(body.format(3), lambda i, a: 0, error=LAUNCH_FAILED)]


@covers("brkpt")
def breakpoint_(form):
    return control_case("  setp.eq.u32 %p0, %lane, 32;\n  @%p0 brkpt;\n  add.u32 %d, %a, 1;", lambda i, a: a + 1)


@covers("nanosleep")
def sleep(form):
    """Lanes that sleep for times of their own, and a warp that waits for another one's word."""
    body = f"""
  setp.gt.u32 %p0, %a, 5; mov.u32 %d, %a;
  @%p0 {form.spelling} %lane;
  @!%p0 {form.spelling} 20;
  @%p0 add.u32 %d, %d, 1000;"""
    wait = f"""
  mov.u64 %l0, word; setp.ne.u32 %p0, %warp, 0;
  @%p0 bra WAIT;
  add.u32 %r1, %block, 5; st.volatile.shared.u32 [word], %r1;
  bra DONE;
WAIT:
  ld.volatile.shared.u32 %r0, [word]; add.u32 %r1, %block, 5; setp.eq.u32 %p1, %r0, %r1;
  @%p1 bra DONE;
  {form.spelling} 40;
  bra WAIT;
DONE:
  add.u32 %d, %r1, %lane;"""
    return [control_case(body, lambda i, a: a + 1000 if a > 5 else a),
            control_case(wait, lambda i, a: place(i)[0] + 5 + place(i)[2], ".shared .u32 word;\n")]


@covers("pmevent", "griddepcontrol")
def without_effect(form):
    operand = {"pmevent": " 0x8001" if form.has("mask") else " 7"}.get(form.op, "")
    return control_case(f"  setp.gt.u32 %p0, %a, 5; mov.u32 %d, %a;\n  @%p0 {form.spelling}{operand};\n"
                        f"  {form.spelling}{operand};\n  @!%p0 add.u32 %d, %d, 1000;",
                        lambda i, a: a if a > 5 else a + 1000)


@covers("setmaxnreg")
def registers(form):
    """All warps of a warpgroup, in a kernel with .maxnreg, as 9.7.19.5 asks."""
    count = 128 if form.has("inc") else 24
    ptx = header(form.target) + f"""
.visible .entry k(.param .u64 out) .maxntid 128, 1, 1 .maxnreg 64
{{
  .reg .u32 %t, %x; .reg .u64 %o; ld.param.u64 %o, [out]; mov.u32 %t, %tid.x; mad.wide.u32 %o, %t, 4, %o;
  mad.lo.u32 %x, %t, %t, 3;
  {form.spelling} {count};
  st.global.u32 [%o], %x; ret;
}}
"""
    return Case(ptx, block=(128, 1, 1)).output(words([t * t + 3 for t in range(128)], 32))


@covers("alloca", "stacksave", "stackrestore")
def stack(form):
    """Each lane takes a size of its own twice, the second time aligned to 64; a function that allocates too runs in
    between; stackrestore gives back what was taken since stacksave. The lanes of %a > 9 take no part."""
    kind = next(m for m in form.mods if m in ("u32", "u64"))
    r, w = ("r", "u32") if kind == "u32" else ("l", "u64")
    widen = "mov.u32 %r5, %r4;" if kind == "u32" else "cvt.u64.u32 %l5, %r4;"
    body = f"""
  setp.le.u32 %p0, %a, 9; mov.u32 %d, 5;
  @!%p0 bra DONE;
  add.u32 %r3, %lane, 1; shl.b32 %r4, %r3, 2; {widen}
  alloca.{kind} %{r}0, %{r}5;
  mov.u32 %r7, 0; mov.{w} %{r}6, %{r}0;
FILL:
  mad.lo.u32 %r8, %r7, 3, %a; st.local.u32 [%{r}6], %r8; add.{w} %{r}6, %{r}6, 4; add.u32 %r7, %r7, 1;
  setp.lt.u32 %p1, %r7, %r3;
  @%p1 bra FILL;
  stacksave.{kind} %{r}1;
  alloca.{kind} %{r}2, %{r}5, 64;
  and.b{w[1:]} %{r}6, %{r}2, 63; setp.eq.{w} %p2, %{r}6, 0;
  st.local.u32 [%{r}2], 0xffffffff;
  call spoil;
  stackrestore.{kind} %{r}1;
  stacksave.{kind} %{r}6; setp.eq.and.{w} %p2, %{r}6, %{r}1, %p2;
  alloca.{kind} %{r}2, %{r}5; st.local.u32 [%{r}2], 0x12345678;
  mov.u32 %r7, 0; mov.{w} %{r}6, %{r}0; mov.u32 %d, 0;
SUM:
  ld.local.u32 %r8, [%{r}6]; add.u32 %d, %d, %r8; add.{w} %{r}6, %{r}6, 4; add.u32 %r7, %r7, 1;
  setp.lt.u32 %p1, %r7, %r3;
  @%p1 bra SUM;
  @%p2 add.u32 %d, %d, 100000;
DONE:"""
    function = f"""
.func spoil
{{
  .reg .u32 %r<3>; .reg .u64 %l<3>;
  alloca.{kind} %{r}0, 128; st.local.u32 [%{r}0], 99; st.local.u32 [%{r}0+124], 98; ret;
}}
"""

    def expected(i, a):
        if a > 9:
            return 5
        count = place(i)[2] + 1
        return 100000 + sum(3 * k + a for k in range(count))

    return control_case(body, expected, function)
