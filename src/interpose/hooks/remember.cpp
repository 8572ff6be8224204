// SPDX-License-Identifier: MIT
#include "interpose/hooks/remember.hpp"

namespace nonans::interpose::hooks {

using memory::BufferKind;

void remember(uint64_t base, uint64_t size, BufferKind kind) noexcept {
  quietly([&](Runtime& runtime) {
    runtime.see_context();
    if (!runtime.hooks_register()) return;
    runtime.buffers.add({.base = base,
                         .size = size,
                         .kind = kind,
                         .context = Runtime::current_context_key(),
                         .device = Runtime::current_device()});
  });
}

std::optional<memory::Buffer> forget(uint64_t base) noexcept {
  std::optional<memory::Buffer> gone;
  quietly([&](Runtime& runtime) {
    const std::optional<memory::Buffer> there = runtime.buffers.find(base);
    if (there && there->base == base && there->kind != BufferKind::graph)
      gone = runtime.buffers.take(base);
  });
  return gone;
}

void remember_owned(memory::Buffer buffer) noexcept {
  quietly([&](Runtime& runtime) {
    runtime.see_context();
    if (buffer.context == 0) buffer.context = Runtime::current_context_key();
    if (buffer.device == memory::kUnknownDevice) buffer.device = Runtime::current_device();
    runtime.owned_ranges.add(buffer.owner, buffer.base);
    runtime.buffers.add(buffer);
  });
}

std::vector<memory::Buffer> forget_owned(uint64_t owner) noexcept {
  std::vector<memory::Buffer> gone;
  quietly([&](Runtime& runtime) {
    for (const uint64_t base : runtime.owned_ranges.take(owner)) {
      const std::optional<memory::Buffer> there = runtime.buffers.find(base);
      if (!there || there->base != base || there->owner != owner) continue;
      if (const auto taken = runtime.buffers.take(base)) gone.push_back(*taken);
    }
  });
  return gone;
}

void remember_again(const std::vector<memory::Buffer>& ranges) noexcept {
  quietly([&](Runtime& runtime) {
    for (const memory::Buffer& range : ranges) {
      runtime.owned_ranges.add(range.owner, range.base);
      runtime.buffers.put_back(range);
    }
  });
}

void share(uint64_t begin, uint64_t end, memory::Sharing set) noexcept {
  quietly([&](Runtime& runtime) {
    runtime.buffers.share(begin, end, set);
    // Mappings keep it themselves: their buffers are made anew when anything about them changes.
    runtime.virtual_memory.share(begin, end, set);
  });
}

}  // namespace nonans::interpose::hooks
