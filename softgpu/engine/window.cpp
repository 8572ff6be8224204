// SPDX-License-Identifier: MIT
#include "window.hpp"

#include "memory.hpp"

namespace softgpu::engine {

Window usual_window(const Warp& w, const Op& op, bool is_write) {
  switch (static_cast<MemorySpace>(op.small)) {
    case MemorySpace::generic:
    case MemorySpace::global: {
      const CachedRange& range = w.worker->ranges[op.aux % kRangeCache];
      if (is_write && !range.writable) return {};
      return {range.address, range.size, range.host, 0};
    }
    case MemorySpace::shared:
      return {0, w.block->open_shared, w.block->shared.data(), 0};
    case MemorySpace::param: {
      if (is_write || w.worker->locate_rest != &locate_each) return {};
      const std::span<const std::byte> params = w.block->grid->launch->params;
      return {0, params.size(), const_cast<std::byte*>(params.data()), 0};
    }
    case MemorySpace::local: {
      if (w.worker->locate_rest != &locate_each) return {};
      const u32 stack = w.block->stack_bytes;
      return {0, stack, w.block->stack(w, 0), stack};
    }
  }
  return {};
}

}  // namespace softgpu::engine
