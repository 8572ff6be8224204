// SPDX-License-Identifier: MIT
// One copy of libcupti in this process, as the functions that are used of it.
//
//   std::string why;
//   if (std::optional<Library> found = mapped_library(why)) found->subscribe(&handle, …);
//
// NVIDIA's library is never linked: a second copy beside the program's breaks the program's
// profiler, since each keeps its own state and the driver serves one. So the copy that is already
// mapped is used, whatever path it came from; loading one is for those who ask for it.
//
// The functions and structures used are the same in the versions of CUDA 12 and 13: callback ids
// are only ever added, and a call whose parameters change gets a new id. Versions before that of
// CUDA 12.0 are refused. Version numbers: 19 is CUDA 12.0, 28 is 12.9, from 130000 on xxyyzz as in
// cupti_version.h.
#pragma once

#include <cupti.h>
#include <link.h>

#include <cstdint>
#include <optional>
#include <string>

namespace nonans::cupti {

inline constexpr uint32_t kOldestVersion = 19;

struct Library {
  uint32_t version = 0;
  decltype(&::cuptiSubscribe) subscribe = nullptr;
  decltype(&::cuptiSubscribe_v2) subscribe_v2 = nullptr;  // may be missing: not in every 12.x
  decltype(&::cuptiUnsubscribe) unsubscribe = nullptr;
  decltype(&::cuptiEnableCallback) enable_callback = nullptr;
  decltype(&::cuptiGetLastError) get_last_error = nullptr;  // may be missing
};

// By the name of its file.
bool is_cupti(const link_map* module) noexcept;

// dlopen handle of the first copy that is mapped, with a reference that is never given back: code
// that calls into it must not lose it. Null if there is none. Takes the loader's lock.
void* mapped_handle() noexcept;
// Cheap: false if no object was loaded into the process since the last call that returned true.
bool objects_were_added() noexcept;

// Empty, with the reason in words, if there is none or it is of no use.
std::optional<Library> library_in(void* handle, std::string& why);
std::optional<Library> mapped_library(std::string& why);
// The mapped copy, else the one that the loader finds for a driver of this CUDA version (13000).
std::optional<Library> load_library(int driver_version, std::string& why);

}  // namespace nonans::cupti
