// SPDX-License-Identifier: MIT
// An access at one launch: clips the box of coordinates by the conditions, checks that nothing
// wraps for the threads that get there, and turns what is left into bytes (extent.hpp).
//
// Conditions are applied in order, outermost first: an inner one, and the offset, need be right
// only for threads that passed the outer ones. A condition that cannot be used (it might wrap, it
// is not linear) is left out: that keeps *may* a superset and takes *must* away.
#include <algorithm>

#include "analyze/extent.hpp"
#include "analyze/linear.hpp"
#include "analyze/profile.hpp"

namespace nonans::analyze {
namespace {

__extension__ using Wide = __int128;

constexpr unsigned kMaxForms = 64;
constexpr unsigned kMaxResiduals = 4;

int64_t floor_div(int64_t a, int64_t b) {
  return a / b - ((a % b != 0) && ((a < 0) != (b < 0)));
}

struct Clipper {
  Box box;
  Residual residuals[kMaxResiduals];  // the first residual_count are filled
  unsigned residual_count = 0;
  bool exact = true;

  // Keeps the threads with f ≥ 0.
  void require(const Linear& f) {
    Range r;
    if (!bounds(f, box, r)) {
      exact = false;
      return;
    }
    if (r.low >= 0) return;
    if (r.high < 0) {
      box.empty = true;
      return;
    }
    unsigned moving = 0;
    for (unsigned i = 0; i < kAxes; ++i)
      moving += f.k[i] != 0 && box.axis[i].low != box.axis[i].high;
    // f ≥ 0 bounds each coordinate where the others do their best; with one coordinate that is all
    // it says.
    for (unsigned i = 0; i < kAxes; ++i) {
      Range& axis = box.axis[i];
      if (f.k[i] == 0 || axis.low == axis.high) continue;
      // f stays ≥ 0 while the axis moves this far from where it is best; r.high ≥ 0 here.
      const int64_t room = floor_div(r.high, f.k[i] > 0 ? f.k[i] : -f.k[i]);
      if (f.k[i] > 0) {
        if (room < axis.high - axis.low) axis.low = axis.high - room;
      } else {
        if (room < axis.high - axis.low) axis.high = axis.low + room;
      }
      if (moving > 1 && !bounds(f, box, r)) return;
    }
    if (moving <= 1) return;
    if (residual_count == kMaxResiduals) {
      exact = false;
    } else {
      residuals[residual_count++].form = f;
    }
  }

  void require_not_zero(const Linear& f) {
    Range r;
    if (!bounds(f, box, r)) {
      exact = false;
      return;
    }
    if (r.low > 0 || r.high < 0) return;
    if (r.low == 0 && r.high == 0) {
      box.empty = true;
      return;
    }
    int axis = -1;
    unsigned moving = 0;
    for (unsigned i = 0; i < kAxes; ++i)
      if (f.k[i] != 0 && box.axis[i].low != box.axis[i].high) {
        ++moving;
        axis = static_cast<int>(i);
      }
    if (moving != 1) {
      exact = false;
      return;
    }
    // The one coordinate at which f is zero.
    Range& v = box.axis[axis];
    const int64_t at_low = f.k[axis] > 0 ? r.low : r.high;
    if (at_low % f.k[axis] != 0) return;
    const int64_t zero = v.low - at_low / f.k[axis];
    if (zero == v.low) {
      ++v.low;
    } else if (zero == v.high) {
      --v.high;
    } else {
      exact = false;
    }
  }

  // left OP right over numbers that are what they seem.
  void apply(const Linear& left, const Linear& right, Compare op) {
    Linear up, down;  // right - left, left - right
    if (!subtract(right, left, up) || !subtract(left, right, down)) {
      exact = false;
      return;
    }
    const auto strictly = [&](Linear f) {
      if (__builtin_sub_overflow(f.constant, 1, &f.constant)) {
        exact = false;
      } else {
        require(f);
      }
    };
    switch (op) {
      case Compare::lt:
        return strictly(up);
      case Compare::le:
        return require(up);
      case Compare::gt:
        return strictly(down);
      case Compare::ge:
        return require(down);
      case Compare::eq:
        require(up);
        if (!box.empty) require(down);
        return;
      case Compare::ne:
        return require_not_zero(down);
    }
  }
};

// All polynomials of an access at this launch, in one array on the stack.
struct Forms {
  Linear list[kMaxForms];
  bool ok[kMaxForms];
  unsigned count = 0;

