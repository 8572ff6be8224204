// SPDX-License-Identifier: MIT
// Images, modules, libraries and the functions looked up in them. The real call first: an image is
// read only after the driver accepted it, and a handle only after the driver gave it.
#include "api/generated/hooks.hpp"
#include "api/generated/real.hpp"
#include "interpose/hooks/quietly.hpp"

namespace nonans::interpose::hooks {
namespace {

// Whether an image that was just loaded is to be read by its hook. Loading is also when a libcupti
// may have come.
bool registers_code(Runtime& runtime) noexcept {
  runtime.cupti.code_loaded();
  return runtime.hooks_register();
}

void module_loaded(const CUmodule* module, const void* image) noexcept {
  quietly([&](Runtime& runtime) {
    runtime.see_context();
    if (!registers_code(runtime)) return;
    runtime.code.loaded(handle_key(*module), {.bytes = image,
                                              .sm = Runtime::compute_capability(),
                                              .context = Runtime::current_context_key()});
  });
}

// A CUkernel is of no context.
uint64_t context_of(CUkernel) noexcept {
  return 0;
}
uint64_t context_of(CUfunction) noexcept {
  return Runtime::current_context_key();
}

// `of` is the module or library that holds the code.
template <typename Handle, typename Owner>
void function_found(const Handle* handle, Owner of, const char* name) noexcept {
  quietly([&](Runtime& runtime) {
    runtime.see_context();
    runtime.code.bind(handle_key(of), handle_key(*handle),
                      runtime.code.kernel(handle_key(of), name), context_of(*handle));
  });
}

// cuda.h, CU_LIBRARY_BINARY_IS_PRESERVED: the code "can be accessed at any point until
// cuLibraryUnload". Values are flags, passed in the pointer itself.
Lifetime lifetime_of(const CUlibraryOption* options, void* const* values, unsigned count) noexcept {
  for (unsigned i = 0; options && values && i < count; ++i)
    if (options[i] == CU_LIBRARY_BINARY_IS_PRESERVED && values[i] != nullptr)
      return Lifetime::preserved;
  return Lifetime::call;
}

}  // namespace

CUresult cuModuleLoad(const HookCall&, PFN_cuModuleLoad_v2000 real, CUmodule* module,
                      const char* fname) {
  const FileVersion version = file_version(fname);
  const CUresult result = real(module, fname);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      runtime.see_context();
      if (!registers_code(runtime)) return;
      runtime.code.loaded_file(
          handle_key(*module), fname, version,
          {.sm = Runtime::compute_capability(), .context = Runtime::current_context_key()});
    });
  return result;
}

CUresult cuModuleLoadData(const HookCall&, PFN_cuModuleLoadData_v2000 real, CUmodule* module,
                          const void* image) {
  const CUresult result = real(module, image);
  if (result == CUDA_SUCCESS) module_loaded(module, image);
  return result;
}

CUresult cuModuleLoadDataEx(const HookCall&, PFN_cuModuleLoadDataEx_v2010 real, CUmodule* module,
                            const void* image, unsigned int numOptions, CUjit_option* options,
                            void** optionValues) {
  const CUresult result = real(module, image, numOptions, options, optionValues);
  if (result == CUDA_SUCCESS) module_loaded(module, image);
  return result;
}

CUresult cuModuleLoadFatBinary(const HookCall&, PFN_cuModuleLoadFatBinary_v2000 real,
                               CUmodule* module, const void* fatCubin) {
  const CUresult result = real(module, fatCubin);
  if (result == CUDA_SUCCESS) module_loaded(module, fatCubin);
  return result;
}

// Forgotten before the real unload: another thread's load may be given the same handle at once. A
// refused unload (a bad handle, a capture) leaves the module's kernels unknown, which is safe.
CUresult cuModuleUnload(const HookCall&, PFN_cuModuleUnload_v2000 real, CUmodule hmod) {
  quietly([&](Runtime& runtime) {
    for (const uint64_t variable : runtime.code.unloading(handle_key(hmod)))
      runtime.buffers.remove(variable);
  });
  return real(hmod);
}

