// SPDX-License-Identifier: MIT
// A driver's cuGetProcAddress of either ABI, as a value.
//
//   Resolver resolver = Resolver::of_driver(handle);
//   void* entry = resolver.ask("cuMemAlloc", 3020, StreamFlavour::legacy);     // null: no such
//   function
#pragma once

#include <cstdint>

#include "api/function.hpp"

namespace nonans::interpose {

// CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM
inline constexpr uint64_t kPerThreadFlag = 2;

class Resolver {
 public:
  Resolver() = default;
  // `five` tells cuGetProcAddress_v2 (12.0), which takes a fifth argument for the status, from the
  // first ABI (11.3).
  Resolver(void* entry, bool five) : entry_(entry), five_(five) {}
  static Resolver of_driver(void* handle) noexcept;

  void* entry() const { return entry_; }
  // The driver's answer: for the per-thread flavour the legacy entry where the function has no
  // twin. Null if the call failed or found nothing; the output is read only after the result was.
  void* ask(const char* base, int version, api::StreamFlavour stream) const noexcept;
  // This very variant and no other: null where a per-thread twin is answered with the legacy entry.
  void* ask_exactly(const api::DriverFunction& f) const noexcept;

 private:
  void* entry_ = nullptr;
  bool five_ = false;
};

}  // namespace nonans::interpose
