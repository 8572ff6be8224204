// SPDX-License-Identifier: MIT
// cp.async (PTX ISA 9.0, 9.7.9.25): what is copied, when it may be seen, and how it ends.
#include "stage_kernel.hpp"

using namespace softgpu::test;
using softgpu::engine::FaultKind;

namespace {

// %r1: the thread's own 16 bytes of the tile.
const std::string kOwn = R"(
  shl.b32 %r1, %t, 4; mov.u32 %r2, tile; add.u32 %r1, %r1, %r2;
  mul.wide.u32 %rd1, %t, 16; add.s64 %rd1, %in, %rd1;
)";

}  // namespace

TEST_CASE("cp.async copies 4, 8 and 16 bytes") {
  for (const auto& [form, words] : std::vector<std::pair<std::string, uint32_t>>{
           {"cp.async.ca.shared.global [%r1], [%rd1], 4;", 1},
           {"cp.async.ca.shared::cta.global.L2::64B [%r1], [%rd1], 8;", 2},
           {"cp.async.ca.shared.global [%r1], [%rd1], 16;", 4},
           {"cp.async.cg.shared.global [%r1], [%rd1], 16;", 4},
           {"cp.async.cg.shared.global.L2::cache_hint.L2::128B [%r1], [%rd1], 16, %rd9;", 4},
           {"cp.async.cg.shared.global.L2::256B [%r1], [%rd1], 16;", 4}}) {
    const StageRun r = run_stage(kOwn + R"(
  st.shared.v4.u32 [%r1], {7, 7, 7, 7};
  )" + form + R"(
  cp.async.wait_all;
  ld.shared.v4.u32 {%r3, %r4, %r5, %r6}, [%r1];
  add.u32 %r3, %r3, %r4; add.u32 %r5, %r5, %r6; add.u32 %r3, %r3, %r5;
  st.global.u32 [%go], %r3;)",
                                 1, 40);
    INFO(form << message(r));
    REQUIRE(!r.fault);
    for (uint32_t t = 0; t < 40; ++t) {
      uint32_t sum = 7 * (4 - words);
      for (uint32_t i = 0; i < words; ++i) sum += 1000 + 4 * t + i;
      CHECK(r.out[t] == sum);
    }
  }
}

TEST_CASE("what cp.async brings is not there before the wait") {
  const StageRun r = run_stage(kOwn + R"(
  st.shared.u32 [%r1], 5;
  cp.async.ca.shared.global [%r1], [%rd1], 4;
  cp.async.commit_group;
  bar.sync 0;
  ld.shared.u32 %r3, [%r1];
  cp.async.wait_group 0;
  ld.shared.u32 %r4, [%r1];
  mad.lo.u32 %r3, %r3, 1000000, %r4;
  st.global.u32 [%go], %r3;)",
                               2, 64);
  REQUIRE(!r.fault);
  for (uint32_t i = 0; i < 128; ++i) CHECK(r.out[i] == 5000000 + 1000 + 4 * (i % 64));
}

TEST_CASE("wait_group leaves the latest groups pending, of each lane by itself") {
  // Three groups of one word each; lanes below 16 commit one more, empty, group.
  const StageRun r = run_stage(kOwn + R"(
  st.shared.v4.u32 [%r1], {0, 0, 0, 0};
  cp.async.ca.shared.global [%r1], [%rd1], 4;
  cp.async.commit_group;
  cp.async.ca.shared.global [%r1+4], [%rd1+4], 4;
  cp.async.commit_group;
  cp.async.ca.shared.global [%r1+8], [%rd1+8], 4;
  cp.async.commit_group;
  setp.lt.u32 %p1, %t, 16;
  @%p1 cp.async.commit_group;
  cp.async.ca.shared.global [%r1+12], [%rd1+12], 4;
  cp.async.wait_group 2;
  ld.shared.v4.u32 {%r3, %r4, %r5, %r6}, [%r1];
  min.u32 %r3, %r3, 1; min.u32 %r4, %r4, 1; min.u32 %r5, %r5, 1; min.u32 %r6, %r6, 1;
  mad.lo.u32 %r3, %r3, 1000, %r6; mad.lo.u32 %r3, %r4, 100, %r3; mad.lo.u32 %r3, %r5, 10, %r3;
  st.global.u32 [%go], %r3;)",
                               1, 32);
  REQUIRE(!r.fault);
  for (uint32_t t = 0; t < 32; ++t) CHECK(r.out[t] == (t < 16 ? 1100U : 1000U));
}

TEST_CASE("the part of a copy that the source size leaves out becomes zero") {
  const StageRun r = run_stage(kOwn + R"(
  st.shared.v4.u32 [%r1], {7, 7, 7, 7};
  and.b32 %r7, %t, 3; shl.b32 %r7, %r7, 2;
  cp.async.cg.shared.global [%r1], [%rd1], 16, %r7;
  cp.async.wait_all;
  ld.shared.v4.u32 {%r3, %r4, %r5, %r6}, [%r1];
  add.u32 %r3, %r3, %r4; add.u32 %r5, %r5, %r6; add.u32 %r3, %r3, %r5;
  st.global.u32 [%go], %r3;)",
                               1, 32);
  INFO(message(r));
  REQUIRE(!r.fault);
  for (uint32_t t = 0; t < 32; ++t) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < t % 4; ++i) sum += 1000 + 4 * t + i;
    CHECK(r.out[t] == sum);
  }
}

