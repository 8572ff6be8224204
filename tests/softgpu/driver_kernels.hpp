// SPDX-License-Identifier: MIT
// PTX for the driver's tests: as little of the instruction set as shows what the driver does.
#pragma once

#include <string>

namespace ptx {

inline const std::string kHeader = ".version 8.0\n.target sm_80\n.address_size 64\n";

// Adding -0 changes no bit of a number, but makes it one for who follows values to their stores:
// tools that look for floats find them in these kernels.
inline const std::string kAsFloat = "  add.f32 %r1, %r1, 0f80000000;\n";

// fill(uint32_t* p, uint32_t value, uint32_t n): p[i] = value for i < n.
inline const std::string kFill = kHeader + R"(
.visible .entry fill(.param .u64 p, .param .u32 value, .param .u32 n)
{
  .reg .pred %q;
  .reg .b32 %r<6>;
  .reg .b64 %rd<4>;
  ld.param.u64 %rd1, [p];
  ld.param.u32 %r1, [value];
  ld.param.u32 %r2, [n];
  mov.u32 %r3, %ctaid.x;
  mov.u32 %r4, %ntid.x;
  mov.u32 %r5, %tid.x;
  mad.lo.s32 %r3, %r3, %r4, %r5;
  setp.ge.u32 %q, %r3, %r2;
  @%q bra DONE;
  cvta.to.global.u64 %rd1, %rd1;
  mul.wide.u32 %rd2, %r3, 4;
  add.s64 %rd3, %rd1, %rd2;
)" + kAsFloat + R"(
  st.global.f32 [%rd3], %r1;
DONE:
  ret;
}
)";

// params(uint8_t a, uint64_t* out, uint16_t b, float c): out = {a, b, bits of c}. Natural alignment
// leaves holes.
inline const std::string kParams = kHeader + R"(
.visible .entry params(.param .u8 a, .param .u64 out, .param .u16 b, .param .f32 c)
{
  .reg .b32 %r<4>;
  .reg .b64 %rd<4>;
  ld.param.u8 %r1, [a];
  ld.param.u64 %rd1, [out];
  ld.param.u16 %r2, [b];
  ld.param.b32 %r3, [c];
  cvt.u64.u32 %rd2, %r1;
  st.global.u64 [%rd1], %rd2;
  cvt.u64.u32 %rd2, %r2;
  st.global.u64 [%rd1+8], %rd2;
  cvt.u64.u32 %rd2, %r3;
  st.global.u64 [%rd1+16], %rd2;
  ret;
}
)";

// counter: a module variable of 10; bump(): counter += 1. `table` has an initial value.
inline const std::string kGlobals = kHeader + R"(
.visible .global .align 4 .u32 counter = 10;
.visible .global .align 4 .u32 table[3] = {1, 2, 3};
.visible .entry bump()
{
  .reg .b32 %r<3>;
  ld.global.u32 %r1, [counter];
  add.s32 %r2, %r1, 1;
  st.global.u32 [counter], %r2;
  ret;
}
.visible .entry other()
{
  ret;
}
)";

// dynamic(uint32_t* out, uint32_t offset): writes 7 at `offset` of dynamic shared memory and reads
// it back.
inline const std::string kShared = kHeader + R"(
.extern .shared .align 16 .b8 buffer[];
.visible .entry dynamic(.param .u64 out, .param .u32 offset)
{
  .reg .b32 %r<5>;
  .reg .b64 %rd<2>;
  ld.param.u64 %rd1, [out];
  ld.param.u32 %r1, [offset];
  mov.u32 %r2, buffer;
  add.s32 %r2, %r2, %r1;
  mov.u32 %r3, 7;
  st.shared.u32 [%r2], %r3;
  ld.shared.u32 %r4, [%r2];
  st.global.u32 [%rd1], %r4;
  ret;
}
)";

// bounded(): may be launched with at most 64 threads.
inline const std::string kBounded = kHeader + R"(
.visible .entry bounded()
.maxntid 64, 1, 1
{
  ret;
}
)";

// hand(uint32_t* flag, uint32_t mine, uint32_t other): flag[0] = mine, then spins until flag[0] ==
// other.
inline const std::string kHandshake = kHeader + R"(
.visible .entry hand(.param .u64 flags, .param .u32 mine, .param .u32 other)
{
  .reg .pred %q;
  .reg .b32 %r<4>;
  .reg .b64 %rd<5>;
  ld.param.u64 %rd1, [flags];
  ld.param.u32 %r1, [mine];
  ld.param.u32 %r2, [other];
  mul.wide.u32 %rd2, %r1, 4;
  add.s64 %rd3, %rd1, %rd2;
  mul.wide.u32 %rd2, %r2, 4;
  add.s64 %rd4, %rd1, %rd2;
  mov.u32 %r3, 1;
  st.volatile.global.u32 [%rd3], %r3;
WAIT:
  ld.volatile.global.u32 %r3, [%rd4];
  setp.eq.u32 %q, %r3, 0;
  @%q bra WAIT;
  ret;
}
)";

}  // namespace ptx
