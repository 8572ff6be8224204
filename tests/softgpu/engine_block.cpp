// SPDX-License-Identifier: MIT
// Warps of a block and blocks of a grid: barriers, blocks that wait for each other, atomics,
// deadlock.
#include "harness.hpp"

using namespace softgpu::test;
using softgpu::engine::FaultKind;

namespace {

std::string kernel(const std::string& body) {
  return R"(
.version 8.0
.target sm_90
.address_size 64
.global .align 4 .u32 flag;
.global .align 4 .u32 count;
.visible .entry k(.param .u64 out)
{
  .reg .pred %p<10>; .reg .b32 %t, %c, %r<20>; .reg .b64 %o, %base, %rd<8>;
  .shared .align 4 .b8 tile[4096];
  ld.param.u64 %base, [out];
  mov.u32 %t, %tid.x;
  mov.u32 %c, %ctaid.x;
  mov.u32 %r0, %ntid.x;
  mad.lo.u32 %r0, %c, %r0, %t;
  mul.wide.u32 %rd0, %r0, 4;
  add.s64 %o, %base, %rd0;
)" + body +
         "\n  ret;\n}\n";
}

struct Run {
  std::vector<uint32_t> out;
  std::optional<softgpu::engine::Fault> fault;
};
Run run(const std::string& body, uint32_t blocks, uint32_t threads, bool cooperative = false) {
  Device device;
  device.cooperative = cooperative;
  device.load(kernel(body));
  const uint64_t out = device.upload(std::vector<uint32_t>(blocks * threads));
  Run result;
  result.fault = device.try_run("k", {blocks}, {threads}, out);
  result.out = device.download<uint32_t>(out, blocks * threads);
  return result;
}

}  // namespace

TEST_CASE("a barrier does not wait for threads that have exited") {
  const Run r = run(R"(
  setp.ge.u32 %p1, %t, 70;
  @%p1 exit;
  bar.sync 0;
  st.global.u32 [%o], 1;
)",
                    2, 128);
  REQUIRE(!r.fault);
  for (uint32_t i = 0; i < 256; ++i) CHECK(r.out[i] == (i % 128 < 70 ? 1 : 0));
}

TEST_CASE("named barriers pair a producer warp with a consumer warp") {
  const Run r = run(R"(
  shl.b32 %r1, %t, 2; and.b32 %r1, %r1, 127;
  mov.u32 %r2, tile; add.u32 %r2, %r2, %r1;
  setp.lt.u32 %p1, %t, 32;
  @%p1 bra CONSUMER;
  mul.lo.u32 %r3, %t, 7;
  st.shared.u32 [%r2], %r3;
  bar.arrive 3, 64;
  ret;
CONSUMER:
  bar.sync 3, 64;
  ld.shared.u32 %r3, [%r2];
  st.global.u32 [%o], %r3;
)",
                    1, 64);
  REQUIRE(!r.fault);
  for (uint32_t i = 0; i < 32; ++i) CHECK(r.out[i] == (i + 32) * 7);
}

TEST_CASE("a thread that arrives and exits counts once, though its warp is in two parts") {
  // The odd lanes of the producer arrive and are gone long before the even ones store.
  const Run r = run(R"(
  shl.b32 %r1, %t, 2; and.b32 %r1, %r1, 127;
  mov.u32 %r2, tile; add.u32 %r2, %r2, %r1;
  setp.lt.u32 %p1, %t, 32;
  @%p1 bra CONSUMER;
  and.b32 %r4, %t, 1; setp.eq.u32 %p2, %r4, 0;
  mul.lo.u32 %r3, %t, 7;
  @%p2 bra LATE;
  st.shared.u32 [%r2], %r3;
  barrier.arrive 3, 64;
  ret;
LATE:
  mov.u32 %r5, 0;
D:
  add.u32 %r5, %r5, 1; setp.lt.u32 %p3, %r5, 20000; @%p3 bra D;
  st.shared.u32 [%r2], %r3;
  barrier.arrive 3, 64;
  ret;
CONSUMER:
  barrier.sync 3, 64;
  ld.shared.u32 %r3, [%r2];
  st.global.u32 [%o], %r3;
)",
                    1, 64);
  REQUIRE(!r.fault);
  for (uint32_t i = 0; i < 32; ++i) CHECK(r.out[i] == (i + 32) * 7);
}

