// SPDX-License-Identifier: MIT
// Is a float parameter finite? Reads the bits (IEEE 754; OCP 8-bit formats): the host need not have
// the type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "analyze/profile.hpp"

namespace nonans::resolve {

enum class FloatClass : uint8_t { finite, nan, pos_inf, neg_inf };

// The class of the value of `type` at `offset` of an argument block; finite for what is no float or
// beyond the end.
inline FloatClass class_at(std::span<const std::byte> params, uint64_t offset,
                           analyze::ElementType type) {
  using analyze::ElementType;
  const unsigned size = analyze::size_of(type);
  if (size == 0 || offset > params.size() || size > params.size() - offset)
    return FloatClass::finite;
  uint64_t bits = 0;
  std::memcpy(&bits, params.data() + offset, size);  // little-endian, as CUDA devices and hosts are
  unsigned fraction = 0;
  switch (type) {
    case ElementType::f16:
      fraction = 10;
      break;
    case ElementType::bf16:
      fraction = 7;
      break;
    case ElementType::f32:
      fraction = 23;
      break;
    case ElementType::f64:
      fraction = 52;
      break;
    case ElementType::e5m2:
      fraction = 2;
      break;
    case ElementType::e4m3:  // no infinity; one NaN pattern of either sign
      return (bits & 0x7f) == 0x7f ? FloatClass::nan : FloatClass::finite;
    default:
      return FloatClass::finite;
  }
  const uint64_t magnitude = bits & ~(uint64_t{1} << (size * 8 - 1));
  const uint64_t infinity = ((uint64_t{1} << (size * 8 - 1 - fraction)) - 1) << fraction;
  if (magnitude < infinity) return FloatClass::finite;
  if (magnitude > infinity) return FloatClass::nan;
  return magnitude == bits ? FloatClass::pos_inf : FloatClass::neg_inf;
}

}  // namespace nonans::resolve
