// SPDX-License-Identifier: MIT
// Every exported name has a definition here that says it is not supported. They are weak: a
// function defined in any other file of this library replaces its own. So what is missing is what
// nobody wrote, and there is no second list.
//
// This file must not see cuda_runtime_api.h: the definitions take no arguments, which is safe in
// the C calling convention (the caller removes what it passed) and spares the types.
#include <atomic>

namespace softgpu::runtime {

// Says it on stderr, the first time for each function; keeps cudaErrorNotSupported as the thread's
// last error.
int not_supported(const char* function, std::atomic_flag& said) noexcept;

}  // namespace softgpu::runtime

extern "C" {
#define SOFTGPU_FUNCTION(name)                              \
  __attribute__((weak, visibility("default"))) int name() { \
    static std::atomic_flag said;                           \
    return softgpu::runtime::not_supported(#name, said);    \
  }
#include SOFTGPU_FUNCTIONS
#undef SOFTGPU_FUNCTION
}
