// SPDX-License-Identifier: MIT
// Races in shared memory: planted ones are found in every schedule, correct programs are silent.
#include "harness.hpp"
#include "observe/race_check.hpp"

using namespace softgpu::test;

namespace {

std::string kernel(const std::string& body) {
  return ".version 8.0\n.target sm_90\n.address_size 64\n.file 1 \"/src/demo.cu\"\n"
         ".visible .entry k(.param .u64 p)\n{\n"
         "  .reg .pred %p<6>; .reg .b32 %r<16>; .reg .b64 %rd<8>;\n"
         "  .shared .align 8 .b8 s[1024];\n  .shared .align 8 .b64 bar;\n"
         "  ld.param.u64 %rd1, [p];\n  mov.u32 %r1, %tid.x;\n"
         "  shl.b32 %r2, %r1, 2;\n  mov.u32 %r3, s;\n  add.u32 %r2, %r2, %r3;\n" +
         body + "\n  ret;\n}\n";
}

std::vector<std::string> reports(const std::string& body, uint32_t threads,
                                 std::optional<uint64_t> schedule = {}, uint32_t blocks = 2) {
  Device device;
  device.load(kernel(body));
  std::vector<std::string> lines;
  softgpu::observe::RaceCheck check([&](const std::string& line) { lines.push_back(line); });
  device.observer = &check;
  device.modes.schedule = schedule;
  device.run("k", {blocks}, {threads}, device.upload(std::vector<uint32_t>(64)));
  return lines;
}
void silent(const std::string& body, uint32_t threads) {
  for (const std::optional<uint64_t> seed :
       {std::optional<uint64_t>(), std::optional<uint64_t>(1), std::optional<uint64_t>(2)}) {
    const auto lines = reports(body, threads, seed);
    INFO(body << (lines.empty() ? "" : lines[0]));
    CHECK(lines.empty());
  }
}
void racy(const std::string& body, uint32_t threads, size_t pairs = 1) {
  for (const std::optional<uint64_t> seed :
       {std::optional<uint64_t>(), std::optional<uint64_t>(1), std::optional<uint64_t>(2)}) {
    INFO(body);
    CHECK(reports(body, threads, seed).size() == pairs);
  }
}

}  // namespace

TEST_CASE("a missing barrier is a race that names both lines, the address and the threads") {
  const auto lines = reports(
      "  .loc 1 8 1\n  st.shared.u32 [%r2], %r1;\n  .loc 1 9 1\n"
      "  xor.b32 %r4, %r2, 128;\n  ld.shared.u32 %r5, [%r4];",
      64, {}, 1);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] ==
        "race: shared memory at 0x80, kernel k, block (0,0,0): ld.shared.u32 at ptx line 19 "
        "(demo.cu:9) by thread (0,0,0) and st.shared.u32 at ptx line 16 (demo.cu:8) by thread "
        "(32,0,0); nothing orders them");
}

TEST_CASE("a barrier orders, one that only part of the block takes does not") {
  const std::string exchange =
      "  st.shared.u32 [%r2], %r1;\n  BARRIER\n"
      "  xor.b32 %r4, %r2, 128;\n  ld.shared.u32 %r5, [%r4];";
  const auto with = [&](const std::string& barrier) {
    std::string text = exchange;
    return text.replace(text.find("BARRIER"), 7, barrier);
  };
  silent(with("bar.sync 0;"), 64);
  silent(with("barrier.sync 3, 64;"), 64);
  silent(with("bar.red.or.pred %p1, 0, %p1;"), 64);
  silent(with("barrier.cluster.arrive; barrier.cluster.wait;"), 64);
  racy(with("bar.warp.sync 0xffffffff;"), 64);
  racy(with("membar.cta;"), 64);
  racy(with("shr.u32 %r6, %r1, 5; add.u32 %r6, %r6, 1; barrier.sync %r6, 32;"), 64);
}

TEST_CASE("a barrier before the next write is needed too") {
  const std::string body =
      "  st.shared.u32 [%r2], %r1;\n  bar.sync 0;\n  xor.b32 %r4, %r2, 128;\n"
      "  ld.shared.u32 %r5, [%r4];\n  BARRIER\n  st.shared.u32 [%r2], 5;\n";
  std::string without = body, full = body;
  racy(without.replace(without.find("BARRIER"), 7, ""), 64);
  silent(full.replace(full.find("BARRIER"), 7, "bar.sync 0;"), 64);
}

TEST_CASE("lanes of a warp need bar.warp.sync, though they run in step here") {
  const std::string body =
      "  st.shared.u32 [%r2], %r1;\n  SYNC\n  xor.b32 %r4, %r2, 4;\n"
      "  ld.shared.u32 %r5, [%r4];\n";
  std::string step = body, synced = body, shuffled = body, halves = body;
  racy(step.replace(step.find("SYNC"), 4, ""), 32);
  racy(shuffled.replace(shuffled.find("SYNC"), 4, "shfl.sync.idx.b32 %r6, %r1, 0, 31, 0xffffffff;"),
       32);
  silent(synced.replace(synced.find("SYNC"), 4, "bar.warp.sync 0xffffffff;"), 64);
  silent(halves.replace(halves.find("SYNC"), 4,
                        "setp.lt.u32 %p1, %r1, 16; selp.b32 %r6, 0xffff, 0xffff0000, %p1;"
                        " bar.warp.sync %r6;"),
         32);
}

