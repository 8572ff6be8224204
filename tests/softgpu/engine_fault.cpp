// SPDX-License-Identifier: MIT
// Faults say what happened and where; what the engine cannot do is refused with opcode, form and
// position.
#include "harness.hpp"

using namespace softgpu::test;
using softgpu::engine::FaultKind;

namespace {

std::string kernel(const std::string& body) {
  return ".version 8.0\n.target sm_90\n.address_size 64\n.file 1 \"/src/demo.cu\"\n"
         ".visible .entry k(.param .u64 p)\n{\n"
         "  .reg .pred %p<4>; .reg .b32 %r<8>; .reg .b64 %rd<8>; .reg .f32 %f<4>;\n"
         "  .shared .align 16 .b8 tile[64];\n  .local .align 16 .b8 depot[32];\n"
         "  ld.param.u64 %rd1, [p];\n  mov.u32 %r1, %tid.x;\n" +
         body + "\n  ret;\n}\n";
}

std::optional<softgpu::engine::Fault> fault_of(const std::string& body, size_t bytes = 64) {
  Device device;
  device.load(kernel(body));
  const uint64_t p = device.upload(std::vector<std::byte>(bytes));
  return device.try_run("k", {2}, {32}, p);
}

}  // namespace

TEST_CASE("one byte behind an allocation is an illegal address, with the whole story") {
  Device device;
  device.load(
      kernel("  .loc 1 9 3\n  mul.wide.u32 %rd2, %r1, 4;\n  add.s64 %rd2, %rd1, %rd2;\n"
             "  st.global.f32 [%rd2], 0f3F800000;"));
  const uint64_t p = device.upload(std::vector<float>(31));  // room for 31 of 32 lanes
  const auto fault = device.try_run("k", {1}, {32}, p);
  REQUIRE(fault);
  CHECK(fault->kind == FaultKind::illegal_address);
  CHECK(fault->kernel == "k");
  CHECK(fault->instruction == "st.global.f32");
  CHECK(fault->address == p + 31 * 4);
  CHECK(fault->size == 4);
  CHECK(fault->is_write);
  CHECK(fault->thread.x == 31);
  CHECK(fault->at.line == 15);
  CHECK(fault->source.line == 9);
  char expected[200];
  std::snprintf(expected, sizeof expected,
                "illegal address: st.global.f32 of 4 bytes at 0x%llx, kernel k, block (0,0,0) "
                "thread (31,0,0), ptx line 15 (demo.cu:9)",
                static_cast<unsigned long long>(p + 31 * 4));
  CHECK(fault->message == expected);
}

TEST_CASE("bounds are exact for every space and every width") {
  CHECK(!fault_of("  ld.global.u64 %rd2, [%rd1+56];"));
  CHECK(fault_of("  ld.global.u64 %rd2, [%rd1+64];")->kind == FaultKind::illegal_address);
  CHECK(fault_of("  ld.global.v4.u32 {%r2,%r3,%r4,%r5}, [%rd1+48];", 60)->size == 16);
  CHECK(!fault_of("  st.shared.u32 [tile+60], 1;"));
  CHECK(fault_of("  st.shared.u32 [tile+64], 1;")->kind == FaultKind::illegal_address);
  CHECK(!fault_of("  st.local.u32 [depot+28], 1;"));
  CHECK(fault_of("  mov.u64 %rd2, depot;\n  st.local.u32 [%rd2+32], 1;")->kind ==
        FaultKind::illegal_address);
  CHECK(fault_of("  mov.u64 %rd2, 0;\n  ld.u32 %r2, [%rd2];")->kind == FaultKind::illegal_address);
  CHECK(!fault_of("  mov.u64 %rd2, tile;\n  cvta.shared.u64 %rd2, %rd2;\n  st.u32 [%rd2+60], 1;"));
  CHECK(fault_of("  mov.u64 %rd2, tile;\n  cvta.shared.u64 %rd2, %rd2;\n  st.u32 [%rd2+64], 1;"));
}

TEST_CASE("only active lanes fault") {
  CHECK(!fault_of(
      "  setp.eq.u32 %p1, %r1, 99;\n  mov.u64 %rd2, 0;\n  @%p1 ld.global.u32 %r2, [%rd2];"));
}

TEST_CASE("misaligned accesses fault") {
  const auto fault = fault_of("  ld.global.u32 %r2, [%rd1+2];");
  REQUIRE(fault);
  CHECK(fault->kind == FaultKind::misaligned_address);
  CHECK(fault_of("  ld.global.v2.u32 {%r2,%r3}, [%rd1+4];")->kind == FaultKind::misaligned_address);
  CHECK(fault_of("  st.shared.u64 [tile+4], %rd1;")->kind == FaultKind::misaligned_address);
}

TEST_CASE("trap stops the launch") {
  const auto fault = fault_of("  setp.eq.u32 %p1, %r1, 3;\n  @%p1 trap;");
  REQUIRE(fault);
  CHECK(fault->kind == FaultKind::trap);
  CHECK(fault->thread.x == 3);
}

TEST_CASE("integer division by zero and undefined registers are no faults") {
  CHECK(!fault_of("  div.u32 %r2, %r1, 0;\n  rem.s32 %r3, %r1, 0;\n  add.u32 %r4, %r5, %r6;"));
}

TEST_CASE("an unknown opcode or form is a load error with opcode, form and position") {
  Device device;
  auto error = device.try_load(kernel("  frobnicate.rn.f32 %f1, %f2;"));
  REQUIRE(error);
  CHECK(error->unsupported);
  CHECK(error->message ==
        "test.ptx:12:3: unsupported instruction 'frobnicate': 'frobnicate.rn.f32'");
  error = device.try_load(kernel("  add.frob.f32 %f1, %f2, %f3;"));
  REQUIRE(error);
  CHECK(error->unsupported);
  CHECK(error->message == "test.ptx:12:3: unsupported form of 'add': 'add.frob.f32'");
}

TEST_CASE("operands of the wrong kind or width are refused") {
  Device device;
  for (const char* line :
       {"  add.f32 %f1, %f2, %rd1;", "  add.u32 %r1, %r2;", "  add.u64 %rd1, %r1, %rd2;",
        "  selp.b32 %r1, %r2, %r3, %r4;", "  and.pred %p1, %p2, %r1;"}) {
    const auto error = device.try_load(kernel(line));
    INFO(line);
    REQUIRE(error);
    CHECK(error->message.starts_with("test.ptx:12:3: "));
  }
}

TEST_CASE("a form the engine lacks can wait until it is reached") {
  softgpu::test::Heap heap;
  const auto text =
      kernel("  setp.eq.u32 %p1, %r1, 77;\n  @%p1 bra OFF;\n  ret;\nOFF:\n  frob.u32 %r1;");
  softgpu::engine::LoadError error;
  auto parsed = ptx::parse(text, "late.ptx");
  REQUIRE(parsed);
  const auto program = softgpu::engine::Program::load(std::move(*parsed), heap, error, true);
  REQUIRE(program);
  const uint64_t p = 0;
  std::vector<std::byte> params(8);
  std::memcpy(params.data(), &p, 8);
  softgpu::engine::Launch launch;
  launch.params = params;
  launch.block = {64};
  CHECK(!softgpu::engine::run(*program->find_kernel("k"), launch, heap));
  launch.block = {96};
  const auto fault = softgpu::engine::run(*program->find_kernel("k"), launch, heap);
  REQUIRE(fault);
  CHECK(fault->kind == FaultKind::unsupported);
  CHECK(fault->message.find("'frob.u32'") != std::string::npos);
}