  bool add(const Polynomial& p, const Numbers& numbers) {
    if (count == kMaxForms) return false;
    ok[count] = linearise(p, numbers, list[count]);
    if (!ok[count]) list[count] = Linear{};
    ++count;
    return true;
  }
};

bool all_fit(const Forms& forms, unsigned first, const std::vector<Polynomial>& polynomials,
             const Box& box) {
  for (size_t i = 0; i < polynomials.size(); ++i)
    if (!forms.ok[first + i] ||
        !fits(forms.list[first + i], box, polynomials[i].bits, polynomials[i].is_signed))
      return false;
  return true;
}

void apply_condition(const Condition& c, const Forms& forms, unsigned first, Clipper& clip) {
  const Linear &left = forms.list[first], &right = forms.list[first + 1];
  if (!forms.ok[first] || !forms.ok[first + 1] || !all_fit(forms, first + 2, c.no_wrap, clip.box)) {
    clip.exact = false;
    return;
  }
  const bool left_fits = fits(left, clip.box, c.left.bits, c.left.is_signed);
  const bool right_fits = fits(right, clip.box, c.right.bits, c.right.is_signed);
  if (left_fits && right_fits) return clip.apply(left, right, c.op);
  // (unsigned)x < n for an x that may be negative says 0 ≤ x < n, as compilers write a range check.
  const bool is_unsigned = !c.left.is_signed && !c.right.is_signed;
  const Linear zero{};
  if (is_unsigned && (c.op == Compare::lt || c.op == Compare::le) && right_fits &&
      fits(left, clip.box, c.left.bits, true) && fits(right, clip.box, c.right.bits, true)) {
    clip.apply(zero, left, Compare::le);
    if (!clip.box.empty) clip.apply(left, right, c.op);
  } else if (is_unsigned && (c.op == Compare::gt || c.op == Compare::ge) && left_fits &&
             fits(right, clip.box, c.right.bits, true) && fits(left, clip.box, c.left.bits, true)) {
    clip.apply(zero, right, Compare::le);
    if (!clip.box.empty) clip.apply(left, right, c.op);
  } else {
    clip.exact = false;
  }
}

// How far a loop's counter goes, from one of the conditions under which it goes on. `last`: the
// largest counter of an iteration that runs. False if this condition does not tell, or something
// might wrap before it ends the loop.
bool last_iteration(const Condition& c, const Forms& forms, unsigned first, unsigned axis,
                    const Box& box, int64_t& last) {
  const Linear &left = forms.list[first], &right = forms.list[first + 1];
  if (!forms.ok[first] || !forms.ok[first + 1]) return false;
  const bool rising = c.op == Compare::lt || c.op == Compare::le || c.op == Compare::ne;
  Linear room;  // ≥ 0 while it goes on; for `ne`: ≠ 0
  if (!(rising ? subtract(right, left, room) : subtract(left, right, room))) return false;
  if ((c.op == Compare::lt || c.op == Compare::gt) &&
      __builtin_sub_overflow(room.constant, 1, &room.constant))
    return false;
  Box at_start = box;
  at_start.axis[axis] = {0, 0};
  Range r;
  if (!bounds(room, at_start, r)) return false;
  const int64_t step = room.k[axis];
  if (c.op == Compare::eq || step == 0) return false;
  if (c.op == Compare::ne) {
    // It ends where the two meet, if they do: all threads alike, and by whole steps.
    if (r.low != r.high || r.low % step != 0 || (r.low > 0) == (step > 0) || r.low == 0)
      return false;
    last = -(r.low / step) - 1;
  } else {
    if (step > 0) return false;
    last = r.high < 0 ? 0 : r.high / -step;
  }
  // The comparison is made once more than it holds.
  Box seen = box;
  seen.axis[axis] = {0, last + 1};
  return all_fit(forms, first + 2, c.no_wrap, seen) &&
         fits(left, seen, c.left.bits, c.left.is_signed) &&
         fits(right, seen, c.right.bits, c.right.is_signed);
}

// Bounds the counter of a loop. False: nothing bounds it.
bool bound_loop(const Loop& loop, const Forms& forms, unsigned first, unsigned axis,
                Clipper& clip) {
  int64_t last = INT64_MAX;
  bool all_used = true;
  unsigned at = first;
  for (const Condition& c : loop.continues) {
    int64_t here = 0;
    if (last_iteration(c, forms, at, axis, clip.box, here)) {
      last = std::min(last, here);
    } else {
      all_used = false;
    }
    at += static_cast<unsigned>(2 + c.no_wrap.size());
  }
  if (last == INT64_MAX) return false;
  clip.box.axis[axis] = {0, last};
  if (!all_used) clip.exact = false;
  if (!clip.exact) return true;
  // Which threads make which iterations: those for which the condition holds, the first one
  // included if it does there.
  at = first;
  for (const Condition& c : loop.continues) {
    if (c.op != Compare::ne) {
      Clipper first_time = clip;
      first_time.box.axis[axis] = {0, 0};
      const Box before = first_time.box;
      apply_condition(c, forms, at, first_time);
      const bool holds = first_time.exact && !first_time.box.empty &&
                         first_time.residual_count == clip.residual_count &&
                         std::equal(before.axis, before.axis + kAxes, first_time.box.axis,
                                    [](const Range& a, const Range& b) {
                                      return a.low == b.low && a.high == b.high;
                                    });
      if (loop.guarded || holds) {
        apply_condition(c, forms, at, clip);
      } else {
        clip.exact = false;
      }
    }
    at += static_cast<unsigned>(2 + c.no_wrap.size());
  }
  return true;
}

bool read_root(const Access& access, const LaunchShape& shape, uint64_t& root) {
  if (size_t{access.param_offset} + 8 > shape.params.size()) return false;
  root = 0;
  for (unsigned i = 0; i < 8; ++i)
    root |= static_cast<uint64_t>(std::to_integer<uint8_t>(shape.params[access.param_offset + i]))
            << (8 * i);
  return true;
}

// root + offset as an address; false where it leaves the address space.
bool address(uint64_t root, int64_t offset, uint64_t& out) {
  const Wide sum = Wide{root} + offset;
  out = static_cast<uint64_t>(sum);
  return sum >= 0 && sum <= Wide{UINT64_MAX};
}

}  // namespace

Extent evaluate(const Access& access, const LaunchShape& shape) noexcept {
  Extent extent;
  if (!read_root(access, shape, extent.root) || !access.offset_known || access.width == 0)
    return extent;
  for (unsigned d = 0; d < 3; ++d)
    if (shape.grid[d] == 0 || shape.block[d] == 0) return extent;

  Numbers numbers;
  numbers.shape = &shape;
  if (access.loops.size() > kMaxLoops || !derive(access.derived, numbers)) return extent;
  Forms forms;
  bool room = forms.add(access.offset, numbers);
  const auto add_all = [&](const std::vector<Polynomial>& list) {
    for (const Polynomial& p : list) room = room && forms.add(p, numbers);
  };
  const auto add_condition = [&](const Condition& c) {
    room = room && forms.add(c.left, numbers) && forms.add(c.right, numbers);
    add_all(c.no_wrap);
  };
  add_all(access.no_wrap);
  for (const Condition& c : access.conditions) add_condition(c);
  for (const Loop& l : access.loops)
    for (const Condition& c : l.continues) add_condition(c);
  if (!room || !forms.ok[0]) return extent;

  Clipper clip;
  clip.box = join_axes(shape, forms.list, forms.count);
  clip.exact = access.conditions_known;
  auto first = static_cast<unsigned>(1 + access.no_wrap.size());
  const auto size_of_condition = [](const Condition& c) {
    return static_cast<unsigned>(2 + c.no_wrap.size());
  };
  for (const Condition& c : access.conditions) {
    if (!clip.box.empty) apply_condition(c, forms, first, clip);
    first += size_of_condition(c);
  }
  bool bounded = true;
  for (unsigned l = 0; l < access.loops.size() && !clip.box.empty && bounded; ++l) {
    bounded = bound_loop(access.loops[l], forms, first, 6 + l, clip);
    for (const Condition& c : access.loops[l].continues) first += size_of_condition(c);
  }
  if (clip.box.empty) {  // no thread gets there
    extent.may = {true, extent.root, extent.root};
    extent.must = {true, extent.root, 0, 0, 0};
    extent.exact = true;
    return extent;
  }
  if (!bounded) return extent;
  if (!all_fit(forms, 1, access.no_wrap, clip.box)) return extent;

  const Touched t =
      touched_bytes(forms.list[0], clip.box, clip.residuals, clip.residual_count, access.width);
  Interval may;
  may.known = t.may_known && address(extent.root, t.low, may.begin) &&
              address(extent.root, t.high, may.end);
  if (!may.known) return extent;
  extent.may = may;
  if (!t.rows_known || !clip.exact) return extent;
  extent.must.known = address(extent.root, t.first, extent.must.base);
  extent.must.rows = t.rows;
  extent.must.row_bytes = t.row_bytes;
  extent.must.pitch = t.pitch;
  extent.exact = extent.must.known;
  return extent;
}

}  // namespace nonans::analyze
