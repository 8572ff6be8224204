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
//  1. The address is one of the driver's exports. If one of the names at that address is of the
//  requested base, it is that
//     variant; where several are (one body, several names), the request chooses among them. If none
//     is, and the address has only one name, it is that function.
//  2. The address is private to the driver. Then each variant we know of the base is asked for by
//  the version that
//     introduced it, newest first: the one that is answered with this very address is it.
//  3. Otherwise it is a form of the function that this build does not know. It is passed on.
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
