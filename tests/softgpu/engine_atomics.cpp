// SPDX-License-Identifier: MIT
// Vector and 128-bit atom and red (PTX ISA 9.0, 9.7.13), redux.sync on f32, alloca.
#include <bit>
#include <cmath>

#include "stage_kernel.hpp"

using namespace softgpu::test;
using softgpu::engine::FaultKind;

TEST_CASE("vector additions are atomic for every element, and return the old vector") {
  Device device;
  device.load(stage_kernel(R"(
  cvt.rn.f32.u32 %f1, %r0; mov.f32 %f2, 0f3F800000;
  atom.global.add.v2.f32 {%f3, %f4}, [%out], {%f2, %f1};
  red.relaxed.gpu.global.add.v4.f32 [%out+16], {%f2, %f2, %f1, %f2};
  cvt.rzi.u32.f32 %r1, %f3; mul.wide.u32 %rd1, %r1, 4; add.s64 %rd1, %rd1, %in;
  st.global.f32 [%rd1], %f4;)"));
  const uint64_t out = device.upload(std::vector<float>(8));
  const uint64_t seen = device.upload(std::vector<float>(512, -1.0F));
  device.run("k", {4}, {128}, seen, out);
  const auto sums = device.download<float>(out, 8);
  CHECK(sums == std::vector<float>{512, 511 * 256, 0, 0, 512, 512, 511 * 256, 512});
  // The old values of the first element were all different: a running count.
  for (float v : device.download<float>(seen, 512)) CHECK(v >= 0);
}

TEST_CASE("vectors of f16 and bf16 add, and take minima and maxima as min and max do") {
  Device device;
  device.load(stage_kernel(R"(
  mov.b16 %h1, 0x4000; mov.b16 %h2, 0x7e00; mov.b16 %h3, 0xc000; mov.b16 %h4, 0x8000;
  atom.global.max.noftz.v4.f16 {%h5, %h6, %h7, %h8}, [%out], {%h1, %h2, %h3, %h4};
  red.global.min.noftz.v2.bf16 [%out+8], {%h1, %h3};
  mov.b32 %r1, 0x40004000;
  red.global.add.noftz.v2.bf16x2 [%out+16], {%r1, %r1};
  mov.b32 %r2, {%h5, %h8};
  st.global.b32 [%in], %r2;)"));
  const uint64_t in = device.upload(std::vector<uint32_t>(4));
  const uint64_t out = device.upload(std::vector<uint16_t>{0x3c00, 0x3c00, 0xbc00, 0x0000, 0x3f80,
                                                           0x3f80, 0, 0, 0x4000, 0, 0, 0xc000});
  device.run("k", {1}, {1}, in, out);
  CHECK(device.download<uint16_t>(out, 12) == std::vector<uint16_t>{0x4000, 0x3c00, 0xbc00, 0x0000,
                                                                    0x3f80, 0xc000, 0, 0, 0x4080,
                                                                    0x4000, 0x4000, 0x0000});
  CHECK(device.download<uint32_t>(in, 1)[0] == 0x00003c00U);
}

TEST_CASE("a result register may be a source of a later element") {
  Device device;
  device.load(stage_kernel(R"(
  mov.f32 %f1, 0f40000000; mov.f32 %f2, 0f40400000;
  atom.global.add.v2.f32 {%f2, %f1}, [%out], {%f1, %f2};)"));
  const uint64_t out = device.upload(std::vector<float>{10, 20});
  device.run("k", {1}, {1}, out, out);
  CHECK(device.download<float>(out, 2) == std::vector<float>{12, 23});
}

TEST_CASE("a vector atomic is aligned as a whole") {
  const StageRun r = run_stage(
      "mov.f32 %f1, 0f3F800000; red.global.add.v4.f32 [%out+8], {%f1, %f1, %f1, %f1};", 1, 32);
  REQUIRE(r.fault);
  CHECK(r.fault->kind == FaultKind::misaligned_address);
  CHECK(r.fault->size == 16);
}

TEST_CASE("128 bits are exchanged and compared as one") {
  Device device;
  // Every thread increments both halves of a 128-bit counter with compare and swap.
  device.load(stage_kernel(R"(
  mov.u64 %rd1, 0; mov.u64 %rd2, 0;
L:
  mov.b128 %q1, {%rd1, %rd2};
  add.u64 %rd3, %rd1, 1; add.u64 %rd4, %rd2, 3;
  mov.b128 %q2, {%rd3, %rd4};
  atom.global.cas.b128 %q3, [%out], %q1, %q2;
  mov.b128 {%rd5, %rd6}, %q3;
  setp.ne.u64 %p1, %rd5, %rd1; setp.ne.or.u64 %p1, %rd6, %rd2, %p1;
  mov.u64 %rd1, %rd5; mov.u64 %rd2, %rd6;
  @%p1 bra L;
  mov.b128 %q1, {%rd3, %rd4};
  atom.shared.exch.b128 %q2, [tile], %q1;)"));
  const uint64_t out = device.upload(std::vector<uint64_t>(4));
  device.run("k", {6}, {64}, out, out);
  CHECK(device.download<uint64_t>(out, 2) == std::vector<uint64_t>{6 * 64, 3 * 6 * 64});
}

TEST_CASE("redux.sync on f32 orders zeros and skips NaNs") {
  const auto redux = [](const std::string& form, const std::vector<float>& values) {
    Device device;
    device.load(stage_kernel("ld.global.f32 %f1, [%ga]; redux.sync." + form +
                             ".f32 %f2, %f1, 0xffffffff; st.global.f32 [%go], %f2;"));
    std::vector<float> in(32, values.back());
    std::copy(values.begin(), values.end(), in.begin() + 3);
    const uint64_t out = device.upload(std::vector<float>(32));
    device.run("k", {1}, {32}, device.upload(in), out);
    const auto got = device.download<uint32_t>(out, 32);
    for (uint32_t v : got) CHECK(v == got[0]);
    return got[0];
  };
  const auto bits = [](float x) { return std::bit_cast<uint32_t>(x); };
  CHECK(redux("min", {3, -2, 5}) == bits(-2));
  CHECK(redux("max", {3, -2, -7}) == bits(3));
  CHECK(redux("max", {-3, -2, -7}) == bits(-2));
  CHECK(redux("max.abs", {3, -2, -7}) == bits(7));
  CHECK(redux("min.abs", {3, -2, -7}) == bits(2));
  CHECK(redux("min", {0.0F, -0.0F, 0.0F}) == bits(-0.0F));
  CHECK(redux("max", {-0.0F, 0.0F, -0.0F}) == bits(0.0F));
  CHECK(redux("min", {NAN, 4, NAN}) == bits(4));
  CHECK(redux("min", {NAN, NAN}) == 0x7fffffffU);
  CHECK(redux("min.NaN", {1, NAN, 1}) == 0x7fffffffU);
  CHECK(redux("max.abs.NaN", {1, -INFINITY, 1}) == bits(INFINITY));
}

TEST_CASE("alloca takes stack, restores and returns give it back") {
  const StageRun r = run_stage(R"(
  stacksave.u64 %rd9;
  mov.u32 %r9, 0;
L:
  alloca.u64 %rd1, 1000, 64;
  and.b64 %rd2, %rd1, 63;
  alloca.u64 %rd3, 8;
  st.local.u32 [%rd1+996], %t; st.local.u32 [%rd3], 77;
  ld.local.u32 %r1, [%rd1+996];
  cvta.local.u64 %rd4, %rd3; ld.u32 %r2, [%rd4];
  cvt.u32.u64 %r3, %rd2; add.u32 %r1, %r1, %r3; add.u32 %r1, %r1, %r2;
  stackrestore.u64 %rd9;
  add.u32 %r9, %r9, 1; setp.lt.u32 %p1, %r9, 100; @%p1 bra L;
  st.global.u32 [%go], %r1;)",
                               1, 40);
  INFO(message(r));
  REQUIRE(!r.fault);
  for (uint32_t t = 0; t < 40; ++t) CHECK(r.out[t] == t + 77);
  const StageRun full = run_stage(R"(
  mov.u32 %r9, 0;
L:
  alloca.u64 %rd1, 1000;
  add.u32 %r9, %r9, 1; setp.lt.u32 %p1, %r9, 100; @%p1 bra L;)",
                                  1, 32);
  REQUIRE(full.fault);
  CHECK(full.fault->kind == FaultKind::hardware_stack_error);
}
