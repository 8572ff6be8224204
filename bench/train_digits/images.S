// SPDX-License-Identifier: MIT
// The compiled kernels, carried inside the executable.
  .section .rodata
  .balign 16
  .global train_digits_ptx_image
train_digits_ptx_image:
  .incbin PTX_IMAGE
  .balign 16
  .global train_digits_fat_image
train_digits_fat_image:
  .incbin FAT_IMAGE
  .section .note.GNU-stack,"",@progbits
