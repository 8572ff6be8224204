// SPDX-License-Identifier: MIT
#include "special.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "grid_workspace.hpp"
#include "ops/isa.hpp"
#include "state.hpp"
#include "watch.hpp"

namespace softgpu::engine {
namespace {

enum class Id : u8 {
  tid,
  ntid,
  ctaid,
  nctaid,
  laneid,
  warpid,
  nwarpid,
  smid,
  nsmid,
  gridid,
  clock,
  clock_hi,
  clock64,
  globaltimer,
  globaltimer_lo,
  globaltimer_hi,
  lanemask_eq,
  lanemask_le,
  lanemask_lt,
  lanemask_ge,
  lanemask_gt,
  dynamic_smem_size,
  total_smem_size,
  workspace,
  workspace_hi,
  zero,
  one,
  zero_vector,
  one_vector,
};

struct Name {
  std::string_view name;
  Id id;
  bool vector = false, wide = false;
};

constexpr Name kNames[] = {
    {"%tid", Id::tid, true},
    {"%ntid", Id::ntid, true},
    {"%ctaid", Id::ctaid, true},
    {"%nctaid", Id::nctaid, true},
    {"%laneid", Id::laneid},
    {"%warpid", Id::warpid},
    {"%nwarpid", Id::nwarpid},
    {"%smid", Id::smid},
    {"%nsmid", Id::nsmid},
    {"%gridid", Id::gridid, false, true},
    {"%clock", Id::clock},
    {"%clock_hi", Id::clock_hi},
    {"%clock64", Id::clock64, false, true},
    {"%globaltimer", Id::globaltimer, false, true},
    {"%globaltimer_lo", Id::globaltimer_lo},
    {"%globaltimer_hi", Id::globaltimer_hi},
    {"%lanemask_eq", Id::lanemask_eq},
    {"%lanemask_le", Id::lanemask_le},
    {"%lanemask_lt", Id::lanemask_lt},
    {"%lanemask_ge", Id::lanemask_ge},
    {"%lanemask_gt", Id::lanemask_gt},
    {"%dynamic_smem_size", Id::dynamic_smem_size},
    {"%total_smem_size", Id::total_smem_size},
    {"%aggr_smem_size", Id::total_smem_size},
    {"%envreg1", Id::workspace_hi},
    {"%envreg2", Id::workspace},
    {"%clusterid", Id::ctaid, true},
    {"%nclusterid", Id::nctaid, true},
    {"%cluster_ctaid", Id::zero_vector, true},
    {"%cluster_nctaid", Id::one_vector, true},
    {"%cluster_ctarank", Id::zero},
    {"%cluster_nctarank", Id::one},
    {"%reserved_smem_offset_begin", Id::zero},
    {"%reserved_smem_offset_end", Id::zero},
    {"%reserved_smem_offset_cap", Id::zero},
    {"%reserved_smem_offset_0", Id::zero},
    {"%reserved_smem_offset_1", Id::zero},
    {"%current_graph_exec", Id::zero, false, true},
};

// An observer's time, if one keeps it.
std::optional<WarpTime> observed_time(const Warp& w) {
  if (!w.block->watch) return std::nullopt;
  WarpTime time;
  for (const auto& observer : w.block->watch->observers)
    if (observer->time(w.index, time)) return time;
  return std::nullopt;
}

u64 nanoseconds(const Warp& w) {
  if (const auto time = observed_time(w)) return time->nanoseconds;
  return static_cast<u64>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                              std::chrono::system_clock::now().time_since_epoch())
                              .count());
}
u64 cycles(const Warp& w) {
  if (const auto time = observed_time(w)) return time->cycles;
  return static_cast<u64>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                              std::chrono::steady_clock::now().time_since_epoch())
                              .count());
}
u32 part(const Dim3& d, u32 component) {
  return component == 0 ? d.x : (component == 1 ? d.y : (component == 2 ? d.z : 0));
}
u32 part_or_one(const Dim3& d, u32 component) {
  return component == 3 ? 1 : part(d, component);
}

