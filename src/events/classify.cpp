// SPDX-License-Identifier: MIT
#include "events/classify.hpp"

#include <cxxabi.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace nonans::events {
namespace {

using namespace analyze;

const char* type_name(unsigned type) {
  switch (type) {
    case NN_F16:
      return "f16";
    case NN_BF16:
      return "bf16";
    case NN_F32:
      return "f32";
    case NN_F64:
      return "f64";
    case NN_E4M3:
      return "e4m3";
    case NN_E5M2:
      return "e5m2";
    default:
      return "unknown";
  }
}

// Sign, exponent and mantissa widths of the types that are not the host's own.
double small_float(uint64_t bits, int exponent_bits, int mantissa_bits, bool has_infinity) {
  const uint64_t mantissa = bits & ((1u << mantissa_bits) - 1);
  const uint64_t exponent = bits >> mantissa_bits & ((1u << exponent_bits) - 1);
  const bool negative = bits >> (exponent_bits + mantissa_bits) & 1;
  const uint64_t top = (1u << exponent_bits) - 1;
  const int bias = (1 << (exponent_bits - 1)) - 1;
  double value;
  if (exponent == top && has_infinity)
    value = mantissa ? NAN : INFINITY;
  else if (exponent == top && mantissa == (1u << mantissa_bits) - 1)
    value = NAN;
  else if (exponent == 0)
    value = std::ldexp(static_cast<double>(mantissa), 1 - bias - mantissa_bits);
  else
    value = std::ldexp(static_cast<double>(mantissa | 1u << mantissa_bits),
                       static_cast<int>(exponent) - bias - mantissa_bits);
  return negative ? -value : value;
}

double as_double(unsigned type, uint64_t bits) {
  switch (type) {
    case NN_F16:
      return small_float(bits, 5, 10, true);
    case NN_BF16:
      return small_float(bits, 8, 7, true);
    case NN_E5M2:
      return small_float(bits, 5, 2, true);
    case NN_E4M3:
      return small_float(bits, 4, 3, false);
    case NN_F32: {
      const auto narrow = static_cast<uint32_t>(bits);
      float value;
      std::memcpy(&value, &narrow, sizeof value);
      return static_cast<double>(value);
    }
    default: {
      double value;
      std::memcpy(&value, &bits, sizeof value);
      return value;
    }
  }
}

Origin origin_of(const nn_record& record) {
  switch (record.origin) {
    case NN_ORIGIN_HERE:
      return Origin::origin;
    case NN_ORIGIN_PROPAGATED:
      return Origin::propagated;
    case NN_ORIGIN_INTENDED:
      return Origin::intended;
    case NN_ORIGIN_RACED:
      return Origin::raced;
    default:
      return Origin::unknown;
  }
}

// Refused: the values were candidates, and a proof was missing. What was never a candidate, or has
// its cause elsewhere, was only observed.
void resolve_into(const nn_record& record, Event& event) {
  event.resolution = Resolution::refused;
  switch (record.resolution) {
    case NN_REPAIRED:
      event.resolution = Resolution::repaired;
      return;
    case NN_WOULD_REPAIR:
      event.resolution = Resolution::would_repair;
      return;
    case NN_REFUSED_UNPROVEN:
      event.reason =
          record.flags & NN_F16_WAITS
              ? "fp16, and no optimiser step has been seen yet: it may be a loss scaler's signal"
              : "it is not proven that the launch wrote exactly these values, of this type";
      return;
    case NN_REFUSED_OVERFLOW:
      event.reason =
          "more than " + std::to_string(NN_LIST_ENTRIES) + " values to repair in one launch";
      return;
    case NN_REFUSED_NO_LIST:
      event.reason =
          "more than " + std::to_string(NN_LISTS) + " launches had values to repair at once";
      return;
    case NN_REFUSED_FRACTION:
      event.reason = "more than one value in eight";
      return;
    case NN_REFUSED_ROW:
      event.reason = "a whole row without a finite value";
      return;
    default:
      break;
  }
  event.resolution = Resolution::observed;
  switch (record.resolution) {
    case NN_REFUSED_CLASS:
      event.reason = "left alone by the policy";
      return;
    case NN_REFUSED_LIMIT:
      event.reason = "counted only: too many such launches in this step";
      return;
    case NN_REFUSED_ORIGIN:
      event.reason = "left alone: the fault is not proven to be this launch's";
      return;
    default:
      return;
  }
}

uint64_t largest_finite(unsigned type) {
  switch (type) {
    case NN_F16:
      return 0x7bff;
    case NN_BF16:
      return 0x7f7f;
    case NN_F32:
      return 0x7f7fffff;
    case NN_F64:
      return 0x7fefffffffffffff;
    case NN_E4M3:
      return 0x7e;
    default:
      return 0x7b;
  }
}

// "65504"; with several classes "0 for NaN, 65504 for +Inf".
std::string fill_text(const nn_record& record) {
  struct {
    const char* name;
    uint64_t count;
    unsigned policy;
    bool intended;
  } const classes[] = {
      {"NaN", record.nan, record.policy & 3u, (record.flags & NN_INTENDED_NAN) != 0},
      {"+Inf", record.pos_inf, record.policy >> 2 & 3u, (record.flags & NN_INTENDED_POS) != 0},
      {"-Inf", record.neg_inf, record.policy >> 4 & 3u, (record.flags & NN_INTENDED_NEG) != 0},
  };
  std::string text;
  int named = 0;
  for (const auto& c : classes) {
    if (!c.count || c.policy == NN_KEEP || c.intended) continue;
    const bool infinite = c.name[1] == 'I';
    std::string fill = "0";
    if (c.policy == NN_SATURATE && infinite)
      fill = (c.name[0] == '-' ? "-" : "") + value_text(record.type, largest_finite(record.type));
    text += (named++ ? ", " : "") + fill + " for " + c.name;
  }
  return named == 1 ? value_text(record.type, record.fill_bits) : text;
}

Severity severity_of(const Event& event) {
  if (event.origin == Origin::intended) return Severity::info;
  return event.resolution == Resolution::refused ? Severity::error : Severity::warning;
}

}  // namespace

