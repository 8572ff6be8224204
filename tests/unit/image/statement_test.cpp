// SPDX-License-Identifier: MIT
// Statements of a body: PTX ISA 9.0, sections 4.2, 4.3, 7 and 11.3; and texts as other compilers
// write them.
#include "parse_text.hpp"

using namespace image_test;
using Kind = ptx::Operand::Kind;

TEST_CASE("guards") {
  const Kernel kernel("@q ret; @!%p3 bra.uni L; @ ! q ret; L: ret;");
  CHECK(kernel[0].guard.present);
  CHECK_FALSE(kernel[0].guard.negated);
  CHECK(kernel.function().registers[kernel[0].guard.reg].name == "q");
  CHECK(kernel[1].guard.negated);
  CHECK(kernel.function().registers[kernel[1].guard.reg].name == "%p3");
  CHECK(kernel[2].guard.negated);
  CHECK_FALSE(kernel[3].guard.present);
  CHECK(error_of(in_kernel("@s ret;")) == "6:2: 's' is not a predicate register");
  CHECK(error_of(in_kernel("@nowhere ret;")) == "6:2: undefined predicate 'nowhere'");
}

TEST_CASE("labels: backward, forward, several at one place, at the end") {
  const Kernel kernel("A: bra A; bra C; B: C: ret; bra END; END:");
  CHECK(kernel.operand(0, 0).kind == Kind::label);
  CHECK(kernel.operand(0, 0).target == 0);
  CHECK(kernel.operand(1, 0).target == 2);
  CHECK(kernel.operand(3, 0).target == 4);
  CHECK(kernel.function().body.size() == 4);
}

TEST_CASE("calls") {
  const ptx::Module module = parsed(kHeader + R"(
    .extern .func (.param .b32 r) vprintf(.param .b64 a, .param .b64 b);
    .func nothing() { ret; }
    .entry k() {
      .reg .b64 %rd<4>; .reg .b32 %r<4>;
      { // callseq 0
      .param .b64 param0; .param .b64 param1; .param .b32 retval0;
      st.param.b64 [param0], %rd1;
      call.uni (retval0), vprintf, (param0, param1);
      }
      call nothing;
      call.uni nothing, ();
      { .param .b32 retval0; .param .b32 param0;
      prototype_0 : .callprototype (.param .b32 _) _ (.param .b32 _) .noreturn;
      call (retval0), %rd2, (param0), prototype_0;
      }
      targets: .calltargets nothing, vprintf;
      call %rd3, (), targets;
      ret;
    })");
  const ptx::Function& k = module.functions[2];
  const ptx::Instruction& direct = k.body[1];
  REQUIRE(direct.operands.size() == 3);
  CHECK(direct.operands[0].kind == Kind::list);
  CHECK(direct.operands[0].elements[0].kind == Kind::variable);
  CHECK(direct.operands[1].kind == Kind::function);
  CHECK(direct.operands[1].function == 0);
  CHECK(direct.operands[2].elements.size() == 2);
  CHECK(k.variables[direct.operands[2].elements[1].variable].name == "param1");
  CHECK(k.body[2].operands.size() == 1);
  CHECK(k.body[3].operands[1].elements.empty());
  const ptx::Instruction& indirect = k.body[4];
  CHECK(indirect.operands[1].kind == Kind::reg);
  CHECK(indirect.operands[3].kind == Kind::symbol);
  REQUIRE(k.prototypes.size() == 1);
  CHECK(k.prototypes[indirect.operands[3].target].name == "prototype_0");
  CHECK(k.prototypes[0].params.size() == 1);
  CHECK(k.prototypes[0].returns.size() == 1);
  CHECK(k.body[5].operands[2].kind == Kind::symbol);
  CHECK(k.target_lists[0].functions == std::vector<std::string_view>{"nothing", "vprintf"});
}

TEST_CASE("branch tables") {
  const Kernel kernel(R"(
    table: .branchtargets L1, L0, END;
    brx.idx %r1, table;
    L0: add.s32 s, s, 1;
    L1: ret;
    END:)");
  CHECK(kernel[0].op == "brx");
  CHECK(kernel.operand(0, 1).kind == Kind::symbol);
  CHECK(kernel.operand(0, 1).text == "table");
  const auto& list = kernel.function().target_lists.at(kernel.operand(0, 1).target);
  CHECK(list.name == "table");
  CHECK(list.targets == std::vector<uint32_t>{2, 1, 3});
}

