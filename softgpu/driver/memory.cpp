// SPDX-License-Identifier: MIT
#include "driver/memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "driver/context.hpp"
#include "driver/driver_state.hpp"
#include "driver/peer_access.hpp"
#include "driver/watch.hpp"

namespace softgpu::driver {

Memory::Memory(uint64_t capacity, int devices)
    : window_(capacity * static_cast<uint64_t>(devices)), capacity_(capacity) {}

uint64_t next_buffer_id() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1);
}

bool Memory::take_capacity(int device, uint64_t bytes) {
  std::atomic<uint64_t>& used = used_[device];
  if (bytes > capacity_) return false;
  if (used.fetch_add(bytes) + bytes <= capacity_) return true;
  used.fetch_sub(bytes);
  return false;
}

const Allocation* Memory::allocate_device(const Context& context, uint64_t size, MemoryKind kind,
                                          bool show_now) {
  return allocate_device(context, size, kind, show_now, context.device, nullptr);
}

const Allocation* Memory::allocate_device(const Context& context, uint64_t size, MemoryKind kind,
                                          bool show_now, int device,
                                          std::shared_ptr<const DeviceAccess> access) {
  const uint64_t footprint = AddressWindow::footprint(size);
  if (!take_capacity(device, footprint)) return nullptr;
  const uint64_t address = window_.reserve(size, device);
  if (address == 0) {
    give_capacity(device, footprint);
    return nullptr;
  }
  auto a = std::make_unique<Allocation>();
  a->address = address;
  a->size = size;
  a->host = window_.host_of(address);
  a->kind = kind;
  a->context_id = context.id;
  a->context = context.handle;
  a->device = device;
  a->access = std::move(access);
  a->footprint = footprint;
  const Allocation* const made = add(std::move(a));
  if (kind == MemoryKind::device) tell_allocated(address, size);
  if (show_now) window_.show(made);
  return made;
}

const Allocation* Memory::allocate_host(const Context& context, uint64_t size, unsigned flags,
                                        MemoryKind kind) {
  constexpr uint64_t kPage = 4096;
  const uint64_t mapped = (size + kPage - 1) / kPage * kPage;
  if (mapped < size) return nullptr;
  void* const p = mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return nullptr;
  auto a = std::make_unique<Allocation>();
  a->address = reinterpret_cast<uint64_t>(p);
  a->host = static_cast<std::byte*>(p);
  a->size = size;
  a->kind = kind;
  a->context_id = context.id;
  a->context = context.handle;
  a->device = context.device;
  a->flags = flags;
  a->mapped = mapped;
  return add(std::move(a));
}

Memory::Registration Memory::register_host(const Context& context, void* pointer, uint64_t size,
                                           unsigned flags) {
  auto a = std::make_unique<Allocation>();
  a->address = reinterpret_cast<uint64_t>(pointer);
  a->host = static_cast<std::byte*>(pointer);
  a->size = size;
  a->kind = MemoryKind::registered;
  a->context_id = context.id;
  a->context = context.handle;
  a->device = context.device;
  a->flags = flags;
  a->writable = (flags & CU_MEMHOSTREGISTER_READ_ONLY) == 0;
  {
    const std::shared_lock lock(mutex_);
    auto next = live_.lower_bound(a->address + size);
    if (next != live_.begin() &&
        std::prev(next)->second->address + std::prev(next)->second->size > a->address)
      return Registration::overlaps;
  }
  return add(std::move(a)) ? Registration::done : Registration::no_memory;
}

const Allocation* Memory::add(std::unique_ptr<Allocation> allocation) {
  const std::unique_lock lock(mutex_);
  allocation->buffer_id = next_buffer_id();
  allocation->read_only = {allocation->address, allocation->size, allocation->host, false};
  const Allocation* const made = allocation.get();
  live_.emplace(allocation->address, std::move(allocation));
  if (!made->device_only()) publish_host_ranges();
  return made;
}

// Under the mutex.
void Memory::publish_host_ranges() {
  auto fresh = std::make_unique<HostRanges>();
  for (const auto& [address, allocation] : live_)
    if (!allocation->device_only()) fresh->push_back(allocation.get());
  const HostRanges* const before =
      host_ranges_.exchange(fresh.release(), std::memory_order_acq_rel);
  if (before) retired_ranges_.emplace_back(before);
}

// Under the mutex. Whoever could still read a retired object holds a LaunchGuard that began before
// now.
void Memory::retire(std::unique_ptr<Allocation> allocation) {
  retired_.push_back(std::move(allocation));
  if (launches_.load(std::memory_order_acquire) != 0) return;
  retired_.clear();
  retired_ranges_.clear();
}

void Memory::remove(std::map<uint64_t, std::unique_ptr<Allocation>>::iterator it) {
  std::unique_ptr<Allocation> a = std::move(it->second);
  live_.erase(it);
  if (a->device_only()) {
    tell_released(a->address, a->size);
    window_.hide(*a);
    window_.give_back(a->address);
    used_[a->device].fetch_sub(a->footprint);
  } else {
    publish_host_ranges();
    if (a->mapped > 0) munmap(a->host, a->mapped);
  }
  retire(std::move(a));
}

const Allocation* Memory::place_on_span(const Context& context, uint64_t address, uint64_t size,
                                        int device, std::shared_ptr<const DeviceAccess> access) {
  auto a = std::make_unique<Allocation>();
  a->address = address;
  a->size = size;
  a->host = window_.host_of(address);
  a->kind = MemoryKind::pooled;
  a->context_id = context.id;
  a->context = context.handle;
  a->device = device;
  a->access = std::move(access);
  a->footprint = AddressWindow::footprint(size);
  tell_allocated(address, size);
  return add(std::move(a));
}

