// SPDX-License-Identifier: MIT
// Every function has a definition here that says it is not supported, under the name by which the
// exported one calls it (cuda_api.hpp). They are weak: a function defined in any other file of this
// library replaces its own. So what is missing is what nobody wrote, and there is no second list.
//
// This file must not see cuda.h: the definitions take no arguments, which is safe in the C calling
// convention (the caller removes what it passed) and spares the types.
#include <string>

#include "driver/unsupported.hpp"

namespace softgpu::driver {
void say_once(std::string_view key, const std::string& message);

int not_supported(const char* function) noexcept {
  try {
    say_once(function, std::string(function) + " is not supported");
  } catch (...) {  // no memory for the message: the code still says it
  }
  return 801;  // CUDA_ERROR_NOT_SUPPORTED
}
}  // namespace softgpu::driver

extern "C" {
#define SOFTGPU_FUNCTION(name)                                       \
  __attribute__((weak, visibility("hidden"))) int softgpu_##name() { \
    return softgpu::driver::not_supported(#name);                    \
  }
#include "driver/generated/functions.inc"
#undef SOFTGPU_FUNCTION
}
