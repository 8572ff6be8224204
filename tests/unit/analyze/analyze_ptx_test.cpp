// SPDX-License-Identifier: MIT
// Odd and hostile PTX: the profile says why it does not know, and never claims.
#include "support/catch.hpp"
#include "unit/analyze/samples.hpp"

using namespace nonans;
using namespace nonans::analyze;
using namespace nonans::test;

namespace {
constexpr const char* kLoads = R"(
    ld.param.u64 %rd1, [o]; ld.param.u64 %rd2, [a]; cvta.to.global.u64 %rd3, %rd1; cvta.to.global.u64 %rd4, %rd2;
    mov.u32 %r1, %tid.x; mul.wide.u32 %rd5, %r1, 4; mov.f32 %f1, 0f3F800000; add.f32 %f2, %f1, %f1;
)";
KernelProfile two_pointers(const std::string& body) {
  return profile_of_body(".param .u64 o, .param .u64 a, .param .u32 k", kLoads + body);
}
}  // namespace

TEST_CASE("an unknown instruction may write anything") {
  const KernelProfile p = two_pointers(
      "add.s64 %rd6, %rd3, %rd5; st.global.f32 [%rd6], %f2; frobnicate.b32 %r2, %r1; ret;");
  CHECK_FALSE(p.complete_writes);
  CHECK_FALSE(p.complete_reads);
  REQUIRE(p.unknown.size() == 1);
  CHECK(p.unknown[0].find("frobnicate.b32") != std::string::npos);
  CHECK(p.unknown[0].find("line ") == 0);
  // What it touched is not trusted any more.
  const KernelProfile clobbered =
      two_pointers("frobnicate.b64 %rd3, %rd3; st.global.f32 [%rd3], %f2; ret;");
  CHECK(clobbered.writes.empty());
}

TEST_CASE("a pointer that depends on the path keeps all its roots") {
  const KernelProfile p = two_pointers(R"(
    ld.global.f32 %f3, [%rd4]; setp.gt.f32 %p1, %f3, %f1; mov.b64 %rd6, %rd3; @%p1 mov.b64 %rd6, %rd4;
    add.s64 %rd7, %rd6, %rd5; st.global.f32 [%rd7], %f2; ret;)");
  CHECK(p.complete_writes);
  REQUIRE(p.writes.size() == 2);
  for (const Access& w : p.writes) CHECK_FALSE(w.conditions_known);
  // Swapped in a loop.
  const KernelProfile swapped = two_pointers(R"(
    mov.u32 %r2, 0; mov.b64 %rd6, %rd3; mov.b64 %rd7, %rd4;
    L: add.s64 %rd8, %rd6, %rd5; st.global.f32 [%rd8], %f2; mov.b64 %rd9, %rd6; mov.b64 %rd6, %rd7; mov.b64 %rd7, %rd9;
    add.s32 %r2, %r2, 1; setp.lt.s32 %p1, %r2, 10; @%p1 bra L; ret;)");
  CHECK(swapped.complete_writes);
  CHECK(swapped.writes.size() == 2);
  for (const Access& w : swapped.writes)
    CHECK_FALSE(
        evaluate(w, Arguments().pointer(4096).pointer(8192).i32(0).launch({1, 1, 1}, {32, 1, 1}))
            .must.known);
}

TEST_CASE("a pointer put together from halves or loaded is nobody's") {
  CHECK_FALSE(
      two_pointers(
          "ld.global.u32 %r2, [%rd4]; ld.global.u32 %r3, [%rd4+4]; mov.b64 %rd6, {%r2, %r3};"
          "st.global.f32 [%rd6], %f2; ret;")
          .complete_writes);
  CHECK_FALSE(
      two_pointers("ld.global.u64 %rd6, [%rd4]; add.s64 %rd7, %rd6, %rd5; st.f32 [%rd7], %f2; ret;")
          .complete_writes);
  // A loaded 64-bit number beside a pointer: either may be the pointer.
  CHECK_FALSE(
      two_pointers(
          "ld.global.u64 %rd6, [%rd4]; add.s64 %rd7, %rd3, %rd6; st.global.f32 [%rd7], %f2; ret;")
          .complete_writes);
  // Scaled it cannot be one.
  const KernelProfile scaled = two_pointers(
      "ld.global.u64 %rd6, [%rd4]; shl.b64 %rd6, %rd6, 2; add.s64 %rd7, %rd3, %rd6; st.global.f32 "
      "[%rd7], %f2; ret;");
  CHECK(scaled.complete_writes);
  REQUIRE(scaled.writes.size() == 1);
  CHECK(scaled.writes[0].param_index == 0);
  CHECK_FALSE(scaled.writes[0].offset_known);
  // The distance of two pointers.
  CHECK_FALSE(
      two_pointers("ld.global.u64 %rd6, [%rd4]; sub.s64 %rd7, %rd6, %rd4; add.s64 %rd8, %rd3, %rd7;"
                   "st.global.f32 [%rd8], %f2; ret;")
          .complete_writes);
}

