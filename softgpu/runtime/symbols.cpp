// SPDX-License-Identifier: MIT
// __device__, __constant__ and __managed__ variables by the address that stands for them on the
// host.
#include "runtime/call.hpp"
#include "runtime/copy.hpp"
#include "runtime/kernels.hpp"

namespace softgpu::runtime {

cudaError_t part_of(const Driver& driver, const void* symbol, size_t size, size_t offset,
                    void*& out) {
  CUdeviceptr start = 0;
  size_t whole = 0;
  if (const cudaError_t e = find_symbol(driver, symbol, start, whole); e != cudaSuccess) return e;
  if (offset > whole || size > whole - offset) return cudaErrorInvalidValue;
  out = reinterpret_cast<void*>(start + offset);
  return cudaSuccess;
}

bool to_device(cudaMemcpyKind kind) {
  return kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice ||
         kind == cudaMemcpyDefault;
}

bool from_device(cudaMemcpyKind kind) {
  return kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice ||
         kind == cudaMemcpyDefault;
}

}  // namespace softgpu::runtime

using namespace softgpu::runtime;

namespace {

cudaError_t to_symbol(Streams streams, const void* symbol, const void* from, size_t size,
                      size_t offset, cudaMemcpyKind kind) {
  return with_context(streams, [&](const Driver& driver) -> cudaError_t {
    void* part = nullptr;
    if (!to_device(kind)) return cudaErrorInvalidMemcpyDirection;
    if (const cudaError_t e = part_of(driver, symbol, size, offset, part); e != cudaSuccess)
      return e;
    return copy(driver, part, from, size, kind);
  });
}

cudaError_t to_symbol_async(Streams streams, const void* symbol, const void* from, size_t size,
                            size_t offset, cudaMemcpyKind kind, cudaStream_t stream) {
  return with_context(streams, [&](const Driver& driver) -> cudaError_t {
    void* part = nullptr;
    if (!to_device(kind)) return cudaErrorInvalidMemcpyDirection;
    if (const cudaError_t e = part_of(driver, symbol, size, offset, part); e != cudaSuccess)
      return e;
    return copy_async(driver, part, from, size, kind, stream);
  });
}

cudaError_t from_symbol(Streams streams, void* to, const void* symbol, size_t size, size_t offset,
                        cudaMemcpyKind kind) {
  return with_context(streams, [&](const Driver& driver) -> cudaError_t {
    void* part = nullptr;
    if (!from_device(kind)) return cudaErrorInvalidMemcpyDirection;
    if (const cudaError_t e = part_of(driver, symbol, size, offset, part); e != cudaSuccess)
      return e;
    return copy(driver, to, part, size, kind);
  });
}

cudaError_t from_symbol_async(Streams streams, void* to, const void* symbol, size_t size,
                              size_t offset, cudaMemcpyKind kind, cudaStream_t stream) {
  return with_context(streams, [&](const Driver& driver) -> cudaError_t {
    void* part = nullptr;
    if (!from_device(kind)) return cudaErrorInvalidMemcpyDirection;
    if (const cudaError_t e = part_of(driver, symbol, size, offset, part); e != cudaSuccess)
      return e;
    return copy_async(driver, to, part, size, kind, stream);
  });
}

}  // namespace

cudaError_t cudaGetSymbolAddress(void** out, const void* symbol) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    return out ? part_of(driver, symbol, 0, 0, *out) : cudaErrorInvalidValue;
  });
}

cudaError_t cudaGetSymbolSize(size_t* size, const void* symbol) {
  return with_context([&](const Driver& driver) -> cudaError_t {
    CUdeviceptr start = 0;
    return size ? find_symbol(driver, symbol, start, *size) : cudaErrorInvalidValue;
  });
}

SOFTGPU_TWINS(cudaMemcpyToSymbol, ptds, to_symbol,
              (const void* symbol, const void* from, size_t size, size_t offset,
               cudaMemcpyKind kind),
              symbol, from, size, offset, kind)
SOFTGPU_TWINS(cudaMemcpyToSymbolAsync, ptsz, to_symbol_async,
              (const void* symbol, const void* from, size_t size, size_t offset,
               cudaMemcpyKind kind, cudaStream_t stream),
              symbol, from, size, offset, kind, stream)
SOFTGPU_TWINS(cudaMemcpyFromSymbol, ptds, from_symbol,
              (void* to, const void* symbol, size_t size, size_t offset, cudaMemcpyKind kind), to,
              symbol, size, offset, kind)
SOFTGPU_TWINS(cudaMemcpyFromSymbolAsync, ptsz, from_symbol_async,
              (void* to, const void* symbol, size_t size, size_t offset, cudaMemcpyKind kind,
               cudaStream_t stream),
              to, symbol, size, offset, kind, stream)
