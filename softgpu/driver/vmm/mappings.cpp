// SPDX-License-Identifier: MIT
#include "driver/vmm/mappings.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "driver/context.hpp"
#include "driver/memory.hpp"
#include "driver/watch.hpp"

namespace softgpu::driver {
namespace {

constexpr uint64_t kDistance = uint64_t{1} << 44;  // from addresses to their bytes
constexpr uint64_t kHighest = uint64_t{1} << 47;   // of user space

std::byte* pointer(uint64_t address) {
  return reinterpret_cast<std::byte*>(address);
}

void* take_address_space(uint64_t at, uint64_t size, int flags) {
  void* const p = mmap(pointer(at), size, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
  return p == MAP_FAILED ? nullptr : p;
}

// Address space of `size`, aligned; at `hint` if that is free.
uint64_t take_aligned(uint64_t size, uint64_t alignment, uint64_t hint) {
  if (hint != 0 && hint % alignment == 0) {
    void* const p = take_address_space(hint, size, MAP_FIXED_NOREPLACE);
    if (p == pointer(hint)) return hint;
    if (p) munmap(p, size);  // an older kernel, which takes the address for a hint
  }
  void* const p = take_address_space(0, size + alignment, 0);
  if (!p) return 0;
  const uint64_t start = reinterpret_cast<uint64_t>(p);
  const uint64_t address = (start + alignment - 1) / alignment * alignment;
  if (address > start) munmap(p, address - start);
  const uint64_t end = start + size + alignment;
  if (end > address + size) munmap(pointer(address + size), end - address - size);
  return address;
}

std::byte* take_bytes(uint64_t address, uint64_t size) {
  const uint64_t beside = address >= 2 * kDistance ? address - kDistance : address + kDistance;
  if (beside + size <= kHighest) {
    void* const p = take_address_space(beside, size, MAP_FIXED_NOREPLACE);
    if (p == pointer(beside)) return pointer(beside);
    if (p) munmap(p, size);
  }
  return static_cast<std::byte*>(take_address_space(0, size, 0));
}

}  // namespace

Mappings::Mappings(const std::atomic<unsigned>& launches) : launches_(launches) {}
Mappings::~Mappings() = default;

uint64_t Mappings::reserve(uint64_t size, uint64_t alignment, uint64_t hint) {
  const std::unique_lock lock(mutex_);
  sweep();
  if (size > kHighest || alignment > kHighest) return 0;
  const uint64_t address = take_aligned(size, std::max(alignment, kVmmGranularity), hint);
  if (address == 0) return 0;
  std::byte* const bytes = take_bytes(address, size);
  if (!bytes) {
    munmap(pointer(address), size);
    return 0;
  }
  reservations_.emplace(address, Reservation{size, bytes});
  return address;
}

CUresult Mappings::free(uint64_t address, uint64_t size) {
  const std::unique_lock lock(mutex_);
  const auto it = reservations_.find(address);
  if (it == reservations_.end() || it->second.size != size) return CUDA_ERROR_INVALID_VALUE;
  const auto mapped = mappings_.lower_bound(address);
  if (mapped != mappings_.end() && mapped->first < address + size) return CUDA_ERROR_INVALID_VALUE;
  munmap(pointer(address), size);
  retired_bytes_.emplace_back(it->second.bytes, size);
  reservations_.erase(it);
  sweep();
  return CUDA_SUCCESS;
}

const Mappings::Reservation* Mappings::reservation_of(uint64_t address, uint64_t size,
                                                      uint64_t& start) const {
  auto it = reservations_.upper_bound(address);
  if (it == reservations_.begin()) return nullptr;
  --it;
  start = it->first;
  const uint64_t offset = address - start;
  return offset < it->second.size && size <= it->second.size - offset ? &it->second : nullptr;
}

CUresult Mappings::map(uint64_t address, uint64_t size, uint64_t offset,
                       const VmmHandlePtr& handle) {
  const std::unique_lock lock(mutex_);
  uint64_t start = 0;
  const Reservation* const r = reservation_of(address, size, start);
  if (!r) return CUDA_ERROR_INVALID_VALUE;
  const auto next = mappings_.lower_bound(address);
  if (next != mappings_.end() && next->first < address + size) return CUDA_ERROR_INVALID_VALUE;
  if (next != mappings_.begin()) {
    const auto& [before, mapping] = *std::prev(next);
    if (before + mapping.size > address) return CUDA_ERROR_INVALID_VALUE;
  }
  Mapping made;
  made.size = size;
  made.offset = offset;
  made.bytes = r->bytes + (address - start);
  made.handle = handle;
  made.buffer_id = next_buffer_id();
  if (!handle->physical->map(made.bytes, offset, size)) {
    clear_bytes(made.bytes, size);
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  watch(address, made);
  mappings_.emplace(address, std::move(made));
  return CUDA_SUCCESS;
}

// Observers keep what they know by address. They are told of memory that was never mapped before;
// once it has been elsewhere, or is at two addresses, they are told to forget it.
void Mappings::watch(uint64_t address, Mapping& mapping) {
  PhysicalMemory& physical = *mapping.handle->physical;
  if (!physical.imported() && !std::exchange(physical.was_mapped, true)) {
    mapping.watched = true;
    tell_allocated(address, mapping.size);
    return;
  }
  for (auto& [at, other] : mappings_)
    if (other.watched && other.handle->physical.get() == &physical) {
      other.watched = false;
      tell_released(at, other.size);
    }
}

bool Mappings::cover(uint64_t address, uint64_t size, MappingMap::iterator& first,
                     MappingMap::iterator& last) {
  first = last = mappings_.find(address);
  uint64_t at = address;
  for (; last != mappings_.end() && last->first == at && at < address + size; ++last)
    at += last->second.size;
  return size > 0 && at == address + size;
}

CUresult Mappings::unmap(uint64_t address, uint64_t size) {
  std::vector<VmmHandlePtr> let_go;  // freed without the lock
  const std::unique_lock lock(mutex_);
  MappingMap::iterator first, last;
  if (!cover(address, size, first, last)) return CUDA_ERROR_INVALID_VALUE;
  for (auto it = first; it != last; ++it)
    if (it->second.opened) return CUDA_ERROR_INVALID_VALUE;
  release(first, last, let_go);
  return CUDA_SUCCESS;
}

// Under the mutex.
void Mappings::release(MappingMap::iterator first, MappingMap::iterator last,
                       std::vector<VmmHandlePtr>& let_go) {
  std::vector<std::pair<std::byte*, uint64_t>> pieces;
  for (auto it = first; it != last; ++it) {
    if (it->second.watched) tell_released(it->first, it->second.size);
    pieces.emplace_back(it->second.bytes, it->second.size);
    let_go.push_back(std::move(it->second.handle));
  }
  mappings_.erase(first, last);
  for (int device = 0; device < kMostDevices; ++device)
    if (runs_[device].load(std::memory_order_relaxed)) publish(device);
  for (const auto& [bytes, length] : pieces) clear_bytes(bytes, length);
  sweep();
}

// The reservation is the file's; the mapping, which is what anybody sees, only the part that was
// asked for.
uint64_t Mappings::open(const PhysicalPtr& physical, uint64_t offset, uint64_t size,
                        const Context& context) {
  const uint64_t whole = physical->size();
  const uint64_t start = reserve(whole, 0, 0);
  if (start == 0) return 0;
  const std::unique_lock lock(mutex_);
  std::byte* const bytes = reservations_.at(start).bytes;
  if (!physical->map(bytes, 0, whole)) {
    clear_bytes(bytes, whole);
    munmap(pointer(start), whole);
    retired_bytes_.emplace_back(bytes, whole);
    reservations_.erase(start);
    return 0;
  }
  Mapping made;
  made.size = size;
  made.offset = offset;
  made.bytes = bytes + offset;
  made.handle = std::make_shared<VmmHandle>(VmmHandle{0, physical});
  made.buffer_id = next_buffer_id();
  made.opened = true;
  made.context = context.handle;
  made.context_id = context.id;
  made.access[static_cast<size_t>(context.device)] = CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
  mappings_.emplace(start + offset, std::move(made));
  publish(context.device);
  return start + offset;
}

bool Mappings::close(uint64_t address) {
  std::vector<VmmHandlePtr> let_go;
  const std::unique_lock lock(mutex_);
  const auto it = mappings_.find(address);
  if (it == mappings_.end() || !it->second.opened) return false;
  const uint64_t start = address - it->second.offset;
  release(it, std::next(it), let_go);
  const auto reservation = reservations_.find(start);
  munmap(pointer(start), reservation->second.size);
  retired_bytes_.emplace_back(reservation->second.bytes, reservation->second.size);
  reservations_.erase(reservation);
  sweep();
  return true;
}

// After publish(): who starts now cannot find the range any more. Whoever runs already may still
// read and write, and must neither die nor reach memory of somebody else.
void Mappings::clear_bytes(std::byte* at, uint64_t size) {
  const int protection =
      launches_.load(std::memory_order_seq_cst) != 0 ? PROT_READ | PROT_WRITE : PROT_NONE;
  mmap(at, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

CUresult Mappings::set_access(uint64_t address, uint64_t size, int device,
                              CUmemAccess_flags flags) {
  const std::unique_lock lock(mutex_);
  MappingMap::iterator first, last;
  if (!cover(address, size, first, last)) return CUDA_ERROR_INVALID_VALUE;
  for (auto it = first; it != last; ++it)
    it->second.access[static_cast<size_t>(device)] = static_cast<uint8_t>(flags);
  publish(device);
  sweep();
  return CUDA_SUCCESS;
}

// Under the mutex.
void Mappings::publish(int device) {
  auto fresh = std::make_unique<Runs>();
  for (const auto& [address, m] : mappings_) {
    const uint8_t access = m.access[static_cast<size_t>(device)];
    if (access == CU_MEM_ACCESS_FLAGS_PROT_NONE) continue;
    const bool writable = access == CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
    if (!fresh->empty()) {
      Allocation& before = fresh->back();
      if (before.address + before.size == address && before.host + before.size == m.bytes &&
          before.writable == writable && before.context_id == 0 && !m.opened) {
        before.size += m.size;
        continue;
      }
    }
    fresh->push_back(range_of(address, m));
    fresh->back().writable = writable;
  }
  const Runs* const now = fresh->empty() ? nullptr : fresh.release();
  if (const Runs* const before = runs_[device].exchange(now, std::memory_order_seq_cst))
    retired_runs_.emplace_back(before);
}

Allocation Mappings::range_of(uint64_t address, const Mapping& mapping) {
  Allocation range;
  range.address = address;
  range.size = mapping.size;
  range.host = mapping.bytes;
  range.kind = MemoryKind::mapped;
  range.context = mapping.context;
  range.context_id = mapping.context_id;
  range.device = mapping.handle->physical->properties().location.id;
  range.buffer_id = mapping.buffer_id;
  return range;
}

void Mappings::sweep() {
  if (launches_.load(std::memory_order_seq_cst) != 0) return;
  retired_runs_.clear();
  for (const auto& [bytes, size] : retired_bytes_) munmap(bytes, size);
  retired_bytes_.clear();
}

std::optional<Mappings::Description> Mappings::describe(uint64_t address) const {
  const std::shared_lock lock(mutex_);
  Description d;
  const Reservation* const r = reservation_of(address, 1, d.reservation);
  if (!r) return std::nullopt;
  d.reservation_size = r->size;
  const auto after = mappings_.upper_bound(address);
  if (after == mappings_.begin()) return d;
  const auto& [start, m] = *std::prev(after);
  if (address - start >= m.size) return d;
  if (m.opened) return std::nullopt;
  d.mapping = start;
  d.mapping_size = m.size;
  d.buffer_id = m.buffer_id;
  d.handle = m.handle;
  d.access = m.access;
  return d;
}

bool Mappings::reserved(uint64_t address) const {
  const std::shared_lock lock(mutex_);
  uint64_t start = 0;
  return reservation_of(address, 1, start) != nullptr;
}

std::optional<Allocation> Mappings::find(uint64_t address, uint64_t size) const {
  const std::shared_lock lock(mutex_);
  const auto after = mappings_.upper_bound(address);
  if (after == mappings_.begin()) return std::nullopt;
  auto it = std::prev(after);
  const uint64_t offset = address - it->first;
  if (offset >= it->second.size) return std::nullopt;
  Allocation found = range_of(it->first, it->second);
  while (size > found.size - offset) {
    if (found.context_id != 0 || ++it == mappings_.end() ||
        it->first != found.address + found.size || it->second.bytes != found.host + found.size)
      return std::nullopt;
    found.size += it->second.size;
  }
  return found;
}

const Allocation* Mappings::find_visible(uint64_t address, int device) const {
  const Runs* const runs = runs_[device].load(std::memory_order_acquire);
  if (!runs) return nullptr;
  const auto it =
      std::upper_bound(runs->begin(), runs->end(), address,
                       [](uint64_t at, const Allocation& run) { return at < run.address; });
  if (it == runs->begin()) return nullptr;
  const Allocation& run = *std::prev(it);
  return address - run.address < run.size ? &run : nullptr;
}

bool Mappings::move_to_own_file(PhysicalMemory& physical) {
  const std::unique_lock lock(mutex_);
  if (physical.own_file().ok()) return true;
  if (!physical.move_to_own_file()) return false;
  bool all = true;
  for (auto& [address, m] : mappings_)
    if (m.handle->physical.get() == &physical) all &= physical.map(m.bytes, m.offset, m.size);
  return all;
}

}  // namespace softgpu::driver
