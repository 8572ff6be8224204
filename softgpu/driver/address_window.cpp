// SPDX-License-Identifier: MIT
#include "driver/address_window.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace softgpu::driver {
namespace {

constexpr uint64_t kPoisonFile = uint64_t{4} << 20;

uint64_t round_up(uint64_t value, uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

void* reserve_address_space(uint64_t size) {
  void* p = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return p == MAP_FAILED ? nullptr : p;
}

int make_poison_file() {
  const int fd = memfd_create("softgpu-poison", MFD_CLOEXEC);
  if (fd < 0) return -1;
  const std::vector<std::byte> page(size_t{64} << 10, kPoison);
  for (uint64_t at = 0; at < kPoisonFile; at += page.size()) {
    if (pwrite(fd, page.data(), page.size(), static_cast<off_t>(at)) ==
        static_cast<ssize_t>(page.size()))
      continue;
    close(fd);
    return -1;
  }
  return fd;
}

// First fit: low addresses are used again soon, which is what programs see of hardware drivers.
uint64_t take(std::map<uint64_t, uint64_t>& spans, uint64_t size) {
  for (auto it = spans.begin(); it != spans.end(); ++it) {
    if (it->second < size) continue;
    const uint64_t offset = it->first, left = it->second - size;
    spans.erase(it);
    if (left > 0) spans.emplace(offset + size, left);
    return offset;
  }
  return UINT64_MAX;
}

void put(std::map<uint64_t, uint64_t>& spans, uint64_t offset, uint64_t size) {
  auto next = spans.lower_bound(offset);
  if (next != spans.end() && offset + size == next->first) {
    size += next->second;
    next = spans.erase(next);
  }
  if (next != spans.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == offset) {
      before->second += size;
      return;
    }
  }
  spans.emplace(offset, size);
}

}  // namespace

uint64_t AddressWindow::footprint(uint64_t size) {
  return size > kLargeFrom ? round_up(size, kChunk)
                           : round_up(std::max<uint64_t>(size, 1), kGranule);
}

AddressWindow::AddressWindow(uint64_t capacity) {
  // Twice the memory: an allocation that fits the memory always finds addresses, however they are
  // fragmented, unless small ones sit in more than half of all chunks. The first chunk is never
  // handed out: an access just below the first allocation must fault like any other.
  size_ = round_up(capacity, kChunk) * 2 + 2 * kChunk;
  void* const window = reserve_address_space(size_ + kChunk);
  void* const bytes = reserve_address_space(size_);
  if (!window || !bytes) return;
  bytes_ = static_cast<std::byte*>(bytes);
  chunks_ = std::make_unique<Chunk[]>(size_ / kChunk);
  free_large_.emplace(kChunk, size_ - kChunk);
  backed_ = kChunk;
  poison_file_ = make_poison_file();
  base_ = round_up(reinterpret_cast<uint64_t>(window), kChunk);
}

uint64_t AddressWindow::reserve(uint64_t size, int device) {
  const uint64_t need = footprint(size);
  std::map<uint64_t, uint64_t>& free_small = free_small_[device];
  const std::lock_guard lock(mutex_);
  uint64_t offset = UINT64_MAX;
  if (size > kLargeFrom) {
    offset = take(free_large_, need);
  } else {
    offset = take(free_small, need);
    if (offset == UINT64_MAX) {
      const uint64_t chunk = take(free_large_, kChunk);
      if (chunk == UINT64_MAX) return 0;
      put(free_small, chunk, kChunk);
      offset = take(free_small, need);
    }
  }
  if (offset == UINT64_MAX) return 0;
  if (!back(offset + need)) {
    put(size > kLargeFrom ? free_large_ : free_small, offset, need);
    return 0;
  }
  for (uint64_t chunk = offset / kChunk; chunk * kChunk < offset + need; ++chunk)
    chunks_[chunk].owner.store(static_cast<uint8_t>(device));
  taken_.emplace(offset, need);
  return base_ + offset;
}

void AddressWindow::give_back(uint64_t address) {
  const std::lock_guard lock(mutex_);
  const auto it = taken_.find(address - base_);
  if (it == taken_.end()) return;
  const auto [offset, size] = *it;
  taken_.erase(it);
  const bool large = size % kChunk == 0 && offset % kChunk == 0;
  if (large) unshare(offset);
  poison(address, size);
  if (large) {
    put(free_large_, offset, size);
    return;
  }
  std::map<uint64_t, uint64_t>& free_small = free_small_[owner_of(address)];
  put(free_small, offset, size);
  // A chunk whose small allocations are all gone is free for large ones again.
  for (uint64_t chunk = offset / kChunk * kChunk; chunk < offset + size; chunk += kChunk) {
    const auto span = std::prev(free_small.upper_bound(chunk + kChunk - 1));
    const uint64_t begin = span->first, end = begin + span->second;
    if (begin > chunk || end < chunk + kChunk) continue;
    free_small.erase(span);
    if (begin < chunk) free_small.emplace(begin, chunk - begin);
    if (end > chunk + kChunk) free_small.emplace(chunk + kChunk, end - chunk - kChunk);
    unshare(chunk);
    put(free_large_, chunk, kChunk);
  }
}

bool AddressWindow::back(uint64_t end) {
  end = round_up(end, kPoisonFile);
  end = std::min(end, size_);
  while (backed_ < end) {
    const uint64_t step = std::min(kPoisonFile - backed_ % kPoisonFile, size_ - backed_);
    std::byte* const at = bytes_ + backed_;
    if (poison_file_ >= 0) {
      if (!map_poison(backed_, step)) return false;
    } else {
      if (mprotect(at, step, PROT_READ | PROT_WRITE) != 0) return false;
      std::memset(at, static_cast<int>(kPoison), step);
    }
    backed_ += step;
  }
  return true;
}

