// SPDX-License-Identifier: MIT
// How every exported function begins.
//
//   cudaError_t cudaFree(void* pointer) {
//     return with_context(Streams::legacy, [&](const Driver& driver) {
//       return driver.cuMemFree(address(pointer));
//     });
//   }
//
// call():          the result is kept for cudaGetLastError; no exception leaves.
// with_driver():   and there is a driver, initialised.
// with_context():  and a context is current: the one the program made current through the driver
// API, or else the
//                  primary context of the thread's device, which is retained at the first such
//                  call.
//
// A body answers a CUresult or a cudaError_t. Functions that exist for both default streams are a
// static function with a leading Streams, exported twice by SOFTGPU_TWINS.
#pragma once

#include <new>

#include "runtime/device_state.hpp"
#include "runtime/driver.hpp"
#include "runtime/errors.hpp"

namespace softgpu::runtime {

template <typename Body>
cudaError_t call(Body&& body) noexcept {
  try {
    return record(to_error(body()));
  } catch (const std::bad_alloc&) {
    return record(cudaErrorMemoryAllocation);
  } catch (...) {
    return record(cudaErrorUnknown);
  }
}

template <typename Body>
cudaError_t with_driver(Streams streams, Body&& body) noexcept {
  return call([&]() -> cudaError_t {
    const Driver* driver = nullptr;
    if (const cudaError_t e = find_driver(streams, driver); e != cudaSuccess) return e;
    return to_error(body(*driver));
  });
}

template <typename Body>
cudaError_t with_driver(Body&& body) noexcept {
  return with_driver(Streams::legacy, body);
}

template <typename Body>
cudaError_t with_context(Streams streams, Body&& body) noexcept {
  return with_driver(streams, [&](const Driver& driver) -> cudaError_t {
    if (const cudaError_t e = ensure_context(driver); e != cudaSuccess) return e;
    return to_error(body(driver));
  });
}

template <typename Body>
cudaError_t with_context(Body&& body) noexcept {
  return with_context(Streams::legacy, body);
}

inline CUdeviceptr address(const void* pointer) {
  return reinterpret_cast<CUdeviceptr>(pointer);
}

// name(parameters) and name + suffix (ptsz or ptds), both through implementation(Streams,
// arguments).
#define SOFTGPU_TWINS(name, suffix, implementation, parameters, ...)           \
  cudaError_t name parameters {                                                \
    return implementation(softgpu::runtime::Streams::legacy, __VA_ARGS__);     \
  }                                                                            \
  SOFTGPU_EXPORT cudaError_t name##_##suffix parameters {                      \
    return implementation(softgpu::runtime::Streams::per_thread, __VA_ARGS__); \
  }

}  // namespace softgpu::runtime
