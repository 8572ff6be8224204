// SPDX-License-Identifier: MIT
// What NVIDIA's headers say about the driver API, as driver_interface.py read them: the
// expectations of the tests of every way in. Nothing of src/api is behind it.
//
//   for (const interface::Entry& e : interface::entries()) …
//   interface::find("cuMemAlloc_v2")->version        // 3020
#pragma once

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace interface {

struct Entry {
  const char* name;  // exported
  const char* base;  // what cuGetProcAddress is asked for
  int version;       // the CUDA version that introduced this ABI
  bool per_thread;   // _ptsz or _ptds
  int words;         // how many arguments, before the first struct by value or float
  bool hooked;       // src/api/hooked.txt lists it, or the name it is the twin of
};

inline constexpr Entry kEntries[] = {
#define INTERFACE_ENTRY(name, base, version, per_thread, words, hooked) \
  {#name, base, version, per_thread != 0, words, hooked != 0},
#define INTERFACE_VERSION(version)
#include "interface.inc"
#undef INTERFACE_ENTRY
#undef INTERFACE_VERSION
};

inline constexpr int kVersions[] = {
#define INTERFACE_ENTRY(name, base, version, per_thread, words, hooked)
#define INTERFACE_VERSION(version) version,
#include "interface.inc"
#undef INTERFACE_ENTRY
#undef INTERFACE_VERSION
};

inline std::span<const Entry> entries() {  // sorted by base
  return kEntries;
}

inline const Entry* find(std::string_view name) {
  for (const Entry& e : kEntries) {
    if (name == e.name) return &e;
  }
  return nullptr;
}

// Every version that a typedef names, and one between each two of them, below the first and above
// the last.
inline std::vector<int> requested_versions() {
  std::vector<int> versions = {0, 1990, 13010, 14000, 20000};
  for (int v : kVersions) {
    versions.push_back(v);
    versions.push_back(v + 5);
  }
  return versions;
}

inline std::vector<const char*> bases() {
  std::vector<const char*> found;
  for (const Entry& e : kEntries) {
    if (found.empty() || std::strcmp(found.back(), e.base) != 0) found.push_back(e.base);
  }
  return found;
}

}  // namespace interface