TEST_CASE(".loc gives the line of what follows; inlined calls and label names are read over") {
  const Kernel kernel(R"(
    ret;
    .loc 1 12 5
    ret;
    .loc 2 34 0, function_name $L__info_string0, inlined_at 1 56 3
    ret; ret;
    .loc 2 35 0, function_name $L__info_string0 + 8, inlined_at 1 56 3
    ret;)");
  CHECK(kernel[0].source.file == 0);
  CHECK((kernel[1].source.file == 1 && kernel[1].source.line == 12));
  CHECK((kernel[2].source.file == 2 && kernel[2].source.line == 34));
  CHECK((kernel[3].source.file == 2 && kernel[3].source.line == 34));
  CHECK(kernel[4].source.line == 35);
}

TEST_CASE("the position of an instruction is that of its opcode") {
  const Kernel kernel("  @q\n   add.s32 s, s, 1;");
  CHECK(kernel[0].at.line == 7);
  CHECK(kernel[0].at.column == 4);
}

TEST_CASE("local variables of every space") {
  const Kernel kernel(R"(
    .local .align 8 .b8 __local_depot0[40];
    .shared .align 4 .f32 tile[16][17];
    .const .b32 four = 4;
    .global .b32 kept;
    .param .align 8 .b8 argument[24];
    mov.b64 %rd1, tile;)");
  const auto& variables = kernel.function().variables;
  REQUIRE(variables.size() == 5);
  CHECK(variables[0].space == ptx::Space::local);
  CHECK(variables[0].size == 40);
  CHECK(variables[1].size == 16 * 17 * 4);
  CHECK(variables[2].init.size() == 4);
  CHECK(variables[4].space == ptx::Space::param);
}

TEST_CASE("tinygrad's way of writing") {
  const ptx::Module module = parsed(
      ".version 7.5\n.target sm_80\n.address_size 64\n.visible .entry E_4(\n\t.param .u64 data0,\n"
      "\t.param .u64 data1\n)\n.maxntid 32\n{\n.reg .b64 %dat_u64_<2>;\n.reg .pred %alu_pred_0;"
      ".reg .s32 %lidx0; .reg .u32 %idx;.reg .f32 %val_f32_<3>;\n"
      "ld.param.u64 %dat_u64_0, [data0+0];ld.param.u64 %dat_u64_1,[data1+0];\n"
      "mov.u32 %idx, %tid.x;\nsetp.lt.s32 %alu_pred_0, %lidx0, 4;\n"
      "@%alu_pred_0 bra IF_0_1;\n@!%alu_pred_0 bra.uni IF_0_1;LOOP_1:\n"
      "@%alu_pred_0 ld.global.f32 %val_f32_0, [%dat_u64_1+-16];\n"
      "@!%alu_pred_0 mov.b32 %val_f32_0, 0f00000000;\nfma.rn.f32 %val_f32_2, %val_f32_0, "
      "%val_f32_1, 0f3F800000;\nst.global.v4.f32 [%dat_u64_0+0], {%val_f32_0, %val_f32_1, "
      "%val_f32_2, %val_f32_0};\nIF_0_1:\nret;\n}");
  CHECK(module.functions[0].body.size() == 11);
  CHECK(module.functions[0].body[4].operands[0].target == 10);
}

TEST_CASE("numba's way of writing") {
  const ptx::Module module = parsed(R"(
//
// Generated by NVIDIA NVVM Compiler
//
.version 8.4
.target sm_75
.address_size 64

	// .globl	_ZN6cudapy8__main__3addE
.common .global .align 8 .u64 _ZN08NumbaEnv8__main__3addE;

.visible .entry _ZN6cudapy8__main__3addE(
	.param .u64 _ZN6cudapy8__main__3addE_param_0,
	.param .u64 _ZN6cudapy8__main__3addE_param_1
)
{
	.reg .pred 	%p<2>;
	.reg .b32 	%r<5>;
	.reg .b64 	%rd<9>;

	ld.param.u64 	%rd1, [_ZN6cudapy8__main__3addE_param_0];
	mov.u32 	%r1, %tid.x;
	setp.ge.u64	%p1, %rd1, -9223372036854775808;
	@%p1 bra 	$L__BB0_2;
	bra.uni 	$L__BB0_1;

$L__BB0_1:
	st.global.u64 	[%rd1+8], %rd1;

$L__BB0_2:
	ret;

})");
  CHECK(module.functions[0].body.size() == 7);
  CHECK(module.variables[0].linkage == ptx::Linkage::common);
  CHECK(module.functions[0].body[2].operands[2].bits == uint64_t{1} << 63);
}
