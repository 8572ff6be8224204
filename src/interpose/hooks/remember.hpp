// SPDX-License-Identifier: MIT
// What the memory hooks share: noting a range that the driver gave, forgetting one that it is about
// to take back.
//
//   const CUresult result = real(dptr, bytesize);
//   if (result == CUDA_SUCCESS) remember(*dptr, bytesize, BufferKind::device);
//   …
//   return release(dptr, [&] { return real(dptr); });
//
// Allocations are recorded after the driver made them, releases before the driver is asked: once it
// has the memory back it may hand the same address to another thread before our call returns, and a
// late removal would strike the new buffer. A release that the driver refuses is undone. Sharing
// (an export, peer access) is recorded after the driver agreed and before the application hears of
// it: nobody else can hold the handle earlier.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <optional>

#include "interpose/hooks/quietly.hpp"
#include "interpose/runtime/placement.hpp"
#include "memory/buffer.hpp"

namespace nonans::interpose::hooks {

// Of the current context and its device.
void remember(uint64_t base, uint64_t size, memory::BufferKind kind) noexcept;

// The ranges that overlap [begin, end), mappings included, are shared from now on.
void share(uint64_t begin, uint64_t end, memory::Sharing set) noexcept;

// Forgets the buffer at `base`, makes the real call, and remembers the buffer again if that failed.
template <typename Real>
CUresult release(uint64_t base, Real real) {
  std::optional<memory::Buffer> gone;
  quietly([&](Runtime& runtime) { gone = runtime.buffers.take(base); });
  const CUresult result = real();
  if (result != CUDA_SUCCESS && gone)
    quietly([&](Runtime& runtime) { runtime.buffers.put_back(*gone); });
  return result;
}

inline uint64_t address_of(const void* pointer) {
  return reinterpret_cast<uint64_t>(pointer);
}

}  // namespace nonans::interpose::hooks
