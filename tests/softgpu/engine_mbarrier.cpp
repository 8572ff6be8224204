// SPDX-License-Identifier: MIT
// mbarrier objects (PTX ISA 9.0, 9.7.13.15) and barrier.cluster (9.7.13.3).
#include "stage_kernel.hpp"

using namespace softgpu::test;
using softgpu::engine::FaultKind;

namespace {

// One thread; `text` leaves its answer in %r20.
StageRun one_thread(const std::string& text) {
  return run_stage(text + "\n  st.global.u32 [%go], %r20;", 1, 1);
}
uint32_t answer(const std::string& text) {
  const StageRun r = one_thread(text);
  INFO(text << message(r));
  REQUIRE(!r.fault);
  return r.out[0];
}
FaultKind fault_of(const std::string& text) {
  const StageRun r = one_thread(text);
  INFO(text);
  REQUIRE(r.fault);
  return r.fault->kind;
}
// Decimal digits: has the phase of parity 0, has that of parity 1 completed.
const std::string kParities = R"(
  mbarrier.test_wait.parity.shared.b64 %p1, [bar], 0;
  mbarrier.test_wait.parity.shared.b64 %p2, [bar], 1;
  selp.u32 %r20, 10, 0, %p1; selp.u32 %r19, 1, 0, %p2; add.u32 %r20, %r20, %r19;)";

}  // namespace

TEST_CASE("a phase completes with the expected number of arrivals") {
  // Before phase 0 completes, the phase before it (parity 1) counts as complete.
  const std::string init = "mbarrier.init.shared.b64 [bar], 3;\n";
  CHECK(answer(init + kParities) == 1);
  const std::string arrive = "mbarrier.arrive.shared.b64 %rd1, [bar];\n";
  CHECK(answer(init + arrive + arrive + kParities) == 1);
  CHECK(answer(init + arrive + arrive + arrive + kParities) == 10);
  CHECK(answer(init + "mbarrier.arrive.shared::cta.b64 %rd1, [bar], 3;" + kParities) == 10);
  CHECK(answer(init + "mbarrier.arrive.shared::cta.b64 %rd1, [bar], 3;\n" +
               "mbarrier.arrive.release.cta.shared::cta.b64 _, [bar], 2;" + kParities) == 10);
  CHECK(answer(init + "mbarrier.arrive.shared::cta.b64 %rd1, [bar], 3;\n" +
               "mbarrier.arrive.relaxed.cluster.shared::cluster.b64 _, [bar], 3;" + kParities) ==
        1);
}

TEST_CASE("the state that an arrival returns tells its phase") {
  const std::string text = R"(
  mbarrier.init.shared.b64 [bar], 2;
  mbarrier.arrive.shared.b64 %rd1, [bar];
  mbarrier.test_wait.shared.b64 %p1, [bar], %rd1;
  mbarrier.arrive.shared.b64 %rd2, [bar];
  mbarrier.test_wait.shared.b64 %p2, [bar], %rd1;
  mbarrier.try_wait.shared.b64 %p3, [bar], %rd2, 20;
  mbarrier.arrive.shared.b64 %rd3, [bar];
  mbarrier.try_wait.acquire.cta.shared::cta.b64 %p4, [bar], %rd3;
  selp.u32 %r1, 1000, 0, %p1; selp.u32 %r2, 100, 0, %p2; selp.u32 %r3, 10, 0, %p3;
  selp.u32 %r4, 1, 0, %p4; add.u32 %r1, %r1, %r2; add.u32 %r3, %r3, %r4;
  add.u32 %r20, %r1, %r3;)";
  CHECK(answer(text) == 110);
}

