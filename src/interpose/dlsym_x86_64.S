// SPDX-License-Identifier: MIT
// The exported dlsym and dlvsym of x86-64; dlsym_routing.cpp tells why they are assembler.
//
// On entry the stack is 8 bytes off a multiple of 16 (the return address). Three pushes put it right for the call, and
// keep the arguments. The jump leaves stack and argument registers as they came, so that the real function sees the
// application's return address.
        .text

        .globl  dlsym
        .type   dlsym, @function
dlsym:
        .cfi_startproc
        endbr64
        movq    (%rsp), %rax
        pushq   %rdi
        .cfi_adjust_cfa_offset 8
        pushq   %rsi
        .cfi_adjust_cfa_offset 8
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
        movq    %rax, %rdx
        call    nonans_route_dlsym
        addq    $8, %rsp
        .cfi_adjust_cfa_offset -8
        popq    %rsi
        .cfi_adjust_cfa_offset -8
        popq    %rdi
        .cfi_adjust_cfa_offset -8
        testq   %rdx, %rdx
        jnz     1f
        jmp     *nonans_real_dlsym(%rip)
1:      ret
        .cfi_endproc
        .size   dlsym, .-dlsym

        .globl  dlvsym
        .type   dlvsym, @function
dlvsym:
        .cfi_startproc
        endbr64
        movq    (%rsp), %rcx
        pushq   %rdi
        .cfi_adjust_cfa_offset 8
        pushq   %rsi
        .cfi_adjust_cfa_offset 8
        pushq   %rdx
        .cfi_adjust_cfa_offset 8
        call    nonans_route_dlvsym
        movq    %rdx, %r11
        popq    %rdx
        .cfi_adjust_cfa_offset -8
        popq    %rsi
        .cfi_adjust_cfa_offset -8
        popq    %rdi
        .cfi_adjust_cfa_offset -8
        testq   %r11, %r11
        jnz     1f
        jmp     *nonans_real_dlvsym(%rip)
1:      ret
        .cfi_endproc
        .size   dlvsym, .-dlvsym

        .section .note.GNU-stack, "", @progbits
