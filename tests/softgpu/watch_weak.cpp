// SPDX-License-Identifier: MIT
// Weak memory: the litmus tests of the memory model (ISA 8), with and without what they need.
#include "harness.hpp"

using namespace softgpu::test;

namespace {

// out[0 …], and x, y, flag in memory of their own, all zero. Block 0 and block 1 run `first` and
// `second`; thread 0 alone unless the text says otherwise.
std::vector<uint32_t> litmus(const std::string& first, const std::string& second, bool weak,
                             std::optional<uint64_t> seed = {}) {
  Device device;
  device.load(
      ".version 8.0\n.target sm_90\n.address_size 64\n"
      ".visible .entry k(.param .u64 o, .param .u64 x, .param .u64 y, .param .u64 f)\n{\n"
      "  .reg .pred %p<6>; .reg .b32 %r<16>; .reg .b64 %o, %x, %y, %f;\n"
      "  ld.param.u64 %o, [o]; ld.param.u64 %x, [x]; ld.param.u64 %y, [y];\n"
      "  ld.param.u64 %f, [f]; mov.u32 %r0, %tid.x; mov.u32 %r1, %ctaid.x;\n"
      "  mov.u32 %r9, 0;\n  setp.eq.u32 %p5, %r0, 0;\n"
      "  setp.ne.u32 %p0, %r1, 0;\n  @%p0 bra SECOND;\n" +
      first + "  ret;\nSECOND:\n" + second + "  ret;\n}\n");
  device.modes = {.schedule = seed, .weak = weak};
  const auto word = [&] { return device.upload(std::vector<uint32_t>(16)); };
  const uint64_t out = word(), x = word(), y = word(), flag = word();
  device.run("k", {2}, {64}, out, x, y, flag);
  auto got = device.download<uint32_t>(out, 4);
  got.push_back(device.download<uint32_t>(x, 1)[0]);
  return got;
}

// Waits, not for ever, until the flag is set; out[0] = 1 if it was seen.
std::string wait(const std::string& load) {
  return "W:\n  add.u32 %r9, %r9, 1;\n  " + load +
         " %r2, [%f];\n  setp.ne.u32 %p1, %r2, 0;\n  @%p1 bra SEEN;\n"
         "  setp.lt.u32 %p2, %r9, 100000;\n  @%p2 bra W;\nSEEN:\n  @%p5 st.global.u32 [%o], %r2;\n";
}
const std::string kWait = wait("ld.volatile.global.u32");
const std::string kReadX = "  ld.global.u32 %r3, [%x];\n  @%p5 st.global.u32 [%o+4], %r3;\n";
const std::string kTouchX = "  ld.global.u32 %r8, [%x];\n";  // x = 0 is now near
const std::string kStoreX = "  @%p5 st.global.u32 [%x], 42;\n";
const std::string kSetFlag = "  @%p5 st.volatile.global.u32 [%f], 1;\n";
const std::string kFence = "  membar.gl;\n";

}  // namespace

TEST_CASE("message passing needs the fence of the writer") {
  for (const char* fence :
       {"membar.gl;", "membar.sys;", "fence.acq_rel.gpu;", "fence.sc.gpu;", "fence.acq_rel.sys;"}) {
    const std::string f = "  " + std::string(fence) + "\n";
    INFO(fence);
    const auto good = litmus(kStoreX + f + kSetFlag, kWait + f + kReadX, true);
    CHECK(good[0] == 1);
    CHECK(good[1] == 42);
  }
  for (const char* none : {"", "membar.cta;", "fence.acq_rel.cta;", "bar.sync 0;"}) {
    INFO(none);
    const auto bad = litmus(kStoreX + "  " + none + "\n" + kSetFlag, kWait + kFence + kReadX, true);
    CHECK(bad[0] == 1);
    CHECK(bad[1] == 0);
    CHECK(bad[4] == 42);  // the end of the kernel publishes
  }
}

TEST_CASE("message passing needs the fence of the reader, if it has the line already") {
  const auto good = litmus(kStoreX + kFence + kSetFlag, kTouchX + kWait + kFence + kReadX, true, 3);
  CHECK(good[1] == 42);
  // Which runs first decides whether the reader touches x before it is written.
  size_t stale = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const auto got = litmus(kStoreX + kFence + kSetFlag, kTouchX + kWait + kReadX, true, seed);
    stale += got[0] == 1 && got[1] == 0 ? 1 : 0;
  }
  CHECK(stale > 0);
}

TEST_CASE("message passing by release and acquire") {
  const std::string release = "  @%p5 st.release.gpu.global.u32 [%f], 1;\n";
  const std::string acquire = wait("ld.acquire.gpu.global.u32");
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto got = litmus(kStoreX + release, kTouchX + acquire + kReadX, true, seed);
    CHECK(got[0] == 1);
    CHECK(got[1] == 42);
    const auto atomic = litmus(kStoreX + "  @%p5 red.release.gpu.global.add.u32 [%f], 1;\n",
                               kTouchX + acquire + kReadX, true, seed);
    CHECK(atomic[1] == 42);
  }
  const auto relaxed =
      litmus(kStoreX + "  @%p5 st.relaxed.gpu.global.u32 [%f], 1;\n", acquire + kReadX, true);
  CHECK(relaxed[0] == 1);
  CHECK(relaxed[1] == 0);
}

