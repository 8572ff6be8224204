// SPDX-License-Identifier: MIT
// CUDA C++ as far as the scan kernel uses it, for a host compiler: blocks of one thread, one after
// the other. It checks the kernel's logic under the sanitizers; what threads do to each other is
// the software device's to show.
#pragma once

#include <cstdint>
#include <cstring>

#include "resolve/scan_abi.h"

#define NONANS_HOST_DEVICE
#define __global__
#define __device__
#define __shared__ static
#define __grid_constant__
#define __launch_bounds__(threads)

struct Dimension {
  unsigned x;
};
inline Dimension threadIdx{0}, blockIdx{0}, blockDim{1}, gridDim{1};

inline void __syncthreads() {}
inline void __threadfence() {}
inline void __threadfence_system() {}
inline unsigned __activemask() {
  return 1;
}
inline unsigned __shfl_sync(unsigned, unsigned value, int) {
  return value;
}
inline int __popc(unsigned bits) {
  return __builtin_popcount(bits);
}
inline int __ffs(int bits) {
  return __builtin_ffs(bits);
}

template <typename T>
T atomicAdd(T* address, T value) {
  const T old = *address;
  *address = old + value;
  return old;
}
template <typename T>
T atomicMax(T* address, T value) {
  const T old = *address;
  if (value > old) *address = value;
  return old;
}
template <typename T>
T atomicOr(T* address, T value) {
  const T old = *address;
  *address = old | value;
  return old;
}
template <typename T>
T atomicExch(T* address, T value) {
  const T old = *address;
  *address = value;
  return old;
}
template <typename T>
T atomicCAS(T* address, T compare, T value) {
  const T old = *address;
  if (old == compare) *address = value;
  return old;
}

namespace nonans_device {

struct Words {
  nn_u32 w[4];
};

inline void* pointer(nn_u64 address) {
  return reinterpret_cast<void*>(static_cast<uintptr_t>(address));
}

inline Words load16(nn_u64 address) {
  Words words;
  std::memcpy(&words, pointer(address), sizeof words);
  return words;
}
inline nn_u64 load_element(nn_u64 address, nn_u32 log2_size) {
  nn_u64 bits = 0;
  std::memcpy(&bits, pointer(address), size_t{1} << log2_size);
  return bits;
}
inline nn_u64 reload_element(nn_u64 address, nn_u32 log2_size) {
  return load_element(address, log2_size);
}
inline void store_element(nn_u64 address, nn_u64 bits, nn_u32 log2_size) {
  std::memcpy(pointer(address), &bits, size_t{1} << log2_size);
}
inline void store_release_system(nn_u64* address, nn_u64 value) {
  *address = value;
}
inline nn_u64 global_time() {
  return 1;
}

}  // namespace nonans_device
