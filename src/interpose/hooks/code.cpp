// SPDX-License-Identifier: MIT
// Images, modules, libraries and the functions looked up in them. The real call first: an image is
// read only after the driver accepted it, and a handle only after the driver gave it.
#include <algorithm>

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

template <typename Handle, typename Owner, typename Count, typename Name>
void enumerated(const Handle* handles, unsigned room, Owner of, Count count_in,
                Name name_of) noexcept {
  unsigned count = 0;
  if (!handles || !count_in || !name_of || count_in(&count, of) != CUDA_SUCCESS) return;
  for (unsigned i = 0; i < std::min(count, room); ++i) {
    const char* name = nullptr;
    if (name_of(&name, handles[i]) == CUDA_SUCCESS && name) function_found(&handles[i], of, name);
  }
}

// With lazy loading, asking for the name of a function may be its first use, which may wait for the
// whole context and is refused in a capture. The program has only listed it: left to the launch
// hook (Discovery), after which it is loaded anyway.
CUresult name_of_loaded(const char** name, CUfunction function) noexcept {
  const auto is_loaded = real::cuFuncIsLoaded();
  const auto name_of = real::cuFuncGetName();
  CUfunctionLoadingState state = CU_FUNCTION_LOADING_STATE_UNLOADED;
  if (!is_loaded || !name_of || is_loaded(&state, function) != CUDA_SUCCESS ||
      state != CU_FUNCTION_LOADING_STATE_LOADED)
    return CUDA_ERROR_NOT_READY;
  return name_of(name, function);
}

void unloading(uint64_t module) noexcept {
  quietly([&](Runtime& runtime) {
    runtime.discovery.forget();
    for (const uint64_t variable : runtime.code.unloading(module)) runtime.buffers.remove(variable);
  });
}

// The code of a library may be loaded as late as at the first use of one of its kernels, and CUPTI
// shows it only then: a kernel that was looked up before has no meaning yet.
void bind_late(Runtime& runtime, CUkernel kernel) {
  if (runtime.kernels.find(handle_key(kernel))) return;
  const auto library_of = real::cuKernelGetLibrary();
  const auto name_of = real::cuKernelGetName();
  CUlibrary library = nullptr;
  const char* name = nullptr;
  if (!library_of || !name_of || library_of(&library, kernel) != CUDA_SUCCESS ||
      name_of(&name, kernel) != CUDA_SUCCESS || !name)
    return;
  runtime.code.bind(handle_key(library), handle_key(kernel),
                    runtime.code.kernel(handle_key(library), name), context_of(kernel));
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
  unloading(handle_key(hmod));
  return real(hmod);
}

CUresult cuModuleGetFunction(const HookCall&, PFN_cuModuleGetFunction_v2000 real, CUfunction* hfunc,
                             CUmodule hmod, const char* name) {
  const CUresult result = real(hfunc, hmod, name);
  if (result == CUDA_SUCCESS) function_found(hfunc, hmod, name);
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
  unloading(handle_key(library));
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
      if (!runtime.hooks_register()) bind_late(runtime, kernel);
      runtime.code.bind_same(handle_key(*pFunc), handle_key(kernel),
                             Runtime::current_context_key());
    });
  return result;
}

// The buffer may be longer than the module: only the driver knows how much of it was filled.
CUresult cuModuleEnumerateFunctions(const HookCall&, PFN_cuModuleEnumerateFunctions_v12040 real,
                                    CUfunction* functions, unsigned int numFunctions,
                                    CUmodule mod) {
  const CUresult result = real(functions, numFunctions, mod);
  if (result == CUDA_SUCCESS)
    enumerated(functions, numFunctions, mod, real::cuModuleGetFunctionCount(), name_of_loaded);
  return result;
}

CUresult cuLibraryEnumerateKernels(const HookCall&, PFN_cuLibraryEnumerateKernels_v12040 real,
                                   CUkernel* kernels, unsigned int numKernels, CUlibrary lib) {
  const CUresult result = real(kernels, numKernels, lib);
  if (result == CUDA_SUCCESS)
    enumerated(kernels, numKernels, lib, real::cuLibraryGetKernelCount(), real::cuKernelGetName());
  return result;
}

CUresult cuFuncGetModule(const HookCall&, PFN_cuFuncGetModule_v11000 real, CUmodule* hmod,
                         CUfunction hfunc) {
  const CUresult result = real(hmod, hfunc);
  if (result == CUDA_SUCCESS)
    quietly([&](Runtime& runtime) {
      runtime.code.alias_of_function(handle_key(*hmod), handle_key(hfunc),
                                     Runtime::current_context_key());
    });
  return result;
}

}  // namespace nonans::interpose::hooks
