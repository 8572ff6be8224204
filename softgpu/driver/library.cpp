// SPDX-License-Identifier: MIT
#include "driver/entry.hpp"
#include "driver/lazy_loading.hpp"
#include "driver/managed_variables.hpp"
#include "driver/module.hpp"
#include "driver/trace/resources.hpp"
#include "image/fatbin.hpp"

namespace softgpu::driver {

HandleTable<Library, CUlibrary, HandleKind::library>& libraries() {
  static auto* const table = new HandleTable<Library, CUlibrary, HandleKind::library>;
  return *table;
}

HandleTable<Kernel, CUkernel, HandleKind::kernel>& kernels() {
  static auto* const table = new HandleTable<Kernel, CUkernel, HandleKind::kernel>;
  return *table;
}

CUresult module_of(const LibraryPtr& library, const std::shared_ptr<Context>& context,
                   ModulePtr& out) {
  const auto loaded = [&] {
    const std::lock_guard lock(library->mutex);
    const auto it = library->modules.find(context->id);
    return it != library->modules.end() && it->second;
  };
  // Loading waits for the context on hardware, so a first use inside a capture fails. Asked without
  // the library's lock: callers may hold the graph lock, which comes first.
  if (!loaded())
    if (const CUresult r = potentially_unsafe_call(); r != CUDA_SUCCESS) return r;
  const std::lock_guard lock(library->mutex);
  ModulePtr& module = library->modules[context->id];
  if (!module) {
    std::string message;
    if (const CUresult r = instantiate(library->parsed, context, module, message);
        r != CUDA_SUCCESS) {
      say_once("load " + message, message);
      return r;
    }
    module->of_library = true;
    module->image = library->image;
    tell_created(module);
  }
  out = module;
  return CUDA_SUCCESS;
}

CUresult function_of(const KernelPtr& kernel, const std::shared_ptr<Context>& context,
                     FunctionPtr& out) {
  const LibraryPtr library = kernel->library.lock();
  if (!library) return CUDA_ERROR_INVALID_HANDLE;
  ModulePtr module;
  if (const CUresult r = module_of(library, context, module); r != CUDA_SUCCESS) return r;
  const engine::Kernel* const code = module->program->find_kernel(kernel->name);
  if (!code) return CUDA_ERROR_NOT_FOUND;
  out = function_of(module, *code);
  const std::lock_guard lock(kernel->mutex);
  for (const auto& [attribute, value] : kernel->attributes) set_attribute(*out, attribute, value);
  return CUDA_SUCCESS;
}

CUresult find_function(CUfunction handle, const std::shared_ptr<Context>& current,
                       FunctionPtr& out) {
  if (!handle) return CUDA_ERROR_INVALID_HANDLE;
  out = functions().find(handle);
  if (out) return CUDA_SUCCESS;
  const KernelPtr kernel = kernels().find(reinterpret_cast<CUkernel>(handle));
  return kernel ? function_of(kernel, current, out) : CUDA_ERROR_INVALID_HANDLE;
}

CUresult resolve_function(CUfunction handle, const std::shared_ptr<Context>& current,
                          FunctionPtr& out) {
  const CUresult r = find_function(handle, current, out);
  return r == CUDA_SUCCESS ? first_use(*out) : r;
}

namespace {

CUresult load(CUlibrary* out, const void* image, size_t size, unsigned count,
              const CUjit_option* options, void** values) {
  return entry([&]() -> CUresult {
    if (in_host_callback()) return CUDA_ERROR_NOT_PERMITTED;
    if (!out || !image) return CUDA_ERROR_INVALID_VALUE;
    JitOptions jit;
    if (const CUresult r = jit.read(count, options, values); r != CUDA_SUCCESS) return r;
    LoadedImage loaded = load_image(image, size, jit.max_registers());
    if (loaded.code != CUDA_SUCCESS) return report_load_error(loaded.code, loaded.log, jit);
    jit.finish();
    auto library = std::make_shared<Library>();
    library->parsed = std::move(*loaded.module);
    library->image = std::move(loaded.code_image);
    library->handle = libraries().insert(library);
    for (const auto& function : library->parsed.functions) {
      if (!function.is_entry || function.is_declaration) continue;
      auto kernel = std::make_shared<Kernel>();
      kernel->library = library;
      kernel->library_handle = library->handle;
      kernel->name = function.name;
      kernel->handle = kernels().insert(kernel);
      library->kernels.emplace(kernel->name, kernel->handle);
    }
    if (!lazy_loading())
      for (const auto& context : contexts().all()) {
        ModulePtr module;
        module_of(library, context, module);  // what fails now fails again when used
      }
    *out = library->handle;
    return CUDA_SUCCESS;
  });
}

// A body with the library's module in the current context.
template <typename Body>
CUresult with_library_module(CUlibrary handle, Body&& body) {
  return with_context([&](Context& context) -> CUresult {
    const LibraryPtr library = libraries().find(handle);
    if (!library) return CUDA_ERROR_INVALID_HANDLE;
    ModulePtr module;
    if (const CUresult r = module_of(library, context.shared_from_this(), module);
        r != CUDA_SUCCESS)
      return r;
    return body(*module);
  });
}

CUresult get_variable(CUdeviceptr* address, size_t* size, CUlibrary handle, const char* name) {
  return with_library_module(handle, [&](Module& module) -> CUresult {
    if (!name) return CUDA_ERROR_INVALID_VALUE;
    const engine::Variable* const variable = module.program->find_variable(name);
    if (!variable) return CUDA_ERROR_NOT_FOUND;
    if (address) *address = variable->address;
    if (size) *size = variable->size;
    return CUDA_SUCCESS;
  });
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

// softgpu-partial: only the PTX of an image is used; refuses CU_JIT_GLOBAL_SYMBOL_NAMES; library
// options have no effect
CUresult cuLibraryLoadData(CUlibrary* out, const void* code, CUjit_option* options, void** values,
                           unsigned int count, CUlibraryOption*, void**, unsigned int) {
  return load(out, code, nonans::image::kUnknownSize, count, options, values);
}

// softgpu-partial: only the PTX of an image is used; refuses CU_JIT_GLOBAL_SYMBOL_NAMES; library
// options have no effect
CUresult cuLibraryLoadFromFile(CUlibrary* out, const char* path, CUjit_option* options,
                               void** values, unsigned int count, CUlibraryOption*, void**,
                               unsigned int) {
  return entry([&]() -> CUresult {
    if (!path) return CUDA_ERROR_INVALID_VALUE;
    const auto bytes = read_file(path);
    return bytes ? load(out, bytes->data(), bytes->size(), count, options, values)
                 : CUDA_ERROR_FILE_NOT_FOUND;
  });
}

CUresult cuLibraryUnload(CUlibrary handle) {
  return entry([&]() -> CUresult {
    if (in_host_callback()) return CUDA_ERROR_NOT_PERMITTED;
    const LibraryPtr library = libraries().remove(handle);
    if (!library) return CUDA_ERROR_INVALID_HANDLE;
    std::map<uint64_t, ModulePtr> loaded;
    {
      const std::lock_guard lock(library->mutex);
      for (const auto& [name, kernel] : library->kernels) kernels().remove(kernel);
      loaded.swap(library->modules);
    }
    CUresult result = CUDA_SUCCESS;
    for (const auto& [id, module] : loaded) {
      if (!module) continue;  // its code did not load in that context
      if (const CUresult r = module->context->synchronize(); r != CUDA_SUCCESS) result = r;
      tell_going(*module);
      unload(module);
    }
    return result;
  });
}

CUresult cuLibraryGetKernel(CUkernel* out, CUlibrary handle, const char* name) {
  return entry([&]() -> CUresult {
    if (!out || !name) return CUDA_ERROR_INVALID_VALUE;
    const LibraryPtr library = libraries().find(handle);
    if (!library) return CUDA_ERROR_INVALID_HANDLE;
    const auto it = library->kernels.find(std::string_view(name));
    if (it == library->kernels.end()) return CUDA_ERROR_NOT_FOUND;
    *out = it->second;
    return CUDA_SUCCESS;
  });
}

CUresult cuLibraryGetKernelCount(unsigned int* count, CUlibrary handle) {
  return entry([&]() -> CUresult {
    const LibraryPtr library = libraries().find(handle);
    if (!library) return CUDA_ERROR_INVALID_HANDLE;
    if (!count) return CUDA_ERROR_INVALID_VALUE;
    *count = static_cast<unsigned>(library->kernels.size());
    return CUDA_SUCCESS;
  });
}

CUresult cuLibraryEnumerateKernels(CUkernel* out, unsigned int count, CUlibrary handle) {
  return entry([&]() -> CUresult {
    const LibraryPtr library = libraries().find(handle);
    if (!library) return CUDA_ERROR_INVALID_HANDLE;
    if (!out || count == 0) return CUDA_ERROR_INVALID_VALUE;
    for (const auto& [name, kernel] : library->kernels) {
      if (count-- == 0) break;
      *out++ = kernel;
    }
    return CUDA_SUCCESS;
  });
}

CUresult cuLibraryGetModule(CUmodule* out, CUlibrary handle) {
  return with_library_module(handle, [&](Module& module) -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    *out = module.handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuLibraryGetGlobal(CUdeviceptr* address, size_t* size, CUlibrary handle,
                            const char* name) {
  return get_variable(address, size, handle, name);
}

// softgpu-partial: each context has its own copy of a managed variable: on several devices they are
// not the same memory
CUresult cuLibraryGetManaged(CUdeviceptr* address, size_t* size, CUlibrary handle,
                             const char* name) {
  return with_library_module(handle, [&](Module& module) -> CUresult {
    if (!name) return CUDA_ERROR_INVALID_VALUE;
    const auto* const variable = module.program->find_variable(name);
    const auto found = variable ? memory().find(variable->address) : std::nullopt;
    if (!found || !is_managed_variable(*found)) return CUDA_ERROR_NOT_FOUND;
    if (address) *address = variable->address;
    if (size) *size = variable->size;
    return CUDA_SUCCESS;
  });
}
