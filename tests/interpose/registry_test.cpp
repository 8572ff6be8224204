// SPDX-License-Identifier: MIT
// The registry of driver functions, against what cuda.h and cudaTypedefs.h of CUDA 13.0 say.
#include <set>
#include <string>

#include "api/function.hpp"
#include "interface.hpp"
#include "support/catch.hpp"

using namespace nonans::api;

namespace {
std::string requested(const char* base, int version, StreamFlavour stream) {
  const DriverFunction* f = find_requested(base, version, stream);
  return f == nullptr ? "" : f->name;
}
}  // namespace

TEST_CASE("the registry holds every name that libcuda.so.1 of CUDA 13.0 exports") {
  CHECK(functions().size() == 637);
  std::set<std::string> names;
  for (const DriverFunction& f : functions()) {
    INFO(f.name);
    CHECK(names.insert(f.name).second);
    CHECK(find_exported(f.name) == &f);
    CHECK(&function(index_of(f)) == &f);
    CHECK(std::string(f.name).starts_with(f.base));
    CHECK((f.version >= 2000 && f.version <= 13000));
  }
  CHECK(find_exported("cuInit2") == nullptr);
  CHECK(find_exported("") == nullptr);
  CHECK(find_exported("cudaMalloc") == nullptr);
}

// driver_interface.py reads the headers on its own: an ABI paired with the wrong version here would
// be handed out wrongly.
TEST_CASE("the registry holds every function, version and twin of cudaTypedefs.h") {
  // A newer toolkit may be installed; what it adds is unknown to the registry, and passed on.
  const bool same_toolkit = interface::kVersions[std::size(interface::kVersions) - 1] <= 13000;
  if (same_toolkit) CHECK(interface::entries().size() == functions().size());
  for (const interface::Entry& e : interface::entries()) {
    INFO(e.name);
    const DriverFunction* f = find_exported(e.name);
    if (f == nullptr && !same_toolkit) continue;
    REQUIRE(f != nullptr);
    CHECK(std::string(f->base) == e.base);
    CHECK(f->version == e.version);
    CHECK((f->stream == StreamFlavour::per_thread) == e.per_thread);
    CHECK((f->hook >= 0) == e.hooked);
  }
}

TEST_CASE("each function is hooked, or passed for a reason") {
  std::set<int> hooks;
  for (const DriverFunction& f : functions()) {
    INFO(f.name);
    if (f.hook >= 0) {
      CHECK(f.reason == nullptr);
      CHECK(hooks.insert(f.hook).second);
    } else {
      REQUIRE(f.reason != nullptr);
      CHECK(std::string(f.reason).size() > 5);
    }
  }
  CHECK(static_cast<int>(hooks.size()) == kHookCount);
  CHECK(*hooks.rbegin() == kHookCount - 1);
}

TEST_CASE("variants are paired with the version that introduced them") {
  // From the PFN typedefs of cudaTypedefs.h and the prototypes of cuda.h.
  CHECK(function(Fn::cuMemAlloc_v2).version == 3020);
  CHECK(function(Fn::cuCtxCreate_v2).version == 3020);
  CHECK(function(Fn::cuCtxCreate_v3).version == 11040);
  CHECK(function(Fn::cuCtxCreate_v4).version == 12050);
  CHECK(function(Fn::cuLaunchKernel).version == 4000);
  CHECK(function(Fn::cuLaunchKernel_ptsz).version == 7000);
  CHECK(function(Fn::cuLaunchKernelEx_ptsz).version == 11060);
  CHECK(function(Fn::cuGetProcAddress_v1).version == 11030);
  CHECK(function(Fn::cuGetProcAddress_v2).version == 12000);
  CHECK(function(Fn::cuMemcpyHtoD_v2_ptds).stream == StreamFlavour::per_thread);
}

TEST_CASE("a request finds the newest variant that it admits") {
  CHECK(requested("cuMemAlloc", 3020, StreamFlavour::legacy) == "cuMemAlloc_v2");
  CHECK(requested("cuMemAlloc", 13000, StreamFlavour::legacy) == "cuMemAlloc_v2");
  CHECK(requested("cuMemAlloc", 3010, StreamFlavour::legacy) == "cuMemAlloc");
  CHECK(requested("cuCtxCreate", 12040, StreamFlavour::legacy) == "cuCtxCreate_v3");
  CHECK(requested("cuLaunchKernel", 7000, StreamFlavour::per_thread) == "cuLaunchKernel_ptsz");
  CHECK(requested("cuLaunchKernel", 7000, StreamFlavour::legacy) == "cuLaunchKernel");
  CHECK(requested("cuLaunchKernel", 4000, StreamFlavour::per_thread) ==
        "cuLaunchKernel");  // the twin came at 7000
  CHECK(requested("cuMemAlloc", 12000, StreamFlavour::per_thread) ==
        "cuMemAlloc_v2");  // has no twin
  CHECK(requested("cuLaunchKernel", 3020, StreamFlavour::legacy).empty());
  CHECK(requested("cuNoSuchThing", 13000, StreamFlavour::legacy).empty());
  // cuGraphInstantiateWithFlags sorts between cuGraphInstantiate and its _v2, and is a base of its
  // own.
  CHECK(requested("cuGraphInstantiate", 13000, StreamFlavour::legacy) == "cuGraphInstantiate_v2");
}
