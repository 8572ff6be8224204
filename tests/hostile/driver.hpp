// SPDX-License-Identifier: MIT
// The driver as the CUDA runtime gets at it: everything by cuGetProcAddress, so that the
// fault-injecting driver can tell this program's calls from libnonans's own (faulty_driver.h).
//
//   check(cu(cuInit)(0), "cuInit");
//   Faults faults;  faults.set({"cuMemAlloc_v2", FAULTY_APPLICATION, 1, 0, 2});
#pragma once

#include <cuda.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

#include "api/function.hpp"
#include "faulty_driver/faulty_driver.h"

namespace hostile {

inline void* library() {
  static void* const handle = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  return handle;
}

[[noreturn]] inline void give_up(const char* what, int code) {
  std::fprintf(stderr, "program: %s: error %d\n", what, code);
  std::exit(4);
}
inline void check(CUresult result, const char* what) {
  if (result != CUDA_SUCCESS) give_up(what, static_cast<int>(result));
}

using Resolve = CUresult (*)(const char*, void**, int, cuuint64_t, CUdriverProcAddressQueryResult*);
// As the CUDA runtime has it: cuGetProcAddress of 12.0, from one that dlsym found.
inline Resolve resolver() {
  static const Resolve resolve = [] {
    void* found = nullptr;
    const auto first = reinterpret_cast<Resolve>(dlsym(library(), "cuGetProcAddress_v2"));
    if (first != nullptr) check(first("cuGetProcAddress", &found, 12000, 0, nullptr), "resolver");
    if (found == nullptr) give_up("no driver", -3);
    return reinterpret_cast<Resolve>(found);
  }();
  return resolve;
}

// An exported variant, asked for by what tells it apart from its siblings.
inline void* variant(const nonans::api::DriverFunction& f) {
  void* found = nullptr;
  const cuuint64_t flags = f.stream == nonans::api::StreamFlavour::per_thread ? 2 : 0;
  check(resolver()(f.base, &found, f.version, flags, nullptr), f.name);
  if (found == nullptr) give_up(f.name, -1);
  return found;
}
inline void* entry(const char* exported) {
  const nonans::api::DriverFunction* f = nonans::api::find_exported(exported);
  if (f == nullptr) give_up(exported, -2);
  return variant(*f);
}

#define HOSTILE_NAME_EXPANDED(name) #name
#define HOSTILE_NAME(name) HOSTILE_NAME_EXPANDED(name)
// cu(cuMemAlloc)(…): the variant that cuda.h means by the name.
#define cu(name) (reinterpret_cast<decltype(&::name)>(hostile::entry(HOSTILE_NAME(name))))

// The controls of the fault-injecting driver, if that is what runs.
struct Faults {
  faulty_set_fn set_plan = reinterpret_cast<faulty_set_fn>(dlsym(library(), "faulty_set"));
  faulty_refused_fn refused =
      reinterpret_cast<faulty_refused_fn>(dlsym(library(), "faulty_refused"));
  faulty_last_refused_fn last_refused =
      reinterpret_cast<faulty_last_refused_fn>(dlsym(library(), "faulty_last_refused"));
  faulty_calls_fn calls = reinterpret_cast<faulty_calls_fn>(dlsym(library(), "faulty_calls"));
  faulty_live_fn live = reinterpret_cast<faulty_live_fn>(dlsym(library(), "faulty_live"));
  faulty_locked_fn locked = reinterpret_cast<faulty_locked_fn>(dlsym(library(), "faulty_locked"));

  void set(const faulty_plan& plan) const { set_plan(&plan); }
  void clear() const { set_plan(nullptr); }
};

}  // namespace hostile
