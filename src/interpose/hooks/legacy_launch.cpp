// SPDX-License-Identifier: MIT
// Launches as of CUDA 3: cuLaunch, cuLaunchGrid, cuLaunchGridAsync, with block shape and arguments
// set on the function before (runtime/legacy_launch.hpp). The launches themselves are held to the
// rules of every launch hook; the setters before them are not.
#include "api/generated/hooks.hpp"
#include "interpose/hooks/quietly.hpp"
#include "interpose/runtime/launch_watch.hpp"

namespace nonans::interpose::hooks {
namespace {

template <typename Change>
void remember(CUresult result, CUfunction function, Change change) noexcept {
  if (result != CUDA_SUCCESS) return;
  quietly([&](Runtime& runtime) {
    const Kernel* kernel = runtime.kernels.find(handle_key(function));
    if (LegacyLaunch* launch = runtime.legacy.of(function, kernel)) change(*launch);
  });
}

// `real` launches.
template <typename Real>
CUresult launch(const HookCall& call, CUfunction function, unsigned width, unsigned height,
                CUstream stream, Real real) {
  LaunchWatch watch(call, function, stream);
  const CUresult result = real();
  if (result != CUDA_SUCCESS) return result;
  Runtime* runtime = Runtime::get();
  if (runtime == nullptr) return result;
  LegacyLaunches::Reading reading(runtime->legacy.find(function),
                                  runtime->kernels.find(handle_key(function)));
  if (reading.ok())
    watch.launched(
        {{width, height, 1}, {reading.block()[0], reading.block()[1], reading.block()[2]}}, nullptr,
        reading.extra());
  else
    watch.launched({{width, height, 1}, {1, 1, 1}}, nullptr, nullptr);
  return result;
}

}  // namespace

CUresult cuFuncSetBlockShape(const HookCall&, PFN_cuFuncSetBlockShape_v2000 real, CUfunction hfunc,
                             int x, int y, int z) {
  const CUresult result = real(hfunc, x, y, z);
  remember(result, hfunc, [&](LegacyLaunch& launch) {
    launch.set_block(static_cast<uint32_t>(x), static_cast<uint32_t>(y), static_cast<uint32_t>(z));
  });
  return result;
}

CUresult cuParamSetSize(const HookCall&, PFN_cuParamSetSize_v2000 real, CUfunction hfunc,
                        unsigned int numbytes) {
  const CUresult result = real(hfunc, numbytes);
  remember(result, hfunc, [&](LegacyLaunch& launch) { launch.set_size(numbytes); });
  return result;
}

CUresult cuParamSeti(const HookCall&, PFN_cuParamSeti_v2000 real, CUfunction hfunc, int offset,
                     unsigned int value) {
  const CUresult result = real(hfunc, offset, value);
  remember(result, hfunc, [&](LegacyLaunch& launch) {
    launch.set(static_cast<size_t>(offset), &value, sizeof value);
  });
  return result;
}

CUresult cuParamSetf(const HookCall&, PFN_cuParamSetf_v2000 real, CUfunction hfunc, int offset,
                     float value) {
  const CUresult result = real(hfunc, offset, value);
  remember(result, hfunc, [&](LegacyLaunch& launch) {
    launch.set(static_cast<size_t>(offset), &value, sizeof value);
  });
  return result;
}

CUresult cuParamSetv(const HookCall&, PFN_cuParamSetv_v2000 real, CUfunction hfunc, int offset,
                     void* ptr, unsigned int numbytes) {
  const CUresult result = real(hfunc, offset, ptr, numbytes);
  remember(result, hfunc,
           [&](LegacyLaunch& launch) { launch.set(static_cast<size_t>(offset), ptr, numbytes); });
  return result;
}

CUresult cuLaunch(const HookCall& call, PFN_cuLaunch_v2000 real, CUfunction f) {
  return launch(call, f, 1, 1, nullptr, [&] { return real(f); });
}

CUresult cuLaunchGrid(const HookCall& call, PFN_cuLaunchGrid_v2000 real, CUfunction f,
                      int grid_width, int grid_height) {
  return launch(call, f, static_cast<unsigned>(grid_width), static_cast<unsigned>(grid_height),
                nullptr, [&] { return real(f, grid_width, grid_height); });
}

CUresult cuLaunchGridAsync(const HookCall& call, PFN_cuLaunchGridAsync_v2000 real, CUfunction f,
                           int grid_width, int grid_height, CUstream hStream) {
  return launch(call, f, static_cast<unsigned>(grid_width), static_cast<unsigned>(grid_height),
                hStream, [&] { return real(f, grid_width, grid_height, hStream); });
}

}  // namespace nonans::interpose::hooks