CUresult cuModuleGetFunction(const HookCall&, PFN_cuModuleGetFunction_v2000 real, CUfunction* hfunc,
                             CUmodule hmod, const char* name) {
  const CUresult result = real(hfunc, hmod, name);
  if (result == CUDA_SUCCESS) function_found(hfunc, hmod, name);
  return result;
}

CUresult cuModuleGetGlobal_v2(const HookCall&, PFN_cuModuleGetGlobal_v3020 real,
                              CUdeviceptr_v2* dptr, size_t* bytes, CUmodule hmod,
                              const char* name) {
  const CUresult result = real(dptr, bytes, hmod, name);
  if (result == CUDA_SUCCESS && dptr && bytes)  // either may be left out
    quietly([&](Runtime& runtime) {
      runtime.buffers.add({.base = *dptr,
                           .size = *bytes,
                           .kind = memory::BufferKind::module,
                           .context = Runtime::current_context_key(),
                           .device = Runtime::current_device()});
      runtime.code.own_variable(handle_key(hmod), *dptr);
    });
  return result;
}

CUresult cuLibraryLoadData(const HookCall&, PFN_cuLibraryLoadData_v12000 real, CUlibrary* library,
                           const void* code, CUjit_option* jitOptions, void** jitOptionsValues,
                           unsigned int numJitOptions, CUlibraryOption* libraryOptions,
                           void** libraryOptionValues, unsigned int numLibraryOptions) {
  const CUresult result = real(library, code, jitOptions, jitOptionsValues, numJitOptions,
                               libraryOptions, libraryOptionValues, numLibraryOptions);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {  // a library belongs to no context
      if (!registers_code(runtime)) return;
      runtime.code.loaded(
          handle_key(*library),
          {.bytes = code,
           .sm = Runtime::compute_capability(),
           .lifetime = lifetime_of(libraryOptions, libraryOptionValues, numLibraryOptions)});
    });
  return result;
}

CUresult cuLibraryLoadFromFile(const HookCall&, PFN_cuLibraryLoadFromFile_v12000 real,
                               CUlibrary* library, const char* fileName, CUjit_option* jitOptions,
                               void** jitOptionsValues, unsigned int numJitOptions,
                               CUlibraryOption* libraryOptions, void** libraryOptionValues,
                               unsigned int numLibraryOptions) {
  const FileVersion version = file_version(fileName);
  const CUresult result = real(library, fileName, jitOptions, jitOptionsValues, numJitOptions,
                               libraryOptions, libraryOptionValues, numLibraryOptions);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      if (!registers_code(runtime)) return;
      runtime.code.loaded_file(handle_key(*library), fileName, version,
                               {.sm = Runtime::compute_capability()});
    });
  return result;
}

CUresult cuLibraryUnload(const HookCall&, PFN_cuLibraryUnload_v12000 real, CUlibrary library) {
  quietly([&](Runtime& runtime) {
    for (const uint64_t variable : runtime.code.unloading(handle_key(library)))
      runtime.buffers.remove(variable);
  });
  return real(library);
}

CUresult cuLibraryGetKernel(const HookCall&, PFN_cuLibraryGetKernel_v12000 real, CUkernel* pKernel,
                            CUlibrary library, const char* name) {
  const CUresult result = real(pKernel, library, name);
  if (result == CUDA_SUCCESS) function_found(pKernel, library, name);
  return result;
}

CUresult cuLibraryGetModule(const HookCall&, PFN_cuLibraryGetModule_v12000 real, CUmodule* pMod,
                            CUlibrary library) {
  const CUresult result = real(pMod, library);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      runtime.see_context();
      runtime.code.alias(handle_key(*pMod), handle_key(library), Runtime::current_context_key());
    });
  return result;
}

CUresult cuKernelGetFunction(const HookCall&, PFN_cuKernelGetFunction_v12000 real,
                             CUfunction* pFunc, CUkernel kernel) {
  const CUresult result = real(pFunc, kernel);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      runtime.see_context();
      runtime.code.bind_same(handle_key(*pFunc), handle_key(kernel),
                             Runtime::current_context_key());
    });
  return result;
}

}  // namespace nonans::interpose::hooks
