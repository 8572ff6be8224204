// SPDX-License-Identifier: MIT
#include "driver/vmm/physical.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "driver/address_window.hpp"
#include "driver/driver_state.hpp"
#include "driver/memory.hpp"

namespace softgpu::driver {
namespace {

// The file behind every piece that is not exported. It only grows: offsets cost nothing, and a
// piece that goes gives its pages back.
struct Arena {
  std::mutex mutex;
  int fd = -1;
  uint64_t end = 0;

  // The offset of `size` new bytes, or UINT64_MAX.
  uint64_t take(uint64_t size) {
    const std::lock_guard lock(mutex);
    if (fd < 0) fd = memfd_create("softgpu-physical", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, static_cast<off_t>(end + size)) != 0) return UINT64_MAX;
    return std::exchange(end, end + size);
  }
  void give(uint64_t offset, uint64_t size) const {
    // Where this fails, the pages stay until the process ends.
    (void)fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                    static_cast<off_t>(size));
  }
};
Arena& arena() {
  static Arena* const instance = new Arena;
  return *instance;
}

uint64_t next_id() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1);
}

// Fails, rather than ending the process, when the host has no page left: writes to the file answer
// ENOSPC where a store through a mapping would be a signal.
bool write_poison(int fd, uint64_t offset, uint64_t size) {
  const std::vector<std::byte> block(size_t{1} << 20, kPoison);
  for (uint64_t done = 0; done < size;) {
    const ssize_t n = pwrite(fd, block.data(), std::min<uint64_t>(block.size(), size - done),
                             static_cast<off_t>(offset + done));
    if (n <= 0) return false;
    done += static_cast<uint64_t>(n);
  }
  return true;
}

bool copy_bytes(int from, uint64_t offset, int to, uint64_t size) {
  std::vector<std::byte> block(size_t{1} << 20);
  for (uint64_t done = 0; done < size;) {
    const ssize_t n = pread(from, block.data(), std::min<uint64_t>(block.size(), size - done),
                            static_cast<off_t>(offset + done));
    if (n <= 0 || pwrite(to, block.data(), static_cast<size_t>(n), static_cast<off_t>(done)) != n)
      return false;
    done += static_cast<uint64_t>(n);
  }
  return true;
}

}  // namespace

PhysicalPtr PhysicalMemory::create(uint64_t size, const CUmemAllocationProp& properties) {
  const uint64_t offset = arena().take(size);
  if (offset == UINT64_MAX) return nullptr;
  if (!write_poison(arena().fd, offset, size)) {
    arena().give(offset, size);
    return nullptr;
  }
  PhysicalPtr p(new PhysicalMemory);
  p->size_ = size;
  p->id_ = next_id();
  p->properties_ = properties;
  p->in_arena_ = true;
  p->arena_offset_ = offset;
  return p;
}

PhysicalPtr PhysicalMemory::import(SharedFile file, int device) {
  PhysicalPtr p(new PhysicalMemory);
  p->size_ = file.trailer().size;
  p->id_ = next_id();
  p->properties_.type = CU_MEM_ALLOCATION_TYPE_PINNED;
  p->properties_.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  p->properties_.location.id = device;
  p->properties_.requestedHandleTypes =
      static_cast<CUmemAllocationHandleType>(file.trailer().handle_types);
  p->imported_ = true;
  p->own_ = std::move(file);
  return p;
}

PhysicalMemory::~PhysicalMemory() {
  if (in_arena_) arena().give(arena_offset_, size_);
  if (footprint > 0) memory().give_capacity(properties_.location.id, footprint);
}

bool PhysicalMemory::map(std::byte* at, uint64_t offset, uint64_t size) const {
  const int fd = in_arena_ ? arena().fd : own_.fd();
  const uint64_t start = in_arena_ ? arena_offset_ + offset : offset;
  return mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, fd,
              static_cast<off_t>(start)) != MAP_FAILED;
}

bool PhysicalMemory::move_to_own_file() {
  if (!in_arena_) return true;
  SharedFile file = SharedFile::make(SharedKind::physical, size_,
                                     static_cast<uint32_t>(properties_.requestedHandleTypes));
  if (!file.ok() || !copy_bytes(arena().fd, arena_offset_, file.fd(), size_)) return false;
  arena().give(arena_offset_, size_);
  in_arena_ = false;
  own_ = std::move(file);
  return true;
}

}  // namespace softgpu::driver
