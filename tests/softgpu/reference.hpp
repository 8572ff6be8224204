// SPDX-License-Identifier: MIT
// Independent references for the arithmetic tests: values that matter, IEEE arithmetic of the host
// under a rounding mode, exact decoding of small formats.
#pragma once

#include <bit>
#include <cfenv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace softgpu::test {

// Zeros, subnormals, the edges of the normal range, ties, infinities, NaNs; then random bit
// patterns.
inline std::vector<uint32_t> interesting_f32(size_t random = 2000) {
  std::vector<uint32_t> bits = {
      0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007fffff, 0x807fffff, 0x00800000,
      0x80800000, 0x00800001, 0x3f800000, 0xbf800000, 0x3f800001, 0x3f7fffff, 0x40000000,
      0x3f000000, 0x3effffff, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000,
      0xffc00001, 0x7f800001, 0x4b000001, 0x4b800000, 0x5f000000, 0x4f000000, 0xcf000000,
      0x33800000, 0x33000000, 0x477fe000, 0x477ff000, 0x477fefff, 0x38800000, 0x387fffff,
      0x33000001, 0x43e00000, 0x43e80000, 0x47600000, 0x47800000};
  std::mt19937 generator(20240607);
  for (size_t i = 0; i < random; ++i) bits.push_back(static_cast<uint32_t>(generator()));
  // Half of them near 1, where rounding is at work in every bit.
  for (size_t i = 0; i < random; ++i) {
    bits.push_back((static_cast<uint32_t>(generator()) & 0x83ffffffU) | 0x3c000000U);
  }
  return bits;
}
inline std::vector<uint64_t> interesting_f64(size_t random = 1000) {
  std::vector<uint64_t> bits;
  for (double x : {0.0,
                   -0.0,
                   1.0,
                   -1.0,
                   1.5,
                   0x1p-1074,
                   -0x1p-1074,
                   0x1p-1022,
                   0x1.fffffffffffffp1023,
                   -0x1.fffffffffffffp1023,
                   0x1p53,
                   0x1p-126,
                   0x1p-149,
                   0x1p-150,
                   65504.0,
                   65520.0,
                   std::numeric_limits<double>::infinity(),
                   -std::numeric_limits<double>::infinity(),
                   4294967295.5,
                   2147483648.0,
                   -2147483649.0,
                   0x1p63,
                   0x1p64}) {
    bits.push_back(std::bit_cast<uint64_t>(x));
  }
  bits.push_back(0x7ff8000000000000ULL);
  std::mt19937_64 generator(7);
  for (size_t i = 0; i < random; ++i) bits.push_back(generator());
  for (size_t i = 0; i < random; ++i) {
    bits.push_back((generator() & 0x803fffffffffffffULL) | 0x3fc0000000000000ULL);
  }
  return bits;
}
inline std::vector<uint32_t> interesting_u32(size_t random = 2000) {
  std::vector<uint32_t> bits = {
      0,        1,        2,        3,          31,         32,         33,         63,
      64,       0x7f,     0x80,     0xff,       0x7fff,     0x8000,     0xffff,     0x10000,
      0x7fffff, 0x800000, 0xffffff, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff};
  std::mt19937 generator(99);
  for (size_t i = 0; i < random; ++i) bits.push_back(static_cast<uint32_t>(generator()));
  for (size_t i = 0; i < random / 2; ++i) {
    bits.push_back(static_cast<uint32_t>(generator()) >> (generator() % 32));
  }
  return bits;
}

class RoundingMode {
 public:
  explicit RoundingMode(int mode) : before_(std::fegetround()) { std::fesetround(mode); }
  ~RoundingMode() { std::fesetround(before_); }
  RoundingMode(const RoundingMode&) = delete;
  RoundingMode& operator=(const RoundingMode&) = delete;

 private:
  int before_;
};

inline float flush(float x) {
  return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign(0.0F, x) : x;
}

// The value of a binary format with the given fields; what a format calls infinity and NaN is the
// caller's business.
inline double decode(uint32_t code, int exponent_bits, int mantissa_bits) {
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const uint32_t mantissa = code & ((1U << mantissa_bits) - 1);
  const uint32_t exponent = (code >> mantissa_bits) & ((1U << exponent_bits) - 1);
  const bool negative = ((code >> (mantissa_bits + exponent_bits)) & 1U) != 0;
  const double magnitude = exponent == 0
                               ? std::ldexp(mantissa, 1 - bias - mantissa_bits)
                               : std::ldexp(mantissa + (1U << mantissa_bits),
                                            static_cast<int>(exponent) - bias - mantissa_bits);
  return negative ? -magnitude : magnitude;
}

// The code nearest to x among all finite codes of the format (ties to the even code), by search:
// slow and obvious. `largest`: the largest finite code. Beyond it: `overflow` when the value rounds
// past it, decided as if the format went on.
inline uint32_t nearest_code(double x, int exponent_bits, int mantissa_bits, uint32_t largest,
                             uint32_t overflow) {
  const uint32_t sign = std::signbit(x) ? 1U << (exponent_bits + mantissa_bits) : 0;
  const double m = std::fabs(x);
  uint32_t low = 0, high = largest;  // codes count up with their values
  while (high - low > 1) {
    const uint32_t middle = (low + high) / 2;
    (decode(middle, exponent_bits, mantissa_bits) <= m ? low : high) = middle;
  }
  const double below = decode(low, exponent_bits, mantissa_bits),
               above = decode(high, exponent_bits, mantissa_bits);
  if (m >= above) {
    const double step = above - below;
    return sign | (m - above >= step / 2 ? overflow : high);
  }
  const double to_low = m - below, to_high = above - m;  // exact: all have few bits
  if (to_low != to_high) return sign | (to_low < to_high ? low : high);
  return sign | ((low & 1U) == 0 ? low : high);
}

}  // namespace softgpu::test
