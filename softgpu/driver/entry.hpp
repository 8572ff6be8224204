// SPDX-License-Identifier: MIT
// How every exported function begins.
//
//   CUresult cuCtxGetDevice(CUdevice* device) {
//     return with_context([&](Context& context) -> CUresult {
//       if (!device) return CUDA_ERROR_INVALID_VALUE;
//       …
//
// entry():         initialised? no exception leaves.
// with_context():  and a context is current, alive, and not broken by a fault (sticky errors).
// with_context_unsafe(): and no capture in progress is broken by the call.
// with_stream():   and the stream argument is one: 0 and the special values resolved for the legacy
// or the
//                  per-thread (_ptsz, _ptds) variant of the function.
#pragma once

#include <new>
#include <system_error>

#include "driver/context.hpp"
#include "driver/cuda_api.hpp"
#include "driver/driver_state.hpp"
#include "driver/stream.hpp"

namespace softgpu::driver {

template <typename Body>
CUresult entry_uninitialised(Body&& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  } catch (const std::system_error&) {
    return CUDA_ERROR_OPERATING_SYSTEM;
  } catch (...) {
    return CUDA_ERROR_UNKNOWN;
  }
}

template <typename Body>
CUresult entry(Body&& body) noexcept {
  if (const CUresult state = driver_state(); state != CUDA_SUCCESS) return state;
  return entry_uninitialised(body);
}

template <typename Body>
CUresult with_context(Body&& body) noexcept {
  return entry([&]() -> CUresult {
    if (in_host_callback()) return CUDA_ERROR_NOT_PERMITTED;
    std::shared_ptr<Context> context;
    if (const CUresult r = current_context(context); r != CUDA_SUCCESS) return r;
    if (const CUresult r = context->sticky(); r != CUDA_SUCCESS) return r;
    return body(*context);
  });
}

// What a capture cannot see and its graph would miss ("potentially unsafe" in cuda.h): allocation,
// loading, waiting for something else. UNSUPPORTED, and the capture is invalidated, where the modes
// of capture and thread prohibit it (capture/capture.cpp).
CUresult potentially_unsafe_call();

template <typename Body>
CUresult with_context_unsafe(Body&& body) noexcept {
  return with_context([&](Context& context) -> CUresult {
    if (const CUresult r = potentially_unsafe_call(); r != CUDA_SUCCESS) return r;
    return body(context);
  });
}

enum class DefaultStream { legacy, per_thread };

template <typename Body>
CUresult with_stream(CUstream handle, DefaultStream variant, Body&& body) noexcept {
  return with_context([&](Context& context) -> CUresult {
    std::shared_ptr<Stream> stream;
    if (const CUresult r =
            resolve_stream(context, handle, variant == DefaultStream::per_thread, stream);
        r != CUDA_SUCCESS)
      return r;
    if (const CUresult r = stream->context->sticky(); r != CUDA_SUCCESS) return r;
    return body(*stream->context, stream);
  });
}

}  // namespace softgpu::driver
