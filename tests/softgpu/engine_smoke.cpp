// SPDX-License-Identifier: MIT
// Whole kernels: a map, a reduction through shared memory, dynamic shared memory, module variables.
#include <numeric>

#include "harness.hpp"

using namespace softgpu::test;

namespace {

const char* kSaxpy = R"(
.version 8.0
.target sm_80
.address_size 64
.visible .entry saxpy(.param .u64 x, .param .u64 y, .param .f32 a, .param .u32 n)
{
  .reg .pred %p<2>; .reg .b32 %r<6>; .reg .f32 %f<5>; .reg .b64 %rd<8>;
  ld.param.u64 %rd1, [x];
  ld.param.u64 %rd2, [y];
  ld.param.f32 %f1, [a];
  ld.param.u32 %r1, [n];
  mov.u32 %r2, %ctaid.x;
  mov.u32 %r3, %ntid.x;
  mov.u32 %r4, %tid.x;
  mad.lo.s32 %r5, %r2, %r3, %r4;
  setp.ge.s32 %p1, %r5, %r1;
  @%p1 bra DONE;
  cvta.to.global.u64 %rd3, %rd1;
  cvta.to.global.u64 %rd4, %rd2;
  mul.wide.s32 %rd5, %r5, 4;
  add.s64 %rd6, %rd3, %rd5;
  add.s64 %rd7, %rd4, %rd5;
  ld.global.f32 %f2, [%rd6];
  ld.global.f32 %f3, [%rd7];
  fma.rn.f32 %f4, %f1, %f2, %f3;
  st.global.f32 [%rd7], %f4;
DONE:
  ret;
}
)";

const char* kReduce = R"(
.version 8.0
.target sm_80
.address_size 64
.visible .entry reduce(.param .u64 in, .param .u64 out)
{
  .reg .pred %p<4>; .reg .b32 %r<12>; .reg .f32 %f<5>; .reg .b64 %rd<8>;
  .shared .align 4 .b8 tile[1024];
  ld.param.u64 %rd1, [in];
  ld.param.u64 %rd2, [out];
  mov.u32 %r1, %tid.x;
  mov.u32 %r2, %ctaid.x;
  mov.u32 %r3, %ntid.x;
  mad.lo.u32 %r4, %r2, %r3, %r1;
  mul.wide.u32 %rd3, %r4, 4;
  add.s64 %rd4, %rd1, %rd3;
  ld.global.f32 %f1, [%rd4];
  shl.b32 %r5, %r1, 2;
  mov.u32 %r6, tile;
  add.s32 %r7, %r6, %r5;
  st.shared.f32 [%r7], %f1;
  shr.u32 %r8, %r3, 1;
LOOP:
  bar.sync 0;
  setp.eq.u32 %p1, %r8, 0;
  @%p1 bra DONE;
  setp.ge.u32 %p2, %r1, %r8;
  @%p2 bra SKIP;
  shl.b32 %r9, %r8, 2;
  add.s32 %r10, %r7, %r9;
  ld.shared.f32 %f2, [%r10];
  ld.shared.f32 %f3, [%r7];
  add.f32 %f4, %f2, %f3;
  st.shared.f32 [%r7], %f4;
SKIP:
  shr.u32 %r8, %r8, 1;
  bra LOOP;
DONE:
  setp.ne.u32 %p3, %r1, 0;
  @%p3 bra END;
  ld.shared.f32 %f1, [tile];
  mul.wide.u32 %rd5, %r2, 4;
  add.s64 %rd6, %rd2, %rd5;
  st.global.f32 [%rd6], %f1;
END:
  ret;
}
)";

}  // namespace

TEST_CASE("saxpy over many blocks, the last one partly outside") {
  Device device;
  device.load(kSaxpy);
  const uint32_t n = 10000;
  std::vector<float> x(n), y(n), expected(n);
  for (uint32_t i = 0; i < n; ++i) {
    x[i] = static_cast<float>(i) * 0.25F;
    y[i] = 1.0F / static_cast<float>(i + 1);
    expected[i] = __builtin_fmaf(1.5F, x[i], y[i]);
  }
  const uint64_t dx = device.upload(x), dy = device.upload(y);
  device.run("saxpy", {(n + 255) / 256}, {256}, dx, dy, 1.5F, n);
  CHECK(device.download<float>(dy, n) == expected);
  CHECK(device.download<float>(dx, n) == x);
}

