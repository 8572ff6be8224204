// SPDX-License-Identifier: MIT
#include "analyze/extent.hpp"

#include <algorithm>

namespace nonans::analyze {
namespace {

__extension__ using Wide = __int128;

struct Dimension {
  int64_t stride = 0;  // > 0
  int64_t count = 1;   // > 1
};

// The coordinates the offset depends on, by stride; `base` is the smallest offset.
struct Dimensions {
  Dimension list[kAxes];
  unsigned count = 0;
  int64_t base = 0;
};

bool collect(const Linear& offset, const Box& box, Dimensions& out) {
  Range r;
  if (!bounds(offset, box, r)) return false;
  out.base = r.low;
  for (unsigned i = 0; i < kAxes; ++i) {
    const int64_t n = box.axis[i].high - box.axis[i].low + 1;
    if (offset.k[i] == 0 || n <= 1) continue;
    if (offset.k[i] == INT64_MIN) return false;
    const Dimension d{offset.k[i] < 0 ? -offset.k[i] : offset.k[i], n};
    unsigned at = out.count++;
    for (; at > 0 && out.list[at - 1].stride > d.stride; --at) out.list[at] = out.list[at - 1];
    out.list[at] = d;
  }
  return true;
}

// All offsets as base + j * stride, 0 ≤ j < count, without a hole.
bool progression(const Dimensions& d, Dimension& out) {
  if (d.count == 0) {
    out = {1, 1};
    return true;
  }
  out = d.list[0];
  for (unsigned i = 1; i < d.count; ++i) {
    if (d.list[i].stride % out.stride != 0) return false;
    const int64_t q = d.list[i].stride / out.stride;
    if (q > out.count) return false;
    out.count += q * (d.list[i].count - 1);  // both factors came from ranges whose product fits
  }
  return true;
}

Wide floor_div(Wide a, Wide b) {
  return a / b - ((a % b != 0) && ((a < 0) != (b < 0)));
}

// The residual as a bound on the offset itself; false where the two are not proportional.
bool bound_on_offset(const Linear& offset, const Linear& form, const Box& box, int64_t& factor,
                     Wide& limit) {
  factor = 0;
  for (unsigned i = 0; i < kAxes; ++i) {
    if (box.axis[i].high == box.axis[i].low) continue;
    if (form.k[i] == 0 && offset.k[i] == 0) continue;
    if (form.k[i] == 0 || offset.k[i] % form.k[i] != 0 || offset.k[i] == 0) return false;
    const int64_t f = offset.k[i] / form.k[i];
    if (factor != 0 && f != factor) return false;
    factor = f;
  }
  if (factor == 0) return false;
  // offset = factor * form + rest, where the coordinates that stand still are part of the rest.
  Wide rest = offset.constant - Wide{factor} * form.constant;
  for (unsigned i = 0; i < kAxes; ++i)
    if (box.axis[i].high == box.axis[i].low)
      rest += (offset.k[i] - Wide{factor} * form.k[i]) * box.axis[i].low;
  limit = rest;
  return true;
}

// Cuts the progression to the offsets that keep every residual ≥ 0. False if some residual is of
// another shape.
bool cut(const Linear& offset, const Box& box, const Residual* residuals, unsigned count,
         int64_t& base, Dimension& run) {
  for (unsigned i = 0; i < count; ++i) {
    int64_t factor = 0;
    Wide limit = 0;
    if (!bound_on_offset(offset, residuals[i].form, box, factor, limit)) return false;
    if (factor > 0) {  // offset ≥ limit
      const Wide skip = -floor_div(-(limit - base), run.stride);
      if (skip <= 0) continue;
      if (skip >= run.count) return run.count = 0, true;
      base += static_cast<int64_t>(skip) * run.stride;
      run.count -= static_cast<int64_t>(skip);
    } else {  // offset ≤ limit
      const Wide room = limit - base;
      if (room < 0) return run.count = 0, true;
      run.count = static_cast<int64_t>(std::min<Wide>(run.count, floor_div(room, run.stride) + 1));
    }
  }
  return true;
}

void one_run(int64_t base, const Dimension& run, uint64_t width, Touched& out) {
  out.rows_known = out.may_known = true;
  out.first = out.low = out.high = base;
  if (run.count == 0) return;
  const auto span =
      static_cast<uint64_t>(run.stride) * static_cast<uint64_t>(run.count - 1) + width;
  out.high = base + static_cast<int64_t>(span);
  if (static_cast<uint64_t>(run.stride) <= width) {
    out.rows = 1;
    out.row_bytes = out.pitch = span;
  } else {
    out.rows = static_cast<uint64_t>(run.count);
    out.row_bytes = width;
    out.pitch = static_cast<uint64_t>(run.stride);
  }
}

}  // namespace

Touched touched_bytes(const Linear& offset, const Box& box, const Residual* residuals,
                      unsigned count, uint64_t width) noexcept {
  Touched out;
  Dimensions d;
  Range r;
  if (!collect(offset, box, d) || !bounds(offset, box, r) ||
      __builtin_add_overflow(r.high, static_cast<int64_t>(width), &out.high))
    return out;
  out.may_known = true;
  out.low = r.low;
  if (count > 0) {
    Dimension run;
    int64_t base = d.base;
    if (progression(d, run) && cut(offset, box, residuals, count, base, run))
      one_run(base, run, width, out);
    return out;
  }
  uint64_t covered = width;
  Dimension rows{0, 1};
  for (unsigned i = 0; i < d.count; ++i) {
    const auto stride = static_cast<uint64_t>(d.list[i].stride);
    const auto more = static_cast<uint64_t>(d.list[i].count - 1);
    if (rows.stride == 0 && stride <= covered) {
      covered += stride * more;
    } else if (rows.stride == 0) {
      rows = d.list[i];
    } else {
      if (d.list[i].stride % rows.stride != 0 || d.list[i].stride / rows.stride > rows.count)
        return out;
      rows.count += d.list[i].stride / rows.stride * (d.list[i].count - 1);
    }
  }
  out.rows_known = true;
  out.first = d.base;
  out.rows = static_cast<uint64_t>(rows.count);
  out.row_bytes = covered;
  out.pitch = rows.stride == 0 ? covered : static_cast<uint64_t>(rows.stride);
  return out;
}

}  // namespace nonans::analyze
