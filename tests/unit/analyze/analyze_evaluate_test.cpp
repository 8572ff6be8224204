// SPDX-License-Identifier: MIT
// evaluate() at the edges: wrap-around, hostile launches, indices that are flattened over two grid
// dimensions, speed.
#include <ctime>

#include <algorithm>

#include "support/catch.hpp"
#include "unit/analyze/samples.hpp"

using namespace nonans;
using namespace nonans::analyze;
using namespace nonans::test;

namespace {
constexpr uint64_t kOut = 0x7f0000000000, kIn = 0x7f0010000000;

KernelProfile flattened(const std::string& guard) {
  return profile_of_body(".param .u64 o, .param .u32 n", R"(
    ld.param.u64 %rd1, [o]; ld.param.u32 %r9, [n]; cvta.to.global.u64 %rd1, %rd1;
    mov.u32 %r1, %ctaid.y; mov.u32 %r2, %nctaid.x; mov.u32 %r3, %ctaid.x; mad.lo.s32 %r4, %r1, %r2, %r3;
    mov.u32 %r5, %ntid.x; mov.u32 %r6, %tid.x; mad.lo.s32 %r7, %r4, %r5, %r6;)" +
                                                             guard + R"(
    mul.wide.s32 %rd2, %r7, 4; add.s64 %rd3, %rd1, %rd2; cvt.rn.f32.s32 %f1, %r7; st.global.f32 [%rd3], %f1;
    END: ret;)");
}
}  // namespace

TEST_CASE("an index that wraps at this launch proves nothing") {
  const KernelProfile& p = sample(90, "add_unguarded");
  Arguments a;
  a.pointer(kOut).pointer(kIn);
  CHECK(
      evaluate(p.writes[0], a.launch({2097151, 1, 1}, {1024, 1, 1})).exact);  // 2^31 - 1024 threads
  CHECK_FALSE(evaluate(p.writes[0], a.launch({2097153, 1, 1}, {1024, 1, 1}))
                  .may.known);  // the index leaves int
  // A guard keeps the index small, but is itself computed in 32 bits by all threads.
  Arguments g;
  g.pointer(kOut).pointer(kIn).pointer(kIn).i32(1000);
  CHECK(evaluate(sample(90, "add_f32").writes[0], g.launch({2000000, 1, 1}, {1024, 1, 1})).exact);
  CHECK_FALSE(evaluate(sample(90, "add_f32").writes[0], g.launch({2097153, 1, 1}, {1024, 1, 1}))
                  .must.known);
  // row * N + col beyond 2^31 elements.
  Arguments big;
  big.pointer(kOut).pointer(kIn).i32(65536).i32(65536);
  CHECK_FALSE(
      evaluate(sample(90, "grid2d").writes[0], big.launch({4096, 4096, 1}, {16, 16, 1})).may.known);
}

TEST_CASE("hostile launches and short argument blocks") {
  const Access& w = sample(90, "grid2d").writes[0];
  Arguments a;
  a.pointer(kOut);
  CHECK_FALSE(evaluate(w, a.launch({1, 1, 1}, {1, 1, 1})).may.known);
  CHECK_FALSE(evaluate(w, Arguments().launch({1, 1, 1}, {1, 1, 1})).may.known);
  Arguments full;
  full.pointer(UINT64_MAX - 3).pointer(kIn).i32(4).i32(4);
  CHECK_FALSE(evaluate(w, full.launch({1, 1, 1}, {16, 16, 1}))
                  .may.known);  // past the end of the address space
  CHECK_FALSE(evaluate(w, full.launch({0, 1, 1}, {16, 16, 1})).may.known);
  Arguments extreme;
  extreme.pointer(kOut).pointer(kIn).i32(INT32_MAX).i32(INT32_MIN);
  const Extent e = evaluate(w, extreme.launch({UINT32_MAX, UINT32_MAX, 1}, {1024, 1, 1}));
  CHECK_FALSE(e.must.known);
}

TEST_CASE("an index flattened over two grid dimensions is one run") {
  const KernelProfile guarded = flattened("setp.ge.s32 %p1, %r7, %r9; @%p1 bra END;");
  Arguments a;
  a.pointer(kOut).i32(1000);
  Extent e = evaluate(guarded.writes.at(0), a.launch({3, 5, 1}, {128, 1, 1}));
  REQUIRE(e.must.known);
  CHECK(e.exact);
  CHECK(e.must.rows == 1);
  CHECK(e.must.row_bytes == 4000);
  CHECK(e.may.end == kOut + 4000);
  e = evaluate(guarded.writes.at(0), a.launch({3, 2, 1}, {128, 1, 1}));
  CHECK(e.must.row_bytes == 3 * 2 * 128 * 4);
  // A range check as compilers write it: (unsigned)(i - 1) < n.
  const KernelProfile range =
      flattened("add.s32 %r10, %r7, -1; setp.ge.u32 %p1, %r10, %r9; @%p1 bra END;");
  e = evaluate(range.writes.at(0), a.launch({3, 5, 1}, {128, 1, 1}));
  REQUIRE(e.exact);
  CHECK(e.must.base == kOut + 4);
  CHECK(e.must.row_bytes == 4000);
}

TEST_CASE("a guard on the store itself counts") {
  const KernelProfile p = profile_of_body(".param .u64 o, .param .u32 n", R"(
    ld.param.u64 %rd1, [o]; ld.param.u32 %r9, [n]; mov.u32 %r1, %tid.x; setp.lt.u32 %p1, %r1, %r9;
    mul.wide.u32 %rd2, %r1, 8; add.s64 %rd3, %rd1, %rd2; mov.f64 %fd1, 0d3FF0000000000000;
    @%p1 st.global.f64 [%rd3], %fd1; ret;)");
  Arguments a;
  a.pointer(kOut).i32(7);
  const Extent e = evaluate(p.writes.at(0), a.launch({1, 1, 1}, {32, 1, 1}));
  CHECK(e.exact);
  CHECK(e.must.bytes() == 56);
}

TEST_CASE("evaluating an access takes well under a microsecond") {
  const Access& w = sample(90, "gemm_tiled").writes[0];
  Arguments a;
  a.pointer(kOut).pointer(kIn).pointer(kIn).i32(333).i32(477).i32(20);
  const LaunchShape s = a.launch({30, 21, 1}, {16, 16, 1});
  // Time of this thread alone, the best of several: other work on the machine does not count.
  const auto now = [] {
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
  };
  constexpr int kTimes = 200, kBatches = 50;
  double best = 1e9;
  for (int batch = 0; batch < kBatches; ++batch) {
    uint64_t bytes = 0;
    const double start = now();
    for (int i = 0; i < kTimes; ++i) bytes += evaluate(w, s).must.bytes();
    best = std::min(best, (now() - start) / kTimes);
    REQUIRE(bytes == uint64_t{kTimes} * 333 * 477 * 4);
  }
  CHECK(best < 4000);  // with room for sanitizers and slow machines; the goal is 200
}
