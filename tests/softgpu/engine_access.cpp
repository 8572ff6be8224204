// SPDX-License-Identifier: MIT
// Loads and stores whose bytes are found for all lanes at once: an instruction that is executed
// again hits the allocation it hit before. Every kernel here makes its access in a loop, good
// rounds first.
#include "harness.hpp"

using namespace softgpu::test;
using softgpu::engine::Fault;
using softgpu::engine::FaultKind;

namespace {

// One warp; `address` computes %a from %base (a buffer), %lane and %i (the round, 0 to 3).
std::string looped(const std::string& address, const std::string& access) {
  return ".version 8.8\n.target sm_90\n.address_size 64\n"
         ".visible .entry k(.param .u64 buffer, .param .u64 out)\n{\n"
         "  .reg .pred %p, %on; .reg .b16 %h; .reg .b32 %lane, %i, %v, %w, %t; .reg .f32 %f<4>;\n"
         "  .reg .b64 %base, %a, %o, %x, %y; .shared .align 16 .b8 tile[512];\n"
         "  mov.u32 %lane, %laneid;\n  mov.u32 %i, 0;\n  setp.lt.u32 %on, %lane, 16;\n"
         "  ld.param.u64 %base, [buffer];\n  ld.param.u64 %o, [out];\n"
         "  mad.wide.u32 %o, %lane, 4, %o;\n  mov.u32 %v, 0;\n"
         "LOOP:\n  " +
         address + "\n  " + access +
         "\n  add.u32 %i, %i, 1;\n  setp.lt.u32 %p, %i, 4;\n  @%p bra LOOP;\n"
         "  st.global.u32 [%o], %v;\n  ret;\n}\n";
}
// A row of 128 bytes each round.
constexpr char kRows[] = "mad.lo.u32 %t, %i, 32, %lane; mad.wide.u32 %a, %t, 4, %base;";

struct Run {
  Device device;
  uint64_t buffer = 0, out = 0;
  std::optional<Fault> go(const std::string& text, const std::vector<uint32_t>& words) {
    device.load(text);
    buffer = device.upload(words);
    out = device.upload(std::vector<uint32_t>(32));
    return device.try_run("k", {1}, {32}, buffer, out);
  }
  std::vector<uint32_t> results() { return device.download<uint32_t>(out, 32); }
};
std::vector<uint32_t> numbers(size_t n) {
  std::vector<uint32_t> values(n);
  for (size_t i = 0; i < n; ++i) values[i] = static_cast<uint32_t>(i * 7 + 1);
  return values;
}

}  // namespace

TEST_CASE("rows of words are loaded and stored whole") {
  Run run;
  REQUIRE(!run.go(looped(kRows,
                         "ld.global.u32 %w, [%a]; add.u32 %v, %v, %w; add.u32 %w, %w, 5; "
                         "st.global.u32 [%a], %w;"),
                  numbers(128)));
  const auto in = numbers(128), after = run.device.download<uint32_t>(run.buffer, 128);
  const auto sums = run.results();
  for (size_t l = 0; l < 32; ++l) {
    CHECK(sums[l] == in[l] + in[l + 32] + in[l + 64] + in[l + 96]);
  }
  for (size_t i = 0; i < 128; ++i) CHECK(after[i] == in[i] + 5);
}

TEST_CASE("rows of narrow and of wide elements") {
  Run bytes;
  REQUIRE(
      !bytes.go(looped("mad.lo.u32 %t, %i, 32, %lane; cvt.u64.u32 %a, %t; add.u64 %a, %a, %base;",
                       "ld.global.u8 %w, [%a]; mad.lo.u32 %v, %v, 3, %w;"),
                {0x04030201U, 0x08070605U, 0, 0, 0, 0, 0, 0x80ffU, 1, 2, 3, 4, 5, 6, 7, 8,
                 9,           9,           9, 9, 9, 9, 9, 9,       9, 9, 9, 9, 9, 9, 9, 9}));
  CHECK(bytes.results()[3] == 4U * 27);  // bytes 3, 35, 67, 99: 4, 0, 0, 0
  CHECK(bytes.results()[28] == 0xffU * 27 + 8U * 9 + 9U * 3 + 9U);

  Run wide;
  REQUIRE(!wide.go(looped("mad.lo.u32 %t, %i, 32, %lane; mad.wide.u32 %a, %t, 8, %base;",
                          "ld.global.u64 %x, [%a]; cvt.u32.u64 %t, %x; shr.u64 %y, %x, 32; "
                          "cvt.u32.u64 %w, %y; add.u32 %v, %v, %t; sub.u32 %v, %v, %w; "
                          "add.u64 %x, %x, 1; st.global.u64 [%a], %x;"),
                   numbers(256)));
  for (uint32_t v : wide.results()) CHECK(v == static_cast<uint32_t>(-4 * 7));
  const auto after = wide.device.download<uint32_t>(wide.buffer, 256);
  for (size_t i = 0; i < 256; ++i) CHECK(after[i] == numbers(256)[i] + (i % 2 == 0 ? 1 : 0));
}

