// SPDX-License-Identifier: MIT
// Operands: PTX ISA 9.0, section 6; special registers: section 10.
#include "parse_text.hpp"

using namespace image_test;
using Kind = ptx::Operand::Kind;
using Base = ptx::Operand::Base;

TEST_CASE("an instruction keeps opcode, modifiers and operands in order") {
  const Kernel kernel("ld.global.nc.v2.f32 {%f1, %f2}, [%rd1+16];");
  CHECK(kernel[0].op == "ld");
  CHECK(kernel[0].mods == std::vector<std::string_view>{".global", ".nc", ".v2", ".f32"});
  CHECK(kernel[0].spelling() == "ld.global.nc.v2.f32");
  CHECK(kernel[0].has(".nc"));
  CHECK_FALSE(kernel[0].has(".v4"));
  const ptx::Operand& vector = kernel.operand(0, 0);
  CHECK(vector.kind == Kind::vector);
  REQUIRE(vector.elements.size() == 2);
  CHECK(kernel.register_name(vector.elements[1]) == "%f2");
  const ptx::Operand& address = kernel.operand(0, 1);
  CHECK(address.kind == Kind::address);
  CHECK(address.base_kind == Base::reg);
  CHECK(kernel.register_name(address) == "%rd1");
  CHECK(address.offset == 16);
  CHECK(address.text == "[%rd1+16]");
}

TEST_CASE("addresses") {
  const Kernel kernel(R"(
    .shared .b32 tile[8];
    ld.global.b32 s, [%rd1];
    ld.global.b32 s, [%rd1+-8];
    ld.global.b32 s, [ %rd1 + (2*4) ];
    ld.shared.b32 s, [tile+4];
    ld.param.b32 s, [p1];
    ld.shared.b32 s, [0x40];
    ld.shared.b32 s, tile[3];)");
  CHECK(kernel.operand(0, 1).offset == 0);
  CHECK(kernel.operand(1, 1).offset == -8);
  CHECK(kernel.operand(2, 1).offset == 8);
  const ptx::Operand& shared = kernel.operand(3, 1);
  CHECK(shared.base_kind == Base::variable);
  CHECK(shared.variable_is_local);
  CHECK(kernel.function().variables.at(shared.variable).name == "tile");
  CHECK(shared.offset == 4);
  const ptx::Operand& param = kernel.operand(4, 1);
  CHECK(param.variable_is_param);
  CHECK(param.variable == 1);
  CHECK(kernel.operand(5, 1).base_kind == Base::immediate);
  CHECK(kernel.operand(5, 1).bits == 0x40);
  const ptx::Operand& indexed = kernel.operand(6, 1);  // counts elements
  CHECK(indexed.kind == Kind::variable);
  CHECK(indexed.offset == 12);
}

TEST_CASE("addresses of several parts keep them all") {
  const Kernel kernel(R"(
    tex.2d.v4.f32.f32 {%f1,%f2,%f3,%f4}, [%rd1, {%f5,%f6}];
    cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%r1], [%rd2, {%r3, %r4}], [%r5];
    ld.global.b32 s, [%rd1].unified;)");
  const ptx::Operand& texture = kernel.operand(0, 1);
  CHECK(texture.base_kind == Base::reg);
  CHECK(kernel.register_name(texture) == "%rd1");
  REQUIRE(texture.elements.size() == 2);
  CHECK(texture.elements[0].kind == Kind::reg);
  CHECK(texture.elements[1].kind == Kind::vector);
  REQUIRE(kernel[1].operands.size() == 3);
  CHECK(kernel.operand(1, 1).elements[1].elements.size() == 2);
  CHECK(kernel[1].has(".mbarrier::complete_tx::bytes"));
  CHECK(kernel.operand(2, 1).text == "[%rd1].unified");
}

TEST_CASE("variables as values") {
  const ptx::Module module = parsed(kHeader + R"(
    .global .b32 array[4];
    .func f() { ret; }
    .entry k() { .reg .b64 a; .local .b8 stack[16];
      mov.u64 a, array; mov.u64 a, array+8; mov.u64 a, array+-4; mov.u64 a, array[2];
      mov.u64 a, stack; mov.u64 a, f; })");
  const auto& body = module.functions[1].body;
  for (size_t i = 0; i < 4; ++i) {
    CHECK(body[i].operands[1].kind == Kind::variable);
    CHECK_FALSE(body[i].operands[1].variable_is_local);
    CHECK(module.variables[body[i].operands[1].variable].name == "array");
  }
  CHECK(body[0].operands[1].offset == 0);
  CHECK(body[1].operands[1].offset == 8);
  CHECK(body[2].operands[1].offset == -4);
  CHECK(body[3].operands[1].offset == 8);
  CHECK(body[4].operands[1].variable_is_local);
  CHECK(body[5].operands[1].kind == Kind::function);
  CHECK(module.functions[body[5].operands[1].function].name == "f");
}

TEST_CASE("destinations joined by '|', the sink, negation") {
  const Kernel kernel(R"(
    setp.lt.and.f32 %p1|%p2, %f1, %f2, !q;
    shfl.sync.down.b32 s | %p1, %r1, 1, 31, -1;
    elect.sync _|%p1, 0xffffffff;
    atom.global.add.u32 _, [%rd1], 1;)");
  CHECK(kernel[0].pipe);
  REQUIRE(kernel[0].operands.size() == 5);
  CHECK(kernel.register_name(kernel.operand(0, 1)) == "%p2");
  CHECK(kernel.operand(0, 4).negated);
  CHECK(kernel[1].pipe);
  CHECK(kernel.operand(1, 5).bits == ~uint64_t{0});
  CHECK(kernel.operand(2, 0).kind == Kind::sink);
  CHECK(kernel[2].pipe);
  CHECK(kernel.operand(3, 0).kind == Kind::sink);
  CHECK_FALSE(kernel[3].pipe);
}