TEST_CASE("a fence after a barrier publishes for the whole block, an acquire fetches for it") {
  const std::string other_stores =
      "  setp.eq.u32 %p3, %r0, 40;\n  @%p3 st.global.u32 [%x], 42;\n  bar.sync 0;\n"
      "  @%p5 membar.gl;\n" +
      kSetFlag;
  const std::string other_reads =
      kTouchX + "  @!%p5 bra MEET;\n" + kWait +
      "  membar.gl;\nMEET:\n  bar.sync 0;\n  setp.eq.u32 %p3, %r0, 40;\n"
      "  ld.global.u32 %r3, [%x];\n  @%p3 st.global.u32 [%o+4], %r3;\n";
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const auto got = litmus(other_stores, other_reads, true, seed);
    CHECK(got[0] == 1);
    CHECK(got[1] == 42);
  }
}

TEST_CASE("store buffering: both blocks may miss the other's store, not with fences") {
  const std::string a = "  @%p5 st.global.u32 [%x], 1;\n", b = "  @%p5 st.global.u32 [%y], 1;\n";
  const std::string ra = "  ld.global.u32 %r3, [%y];\n  @%p5 st.global.u32 [%o], %r3;\n";
  const std::string rb = "  ld.global.u32 %r3, [%x];\n  @%p5 st.global.u32 [%o+4], %r3;\n";
  const auto weak = litmus(a + ra, b + rb, true);
  CHECK(weak[0] + weak[1] == 0);
  const std::string sc = "  fence.sc.gpu;\n";
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto got = litmus(a + sc + ra, b + sc + rb, true, seed);
    CHECK(got[0] + got[1] >= 1);
  }
}

TEST_CASE("read-only loads keep what they fetched, fence or not") {
  const std::string touch = "  ld.global.nc.u32 %r8, [%x];\n";
  const std::string read =
      "  ld.global.nc.u32 %r3, [%x];\n  @%p5 st.global.u32 [%o+4], %r3;\n"
      "  ld.global.u32 %r4, [%x];\n  @%p5 st.global.u32 [%o+8], %r4;\n";
  size_t stale = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const auto got = litmus(kStoreX + kFence + kSetFlag, touch + kWait + kFence + read, true, seed);
    CHECK(got[2] == 42);
    stale += got[1] == 0 ? 1 : 0;
  }
  CHECK(stale > 0);
}

TEST_CASE("a thread sees its own accesses in order, weak, strong and atomic") {
  const std::string body =
      "  @!%p5 bra OUT;\n  st.global.u32 [%x], 1;\n  ld.volatile.global.u32 %r2, [%x];\n"
      "  st.volatile.global.u32 [%x], 2;\n  ld.global.u32 %r3, [%x];\n"
      "  st.global.u8 [%x+1], 1;\n  ld.global.u32 %r4, [%x];\n"
      "  atom.global.add.u32 %r5, [%x], 1;\n  ld.global.u32 %r6, [%x];\n"
      "  shl.b32 %r3, %r3, 4; add.u32 %r2, %r2, %r3;\n  st.global.u32 [%o], %r2;\n"
      "  st.global.u32 [%o+4], %r4;\n  st.global.u32 [%o+8], %r5;\n"
      "  st.global.u32 [%o+12], %r6;\nOUT:\n";
  const auto got = litmus(body, "", true);
  CHECK(got == std::vector<uint32_t>{1 + (2 << 4), 258, 258, 259, 259});
}

TEST_CASE("more stores than a view holds arrive, in every width") {
  Device device;
  device.load(
      ".version 8.0\n.target sm_90\n.address_size 64\n"
      ".visible .entry k(.param .u64 p, .param .u32 n)\n{\n"
      "  .reg .pred %p<4>; .reg .b32 %r<9>; .reg .b64 %rd<8>;\n"
      "  ld.param.u64 %rd1, [p]; ld.param.u32 %r8, [n]; mov.u32 %r1, %tid.x;\n"
      "L:\n  mul.wide.u32 %rd2, %r1, 8; add.s64 %rd2, %rd1, %rd2;\n"
      "  st.global.u32 [%rd2], %r1; st.global.u16 [%rd2+4], %r1;\n"
      "  shr.u32 %r2, %r1, 16; st.global.u8 [%rd2+6], %r2;\n"
      "  ld.global.u32 %r3, [%rd2+4]; add.u32 %r3, %r3, 0x1000000;\n"
      "  st.global.u32 [%rd2+4], %r3;\n"
      "  add.u32 %r1, %r1, 256; setp.lt.u32 %p1, %r1, %r8; @%p1 bra L;\n  ret;\n}\n");
  device.modes.weak = true;
  const uint32_t n = 400000;  // 3.2 MB: 100,000 lines
  const uint64_t p = device.upload(std::vector<uint64_t>(n));
  device.run("k", {1}, {256}, p, n);
  const auto got = device.download<uint64_t>(p, n);
  size_t wrong = 0;
  for (uint64_t i = 0; i < n; ++i) wrong += got[i] != (i | (i + 0x1000000) << 32) ? 1 : 0;
  CHECK(wrong == 0);
}

TEST_CASE("faults are the same with weak memory") {
  for (const char* line : {"st.global.u32 [%x+64], 1;", "ld.global.u32 %r2, [%x+2];",
                           "ld.global.v4.u32 {%r2,%r3,%r4,%r5}, [%x+64];"}) {
    std::vector<std::string> messages;
    for (const bool weak : {false, true}) {
      Device device;
      device.load(
          ".version 8.0\n.target sm_90\n.address_size 64\n"
          ".visible .entry k(.param .u64 x)\n{\n  .reg .b32 %r<9>; .reg .b64 %x;\n"
          "  ld.param.u64 %x, [x];\n  " +
          std::string(line) + "\n  ret;\n}\n");
      device.modes.weak = weak;
      const auto fault = device.try_run("k", {1}, {32}, device.upload(std::vector<uint32_t>(16)));
      REQUIRE(fault);
      messages.push_back(fault->message);
    }
    CHECK(messages[0] == messages[1]);
  }
}
