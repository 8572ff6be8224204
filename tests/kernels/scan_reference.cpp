// SPDX-License-Identifier: MIT
#include "scan_reference.hpp"

#include <cmath>
#include <cstring>

namespace scan_test {
namespace {

struct Layout {
  int exponent_bits, mantissa_bits;
  bool infinity;
};

// IEEE 754-2019 table 3.5, bfloat16, and OCP 8-bit floating point 1.0 table 1.
Layout layout_of(unsigned type) {
  switch (type) {
    case NN_F16:
      return {5, 10, true};
    case NN_BF16:
      return {8, 7, true};
    case NN_F32:
      return {8, 23, true};
    case NN_F64:
      return {11, 52, true};
    case NN_E4M3:
      return {4, 3, false};
    default:
      return {5, 2, true};
  }
}

uint64_t ones(int count) {
  return (uint64_t{1} << count) - 1;
}

uint64_t pattern(unsigned type, bool negative, uint64_t exponent, uint64_t mantissa) {
  const Layout l = layout_of(type);
  return uint64_t{negative} << (l.exponent_bits + l.mantissa_bits) | exponent << l.mantissa_bits |
         mantissa;
}

uint64_t largest(unsigned type, bool negative) {
  const Layout l = layout_of(type);
  return l.infinity ? pattern(type, negative, ones(l.exponent_bits) - 1, ones(l.mantissa_bits))
                    : pattern(type, negative, ones(l.exponent_bits), ones(l.mantissa_bits) - 1);
}

bool holds_non_finite(const Tensor& t) {
  for (const uint64_t bits : t.bits)
    if (class_of(t.type, bits) != Class::finite) return true;
  return false;
}

unsigned policy_of(const Scenario& s, Class c) {
  return c == Class::nan ? s.policy_nan : c == Class::pos_inf ? s.policy_pos_inf : s.policy_neg_inf;
}

bool intended(const Tensor& t, Class c) {
  return t.flags & (c == Class::nan       ? NN_INTENDED_NAN
                    : c == Class::pos_inf ? NN_INTENDED_POS
                                          : NN_INTENDED_NEG);
}

bool candidate(const Scenario& s, const Tensor& t, Class c) {
  return c != Class::finite && policy_of(s, c) != NN_KEEP && !intended(t, c);
}

uint64_t fill(const Scenario& s, const Tensor& t, Class c) {
  if (policy_of(s, c) == NN_ZERO || c == Class::nan) return 0;
  return largest(t.type, c == Class::neg_inf);
}

unsigned origin_of(const Scenario& s, const Tensor& output, bool all_intended, bool limited) {
  if (s.raced) return NN_ORIGIN_RACED;
  if (all_intended) return NN_ORIGIN_INTENDED;
  bool all_judged = !limited;
  for (const Tensor& input : s.inputs) {
    const bool judged = !limited && input.type != NN_TYPE_UNKNOWN && !(input.flags & NN_IN_PLACE);
    if (judged && holds_non_finite(input)) return NN_ORIGIN_PROPAGATED;
    all_judged = all_judged && judged;
  }
  if (!all_judged || output.flags & (NN_INPUTS_UNKNOWN | NN_MAY_ONLY)) return NN_ORIGIN_UNKNOWN;
  for (const Tensor& other : s.outputs)
    if (other.flags & NN_IN_PLACE) return NN_ORIGIN_UNKNOWN;
  return NN_ORIGIN_HERE;
}

bool has_whole_row(const Tensor& t, const Scenario& s) {
  if (t.rows < 2 || t.row_elems < 2) return false;
  for (uint64_t row = 0; row < t.rows; ++row) {
    bool all = true, any = false;
    for (uint64_t column = 0; column < t.row_elems; ++column) {
      const Class c = class_of(t.type, t.bits[row * t.row_elems + column]);
      all = all && c != Class::finite;
      any = any || candidate(s, t, c);
    }
    if (all && any) return true;
  }
  return false;
}

}  // namespace

unsigned bytes_of(unsigned type) {
  const Layout l = layout_of(type);
  return static_cast<unsigned>(1 + l.exponent_bits + l.mantissa_bits) / 8;
}

Class class_of(unsigned type, uint64_t bits) {
  const Layout l = layout_of(type);
  const uint64_t mantissa = bits & ones(l.mantissa_bits),
                 exponent = bits >> l.mantissa_bits & ones(l.exponent_bits);
  const bool negative = bits >> (l.exponent_bits + l.mantissa_bits) & 1;
  if (exponent != ones(l.exponent_bits)) return Class::finite;
  if (!l.infinity) return mantissa == ones(l.mantissa_bits) ? Class::nan : Class::finite;
  if (mantissa != 0) return Class::nan;
  return negative ? Class::neg_inf : Class::pos_inf;
}

uint64_t bits_of(unsigned type, Class c) {
  const Layout l = layout_of(type);
  if (c == Class::finite) return largest(type, false);
  if (c == Class::nan || !l.infinity)
    return pattern(type, false, ones(l.exponent_bits), ones(l.mantissa_bits));
  return pattern(type, c == Class::neg_inf, ones(l.exponent_bits), 0);
}

std::vector<Expected> reference(const Scenario& s, uint32_t earlier) {
  std::vector<Expected> all(s.outputs.size());
  uint64_t listed = 0;
  bool any_dirty = false;
  for (const Tensor& t : s.outputs) {
    for (const uint64_t bits : t.bits) {
      const Class c = class_of(t.type, bits);
      any_dirty = any_dirty || c != Class::finite;
      listed += candidate(s, t, c) && t.flags & NN_REPAIR;
    }
  }
  const bool limited =
      any_dirty && s.max_dirty_launches && !s.captured && earlier + 1 > s.max_dirty_launches;

  for (size_t o = 0; o < s.outputs.size(); ++o) {
    const Tensor& t = s.outputs[o];
    Expected& e = all[o];
    e.bits = t.bits;
    uint64_t candidates = 0, first_any = 0, first_candidate = 0;
    bool all_intended = true;
    for (uint64_t i = 0; i < t.bits.size(); ++i) {
      const Class c = class_of(t.type, t.bits[i]);
      if (c == Class::finite) continue;
      if (!e.dirty) first_any = i;
      e.dirty = true;
      ++(c == Class::nan ? e.nan : c == Class::pos_inf ? e.pos_inf : e.neg_inf);
      all_intended = all_intended && intended(t, c);
      if (candidate(s, t, c) && candidates++ == 0) first_candidate = i;
    }
    if (!e.dirty) continue;
    e.first_index = candidates ? first_candidate : first_any;
    e.first_bits = t.bits[e.first_index];
    if (candidates) e.fill_bits = fill(s, t, class_of(t.type, e.first_bits));
    e.origin = origin_of(s, t, all_intended, limited);
    e.resolution = e.origin == NN_ORIGIN_INTENDED   ? NN_OBSERVED
                   : candidates == 0                ? NN_REFUSED_CLASS
                   : limited                        ? NN_REFUSED_LIMIT
                   : !(t.flags & NN_REPAIR)         ? NN_REFUSED_UNPROVEN
                   : e.origin != NN_ORIGIN_HERE     ? NN_REFUSED_ORIGIN
                   : listed > NN_LIST_ENTRIES       ? NN_REFUSED_OVERFLOW
                   : candidates * 8 > t.bits.size() ? NN_REFUSED_FRACTION
                   : has_whole_row(t, s)            ? NN_REFUSED_ROW
                   : s.mode == 1                    ? NN_REPAIRED
                                                    : NN_WOULD_REPAIR;
    if (e.resolution == NN_REPAIRED || e.resolution == NN_WOULD_REPAIR) e.repaired = candidates;
    if (e.resolution == NN_REPAIRED)
      for (uint64_t& bits : e.bits)
        if (const Class c = class_of(t.type, bits); candidate(s, t, c)) bits = fill(s, t, c);
  }
  return all;
}

}  // namespace scan_test
