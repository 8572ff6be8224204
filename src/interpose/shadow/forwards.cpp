// SPDX-License-Identifier: MIT
#include "interpose/shadow/forwards.hpp"

#include <cuda.h>

#include "api/function.hpp"
#include "interpose/driver_library.hpp"
#include "interpose/notice.hpp"
#include "interpose/real_dlsym.hpp"
#include "interpose/real_functions.hpp"

constinit std::atomic<void*> nonans_forward_entries[nonans::interpose::shadow::kForwardCount] = {};
static_assert(std::atomic<void*>::is_always_lock_free && sizeof(std::atomic<void*>) == 8);

namespace nonans::interpose::shadow {
namespace {

constexpr const char* kNames[] = {
#define NONANS_FORWARD(index, name) #name,
#include "api/generated/forwards.inc"
#undef NONANS_FORWARD
};

CUresult refuse() noexcept {
  return CUDA_ERROR_SHARED_OBJECT_SYMBOL_NOT_FOUND;
}

}  // namespace

bool is_forward(const void* address) noexcept {
  const auto* byte = static_cast<const char*>(address);
  return byte >= nonans_forwards_begin && byte < nonans_forwards_end;
}

}  // namespace nonans::interpose::shadow

void* nonans_resolve_forward(uint32_t index) noexcept {
  using namespace nonans::interpose;
  const char* name = shadow::kNames[index];
  const nonans::api::DriverFunction* f = nonans::api::find_exported(name);
  void* found = nullptr;
  if (f != nullptr) {
    found = real::entry<void*>(nonans::api::index_of(*f));
  } else if (void* driver = driver_handle()) {
    found = lookup(driver, name);
  }
  if (found == nullptr) {
    note(Notice::missing_entry, name);
    return reinterpret_cast<void*>(&shadow::refuse);
  }
  nonans_forward_entries[index].store(found, std::memory_order_release);
  return found;
}
