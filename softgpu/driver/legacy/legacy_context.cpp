// SPDX-License-Identifier: MIT
// Contexts with a usage count: cuCtxAttach and cuCtxDetach.
#include <map>
#include <mutex>

#include "driver/entry.hpp"

namespace softgpu::driver {
namespace {

std::mutex& counts_mutex() {
  static std::mutex* const mutex = new std::mutex;
  return *mutex;
}
// How often a context is attached to, beside the use that cuCtxCreate gave. By its number, which no
// other context gets.
std::map<uint64_t, unsigned>& attached() {
  static auto* const all = new std::map<uint64_t, unsigned>;
  return *all;
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuCtxAttach(CUcontext* out, unsigned int flags) {
  return with_context([&](Context& context) -> CUresult {
    if (!out || flags != 0) return CUDA_ERROR_INVALID_VALUE;
    const std::lock_guard lock(counts_mutex());
    ++attached()[context.id];
    *out = context.handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxDetach(CUcontext handle) {
  return entry([&]() -> CUresult {
    std::shared_ptr<Context> context;
    if (const CUresult r = current_context(context); r != CUDA_SUCCESS) return r;
    if (context->handle != handle) return CUDA_ERROR_INVALID_CONTEXT;
    {
      const std::lock_guard lock(counts_mutex());
      const auto it = attached().find(context->id);
      if (it != attached().end()) {
        if (--it->second == 0) attached().erase(it);
        return CUDA_SUCCESS;
      }
    }
    return cuCtxDestroy_v2(handle);  // the last use
  });
}
