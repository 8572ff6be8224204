// SPDX-License-Identifier: MIT
// The stubs of x86-64; forwards.hpp tells what they do. r11 and rax carry no argument of these functions.
        .section .text.nonans_forwards, "ax", @progbits
        .globl  nonans_forwards_begin, nonans_forwards_end
        .hidden nonans_forwards_begin, nonans_forwards_end
nonans_forwards_begin:

#define NONANS_FORWARD(index, name)                                     \
        .globl  name;                                                   \
        .type   name, @function;                                        \
        .p2align 4;                                                     \
name:   .cfi_startproc;                                                 \
        endbr64;                                                        \
        movq    nonans_forward_entries+8*index(%rip), %r11;             \
        testq   %r11, %r11;                                             \
        jz      1f;                                                     \
        jmp     *%r11;                                                  \
1:      movl    $index, %eax;                                           \
        jmp     nonans_forward_first;                                   \
        .cfi_endproc;                                                   \
        .size   name, .-name;
#include "api/generated/forwards.inc"
#undef NONANS_FORWARD

nonans_forwards_end:

// The first call of a function, its index in eax: all that may hold arguments is kept (rdi to r9, and xmm0 to xmm7, for
// cuTexRefSetMipmapLevelBias takes a float), the driver's entry is found, and jumped to. Six pushes and 136 bytes make the
// stack a multiple of 16 for the call.
        .text
        .type   nonans_forward_first, @function
nonans_forward_first:
        .cfi_startproc
        pushq   %rdi
        .cfi_adjust_cfa_offset 8
        pushq   %rsi
        .cfi_adjust_cfa_offset 8
        pushq   %rdx
        .cfi_adjust_cfa_offset 8
        pushq   %rcx
        .cfi_adjust_cfa_offset 8
        pushq   %r8
        .cfi_adjust_cfa_offset 8
        pushq   %r9
        .cfi_adjust_cfa_offset 8
        subq    $136, %rsp
        .cfi_adjust_cfa_offset 136
        movups  %xmm0, (%rsp)
        movups  %xmm1, 16(%rsp)
        movups  %xmm2, 32(%rsp)
        movups  %xmm3, 48(%rsp)
        movups  %xmm4, 64(%rsp)
        movups  %xmm5, 80(%rsp)
        movups  %xmm6, 96(%rsp)
        movups  %xmm7, 112(%rsp)
        movl    %eax, %edi
        call    nonans_resolve_forward
        movq    %rax, %r11
        movups  (%rsp), %xmm0
        movups  16(%rsp), %xmm1
        movups  32(%rsp), %xmm2
        movups  48(%rsp), %xmm3
        movups  64(%rsp), %xmm4
        movups  80(%rsp), %xmm5
        movups  96(%rsp), %xmm6
        movups  112(%rsp), %xmm7
        addq    $136, %rsp
        .cfi_adjust_cfa_offset -136
        popq    %r9
        .cfi_adjust_cfa_offset -8
        popq    %r8
        .cfi_adjust_cfa_offset -8
        popq    %rcx
        .cfi_adjust_cfa_offset -8
        popq    %rdx
        .cfi_adjust_cfa_offset -8
        popq    %rsi
        .cfi_adjust_cfa_offset -8
        popq    %rdi
        .cfi_adjust_cfa_offset -8
        jmp     *%r11
        .cfi_endproc
        .size   nonans_forward_first, .-nonans_forward_first

        .section .note.GNU-stack, "", @progbits
