// SPDX-License-Identifier: MIT
// The two questions by which an application gets at a driver function, and what we answer.
//
//   dlsym(handle, "cuLaunchKernel")                          the assembler stubs ask
//   nonans_route_dlsym() cuGetProcAddress("cuLaunchKernel", &p, 12000, flags, …)  the trampolines
//   of the two resolvers are resolve_trampoline()
//
// Both do the real lookup first. Only if it was answered with an entry of the driver that we hook
// is the trampoline handed out instead, with the real entry stored in its slot beforehand.
// Everything else is the application's own business.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <type_traits>

#include "interpose/guard.hpp"
#include "interpose/resolver.hpp"
#include "interpose/slots.hpp"

namespace nonans::interpose {

// What to give the application for the answer of its cuGetProcAddress: the trampoline, or the
// answer itself.
void* route_answer(const Resolver& resolver, const char* symbol, void* answer, int version,
                   uint64_t flags) noexcept;

template <typename Pfn, typename... Status>
CUresult resolve_trampoline(int hook, api::Fn, const char* symbol, void** pfn, int version,
                            cuuint64_t flags, Status... status) noexcept {
  auto real = reinterpret_cast<Pfn>(slot(hook));
  if (real == nullptr) [[unlikely]]
    return CUDA_ERROR_SHARED_OBJECT_SYMBOL_NOT_FOUND;
  Guard guard;
  CUresult result = real(symbol, pfn, version, flags, status...);
  // *pfn means something only after a good result: older drivers leave it as it was otherwise.
  if (!guard.entered() || result != CUDA_SUCCESS || symbol == nullptr || pfn == nullptr ||
      *pfn == nullptr) {
    return result;
  }
  *pfn = route_answer({reinterpret_cast<void*>(real), sizeof...(status) == 1}, symbol, *pfn,
                      version, flags);
  return result;
}

// The answer to a dlsym: `value` if `decided`, else the stub jumps to the real function as if we
// had not been there. Two registers (rax and rdx, x0 and x1): the stubs rely on it.
struct DlsymAnswer {
  void* value;
  uintptr_t decided;
};
static_assert(sizeof(DlsymAnswer) == 16 && std::is_trivially_copyable_v<DlsymAnswer>);

}  // namespace nonans::interpose

// `caller` is the return address of the application's call.
extern "C" [[gnu::visibility("hidden")]] nonans::interpose::DlsymAnswer nonans_route_dlsym(
    void* handle, const char* name, const void* caller) noexcept;
extern "C" [[gnu::visibility("hidden")]] nonans::interpose::DlsymAnswer nonans_route_dlvsym(
    void* handle, const char* name, const char* version, const void* caller) noexcept;
