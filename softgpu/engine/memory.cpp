// SPDX-License-Identifier: MIT
#include "memory.hpp"

#include "watch.hpp"

namespace softgpu::engine {
namespace {

std::byte* in_global(Warp& w, const Op& op, u32 lane, u64 address, u32 size, bool is_write) {
  const Range* range = w.block->grid->space->find(address);
  if (range == nullptr || address - range->address > range->size ||
      size > range->size - (address - range->address) || (is_write && !range->writable)) {
    raise_access(w, op, lane, FaultKind::illegal_address, {address, size, is_write});
  }
  // What is watched must come here every time.
  if (!w.block->watch) {
    w.worker->ranges[op.aux % kRangeCache] = {range->address, range->size, range->host,
                                              range->writable};
  }
  return range->host + (address - range->address);
}

std::byte* one(Warp& w, const Op& op, u32 lane, MemorySpace space, u64 address, u32 size,
               bool is_write) {
  u64 offset = address;
  if (space == MemorySpace::generic) {
    const u64 window = (address >> kWindowShift) << kWindowShift;
    offset = address - window;
    space = window == kSharedWindow  ? MemorySpace::shared
            : window == kLocalWindow ? MemorySpace::local
            : window == kParamWindow ? MemorySpace::param
                                     : MemorySpace::global;
  }
  Block& block = *w.block;
  const auto within = [&](u64 limit) { return offset <= limit && size <= limit - offset; };
  switch (space) {
    case MemorySpace::shared:
      if (within(block.shared.size())) return block.shared.data() + offset;
      break;
    case MemorySpace::local:
      if (within(block.stack_bytes)) return block.stack(w, lane) + offset;
      break;
    case MemorySpace::param: {
      const std::span<const std::byte> params = block.grid->launch->params;
      if (!is_write && within(params.size())) return const_cast<std::byte*>(params.data() + offset);
      break;
    }
    default:
      return in_global(w, op, lane, address, size, is_write);
  }
  raise_access(w, op, lane, FaultKind::illegal_address, {address, size, is_write});
}

// All lanes in the range that this instruction met last. False: at least one is not.
bool in_cached_range(const Warp& w, const Op& op, u32 mask, u32 size, bool is_write, Located& out) {
  const CachedRange& range = w.worker->ranges[op.aux % kRangeCache];
  if (range.size < size || (is_write && !range.writable)) return false;
  const u64 limit = range.size - size;
  u64 outside = 0;
  for (u32 l = 0; l < kLanes; ++l) {
    const u64 offset = out.address[l] - range.address;
    const u64 active = (mask >> l) & 1U;
    outside |= offset > limit ? active : 0;
    out.host[l] = range.host + (offset > limit ? 0 : offset);
  }
  return outside == 0;
}

bool in_shared(const Warp& w, u32 mask, u32 size, Located& out) {
  Block& block = *w.block;
  if (block.open_shared < size) return false;
  const u64 limit = block.open_shared - size;
  u64 outside = 0;
  for (u32 l = 0; l < kLanes; ++l) {
    const u64 offset = out.address[l];
    const u64 active = (mask >> l) & 1U;
    outside |= offset > limit ? active : 0;
    out.host[l] = block.shared.data() + (offset > limit ? 0 : offset);
  }
  return outside == 0;
}

// The checks of alignment, and the short ways. True: all lanes are found.
[[gnu::always_inline]] inline bool found_shortly(Warp& w, const Op& op, u32 mask,
                                                 const Extent& extent, Located& at) {
  const u32 size = extent.size;
  const bool is_write = extent.is_write;
  u64 low_bits = 0;
  for (u32 l = 0; l < kLanes; ++l) low_bits |= (mask & (1U << l)) != 0 ? at.address[l] : 0;
  if ((low_bits & (extent.alignment - 1)) != 0) {
    for (u32 l = 0; l < kLanes; ++l) {
      if ((mask & (1U << l)) != 0 && (at.address[l] & (extent.alignment - 1)) != 0) {
        raise_access(w, op, l, FaultKind::misaligned_address, {at.address[l], size, is_write});
      }
    }
  }
  const MemorySpace space = extent.space;
  const bool maybe_global = space == MemorySpace::global || space == MemorySpace::generic;
  if (maybe_global && in_cached_range(w, op, mask, size, is_write, at)) return true;
  return space == MemorySpace::shared && in_shared(w, mask, size, at);
}

}  // namespace

void addresses_of(const Warp& w, const Op& op, u64* out) {
  const u32 base = op.o[kAddress];
  if (base == kNoOperand) {
    for (u32 l = 0; l < kLanes; ++l) out[l] = op.imm;
  } else if (op.address_is_wide) {
    const u64* registers = w.at<const u64>(base);
    for (u32 l = 0; l < kLanes; ++l) out[l] = registers[l] + op.imm;
  } else {
    const u32* registers = w.at<const u32>(base);
    const u32 offset = static_cast<u32>(op.imm);
    for (u32 l = 0; l < kLanes; ++l) out[l] = registers[l] + offset;
  }
}

void locate_each(Warp& w, const Op& op, u32 mask, const Extent& extent, Located& at) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const u32 l = static_cast<u32>(__builtin_ctz(rest));
    at.host[l] = one(w, op, l, extent.space, at.address[l], extent.size, extent.is_write);
  }
}

void check_at(Warp& w, const Op& op, u32 mask, const Extent& extent, Located& at) {
  if (!found_shortly(w, op, mask, extent, at)) locate_each(w, op, mask, extent, at);
}

void locate_at(Warp& w, const Op& op, u32 mask, const Extent& extent, Located& at) {
  if (!found_shortly(w, op, mask, extent, at)) w.worker->locate_rest(w, op, mask, extent, at);
}

void locate(Warp& w, const Op& op, u32 mask, u32 size, bool is_write, Located& out) {
  addresses_of(w, op, out.address);
  const Extent extent{static_cast<MemorySpace>(op.small), size, size, is_write};
  if (!found_shortly(w, op, mask, extent, out)) w.worker->locate_rest(w, op, mask, extent, out);
}

const std::byte* host_bytes(Warp& w, const Op& op, u32 lane, u64 address, u32 size) {
  std::byte* const host = one(w, op, lane, MemorySpace::generic, address, size, false);
  if (w.block->watch) before_host_reads(w, host, size);
  return host;
}

}  // namespace softgpu::engine
