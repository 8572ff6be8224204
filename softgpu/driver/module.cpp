// SPDX-License-Identifier: MIT
#include "driver/module.hpp"

#include <algorithm>
#include <charconv>

#include "driver/entry.hpp"
#include "driver/lazy_loading.hpp"
#include "driver/managed_variables.hpp"
#include "driver/trace/resources.hpp"
#include "image/fatbin.hpp"

namespace softgpu::driver {
namespace {
namespace ptx = nonans::image::ptx;

// A module with __managed__ variables: its program lives in a space of the module's own, and goes
// first.
struct ManagedModule : Module {
  explicit ManagedModule(Context& context) : space(context) {}
  ~ManagedModule() { program.reset(); }
  ModuleSpace space;
};

}  // namespace

HandleTable<Module, CUmodule, HandleKind::module>& modules() {
  static auto* const table = new HandleTable<Module, CUmodule, HandleKind::module>;
  return *table;
}

HandleTable<Function, CUfunction, HandleKind::function>& functions() {
  static auto* const table = new HandleTable<Function, CUfunction, HandleKind::function>;
  return *table;
}

CUresult instantiate(ptx::Module parsed, const std::shared_ptr<Context>& context, ModulePtr& out,
                     std::string& message) {
  const bool managed = std::ranges::any_of(parsed.variables, &ptx::Variable::managed);
  const ModulePtr module =
      managed ? std::make_shared<ManagedModule>(*context) : std::make_shared<Module>();
  engine::AddressSpace& space = managed ? static_cast<ManagedModule&>(*module).space
                                        : static_cast<engine::AddressSpace&>(context->space);
  module->context = context;
  const std::string_view sm = parsed.target.substr(std::min<size_t>(3, parsed.target.size()));
  std::from_chars(sm.data(), sm.data() + sm.size(), module->ptx_version);
  engine::LoadError error;
  module->program = engine::Program::load(std::move(parsed), space, error);
  if (!module->program) {
    message = error.message;
    return error.unsupported ? CUDA_ERROR_NOT_SUPPORTED : CUDA_ERROR_INVALID_PTX;
  }
  module->handle = modules().insert(module);
  out = module;
  return CUDA_SUCCESS;
}

FunctionPtr function_of(const ModulePtr& module, const engine::Kernel& kernel) {
  const std::lock_guard lock(module->mutex);
  CUfunction& handle = module->functions[&kernel];
  if (handle) return functions().find(handle);
  auto function = std::make_shared<Function>();
  function->module = module;
  function->kernel = &kernel;
  function->handle = handle = functions().insert(function);
  return function;
}

void unload(const ModulePtr& module) {
  modules().remove(module->handle);
  const std::lock_guard lock(module->mutex);
  for (const auto& [kernel, handle] : module->functions) functions().remove(handle);
  module->functions.clear();
}

void unload_modules_of(const Context& context) {
  for (const LibraryPtr& library : libraries().all()) {
    const std::lock_guard lock(library->mutex);
    library->modules.erase(context.id);
  }
  for (const ModulePtr& module : modules().all())
    if (module->context.get() == &context) unload(module);
}

namespace {

CUresult load(CUmodule* out, const void* image, size_t size, unsigned count,
              const CUjit_option* options, void** values) {
  return with_context_unsafe([&](Context& context) -> CUresult {
    if (!out || !image) return CUDA_ERROR_INVALID_VALUE;
    JitOptions jit;
    if (const CUresult r = jit.read(count, options, values); r != CUDA_SUCCESS) return r;
    LoadedImage loaded = load_image(image, size, jit.max_registers());
    if (loaded.code != CUDA_SUCCESS) return report_load_error(loaded.code, loaded.log, jit);
    ModulePtr module;
    std::string message;
    const CUresult r =
        instantiate(std::move(*loaded.module), context.shared_from_this(), module, message);
    if (r != CUDA_SUCCESS) return report_load_error(r, message, jit);
    jit.finish();
    module->image = std::move(loaded.code_image);
    tell_created(module);
    *out = module->handle;
    return CUDA_SUCCESS;
  });
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

// softgpu-partial: only the PTX of an image is used; refuses CU_JIT_GLOBAL_SYMBOL_NAMES
CUresult cuModuleLoad(CUmodule* out, const char* path) {
  if (!path) return CUDA_ERROR_INVALID_VALUE;
  return with_context_unsafe([&](Context&) -> CUresult {
    const auto bytes = read_file(path);
    return bytes ? load(out, bytes->data(), bytes->size(), 0, nullptr, nullptr)
                 : CUDA_ERROR_FILE_NOT_FOUND;
  });
}
// softgpu-partial: only the PTX of an image is used; refuses CU_JIT_GLOBAL_SYMBOL_NAMES
CUresult cuModuleLoadData(CUmodule* out, const void* image) {
  return load(out, image, nonans::image::kUnknownSize, 0, nullptr, nullptr);
}
// softgpu-partial: only the PTX of an image is used; refuses CU_JIT_GLOBAL_SYMBOL_NAMES
CUresult cuModuleLoadDataEx(CUmodule* out, const void* image, unsigned int count,
                            CUjit_option* options, void** values) {
  return load(out, image, nonans::image::kUnknownSize, count, options, values);
}
// softgpu-partial: only the PTX of an image is used; refuses CU_JIT_GLOBAL_SYMBOL_NAMES
CUresult cuModuleLoadFatBinary(CUmodule* out, const void* image) {
  return load(out, image, nonans::image::kUnknownSize, 0, nullptr, nullptr);
}

CUresult cuModuleUnload(CUmodule handle) {
  return with_context_unsafe([&](Context&) -> CUresult {
    const ModulePtr module = modules().find(handle);
    if (!module) return CUDA_ERROR_INVALID_HANDLE;
    if (module->of_library) return CUDA_ERROR_NOT_PERMITTED;  // cuLibraryUnload does it
    if (const CUresult r = module->context->synchronize(); r != CUDA_SUCCESS) return r;
    tell_going(*module);
    unload(module);
    return CUDA_SUCCESS;
  });
}

CUresult cuModuleGetLoadingMode(CUmoduleLoadingMode* mode) {
  return entry([&]() -> CUresult {
    if (!mode) return CUDA_ERROR_INVALID_VALUE;
    *mode = lazy_loading() ? CU_MODULE_LAZY_LOADING : CU_MODULE_EAGER_LOADING;
    return CUDA_SUCCESS;
  });
}

CUresult cuModuleGetFunction(CUfunction* out, CUmodule handle, const char* name) {
  return with_context([&](Context&) -> CUresult {
    if (!out || !name || !*name) return CUDA_ERROR_INVALID_VALUE;
    const ModulePtr module = modules().find(handle);
    if (!module) return CUDA_ERROR_INVALID_HANDLE;
    const auto* const kernel = module->program->find_kernel(name);
    if (!kernel) return CUDA_ERROR_NOT_FOUND;
    const FunctionPtr function = function_of(module, *kernel);
    if (const CUresult r = first_use(*function); r != CUDA_SUCCESS) return r;
    *out = function->handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuModuleGetGlobal_v2(CUdeviceptr* address, size_t* size, CUmodule handle,
                              const char* name) {
  return with_context([&](Context&) -> CUresult {
    if (!name) return CUDA_ERROR_INVALID_VALUE;
    const ModulePtr module = modules().find(handle);
    if (!module) return CUDA_ERROR_INVALID_HANDLE;
    const auto* const variable = module->program->find_variable(name);
    if (!variable) return CUDA_ERROR_NOT_FOUND;
    if (address) *address = variable->address;
    if (size) *size = variable->size;
    return CUDA_SUCCESS;
  });
}

CUresult cuModuleGetFunctionCount(unsigned int* count, CUmodule handle) {
  return with_context([&](Context&) -> CUresult {
    const ModulePtr module = modules().find(handle);
    if (!module) return CUDA_ERROR_INVALID_HANDLE;
    if (!count) return CUDA_ERROR_INVALID_VALUE;
    *count = static_cast<unsigned>(module->program->kernels().size());
    return CUDA_SUCCESS;
  });
}

CUresult cuModuleEnumerateFunctions(CUfunction* out, unsigned int count, CUmodule handle) {
  return with_context([&](Context&) -> CUresult {
    const ModulePtr module = modules().find(handle);
    if (!module) return CUDA_ERROR_INVALID_HANDLE;
    if (!out || count == 0) return CUDA_ERROR_INVALID_VALUE;
    for (const auto& kernel : module->program->kernels()) {
      if (count-- == 0) break;
      *out++ = function_of(module, *kernel)->handle;
    }
    return CUDA_SUCCESS;
  });
}