TEST_CASE("a block of any shape runs every thread once") {
  Device device;
  device.load(kSaxpy);
  for (uint32_t threads : {1U, 31U, 33U, 100U, 1024U}) {
    std::vector<float> x(threads, 1.0F), y(threads, 2.0F);
    const uint64_t dx = device.upload(x), dy = device.upload(y);
    device.run("saxpy", {1}, {threads}, dx, dy, 3.0F, threads);
    CHECK(device.download<float>(dy, threads) == std::vector<float>(threads, 5.0F));
  }
}

TEST_CASE("a tree reduction through shared memory and barriers") {
  Device device;
  device.load(kReduce);
  const uint32_t blocks = 17, threads = 256;
  std::vector<float> in(blocks * threads);
  std::iota(in.begin(), in.end(), 0.0F);
  const uint64_t din = device.upload(in), dout = device.upload(std::vector<float>(blocks));
  device.run("reduce", {blocks}, {threads}, din, dout);
  const auto out = device.download<float>(dout, blocks);
  for (uint32_t b = 0; b < blocks; ++b) {
    float sum = 0;  // exact: small integers
    for (uint32_t i = 0; i < threads; ++i) sum += in[b * threads + i];
    CHECK(out[b] == sum);
  }
  CHECK(device.program().find_kernel("reduce")->static_shared == 1024);
}

TEST_CASE("module variables are placed, initialised and shared by all blocks") {
  Device device;
  device.load(R"(
.version 8.0
.target sm_80
.address_size 64
.const .align 4 .f32 weights[4] = {0f3F800000, 0f40000000, 0f40400000, 0f40800000};
.global .align 4 .u32 counter = 5;
.global .align 8 .u64 pointer = generic(counter);
.visible .entry k(.param .u64 out)
{
  .reg .b32 %r<5>; .reg .f32 %f<3>; .reg .b64 %rd<6>;
  ld.param.u64 %rd1, [out];
  mov.u32 %r1, %tid.x;
  mul.wide.u32 %rd2, %r1, 4;
  mov.u64 %rd3, weights;
  add.s64 %rd3, %rd3, %rd2;
  ld.const.f32 %f1, [%rd3];
  add.s64 %rd4, %rd1, %rd2;
  st.global.f32 [%rd4], %f1;
  ld.global.u64 %rd5, [pointer];
  atom.add.u32 %r2, [%rd5], 1;
  ret;
}
)");
  const uint64_t out = device.upload(std::vector<float>(4));
  device.run("k", {3}, {4}, out);
  CHECK(device.download<float>(out, 4) == std::vector<float>{1, 2, 3, 4});
  const softgpu::engine::Variable* counter = device.program().find_variable("counter");
  REQUIRE(counter != nullptr);
  CHECK(counter->size == 4);
  CHECK(device.download<uint32_t>(counter->address, 1)[0] == 5 + 12);
}

TEST_CASE("dynamic shared memory starts behind the static part") {
  Device device;
  device.load(R"(
.version 8.0
.target sm_80
.address_size 64
.extern .shared .align 16 .b8 pool[];
.visible .entry k(.param .u64 out)
{
  .reg .b32 %r<8>; .reg .b64 %rd<5>;
  .shared .align 4 .u32 fixed;
  ld.param.u64 %rd1, [out];
  mov.u32 %r1, %tid.x;
  st.shared.u32 [fixed], 77;
  bar.sync 0;
  mov.u32 %r2, pool;
  shl.b32 %r3, %r1, 2;
  add.u32 %r4, %r2, %r3;
  st.shared.u32 [%r4], %r1;
  bar.sync 0;
  xor.b32 %r5, %r3, 124;
  add.u32 %r5, %r2, %r5;
  ld.shared.u32 %r6, [%r5];
  ld.shared.u32 %r7, [fixed];
  add.u32 %r6, %r6, %r7;
  mul.wide.u32 %rd2, %r1, 4;
  add.s64 %rd2, %rd1, %rd2;
  st.global.u32 [%rd2], %r6;
  ret;
}
)");
  device.dynamic_shared = 128;
  const uint64_t out = device.upload(std::vector<uint32_t>(32));
  device.run("k", {1}, {32}, out);
  const auto got = device.download<uint32_t>(out, 32);
  for (uint32_t i = 0; i < 32; ++i) CHECK(got[i] == (31 - i) + 77);
  device.dynamic_shared = 124;  // one element too few
  const auto fault = device.try_run("k", {1}, {32}, out);
  REQUIRE(fault);
  CHECK(fault->kind == softgpu::engine::FaultKind::illegal_address);
}
