// SPDX-License-Identifier: MIT
#include "interpose/driver_library.hpp"

#include <dlfcn.h>

#include <atomic>
#include <cstring>
#include <string_view>

#include "interpose/elf_symbols.hpp"

namespace nonans::interpose {

namespace {

constinit std::atomic<void*> driver = nullptr;
constinit std::atomic<const link_map*> own_module = nullptr;

struct Order {
  ElfW(Addr) first;
  ElfW(Addr) second;
  bool first_came = false;
};

int compare_order(dl_phdr_info* info, size_t, void* data) {
  auto* order = static_cast<Order*>(data);
  if (info->dlpi_addr == order->first) {
    order->first_came = true;
    return 1;
  }
  return info->dlpi_addr == order->second;
}

}  // namespace

const link_map* module_of(const void* address) noexcept {
  Dl_info info;
  void* map = nullptr;
  if (address == nullptr || dladdr1(address, &info, &map, RTLD_DL_LINKMAP) == 0) return nullptr;
  return static_cast<const link_map*>(map);
}

const link_map* ourselves() noexcept {
  const link_map* module = own_module.load(std::memory_order_acquire);
  if (module == nullptr) {
    module = module_of(&own_module);
    own_module.store(module, std::memory_order_release);
  }
  return module;
}

bool is_driver(const link_map* module) noexcept {
  if (module == nullptr || module == ourselves()) return false;
  const char* name = soname(module->l_addr, module->l_ld);
  if (name == nullptr) {
    const char* slash = std::strrchr(module->l_name, '/');
    name = slash == nullptr ? module->l_name : slash + 1;
  }
  return std::string_view(name).starts_with("libcuda.so");
}

bool loaded_before(const link_map* first, const link_map* second) noexcept {
  if (first == nullptr || second == nullptr) return first == nullptr;
  // dl_iterate_phdr visits in load order and under the loader's lock; walking l_next ourselves
  // would race with dlclose.
  Order order{first->l_addr, second->l_addr};
  dl_iterate_phdr(compare_order, &order);
  return order.first_came;
}

void* handle_of(const link_map* module) noexcept {
  if (module == nullptr) return nullptr;
  return dlopen(module->l_name, RTLD_LAZY | RTLD_NOLOAD);
}

void remember_driver(const link_map* module) noexcept {
  if (driver.load(std::memory_order_acquire) != nullptr) return;
  void* handle = handle_of(module);
  void* none = nullptr;
  if (handle != nullptr && !driver.compare_exchange_strong(none, handle)) dlclose(handle);
}

// Weak: the shadow brings its own.
[[gnu::weak]] bool is_shadow() noexcept {
  return false;
}
[[gnu::weak]] void* find_driver() noexcept {
  return dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
}

void* driver_handle() noexcept {
  void* known = driver.load(std::memory_order_acquire);
  if (known != nullptr) return known;
  void* handle = find_driver();
  if (handle == nullptr) return nullptr;
  void* none = nullptr;
  if (!driver.compare_exchange_strong(none, handle)) dlclose(handle);
  return driver.load(std::memory_order_acquire);
}

}  // namespace nonans::interpose
