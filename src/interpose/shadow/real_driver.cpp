// SPDX-License-Identifier: MIT
#include "interpose/shadow/real_driver.hpp"

#include <dlfcn.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <vector>

#include "interpose/driver_library.hpp"
#include "interpose/notice.hpp"
#include "interpose/real_dlsym.hpp"
#include "interpose/shadow/loader_search.hpp"

// How one shadow knows another (an installed one and one of a build folder, say), which would hand
// calls to and fro.
extern "C" [[gnu::visibility("default")]] const int nonans_is_shadow = 1;

namespace nonans::interpose {

bool is_shadow() noexcept {
  return true;
}
void* find_driver() noexcept {
  return shadow::open_real_driver();
}

namespace shadow {
namespace {

constexpr const char* kName = "libcuda.so.1";

// A search that failed is not made again: every call of a program that has no driver would repeat
// it.
constinit std::atomic<bool> searched_in_vain = false;

bool is_this_library(const char* path) {
  struct stat one, other;
  return stat(path, &one) == 0 && stat(ourselves()->l_name, &other) == 0 &&
         one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

void* open_driver(const char* path) {
  if (is_this_library(path)) return nullptr;
  void* handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return nullptr;
  const bool driver =
      lookup(handle, "nonans_is_shadow") == nullptr &&
      (lookup(handle, "cuInit") != nullptr || lookup(handle, "cuGetProcAddress_v2") != nullptr);
  if (driver) return handle;
  dlclose(handle);
  return nullptr;
}

bool exists(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0;
}

void* search() {
  // Empty in a process with raised rights: who started it does not choose its libraries.
  const char* named = secure_getenv("NONANS_DRIVER");
  if (named != nullptr && *named != '\0') {
    void* handle = open_driver(named);
    if (handle == nullptr) note(Notice::no_driver, named);
    return handle;
  }
  for (const std::string& path : loader_candidates(kName)) {
    if (!exists(path)) continue;
    if (void* handle = open_driver(path.c_str())) return handle;
  }
  note(Notice::no_driver,
       "there is no libcuda.so.1 where the loader looks; NONANS_DRIVER=PATH names one");
  return nullptr;
}

}  // namespace

void* open_real_driver() noexcept {
  if (searched_in_vain.load(std::memory_order_acquire)) return nullptr;
  void* handle = nullptr;
  try {
    handle = search();
  } catch (...) {
    return nullptr;  // out of memory: the next call may do better
  }
  if (handle == nullptr) searched_in_vain.store(true, std::memory_order_release);
  return handle;
}

}  // namespace shadow
}  // namespace nonans::interpose
