// SPDX-License-Identifier: MIT
// Which driver function is at an address?
//
//   std::optional<Fn> fn = identify(resolver, exports, "cuMemAlloc", answer, 12040,
//   StreamFlavour::legacy);
//
// cuGetProcAddress is asked for (base, version, flags) and answers with an address. Guessing the
// variant from the request alone goes wrong in three ways that were all met in the field: a driver
// newer than our headers answers with an ABI we do not know (and a trampoline of the older ABI
// corrupts the call); a driver without a per-thread twin answers with the legacy entry; a driver
// answers for one base with an entry of another. So the *answer* decides:
//
//  1. The address is one of the driver's exports, and a name at that address is of the requested
//  base: it is that variant.
//     Where several are (one body, several names), the request chooses among them.
//  2. What was asked for is itself an exported name ("cuMemAlloc_v2"), not a base: it is that
//  function.
//  3. The address is private to the driver, or an export of some other base (linkers fold functions
//  of equal code). Then
//     each variant we know of the base is asked for by the version that introduced it, newest
//     first: the one that is answered with this very address is it.
//  4. The address is an export of one other base: it is that function.
//  5. Otherwise it is a form of the function that this build does not know. It is passed on.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "interpose/resolver.hpp"

namespace nonans::interpose {

// The exports of one driver, sorted by address. Built once, at the first request: 637 lookups, a
// few hundred µs.
class ExportTable {
 public:
  struct Entry {
    void* address;
    api::Fn fn;
  };
  explicit ExportTable(void* handle) noexcept;
  std::span<const Entry> at(void* address) const noexcept;

 private:
  Entry entries_[api::kFunctionCount];
  int size_ = 0;
};

// The table of the process's driver; null without one. Threads that race build it twice and keep
// one.
const ExportTable* driver_exports() noexcept;

std::optional<api::Fn> identify(const Resolver& resolver, const ExportTable* exports,
                                const char* base, void* answer, int version,
                                api::StreamFlavour stream) noexcept;

}  // namespace nonans::interpose
