// SPDX-License-Identifier: MIT
// Modules and functions belong to a context; libraries and kernels to none: a kernel gets a
// function in each context where it is used.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "driver/context.hpp"
#include "driver/image_loader.hpp"
#include "engine/engine.hpp"

namespace softgpu::driver {

struct Module {
  CUmodule handle = nullptr;
  std::shared_ptr<Context> context;
  std::unique_ptr<engine::Program> program;
  int ptx_version = 0;  // 90 for sm_90a
  bool of_library = false;
  std::shared_ptr<const std::string> image;  // cubin or PTX, for tools

  std::mutex mutex;
  std::map<const engine::Kernel*, CUfunction> functions;
};
using ModulePtr = std::shared_ptr<Module>;

struct Function {
  CUfunction handle = nullptr;
  ModulePtr module;
  const engine::Kernel* kernel = nullptr;
  std::atomic<bool> loaded{false};  // driver/lazy_loading.hpp
  std::atomic<uint32_t> max_dynamic_shared{48 << 10};
  std::atomic<int> carveout{-1};
  std::atomic<int> non_portable_cluster{0};
  std::atomic<int> cluster_policy{CU_CLUSTER_SCHEDULING_POLICY_DEFAULT};
};
using FunctionPtr = std::shared_ptr<Function>;

struct Library {
  CUlibrary handle = nullptr;
  nonans::image::ptx::Module parsed;
  std::shared_ptr<const std::string> image;
  std::mutex mutex;
  std::map<uint64_t, ModulePtr> modules;                 // by context id
  std::map<std::string, CUkernel, std::less<>> kernels;  // every entry of the image
};
using LibraryPtr = std::shared_ptr<Library>;

struct Kernel {
  CUkernel handle = nullptr;
  std::weak_ptr<Library> library;
  CUlibrary library_handle = nullptr;
  std::string name;
  std::mutex mutex;
  std::map<CUfunction_attribute, int> attributes;  // set before a function existed
};
using KernelPtr = std::shared_ptr<Kernel>;

HandleTable<Module, CUmodule, HandleKind::module>& modules();
HandleTable<Function, CUfunction, HandleKind::function>& functions();
HandleTable<Library, CUlibrary, HandleKind::library>& libraries();
HandleTable<Kernel, CUkernel, HandleKind::kernel>& kernels();

// Makes a module of a parsed image in `context` (NOT_SUPPORTED, INVALID_PTX or OUT_OF_MEMORY with a
// message).
CUresult instantiate(nonans::image::ptx::Module parsed, const std::shared_ptr<Context>& context,
                     ModulePtr& out, std::string& message);
// The function of a kernel of the module, made at its first use.
FunctionPtr function_of(const ModulePtr& module, const engine::Kernel& kernel);
void unload(const ModulePtr& module);
void unload_modules_of(const Context& context);

// The library's module in `context`, loaded at its first use.
CUresult module_of(const LibraryPtr& library, const std::shared_ptr<Context>& context,
                   ModulePtr& out);
CUresult function_of(const KernelPtr& kernel, const std::shared_ptr<Context>& context,
                     FunctionPtr& out);

// A CUfunction, or a CUkernel cast to one, which means its function in the current context.
// find_function finds it; resolve_function also makes it ready to be used.
CUresult find_function(CUfunction handle, const std::shared_ptr<Context>& current,
                       FunctionPtr& out);
CUresult resolve_function(CUfunction handle, const std::shared_ptr<Context>& current,
                          FunctionPtr& out);

CUresult get_attribute(const Function& function, CUfunction_attribute attribute, int& value);
CUresult set_attribute(Function& function, CUfunction_attribute attribute, int value);

}  // namespace softgpu::driver
