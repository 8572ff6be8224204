// SPDX-License-Identifier: MIT
// Launching as in CUDA 3: the shape and the parameters are set on the function, call by call, and
// cuLaunchGrid takes no more than the grid. Deprecated, and in every driver still.
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include "driver/entry.hpp"
#include "driver/module.hpp"

namespace softgpu::driver {
namespace {

struct Setup {
  unsigned x = 1, y = 1, z = 1;
  unsigned shared = 0;
  std::vector<std::byte> params;  // bytes up to the highest that was set
  size_t size = 0;                // cuParamSetSize
};

std::mutex& setups_mutex() {
  static std::mutex* const mutex = new std::mutex;
  return *mutex;
}
// By function: handles are not used twice (handles.hpp), so what an unloaded module leaves is never
// somebody else's.
std::map<CUfunction, Setup>& setups() {
  static auto* const all = new std::map<CUfunction, Setup>;
  return *all;
}

template <typename Body>
CUresult with_setup(CUfunction function, Body&& body) {
  return with_context([&](Context&) -> CUresult {
    if (!functions().find(function)) return CUDA_ERROR_INVALID_HANDLE;
    const std::lock_guard lock(setups_mutex());
    return body(setups()[function]);
  });
}

CUresult set_param(CUfunction function, int offset, const void* from, size_t bytes) {
  return with_setup(function, [&](Setup& setup) -> CUresult {
    constexpr size_t kMost = 4096;  // of all parameters, in those days
    if (offset < 0 || !from || bytes > kMost || static_cast<size_t>(offset) > kMost - bytes)
      return CUDA_ERROR_INVALID_VALUE;
    const size_t end = static_cast<size_t>(offset) + bytes;
    if (setup.params.size() < end) setup.params.resize(end);
    std::memcpy(setup.params.data() + offset, from, bytes);
    return CUDA_SUCCESS;
  });
}

CUresult launch_grid(CUfunction function, int width, int height, CUstream stream) {
  Setup setup;
  const CUresult r = with_setup(function, [&](Setup& found) {
    setup = found;
    return CUDA_SUCCESS;
  });
  if (r != CUDA_SUCCESS) return r;
  if (width <= 0 || height <= 0) return CUDA_ERROR_INVALID_VALUE;
  setup.params.resize(setup.size);
  size_t size = setup.size;
  void* extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, setup.params.data(), CU_LAUNCH_PARAM_BUFFER_SIZE,
                   &size, CU_LAUNCH_PARAM_END};
  return cuLaunchKernel(function, static_cast<unsigned>(width), static_cast<unsigned>(height), 1,
                        setup.x, setup.y, setup.z, setup.shared, stream, nullptr,
                        size > 0 ? extra : nullptr);
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuFuncSetBlockShape(CUfunction function, int x, int y, int z) {
  return with_setup(function, [&](Setup& setup) -> CUresult {
    if (x <= 0 || y <= 0 || z <= 0) return CUDA_ERROR_INVALID_VALUE;
    setup.x = static_cast<unsigned>(x);
    setup.y = static_cast<unsigned>(y);
    setup.z = static_cast<unsigned>(z);
    return CUDA_SUCCESS;
  });
}

CUresult cuFuncSetSharedSize(CUfunction function, unsigned int bytes) {
  return with_setup(function, [&](Setup& setup) {
    setup.shared = bytes;
    return CUDA_SUCCESS;
  });
}

CUresult cuParamSetSize(CUfunction function, unsigned int bytes) {
  return with_setup(function, [&](Setup& setup) -> CUresult {
    if (bytes > 4096) return CUDA_ERROR_INVALID_VALUE;
    setup.size = bytes;
    return CUDA_SUCCESS;
  });
}

CUresult cuParamSeti(CUfunction function, int offset, unsigned int value) {
  return set_param(function, offset, &value, sizeof value);
}
CUresult cuParamSetf(CUfunction function, int offset, float value) {
  return set_param(function, offset, &value, sizeof value);
}
CUresult cuParamSetv(CUfunction function, int offset, void* from, unsigned int bytes) {
  return set_param(function, offset, from, bytes);
}

// Synchronous in name only, like every launch.
CUresult cuLaunch(CUfunction function) {
  return launch_grid(function, 1, 1, nullptr);
}
CUresult cuLaunchGrid(CUfunction function, int width, int height) {
  return launch_grid(function, width, height, nullptr);
}
CUresult cuLaunchGridAsync(CUfunction function, int width, int height, CUstream stream) {
  return launch_grid(function, width, height, stream);
}
