// SPDX-License-Identifier: MIT
#include "interpose/code/discovery.hpp"

#include "api/generated/real.hpp"
#include "interpose/code/code_store.hpp"
#include "interpose/runtime/handle_map.hpp"

namespace nonans::interpose {

ContentHash hash_of_name(const char* name) noexcept {
  return hash_of(std::as_bytes(std::span<const char>(name, std::strlen(name))));
}

void Discovery::offer(CUfunction function) noexcept {
  const uint64_t generation = generation_.load(std::memory_order_acquire);
  const uint64_t handle = handle_key(function);
  const uint64_t mark = handle * 0x9e3779b97f4a7c15u + generation;
  std::atomic<uint64_t>& remembered = asked_[(handle >> 4) % kRemembered];
  if (remembered.load(std::memory_order_relaxed) == mark) return;

  Place& place = places_[next_.fetch_add(1, std::memory_order_relaxed) % kPlaces];
  uint32_t expected = empty;
  if (!place.state.compare_exchange_strong(expected, writing, std::memory_order_acq_rel)) return;
  remembered.store(mark, std::memory_order_relaxed);
  const auto get_module = real::cuFuncGetModule();
  const auto get_name = real::cuFuncGetName();
  CUmodule module = nullptr;
  const char* name = nullptr;
  if (!get_module || !get_name || get_module(&module, function) != CUDA_SUCCESS ||
      get_name(&name, function) != CUDA_SUCCESS || !module || !name) {
    place.state.store(empty, std::memory_order_release);
    return;
  }
  place.generation = generation;
  place.handle = handle;
  place.module = handle_key(module);
  place.name = hash_of_name(name);
  waiting_.fetch_add(1, std::memory_order_relaxed);
  place.state.store(full, std::memory_order_release);
}

void Discovery::look_up_waiting(CodeStore& code) {
  for (Place& place : places_) {
    uint32_t expected = full;
    if (!place.state.compare_exchange_strong(expected, reading, std::memory_order_acq_rel))
      continue;
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    const uint64_t generation = place.generation, handle = place.handle, module = place.module;
    const ContentHash name = place.name;
    place.state.store(empty, std::memory_order_release);
    code.discovered(module, name, handle,
                    [&] { return generation_.load(std::memory_order_acquire) == generation; });
  }
}

}  // namespace nonans::interpose
