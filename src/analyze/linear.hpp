// SPDX-License-Identifier: MIT
// A polynomial at one launch: block and grid sizes and parameters are numbers now, what is left are
// the coordinates.
//
//   value = constant + Σ k[i] * v[i],   v = {tid.x, tid.y, tid.z, ctaid.x, ctaid.y, ctaid.z, loop
//   counters}
//
// ctaid.x * ntid.x + tid.x, the everyday index, is *one* coordinate that runs over [0, nctaid.x *
// ntid.x): where every form of the launch uses the two only in that ratio, tid stands for it and
// ctaid is gone (join_axes). That makes the set of indices a box, and a guard `i < n` a face of it.
#pragma once

#include <cstdint>

#include "analyze/profile.hpp"

namespace nonans::analyze {

inline constexpr unsigned kMaxLoops = 3;
inline constexpr unsigned kMaxDerived = 8;
inline constexpr unsigned kAxes = 6 + kMaxLoops;

// What the polynomials of an access are evaluated with.
struct Numbers {
  const LaunchShape* shape = nullptr;
  unsigned derived_count = 0;
  int64_t derived[kMaxDerived];
};

struct Linear {  // an aggregate without initialisers: evaluate() keeps many on the stack and fills
                 // a few
  int64_t constant;
  int64_t k[kAxes];
};

struct Range {
  int64_t low = 0, high = 0;  // inclusive
};

// Closed box of coordinates. Empty when some low > high.
struct Box {
  Range axis[kAxes];
  bool empty = false;
};

// False where it is not linear in the coordinates, a parameter lies outside the block, or a number
// leaves 64 bits.
bool linearise(const Polynomial& p, const Numbers& numbers, Linear& out) noexcept;

// Computes derived numbers in their order; false where one has no value.
bool derive(const std::vector<Derived>& derived, Numbers& numbers) noexcept;

bool subtract(const Linear& a, const Linear& b, Linear& out) noexcept;

// Smallest and largest value over the box; false if one leaves 64 bits.
bool bounds(const Linear& f, const Box& box, Range& out) noexcept;

// Whether every value over the box lies in the range of an integer of that width and sign.
bool fits(const Linear& f, const Box& box, unsigned bits, bool is_signed) noexcept;

// The box of the launch; rewrites the forms where tid and ctaid are one coordinate.
Box join_axes(const LaunchShape& shape, Linear* forms, unsigned count) noexcept;

}  // namespace nonans::analyze
