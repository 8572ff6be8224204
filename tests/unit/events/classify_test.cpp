// SPDX-License-Identifier: MIT
#include "events/classify.hpp"

#include <cstring>

#include "support/catch.hpp"

using namespace nonans::events;
namespace analyze = nonans::analyze;

namespace {

nn_record record_of(unsigned type, unsigned origin, unsigned resolution) {
  nn_record r{};
  r.launch_id = 7;
  r.step = 2;
  r.arg = 4;
  r.type = static_cast<nn_u8>(type);
  r.origin = static_cast<nn_u8>(origin);
  r.resolution = static_cast<nn_u8>(resolution);
  r.policy = NN_ZERO | NN_SATURATE << 2 | NN_KEEP << 4;
  r.elements = 100;
  return r;
}

Kind kind(unsigned type, bool nan, bool inf, uint32_t hazards, unsigned origin = NN_ORIGIN_HERE) {
  nn_record r = record_of(type, origin, NN_REPAIRED);
  r.nan = nan;
  r.pos_inf = inf;
  return kind_of(r, hazards);
}

}  // namespace

TEST_CASE("kind: named when the hazards leave one cause, unknown when they leave two") {
  using namespace analyze;
  const bool nan = true, inf = true;
  CHECK(kind(NN_F32, 0, inf, kDivision) == Kind::division_by_zero);
  CHECK(kind(NN_F32, 0, inf, kLog) ==
        Kind::division_by_zero);  // log(0): IEEE 754 9.2.1 divideByZero
  CHECK(kind(NN_F16, 0, inf, kAccumulate | kNarrowing) == Kind::overflow);
  CHECK(kind(NN_F32, 0, inf, kExp) == Kind::overflow);
  CHECK(kind(NN_F16, 0, inf, kNarrowing) == Kind::narrowing_overflow);
  CHECK(kind(NN_F32, 0, inf, kDivision | kExp) == Kind::unknown);
  CHECK(kind(NN_F32, 0, inf, kPow) == Kind::unknown);  // pow overflows and has poles
  CHECK(kind(NN_F32, nan, 0, kDivision) == Kind::zero_by_zero);
  CHECK(kind(NN_F32, nan, 0, kSqrt) == Kind::invalid_argument);
  CHECK(kind(NN_F32, nan, 0, kLog) == Kind::invalid_argument);
  CHECK(kind(NN_F32, nan, 0, kFloatAdd) == Kind::inf_minus_inf);
  CHECK(kind(NN_F32, nan, 0, kFloatMul) == Kind::zero_times_inf);
  CHECK(kind(NN_F32, nan, 0, kFloatAdd | kFloatMul) == Kind::unknown);
  CHECK(kind(NN_F32, nan, 0, kDivision | kSqrt) == Kind::unknown);
  CHECK(kind(NN_E4M3, nan, 0, kNarrowing) == Kind::narrowing_overflow);  // e4m3 has no infinity
  CHECK(kind(NN_F32, nan, 0, 0) == Kind::unknown);
  CHECK(kind(NN_F32, 0, inf, 0) == Kind::unknown);
}

TEST_CASE("kind: of what came from elsewhere nothing is known") {
  for (const unsigned origin :
       {NN_ORIGIN_UNKNOWN, NN_ORIGIN_PROPAGATED, NN_ORIGIN_INTENDED, NN_ORIGIN_RACED})
    CHECK(kind(NN_F32, false, true, analyze::kDivision, origin) == Kind::unknown);
}

TEST_CASE("classify: a repaired overflow") {
  nn_record r = record_of(NN_F16, NN_ORIGIN_HERE, NN_REPAIRED);
  r.pos_inf = r.repaired = 3;
  r.first_bits = 0x7c00;
  r.fill_bits = 0x7bff;
  const Event e = event_of(r, KernelFacts{"_Z4gemmPK6__halfPS_i", analyze::kAccumulate, "a.cu:3"});
  CHECK(e.kernel == "gemm(__half const*, __half*, int)");
  CHECK(e.kernel_symbol == "_Z4gemmPK6__halfPS_i");
  CHECK(e.step == 2);
  CHECK(e.launch == 7);
  CHECK(e.arg == 4);
  CHECK(e.type == "f16");
  CHECK(e.kind == Kind::overflow);
  CHECK(e.severity == Severity::warning);
  CHECK(e.origin == Origin::origin);
  CHECK(e.resolution == Resolution::repaired);
  CHECK(e.first_value == "+Inf");
  CHECK(e.fill == "65504");
  CHECK(e.source == "a.cu:3");
  CHECK_FALSE(e.captured);
}

TEST_CASE("classify: several classes name what each became") {
  nn_record r = record_of(NN_BF16, NN_ORIGIN_HERE, NN_WOULD_REPAIR);
  r.nan = 1;
  r.pos_inf = 2;
  r.neg_inf = 4;
  CHECK(event_of(r, {}).fill == "0 for NaN, 3.3895e+38 for +Inf");
  r.policy = NN_ZERO | NN_SATURATE << 2 | NN_SATURATE << 4;
  CHECK(event_of(r, {}).fill == "0 for NaN, 3.3895e+38 for +Inf, -3.3895e+38 for -Inf");
}

