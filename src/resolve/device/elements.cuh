// SPDX-License-Identifier: MIT
// The floating-point types, told apart by three masks each, and the test of sixteen bytes at once.
//
// IEEE 754 puts sign, exponent and mantissa in that order, and a value is NaN or infinite exactly
// when every exponent bit is set. Mask the exponent out and add its lowest bit: the sum reaches the
// sign's place if and only if all were set, and goes no further, so that no carry runs into a
// neighbour. Four e5m2, two f16 or bf16, one f32 per 32-bit word:
//
//   f16   0x7c00 & 0x7c00 = 0x7c00   + 0x0400 = 0x8000   hit        (65,504 is 0x7bff: 0x7800 +
//   0x0400 = 0x7c00, no hit)
//
// An f64 is judged by its high word alone. e4m3 (the "fn" kind) has no infinity and one NaN
// pattern, 0x7f with either sign: the same test with exponent and mantissa taken together. The
// largest finite value of each type is the pattern below the first non-finite one.
#pragma once

#include "resolve/scan_abi.h"

#if !defined(NONANS_HOST_DEVICE)
#include "resolve/device/sync.cuh"
#endif

namespace nonans_device {

enum { kFinite = 0, kNan = 1, kPosInf = 2, kNegInf = 3 };

struct Format {
  nn_u64 exponent;  // all set = not finite
  nn_u64 mantissa;  // any set, then = NaN
  nn_u64 sign;
  nn_u32 log2_size;
  nn_u32 known;  // 0: not a type we can judge
};

__device__ inline Format format_of(nn_u32 type) {
  switch (type) {
    case NN_F16:
      return {0x7c00, 0x03ff, 0x8000, 1, 1};
    case NN_BF16:
      return {0x7f80, 0x007f, 0x8000, 1, 1};
    case NN_F32:
      return {0x7f800000, 0x007fffff, 0x80000000, 2, 1};
    case NN_F64:
      return {0x7ff0000000000000, 0x000fffffffffffff, 0x8000000000000000, 3, 1};
    case NN_E4M3:
      return {0x7f, 0x7f, 0x80, 0, 1};
    case NN_E5M2:
      return {0x7c, 0x03, 0x80, 0, 1};
    default:
      return {0, 0, 0, 0, 0};
  }
}

__device__ inline nn_u32 classify(const Format& format, nn_u64 bits) {
  if ((bits & format.exponent) != format.exponent) return kFinite;
  if (bits & format.mantissa) return kNan;
  return bits & format.sign ? kNegInf : kPosInf;
}

// NaN has neither sign nor size: saturating it gives zero.
__device__ inline nn_u64 fill_for(const Format& format, nn_u32 value_class, nn_u32 policy) {
  if (policy != NN_SATURATE || value_class == kNan) return 0;
  return (format.exponent - 1) | (value_class == kNegInf ? format.sign : 0);
}

// The test for the four words of a chunk. Even words of an f64 are low halves: nothing is added
// there, so that they never reach the sign's place.
struct Packed {
  nn_u32 mask, add_even, add_odd, hit;
};

__device__ inline nn_u32 replicate(nn_u64 pattern, nn_u32 log2_size) {
  if (log2_size == 0) return (nn_u32)pattern * 0x01010101u;
  if (log2_size == 1) return (nn_u32)pattern * 0x00010001u;
  if (log2_size == 2) return (nn_u32)pattern;
  return (nn_u32)(pattern >> 32);
}

__device__ inline Packed packed_of(const Format& format) {
  const nn_u64 lowest = format.exponent & (~format.exponent + 1);
  const nn_u32 add = replicate(lowest, format.log2_size);
  return {replicate(format.exponent, format.log2_size), format.log2_size == 3 ? 0u : add, add,
          replicate(format.sign, format.log2_size)};
}

__device__ inline bool is_dirty(const Packed& p, const Words& words) {
  const nn_u32 sums = ((words.w[0] & p.mask) + p.add_even) | ((words.w[1] & p.mask) + p.add_odd) |
                      ((words.w[2] & p.mask) + p.add_even) | ((words.w[3] & p.mask) + p.add_odd);
  return (sums & p.hit) != 0;
}

// Element `k` of a chunk. Selects, not an indexed array: that would be local memory.
__device__ inline nn_u64 element_of(const Words& words, nn_u32 k, nn_u32 log2_size) {
  const nn_u32 byte = k << log2_size;
  const nn_u32 index = byte >> 2;
  const nn_u32 low = index == 0   ? words.w[0]
                     : index == 1 ? words.w[1]
                     : index == 2 ? words.w[2]
                                  : words.w[3];
  if (log2_size == 3) return (nn_u64)(index == 0 ? words.w[1] : words.w[3]) << 32 | low;
  const nn_u32 bits = 8u << log2_size;
  const nn_u32 shifted = low >> ((byte & 3) * 8);
  return bits == 32 ? shifted : shifted & ((1u << bits) - 1);
}

}  // namespace nonans_device