// IEEE 754 section 7: which operation signals what. With finite inputs an infinity comes from a
// pole (x/0, log 0, 1/√0) or from an overflow; a NaN from an invalid operation on what the kernel
// itself made. Hazards are a superset of what the kernel executes, so that a kind is only named
// when it is the only one they allow.
Kind kind_of(const nn_record& record, uint32_t hazards) {
  if (record.origin != NN_ORIGIN_HERE) return Kind::unknown;
  const bool poles = hazards & (kDivision | kRsqrt | kLog | kPow);
  const bool grows = hazards & (kExp | kPow | kAccumulate | kFloatAdd | kFloatMul);
  const bool narrows = hazards & kNarrowing;
  if (record.pos_inf || record.neg_inf) {
    if (poles && !grows && !narrows) return Kind::division_by_zero;
    if (!poles && grows) return Kind::overflow;  // narrowing or not: it grew past a largest value
    if (!poles && narrows) return Kind::narrowing_overflow;
    return Kind::unknown;
  }
  const bool domain = hazards & (kSqrt | kRsqrt | kLog | kPow | kTrig);
  const bool divides = hazards & kDivision;
  // e4m3 has no infinity: a conversion that overflows gives NaN.
  if (record.type == NN_E4M3 && narrows && !domain && !divides && !grows)
    return Kind::narrowing_overflow;
  if (record.type == NN_E4M3 && narrows) return Kind::unknown;
  if (divides && !domain && !grows) return Kind::zero_by_zero;
  if (domain && !divides && !grows) return Kind::invalid_argument;
  // Nothing else makes a NaN here: sums met infinities that products or sums had overflowed to.
  const bool adds = hazards & (kFloatAdd | kAccumulate);
  const bool multiplies = hazards & kFloatMul;
  if (!divides && !domain && !(hazards & kExp) && adds && !multiplies) return Kind::inf_minus_inf;
  if (!divides && !domain && !(hazards & kExp) && multiplies && !adds) return Kind::zero_times_inf;
  return Kind::unknown;
}

std::string value_text(unsigned type, uint64_t bits) {
  const double value = as_double(type, bits);
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[40];
  // Enough digits to tell a value of its type from the next, and none more: 65504, 3.40282347e+38.
  const int digits = type == NN_F64 ? 17 : type == NN_F32 ? 9 : 5;
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return text;
}

std::string demangle(const std::string& symbol) {
  int status = 0;
  char* text = symbol.starts_with("_Z")
                   ? abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status)
                   : nullptr;
  if (!text) return symbol;
  std::string name = text;
  std::free(text);
  return name;
}

KernelFacts facts_of(const KernelProfile& profile, unsigned param_index) {
  KernelFacts facts{.symbol = profile.name, .hazards = 0, .source = {}};
  bool listed = false;
  for (const Access& write : profile.writes) {
    if (write.param_index < 0 || static_cast<unsigned>(write.param_index) != param_index) continue;
    listed = true;
    facts.hazards |= write.hazards;
  }
  if (!listed) facts.hazards = profile.hazards;
  return facts;
}

Event event_of(const nn_record& record, const std::optional<KernelFacts>& facts) {
  Event event;
  event.step = record.step;
  event.launch = record.launch_id;
  event.kernel_symbol = facts ? facts->symbol : "kernel #" + std::to_string(record.kernel_id);
  event.kernel = demangle(event.kernel_symbol);
  event.arg = record.arg;
  event.type = type_name(record.type);
  event.kind = kind_of(record, facts ? facts->hazards : 0);
  event.origin = origin_of(record);
  resolve_into(record, event);
  event.severity = severity_of(event);
  event.nan = record.nan;
  event.pos_inf = record.pos_inf;
  event.neg_inf = record.neg_inf;
  event.repaired = record.repaired;
  event.elements = record.elements;
  event.first_index = record.first_index;
  event.first_address = record.first_address;
  event.first_value = value_text(record.type, record.first_bits);
  if (event.resolution == Resolution::repaired || event.resolution == Resolution::would_repair)
    event.fill = fill_text(record);
  for (int arg = 0; arg < 64; ++arg)
    if (record.dirty_args >> arg & 1) event.dirty_inputs.push_back(arg);
  event.captured = record.replay != 0;
  event.replay = record.replay;
  if (facts) event.source = facts->source;
  return event;
}

}  // namespace nonans::events