TEST_CASE("pending_count tells what was missing before an arrival") {
  CHECK(answer(R"(
  mbarrier.init.shared.b64 [bar], 1048575;
  mbarrier.arrive.noComplete.shared.b64 %rd1, [bar], 5;
  mbarrier.arrive.shared.b64 %rd1, [bar];
  mbarrier.pending_count.b64 %r20, %rd1;)") == 1048570);
}

TEST_CASE("arrive_drop also expects fewer in the phases after it") {
  CHECK(answer(R"(
  mbarrier.init.shared.b64 [bar], 3;
  mbarrier.arrive_drop.shared.b64 %rd1, [bar];
  mbarrier.arrive.shared::cta.b64 %rd1, [bar], 2;
  mbarrier.arrive.shared::cta.b64 %rd1, [bar], 2;)" +
               kParities) == 1);
  CHECK(answer(R"(
  mbarrier.init.shared.b64 [bar], 5;
  mbarrier.arrive_drop.release.cta.shared::cta.b64 _, [bar], 3;
  mbarrier.arrive.shared::cta.b64 %rd1, [bar], 2;
  mbarrier.arrive_drop.shared.b64 %rd1, [bar];
  mbarrier.arrive.shared.b64 %rd1, [bar];
  mbarrier.arrive.shared.b64 %rd1, [bar];
  mbarrier.pending_count.b64 %r20, %rd1;)") == 1);
}

TEST_CASE("transactions hold a phase open until all bytes have come") {
  const std::string begin = "mbarrier.init.shared.b64 [bar], 1;\n";
  const std::string complete = "mbarrier.complete_tx.relaxed.cta.shared::cta.b64 [bar], 48;\n";
  CHECK(answer(begin + "mbarrier.arrive.expect_tx.shared::cta.b64 %rd1, [bar], 48;" + kParities) ==
        1);
  CHECK(answer(begin + "mbarrier.arrive.expect_tx.shared::cta.b64 %rd1, [bar], 48;\n" + complete +
               kParities) == 10);
  CHECK(answer(begin + "mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [bar], 48;\n" + complete +
               kParities) == 1);
  // Bytes may come before they are expected.
  CHECK(answer(begin + complete + "mbarrier.arrive.expect_tx.shared::cta.b64 %rd1, [bar], 48;" +
               kParities) == 10);
}

TEST_CASE("what the ISA leaves undefined at an mbarrier is a fault") {
  const auto illegal = [](const std::string& text) {
    return fault_of(text) == FaultKind::illegal_instruction;
  };
  const std::string init = "mbarrier.init.shared.b64 [bar], 2;\n";
  CHECK(illegal("mbarrier.arrive.shared.b64 %rd1, [bar];"));
  CHECK(illegal("mbarrier.test_wait.parity.shared.b64 %p1, [bar], 0;"));
  CHECK(illegal("mbarrier.init.shared.b64 [bar], 0;"));
  CHECK(illegal("mbarrier.init.shared.b64 [bar], 1048576;"));
  CHECK(illegal(init + "mbarrier.inval.shared.b64 [bar]; mbarrier.arrive.shared.b64 %rd1, [bar];"));
  CHECK(illegal(init + "mbarrier.arrive.shared::cta.b64 %rd1, [bar], 3;"));
  CHECK(illegal(init + "mbarrier.arrive.noComplete.shared.b64 %rd1, [bar], 2;"));
  CHECK(illegal(init + "mbarrier.expect_tx.shared.b64 [bar], 1048576;"));
  CHECK(illegal(init + "mbarrier.arrive_drop.shared.b64 %rd1, [bar], 2;\n" +
                "mbarrier.arrive_drop.shared.b64 %rd1, [bar];"));
  CHECK(fault_of("mbarrier.init.shared.b64 [bar+4], 2;") == FaultKind::misaligned_address);
  CHECK(fault_of("mbarrier.init.b64 [%in], 2;") == FaultKind::illegal_address);
}

TEST_CASE("generic addresses reach mbarriers of the own block") {
  CHECK(answer(R"(
  mov.u64 %rd5, bar; cvta.shared.u64 %rd5, %rd5;
  mbarrier.init.b64 [%rd5], 1;
  mbarrier.arrive.b64 %rd1, [%rd5];
  mbarrier.try_wait.b64 %p1, [%rd5], %rd1;
  selp.u32 %r20, 1, 0, %p1;)") == 1);
}

TEST_CASE("a ring of stages between a producer warp and consumer warps") {
  // bar[0], bar[1]: stage full (1 arrival); bar[2], bar[3]: stage empty (64 arrivals). Warp 0
  // produces 20 values in two stages, the two other warps add them up. Nobody meets at bar.sync
  // after the start, so the warps must take turns while they poll.
  const StageRun r = run_stage(R"(
  mov.u32 %r2, bar;
  setp.ne.u32 %p1, %t, 0;
  @%p1 bra READY;
  mbarrier.init.shared.b64 [bar], 1; mbarrier.init.shared.b64 [bar+8], 1;
  mbarrier.init.shared.b64 [bar+16], 64; mbarrier.init.shared.b64 [bar+24], 64;
READY:
  bar.sync 0;
  mov.u32 %r5, 0;   // item
  mov.u32 %r9, 0;   // sum
  setp.ge.u32 %p2, %t, 32;
  @%p2 bra CONSUME;
  @%p1 ret;
PRODUCE:
  and.b32 %r6, %r5, 1; shl.b32 %r7, %r6, 3; add.u32 %r7, %r7, %r2;   // its full barrier
  shr.u32 %r8, %r5, 1; and.b32 %r8, %r8, 1; xor.b32 %r10, %r8, 1;
EMPTY:
  mbarrier.try_wait.parity.shared.b64 %p3, [%r7+16], %r10;
  @!%p3 bra EMPTY;
  shl.b32 %r11, %r6, 2; mov.u32 %r12, tile; add.u32 %r11, %r11, %r12;
  mul.lo.u32 %r13, %r5, %r5;
  st.shared.u32 [%r11], %r13;
  mbarrier.arrive.shared.b64 %rd1, [%r7];
  add.u32 %r5, %r5, 1; setp.lt.u32 %p4, %r5, 20; @%p4 bra PRODUCE;
  ret;
CONSUME:
  and.b32 %r6, %r5, 1; shl.b32 %r7, %r6, 3; add.u32 %r7, %r7, %r2;
  shr.u32 %r8, %r5, 1; and.b32 %r8, %r8, 1;
FULL:
  mbarrier.test_wait.parity.shared.b64 %p3, [%r7], %r8;
  @%p3 bra GO;
  nanosleep.u32 20;
  bra FULL;
GO:
  shl.b32 %r11, %r6, 2; mov.u32 %r12, tile; add.u32 %r11, %r11, %r12;
  ld.shared.u32 %r13, [%r11];
  add.u32 %r9, %r9, %r13;
  mbarrier.arrive.shared.b64 %rd1, [%r7+16];
  add.u32 %r5, %r5, 1; setp.lt.u32 %p4, %r5, 20; @%p4 bra CONSUME;
  st.global.u32 [%go], %r9;)",
                               4, 96);
  INFO(message(r));
  REQUIRE(!r.fault);
  for (uint32_t i = 0; i < 4 * 96; ++i) CHECK(r.out[i] == (i % 96 < 32 ? 0U : 2470U));
}

TEST_CASE("a warp that sleeps does not keep the others of its block from running") {
  const StageRun r = run_stage(R"(
  setp.ge.u32 %p1, %t, 32;
  @%p1 bra SET;
POLL:
  ld.volatile.shared.u32 %r1, [tile];
  setp.ne.u32 %p2, %r1, 0;
  @%p2 bra DONE;
  nanosleep.u32 100;
  bra POLL;
SET:
  st.volatile.shared.u32 [tile], 9;
  mov.u32 %r1, 9;
DONE:
  st.global.u32 [%go], %r1;)",
                               1, 64);
  REQUIRE(!r.fault);
  for (uint32_t v : r.out) CHECK(v == 9);
}

