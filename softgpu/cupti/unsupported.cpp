// SPDX-License-Identifier: MIT
// Every name that NVIDIA's library exports has a definition here that says it is not supported.
// They are weak: a function defined in any other file replaces its own, and nm -D shows which is
// which.
//
// This file must not see CUPTI's headers: the definitions take no arguments, which is safe in the C
// calling convention and spares the types.
#include <string>

namespace softgpu::cupti {
void say_once(const std::string& message) noexcept;

namespace {
int not_supported(const char* function) {
  say_once(std::string("libcupti: ") + function + " is not supported");
  return 27;  // CUPTI_ERROR_NOT_SUPPORTED
}
}  // namespace
}  // namespace softgpu::cupti

extern "C" {
#define SOFTGPU_FUNCTION(name)                              \
  __attribute__((weak, visibility("default"))) int name() { \
    return softgpu::cupti::not_supported(#name);            \
  }
#include "cupti/generated/functions.inc"
#undef SOFTGPU_FUNCTION
}