// Poison at no cost for [offset, offset + size), in place of whatever is mapped there.
bool AddressWindow::map_poison(uint64_t offset, uint64_t size) {
  for (uint64_t at = offset; at < offset + size;) {
    const uint64_t step = std::min(kPoisonFile - at % kPoisonFile, offset + size - at);
    void* const p =
        mmap(bytes_ + at, step, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE,
             poison_file_, static_cast<off_t>(at % kPoisonFile));
    if (p == MAP_FAILED) return false;
    at += step;
  }
  return true;
}

std::optional<AddressWindow::SharedPiece> AddressWindow::share(uint64_t address) {
  const std::lock_guard lock(mutex_);
  auto taken = taken_.upper_bound(address - base_);
  if (taken == taken_.begin() || poison_file_ < 0) return std::nullopt;
  --taken;
  const bool large = taken->second % kChunk == 0 && taken->first % kChunk == 0;
  const uint64_t offset = taken->first / kChunk * kChunk, size = large ? taken->second : kChunk;
  const std::lock_guard shared_lock(shared_mutex_);
  auto it = shared_.find(offset);
  if (it == shared_.end()) {
    SharedFile file = SharedFile::make(SharedKind::device_memory, size);
    std::byte* const bytes = bytes_ + offset;
    if (!file.ok() || !file.fill(bytes, size) ||
        mmap(bytes, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, file.fd(),
             0) == MAP_FAILED)
      return std::nullopt;
    it = shared_.emplace(offset, std::move(file)).first;
  }
  return SharedPiece{it->second.fd(), it->second.trailer().id, base_ + offset};
}

void AddressWindow::unshare(uint64_t offset) {
  const std::lock_guard lock(shared_mutex_);
  const auto it = shared_.find(offset);
  if (it == shared_.end()) return;
  map_poison(offset, it->second.trailer().size);
  shared_.erase(it);
}

bool AddressWindow::is_shared(uint64_t offset) {
  const std::lock_guard lock(shared_mutex_);
  auto it = shared_.upper_bound(offset);
  if (it == shared_.begin()) return false;
  --it;
  return offset - it->first < it->second.trailer().size;
}

void AddressWindow::poison(uint64_t address, uint64_t size) {
  constexpr uint64_t kPage = 4096, kDropFrom = uint64_t{64} << 10;
  std::byte* const begin = host_of(address);
  if (poison_file_ < 0 || size < kDropFrom || is_shared(address - base_)) {
    std::memset(begin, static_cast<int>(kPoison), size);
    return;
  }
  const uint64_t start = reinterpret_cast<uint64_t>(begin), end = start + size;
  const uint64_t first = round_up(start, kPage), last = end / kPage * kPage;
  std::memset(begin, static_cast<int>(kPoison), first - start);
  std::memset(reinterpret_cast<void*>(last), static_cast<int>(kPoison), end - last);
  if (madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED) != 0)
    std::memset(reinterpret_cast<void*>(first), static_cast<int>(kPoison), last - first);
}

void AddressWindow::set(const engine::Range& range, const engine::Range* value) {
  const uint64_t offset = range.address - base_;
  const uint64_t end = offset + footprint(range.size);
  if (range.size > kLargeFrom) {
    for (uint64_t c = offset / kChunk; c < end / kChunk; ++c)
      chunks_[c].large.store(value, std::memory_order_release);
    return;
  }
  for (uint64_t at = offset; at < end; at += kGranule) {
    Chunk& chunk = chunks_[at / kChunk];
    Table* table = chunk.table.load(std::memory_order_acquire);
    if (!table) {
      auto fresh = std::make_unique<Table>();
      if (chunk.table.compare_exchange_strong(table, fresh.get(), std::memory_order_acq_rel))
        table = fresh.release();
    }
    table->granules[at % kChunk / kGranule].store(value, std::memory_order_release);
  }
}

void AddressWindow::show(const engine::Range* range) {
  set(*range, range);
}
void AddressWindow::hide(const engine::Range& range) {
  set(range, nullptr);
}

const engine::Range* AddressWindow::find(uint64_t address) const {
  const uint64_t offset = address - base_;
  if (offset >= size_) return nullptr;
  const Chunk& chunk = chunks_[offset / kChunk];
  const engine::Range* range = chunk.large.load(std::memory_order_acquire);
  if (!range) {
    const Table* const table = chunk.table.load(std::memory_order_acquire);
    if (!table) return nullptr;
    range = table->granules[offset % kChunk / kGranule].load(std::memory_order_acquire);
  }
  return range && address - range->address < range->size ? range : nullptr;
}

const engine::Range* AddressWindow::find_page(uint64_t address) {
  const uint64_t offset = address - base_;
  if (offset >= size_) return nullptr;
  Chunk& chunk = chunks_[offset / kChunk];
  if (!chunk.large.load(std::memory_order_acquire)) {
    const Table* const table = chunk.table.load(std::memory_order_acquire);
    const auto taken = [](const auto& granule) {
      return granule.load(std::memory_order_acquire) != nullptr;
    };
    if (!table || std::none_of(std::begin(table->granules), std::end(table->granules), taken))
      return nullptr;
  }
  const engine::Range* page = chunk.page.load(std::memory_order_acquire);
  if (page) return page;
  const uint64_t start = base_ + offset / kChunk * kChunk;
  auto fresh = std::make_unique<engine::Range>(engine::Range{start, kChunk, host_of(start), true});
  if (chunk.page.compare_exchange_strong(page, fresh.get(), std::memory_order_acq_rel))
    return fresh.release();
  return page;
}

}  // namespace softgpu::driver
