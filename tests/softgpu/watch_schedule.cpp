// SPDX-License-Identifier: MIT
// Random order: what depends on the order of blocks, warps or lanes comes out in more than one way,
// the same for the same seed; wrong settings are told.
#include <numeric>
#include <set>

#include "engine/modes.hpp"
#include "harness.hpp"

using namespace softgpu::test;
using softgpu::engine::Modes;
using softgpu::engine::read_modes;

namespace {

// out[ticket] = own number, tickets by atomicAdd: the order in which they came.
std::vector<uint32_t> order(const std::string& number, uint32_t blocks, uint32_t threads,
                            std::optional<uint64_t> seed) {
  Device device;
  device.load(
      ".version 8.0\n.target sm_90\n.address_size 64\n"
      ".visible .entry k(.param .u64 out, .param .u64 ticket)\n{\n"
      "  .reg .pred %p<4>; .reg .b32 %r<9>; .reg .b64 %rd<8>;\n"
      "  ld.param.u64 %rd1, [out]; ld.param.u64 %rd2, [ticket];\n"
      "  mov.u32 %r1, %tid.x; mov.u32 %r2, %ctaid.x;\n" +
      number +
      "  @!%p1 bra OUT;\n  atom.global.add.u32 %r4, [%rd2], 1;\n"
      "  mul.wide.u32 %rd3, %r4, 4;\n  add.s64 %rd3, %rd1, %rd3;\n"
      "  st.global.u32 [%rd3], %r3;\nOUT:\n  ret;\n}\n");
  device.modes.schedule = seed;
  const uint64_t out = device.upload(std::vector<uint32_t>(256, ~0U));
  const uint64_t ticket = device.upload(std::vector<uint32_t>(1));
  device.run("k", {blocks}, {threads}, out, ticket);
  return device.download<uint32_t>(out, device.download<uint32_t>(ticket, 1)[0]);
}
bool is_permutation_of_all(std::vector<uint32_t> got, uint32_t n) {
  std::sort(got.begin(), got.end());
  std::vector<uint32_t> all(n);
  std::iota(all.begin(), all.end(), 0U);
  return got == all;
}

const std::string kBlocks = "  mov.u32 %r3, %r2; setp.eq.u32 %p1, %r1, 0;\n";
const std::string kWarps =
    "  shr.u32 %r3, %r1, 5; and.b32 %r5, %r1, 31; setp.eq.u32 %p1, %r5, 0;\n";
const std::string kLanes = "  mov.u32 %r3, %r1; setp.ge.u32 %p1, %r1, 0;\n";

size_t outcomes(const std::string& number, uint32_t blocks, uint32_t threads, uint32_t n) {
  std::set<std::vector<uint32_t>> seen;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto got = order(number, blocks, threads, seed);
    CHECK(is_permutation_of_all(got, n));
    seen.insert(got);
  }
  return seen.size();
}

}  // namespace

TEST_CASE("blocks, warps and lanes come in many orders") {
  CHECK(outcomes(kBlocks, 60, 32, 60) >= 10);
  CHECK(outcomes(kWarps, 1, 1024, 32) >= 10);
  CHECK(outcomes(kLanes, 1, 32, 32) >= 2);
}

TEST_CASE("the plain order is in turn, the first block first") {
  std::vector<uint32_t> in_turn(32);
  std::iota(in_turn.begin(), in_turn.end(), 0U);
  CHECK(order(kWarps, 1, 1024, {}) == in_turn);
  CHECK(order(kLanes, 1, 32, {}) == in_turn);
}

TEST_CASE("one seed gives one order of warps and lanes") {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    CHECK(order(kWarps, 1, 1024, seed) == order(kWarps, 1, 1024, seed));
    CHECK(order(kLanes, 1, 256, seed) == order(kLanes, 1, 256, seed));
  }
}

TEST_CASE("a block that waits for a lower-numbered one gets it, however many are in between") {
  // More blocks than may be resident, each waits for its predecessor.
  for (const uint64_t seed : {1, 2}) {
    Device device;
    device.load(
        ".version 8.0\n.target sm_90\n.address_size 64\n"
        ".visible .entry k(.param .u64 turn)\n{\n"
        "  .reg .pred %p<4>; .reg .b32 %r<9>; .reg .b64 %rd<8>;\n"
        "  ld.param.u64 %rd1, [turn]; mov.u32 %r2, %ctaid.x;\n"
        "W:\n  ld.acquire.gpu.global.u32 %r1, [%rd1]; setp.ne.u32 %p1, %r1, %r2;\n"
        "  @%p1 bra W;\n  add.u32 %r3, %r2, 1; st.release.gpu.global.u32 [%rd1], %r3;\n"
        "  ret;\n}\n");
    device.modes.schedule = seed;
    const uint64_t turn = device.upload(std::vector<uint32_t>(1));
    device.run("k", {2200}, {1}, turn);
    CHECK(device.download<uint32_t>(turn, 1)[0] == 2200);
  }
}

TEST_CASE("lanes that rely on running in step are found out") {
  // Each lane reads what its neighbour has just written, with nothing in between.
  const auto run = [](std::optional<uint64_t> seed) {
    Device device;
    device.load(
        ".version 8.0\n.target sm_90\n.address_size 64\n"
        ".visible .entry k(.param .u64 out)\n{\n"
        "  .reg .b32 %r<9>; .reg .b64 %rd<8>; .shared .align 4 .b8 s[128];\n"
        "  ld.param.u64 %rd1, [out]; mov.u32 %r1, %tid.x; shl.b32 %r2, %r1, 2;\n"
        "  mov.u32 %r3, s; add.u32 %r4, %r2, %r3; st.volatile.shared.u32 [%r4], 1;\n"
        "  xor.b32 %r4, %r4, 64; ld.volatile.shared.u32 %r5, [%r4];\n"
        "  mul.wide.u32 %rd2, %r1, 4; add.s64 %rd2, %rd2, %rd1;\n"
        "  st.global.u32 [%rd2], %r5;\n  ret;\n}\n");
    device.modes.schedule = seed;
    const uint64_t out = device.upload(std::vector<uint32_t>(32));
    device.run("k", {1}, {32}, out);
    const auto got = device.download<uint32_t>(out, 32);
    return std::accumulate(got.begin(), got.end(), 0U);
  };
  CHECK(run({}) == 32);
  size_t failures = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) failures += run(seed) != 32 ? 1 : 0;
  CHECK(failures >= 1);
}

TEST_CASE("settings are read exactly, and wrong ones are told") {
  std::vector<std::string> complaints;
  CHECK(!read_modes(nullptr, nullptr, complaints).schedule);
  CHECK(!read_modes("", "", complaints).weak);
  CHECK(read_modes("0", "1", complaints).schedule == 0U);
  CHECK(read_modes("18446744073709551615", "1", complaints).schedule == ~uint64_t{0});
  CHECK(read_modes("7", "1", complaints).weak);
  CHECK(!read_modes("7", "0", complaints).weak);
  CHECK(complaints.empty());
  for (const char* wrong : {"random", "-1", "1x", " 1", "18446744073709551616"}) {
    complaints.clear();
    CHECK(!read_modes(wrong, nullptr, complaints).schedule);
    REQUIRE(complaints.size() == 1);
    CHECK(complaints[0].starts_with("SOFTGPU_SCHED=" + std::string(wrong) + " is not understood"));
  }
  complaints.clear();
  CHECK(!read_modes(nullptr, "yes", complaints).weak);
  REQUIRE(complaints.size() == 1);
  CHECK(complaints[0].starts_with("SOFTGPU_WEAK=yes is not understood"));
}