TEST_CASE("stores whose control cannot be expressed have no must") {
  // Two ways in that are not all ways: a || b on data.
  const KernelProfile either = two_pointers(R"(
    ld.global.f32 %f3, [%rd4]; setp.gt.f32 %p1, %f3, %f1; @%p1 bra S; ld.global.f32 %f4, [%rd4+4];
    setp.gt.f32 %p2, %f4, %f1; @!%p2 bra END; S: st.global.f32 [%rd3], %f2; END: ret;)");
  REQUIRE(either.writes.size() == 1);
  CHECK_FALSE(either.writes[0].conditions_known);
  // In a loop that may not run at all.
  const KernelProfile loop = two_pointers(R"(
    ld.global.u32 %r2, [%rd4]; L: setp.le.s32 %p1, %r2, 0; @%p1 bra END; st.global.f32 [%rd3], %f2;
    add.s32 %r2, %r2, -1; bra L; END: ret;)");
  REQUIRE(loop.writes.size() == 1);
  CHECK_FALSE(loop.writes[0].conditions_known);
  // An indirect branch.
  const KernelProfile table = two_pointers(R"(
    TS: .branchtargets A, B; brx.idx %r1, TS; A: st.global.f32 [%rd3], %f2; B: ret;)");
  for (const Access& w : table.writes) CHECK_FALSE(w.conditions_known);
  // A thread that left early.
  const KernelProfile left = two_pointers(
      "ld.global.f32 %f3, [%rd4]; setp.gt.f32 %p1, %f3, %f1; @%p1 exit; st.global.f32 [%rd3], %f2; "
      "ret;");
  REQUIRE(left.writes.size() == 1);
  CHECK_FALSE(left.writes[0].conditions_known);
}

TEST_CASE("loops before a store do not make it conditional, a trap does not either") {
  const KernelProfile p = two_pointers(R"(
    ld.global.u32 %r2, [%rd4]; L: add.s32 %r2, %r2, -1; setp.gt.s32 %p1, %r2, 0; @%p1 bra L;
    setp.eq.s32 %p2, %r2, -7; @%p2 bra T; add.s64 %rd6, %rd3, %rd5; st.global.f32 [%rd6], %f2; ret; T: trap;)");
  REQUIRE(p.writes.size() == 1);
  CHECK(p.writes[0].conditions_known);
  const Arguments a = Arguments().pointer(4096).pointer(8192).i32(0);
  CHECK(evaluate(p.writes[0], a.launch({1, 1, 1}, {32, 1, 1})).must.bytes() == 128);
}

TEST_CASE("both roots in one address are told apart only by what is called a pointer") {
  const KernelProfile told = profile_of_body(".param .u64 o, .param .u64 off", R"(
    ld.param.u64 %rd1, [o]; ld.param.u64 %rd2, [off]; cvta.to.global.u64 %rd3, %rd1; add.s64 %rd4, %rd3, %rd2;
    mov.f32 %f1, 0f3F800000; st.global.f32 [%rd4+4], %f1; ret;)");
  REQUIRE(told.writes.size() == 1);
  CHECK(told.writes[0].param_index == 0);
  const Extent e =
      evaluate(told.writes[0], Arguments().pointer(4096).u64(100).launch({1, 1, 1}, {1, 1, 1}));
  CHECK(e.may.begin == 4096 + 104);
  const KernelProfile untold = profile_of_body(".param .u64 o, .param .u64 off", R"(
    ld.param.u64 %rd1, [o]; ld.param.u64 %rd2, [off]; add.s64 %rd4, %rd1, %rd2; mov.f32 %f1, 0f3F800000;
    st.f32 [%rd4], %f1; ret;)");
  CHECK_FALSE(untold.complete_writes);
}

