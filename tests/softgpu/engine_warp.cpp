// SPDX-License-Identifier: MIT
// Lanes of one warp: divergence, forward progress, shuffles, votes, matches, reductions.
#include "harness.hpp"

using namespace softgpu::test;

namespace {

// A kernel with one .u64 parameter `out`; %tid in %t, the address of out[tid] (u32) in %o.
std::string kernel(const std::string& body) {
  return R"(
.version 8.0
.target sm_90
.address_size 64
.global .align 4 .u32 lock;
.visible .entry k(.param .u64 out)
{
  .reg .pred %p<10>; .reg .b32 %t, %r<20>; .reg .b64 %o, %base, %rd<8>;
  ld.param.u64 %base, [out];
  mov.u32 %t, %tid.x;
  mul.wide.u32 %rd0, %t, 4;
  add.s64 %o, %base, %rd0;
)" + body +
         "\n  ret;\n}\n";
}

std::vector<uint32_t> run(const std::string& body, uint32_t threads = 32) {
  Device device;
  device.load(kernel(body));
  const uint64_t out = device.upload(std::vector<uint32_t>(threads, 0xdeadbeefU));
  device.run("k", {1}, {threads}, out);
  return device.download<uint32_t>(out, threads);
}

}  // namespace

TEST_CASE("a nested divergent loop gives each lane its own trip count") {
  const auto got = run(R"(
  mov.u32 %r1, 0; mov.u32 %r2, 0;
OUTER:
  setp.ge.u32 %p1, %r1, %t; @%p1 bra OUT;
  mov.u32 %r3, 0;
INNER:
  add.u32 %r2, %r2, 1;
  add.u32 %r3, %r3, 1;
  setp.le.u32 %p2, %r3, %r1; @%p2 bra INNER;
  add.u32 %r1, %r1, 1;
  bra OUTER;
OUT:
  st.global.u32 [%o], %r2;
)");
  for (uint32_t t = 0; t < 32; ++t) CHECK(got[t] == t * (t + 1) / 2);
}

TEST_CASE("lanes come together again behind a divergent loop and a divergent branch") {
  const auto got = run(R"(
  mov.u32 %r1, %t;
L:
  setp.eq.u32 %p1, %r1, 0; @%p1 bra JOIN;
  sub.u32 %r1, %r1, 1; bra L;
JOIN:
  activemask.b32 %r2;
  and.b32 %r3, %t, 1; setp.eq.u32 %p2, %r3, 0;
  @%p2 bra EVEN;
  add.u32 %r2, %r2, 0; bra BOTH;
EVEN:
  add.u32 %r2, %r2, 0;
BOTH:
  activemask.b32 %r4;
  and.b32 %r2, %r2, %r4;
  st.global.u32 [%o], %r2;
)");
  for (uint32_t t = 0; t < 32; ++t) CHECK(got[t] == 0xffffffffU);
}