TEST_CASE("barrier.cluster: between arrive and wait threads do something else") {
  const StageRun r = run_stage(R"(
  mov.u32 %r5, 0; mov.u32 %r9, 0;
  shl.b32 %r1, %t, 2; mov.u32 %r2, tile; add.u32 %r1, %r1, %r2;
  add.u32 %r3, %t, 33; rem.u32 %r3, %r3, 96; shl.b32 %r3, %r3, 2; add.u32 %r3, %r3, %r2;
L:
  mad.lo.u32 %r6, %r5, 100, %t;
  st.shared.u32 [%r1], %r6;
  barrier.cluster.arrive.release.aligned;
  add.u32 %r9, %r9, 1;
  barrier.cluster.wait.acquire.aligned;
  ld.shared.u32 %r7, [%r3];
  add.u32 %r9, %r9, %r7;
  barrier.cluster.arrive.relaxed; barrier.cluster.wait;
  add.u32 %r5, %r5, 1; setp.lt.u32 %p1, %r5, 3; @%p1 bra L;
  st.global.u32 [%go], %r9;)",
                               2, 96);
  INFO(message(r));
  REQUIRE(!r.fault);
  for (uint32_t i = 0; i < 192; ++i) CHECK(r.out[i] == 3 + 300 + 3 * ((i % 96 + 33) % 96));
}

