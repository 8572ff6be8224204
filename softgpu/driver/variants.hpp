// SPDX-License-Identifier: MIT
// Every spelling of every function: what cuGetProcAddress chooses from.
#pragma once

#include <span>

namespace softgpu::driver {

struct Variant {
  const char* base;  // "cuMemAlloc"
  int version;       // of CUDA, whose prototype it has: 3020
  bool per_thread;   // of the per-thread default stream: _ptsz, _ptds
  void* address;     // the exported function
};

// Sorted by base, then per-thread, then version.
std::span<const Variant> variants();

}  // namespace softgpu::driver