TEST_CASE("vectors in a row, and the last store to one place wins whole") {
  Run run;
  REQUIRE(!run.go(looped("mad.wide.u32 %a, %lane, 16, %base;",
                         "ld.global.v4.f32 {%f0, %f1, %f2, %f3}, [%a]; "
                         "st.global.v4.f32 [%a], {%f3, %f0, %f1, %f2};"),
                  numbers(128)));
  // Four rotations of four are none.
  CHECK(run.device.download<uint32_t>(run.buffer, 128) == numbers(128));

  Run same;
  REQUIRE(!same.go(looped("mov.u64 %a, %base;",
                          "add.u32 %t, %lane, 100; st.global.v2.u32 [%a], {%lane, %t}; "
                          "@%on ld.global.u32 %v, [%a+4];"),
                   numbers(32)));
  for (size_t l = 0; l < 32; ++l) CHECK(same.results()[l] == (l < 16 ? 131U : 0U));
}

TEST_CASE("lanes that are off may have any address") {
  Run run;
  REQUIRE(!run.go(looped("mad.lo.u32 %t, %i, 16, %lane; mad.wide.u32 %a, %t, 4, %base; "
                         "@!%on mov.u64 %a, 3;",
                         "@%on ld.global.u32 %w, [%a]; @%on add.u32 %v, %v, %w; "
                         "@%on st.global.u32 [%a], %i;"),
                  numbers(64)));
  const auto in = numbers(64), sums = run.results();
  for (size_t l = 0; l < 16; ++l) CHECK(sums[l] == in[l] + in[l + 16] + in[l + 32] + in[l + 48]);
  for (size_t l = 16; l < 32; ++l) CHECK(sums[l] == 0);
}

TEST_CASE("the first byte that is out of bounds is named, in a row, in one place and scattered") {
  struct Case {
    const char* address;
    uint32_t words, thread;
    int64_t offset;  // of the faulty access in the buffer
  };
  const Case cases[] = {
      {kRows, 127, 31, 127 * 4},
      {kRows, 97, 1, 97 * 4},
      {"mul.wide.u32 %a, %i, 128; sub.u64 %a, %base, %a; add.u64 %a, %a, 256; "
       "mad.wide.u32 %a, %lane, 4, %a;",
       96, 0, -128},
      {"mad.wide.u32 %a, %i, 4, %base;", 3, 0, 12},
      {"mad.lo.u32 %t, %i, 64, %lane; mad.wide.u32 %a, %t, 8, %base;", 400, 8, 400 * 4},
  };
  for (const Case& c : cases) {
    for (const char* access : {"ld.global.u32 %w, [%a];", "st.global.u32 [%a], %i;"}) {
      Run run;
      const auto fault = run.go(looped(c.address, access), numbers(c.words));
      INFO(c.address << access);
      REQUIRE(fault);
      CHECK(fault->kind == FaultKind::illegal_address);
      CHECK(fault->thread.x == c.thread);
      CHECK(fault->address == run.buffer + static_cast<uint64_t>(c.offset));
      CHECK(fault->is_write == (access[0] == 's'));
    }
  }
}

TEST_CASE("a misaligned row, place or lane is named") {
  for (const char* address :
       {"mad.lo.u32 %t, %i, 32, %lane; mad.wide.u32 %a, %t, 4, %base; setp.eq.u32 %p, %i, 2; "
        "@%p add.u64 %a, %a, 2;",
        "mov.u64 %a, %base; setp.eq.u32 %p, %i, 2; @%p add.u64 %a, %a, 2;",
        "mad.wide.u32 %a, %lane, 8, %base; setp.eq.u32 %p, %i, 2; @%p add.u64 %a, %a, 2;"}) {
    Run run;
    const auto fault = run.go(looped(address, "ld.global.u32 %w, [%a];"), numbers(512));
    INFO(address);
    REQUIRE(fault);
    CHECK(fault->kind == FaultKind::misaligned_address);
    CHECK(fault->thread.x == 0);
    CHECK(fault->address % 4 == 2);
  }
}

TEST_CASE("shared memory ends where it ends") {
  Run good;
  REQUIRE(!good.go(looped("mad.lo.u32 %t, %i, 32, %lane; shl.b32 %t, %t, 2;",
                          "st.shared.u32 [%t], %lane; xor.b32 %w, %t, 124; "
                          "ld.shared.u32 %w, [%w]; add.u32 %v, %v, %w;"),
                   numbers(1)));
  for (uint32_t l = 0; l < 32; ++l) CHECK(good.results()[l] == 4 * (31 - l));
  Run bad;
  const auto fault = bad.go(
      looped("mad.lo.u32 %t, %i, 32, %lane; shl.b32 %t, %t, 2;", "st.shared.u32 [%t+4], %lane;"),
      numbers(1));
  REQUIRE(fault);
  CHECK(fault->kind == FaultKind::illegal_address);
  CHECK(fault->thread.x == 31);
  CHECK(fault->address == 512);
}

TEST_CASE("each thread has its own local memory") {
  Run run;
  std::string text = looped(
      "mad.lo.u32 %t, %i, 4, 0; cvt.u64.u32 %a, %t; mov.u64 %x, mine; "
      "add.u64 %a, %a, %x;",
      "add.u32 %w, %lane, %i; st.local.u32 [%a], %w; "
      "@%on ld.local.u32 %w, [mine]; add.u32 %v, %v, %w;");
  text.replace(text.find(".shared .align 16 .b8 tile[512];"), 32, ".local .align 4 .b8 mine[16];");
  REQUIRE(!run.go(text, numbers(1)));
  for (uint32_t l = 0; l < 32; ++l) {
    CHECK(run.results()[l] == (l < 16 ? 4 * l : 4 * l + 6));
  }
}