TEST_CASE("barrier.cluster does not wait for exited threads, and wants its order") {
  const StageRun r = run_stage(R"(
  setp.ge.u32 %p1, %t, 40;
  @%p1 ret;
  barrier.cluster.arrive;
  barrier.cluster.wait;
  st.global.u32 [%go], 1;)",
                               1, 64);
  REQUIRE(!r.fault);
  for (uint32_t i = 0; i < 64; ++i) CHECK(r.out[i] == (i < 40 ? 1U : 0U));
  CHECK(fault_of("barrier.cluster.wait;") == FaultKind::illegal_instruction);
  CHECK(fault_of("barrier.cluster.arrive; barrier.cluster.arrive;") ==
        FaultKind::illegal_instruction);
}

TEST_CASE("forms of mbarrier that do not exist are refused") {
  CHECK(refusal("mbarrier.arrive.release.cta.shared::cta.b64 %rd1, [bar], 2;").empty());
  for (const char* text : {"mbarrier.arrive.release.shared::cta.b64 %rd1, [bar], 2;",
                           "mbarrier.arrive.cta.shared::cta.b64 %rd1, [bar], 2;",
                           "mbarrier.arrive.shared::cluster.b64 %rd1, [bar], 2;",
                           "mbarrier.arrive.noComplete.b64 %rd1, [%in];",
                           "mbarrier.arrive.noComplete.relaxed.cta.b64 %rd1, [%in], 1;",
                           "mbarrier.init.shared::cluster.b64 [bar], 2;",
                           "mbarrier.test_wait.shared.b64 %p1, [bar], %rd1, 5;",
                           "mbarrier.test_wait.shared::cluster.b64 %p1, [bar], %rd1;",
                           "mbarrier.arrive.acquire.cta.shared.b64 %rd1, [bar];",
                           "mbarrier.expect_tx.shared.b64 [bar];",
                           "barrier.cluster.arrive.acquire;", "barrier.cluster.wait.relaxed;"}) {
    INFO(text);
    CHECK(!refusal(text).empty());
  }
}

TEST_CASE("st.async and red.async report their bytes to an mbarrier") {
  const StageRun r = run_stage(R"(
  mov.u32 %r2, bar; mov.u32 %r3, tile; shl.b32 %r4, %t, 4; add.u32 %r4, %r4, %r3;
  mov.u32 %r10, 4000;
  setp.ne.u32 %p1, %t, 0;
  @%p1 bra READY;
  mbarrier.init.shared.b64 [bar], 1;
  st.shared.u32 [tile+1024], %r10;
  // 32 vectors of 16 bytes and 32 additions of 4.
  mbarrier.arrive.expect_tx.shared.b64 %rd1, [bar], 640;
READY:
  bar.sync 0;
  add.u32 %r5, %t, 7;
  st.async.shared::cluster.mbarrier::complete_tx::bytes.v4.b32 [%r4], {%t, %r5, %t, %r5}, [%r2];
  red.async.relaxed.cluster.shared::cluster.mbarrier::complete_tx::bytes.add.u32 [%r3+1024], %t, [%r2];
WAIT:
  mbarrier.try_wait.parity.shared.b64 %p2, [bar], 0;
  @!%p2 bra WAIT;
  xor.b32 %r6, %r4, 48;
  ld.shared.u32 %r7, [%r6+12]; ld.shared.u32 %r8, [tile+1024];
  mad.lo.u32 %r7, %r8, 100, %r7;
  st.global.u32 [%go], %r7;)",
                               1, 32);
  INFO(message(r));
  REQUIRE(!r.fault);
  for (uint32_t t = 0; t < 32; ++t) CHECK(r.out[t] == (4000 + 31 * 16) * 100 + (t ^ 3) + 7);
}
