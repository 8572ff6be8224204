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

void share(uint64_t begin, uint64_t end, memory::Sharing set) noexcept {
  quietly([&](Runtime& runtime) {
    runtime.buffers.share(begin, end, set);
    // Mappings keep it themselves: their buffers are made anew when anything about them changes.
    runtime.virtual_memory.share(begin, end, set);
  });
}

}  // namespace nonans::interpose::hooks
