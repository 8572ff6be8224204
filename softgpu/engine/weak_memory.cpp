// SPDX-License-Identifier: MIT
#include "weak_memory.hpp"

#include <algorithm>
#include <cstring>

namespace softgpu::engine {
namespace {

std::byte* line_start(std::byte* memory) {
  return reinterpret_cast<std::byte*>(reinterpret_cast<uintptr_t>(memory) / kLineBytes *
                                      kLineBytes);
}

// Bits of the `size` bytes at `memory` in the line that starts at `start`.
u32 bits_of(const std::byte* memory, u32 size, const std::byte* start) {
  const u32 all = size >= kLineBytes ? ~0U : (1U << size) - 1;
  return all << (memory - start);
}

template <class T>
void copy_word(std::byte* to, const std::byte* from) {
  __atomic_store_n(reinterpret_cast<T*>(to),
                   __atomic_load_n(reinterpret_cast<const T*>(from), __ATOMIC_RELAXED),
                   __ATOMIC_RELAXED);
}

// Copies the bytes of `which`, in words as large as they come: a racing thread sees an aligned
// word whole, as it does on hardware.
void copy_bytes(std::byte* to, const std::byte* from, u32 which) {
  for (u32 at = 0; at < kLineBytes;) {
    const u32 rest = which >> at;
    if (at % 8 == 0 && (rest & 0xffU) == 0xffU) {
      copy_word<u64>(to + at, from + at);
      at += 8;
    } else if (at % 4 == 0 && (rest & 0xfU) == 0xfU) {
      copy_word<u32>(to + at, from + at);
      at += 4;
    } else if (at % 2 == 0 && (rest & 3U) == 3U) {
      copy_word<u16>(to + at, from + at);
      at += 2;
    } else {
      if ((rest & 1U) != 0) copy_word<u8>(to + at, from + at);
      ++at;
    }
  }
}

void publish_line(WeakLine& line) {
  copy_bytes(line.memory, line.data, line.dirty);
  line.dirty = 0;
}

}  // namespace

WeakLine& WeakView::line_of(std::byte* start, std::unordered_map<std::byte*, WeakLine>& lines) {
  WeakLine& line = lines[start];
  line.memory = start;
  return line;
}

void WeakView::fill(WeakLine& line, u32 wanted) {
  copy_bytes(line.data, line.memory, wanted & ~line.valid);
  line.valid |= wanted;
}

std::byte* WeakView::load(std::byte* memory, u32 size) {
  std::byte* const start = line_start(memory);
  WeakLine& line = line_of(start, lines_);
  fill(line, bits_of(memory, size, start));
  return line.data + (memory - start);
}

std::byte* WeakView::store(std::byte* memory, u32 size) {
  std::byte* const start = line_start(memory);
  WeakLine& line = line_of(start, lines_);
  const u32 bits = bits_of(memory, size, start);
  line.valid |= bits;
  line.dirty |= bits;
  return line.data + (memory - start);
}

std::byte* WeakView::load_read_only(std::byte* memory, u32 size) {
  std::byte* const start = line_start(memory);
  WeakLine& line = line_of(start, read_only_);
  fill(line, bits_of(memory, size, start));
  return line.data + (memory - start);
}

void WeakView::drop(std::byte* memory, u32 size) {
  for (std::byte* start = line_start(memory); start < memory + size; start += kLineBytes) {
    const auto at = lines_.find(start);
    if (at == lines_.end()) continue;
    WeakLine& line = at->second;
    std::byte* const first = std::max(memory, start);
    const u32 left = static_cast<u32>(std::min(memory + size, start + kLineBytes) - first);
    const u32 bits = bits_of(first, left, start);
    copy_bytes(line.memory, line.data, line.dirty & bits);
    line.dirty &= ~bits;
    line.valid &= ~bits;
  }
}

void WeakView::publish() {
  for (auto& [start, line] : lines_) publish_line(line);
}

void WeakView::forget() {
  for (auto& [start, line] : lines_) line.valid = line.dirty;
}

void WeakView::bound() {
  if (lines_.size() > kMostLines) {
    publish();
    lines_.clear();
  }
  if (read_only_.size() > kMostLines) read_only_.clear();
}

WeakMemory::~WeakMemory() {
  for (WeakLine& line : waiting_) publish_line(line);
}

void WeakMemory::end_of(WeakView& view) {
  const std::lock_guard lock(mutex_);
  for (auto& [start, line] : view.lines_) {
    if (line.dirty != 0) waiting_.push_back(line);
  }
  view.lines_.clear();
  view.read_only_.clear();
  if (waiting_.size() <= kMostWaiting) return;
  for (WeakLine& line : waiting_) publish_line(line);
  waiting_.clear();
}

}  // namespace softgpu::engine
