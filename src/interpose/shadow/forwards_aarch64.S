// SPDX-License-Identifier: MIT
// The stubs of aarch64; forwards.hpp tells what they do. x16 and x17 may be changed by any call. Assembled by nobody yet: no
// such machine has built this project.
        .section .text.nonans_forwards, "ax", %progbits
        .globl  nonans_forwards_begin
        .globl  nonans_forwards_end
        .hidden nonans_forwards_begin
        .hidden nonans_forwards_end
nonans_forwards_begin:

#define NONANS_FORWARD(index, name)                                     \
        .globl  name;                                                   \
        .type   name, %function;                                        \
        .p2align 4;                                                     \
name:   .cfi_startproc;                                                 \
        hint    #34;                                                    \
        adrp    x16, nonans_forward_entries+8*index;                    \
        ldr     x16, [x16, #:lo12:nonans_forward_entries+8*index];      \
        cbz     x16, 1f;                                                \
        br      x16;                                                    \
1:      mov     w16, #index;                                            \
        b       nonans_forward_first;                                   \
        .cfi_endproc;                                                   \
        .size   name, .-name;
#include "api/generated/forwards.inc"
#undef NONANS_FORWARD

nonans_forwards_end:

// The first call of a function, its index in w16: x0 to x7 and q0 to q7 may hold arguments and are kept.
        .text
        .type   nonans_forward_first, %function
nonans_forward_first:
        .cfi_startproc
        stp     x29, x30, [sp, #-208]!
        .cfi_adjust_cfa_offset 208
        .cfi_offset x29, -208
        .cfi_offset x30, -200
        mov     x29, sp
        stp     x0, x1, [sp, #16]
        stp     x2, x3, [sp, #32]
        stp     x4, x5, [sp, #48]
        stp     x6, x7, [sp, #64]
        stp     q0, q1, [sp, #80]
        stp     q2, q3, [sp, #112]
        stp     q4, q5, [sp, #144]
        stp     q6, q7, [sp, #176]
        mov     w0, w16
        bl      nonans_resolve_forward
        mov     x16, x0
        ldp     x0, x1, [sp, #16]
        ldp     x2, x3, [sp, #32]
        ldp     x4, x5, [sp, #48]
        ldp     x6, x7, [sp, #64]
        ldp     q0, q1, [sp, #80]
        ldp     q2, q3, [sp, #112]
        ldp     q4, q5, [sp, #144]
        ldp     q6, q7, [sp, #176]
        ldp     x29, x30, [sp], #208
        .cfi_adjust_cfa_offset -208
        .cfi_restore x29
        .cfi_restore x30
        br      x16
        .cfi_endproc
        .size   nonans_forward_first, .-nonans_forward_first

        .section .note.GNU-stack, "", %progbits
