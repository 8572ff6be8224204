// SPDX-License-Identifier: MIT
// Reads of what nobody wrote: found byte for byte in every space; silent where it was written.
#include "harness.hpp"
#include "observe/init_check.hpp"

using namespace softgpu::test;

namespace {

std::string kernel(const std::string& body) {
  return ".version 8.0\n.target sm_90\n.address_size 64\n.file 1 \"/src/demo.cu\"\n"
         ".extern .func (.param .b64 r) malloc (.param .b64 size);\n"
         ".visible .entry k(.param .u64 p)\n{\n"
         "  .reg .pred %p<6>; .reg .b32 %r<16>; .reg .b64 %rd<8>;\n"
         "  .shared .align 8 .b8 s[1024];\n  .local .align 16 .b8 depot[64];\n"
         "  ld.param.u64 %rd1, [p];\n  mov.u32 %r1, %tid.x;\n"
         "  mul.wide.u32 %rd2, %r1, 4;\n  add.s64 %rd2, %rd1, %rd2;\n"
         "  shl.b32 %r2, %r1, 2;\n  mov.u32 %r3, s;\n  add.u32 %r2, %r2, %r3;\n" +
         body + "\n  ret;\n}\n";
}

struct Checked {
  Device device;
  std::vector<std::string> lines;
  softgpu::observe::InitCheck check{[this](const std::string& line) { lines.push_back(line); }};
  uint64_t p = 0;

  // `bytes` of device memory, of which the host has written the first `written`.
  Checked(const std::string& body, uint64_t bytes, uint64_t written) {
    device.load(kernel(body));
    p = device.heap.allocate(bytes);
    check.allocated(p, bytes);
    check.written(p, written);
    device.observer = &check;
  }
  Checked& run(uint32_t threads = 32, uint32_t blocks = 1) {
    device.run("k", {blocks}, {threads}, p);
    return *this;
  }
};

}  // namespace

TEST_CASE("a read of memory that nobody wrote names instruction, thread and byte") {
  Checked c("  .loc 1 8 1\n  ld.global.u32 %r4, [%rd2];", 128, 68);
  c.run();
  REQUIRE(c.lines.size() == 1);
  char expected[300];
  std::snprintf(expected, sizeof expected,
                "uninitialised read: ld.global.u32 at ptx line 19 (demo.cu:8) reads 4 bytes of "
                "global memory, kernel k, block (0,0,0) thread (17,0,0); nobody has written the "
                "byte at 0x%llx",
                static_cast<unsigned long long>(c.p + 68));
  CHECK(c.lines[0] == expected);
}

TEST_CASE("what the host or a kernel has written is silent, one byte short is not") {
  CHECK(Checked("  ld.global.u32 %r4, [%rd2];", 128, 128).run().lines.empty());
  CHECK(Checked("  ld.global.u32 %r4, [%rd2];", 128, 127).run().lines.size() == 1);
  CHECK(Checked("  st.global.u32 [%rd2], 1;\n  ld.global.u32 %r4, [%rd2];", 128, 0)
            .run()
            .lines.empty());
  // The lanes' own elements only: the neighbour's is not written yet by lane 31.
  CHECK(Checked("  st.global.u16 [%rd2], 1;\n  ld.global.u32 %r4, [%rd2];", 128, 0)
            .run()
            .lines.size() == 1);
  CHECK(Checked("  red.global.add.u32 [%rd2], 1;", 128, 0).run().lines.size() == 1);
  CHECK(Checked("  red.global.add.u32 [%rd2], 1;", 128, 128).run().lines.empty());
}

TEST_CASE("a launch sees what an earlier one wrote; new memory at the address is unwritten") {
  Checked c(
      "  mov.u32 %r5, %ctaid.x; setp.eq.u32 %p1, %r5, 0;\n"
      "  @%p1 ld.global.u32 %r4, [%rd2];",
      128, 0);
  Device writer;
  c.run();
  CHECK(c.lines.size() == 1);
  c.check.written(c.p, 128);
  c.run();
  CHECK(c.lines.size() == 1);
  c.check.released(c.p, 128);
  c.run();
  CHECK(c.lines.size() == 1);  // nobody told of this memory
  c.check.allocated(c.p, 128);
  c.run();
  CHECK(c.lines.size() == 2);
}

TEST_CASE("shared memory starts unwritten in every block") {
  CHECK(Checked("  ld.shared.u32 %r4, [%r2];", 4, 4).run(64, 3).lines.size() == 1);
  const std::string guarded =
      "  mov.u32 %r5, %ctaid.x; setp.eq.u32 %p1, %r5, 0;\n  @%p1 st.shared.u32 [%r2], 1;\n"
      "  bar.sync 0;\n  ld.shared.u32 %r4, [%r2];";
  CHECK(Checked(guarded, 4, 4).run(64, 1).lines.empty());
  const auto lines = Checked(guarded, 4, 4).run(64, 2).lines;
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("shared memory, kernel k, block (1,0,0)") != std::string::npos);
}

TEST_CASE("local memory belongs to each thread") {
  const std::string head = "  mov.u64 %rd3, depot;\n  setp.ne.u32 %p1, %r1, 5;\n";
  CHECK(Checked(head + "  st.local.u32 [%rd3+8], 1;\n  ld.local.u32 %r4, [%rd3+8];", 4, 4)
            .run()
            .lines.empty());
  const auto lines =
      Checked(head + "  @%p1 st.local.u32 [%rd3+8], 1;\n  ld.local.u32 %r4, [%rd3+8];", 4, 4)
          .run()
          .lines;
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("local memory, kernel k, block (0,0,0) thread (5,0,0)") != std::string::npos);
}

TEST_CASE("memory of the device's own malloc is unwritten") {
  const std::string get =
      "  {\n  .param .b64 a; .param .b64 b;\n  st.param.b64 [a], 64;\n"
      "  call (b), malloc, (a);\n  ld.param.b64 %rd4, [b];\n  }\n";
  CHECK(Checked(get + "  ld.global.u32 %r4, [%rd4];", 4, 4).run(1).lines.size() == 1);
  CHECK(Checked(get + "  st.global.u32 [%rd4], 1;\n  ld.global.u32 %r4, [%rd4];", 4, 4)
            .run(1)
            .lines.empty());
}

TEST_CASE("an asynchronous copy writes its destination and reads its source") {
  const std::string copy =
      "  cp.async.ca.shared.global [%r2], [%rd2], 4;\n"
      "  cp.async.wait_all;\n  ld.shared.u32 %r4, [%r2];";
  CHECK(Checked(copy, 128, 128).run().lines.empty());
  const auto lines = Checked(copy, 128, 64).run().lines;
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("cp.async") != std::string::npos);
}