u32 lane_mask(Id id, u32 lane) {
  const u32 bit = 1U << lane;
  switch (id) {
    case Id::lanemask_eq:
      return bit;
    case Id::lanemask_le:
      return bit | (bit - 1);
    case Id::lanemask_lt:
      return bit - 1;
    case Id::lanemask_ge:
      return ~(bit - 1);
    default:
      return ~(bit | (bit - 1));
  }
}

u64 uniform_value(const Warp& w, Id id, u32 component) {
  const Block& block = *w.block;
  const GridInfo& grid = *block.grid;
  switch (id) {
    case Id::ntid:
      return part_or_one(grid.launch->block, component);
    case Id::ctaid:
      return part(block.index, component);
    case Id::nctaid:
      return part_or_one(grid.launch->grid, component);
    case Id::warpid:
      return w.index;
    case Id::nwarpid:
      return block.warps.size();
    case Id::smid:
      return w.worker->index;
    case Id::nsmid:
      return w.worker->count;
    case Id::gridid:
      return grid.launch->grid_id;
    case Id::clock:
      return cycles(w) & 0xffffffffU;
    case Id::clock_hi:
      return cycles(w) >> 32;
    case Id::clock64:
      return cycles(w);
    case Id::globaltimer:
      return nanoseconds(w);
    case Id::globaltimer_lo:
      return nanoseconds(w) & 0xffffffffU;
    case Id::globaltimer_hi:
      return nanoseconds(w) >> 32;
    case Id::dynamic_smem_size:
      return grid.launch->dynamic_shared;
    case Id::total_smem_size:
      return block.shared.size();
    case Id::workspace:
      return grid_workspace(grid) & 0xffffffffU;
    case Id::workspace_hi:
      return grid_workspace(grid) >> 32;
    case Id::one:
    case Id::one_vector:
      return 1;
    default:
      return 0;
  }
}

void special_body(Warp& w, const Op& op, u32 mask) {
  const Id id = static_cast<Id>(op.imm & 0xffU);
  const u32 component = static_cast<u32>(op.imm >> 8) & 0xffU;
  const bool wide = (op.imm >> 16) != 0;
  const bool per_lane =
      id == Id::tid || id == Id::laneid || (id >= Id::lanemask_eq && id <= Id::lanemask_gt);
  const u64 value = per_lane ? 0 : uniform_value(w, id, component);
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const u32 l = static_cast<u32>(__builtin_ctz(rest));
    if (wide) {
      w.at<u64>(op.o[0])[l] = value;
    } else if (id == Id::tid) {
      w.at<u32>(op.o[0])[l] = component < 3 ? w.tid[component][l] : 0;
    } else if (id == Id::laneid) {
      w.at<u32>(op.o[0])[l] = l;
    } else {
      w.at<u32>(op.o[0])[l] = per_lane ? lane_mask(id, l) : static_cast<u32>(value);
    }
  }
}

void dynamic_shared_body(Warp& w, const Op& op, u32 mask) {
  const u64 base = dynamic_shared_start(w.block->grid->kernel->static_shared);
  for (u32 l = 0; l < kLanes; ++l) {
    if ((mask & (1U << l)) != 0) w.at<u64>(op.o[0])[l] = op.imm + base;
  }
}

}  // namespace

std::optional<Special> find_special(std::string_view name, char component) {
  const auto at = std::find_if(std::begin(kNames), std::end(kNames),
                               [&](const Name& n) { return n.name == name; });
  // The other %envreg and the performance counters %pm0 … read as zero.
  const bool zero = name.starts_with("%envreg") || name.starts_with("%pm");
  if (zero && at == std::end(kNames))
    return Special{&special_body,
                   static_cast<u64>(Id::zero) | (name.ends_with("_64") ? 1U << 16 : 0U),
                   name.ends_with("_64")};
  if (at == std::end(kNames) || at->vector != (component != 0)) return std::nullopt;
  const u64 index = component == 'y' ? 1 : (component == 'z' ? 2 : (component == 'w' ? 3 : 0));
  const u64 wide = at->wide ? 1 : 0;
  return Special{&special_body, static_cast<u64>(at->id) | (index << 8) | (wide << 16), at->wide};
}

Handler dynamic_shared_address() {
  return &dynamic_shared_body;
}

}  // namespace softgpu::engine
