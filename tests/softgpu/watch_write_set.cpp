// SPDX-License-Identifier: MIT
// The set of bytes a launch wrote, against the set computed on the host.
#include <random>

#include "harness.hpp"
#include "observe/write_set.hpp"

using namespace softgpu::test;
using softgpu::observe::Interval;
using softgpu::observe::IntervalSet;
using softgpu::observe::WriteSet;

namespace {

std::string kernel(const std::string& body) {
  return ".version 8.0\n.target sm_90\n.address_size 64\n"
         ".visible .entry k(.param .u64 p, .param .u32 n)\n{\n"
         "  .reg .pred %p<4>; .reg .b32 %r<9>; .reg .b64 %rd<8>; .shared .align 8 .b8 s[256];\n"
         "  ld.param.u64 %rd1, [p]; ld.param.u32 %r8, [n];\n"
         "  mov.u32 %r1, %tid.x; mov.u32 %r2, %ctaid.x; mov.u32 %r3, %ntid.x;\n"
         "  mad.lo.u32 %r1, %r2, %r3, %r1;\n" +
         body + "  ret;\n}\n";
}

// By plain bytes: marks each and reads the runs off.
struct Bytes {
  std::vector<bool> set;
  void add(uint64_t offset, uint64_t size) {
    if (set.size() < offset + size) set.resize(offset + size);
    for (uint64_t i = 0; i < size; ++i) set[offset + i] = true;
  }
  std::vector<Interval> intervals(uint64_t base) const {
    std::vector<Interval> out;
    for (uint64_t i = 0; i < set.size(); ++i) {
      if (!set[i]) continue;
      if (i > 0 && set[i - 1]) {
        ++out.back().size;
      } else {
        out.push_back({base + i, 1});
      }
    }
    return out;
  }
};

struct Outcome {
  uint64_t base = 0;
  std::vector<Interval> written, read;
};
Outcome run(const std::string& body, uint32_t blocks, uint32_t threads, uint32_t n,
            size_t bytes = 1U << 16) {
  Device device;
  device.load(kernel(body));
  WriteSet set;
  device.observer = &set;
  const uint64_t p = device.upload(std::vector<std::byte>(bytes));
  device.run("k", {blocks}, {threads}, p, n);
  REQUIRE(set.launches().size() == 1);
  CHECK(set.last().kernel == "k");
  CHECK(set.last().grid.x == blocks);
  return {p, set.intervals(), set.last().read.intervals()};
}

}  // namespace

TEST_CASE("interval sets merge like sets of bytes") {
  std::mt19937 generator(7);
  for (int round = 0; round < 20; ++round) {
    IntervalSet set;
    Bytes bytes;
    for (int i = 0; i < 3000; ++i) {
      const uint64_t at = generator() % 40000, size = generator() % 9;
      set.add(at, size);
      bytes.add(at, size);
      if (i % 1000 == 500) {
        CHECK(set.intervals() == bytes.intervals(0));
      }
    }
    CHECK(set.intervals() == bytes.intervals(0));
  }
  CHECK(IntervalSet().intervals().empty());
}

TEST_CASE("a guarded linear store writes exactly n elements") {
  for (const uint32_t n : {1U, 31U, 32U, 777U, 1024U}) {
    const Outcome got =
        run("  setp.ge.u32 %p1, %r1, %r8; @%p1 bra OUT;\n  mul.wide.u32 %rd2, %r1, 4;\n"
            "  add.s64 %rd2, %rd1, %rd2;\n  ld.global.u32 %r4, [%rd2+4096];\n"
            "  st.global.u32 [%rd2], %r1;\nOUT:\n",
            8, 128, n);
    CHECK(got.written == std::vector<Interval>{{got.base, n * 4}});
    CHECK(got.read == std::vector<Interval>{{got.base + 4096, n * 4}});
  }
}

