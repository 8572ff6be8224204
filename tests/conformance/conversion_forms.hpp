// SPDX-License-Identifier: MIT
// The forms of cvt between f16, bf16, e4m3, e5m2, tf32, f32, f64 and integers that are tested over
// many values, their inputs, and the PTX that makes the inputs from a thread's index.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "conversion_reference.hpp"

namespace conformance {

// Where the values come from. `bits` upper bits of a 32-bit word are the index, the rest are
// patterns that tie and nearly tie, chosen by a hash of the index.
//   half     the index itself: all values of 16 and of 8 bits, and pairs of them
//   single   f32: sign, exponent and upper mantissa bits take all values
//   word     32-bit integers of all lengths and both signs, and those around powers of two
//   quad     64-bit integers, likewise
//   wide     f64 in the range of f32, with the bits below those of f32 at and around ties
enum class Source : uint8_t { half, single, word, quad, wide };
inline constexpr Source kSources[] = {Source::half, Source::single, Source::word, Source::quad,
                                      Source::wide};

// How elements stand in the operands.
enum class Shape : uint8_t {
  one,        // d, a
  from_two,   // d, a, b: a converted into the upper half of d, b into the lower
  from_pair,  // d, a: both halves of a
};

struct ConversionForm {
  std::string spelling;
  Source source;
  Shape shape;
  Conversion element;
  unsigned result_bits;  // of the whole result: 8, 16, 32 or 64
};

std::vector<ConversionForm> conversion_forms();

struct Input {
  uint64_t a, b;
};
// The operands of thread `index`, of 2^bits.
Input input_of(Source source, uint32_t index, unsigned bits);
// The indices that a source has when up to 2^bits are wanted.
unsigned index_bits(Source source, unsigned bits);

// A kernel k(out, base): thread i converts input_of(source, base + i) by each form and stores
// result n at out + n * threads * 8 + i * (result_bits / 8).
std::string kernel_of(Source source, std::span<const ConversionForm> forms, unsigned bits,
                      uint32_t threads);

}  // namespace conformance
