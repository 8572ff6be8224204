// SPDX-License-Identifier: MIT
#include "runtime/kernels.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/errors.hpp"

namespace softgpu::runtime {

struct Function {
  Binary* binary;
  const void* host;
  const char* name;
  std::atomic<CUkernel> kernel{nullptr};
  Function(Binary* b, const void* h, const char* n) : binary(b), host(h), name(n) {}
};

struct Variable {
  Binary* binary;
  const void* host;
  const char* name;
  size_t size;
};

struct Managed {
  void** slot;
  const char* name;
  size_t size;
};

struct Binary {
  const void* fatbin;
  std::deque<Function> functions;
  std::deque<Variable> variables;
  std::deque<Managed> managed;
  std::mutex loading;
  std::atomic<bool> tried{false};  // and then:
  cudaError_t result = cudaSuccess;
  CUlibrary library = nullptr;
  bool placed = false;                   // its managed variables, in a context that is alive
  std::atomic<bool> ever_placed{false};  // host code uses them
};

namespace {

// A template's kernel can be in several fatbins under one host address; any of them will do.
struct Registry {
  std::shared_mutex mutex;
  std::unordered_multimap<const void*, Function*> functions;
  std::unordered_multimap<const void*, Variable*> variables;
  std::set<Binary*> binaries;
  std::set<CUkernel> kernels;
  std::map<std::pair<CUkernel, CUcontext>, CUfunction> in_context;
};
Registry& registry() {
  static auto* const instance = new Registry;
  return *instance;
}

template <typename Map, typename Entry>
void erase_entry(Map& map, const void* host, const Entry* entry) {
  const auto [first, last] = map.equal_range(host);
  for (auto it = first; it != last; ++it)
    if (it->second == entry) {
      map.erase(it);
      return;
    }
}

// Points the managed variables of a loaded fatbin at their memory in the current context.
cudaError_t place(const Driver& driver, Binary& binary) {
  const std::lock_guard lock(binary.loading);
  if (binary.placed) return cudaSuccess;
  for (const Managed& m : binary.managed) {
    CUdeviceptr pointer = 0;
    size_t size = 0;
    if (const CUresult r = driver.cuLibraryGetManaged(&pointer, &size, binary.library, m.name);
        r != CUDA_SUCCESS)
      return to_error(r);
    *m.slot = reinterpret_cast<void*>(pointer);
  }
  binary.placed = binary.ever_placed = true;
  return cudaSuccess;
}

// Host code asks for its managed variables once, before it first touches them. After a reset of the
// device it does not ask again, so what it had is put in place when the device is next used.
void place_again(const Driver& driver, const std::set<Binary*>& binaries) {
  for (Binary* const binary : binaries)
    if (binary->ever_placed) place(driver, *binary);
}

// A managed variable is named by its own address: there is no other thing on the host that stands
// for it.
cudaError_t find_managed(const void* symbol, CUdeviceptr& address, size_t& size) {
  Registry& r = registry();
  const std::shared_lock lock(r.mutex);
  for (Binary* const binary : r.binaries)
    for (const Managed& m : binary->managed)
      if (*m.slot == symbol) {
        address = reinterpret_cast<CUdeviceptr>(symbol);
        size = m.size;
        return cudaSuccess;
      }
  return cudaErrorInvalidSymbol;
}

}  // namespace

Binary* add_binary(const void* fatbin) {
  auto* const binary = new Binary;
  binary->fatbin = fatbin;
  Registry& r = registry();
  const std::unique_lock lock(r.mutex);
  r.binaries.insert(binary);
  return binary;
}

void add_function(Binary* binary, const void* host, const char* name) {
  Registry& r = registry();
  const std::unique_lock lock(r.mutex);
  r.functions.emplace(host, &binary->functions.emplace_back(binary, host, name));
}

void add_variable(Binary* binary, const void* host, const char* name, size_t size) {
  Registry& r = registry();
  const std::unique_lock lock(r.mutex);
  binary->variables.push_back({binary, host, name, size});
  r.variables.emplace(host, &binary->variables.back());
}

void add_managed(Binary* binary, void** slot, const char* name, size_t size) {
  const std::unique_lock lock(registry().mutex);
  binary->managed.push_back({slot, name, size});
}

void remove_binary(Binary* binary, const Driver* driver) {
  Registry& r = registry();
  {
    const std::unique_lock lock(r.mutex);
    if (r.binaries.erase(binary) == 0) return;
    for (const Function& f : binary->functions) erase_entry(r.functions, f.host, &f);
    for (const Variable& v : binary->variables) erase_entry(r.variables, v.host, &v);
    r.in_context.clear();
  }
  if (driver && binary->library) driver->cuLibraryUnload(binary->library);
  delete binary;
}

cudaError_t load_binary(const Driver& driver, Binary* binary) {
  if (!binary->tried.load(std::memory_order_acquire)) {
    const std::lock_guard lock(binary->loading);
    if (!binary->tried.load()) {
      binary->result = to_error(driver.cuLibraryLoadData(&binary->library, binary->fatbin, nullptr,
                                                         nullptr, 0, nullptr, nullptr, 0));
      binary->tried.store(true, std::memory_order_release);
    }
  }
  return binary->result;
}

cudaError_t load_managed(const Driver& driver, Binary* binary) {
  if (const cudaError_t e = load_binary(driver, binary); e != cudaSuccess) return e;
  return place(driver, *binary);
}

cudaError_t find_kernel(const Driver& driver, const void* function, CUkernel& out) {
  Registry& r = registry();
  Function* found = nullptr;
  {
    const std::shared_lock lock(r.mutex);
    const auto it = r.functions.find(function);
    if (it != r.functions.end()) found = it->second;
    // The handle's type is opaque and its value is only compared.
    out = static_cast<CUkernel>(const_cast<void*>(function));
    if (!found) return r.kernels.contains(out) ? cudaSuccess : cudaErrorInvalidDeviceFunction;
  }
  out = found->kernel.load(std::memory_order_acquire);
  if (out) return cudaSuccess;
  if (const cudaError_t e = load_binary(driver, found->binary); e != cudaSuccess) return e;
  const CUresult result = driver.cuLibraryGetKernel(&out, found->binary->library, found->name);
  if (result == CUDA_ERROR_NOT_FOUND) return cudaErrorInvalidDeviceFunction;
  if (result != CUDA_SUCCESS) return to_error(result);
  remember_kernel(out);
  found->kernel.store(out, std::memory_order_release);
  return cudaSuccess;
}

cudaError_t find_function(const Driver& driver, CUkernel kernel, CUfunction& out) {
  CUcontext context = nullptr;
  if (const CUresult e = driver.cuCtxGetCurrent(&context); e != CUDA_SUCCESS) return to_error(e);
  Registry& r = registry();
  {
    const std::shared_lock lock(r.mutex);
    const auto it = r.in_context.find({kernel, context});
    if (it != r.in_context.end()) {
      out = it->second;
      return cudaSuccess;
    }
  }
  if (const CUresult e = driver.cuKernelGetFunction(&out, kernel); e != CUDA_SUCCESS)
    return to_error(e);
  const std::unique_lock lock(r.mutex);
  place_again(driver, r.binaries);
  r.in_context.insert_or_assign({kernel, context}, out);
  return cudaSuccess;
}

cudaError_t find_function(const Driver& driver, const void* function, CUfunction& out) {
  CUkernel kernel = nullptr;
  if (const cudaError_t e = find_kernel(driver, function, kernel); e != cudaSuccess) return e;
  return find_function(driver, kernel, out);
}

void* host_address(CUfunction function, CUkernel kernel) {
  Registry& r = registry();
  const std::shared_lock lock(r.mutex);
  if (!kernel)
    for (const auto& [key, found] : r.in_context)
      if (found == function) kernel = key.first;
  for (const auto& [host, entry] : r.functions)
    if (kernel && entry->kernel.load() == kernel) return const_cast<void*>(host);
  return kernel ? static_cast<void*>(kernel) : static_cast<void*>(function);
}

cudaError_t find_symbol(const Driver& driver, const void* symbol, CUdeviceptr& address,
                        size_t& size) {
  Registry& r = registry();
  Variable* found = nullptr;
  {
    const std::shared_lock lock(r.mutex);
    const auto it = r.variables.find(symbol);
    if (it != r.variables.end()) found = it->second;
  }
  if (!found) return find_managed(symbol, address, size);
  if (const cudaError_t e = load_binary(driver, found->binary); e != cudaSuccess) return e;
  const CUresult result =
      driver.cuLibraryGetGlobal(&address, &size, found->binary->library, found->name);
  return result == CUDA_ERROR_NOT_FOUND ? cudaErrorInvalidSymbol : to_error(result);
}

void remember_kernel(CUkernel kernel) {
  Registry& r = registry();
  const std::unique_lock lock(r.mutex);
  r.kernels.insert(kernel);
}

void forget_functions() {
  Registry& r = registry();
  const std::unique_lock lock(r.mutex);
  r.in_context.clear();
  for (Binary* const binary : r.binaries) {
    const std::lock_guard loading(binary->loading);
    binary->placed = false;
  }
}

}  // namespace softgpu::runtime
