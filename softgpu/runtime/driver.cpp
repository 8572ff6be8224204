// SPDX-License-Identifier: MIT
#include "runtime/driver.hpp"

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <mutex>

#include "runtime/errors.hpp"

namespace softgpu::runtime {
namespace {

// What stands in for a function that this driver does not have. Taking no arguments is safe in the
// C calling convention.
CUresult missing_function() {
  return CUDA_ERROR_NOT_SUPPORTED;
}

struct Loaded {
  PFN_cuGetProcAddress_v12000 resolve = nullptr;  // null: no usable driver
  Driver legacy, per_thread;
};

void ask(const Loaded& loaded, const char* name, int version, cuuint64_t flags, void** slot) {
  if (loaded.resolve(name, slot, version, flags, nullptr) != CUDA_SUCCESS || !*slot)
    *slot = reinterpret_cast<void*>(&missing_function);
}

// cuGetProcAddress, asked for itself: first the four-argument one of CUDA 11.3, then the one used
// from there on.
PFN_cuGetProcAddress_v12000 find_resolver_in(void* library) {
  const auto get =
      reinterpret_cast<PFN_cuGetProcAddress_v12000>(dlsym(library, "cuGetProcAddress_v2"));
  if (!get) return nullptr;
  void* found = nullptr;
  if (get("", &found, 0, 0, nullptr) == CUDA_ERROR_STUB_LIBRARY) return nullptr;
  get("cuGetProcAddress", &found, 11030, CU_GET_PROC_ADDRESS_LEGACY_STREAM, nullptr);
  found = nullptr;
  get("cuGetProcAddress", &found, 12000, CU_GET_PROC_ADDRESS_LEGACY_STREAM, nullptr);
  return reinterpret_cast<PFN_cuGetProcAddress_v12000>(found);
}

void load(Loaded& loaded) {
  void* const library = dlopen("libcuda.so.1", RTLD_NOW);
  if (!library) return;
  loaded.resolve = find_resolver_in(library);
  if (!loaded.resolve) return;
#define SOFTGPU_DRIVER(name, version)                            \
  ask(loaded, #name, version, CU_GET_PROC_ADDRESS_LEGACY_STREAM, \
      reinterpret_cast<void**>(&loaded.legacy.name));            \
  loaded.per_thread.name = loaded.legacy.name;
#define SOFTGPU_DRIVER_STREAM(name, version, thread_version)                        \
  ask(loaded, #name, version, CU_GET_PROC_ADDRESS_LEGACY_STREAM,                    \
      reinterpret_cast<void**>(&loaded.legacy.name));                               \
  ask(loaded, #name, thread_version, CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM, \
      reinterpret_cast<void**>(&loaded.per_thread.name));
#include "runtime/driver_functions.inc"
#undef SOFTGPU_DRIVER
#undef SOFTGPU_DRIVER_STREAM
}

// Lives for ever: destructors of the program call in after exit() has begun.
const Loaded& loaded() {
  static const Loaded* const instance = [] {
    auto* const l = new Loaded;
    load(*l);
    return l;
  }();
  return *instance;
}

enum class State : int { fresh, ready, forked };
std::atomic<State> g_state{State::fresh};

// A child has the parent's memory but none of the driver's threads, and maybe a locked mutex of
// ours: it is told so before any lock is taken. A child that forks before the first call is a fresh
// process.
void after_fork_in_child() {
  if (g_state.load() == State::ready) g_state.store(State::forked);
}

cudaError_t initialise(const Loaded& l) {
  static auto* const mutex = new std::mutex;
  const std::lock_guard lock(*mutex);
  if (g_state.load() == State::ready) return cudaSuccess;
  if (!l.resolve) return cudaErrorInsufficientDriver;
  int version = 0;
  if (l.legacy.cuDriverGetVersion(&version) != CUDA_SUCCESS ||
      version / 1000 < CUDART_VERSION / 1000)
    return cudaErrorInsufficientDriver;
  if (const CUresult r = l.legacy.cuInit(0); r != CUDA_SUCCESS) return to_error(r);
  pthread_atfork(nullptr, nullptr, after_fork_in_child);
  g_state.store(State::ready);
  return cudaSuccess;
}

}  // namespace

cudaError_t find_driver(Streams streams, const Driver*& out) {
  const State state = g_state.load(std::memory_order_acquire);
  if (state == State::forked) return cudaErrorInitializationError;
  const Loaded& l = loaded();
  if (state == State::fresh)
    if (const cudaError_t e = initialise(l); e != cudaSuccess) return e;
  out = streams == Streams::legacy ? &l.legacy : &l.per_thread;
  return cudaSuccess;
}

const Driver* initialised_driver() {
  return g_state.load() == State::ready ? &loaded().legacy : nullptr;
}

cudaError_t find_resolver(PFN_cuGetProcAddress_v12000& out) {
  out = loaded().resolve;
  return out ? cudaSuccess : cudaErrorInsufficientDriver;
}

}  // namespace softgpu::runtime