void Memory::set_pool(uint64_t address, std::shared_ptr<Pool> pool,
                      std::shared_ptr<Operation> shown) {
  const std::unique_lock lock(mutex_);
  const auto it = live_.find(address);
  if (it == live_.end()) return;
  it->second->pool = std::move(pool);
  it->second->shown = std::move(shown);
}

std::unique_ptr<Allocation> Memory::detach(uint64_t address) {
  const std::unique_lock lock(mutex_);
  const auto it = live_.find(address);
  if (it == live_.end() || it->second->kind != MemoryKind::pooled) return nullptr;
  std::unique_ptr<Allocation> a = std::move(it->second);
  live_.erase(it);
  return a;
}

void Memory::hide(std::unique_ptr<Allocation> allocation) {
  tell_released(allocation->address, allocation->size);
  window_.hide(*allocation);
  window_.poison(allocation->address, allocation->footprint);
  const std::unique_lock lock(mutex_);
  retire(std::move(allocation));
}

void Memory::conceal(const Allocation& allocation) {
  window_.hide(allocation);
  window_.poison(allocation.address, allocation.footprint);
}

void Memory::release_graph_memory(uint64_t address, uint64_t buffer_id) {
  const std::unique_lock lock(mutex_);
  const auto it = live_.find(address);
  // The context may have gone and taken it along, and the address may be another buffer's by now.
  if (it != live_.end() && it->second->buffer_id == buffer_id) remove(it);
}

void Memory::give_back_span(uint64_t address, uint64_t size, int device) {
  window_.give_back(address);
  used_[device].fetch_sub(AddressWindow::footprint(size));
}

bool Memory::release(uint64_t address, bool (*accepts)(MemoryKind)) {
  const std::unique_lock lock(mutex_);
  const auto it = live_.find(address);
  if (it == live_.end() || !accepts(it->second->kind)) return false;
  remove(it);
  return true;
}

std::vector<Memory::Pooled> Memory::release_context(uint64_t context_id) {
  std::vector<Pooled> pooled;
  const std::unique_lock lock(mutex_);
  for (auto it = live_.begin(); it != live_.end();) {
    const auto next = std::next(it);
    if (it->second->context_id == context_id) {
      if (it->second->pool) pooled.push_back({it->second->pool, it->second->footprint});
      remove(it);
    }
    it = next;
  }
  return pooled;
}

std::optional<Allocation> Memory::find(uint64_t address, uint64_t size) const {
  {
    const std::shared_lock lock(mutex_);
    auto it = live_.upper_bound(address);
    if (it != live_.begin()) {
      const Allocation& a = *std::prev(it)->second;
      const uint64_t offset = address - a.address;
      if (offset < a.size && size <= a.size - offset) return a;
    }
  }
  return mappings_.find(address, size);
}

bool Memory::set_sync_memops(uint64_t address, bool value) {
  const std::unique_lock lock(mutex_);
  auto it = live_.upper_bound(address);
  if (it == live_.begin()) return false;
  Allocation& a = *std::prev(it)->second;
  if (address - a.address >= a.size) return false;
  a.sync_memops = value;
  return true;
}

const Allocation* Memory::find_visible(uint64_t address, int device) const {
  if (window_.contains(address)) return static_cast<const Allocation*>(window_.find(address));
  if (const Allocation* const run = mappings_.find_visible(address, device)) return run;
  const HostRanges* const ranges = host_ranges_.load(std::memory_order_acquire);
  if (!ranges) return nullptr;
  auto it = std::upper_bound(ranges->begin(), ranges->end(), address,
                             [](uint64_t at, const Allocation* a) { return at < a->address; });
  if (it == ranges->begin()) return nullptr;
  const Allocation* const a = *std::prev(it);
  return address - a->address < a->size ? a : nullptr;
}

ContextSpace::ContextSpace(Memory& memory, const Context& context)
    : memory_(memory), context_(context), pages_(device_settings().page_bounds) {}

const engine::Range* ContextSpace::find(uint64_t address) const {
  const Allocation* const a = memory_.find_visible(address, context_.device);
  if (!a) return pages_ && on_own_page(address) ? memory_.find_page(address) : nullptr;
  if (a->kind == MemoryKind::mapped)
    return a->context_id == 0 || a->context_id == context_.id ? a : nullptr;
  switch (access_to(*a, context_)) {
    case CU_MEM_ACCESS_FLAGS_PROT_READWRITE:
      // As hardware does it: whatever lies on a page that is mapped can be touched.
      return pages_ && a->device_only() ? memory_.find_page(address) : a;
    case CU_MEM_ACCESS_FLAGS_PROT_READ:
      return &a->read_only;
    default:
      return nullptr;
  }
}

bool ContextSpace::on_own_page(uint64_t address) const {
  return memory_.is_window_address(address) && memory_.owner_of(address) == context_.device;
}

uint64_t ContextSpace::allocate(uint64_t size) {
  const Allocation* const a =
      memory_.allocate_device(context_, std::max<uint64_t>(size, 1), MemoryKind::module, true);
  if (!a) return 0;
  std::memset(a->host, 0, size);
  return a->address;
}

void ContextSpace::release(uint64_t address) {
  memory_.release(address, [](MemoryKind kind) { return kind == MemoryKind::module; });
}

}  // namespace softgpu::driver
