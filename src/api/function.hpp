// SPDX-License-Identifier: MIT
// The registry of driver functions: every name that libcuda.so.1 exports by cuda.h of CUDA 13.0,
// 637 of them.
//
//   const DriverFunction& f = function(Fn::cuMemAlloc_v2);   // f.base "cuMemAlloc", f.version
//   3020, f.hook >= 0 if (const DriverFunction* f = find_exported("cuLaunchKernel_ptsz")) … if
//   (const DriverFunction* f = find_requested("cuMemAlloc", 12040, StreamFlavour::legacy)) …    //
//   as cuGetProcAddress does
//
// Words: a *base* ("cuMemAlloc") is what cuGetProcAddress is asked for; a *variant* is one exported
// symbol of it
// ("cuMemAlloc_v2"), told apart by the CUDA version that introduced it and by its stream flavour.
// cudaTypedefs.h has one typedef per variant, PFN_<base>_v<version>[_ptsz|_ptds].
//
// In C++ the first ABI of a function that has several is spelled with _v1 (Fn::cuCtxGetDevice_v1,
// exported as "cuCtxGetDevice"), because cuda.h makes the plain name a macro for the newest.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "api/generated/functions.hpp"

namespace nonans::api {

// What stream 0 means. `legacy` also stands for functions that take no stream.
enum class StreamFlavour : uint8_t { legacy, per_thread };

struct DriverFunction {
  const char* name;  // exported symbol: "cuMemAlloc_v2"
  const char* base;  // for cuGetProcAddress: "cuMemAlloc"
  int version;  // the CUDA version that introduced this variant, 1000 * major + 10 * minor: 3020
  StreamFlavour stream;
  bool
      internal_type;  // its typedef is visible with __CUDA_API_VERSION_INTERNAL only (retired ABIs)
  int hook;           // index of its trampoline, or -1: passed
  const char* reason;  // why it is passed; null if hooked
};

// All variants, sorted by name; Fn is the index.
std::span<const DriverFunction> functions();
inline const DriverFunction& function(Fn fn) {
  return functions()[static_cast<uint16_t>(fn)];
}

const DriverFunction* find_exported(std::string_view name);
// A run of functions() that holds every variant of `base`, and names that merely begin like it:
// compare .base.
std::span<const DriverFunction> variants_of(std::string_view base);
// The variant a driver answers for (base, version, flavour): the newest one introduced at or before
// `version`, of that flavour, or of the legacy flavour if the function has no twin. Null if there
// is none.
const DriverFunction* find_requested(std::string_view base, int version, StreamFlavour stream);
inline Fn index_of(const DriverFunction& f) {
  return static_cast<Fn>(&f - functions().data());
}

}  // namespace nonans::api
