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
#include <vector>

#include "interpose/hooks/quietly.hpp"
#include "interpose/runtime/placement.hpp"
#include "memory/buffer.hpp"

namespace nonans::interpose::hooks {

// Of the current context and its device.
void remember(uint64_t base, uint64_t size, memory::BufferKind kind) noexcept;

// The ranges that overlap [begin, end), mappings included, are shared from now on.
void share(uint64_t begin, uint64_t end, memory::Sharing set) noexcept;

// A range that goes with its owner: base, size, kind and owner are given, context and device are
// the current ones unless given too.
void remember_owned(memory::Buffer buffer) noexcept;
// What goes with it; put back with remember_again() if the driver refuses.
std::vector<memory::Buffer> forget_owned(uint64_t owner) noexcept;
void remember_again(const std::vector<memory::Buffer>& ranges) noexcept;

// The buffer at `base`, taken out of the registry. Memory of an allocation node is none: it is
// backed again when its graph runs again.
std::optional<memory::Buffer> forget(uint64_t base) noexcept;

// Forgets the buffer at `base`, makes the real call, and remembers the buffer again if that failed.
template <typename Real>
CUresult release(uint64_t base, Real real) {
  const std::optional<memory::Buffer> gone = forget(base);
  const CUresult result = real();
  if (result != CUDA_SUCCESS && gone)
    quietly([&](Runtime& runtime) { runtime.buffers.put_back(*gone); });
  return result;
}

// The same for all that goes with `owner`.
template <typename Real>
CUresult release_owned(uint64_t owner, Real real) {
  const std::vector<memory::Buffer> gone = forget_owned(owner);
  const CUresult result = real();
  if (result != CUDA_SUCCESS) remember_again(gone);
  return result;
}

inline uint64_t address_of(const void* pointer) {
  return reinterpret_cast<uint64_t>(pointer);
}

}  // namespace nonans::interpose::hooks