TEST_CASE("strided, byte and vector stores are exact") {
  Bytes strided, vectors, bytes;
  for (uint32_t i = 0; i < 512; ++i) {
    strided.add(i * 12, 4);
    if (i % 3 != 1) vectors.add(i * 32, 16);
    bytes.add(i * 3 % 1000, 1);
  }
  Outcome got =
      run("  mul.wide.u32 %rd2, %r1, 12; add.s64 %rd2, %rd1, %rd2; st.global.u32 [%rd2], %r1;\n", 4,
          128, 0);
  CHECK(got.written == strided.intervals(got.base));
  got =
      run("  rem.u32 %r4, %r1, 3; setp.eq.u32 %p1, %r4, 1;\n  mul.wide.u32 %rd2, %r1, 32;\n"
          "  add.s64 %rd2, %rd1, %rd2;\n  @!%p1 st.global.v4.u32 [%rd2], {%r1,%r2,%r3,%r4};\n",
          16, 32, 0);
  CHECK(got.written == vectors.intervals(got.base));
  got =
      run("  mul.lo.u32 %r4, %r1, 3; rem.u32 %r4, %r4, 1000; cvt.u64.u32 %rd2, %r4;\n"
          "  add.s64 %rd2, %rd1, %rd2; st.global.u8 [%rd2], %r1;\n",
          4, 128, 0);
  CHECK(got.written == bytes.intervals(got.base));
  CHECK(got.read.empty());
}

TEST_CASE("elements of a vector that are sinks are not written") {
  for (const bool weak : {false, true}) {
    Device device;
    std::string text = kernel(
        "  mul.wide.u32 %rd2, %r1, 32; add.s64 %rd2, %rd1, %rd2;\n"
        "  st.global.v8.b32 [%rd2], {%r1, _, _, %r2, %r3, _, %r1, _};\n");
    text.replace(text.find("8.0"), 3, "8.8").replace(text.find("sm_90"), 5, "sm_100");
    device.load(text);
    WriteSet set;
    device.observer = &set;
    device.modes.weak = weak;
    const uint64_t p = device.upload(std::vector<uint32_t>(32 * 8, 77));
    device.run("k", {1}, {32}, p, 0U);
    Bytes expected;
    const auto got = device.download<uint32_t>(p, 32 * 8);
    for (uint32_t i = 0; i < 32; ++i) {
      expected.add(i * 32, 4);
      expected.add(i * 32 + 12, 8);
      expected.add(i * 32 + 24, 4);
      for (const uint32_t sink : {1U, 2U, 5U, 7U}) CHECK(got[i * 8 + sink] == 77);
      CHECK(got[i * 8 + 6] == i);
    }
    CHECK(set.intervals() == expected.intervals(p));
  }
}

TEST_CASE("atomics write and read; shared and local memory are not in the set") {
  Bytes expected;
  for (uint32_t i = 0; i < 256; ++i) expected.add((i * 7 % 64) * 8, 4);
  const Outcome got =
      run("  mul.lo.u32 %r4, %r1, 7; rem.u32 %r4, %r4, 64; mul.wide.u32 %rd2, %r4, 8;\n"
          "  add.s64 %rd2, %rd1, %rd2; red.global.add.u32 [%rd2], 1;\n"
          "  st.shared.u32 [s], %r1; ld.shared.u32 %r4, [s+4];\n",
          4, 64, 0);
  CHECK(got.written == expected.intervals(got.base));
  CHECK(got.read == got.written);
}

TEST_CASE("what a launch wrote before its fault is in the set, with the fault") {
  Device device;
  device.load(kernel("  st.global.u32 [%rd1], 1;\n  st.global.u32 [%rd1+64], 1;\n"));
  WriteSet set;
  device.observer = &set;
  const uint64_t p = device.upload(std::vector<std::byte>(64));
  const auto fault = device.try_run("k", {1}, {32}, p, 0U);
  REQUIRE(fault);
  CHECK(set.last().fault == fault->message);
  CHECK(set.intervals() == std::vector<Interval>{{p, 4}});
}

TEST_CASE("the set is the same in a random order and with weak memory") {
  const std::string body =
      "  mul.wide.u32 %rd2, %r1, 12; add.s64 %rd2, %rd1, %rd2; st.global.u16 [%rd2+2], %r1;\n";
  const Outcome plain = run(body, 20, 64, 0);
  for (const bool weak : {false, true}) {
    Device device;
    device.load(kernel(body));
    WriteSet set;
    device.observer = &set;
    device.modes = {.schedule = 11, .weak = weak};
    const uint64_t p = device.upload(std::vector<std::byte>(1U << 16));
    device.run("k", {20}, {64}, p, 0U);
    REQUIRE(p == plain.base);
    CHECK(set.intervals() == plain.written);
  }
}
