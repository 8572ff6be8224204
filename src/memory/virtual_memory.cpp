// SPDX-License-Identifier: MIT
#include "memory/virtual_memory.hpp"

#include <algorithm>
#include <utility>

namespace nonans::memory {

struct VirtualMemory::Released {
  uint64_t handle = 0;
  std::shared_ptr<Allocation> allocation;
};

struct VirtualMemory::Unmapped {
  std::vector<Mapping> mappings;
};

void VirtualMemory::created(uint64_t handle, const Backing& backing) {
  const std::lock_guard lock(mutex_);
  handles_[handle] = {std::make_shared<Allocation>(Allocation{backing, {}}), 1};
}

bool VirtualMemory::knows(uint64_t handle) const {
  const std::lock_guard lock(mutex_);
  return handles_.count(handle) != 0;
}

void VirtualMemory::retained(uint64_t handle, uint64_t address) {
  const std::lock_guard lock(mutex_);
  const auto at = first_in(address);
  if (at == mappings_.end() || at->second.base > address) return;
  Handle& known = handles_[handle];
  if (known.allocation != at->second.of) known = {at->second.of, 0};
  ++known.references;
}

std::shared_ptr<VirtualMemory::Released> VirtualMemory::releasing(uint64_t handle) {
  const std::lock_guard lock(mutex_);
  const auto found = handles_.find(handle);
  if (found == handles_.end()) return nullptr;
  auto released = std::make_shared<Released>(Released{handle, found->second.allocation});
  if (--found->second.references == 0) handles_.erase(found);
  return released;
}

void VirtualMemory::put_back(const std::shared_ptr<Released>& released) {
  if (!released) return;
  const std::lock_guard lock(mutex_);
  Handle& known = handles_[released->handle];
  if (known.allocation != released->allocation) known = {released->allocation, 0};
  ++known.references;
}

// The first mapping that ends behind `begin`.
VirtualMemory::Mappings::iterator VirtualMemory::first_in(uint64_t begin) {
  auto at = mappings_.upper_bound(begin);
  if (at != mappings_.begin() && std::prev(at)->second.end() > begin) --at;
  return at;
}

bool VirtualMemory::has_alias(const Mapping& mapping) const {
  return std::any_of(
      mapping.of->mapped_at.begin(), mapping.of->mapped_at.end(), [&](uint64_t base) {
        if (base == mapping.base) return false;
        const auto found = mappings_.find(base);
        return found != mappings_.end() && found->second.offset < mapping.offset + mapping.size &&
               mapping.offset < found->second.offset + found->second.size;
      });
}

Sharing VirtualMemory::sharing_of(const Mapping& mapping) const {
  Sharing sharing = static_cast<Sharing>(mapping.sharing | mapping.of->backing.sharing);
  const int32_t device = mapping.of->backing.device;
  const uint64_t own = device >= 0 && device < 64 ? uint64_t{1} << device : 0;
  if (((mapping.readers | mapping.writers) & ~own) != 0 || mapping.many) sharing |= kPeers;
  if ((mapping.writers & own) == 0) sharing |= kNoAccess;
  if (mapping.host) sharing |= kHostReaches;
  if (has_alias(mapping)) sharing |= kAliased;
  return sharing;
}

void VirtualMemory::publish(const Mapping& mapping) {
  buffers_.map({.base = mapping.base,
                .size = mapping.size,
                .kind = mapping.of->backing.kind,
                .device = mapping.of->backing.device,
                .sharing = sharing_of(mapping)});
}

void VirtualMemory::publish_all(const Allocation& allocation) {
  for (const uint64_t base : allocation.mapped_at) publish(mappings_.at(base));
}

void VirtualMemory::share_handle(uint64_t handle, Sharing set) {
  const std::lock_guard lock(mutex_);
  const auto found = handles_.find(handle);
  if (found == handles_.end()) return;
  Allocation& allocation = *found->second.allocation;
  if ((allocation.backing.sharing & set) == set) return;
  allocation.backing.sharing |= set;
  publish_all(allocation);
}

void VirtualMemory::share(uint64_t begin, uint64_t end, Sharing set) {
  const std::lock_guard lock(mutex_);
  for (auto at = first_in(begin); at != mappings_.end() && at->first < end; ++at) {
    at->second.sharing |= set;
    publish(at->second);
  }
}

void VirtualMemory::insert(Mapping mapping) {
  const std::shared_ptr<Allocation> of = mapping.of;
  of->mapped_at.push_back(mapping.base);
  mappings_[mapping.base] = std::move(mapping);
  publish_all(*of);  // all of them may have an alias now
}

void VirtualMemory::mapped(uint64_t address, uint64_t size, uint64_t offset, uint64_t handle) {
  // What stood there is gone, seen or not.
  unmapping(address, size);
  const std::lock_guard lock(mutex_);
  const auto found = handles_.find(handle);
  insert(
      {.base = address,
       .size = size,
       .offset = offset,
       .of = found != handles_.end() ? found->second.allocation : std::make_shared<Allocation>()});
}

void VirtualMemory::access(uint64_t address, uint64_t size, Accessor who, Access right) {
  const std::lock_guard lock(mutex_);
  for (auto at = first_in(address); at != mappings_.end() && at->first < address + size; ++at) {
    Mapping& mapping = at->second;
    if (who == kHost) {
      mapping.host = right != Access::none;
    } else if (who < 0 || who >= 64) {
      mapping.many = mapping.many || right != Access::none;
    } else {
      const uint64_t bit = uint64_t{1} << who;
      mapping.readers = right == Access::none ? mapping.readers & ~bit : mapping.readers | bit;
      mapping.writers =
          right == Access::read_write ? mapping.writers | bit : mapping.writers & ~bit;
    }
    publish(mapping);
  }
}

std::shared_ptr<VirtualMemory::Unmapped> VirtualMemory::unmapping(uint64_t address, uint64_t size) {
  const std::lock_guard lock(mutex_);
  auto unmapped = std::make_shared<Unmapped>();
  for (auto at = first_in(address); at != mappings_.end() && at->first < address + size;) {
    Mapping gone = std::move(at->second);
    at = mappings_.erase(at);
    buffers_.unmap(gone.base, gone.end());
    std::erase(gone.of->mapped_at, gone.base);
    publish_all(*gone.of);  // one of the rest may have lost its alias
    unmapped->mappings.push_back(std::move(gone));
  }
  return unmapped;
}

void VirtualMemory::put_back(const std::shared_ptr<Unmapped>& unmapped) {
  if (!unmapped) return;
  const std::lock_guard lock(mutex_);
  for (Mapping& mapping : unmapped->mappings) insert(std::move(mapping));
  unmapped->mappings.clear();
}

size_t VirtualMemory::mappings() const {
  const std::lock_guard lock(mutex_);
  return mappings_.size();
}

size_t VirtualMemory::handles() const {
  const std::lock_guard lock(mutex_);
  return handles_.size();
}

}  // namespace nonans::memory