TEST_CASE("a spin lock between lanes of a warp makes progress") {
  Device device;
  device.load(kernel(R"(
SPIN:
  atom.global.cas.b32 %r1, [lock], 0, 1;
  setp.ne.u32 %p1, %r1, 0;
  @%p1 bra SPIN;
  ld.volatile.global.u32 %r2, [%base];
  add.u32 %r2, %r2, 1;
  st.volatile.global.u32 [%base], %r2;
  membar.gl;
  atom.global.exch.b32 %r3, [lock], 0;
)"));
  const uint64_t out = device.upload(std::vector<uint32_t>(32));
  device.run("k", {4}, {64}, out);
  CHECK(device.download<uint32_t>(out, 1)[0] == 256);
}

TEST_CASE("shuffles follow the four modes, segments and clamps") {
  const auto expect = [](const std::string& mode, uint32_t b, uint32_t c, auto source) {
    Device device;
    device.load(kernel("  mul.lo.u32 %r1, %t, 3;\n  shfl.sync." + mode + ".b32 %r2|%p1, %r1, " +
                       std::to_string(b) + ", " + std::to_string(c) +
                       ", 0xffffffff;\n  selp.u32 %r3, 1000, 0, %p1;\n  add.u32 %r2, %r2, %r3;\n"
                       "  st.global.u32 [%o], %r2;"));
    const uint64_t out = device.upload(std::vector<uint32_t>(32));
    device.run("k", {1}, {32}, out);
    const auto got = device.download<uint32_t>(out, 32);
    for (int t = 0; t < 32; ++t) {
      const int j = source(t);  // -1: out of range, own value
      const uint32_t want =
          j < 0 ? static_cast<uint32_t>(3 * t) : static_cast<uint32_t>(3 * j) + 1000U;
      INFO(mode << " b=" << b << " c=" << c << " lane " << t);
      CHECK(got[static_cast<size_t>(t)] == want);
    }
  };
  expect("up", 3, 0, [](int t) { return t >= 3 ? t - 3 : -1; });
  expect("down", 5, 31, [](int t) { return t + 5 <= 31 ? t + 5 : -1; });
  expect("bfly", 16, 31, [](int t) { return t ^ 16; });
  expect("idx", 7, 31, [](int) { return 7; });
  // Width 8: c = ((32 - 8) << 8) | clamp
  expect("up", 2, 24 << 8, [](int t) { return t % 8 >= 2 ? t - 2 : -1; });
  expect("down", 2, (24 << 8) | 31, [](int t) { return t % 8 + 2 <= 7 ? t + 2 : -1; });
  expect("idx", 3, (24 << 8) | 31, [](int t) { return t / 8 * 8 + 3; });
}

TEST_CASE("a shuffle waits for the lanes of its mask, whichever way they come") {
  // Odd lanes arrive at the shuffle on another path and later; then only the even ones exchange in
  // a branch.
  const auto got = run(R"(
  and.b32 %r1, %t, 1; setp.eq.u32 %p1, %r1, 0;
  mov.u32 %r2, %t;
  @%p1 bra GO;
  mov.u32 %r3, 0;
DELAY:
  add.u32 %r3, %r3, 1; setp.lt.u32 %p2, %r3, %t; @%p2 bra DELAY;
  add.u32 %r2, %r2, 100;
GO:
  shfl.sync.bfly.b32 %r4, %r2, 1, 31, 0xffffffff;
  @!%p1 bra STORE;
  shfl.sync.bfly.b32 %r4, %r4, 2, 31, 0x55555555;
STORE:
  st.global.u32 [%o], %r4;
)");
  for (uint32_t t = 0; t < 32; ++t) {
    const uint32_t want = t % 2 == 1 ? t - 1 : (t ^ 2U) + 1 + 100;
    CHECK(got[t] == want);
  }
}

TEST_CASE("groups with different member masks pass one shuffle independently") {
  const auto got = run(R"(
  setp.lt.u32 %p1, %t, 16;
  selp.b32 %r1, 0x0000ffff, 0xffff0000, %p1;
  shfl.sync.idx.b32 %r2, %t, 5, 0x100f, %r1;
  vote.sync.ballot.b32 %r3, %p1, %r1;
  add.u32 %r2, %r2, %r3;
  st.global.u32 [%o], %r2;
)");
  for (uint32_t t = 0; t < 32; ++t) CHECK(got[t] == (t < 16 ? 5 + 0xffffU : 21U));
}

TEST_CASE("exited lanes are not waited for") {
  const auto got = run(R"(
  setp.ge.u32 %p1, %t, 20;
  @%p1 exit;
  vote.sync.ballot.b32 %r1, 1, 0xffffffff;
  st.global.u32 [%o], %r1;
)" + std::string(),
                       32);
  for (uint32_t t = 0; t < 32; ++t) CHECK(got[t] == (t < 20 ? 0xfffffU : 0xdeadbeefU));
}

