// SPDX-License-Identifier: MIT
// The kernels of this process: from a CUfunction or CUkernel to its profile, from a kernel id to
// its name.
//
//   Kernel& k = table.add(profile);                          // when its image is analysed
//   table.bind(handle_key(function), k);                     // get-function hooks
//   if (Kernel* k = table.find(handle_key(function))) …      // launch hooks: no lock, no
//   allocation
//
// Kernels are numbered from 1 and never freed: records that name them arrive late. A program that
// loads and unloads for ever is bounded: beyond kMaxKernels, kernels stay unknown.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "analyze/profile.hpp"
#include "events/directory.hpp"
#include "interpose/runtime/handle_map.hpp"

namespace nonans::interpose {

struct Kernel {
  uint32_t id = 0;
  // False: what the device runs may differ from the PTX that was analysed (see
  // code/image_choice.hpp).
  bool same_code = true;
  // No scan may follow it, whatever its profile says (resolve/kernel_rules.hpp).
  bool left_alone = false;
  analyze::KernelProfile profile;
  std::atomic<uint64_t> launches{0};  // its ordinal, for the governor
};

class KernelTable final : public events::KernelDirectory {
 public:
  static constexpr uint32_t kMaxKernels = 1u << 16;

  Kernel* add(analyze::KernelProfile profile, bool same_code);  // null when the table is full
  void bind(uint64_t handle, Kernel* kernel) { by_handle_.set(handle, kernel); }
  // The handle was announced, but nothing is known of its code.
  void bind_unknown(uint64_t handle) { by_handle_.set(handle, &unknown_); }
  void unbind(uint64_t handle) noexcept { by_handle_.forget(handle); }
  Kernel* find(uint64_t handle) const noexcept {  // null: unknown
    Kernel* const found = by_handle_.find(handle);
    return found == &unknown_ ? nullptr : found;
  }
  bool is_announced(uint64_t handle) const noexcept { return by_handle_.find(handle) != nullptr; }

  std::optional<events::KernelFacts> find(uint32_t kernel_id, unsigned param_index) const override;
  std::string label(uint32_t label) const override;

 private:
  HandleMap<Kernel> by_handle_;
  Kernel unknown_;  // stands for all of them
  mutable std::mutex mutex_;
  std::deque<Kernel> kernels_;  // addresses stay
};

}  // namespace nonans::interpose
