// SPDX-License-Identifier: MIT
#include "analyze/merge.hpp"

#include <algorithm>

namespace nonans::analyze {
namespace {

constexpr size_t kMaxPairwise = 400;  // beyond, only unknown offsets are merged
constexpr unsigned kMaxWidth = 128;

bool same_requirements(const std::vector<Polynomial>& a, const std::vector<Polynomial>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Polynomial& x, const Polynomial& y) {
                      return x.bits == y.bits && x.is_signed == y.is_signed && same_terms(x, y);
                    });
}

bool same_place(const FoundAccess& a, const FoundAccess& b) {
  const Access &x = a.access, &y = b.access;
  return x.offset_known && y.offset_known && x.width == y.width && same_terms(x.offset, y.offset) &&
         same_requirements(x.no_wrap, y.no_wrap);
}

// Bytes from a to b when their offsets differ by a constant.
bool distance(const Access& a, const Access& b, int64_t& bytes) {
  if (!a.offset_known || !b.offset_known || !same_requirements(a.no_wrap, b.no_wrap)) return false;
  Polynomial shifted = a.offset;
  shifted.constant = b.offset.constant;
  if (!same_terms(shifted, b.offset)) return false;
  return !__builtin_sub_overflow(b.offset.constant, a.offset.constant, &bytes);
}

bool same_kind(AccessKind a, AccessKind b) {
  const auto simple = [](AccessKind k) {
    return k == AccessKind::plain || k == AccessKind::vector;
  };
  return a == b || (simple(a) && simple(b));
}

// Zeros and float literals take the type of what stands beside them.
bool types_agree(const FoundAccess& a, const FoundAccess& b) {
  return a.access.type == b.access.type || a.neutral || b.neutral;
}

// Hazards and intent of both.
void absorb_causes(Access& a, const Access& b) {
  a.hazards |= b.hazards;
  a.immediate_nan |= b.immediate_nan;
  a.immediate_pos_inf |= b.immediate_pos_inf;
  a.immediate_neg_inf |= b.immediate_neg_inf;
  if (b.float_params.empty()) return;
  // Parameters of two types: which class is meant cannot be looked up, so every class may be.
  if (!a.float_params.empty() && a.float_param_type != b.float_param_type)
    a.immediate_nan = a.immediate_pos_inf = a.immediate_neg_inf = true;
  if (a.float_params.empty()) a.float_param_type = b.float_param_type;
  if (a.float_param_type != b.float_param_type) return;
  for (uint16_t p : b.float_params)
    if (std::find(a.float_params.begin(), a.float_params.end(), p) == a.float_params.end())
      a.float_params.push_back(p);
}

// Takes over what b says; the place is the caller's business.
void absorb(FoundAccess& into, const FoundAccess& from) {
  Access& a = into.access;
  const Access& b = from.access;
  if (into.neutral && !from.neutral) {
    a.type = b.type;
    a.element_bytes = b.element_bytes;
  } else if (!from.neutral && a.type != b.type) {
    a.type = ElementType::unknown;
    a.element_bytes = std::min(a.element_bytes, b.element_bytes);
  }
  into.neutral &= from.neutral;
  if (into.block != from.block) into.block = kNone;
  absorb_causes(a, b);
}

// Index of the one literal in which the two lists differ, by its sign alone; -1 if there is no
// such.
int opposite_literal(const FoundAccess& a, const FoundAccess& b) {
  if (!a.literals_complete || !b.literals_complete || a.literals.size() != b.literals.size())
    return -1;
  int at = -1;
  for (size_t n = 0; n < a.literals.size(); ++n) {
    const Literal &x = a.literals[n], &y = b.literals[n];
    if (x == y) continue;
    if (at >= 0 || x.predicate != y.predicate || x.block != y.block || x.predicate == kNone)
      return -1;
    at = static_cast<int>(n);
  }
  return at;
}

// True when b went into a.
bool merge_pair(FoundAccess& a, const FoundAccess& b) {
  if (a.access.param_offset != b.access.param_offset || !same_kind(a.access.kind, b.access.kind))
    return false;
  const bool same_literals = a.literals == b.literals && a.literals_complete == b.literals_complete;
  if (same_place(a, b)) {
    const int opposite = same_literals ? -1 : opposite_literal(a, b);
    if (!same_literals && opposite < 0) return false;
    absorb(a, b);
    if (opposite >= 0) a.literals.erase(a.literals.begin() + opposite);
    return true;
  }
  int64_t apart = 0;
  if (!same_literals || !types_agree(a, b) || !distance(a.access, b.access, apart)) return false;
  const unsigned width = a.access.width + b.access.width;
  if (width > kMaxWidth || (apart != a.access.width && apart != -int64_t{b.access.width}))
    return false;
  if (apart < 0) a.access.offset.constant = b.access.offset.constant;
  a.access.width = static_cast<uint8_t>(width);
  if (a.access.kind == AccessKind::plain) a.access.kind = AccessKind::vector;
  absorb(a, b);
  return true;
}

void merge_unknown_offsets(std::vector<FoundAccess>& accesses) {
  std::vector<FoundAccess> kept;
  for (FoundAccess& b : accesses) {
    const auto twin = std::find_if(kept.begin(), kept.end(), [&](const FoundAccess& a) {
      return !a.access.offset_known && !b.access.offset_known && a.access.kind == b.access.kind &&
             a.access.param_offset == b.access.param_offset && a.access.type == b.access.type &&
             a.access.width == b.access.width;
    });
    if (twin == kept.end()) {
      kept.push_back(std::move(b));
      continue;
    }
    absorb(*twin, b);
    // Only what both run under is still known to hold.
    const size_t before = std::max(twin->literals.size(), b.literals.size());
    std::erase_if(twin->literals, [&](const Literal& l) {
      return std::find(b.literals.begin(), b.literals.end(), l) == b.literals.end();
    });
    if (twin->literals.size() != before || !b.literals_complete) twin->literals_complete = false;
  }
  accesses = std::move(kept);
}

}  // namespace

void merge(std::vector<FoundAccess>& accesses) {
  merge_unknown_offsets(accesses);
  if (accesses.size() > kMaxPairwise) return;
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 0; i < accesses.size(); ++i)
      for (size_t j = i + 1; j < accesses.size();)
        if (merge_pair(accesses[i], accesses[j])) {
          accesses.erase(accesses.begin() + static_cast<std::ptrdiff_t>(j));
          changed = true;
        } else {
          ++j;
        }
  }
}

void merge_unknown_places(std::vector<Access>& accesses) {
  std::vector<Access> kept;
  for (Access& b : accesses) {
    const auto twin = std::find_if(kept.begin(), kept.end(), [&](const Access& a) {
      return !a.offset_known && !b.offset_known && a.param_offset == b.param_offset &&
             a.type == b.type && a.kind == b.kind && a.width == b.width;
    });
    if (twin == kept.end()) {
      kept.push_back(std::move(b));
      continue;
    }
    absorb_causes(*twin, b);
    twin->conditions.clear();
    twin->derived.clear();
    twin->conditions_known = false;
  }
  accesses = std::move(kept);
}

}  // namespace nonans::analyze
