// SPDX-License-Identifier: MIT
// Variables of modules and libraries whose address the program asks for. They are buffers of the
// context that their code is loaded in, which need not be the current one, and go with their module
// (code.cpp).
#include "api/generated/hooks.hpp"
#include "interpose/hooks/remember.hpp"

namespace nonans::interpose::hooks {
namespace {

using memory::BufferKind;

// `owner` is the module or library. The driver may be asked for the size alone: no address then.
template <typename Address, typename Size, typename Owner>
void remember_variable(const Address* address, const Size* bytes, Owner owner) noexcept {
  if (!address || !bytes) return;
  quietly([&](Runtime& runtime) {
    runtime.see_context();
    if (!runtime.hooks_register()) return;
    const Placement placed = placement_of(*address);
    runtime.buffers.add(
        {.base = *address,
         .size = *bytes,
         .kind = placed.kind == BufferKind::managed ? BufferKind::managed : BufferKind::module,
         .context = placed.context,
         .device = placed.device});
    runtime.code.own_variable(handle_key(owner), *address);
  });
}

}  // namespace

CUresult cuModuleGetGlobal_v2(const HookCall&, PFN_cuModuleGetGlobal_v3020 real,
                              CUdeviceptr_v2* dptr, size_t* bytes, CUmodule hmod,
                              const char* name) {
  const CUresult result = real(dptr, bytes, hmod, name);
  if (result == CUDA_SUCCESS) remember_variable(dptr, bytes, hmod);
  return result;
}

CUresult cuModuleGetGlobal_v1(const HookCall&, PFN_cuModuleGetGlobal_v2000 real, unsigned int* dptr,
                              unsigned int* bytes, CUmodule hmod, const char* name) {
  const CUresult result = real(dptr, bytes, hmod, name);
  if (result == CUDA_SUCCESS) remember_variable(dptr, bytes, hmod);
  return result;
}

CUresult cuLibraryGetGlobal(const HookCall&, PFN_cuLibraryGetGlobal_v12000 real,
                            CUdeviceptr_v2* dptr, size_t* bytes, CUlibrary library,
                            const char* name) {
  const CUresult result = real(dptr, bytes, library, name);
  if (result == CUDA_SUCCESS) remember_variable(dptr, bytes, library);
  return result;
}

CUresult cuLibraryGetManaged(const HookCall&, PFN_cuLibraryGetManaged_v12000 real,
                             CUdeviceptr_v2* dptr, size_t* bytes, CUlibrary library,
                             const char* name) {
  const CUresult result = real(dptr, bytes, library, name);
  if (result == CUDA_SUCCESS && dptr && bytes)
    quietly([&](Runtime& runtime) {
      runtime.buffers.add({.base = *dptr, .size = *bytes, .kind = BufferKind::managed});
      runtime.code.own_variable(handle_key(library), *dptr);
    });
  return result;
}

}  // namespace nonans::interpose::hooks
