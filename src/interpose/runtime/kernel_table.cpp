// SPDX-License-Identifier: MIT
#include "interpose/runtime/kernel_table.hpp"

#include <utility>

#include "events/classify.hpp"
#include "nvtx/labels.hpp"
#include "resolve/kernel_rules.hpp"

namespace nonans::interpose {

Kernel* KernelTable::add(analyze::KernelProfile profile, bool same_code) {
  const bool left_alone = resolve::waits_for_other_devices(events::demangle(profile.name));
  const std::lock_guard lock(mutex_);
  if (kernels_.size() >= kMaxKernels) return nullptr;
  Kernel& kernel = kernels_.emplace_back();
  kernel.id = static_cast<uint32_t>(kernels_.size());
  kernel.same_code = same_code;
  kernel.left_alone = left_alone;
  kernel.profile = std::move(profile);
  return &kernel;
}

std::optional<events::KernelFacts> KernelTable::find(uint32_t kernel_id,
                                                     unsigned param_index) const {
  const std::lock_guard lock(mutex_);
  if (kernel_id == 0 || kernel_id > kernels_.size()) return std::nullopt;
  return events::facts_of(kernels_[kernel_id - 1].profile, param_index);
}

std::string KernelTable::label(uint32_t label) const {
  return nvtx::label_text(label);
}

}  // namespace nonans::interpose
