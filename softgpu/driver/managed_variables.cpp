// SPDX-License-Identifier: MIT
#include "driver/managed_variables.hpp"

#include <algorithm>
#include <mutex>
#include <set>

#include "driver/driver_state.hpp"
#include "driver/memory.hpp"

namespace softgpu::driver {
namespace {

// By buffer id, which no other allocation ever gets: an entry that outlives its buffer does no
// harm.
struct Variables {
  std::mutex mutex;
  std::set<uint64_t> buffers;
};
Variables& variables() {
  static auto* const instance = new Variables;
  return *instance;
}

}  // namespace

uint64_t ModuleSpace::allocate_managed(uint64_t size) {
  const Allocation* const a = memory().allocate_host(context_, std::max<uint64_t>(size, 1),
                                                     CU_MEM_ATTACH_GLOBAL, MemoryKind::managed);
  if (!a) return 0;
  buffers_[a->address] = a->buffer_id;
  Variables& v = variables();
  const std::lock_guard lock(v.mutex);
  v.buffers.insert(a->buffer_id);
  return a->address;
}

// The context may have gone first and taken the memory along, and its address may be another
// buffer's by now: the buffer id tells.
void ModuleSpace::release(uint64_t address) {
  const auto it = buffers_.find(address);
  if (it == buffers_.end()) return context_.space.release(address);
  memory().release_graph_memory(address, it->second);
  buffers_.erase(it);
}

bool is_managed_variable(const Allocation& allocation) {
  Variables& v = variables();
  const std::lock_guard lock(v.mutex);
  return v.buffers.contains(allocation.buffer_id);
}

}  // namespace softgpu::driver
