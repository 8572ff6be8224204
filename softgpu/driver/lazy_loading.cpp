// SPDX-License-Identifier: MIT
#include "driver/lazy_loading.hpp"

#include <cstdlib>
#include <string>
#include <string_view>

#include "driver/entry.hpp"
#include "driver/module.hpp"

namespace softgpu::driver {

bool lazy_loading() {
  static const bool lazy = [] {
    const char* const text = std::getenv("CUDA_MODULE_LOADING");
    const std::string_view mode = text ? text : "";
    if (!mode.empty() && mode != "LAZY" && mode != "EAGER" && mode != "DEFAULT")
      say_once("loading", "CUDA_MODULE_LOADING=" + std::string(mode) +
                              " is not understood (LAZY, EAGER or DEFAULT); LAZY is used");
    return mode != "EAGER";
  }();
  return lazy;
}

CUresult first_use(Function& function) {
  if (function.loaded.load(std::memory_order_acquire) || !lazy_loading()) return CUDA_SUCCESS;
  if (const CUresult r = potentially_unsafe_call(); r != CUDA_SUCCESS) return r;
  if (const CUresult r = function.module->context->synchronize(); r != CUDA_SUCCESS) return r;
  function.loaded.store(true, std::memory_order_release);
  return CUDA_SUCCESS;
}

void load_libraries_into(Context& context) {
  if (lazy_loading()) return;
  for (const LibraryPtr& library : libraries().all()) {
    ModulePtr module;
    module_of(library, context.shared_from_this(), module);  // what fails now fails again when used
  }
}

}  // namespace softgpu::driver
