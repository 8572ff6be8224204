// SPDX-License-Identifier: MIT
#include "cupti/library.hpp"

#include <dlfcn.h>

#include <atomic>
#include <cstring>
#include <string_view>

namespace nonans::cupti {
namespace {

struct Search {
  std::string path;
  bool found = false;
};

// libcupti.so.13, libcupti.so.2025.3.0; and libcupti-8f3a0d11.so.12, as wheels rename what they
// bundle.
bool named_cupti(std::string_view path) {
  const size_t slash = path.rfind('/');
  const std::string_view file = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
  return file.starts_with("libcupti.so") ||
         (file.starts_with("libcupti-") && file.find(".so") != std::string_view::npos);
}

int look_at(dl_phdr_info* info, size_t, void* data) {
  auto* search = static_cast<Search*>(data);
  if (!info->dlpi_name || !named_cupti(info->dlpi_name)) return 0;
  search->path = info->dlpi_name;
  search->found = true;
  return 1;
}

int additions(dl_phdr_info* info, size_t, void* data) {
  *static_cast<unsigned long long*>(data) = info->dlpi_adds;
  return 1;
}

template <typename Function>
bool find(void* handle, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(handle, name));
  return function != nullptr;
}

}  // namespace

bool is_cupti(const link_map* module) noexcept {
  return module && module->l_name && named_cupti(module->l_name);
}

void* mapped_handle() noexcept {
  Search search;
  dl_iterate_phdr(look_at, &search);
  return search.found ? dlopen(search.path.c_str(), RTLD_LAZY | RTLD_NOLOAD) : nullptr;
}

bool objects_were_added() noexcept {
  static constinit std::atomic<unsigned long long> seen{0};
  unsigned long long now = 0;
  dl_iterate_phdr(additions, &now);
  return seen.exchange(now, std::memory_order_relaxed) != now;
}

std::optional<Library> library_in(void* handle, std::string& why) {
  Library library;
  decltype(&::cuptiGetVersion) get_version = nullptr;
  const char* missing = nullptr;
  if (!find(handle, "cuptiGetVersion", get_version)) missing = "cuptiGetVersion";
  if (!find(handle, "cuptiSubscribe", library.subscribe)) missing = "cuptiSubscribe";
  if (!find(handle, "cuptiUnsubscribe", library.unsubscribe)) missing = "cuptiUnsubscribe";
  if (!find(handle, "cuptiEnableCallback", library.enable_callback))
    missing = "cuptiEnableCallback";
  if (missing) {
    why = std::string("it has no ") + missing;
    return std::nullopt;
  }
  find(handle, "cuptiSubscribe_v2", library.subscribe_v2);
  find(handle, "cuptiGetLastError", library.get_last_error);
  if (get_version(&library.version) != CUPTI_SUCCESS || library.version < kOldestVersion) {
    why = "its version " + std::to_string(library.version) + " is older than that of CUDA 12.0";
    return std::nullopt;
  }
  return library;
}

std::optional<Library> mapped_library(std::string& why) {
  if (void* handle = mapped_handle()) return library_in(handle, why);
  why.clear();
  return std::nullopt;
}

std::optional<Library> load_library(int driver_version, std::string& why) {
  if (void* handle = mapped_handle()) return library_in(handle, why);
  // A libcupti works with drivers of its own major version and newer.
  const char* names[] = {"libcupti.so.13", "libcupti.so.12"};
  for (const char* name : names) {
    if (driver_version < 13000 && name == names[0]) continue;
    if (void* handle = dlopen(name, RTLD_LAZY | RTLD_LOCAL)) return library_in(handle, why);
  }
  why = driver_version < 13000 ? "the loader finds no libcupti.so.12"
                               : "the loader finds neither libcupti.so.13 nor libcupti.so.12";
  return std::nullopt;
}

}  // namespace nonans::cupti