TEST_CASE("a warp-synchronous reduction with bar.warp.sync is silent") {
  silent(
      "  st.shared.u32 [%r2], %r1;\n  mov.u32 %r7, 16;\nL:\n  bar.warp.sync 0xffffffff;\n"
      "  setp.lt.u32 %p1, %r1, %r7;\n  shl.b32 %r8, %r7, 2;\n  add.u32 %r8, %r8, %r2;\n"
      "  @%p1 ld.shared.u32 %r4, [%r8];\n  @%p1 ld.shared.u32 %r5, [%r2];\n"
      "  add.u32 %r4, %r4, %r5;\n  @%p1 st.shared.u32 [%r2], %r4;\n  shr.u32 %r7, %r7, 1;\n"
      "  setp.ne.u32 %p2, %r7, 0;\n  @%p2 bra L;\n",
      32);
}

TEST_CASE("bytes of one word are not one another") {
  silent(
      "  and.b32 %r4, %r1, 255; add.u32 %r4, %r4, %r3;\n  st.shared.u8 [%r4], %r1;\n"
      "  ld.shared.u8 %r5, [%r4];\n",
      256);
  racy("  and.b32 %r4, %r1, 127; add.u32 %r4, %r4, %r3;\n  st.shared.u8 [%r4], %r1;\n", 256);
}

TEST_CASE("atomics do not race with atomics, but with plain accesses") {
  silent("  red.shared.add.u32 [s], 1;\n  bar.sync 0;\n  ld.shared.u32 %r4, [s];\n", 128);
  racy(
      "  setp.eq.u32 %p1, %r1, 40;\n  @%p1 st.shared.u32 [s], 1;\n"
      "  red.shared.add.u32 [s], 1;\n",
      64);
}

TEST_CASE("a flag that many threads set to one value is no race, different values are") {
  silent("  st.shared.u32 [s], 1;\n  bar.sync 0;\n  ld.shared.u32 %r4, [s];\n", 128);
  racy("  st.shared.u32 [s], %r1;\n", 128);
  racy("  st.shared.u32 [s], %r1;\n", 32);
}

TEST_CASE("a lock orders what it protects, and what it does not protect stays unordered") {
  const std::string body =
      "SPIN:\n  atom.shared.cas.b32 %r4, [s], 0, 1;\n  setp.ne.u32 %p1, %r4, 0;\n"
      "  @%p1 bra SPIN;\n  membar.cta;\n  ld.shared.u32 %r5, [s+8];\n  add.u32 %r5, %r5, 1;\n"
      "  st.shared.u32 [s+8], %r5;\n  membar.cta;\n  atom.shared.exch.b32 %r4, [s], 0;\n";
  const std::string clear =
      "  setp.eq.u32 %p2, %r1, 0;\n  @%p2 st.shared.u32 [s], 0;\n"
      "  @%p2 st.shared.u32 [s+8], 0;\n  bar.sync 0;\n";
  silent(clear + body, 64);
  racy(clear + body + "  st.shared.u32 [s+12], %r1;\n", 64);
}

TEST_CASE("a producer that arrives and a consumer that waits are ordered one way only") {
  const std::string body =
      "  setp.lt.u32 %p1, %r1, 32;\n  @%p1 bra CONSUMER;\n  st.shared.u32 [%r2], %r1;\n"
      "  bar.arrive 3, 64;\n  AFTER\n  ret;\nCONSUMER:\n  bar.sync 3, 64;\n"
      "  ld.shared.u32 %r4, [%r2+128];\n";
  std::string good = body, bad = body;
  silent(good.replace(good.find("AFTER"), 5, ""), 64);
  racy(bad.replace(bad.find("AFTER"), 5, "st.shared.u32 [%r2], 3;"), 64);
}

TEST_CASE("an mbarrier orders arrivals before those who find its phase complete") {
  const std::string body =
      "  setp.eq.u32 %p1, %r1, 0;\n  @%p1 mbarrier.init.shared.b64 [bar], 64;\n  bar.sync 0;\n"
      "  st.shared.u32 [%r2], %r1;\n  mbarrier.arrive.shared.b64 %rd2, [bar];\n"
      "W:\n  mbarrier.test_wait.shared.b64 %p2, [bar], %rd2;\n  @!%p2 bra W;\n"
      "  xor.b32 %r4, %r2, 128;\n  ld.shared.u32 %r5, [%r4];\n";
  silent(body, 64);
  std::string early = body;
  racy(early.insert(early.find("W:"), "  xor.b32 %r6, %r2, 132;\n  ld.shared.u32 %r7, [%r6];\n"),
       64);
}

TEST_CASE("cp.async: the wait and a barrier order, either alone does not") {
  const std::string head =
      "  mul.wide.u32 %rd2, %r1, 4; and.b64 %rd2, %rd2, 255;\n"
      "  add.s64 %rd2, %rd2, %rd1;\n  cp.async.ca.shared.global [%r2], "
      "[%rd2], 4;\n  cp.async.commit_group;\n";
  const std::string read = "  xor.b32 %r4, %r2, 128;\n  ld.shared.u32 %r5, [%r4];\n";
  silent(head + "  cp.async.wait_group 0;\n  bar.sync 0;\n" + read, 64);
  racy(head + "  cp.async.wait_group 0;\n" + read, 64);
  racy(head + "  bar.sync 0;\n" + read + "  cp.async.wait_all;\n", 64);
  const std::string through_mbarrier =
      "  setp.eq.u32 %p1, %r1, 0;\n  @%p1 mbarrier.init.shared.b64 [bar], 64;\n  bar.sync 0;\n" +
      head +
      "  cp.async.mbarrier.arrive.noinc.shared.b64 [bar];\n"
      "W:\n  mbarrier.test_wait.parity.shared.b64 %p2, [bar], 0;\n  @!%p2 bra W;\n" +
      read;
  silent(through_mbarrier, 64);
}
