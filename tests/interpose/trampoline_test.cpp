// SPDX-License-Identifier: MIT
// The trampolines with bodies of the test's own, linked with a fake driver. No preloading: the
// trampolines are the program's, the driver is what comes after it in the loader's order.
#include <cuda.h>

#include "api/generated/real.hpp"
#include "bodies.hpp"
#include "fake_driver.h"
#include "interpose/driver_library.hpp"
#include "interpose/identity.hpp"
#include "interpose/slots.hpp"
#include "support/catch.hpp"

using nonans::api::Fn;
using nonans::api::StreamFlavour;
using namespace nonans::interpose;

extern "C" CUresult cuLaunchKernel_ptsz(CUfunction, unsigned, unsigned, unsigned, unsigned,
                                        unsigned, unsigned, unsigned, CUstream, void**, void**);
#undef cuDevicePrimaryCtxRelease
extern "C" CUresult cuDevicePrimaryCtxRelease(CUdevice);

TEST_CASE("a body is told which variant was called and what its stream 0 means") {
  cuLaunchKernel(nullptr, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr);
  CHECK(bodies::seen.function == Fn::cuLaunchKernel);
  CHECK_FALSE(bodies::seen.per_thread);
  CHECK(std::string(fake_last()->function->name) == "cuLaunchKernel");

  cuLaunchKernel_ptsz(nullptr, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr);
  CHECK(bodies::seen.function == Fn::cuLaunchKernel_ptsz);
  CHECK(bodies::seen.per_thread);
  CHECK(std::string(fake_last()->function->name) == "cuLaunchKernel_ptsz");
}

TEST_CASE("a body that serves two ABIs is told them apart") {
  int before = bodies::seen.contexts;
  cuDevicePrimaryCtxRelease(3);
  CHECK(bodies::seen.function == Fn::cuDevicePrimaryCtxRelease_v1);
  CHECK(std::string(fake_last()->function->name) == "cuDevicePrimaryCtxRelease");
  cuDevicePrimaryCtxRelease_v2(3);
  CHECK(bodies::seen.function == Fn::cuDevicePrimaryCtxRelease_v2);
  CHECK(std::string(fake_last()->function->name) == "cuDevicePrimaryCtxRelease_v2");
  CHECK(bodies::seen.contexts == before + 2);
}

TEST_CASE("a driver call made inside a body goes straight through") {
  bodies::seen.nested_passed = false;
  long before = fake_find("cuMemAlloc_v2")->calls;
  cuLaunchKernel(nullptr, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr);
  CHECK(bodies::seen.nested_passed);
  CHECK(fake_find("cuMemAlloc_v2")->calls == before + 1);
}

TEST_CASE("what the driver calls within itself enters no body") {
  // The fake's cuModuleLoadData looks up and calls cuMemAlloc_v2, as real drivers do.
  // cuModuleLoadData has a passing body.
  int seen_before = bodies::seen.allocations;
  long calls_before = fake_find("cuMemAlloc_v2")->calls;
  CUmodule module;
  cuModuleLoadData(&module, nullptr);
  CHECK(fake_find("cuMemAlloc_v2")->calls == calls_before + 1);
  CHECK(bodies::seen.allocations == seen_before);
}

TEST_CASE("the guard belongs to its thread and to the outermost scope") {
  CHECK_FALSE(Guard::inside());
  {
    Guard outer;
    CHECK(outer.entered());
    {
      Guard inner;
      CHECK_FALSE(inner.entered());
    }
    CHECK(Guard::inside());
  }
  CHECK_FALSE(Guard::inside());
}

TEST_CASE("the driver's result and arguments pass a body unchanged") {
  fake_set_init(100);
  CHECK(cuInit(42) == CUDA_ERROR_NO_DEVICE);
  CHECK(fake_last()->arguments[0] == 42);
  fake_set_init(0);
  CHECK(cuInit(0) == CUDA_SUCCESS);
}

TEST_CASE("real entries are the driver's own and enter no body") {
  REQUIRE(real::cuMemAlloc_v2() != nullptr);
  CHECK(reinterpret_cast<void*>(real::cuMemAlloc_v2()) == fake_find("cuMemAlloc_v2")->address);
  int before = bodies::seen.allocations;
  CUdeviceptr p = 0;
  CHECK(real::cuMemAlloc_v2()(&p, 16) == CUDA_SUCCESS);
  CHECK(bodies::seen.allocations == before);
  // Names that cuda.h makes macros, and both flavours.
  CHECK(reinterpret_cast<void*>(real::cuCtxGetDevice_v1()) == fake_find("cuCtxGetDevice")->address);
  CHECK(reinterpret_cast<void*>(real::cuCtxGetDevice_v2()) ==
        fake_find("cuCtxGetDevice_v2")->address);
  CHECK(reinterpret_cast<void*>(real::cuStreamIsCapturing(StreamFlavour::legacy)) ==
        fake_find("cuStreamIsCapturing")->address);
  CHECK(reinterpret_cast<void*>(real::cuStreamIsCapturing(StreamFlavour::per_thread)) ==
        fake_find("cuStreamIsCapturing_ptsz")->address);
}

TEST_CASE("the driver is known by its SONAME") {
  CHECK(is_driver(module_of(fake_find("cuInit")->address)));
  CHECK_FALSE(is_driver(ourselves()));
  CHECK_FALSE(is_driver(module_of(reinterpret_cast<void*>(&strtol))));
  CHECK(module_of(nullptr) == nullptr);
  CHECK(loaded_before(ourselves(), module_of(fake_find("cuInit")->address)));
  CHECK_FALSE(loaded_before(module_of(fake_find("cuInit")->address), ourselves()));
}

TEST_CASE("a resolver tells a per-thread twin from the legacy entry it falls back to") {
  Resolver resolver = Resolver::of_driver(driver_handle());
  CHECK(resolver.ask("cuInit", 2000, StreamFlavour::legacy) == fake_find("cuInit")->address);
  CHECK(resolver.ask("cuNoSuchThing", 2000, StreamFlavour::legacy) == nullptr);
  CHECK(resolver.ask("cuInit", 99990, StreamFlavour::legacy) ==
        nullptr);  // above the driver: INVALID_VALUE
  CHECK(resolver.ask_exactly(nonans::api::function(Fn::cuLaunchKernel_ptsz)) ==
        fake_find("cuLaunchKernel_ptsz")->address);
}
