// SPDX-License-Identifier: MIT
// Element types, hazards and intent.
#include "support/catch.hpp"
#include "unit/analyze/samples.hpp"

using namespace nonans;
using namespace nonans::analyze;
using namespace nonans::test;

namespace {

ElementType written(int arch, const char* kernel, size_t n = 0) {
  return sample(arch, kernel).writes.at(n).type;
}

ElementType read_of(const KernelProfile& p, int param) {
  for (const Access& r : p.reads)
    if (r.param_index == param) return r.type;
  return ElementType::unknown;
}

}  // namespace

TEST_CASE("the type of an output is that of the arithmetic that made it") {
  for (int arch : kArchs) {
    CHECK(written(arch, "add_f32") == ElementType::f32);
    CHECK(written(arch, "add_unguarded") == ElementType::f64);
    CHECK(written(arch, "bias_relu_f16") == ElementType::f16);
    CHECK(written(arch, "gemm_f16") == ElementType::f16);
    CHECK(written(arch, "mul_half2") == ElementType::f16);
    CHECK(written(arch, "vector_half8") == ElementType::f16);
    CHECK(written(arch, "packed_halves") == ElementType::f16);
    CHECK(written(arch, "vector4") == ElementType::f32);
    CHECK(written(arch, "sum_per_block") == ElementType::f32);
    CHECK(written(arch, "bits_to_float") == ElementType::f32);
    CHECK(written(arch, "four_types", 0) == ElementType::f32);
    CHECK(written(arch, "four_types", 1) == ElementType::f16);
    CHECK(written(arch, "four_types", 2) == ElementType::f64);
    CHECK(written(arch, "four_types", 3) == ElementType::integer);
    CHECK(written(arch, "write_int") == ElementType::integer);
    CHECK(written(arch, "integer_division") == ElementType::integer);
  }
  CHECK(written(90, "scale_bf16") == ElementType::bf16);
  // On sm_75 bf16 is integer code: unknown is right, f16 or integer would be wrong.
  CHECK((written(75, "scale_bf16") == ElementType::unknown ||
         written(75, "scale_bf16") == ElementType::bf16));
}

TEST_CASE("copies and bit tricks have no type") {
  for (int arch : kArchs) {
    CHECK(written(arch, "copy_f32") == ElementType::unknown);
    CHECK(written(arch, "copy_u32") == ElementType::unknown);
    CHECK(written(arch, "fill_minus_inf") == ElementType::unknown);
  }
  // x + 0x7fff + lsb, shifted right: a float becomes bf16 without one float instruction.
  const auto rounding = profile_of_body(".param .u64 o, .param .u64 a", R"(
    ld.param.u64 %rd1, [o]; ld.param.u64 %rd2, [a]; cvta.to.global.u64 %rd1, %rd1; cvta.to.global.u64 %rd2, %rd2;
    ld.global.u32 %r1, [%rd2]; shr.u32 %r2, %r1, 16; and.b32 %r3, %r2, 1; add.s32 %r4, %r1, %r3;
    add.s32 %r5, %r4, 32767; shr.u32 %r6, %r5, 16; cvt.u16.u32 %rs1, %r6; st.global.u16 [%rd1], %rs1; ret;)");
  REQUIRE(rounding.writes.size() == 1);
  CHECK(rounding.writes[0].type == ElementType::unknown);
  CHECK(read_of(rounding, 1) == ElementType::unknown);
  // 2^k by shifting an exponent into place.
  const auto power = profile_of_body(".param .u64 o, .param .f32 x", R"(
    ld.param.u64 %rd1, [o]; ld.param.f32 %f1, [x]; cvt.rzi.s32.f32 %r1, %f1; add.s32 %r2, %r1, 127;
    shl.b32 %r3, %r2, 23; st.global.u32 [%rd1], %r3; ret;)");
  CHECK(power.writes.at(0).type == ElementType::unknown);
}

TEST_CASE("disagreeing definitions have no type") {
  const auto mixed = profile_of_body(".param .u64 o, .param .u32 k, .param .f32 x", R"(
    ld.param.u64 %rd1, [o]; ld.param.u32 %r1, [k]; ld.param.f32 %f1, [x];
    add.f32 %f2, %f1, %f1; mov.b32 %r2, %f2; mul.lo.s32 %r3, %r1, 3;
    setp.eq.s32 %p1, %r1, 0; selp.b32 %r4, %r2, %r3, %p1; st.global.b32 [%rd1], %r4; ret;)");
  CHECK(mixed.writes.at(0).type == ElementType::unknown);
  // Half of a float is no half.
  const auto half = profile_of_body(".param .u64 o, .param .f32 x", R"(
    ld.param.u64 %rd1, [o]; ld.param.f32 %f1, [x]; add.f32 %f2, %f1, %f1; mov.b32 {%rs1, %rs2}, %f2;
    st.global.b16 [%rd1], %rs2; ret;)");
  CHECK(half.writes.at(0).type == ElementType::unknown);
  // Two halves joined are halves; a zero beside them does not matter.
  const auto pair = profile_of_body(".param .u64 o, .param .f32 x", R"(
    ld.param.u64 %rd1, [o]; ld.param.f32 %f1, [x]; cvt.rn.f16.f32 %rs1, %f1; mov.b16 %rs2, 0;
    mov.b32 %r1, {%rs1, %rs2}; st.global.b32 [%rd1], %r1; ret;)");
  CHECK(pair.writes.at(0).type == ElementType::f16);
}

TEST_CASE("a type suffix this table does not know is no type") {
  const auto packed = profile_of_body(".param .u64 o", R"(
    ld.param.u64 %rd1, [o]; mov.b32 %r1, 0; add.u8x4 %r2, %r1, %r1; st.global.b32 [%rd1], %r2; ret;)");
  CHECK(packed.writes.at(0).type == ElementType::unknown);
}