TEST_CASE("barrier reductions count, and and or predicates over the block, round after round") {
  const Run r = run(R"(
  mov.u32 %r5, 0; mov.u32 %r6, 0;
L:
  setp.lt.u32 %p1, %t, %r5;
  bar.red.popc.u32 %r1, 0, %p1;
  bar.red.and.pred %p2, 1, %p1;
  bar.red.or.pred %p3, 2, !%p1;
  add.u32 %r6, %r6, %r1;
  @%p2 add.u32 %r6, %r6, 10000;
  @!%p3 add.u32 %r6, %r6, 100000;
  add.u32 %r5, %r5, 50;
  setp.le.u32 %p4, %r5, 100; @%p4 bra L;
  st.global.u32 [%o], %r6;
)",
                    3, 96);
  REQUIRE(!r.fault);
  for (uint32_t v : r.out) CHECK(v == 0 + 50 + 96 + 10000 + 100000);
}

TEST_CASE("a block may wait for a block that starts after it") {
  // Block 0 spins until block 1 has written; only time slices let block 1 start on a single host
  // thread.
  const Run r = run(R"(
  setp.ne.u32 %p1, %c, 0;
  @%p1 bra PRODUCE;
WAIT:
  ld.acquire.gpu.global.u32 %r1, [flag];
  setp.eq.u32 %p2, %r1, 0;
  @%p2 bra WAIT;
  st.global.u32 [%o], %r1;
  ret;
PRODUCE:
  st.release.gpu.global.u32 [flag], 42;
)",
                    2, 32);
  REQUIRE(!r.fault);
  CHECK(r.out[0] == 42);
}

TEST_CASE("look-back: every block waits for its predecessor") {
  const Run r = run(R"(
  setp.ne.u32 %p1, %t, 0; @%p1 exit;
WAIT:
  ld.volatile.global.u32 %r1, [flag];
  setp.ne.u32 %p2, %r1, %c;
  @%p2 bra WAIT;
  st.global.u32 [%o], %r1;
  membar.gl;
  add.u32 %r2, %c, 1;
  st.volatile.global.u32 [flag], %r2;
)",
                    300, 32);
  REQUIRE(!r.fault);
  for (uint32_t b = 0; b < 300; ++b) CHECK(r.out[b * 32] == b);
}

TEST_CASE("a grid barrier in a cooperative launch") {
  const Run r = run(R"(
  bar.sync 0;
  setp.ne.u32 %p1, %t, 0; @%p1 bra GO;
  membar.gl;
  atom.global.add.u32 %r1, [count], 1;
  mov.u32 %r3, %nctaid.x;
WAIT:
  ld.volatile.global.u32 %r2, [count];
  setp.lt.u32 %p2, %r2, %r3; @%p2 bra WAIT;
GO:
  bar.sync 0;
  ld.volatile.global.u32 %r2, [count];
  st.global.u32 [%o], %r2;
)",
                    64, 64, true);
  REQUIRE(!r.fault);
  for (uint32_t v : r.out) CHECK(v == 64);
}

TEST_CASE("atomics of all blocks add up") {
  const Run r = run(R"(
  atom.global.add.u32 %r1, [count], 3;
  and.b32 %r2, %t, 3; shl.b32 %r2, %r2, 2; mov.u32 %r3, tile; add.u32 %r3, %r3, %r2;
  st.shared.u32 [%r3], 0;
  bar.sync 0;
  red.shared.add.u32 [%r3], %t;
  bar.sync 0;
  ld.shared.u32 %r4, [%r3];
  st.global.u32 [%o], %r4;
)",
                    50, 128);
  REQUIRE(!r.fault);
  for (uint32_t i = 0; i < r.out.size(); ++i) {
    const uint32_t k = i % 4;  // k + (k + 4) + … : 32 terms
    CHECK(r.out[i] == 32 * k + 4 * 496);
  }
}

TEST_CASE("a barrier that cannot complete is a deadlock that names kernel and line") {
  const Run r = run(R"(
  setp.lt.u32 %p1, %t, 32;
  @%p1 bra OTHER;
  bar.sync 1;
  ret;
OTHER:
  bar.sync 2;
)",
                    1, 64);
  REQUIRE(r.fault);
  CHECK(r.fault->kind == FaultKind::deadlock);
  CHECK(r.fault->kernel == "k");
  CHECK(r.fault->at.line == 24);
  CHECK(r.fault->message.find("kernel k") != std::string::npos);
  CHECK(r.fault->message.find("line 24") != std::string::npos);
}

TEST_CASE("a shuffle whose partner waits elsewhere is a deadlock") {
  const Run r = run(R"(
  setp.lt.u32 %p1, %t, 16;
  @%p1 bra OTHER;
  shfl.sync.idx.b32 %r1, %t, 0, 31, 0xffffffff;
  ret;
OTHER:
  bar.warp.sync 0xffffffff;
)",
                    1, 32);
  REQUIRE(r.fault);
  CHECK(r.fault->kind == FaultKind::deadlock);
}