TEST_CASE("system-scope and volatile stores publish; shared memory and device fences do not") {
  CHECK(two_pointers("st.release.gpu.global.f32 [%rd3], %f2; ret;").publishes);
  CHECK(two_pointers("st.volatile.global.f32 [%rd3], %f2; ret;").publishes);
  CHECK(two_pointers("st.global.f32 [%rd3], %f2; fence.sc.sys; ret;").publishes);
  CHECK(two_pointers("membar.sys; ret;").publishes);
  CHECK_FALSE(two_pointers("st.global.f32 [%rd3], %f2; membar.gl; ret;").publishes);
  CHECK_FALSE(
      two_pointers(".shared .b32 s[4]; mov.u32 %r2, s; st.volatile.shared.f32 [%r2], %f2; ret;")
          .publishes);
}

TEST_CASE("bulk stores and surfaces are unknown writes") {
  CHECK_FALSE(two_pointers("cp.async.bulk.global.shared::cta.bulk_group [%rd3], [%r1], 16; ret;")
                  .complete_writes);
  CHECK_FALSE(two_pointers("sust.b.1d.b32.trap [%rd3, {%r1}], %r1; ret;").complete_writes);
  CHECK(two_pointers("cp.async.ca.shared.global [%r1], [%rd4], 16; ret;").complete_writes);
}

TEST_CASE("a component that is thrown away does not shift the others") {
  const KernelProfile p = profile_of_body(".param .align 16 .b8 s[16], .param .u64 o", R"(
    ld.param.v2.u64 {_, %rd1}, [s]; mov.f32 %f1, 0f3F800000; st.global.f32 [%rd1], %f1; ret;)");
  REQUIRE(p.writes.size() == 1);
  CHECK(p.writes[0].param_offset == 8);
}

TEST_CASE("tensor maps hide what is read") {
  CHECK_FALSE(
      two_pointers("cp.async.bulk.tensor.1d.shared::cluster.global.mbarrier::complete_tx::bytes "
                   "[%r1], [%rd4, {%r1}], [%r1]; ret;")
          .complete_reads);
}

TEST_CASE("recursion, endless loops and empty kernels end") {
  const KernelProfile p = profile_of(
      ".version 8.4\n.target sm_90\n.address_size 64\n"
      ".func f(.param .b32 x) { .param .b32 y; call f, (y); ret; }\n"
      ".visible .entry k(.param .u64 o) { .param .b32 y; call f, (y); ret; }\n");
  CHECK_FALSE(p.complete_writes);
  CHECK(two_pointers("L: bra L;").complete_writes);
  CHECK(profile_of(".version 8.4\n.target sm_90\n.address_size 64\n.visible .entry k() { ret; }\n")
            .complete_writes);
  CHECK(profile_of(".version 8.4\n.target sm_90\n.address_size 64\n.visible .entry k() { }\n")
            .complete_writes);
}

TEST_CASE("a big kernel stays within its budget or is given up") {
  std::string body = kLoads;
  for (int i = 0; i < 20000; ++i) {
    const std::string label = "L" + std::to_string(i);
    body += "setp.eq.s32 %p1, %r1, " + std::to_string(i) + "; @%p1 bra " + label +
            "; mul.lo.s32 %r2, %r2, %r1; " + label +
            ": add.s64 %rd6, %rd3, %rd5; st.global.f32 [%rd6+" + std::to_string(8 * i) +
            "], %f2;\n";
  }
  const std::string text =
      ".version 8.4\n.target sm_90\n.address_size 64\n.visible .entry k(.param .u64 o, .param .u64 "
      "a)\n{\n"
      ".reg .pred %p<4>; .reg .b32 %r<8>; .reg .f32 %f<4>; .reg .b64 %rd<8>;\n" +
      body + "ret;\n}\n";
  const auto module = image::ptx::parse(text, "big");
  REQUIRE(module);
  const auto profiles = profile_ptx(*module, 20);
  REQUIRE(profiles.size() == 1);
  CHECK((profiles[0].complete_writes || !profiles[0].unknown.empty()));
}