TEST_CASE("a pair of floats in one register is floats") {
  const auto packed = profile_of(
      ".version 8.6\n.target sm_100\n.address_size 64\n.visible .entry k(.param .u64 o)\n{\n"
      ".reg .b64 %rd<4>; ld.param.u64 %rd1, [o]; mov.b64 %rd2, 0;\n"
      "add.rn.f32x2 %rd3, %rd2, %rd2; st.global.b64 [%rd1], %rd3; ret;\n}\n");
  CHECK(packed.writes.at(0).type == ElementType::f32);
}

TEST_CASE("what is read has the type it is used as") {
  for (int arch : kArchs) {
    CHECK(read_of(sample(arch, "add_f32"), 1) == ElementType::f32);
    CHECK(read_of(sample(arch, "bias_relu_f16"), 1) == ElementType::f16);
    CHECK(read_of(sample(arch, "bias_relu_f16"), 2) == ElementType::f32);
    CHECK(read_of(sample(arch, "mul_half2"), 1) == ElementType::f16);
    CHECK(read_of(sample(arch, "gemm_f16"), 1) == ElementType::f16);
    CHECK(read_of(sample(arch, "gemm_tiled"), 1) == ElementType::f32);  // through shared memory
    CHECK(read_of(sample(arch, "scatter"), 2) == ElementType::integer);
    CHECK(read_of(sample(arch, "mask_scores"), 2) == ElementType::integer);
    CHECK(read_of(sample(arch, "both_arms"), 1) == ElementType::f32);
    CHECK(read_of(sample(arch, "copy_f32"), 1) == ElementType::unknown);
  }
}

TEST_CASE("hazards stand on the chain of the value") {
  for (int arch : kArchs) {
    CHECK(sample(arch, "add_early_return").writes[0].hazards & kDivision);
    CHECK(sample(arch, "exp_in_place").writes[0].hazards & kExp);
    CHECK(sample(arch, "one_result").writes[0].hazards & kSqrt);
    CHECK(sample(arch, "layernorm_row").writes[0].hazards & kRsqrt);
    CHECK(sample(arch, "bias_relu_f16").writes[0].hazards & kNarrowing);
    CHECK(sample(arch, "gemm_naive").writes[0].hazards & kAccumulate);
    CHECK_FALSE(sample(arch, "add_f32").writes[0].hazards & (kDivision | kExp | kAccumulate));
    CHECK(sample(arch, "integer_division").hazards == 0);
  }
  // What compilers make of an integer division.
  const auto quotient = profile_of_body(".param .u64 o, .param .u32 a, .param .u32 b", R"(
    ld.param.u64 %rd1, [o]; ld.param.u32 %r1, [a]; ld.param.u32 %r2, [b];
    cvt.rn.f32.u32 %f1, %r2; rcp.approx.ftz.f32 %f2, %f1; cvt.rzi.u32.f32 %r3, %f2;
    mul.hi.u32 %r4, %r1, %r3; st.global.u32 [%rd1], %r4; ret;)");
  CHECK_FALSE(quotient.hazards & kDivision);
}

TEST_CASE("constants and float parameters that reach a store unchanged are intent") {
  for (int arch : kArchs) {
    CHECK(sample(arch, "fill_minus_inf").writes[0].immediate_neg_inf);
    CHECK_FALSE(sample(arch, "fill_minus_inf").writes[0].immediate_pos_inf);
    const Access& masked = sample(arch, "mask_scores").writes[0];
    CHECK(masked.type == ElementType::f32);
    CHECK(masked.immediate_neg_inf);
    CHECK_FALSE(masked.immediate_nan);
    CHECK(masked.float_params.empty());  // the scale is multiplied
    const Access& fill = sample(arch, "fill_value").writes[0];
    REQUIRE(fill.float_params.size() == 1);
    CHECK(fill.float_params[0] == 8);
    CHECK(fill.float_param_type == ElementType::f32);
    CHECK_FALSE(sample(arch, "add_f32").writes[0].immediate_neg_inf);
    CHECK_FALSE(sample(arch, "softmax_row").writes[0].immediate_neg_inf);
  }
  // Negated, and kept in shared memory for a while.
  const auto negated = profile_of_body(".param .u64 o", R"(
    .shared .b32 s[32]; ld.param.u64 %rd1, [o]; mov.f32 %f1, 0f7F800000; neg.f32 %f2, %f1; mov.u32 %r1, s;
    st.shared.f32 [%r1], %f2; ld.shared.f32 %f3, [%r1+4]; st.global.f32 [%rd1], %f3; ret;)");
  CHECK(negated.writes.at(0).immediate_neg_inf);
  CHECK_FALSE(negated.writes.at(0).immediate_pos_inf);
  // max(-inf, x) returns -Inf only where x is -Inf, which is no constant of this kernel; +Inf
  // passes through.
  const auto maximum = profile_of_body(".param .u64 o, .param .u64 a", R"(
    ld.param.u64 %rd1, [o]; ld.param.u64 %rd2, [a]; ld.global.f32 %f1, [%rd2]; mov.f32 %f2, 0fFF800000;
    max.f32 %f3, %f2, %f1; st.global.f32 [%rd1], %f3; mov.f32 %f4, 0f7F800000; max.f32 %f5, %f4, %f1;
    st.global.f32 [%rd1+4], %f5; ret;)");
  REQUIRE(maximum.writes.size() == 1);  // two neighbours
  CHECK(maximum.writes[0].immediate_pos_inf);
  CHECK_FALSE(maximum.writes[0].immediate_neg_inf);
}
