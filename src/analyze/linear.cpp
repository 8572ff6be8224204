// SPDX-License-Identifier: MIT
#include "analyze/linear.hpp"

#include <cstring>

namespace nonans::analyze {
namespace {

__extension__ using Wide = __int128;

bool narrow(Wide value, int64_t& out) {
  out = static_cast<int64_t>(value);
  return out == value;
}

template <typename T>
int64_t read_as(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return static_cast<int64_t>(value);
}

bool read_param(const SymbolRef& s, std::span<const std::byte> params, int64_t& out) {
  if (size_t{s.offset} + s.bytes > params.size()) return false;
  const std::byte* at = params.data() + s.offset;
  switch (s.bytes) {
    case 1:
      out = s.is_signed ? read_as<int8_t>(at) : read_as<uint8_t>(at);
      return true;
    case 2:
      out = s.is_signed ? read_as<int16_t>(at) : read_as<uint16_t>(at);
      return true;
    case 4:
      out = s.is_signed ? read_as<int32_t>(at) : read_as<uint32_t>(at);
      return true;
    case 8:
      out = read_as<int64_t>(at);
      return s.is_signed || out >= 0;
    default:
      return false;
  }
}

bool add_term(const Term& t, const Numbers& numbers, Linear& out) {
  const LaunchShape& shape = *numbers.shape;
  int64_t product = t.coefficient;
  int axis = -1;
  for (unsigned i = 0; i < t.degree; ++i) {
    const SymbolRef& s = t.factors[i];
    int64_t value = 0;
    if (s.symbol == Symbol::param) {
      if (!read_param(s, shape.params, value)) return false;
    } else if (s.symbol == Symbol::derived) {
      if (s.offset >= numbers.derived_count) return false;
      value = numbers.derived[s.offset];
    } else if (s.symbol == Symbol::loop) {
      if (s.offset >= kMaxLoops) return false;
      if (axis >= 0) return product == 0;
      axis = static_cast<int>(6 + s.offset);
      continue;
    } else {
      const auto n = static_cast<unsigned>(s.symbol);
      const unsigned d = n % 3;
      if (n < 6) {
        const uint32_t extent = n < 3 ? shape.block[d] : shape.grid[d];
        if (extent == 1) {  // the coordinate is zero
          product = 0;
          continue;
        }
        if (axis >= 0) return product == 0;
        axis = static_cast<int>(n);
        continue;
      }
      value = n < 9 ? shape.block[d] : shape.grid[d];
    }
    if (__builtin_mul_overflow(product, value, &product)) return false;
  }
  int64_t& slot = axis < 0 ? out.constant : out.k[axis];
  return !__builtin_add_overflow(slot, product, &slot);
}

// So that -k and quotients by k exist.
bool negatable(const Linear& f) {
  for (int64_t k : f.k)
    if (k == INT64_MIN) return false;
  return true;
}

}  // namespace

bool linearise(const Polynomial& p, const Numbers& numbers, Linear& out) noexcept {
  out = Linear{};
  out.constant = p.constant;
  for (const Term& t : p.terms)
    if (!add_term(t, numbers, out)) return false;
  return negatable(out);
}

namespace {

// The number as the machine reads it: modulo 2^bits, with its sign.
bool machine_number(const Polynomial& p, const Numbers& numbers, int64_t& out) {
  Linear f;
  if (!linearise(p, numbers, f)) return false;
  for (int64_t k : f.k)
    if (k != 0) return false;
  out = f.constant;
  if (p.bits >= 64) return p.is_signed || out >= 0;
  const uint64_t sign = 1ull << (p.bits - 1);
  const uint64_t low = static_cast<uint64_t>(out) & ((1ull << p.bits) - 1);
  out = static_cast<int64_t>(p.is_signed ? (low ^ sign) - sign : low);
  return true;
}

bool apply(Derived::Op op, int64_t a, int64_t b, int64_t& out) {
  switch (op) {
    case Derived::Op::bit_and:
      out = a & b;
      return true;
    case Derived::Op::divide:
    case Derived::Op::remainder:
      if (b == 0 || (b == -1 && a == INT64_MIN)) return false;
      out = op == Derived::Op::divide ? a / b : a % b;
      return true;
    case Derived::Op::shift_right:
      if (b < 0 || b > 63) return false;
      out = a >> b;
      return true;
    case Derived::Op::minimum:
      out = a < b ? a : b;
      return true;
    case Derived::Op::maximum:
      out = a > b ? a : b;
      return true;
  }
  return false;
}

}  // namespace

bool derive(const std::vector<Derived>& derived, Numbers& numbers) noexcept {
  numbers.derived_count = 0;
  if (derived.size() > kMaxDerived) return false;
  for (const Derived& d : derived) {
    int64_t a = 0, b = 0, value = 0;
    if (!machine_number(d.left, numbers, a) || !machine_number(d.right, numbers, b) ||
        !apply(d.op, a, b, value))
      return false;
    numbers.derived[numbers.derived_count++] = value;
  }
  return true;
}

bool subtract(const Linear& a, const Linear& b, Linear& out) noexcept {
  bool wrapped = __builtin_sub_overflow(a.constant, b.constant, &out.constant);
  for (unsigned i = 0; i < kAxes; ++i) wrapped |= __builtin_sub_overflow(a.k[i], b.k[i], &out.k[i]);
  return !wrapped && negatable(out);
}

bool bounds(const Linear& f, const Box& box, Range& out) noexcept {
  Wide low = f.constant, high = f.constant;
  for (unsigned i = 0; i < kAxes; ++i) {
    if (f.k[i] == 0) continue;
    const Wide a = Wide{f.k[i]} * box.axis[i].low, b = Wide{f.k[i]} * box.axis[i].high;
    low += f.k[i] > 0 ? a : b;
    high += f.k[i] > 0 ? b : a;
  }
  return narrow(low, out.low) && narrow(high, out.high);
}

bool fits(const Linear& f, const Box& box, unsigned bits, bool is_signed) noexcept {
  Range r;
  if (!bounds(f, box, r)) return false;
  if (bits >= 64) return is_signed || r.low >= 0;
  const int64_t low = is_signed ? -(int64_t{1} << (bits - 1)) : 0;
  const int64_t high = (int64_t{1} << (is_signed ? bits - 1 : bits)) - 1;
  return r.low >= low && r.high <= high;
}

Box join_axes(const LaunchShape& shape, Linear* forms, unsigned count) noexcept {
  Box box;
  for (unsigned d = 0; d < 3; ++d) {
    const int64_t threads = shape.block[d], blocks = shape.grid[d];
    box.axis[d].high = threads - 1;
    box.axis[d + 3].high = blocks - 1;
    if (threads <= 1 || blocks <= 1)
      continue;  // one of the two is always zero and occurs in no form
    bool one = true;
    for (unsigned i = 0; i < count && one; ++i) {
      int64_t product = 0;
      one =
          !__builtin_mul_overflow(forms[i].k[d], threads, &product) && product == forms[i].k[d + 3];
    }
    if (!one) continue;
    for (unsigned i = 0; i < count; ++i) forms[i].k[d + 3] = 0;
    box.axis[d].high = threads * blocks - 1;
    box.axis[d + 3].high = 0;
  }
  return box;
}

}  // namespace nonans::analyze
