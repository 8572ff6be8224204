// SPDX-License-Identifier: MIT
#include "interpose/resolver.hpp"

#include <cudaTypedefs.h>

#include "interpose/real_dlsym.hpp"

namespace nonans::interpose {

Resolver Resolver::of_driver(void* handle) noexcept {
  if (void* newer = lookup(handle, "cuGetProcAddress_v2")) return {newer, true};
  return {lookup(handle, "cuGetProcAddress"), false};
}

void* Resolver::ask(const char* base, int version, api::StreamFlavour stream) const noexcept {
  if (entry_ == nullptr) return nullptr;
  const cuuint64_t flags = stream == api::StreamFlavour::per_thread ? kPerThreadFlag : 0;
  void* found = nullptr;
  CUresult result =
      five_ ? reinterpret_cast<PFN_cuGetProcAddress_v12000>(entry_)(base, &found, version, flags,
                                                                    nullptr)
            : reinterpret_cast<PFN_cuGetProcAddress_v11030>(entry_)(base, &found, version, flags);
  return result == CUDA_SUCCESS ? found : nullptr;
}

void* Resolver::ask_exactly(const api::DriverFunction& f) const noexcept {
  void* found = ask(f.base, f.version, f.stream);
  if (f.stream == api::StreamFlavour::per_thread &&
      found == ask(f.base, f.version, api::StreamFlavour::legacy)) {
    return nullptr;
  }
  return found;
}

}  // namespace nonans::interpose