TEST_CASE("ignore-src writes zeros and reads nothing, wherever the source points") {
  const StageRun r = run_stage(kOwn + R"(
  st.shared.v4.u32 [%r1], {7, 7, 7, 7};
  setp.ge.u32 %p1, %t, 20;
  @%p1 mov.u64 %rd1, 16;
  cp.async.ca.shared.global [%r1], [%rd1], 16, %p1;
  cp.async.wait_all;
  ld.shared.v4.u32 {%r3, %r4, %r5, %r6}, [%r1];
  add.u32 %r3, %r3, %r6;
  st.global.u32 [%go], %r3;)",
                               1, 32);
  INFO(message(r));
  REQUIRE(!r.fault);
  for (uint32_t t = 0; t < 32; ++t) CHECK(r.out[t] == (t < 20 ? 2003 + 8 * t : 0U));
  const StageRun none = run_stage(kOwn +
                                      "mov.u64 %rd1, 16; mov.u32 %r7, 0;\n"
                                      "cp.async.ca.shared.global [%r1], [%rd1], 8, %r7;",
                                  1, 32);
  CHECK(!none.fault);
}

TEST_CASE("cp.async faults where it is asked for, not where it is waited for") {
  const auto fault = [](const std::string& text) {
    const StageRun r = run_stage(kOwn + text + "\n  cp.async.wait_all;", 1, 32);
    REQUIRE(r.fault);
    INFO(r.fault->message);
    CHECK(r.fault->instruction.starts_with("cp.async.c"));
    return r.fault->kind;
  };
  CHECK(fault("cp.async.ca.shared.global [%r1+4], [%rd1], 16;") == FaultKind::misaligned_address);
  CHECK(fault("cp.async.ca.shared.global [%r1], [%rd1+4], 8;") == FaultKind::misaligned_address);
  CHECK(fault("mov.u64 %rd1, 4096; cp.async.ca.shared.global [%r1], [%rd1], 4;") ==
        FaultKind::illegal_address);
  CHECK(fault("cp.async.ca.shared.global [%r1+8192], [%rd1], 4;") == FaultKind::illegal_address);
  // More bytes from the source than are copied: undefined by the ISA.
  CHECK(fault("cp.async.ca.shared.global [%r1], [%rd1], 4, 8;") == FaultKind::illegal_instruction);
}

TEST_CASE("an mbarrier tracks cp.async: its phase completes with the copies") {
  for (const std::string noinc : {"", ".noinc"}) {
    // Without .noinc the arrival of the copies comes on top of the expected ones.
    const StageRun r = run_stage(kOwn + R"(
  setp.eq.u32 %p1, %t, 0;
  @%p1 mbarrier.init.shared.b64 [bar], 64;
  st.shared.u32 [%r1], 0;
  bar.sync 0;
  cp.async.ca.shared.global [%r1], [%rd1], 4;
  mov.u32 %r9, bar;
  cp.async.mbarrier.arrive)" + noinc +
                                     R"(.shared.b64 [%r9];
  ld.shared.u32 %r8, [%r1];
)" + (noinc.empty() ? "  mbarrier.arrive.shared.b64 %rd3, [%r9];\n" : "") +
                                     R"(
WAIT:
  mbarrier.try_wait.parity.shared.b64 %p2, [%r9], 0;
  @!%p2 bra WAIT;
  // Another thread's copy.
  xor.b32 %r3, %t, 37; shl.b32 %r3, %r3, 4; add.u32 %r3, %r3, %r2;
  ld.shared.u32 %r4, [%r3];
  mad.lo.u32 %r4, %r8, 1000000, %r4;
  st.global.u32 [%go], %r4;)",
                                 2, 64);
    INFO(message(r));
    REQUIRE(!r.fault);
    for (uint32_t i = 0; i < 128; ++i) CHECK(r.out[i] == 1000 + 4 * ((i % 64) ^ 37));
  }
}

TEST_CASE("forms of cp.async that do not exist are refused") {
  CHECK(refusal("cp.async.cg.shared.global [tile], [%in], 16;").empty());
  CHECK(!refusal("cp.async.cg.shared.global [tile], [%in], 8;").empty());
  CHECK(!refusal("cp.async.ca.shared.global [tile], [%in], 12;").empty());
  CHECK(!refusal("cp.async.ca.shared.global [tile], [%in];").empty());
  CHECK(!refusal("cp.async.ca.shared::cluster.global [tile], [%in], 4;").empty());
  CHECK(!refusal("cp.async.shared.global [tile], [%in], 4;").empty());
  CHECK(!refusal("cp.async.wait_group %r1;").empty());
  CHECK(!refusal("cp.async.mbarrier.arrive.noinc.shared::cluster.b64 [bar];").empty());
}