TEST_CASE("classify: refused is an error, observed a warning, intended information") {
  const auto severity = [](unsigned origin, unsigned resolution) {
    return event_of(record_of(NN_F32, origin, resolution), {}).severity;
  };
  CHECK(severity(NN_ORIGIN_HERE, NN_REFUSED_UNPROVEN) == Severity::error);
  CHECK(severity(NN_ORIGIN_HERE, NN_REFUSED_OVERFLOW) == Severity::error);
  CHECK(severity(NN_ORIGIN_HERE, NN_REFUSED_FRACTION) == Severity::error);
  CHECK(severity(NN_ORIGIN_HERE, NN_REFUSED_ROW) == Severity::error);
  CHECK(severity(NN_ORIGIN_HERE, NN_REFUSED_CLASS) == Severity::warning);
  CHECK(severity(NN_ORIGIN_PROPAGATED, NN_REFUSED_ORIGIN) == Severity::warning);
  CHECK(severity(NN_ORIGIN_INTENDED, NN_OBSERVED) == Severity::info);
  for (const unsigned resolution :
       {NN_REFUSED_UNPROVEN, NN_REFUSED_OVERFLOW, NN_REFUSED_FRACTION, NN_REFUSED_ROW,
        NN_REFUSED_ORIGIN, NN_REFUSED_CLASS, NN_REFUSED_LIMIT})
    CHECK_FALSE(event_of(record_of(NN_F32, NN_ORIGIN_HERE, resolution), {}).reason.empty());
}

TEST_CASE("classify: fp16 that waits for a first optimiser step is not called unproven") {
  nn_record r = record_of(NN_F16, NN_ORIGIN_HERE, NN_REFUSED_UNPROVEN);
  CHECK(event_of(r, {}).reason.find("not proven") != std::string::npos);
  r.flags = NN_F16_WAITS;
  const std::string reason = event_of(r, {}).reason;
  CHECK(reason.find("not proven") == std::string::npos);
  CHECK(reason.find("no optimiser step") != std::string::npos);
}

TEST_CASE("classify: a record full of nonsense reads as unknown") {
  nn_record r;
  std::memset(&r, 0xff, sizeof r);
  const Event e = event_of(r, std::nullopt);
  CHECK(e.kernel == "kernel #4294967295");
  CHECK(e.type == "unknown");
  CHECK(e.kind == Kind::unknown);
  CHECK(e.origin == Origin::unknown);
  CHECK(e.resolution == Resolution::observed);
  CHECK(e.dirty_inputs.size() == 64);
  CHECK_FALSE(to_sentence(e).empty());
  Event back;
  std::string error;
  CHECK(from_json_line(to_json_line(e), back, error));
}

TEST_CASE("classify: values of every type in words") {
  // Patterns from IEEE 754 (f16, f32, f64), and the OCP 8-bit floating point specification 1.0
  // (e4m3, e5m2).
  CHECK(value_text(NN_F16, 0x7bff) == "65504");
  CHECK(value_text(NN_F16, 0xfbff) == "-65504");
  CHECK(value_text(NN_F16, 0x0001) == "5.9605e-08");
  CHECK(value_text(NN_F16, 0xfc00) == "-Inf");
  CHECK(value_text(NN_F16, 0x7c01) == "NaN");
  CHECK(value_text(NN_BF16, 0x3f80) == "1");
  CHECK(value_text(NN_BF16, 0x7f80) == "+Inf");
  CHECK(value_text(NN_F32, 0x7f7fffff) == "3.40282347e+38");
  CHECK(value_text(NN_F64, 0x7fefffffffffffff) == "1.7976931348623157e+308");
  CHECK(value_text(NN_E4M3, 0x7e) == "448");
  CHECK(value_text(NN_E4M3, 0x7f) == "NaN");
  CHECK(value_text(NN_E4M3, 0x78) == "256");
  CHECK(value_text(NN_E5M2, 0x7b) == "57344");
  CHECK(value_text(NN_E5M2, 0x7c) == "+Inf");
  CHECK(value_text(NN_E5M2, 0xfd) == "NaN");
}

TEST_CASE("classify: hazards of an argument are those of its own stores") {
  analyze::KernelProfile profile;
  profile.name = "k";
  profile.hazards = analyze::kExp | analyze::kDivision;
  analyze::Access a, b;
  a.param_index = b.param_index = 1;
  a.hazards = analyze::kExp;
  b.hazards = analyze::kFloatAdd;
  profile.writes = {a, b};
  CHECK(facts_of(profile, 1).hazards == (analyze::kExp | analyze::kFloatAdd));
  CHECK(facts_of(profile, 3).hazards == profile.hazards);
  CHECK(facts_of(profile, 1).symbol == "k");
}
