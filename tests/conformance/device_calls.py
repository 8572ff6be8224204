# SPDX-License-Identifier: MIT
"""Functions that the device provides to call: vprintf, malloc, free and __assertfail, declared as nvcc declares them
(CUDA C++ Programming Guide: formatted output, dynamic global memory allocation, assertion). They ride on `call.uni`,
which is how nvcc calls them. The result of vprintf is the number of its arguments, -1 for a null format."""

from control_kernels import control_case, place

ASSERT = 710  # CUDA_ERROR_ASSERT


def formatted_output():
    """Prints nothing: %.0d of zero and an empty string."""
    declarations = """
.extern .func (.param .b32 r) vprintf(.param .b64 format, .param .b64 arguments);
.global .align 1 .b8 text[] = {37, 46, 48, 100, 37, 115, 37, 46, 42, 108, 100, 0};
.global .align 1 .b8 nothing[] = {0};
"""
    body = """  .local .align 8 .b8 frame[32];
  st.local.u32 [frame], 0; cvta.global.u64 %l0, nothing; st.local.u64 [frame+8], %l0; st.local.u32 [frame+16], 0;
  st.local.u64 [frame+24], 0;
  setp.gt.u32 %p0, %a, 5; cvta.global.u64 %l1, text; cvta.local.u64 %l2, frame;
  @!%p0 bra PLAIN;
  { .param .b64 f; .param .b64 g; .param .b32 r; st.param.b64 [f], %l1; st.param.b64 [g], %l2;
    call.uni (r), vprintf, (f, g); ld.param.b32 %d, [r]; }
  bra DONE;
PLAIN:
  setp.eq.u32 %p1, %a, 0; selp.b64 %l0, 0, %l0, %p1;
  { .param .b64 f; .param .b64 g; .param .b32 r; st.param.b64 [f], %l0; st.param.b64 [g], 0;
    call.uni (r), vprintf, (f, g); ld.param.b32 %d, [r]; }
DONE:"""
    # "%.0d%s%.*ld": the precision that '*' takes is an argument as well.
    return control_case(body, lambda i, a: 4 if a > 5 else 0 if a else -1, declarations)


def heap():
    """Each lane takes memory of its own size, aligned to 16, fills both ends, frees it; null may be freed; what is too
    large gives null."""
    declarations = """
.extern .func (.param .b64 r) malloc(.param .b64 size);
.extern .func free(.param .b64 at);
"""
    body = """  add.u32 %r0, %lane, 1; mul.lo.u32 %r0, %r0, 12; cvt.u64.u32 %l0, %r0;
  { .param .b64 n; .param .b64 r; st.param.b64 [n], %l0; call.uni (r), malloc, (n); ld.param.b64 %l1, [r]; }
  and.b64 %l2, %l1, 15; setp.eq.u64 %p0, %l2, 0; setp.ne.and.u64 %p0, %l1, 0, %p0;
  st.u32 [%l1], %a; add.u64 %l2, %l1, %l0; st.u32 [%l2+-4], %i;
  bar.sync 0;
  ld.u32 %r1, [%l1]; ld.u32 %r2, [%l2+-4]; shl.b32 %r1, %r1, 16; add.u32 %d, %r1, %r2;
  { .param .b64 p; st.param.b64 [p], %l1; call.uni free, (p); }
  { .param .b64 p; st.param.b64 [p], 0; call.uni free, (p); }
  mov.u64 %l0, 0x200000000000;
  { .param .b64 n; .param .b64 r; st.param.b64 [n], %l0; call.uni (r), malloc, (n); ld.param.b64 %l1, [r]; }
  setp.eq.and.u64 %p0, %l1, 0, %p0;
  @%p0 add.u32 %d, %d, 0x40000000;"""

    def expected(i, a):
        return (a << 16) + i + 0x40000000

    return control_case(body, expected, declarations)


def assertion():
    declarations = """
.extern .func __assertfail(.param .b64 message, .param .b64 file, .param .b32 line, .param .b64 function,
                           .param .b64 size);
.global .align 1 .b8 text[] = {97, 32, 60, 32, 98, 0};
"""
    body = """  setp.ne.u32 %p0, %lane, LANE;
  @%p0 bra FINE;
  cvta.global.u64 %l0, text;
  { .param .b64 m; .param .b64 f; .param .b32 l; .param .b64 g; .param .b64 s;
    st.param.b64 [m], %l0; st.param.b64 [f], %l0; st.param.b32 [l], 7; st.param.b64 [g], %l0; st.param.b64 [s], 1;
    call.uni __assertfail, (m, f, l, g, s); }
FINE:
  add.u32 %d, %a, %lane;"""
    return [control_case(body.replace("LANE", "99"), lambda i, a: a + place(i)[2], declarations),
            control_case(body.replace("LANE", "5"), lambda i, a: 0, declarations, error=ASSERT)]


def all_cases():
    return [formatted_output(), heap(), *assertion()]
