// SPDX-License-Identifier: MIT
#include "compare.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

namespace conformance {
namespace {

using Span = std::span<const unsigned char>;

std::string hex(Span bytes) {
  std::string text = "0x";
  for (size_t i = bytes.size(); i > 0; --i) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", bytes[i - 1]);
    text += digits;
  }
  return text;
}

// Shows the aligned word of 8 bytes around the first difference.
std::string exact(Span got, Span expected) {
  if (expected.empty()) return "";
  if (got.size() != expected.size()) return "sizes differ";
  const auto at = std::mismatch(got.begin(), got.end(), expected.begin());
  if (at.first == got.end()) return "";
  const auto byte = static_cast<size_t>(at.first - got.begin());
  const size_t first = byte / 8 * 8, size = std::min<size_t>(8, got.size() - first);
  return "at byte " + std::to_string(byte) + " (word " + std::to_string(byte / 4) + "): got " +
         hex(got.subspan(first, size)) + ", expected " + hex(expected.subspan(first, size)) +
         " at byte " + std::to_string(first);
}

struct Kind {
  const char* name;
  size_t bytes;
  int mantissa_bits, exponent_bits;
};
constexpr Kind kKinds[] = {
    {"f16", 2, 10, 5}, {"bf16", 2, 7, 8}, {"f32", 4, 23, 8}, {"f64", 8, 52, 11}};

double decode(const unsigned char* bytes, const Kind& kind) {
  uint64_t bits = 0;
  std::memcpy(&bits, bytes, kind.bytes);
  if (kind.bytes == 8) return std::bit_cast<double>(bits);
  if (kind.bytes == 4) return std::bit_cast<float>(static_cast<uint32_t>(bits));
  const uint64_t fraction = bits & ((uint64_t{1} << kind.mantissa_bits) - 1);
  const auto exponent =
      static_cast<int>((bits >> kind.mantissa_bits) & ((uint64_t{1} << kind.exponent_bits) - 1));
  const int bias = (1 << (kind.exponent_bits - 1)) - 1;
  double value = 0;
  if (exponent == (1 << kind.exponent_bits) - 1) {
    value = fraction == 0 ? INFINITY : NAN;
  } else if (exponent == 0) {
    value = std::ldexp(static_cast<double>(fraction), 1 - bias - kind.mantissa_bits);
  } else {
    value = std::ldexp(1.0 + std::ldexp(static_cast<double>(fraction), -kind.mantissa_bits),
                       exponent - bias);
  }
  return (bits >> (kind.bytes * 8 - 1)) != 0 ? -value : value;
}

// The distance of neighbouring values of `kind` at `x`.
double ulp_at(double x, const Kind& kind) {
  const int least = 2 - (1 << (kind.exponent_bits - 1));
  const int exponent = x == 0 ? least : std::max(std::ilogb(x), least);
  return std::ldexp(1.0, exponent - kind.mantissa_bits);
}

std::string near(const nlohmann::json& rule, Span got, Span expected) {
  const std::string name = rule["kind"];
  const Kind* kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const Kind& k) { return k.name == name; });
  if (kind == std::end(kKinds)) return "unknown kind " + name;
  const size_t count = got.size() / kind->bytes;
  if (expected.size() != count * sizeof(double)) return "sizes differ";
  const double ulp = rule["ulp"], rel = rule["rel"], abs = rule["abs"];
  for (size_t i = 0; i < count; ++i) {
    const double value = decode(got.data() + i * kind->bytes, *kind);
    double wanted = 0;
    std::memcpy(&wanted, expected.data() + i * sizeof wanted, sizeof wanted);
    bool good = false;
    if (std::isnan(wanted)) {
      good = std::isnan(value);
    } else if (std::isinf(wanted) || std::isinf(value)) {
      good = value == wanted;
    } else if (wanted == 0 && abs == 0) {
      good = value == 0 && std::signbit(value) == std::signbit(wanted);
    } else {
      const double allowed = abs + rel * std::fabs(wanted) + ulp * ulp_at(wanted, *kind);
      good = std::fabs(value - wanted) <= allowed;
    }
    if (!good) {
      char text[160];
      std::snprintf(text, sizeof text, "element %zu: got %.17g, expected about %.17g", i, value,
                    wanted);
      return text;
    }
  }
  return "";
}

// Byte for byte, but a NaN of `kind` may have any payload.
std::string exact_or_nan(const std::string& name, Span got, Span expected) {
  const Kind* kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const Kind& k) { return k.name == name; });
  if (kind == std::end(kKinds)) return "unknown kind " + name;
  if (got.size() != expected.size()) return "sizes differ";
  for (size_t at = 0; at + kind->bytes <= got.size(); at += kind->bytes) {
    const Span g = got.subspan(at, kind->bytes), e = expected.subspan(at, kind->bytes);
    if (std::equal(g.begin(), g.end(), e.begin())) continue;
    if (std::isnan(decode(g.data(), *kind)) && std::isnan(decode(e.data(), *kind))) continue;
    return "element " + std::to_string(at / kind->bytes) + ": got " + hex(g) + ", expected " +
           hex(e);
  }
  return "";
}

std::string multiset(size_t size, Span got, Span expected) {
  if (got.size() != expected.size()) return "sizes differ";
  const auto sorted = [size](Span bytes) {
    std::vector<std::string> all;
    for (size_t i = 0; i + size <= bytes.size(); i += size) {
      all.emplace_back(reinterpret_cast<const char*>(bytes.data()) + i, size);
    }
    std::sort(all.begin(), all.end());
    return all;
  };
  return sorted(got) == sorted(expected) ? "" : "not the same elements";
}

std::string any_of(size_t size, Span got, Span expected) {
  for (size_t i = 0; i + size <= expected.size(); i += size) {
    if (exact(got, expected.subspan(i, size)).empty()) return "";
  }
  return "none of the possible results; against the first: " + exact(got, expected.first(size));
}

}  // namespace

std::string difference(const nlohmann::json& rule, Span got, Span expected) {
  if (rule.is_string()) return exact(got, expected);
  if (rule.contains("any_nan")) return exact_or_nan(rule["any_nan"], got, expected);
  if (rule.contains("multiset")) return multiset(rule["multiset"], got, expected);
  if (rule.contains("any_of")) return any_of(rule["any_of"], got, expected);
  return near(rule, got, expected);
}

}  // namespace conformance