TEST_CASE("votes are per warp in a large block") {
  const auto got = run(R"(
  setp.eq.u32 %p1, %t, 40;
  vote.sync.any.pred %p2, %p1, 0xffffffff;
  vote.sync.all.pred %p3, %p1, 0xffffffff;
  vote.sync.uni.pred %p4, %p1, 0xffffffff;
  vote.sync.ballot.b32 %r1, !%p1, 0xffffffff;
  selp.u32 %r2, 1, 0, %p2; selp.u32 %r3, 2, 0, %p3; selp.u32 %r4, 4, 0, %p4;
  or.b32 %r2, %r2, %r3; or.b32 %r2, %r2, %r4;
  setp.eq.u32 %p5, %r1, 0xffffffff; selp.u32 %r5, 8, 0, %p5; or.b32 %r2, %r2, %r5;
  st.global.u32 [%o], %r2;
)",
                       96);
  for (uint32_t t = 0; t < 96; ++t) CHECK(got[t] == (t / 32 == 1 ? 1U : 12U));
}

TEST_CASE("match finds equal values, redux reduces, elect picks one") {
  const auto any = run(R"(
  rem.u32 %r1, %t, 3;
  match.any.sync.b32 %r2, %r1, 0xffffffff;
  st.global.u32 [%o], %r2;
)");
  for (uint32_t t = 0; t < 32; ++t) {
    uint32_t want = 0;
    for (uint32_t j = 0; j < 32; ++j) want |= j % 3 == t % 3 ? 1U << j : 0;
    CHECK(any[t] == want);
  }
  const auto all = run(R"(
  shr.u32 %r1, %t, 4; cvt.u64.u32 %rd1, %r1;
  setp.lt.u32 %p1, %t, 16; selp.b32 %r3, 0xffff, 0xffff0000, %p1;
  match.all.sync.b64 %r2|%p2, %rd1, %r3;
  cvt.u64.u32 %rd1, %t;
  match.all.sync.b64 %r4|%p3, %rd1, %r3;
  selp.u32 %r5, 1, 0, %p2; selp.u32 %r6, 2, 0, %p3; add.u32 %r2, %r2, %r5; add.u32 %r2, %r2, %r6;
  add.u32 %r2, %r2, %r4;
  st.global.u32 [%o], %r2;
)");
  for (uint32_t t = 0; t < 32; ++t) CHECK(all[t] == (t < 16 ? 0xffffU : 0xffff0000U) + 1);
  const auto reduced = run(R"(
  sub.s32 %r1, %t, 10;
  redux.sync.add.s32 %r2, %r1, 0xffffffff;
  redux.sync.min.s32 %r3, %r1, 0xffffffff;
  redux.sync.max.u32 %r4, %r1, 0xffffffff;
  redux.sync.xor.b32 %r5, %t, 0xffffffff;
  elect.sync %r6|%p1, 0xffffffff;
  add.u32 %r2, %r2, %r3; add.u32 %r2, %r2, %r4; add.u32 %r2, %r2, %r5; add.u32 %r2, %r2, %r6;
  @%p1 add.u32 %r2, %r2, 1000;
  st.global.u32 [%o], %r2;
)");
  const uint32_t sum = 496 - 320, low = static_cast<uint32_t>(-10), high = 0xffffffffU;
  for (uint32_t t = 0; t < 32; ++t)
    CHECK(reduced[t] == sum + low + high + 0 + 0 + (t == 0 ? 1000 : 0));
}

TEST_CASE("an indexed branch sends each lane to its own target") {
  const auto got = run(R"(
  rem.u32 %r1, %t, 3;
  ts: .branchtargets A, B, C;
  brx.idx %r1, ts;
A: mov.u32 %r2, 10; bra JOIN;
B: mov.u32 %r2, 20; bra JOIN;
C: mov.u32 %r2, 30;
JOIN:
  activemask.b32 %r3;
  setp.eq.u32 %p1, %r3, 0xffffffff; @%p1 add.u32 %r2, %r2, 1;
  st.global.u32 [%o], %r2;
)");
  for (uint32_t t = 0; t < 32; ++t) CHECK(got[t] == 10 * (t % 3 + 1) + 1);
}
