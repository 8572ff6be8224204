// SPDX-License-Identifier: MIT
// The exported dlsym and dlvsym of aarch64; dlsym_routing.cpp tells why they are assembler. Assembled by nobody yet: no
// such machine has built this project.
//
// The return address is in x30. It is saved with the arguments, handed on as the caller, and is back in x30 for the jump.
        .text

        .globl  dlsym
        .type   dlsym, %function
dlsym:
        .cfi_startproc
        hint    #34                     // bti c
        stp     x29, x30, [sp, #-48]!
        .cfi_adjust_cfa_offset 48
        .cfi_offset x29, -48
        .cfi_offset x30, -40
        mov     x29, sp
        stp     x0, x1, [sp, #16]
        mov     x2, x30
        bl      nonans_route_dlsym
        mov     x9, x0
        mov     x10, x1
        ldp     x0, x1, [sp, #16]
        ldp     x29, x30, [sp], #48
        .cfi_adjust_cfa_offset -48
        .cfi_restore x29
        .cfi_restore x30
        cbnz    x10, 1f
        adrp    x16, nonans_real_dlsym
        ldr     x16, [x16, #:lo12:nonans_real_dlsym]
        br      x16
1:      mov     x0, x9
        ret
        .cfi_endproc
        .size   dlsym, .-dlsym

        .globl  dlvsym
        .type   dlvsym, %function
dlvsym:
        .cfi_startproc
        hint    #34                     // bti c
        stp     x29, x30, [sp, #-48]!
        .cfi_adjust_cfa_offset 48
        .cfi_offset x29, -48
        .cfi_offset x30, -40
        mov     x29, sp
        stp     x0, x1, [sp, #16]
        str     x2, [sp, #32]
        mov     x3, x30
        bl      nonans_route_dlvsym
        mov     x9, x0
        mov     x10, x1
        ldp     x0, x1, [sp, #16]
        ldr     x2, [sp, #32]
        ldp     x29, x30, [sp], #48
        .cfi_adjust_cfa_offset -48
        .cfi_restore x29
        .cfi_restore x30
        cbnz    x10, 1f
        adrp    x16, nonans_real_dlvsym
        ldr     x16, [x16, #:lo12:nonans_real_dlvsym]
        br      x16
1:      mov     x0, x9
        ret
        .cfi_endproc
        .size   dlvsym, .-dlvsym

        .section .note.GNU-stack, "", %progbits
