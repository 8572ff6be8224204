// SPDX-License-Identifier: MIT
#include "conversion_reference.hpp"

#include <array>
#include <bit>
#include <iterator>
#include <utility>

// Everything below is compiled for each pair of kinds, so that their widths are constants: billions
// of values are converted.
#define CONFORMANCE_INLINE [[gnu::always_inline]] inline

namespace conformance {
namespace {

struct KindInfo {
  const char* name;
  unsigned bits;
  int exponent_bits, mantissa_bits;  // 0: an integer
  bool is_signed, infinity;
  uint64_t nan;
};
constexpr KindInfo kKinds[] = {
    {"u8", 8, 0, 0, false, false, 0},
    {"u16", 16, 0, 0, false, false, 0},
    {"u32", 32, 0, 0, false, false, 0},
    {"u64", 64, 0, 0, false, false, 0},
    {"s8", 8, 0, 0, true, false, 0},
    {"s16", 16, 0, 0, true, false, 0},
    {"s32", 32, 0, 0, true, false, 0},
    {"s64", 64, 0, 0, true, false, 0},
    {"f16", 16, 5, 10, true, true, 0x7fff},
    {"bf16", 16, 8, 7, true, true, 0x7fff},
    {"f32", 32, 8, 23, true, true, 0x7fffffff},
    {"f64", 64, 11, 52, true, true, 0x7ff8000000000000},
    {"tf32", 19, 8, 10, true, true, 0x3ffff},
    {"e4m3", 8, 4, 3, true, false, 0x7f},
    {"e5m2", 8, 5, 2, true, true, 0x7f},
};
constexpr const KindInfo& info(Kind kind) {
  return kKinds[static_cast<unsigned>(kind)];
}
constexpr uint64_t low_bits(unsigned count) {
  return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}

// The code of the largest finite magnitude: below infinity, or below the only NaN.
constexpr uint64_t largest(const KindInfo& k) {
  const uint64_t top = low_bits(static_cast<unsigned>(k.exponent_bits)) << k.mantissa_bits;
  return k.infinity ? top - 1 : k.nan - 1;
}

struct Value {
  enum Class : uint8_t { finite, infinite, nan } kind = finite;
  bool negative = false;
  uint64_t m = 0;  // m * 2^e
  int e = 0;
};

CONFORMANCE_INLINE Value take_apart(const KindInfo& k, uint64_t code, bool flush) {
  Value v;
  code &= low_bits(k.bits);
  if (k.exponent_bits == 0) {
    v.negative = k.is_signed && (code >> (k.bits - 1)) != 0;
    v.m = v.negative ? (0 - code) & low_bits(k.bits) : code;
    return v;
  }
  v.negative = (code >> (k.bits - 1)) != 0;
  const uint64_t magnitude = code & low_bits(k.bits - 1);
  if (magnitude > largest(k)) {
    const bool infinite = k.infinity && magnitude == largest(k) + 1;
    v.kind = infinite ? Value::infinite : Value::nan;
    return v;
  }
  const auto exponent = static_cast<int>(magnitude >> k.mantissa_bits);
  v.m = magnitude & low_bits(static_cast<unsigned>(k.mantissa_bits));
  if (exponent != 0) {
    v.m |= uint64_t{1} << k.mantissa_bits;
  } else if (flush) {
    v.m = 0;
  }
  v.e = (exponent == 0 ? 1 : exponent) - ((1 << (k.exponent_bits - 1)) - 1) - k.mantissa_bits;
  return v;
}

// m * 2^-shift as an integer; shift may be negative as long as nothing is lost.
CONFORMANCE_INLINE uint64_t rounded_shift(uint64_t m, int shift, Rounding mode, bool negative) {
  if (shift <= 0) return m << -shift;
  uint64_t whole = 0;
  bool above_half = false, half = false, rest = false;
  if (shift > 64) {
    rest = m != 0;
  } else {
    whole = shift == 64 ? 0 : m >> shift;
    const uint64_t cut = m & low_bits(static_cast<unsigned>(shift));
    const uint64_t middle = uint64_t{1} << (shift - 1);
    rest = cut != 0;
    half = cut == middle;
    above_half = cut > middle;
  }
  bool up = false;
  switch (mode) {
    case Rounding::rn:
      up = above_half || (half && (whole & 1) != 0);
      break;
    case Rounding::rna:
      up = above_half || half;
      break;
    case Rounding::rm:
      up = rest && negative;
      break;
    case Rounding::rp:
      up = rest && !negative;
      break;
    case Rounding::rz:
      break;
  }
  return whole + (up ? 1 : 0);
}

// The magnitude's code in a float format; `finite` puts the largest number in place of an overflow.
CONFORMANCE_INLINE uint64_t put_together(const KindInfo& k, const Value& v, Rounding mode,
                                         bool finite) {
  if (v.m == 0) return 0;
  const int least = 2 - (1 << (k.exponent_bits - 1));
  const int exponent = 63 - std::countl_zero(v.m) + v.e;
  const int used = exponent > least ? exponent : least;
  const uint64_t n = rounded_shift(v.m, used - k.mantissa_bits - v.e, mode, v.negative);
  // n holds the implicit one, which counts one exponent too many; a carry out of it is right too.
  const uint64_t code = n + (static_cast<uint64_t>(used - least) << k.mantissa_bits);
  if (code <= largest(k)) return code;
  const bool away = mode == Rounding::rn || mode == Rounding::rna ||
                    (mode == Rounding::rm && v.negative) || (mode == Rounding::rp && !v.negative);
  return away && k.infinity && !finite ? largest(k) + 1 : largest(k);
}

CONFORMANCE_INLINE uint64_t to_integer(const KindInfo& k, const KindInfo& from, const Value& v,
                                       Rounding mode) {
  if (v.kind == Value::nan) {
    return k.bits == 64 || from.bits == 64 ? uint64_t{1} << (k.bits - 1) : 0;
  }
  const uint64_t highest = low_bits(k.is_signed ? k.bits - 1 : k.bits);
  const uint64_t lowest = k.is_signed ? highest + 1 : 0;  // its magnitude
  const uint64_t limit = v.negative ? lowest : highest;
  uint64_t magnitude = limit;
  if (v.kind == Value::finite) {
    const bool too_large = v.m != 0 && 63 - std::countl_zero(v.m) + v.e >= 64;
    if (!too_large) magnitude = rounded_shift(v.m, -v.e, mode, v.negative);
    if (magnitude > limit) magnitude = limit;
  }
  return (v.negative ? 0 - magnitude : magnitude) & low_bits(k.bits);
}

// Without .sat an integer keeps its low bits, extended by its own sign.
CONFORMANCE_INLINE uint64_t extended(const KindInfo& from, const KindInfo& to, uint64_t code) {
  const Value v = take_apart(from, code, false);
  return (v.negative ? 0 - v.m : v.m) & low_bits(to.bits);
}

template <Kind From, Kind To>
Expected convert(const Conversion& c, uint64_t source) {
  constexpr KindInfo from = info(From), to = info(To);
  Value v = take_apart(from, source, c.ftz && From == Kind::f32);
  if constexpr (to.exponent_bits == 0) {
    if (from.exponent_bits == 0 && !c.sat) return {extended(from, to, source), Match::exact};
    return {to_integer(to, from, v, c.rounding), Match::exact};
  }
  if (c.integral && v.kind == Value::finite) {
    // A value with e >= 0 is an integer already.
    if (v.e < 0) {
      v.m = rounded_shift(v.m, -v.e, c.rounding, v.negative);
      v.e = 0;
    }
  }
  const uint64_t sign = v.negative ? uint64_t{1} << (to.bits - 1) : 0;
  if (v.kind == Value::nan) {
    if (c.sat) return {0, Match::exact};
    return {to.nan,
            To == Kind::f32 || To == Kind::f64 || From == To ? Match::any_nan : Match::exact};
  }
  uint64_t magnitude = 0;
  if (v.kind == Value::infinite) {
    magnitude = to.infinity && !c.satfinite ? largest(to) + 1 : largest(to);
  } else {
    magnitude = put_together(to, v, c.rounding, c.satfinite);
  }
  if (c.ftz && To == Kind::f32) {
    const uint64_t normal = uint64_t{1} << to.mantissa_bits;
    if (magnitude == normal && put_together(to, v, Rounding::rz, false) < normal) {
      return {0, Match::skip};
    }
    if (magnitude < normal) magnitude = 0;
  }
  if ((c.sat || c.relu) && v.negative) {
    return {0, magnitude == 0 ? Match::either_zero : Match::exact};
  }
  if (c.sat) {
    const uint64_t one = low_bits(static_cast<unsigned>(to.exponent_bits - 1)) << to.mantissa_bits;
    if (magnitude > one) magnitude = one;
  }
  return {sign | magnitude, Match::exact};
}

using Converter = Expected (*)(const Conversion&, uint64_t);
constexpr size_t kCount = std::size(kKinds);
template <size_t... I>
constexpr std::array<Converter, kCount * kCount> converters(std::index_sequence<I...>) {
  return {&convert<static_cast<Kind>(I / kCount), static_cast<Kind>(I % kCount)>...};
}
constexpr auto kConverters = converters(std::make_index_sequence<kCount * kCount>());

}  // namespace

unsigned bits_of(Kind kind) {
  return info(kind).bits;
}
bool is_integer(Kind kind) {
  return info(kind).exponent_bits == 0;
}
bool is_signed(Kind kind) {
  return info(kind).is_signed;
}
const char* name_of(Kind kind) {
  return info(kind).name;
}

Expected expected(const Conversion& c, uint64_t source) {
  return kConverters[static_cast<size_t>(c.from) * kCount + static_cast<size_t>(c.to)](c, source);
}

bool agrees(const Conversion& c, uint64_t source, uint64_t got) {
  const Expected want = expected(c, source);
  switch (want.match) {
    case Match::exact:
      return got == want.bits;
    case Match::any_nan:
      return take_apart(info(c.to), got, false).kind == Value::nan;
    case Match::either_zero:
      return (got & low_bits(info(c.to).bits - 1)) == 0;
    case Match::skip:
      return true;
  }
  return false;
}

}  // namespace conformance