TEST_CASE("special registers, with and without components") {
  for (const std::string name : {"%laneid",
                                 "%warpid",
                                 "%nwarpid",
                                 "%smid",
                                 "%nsmid",
                                 "%gridid",
                                 "%is_explicit_cluster",
                                 "%cluster_ctarank",
                                 "%cluster_nctarank",
                                 "%lanemask_eq",
                                 "%lanemask_le",
                                 "%lanemask_lt",
                                 "%lanemask_ge",
                                 "%lanemask_gt",
                                 "%clock",
                                 "%clock_hi",
                                 "%clock64",
                                 "%pm0",
                                 "%pm7",
                                 "%pm0_64",
                                 "%pm7_64",
                                 "%envreg0",
                                 "%envreg31",
                                 "%globaltimer",
                                 "%globaltimer_lo",
                                 "%globaltimer_hi",
                                 "%reserved_smem_offset_begin",
                                 "%reserved_smem_offset_end",
                                 "%reserved_smem_offset_cap",
                                 "%reserved_smem_offset_0",
                                 "%reserved_smem_offset_1",
                                 "%total_smem_size",
                                 "%aggr_smem_size",
                                 "%dynamic_smem_size",
                                 "%current_graph_exec"}) {
    const Kernel kernel("mov.u32 s, " + name + ";");
    CAPTURE(name);
    CHECK(kernel.operand(0, 1).kind == Kind::special);
    CHECK(kernel.operand(0, 1).text == name);
    CHECK(kernel.operand(0, 1).component == 0);
  }
  for (const std::string name : {"%tid", "%ntid", "%ctaid", "%nctaid", "%clusterid", "%nclusterid",
                                 "%cluster_ctaid", "%cluster_nctaid"}) {
    const Kernel kernel("mov.u32 s, " + name + ".z; mov.v4.u32 {%r1,%r2,%r3,_}, " + name + ";");
    CHECK(kernel.operand(0, 1).text == name);
    CHECK(kernel.operand(0, 1).component == 'z');
    CHECK(kernel.operand(1, 1).component == 0);
  }
  CHECK(error_of(in_kernel("mov.u32 s, %envreg32;")) == "6:12: undefined name '%envreg32'");
  CHECK(error_of(in_kernel("mov.u32 s, %laneid.x;")) ==
        "6:19: special register '%laneid' has no component '.x'");
}

TEST_CASE("a register may be named like a special one and hides it") {
  const Kernel kernel("{ .reg .b32 %laneid; mov.u32 s, %laneid; } mov.u32 s, %laneid;");
  CHECK(kernel.operand(0, 1).kind == Kind::reg);
  CHECK(kernel.operand(1, 1).kind == Kind::special);
}

TEST_CASE("vector registers are their elements") {
  const Kernel kernel(R"(
    .reg .v4 .f32 v; .reg .v2 .b32 w<3>;
    ld.global.v4.f32 v, [%rd1];
    add.f32 v.x, v.y, v.b;
    mov.b32 w2.y, s;)");
  const ptx::Operand& whole = kernel.operand(0, 0);
  CHECK(whole.kind == Kind::vector);
  REQUIRE(whole.elements.size() == 4);
  CHECK(kernel.register_name(whole.elements[3]) == "v.w");
  CHECK(kernel.operand(1, 0).reg == whole.elements[0].reg);
  CHECK(kernel.operand(1, 1).reg == whole.elements[1].reg);
  CHECK(kernel.operand(1, 2).reg == whole.elements[2].reg);  // .b is the third colour
  CHECK(kernel.register_name(kernel.operand(2, 0)) == "w2.y");
  CHECK(error_of(in_kernel(".reg .v2 .b32 w; mov.b32 s, w.z;")) ==
        "6:30: vector register 'w' has no component '.z'");
}

TEST_CASE("selectors of the video instructions stay with their register") {
  const Kernel kernel(
      "vadd.u32.u32.u32 s, %r1.b0, %r2.h1; vadd4.u32.u32.u32 s.b3210, %r1, %r2, s;");
  CHECK(kernel.operand(0, 1).kind == Kind::reg);
  CHECK(kernel.operand(0, 1).component == 'b');
  CHECK(kernel.operand(0, 1).text == "%r1.b0");
  CHECK(kernel.operand(0, 2).component == 'h');
  CHECK(kernel.operand(1, 0).text == "s.b3210");
}

TEST_CASE("operands that cannot be") {
  CHECK(error_of(in_kernel("ld.global.b32 s, [%rd1-4];")) ==
        "6:23: expected ']' to close an address, found '-'");
  CHECK(error_of(in_kernel("ld.global.b32 s, [%tid];")) ==
        "6:19: '%tid' cannot be the base of an address");
  CHECK(error_of(in_kernel("mov.b32 s, {%r1, nowhere};")) == "6:18: undefined name 'nowhere'");
  CHECK(error_of(in_kernel("ld.global.b32 s, [nowhere];")) == "6:19: undefined name 'nowhere'");
  CHECK(error_of(in_kernel("add.s32 s, s, nowhere;")) == "6:15: undefined name 'nowhere'");
  CHECK(error_of(in_kernel("mov.b32 s, %r1.q;")) == "6:15: register '%r1' has no part '.q'");
}
