// SPDX-License-Identifier: MIT
// Libraries that come and go, and others that stand between as we do.
#include <link.h>

#include <cstdlib>
#include <thread>

#include "lifecycle/scene.hpp"

namespace lifecycle {
namespace {

const char* from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// The driver is closed and opened again; the loader may take it down in between.
int driver_closed() {
  for (int round = 0; round < 3; ++round) {
    void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    const auto find = [&](const char* name) { return dlsym(library, name); };
    reinterpret_cast<decltype(&cuInit)>(find("cuInit"))(0);
    CUcontext context;
    reinterpret_cast<CUresult (*)(CUcontext*, unsigned, CUdevice)>(find("cuCtxCreate_v2"))(&context,
                                                                                           0, 0);
    CUmodule module;
    CUfunction square;
    CUdeviceptr in, out;
    std::vector<float> values(kN, 2.0f);
    values[5] = FLT_MAX;
    reinterpret_cast<decltype(&cuModuleLoadData)>(find("cuModuleLoadData"))(&module, image.data());
    reinterpret_cast<decltype(&cuModuleGetFunction)>(find("cuModuleGetFunction"))(&square, module,
                                                                                  "square");
    const auto alloc = reinterpret_cast<decltype(&cuMemAlloc)>(find("cuMemAlloc_v2"));
    alloc(&in, kN * sizeof(float));
    alloc(&out, kN * sizeof(float));
    reinterpret_cast<decltype(&cuMemcpyHtoD)>(find("cuMemcpyHtoD_v2"))(in, values.data(),
                                                                       kN * sizeof(float));
    int n = kN;
    void* params[] = {&out, &in, &n};
    const CUresult launched = reinterpret_cast<decltype(&cuLaunchKernel)>(find("cuLaunchKernel"))(
        square, kN / 64, 1, 1, 64, 1, 1, 0, nullptr, params, nullptr);
    reinterpret_cast<decltype(&cuMemcpyDtoH)>(find("cuMemcpyDtoH_v2"))(values.data(), out,
                                                                       kN * sizeof(float));
    std::printf("round %d: %d %g %g\n", round, launched, static_cast<double>(values[4]),
                static_cast<double>(values[5]));
    reinterpret_cast<CUresult (*)(CUcontext)>(find("cuCtxDestroy_v2"))(context);
    dlclose(library);
  }
  return 0;
}

// A library of the program's that uses CUDA, from load to unload. LIFECYCLE_PLUGIN names it.
int plugin(int flags) {
  for (int round = 0; round < 3; ++round) {
    void* library = dlopen(from_environment("LIFECYCLE_PLUGIN"), RTLD_NOW | flags);
    if (!library) {
      std::printf("%s\n", dlerror());
      return 1;
    }
    const auto work = reinterpret_cast<void (*)(const char*)>(dlsym(library, "plugin_work"));
    work(image.data());
    dlclose(library);
  }
  return 0;
}
int closed_plugin() {
  return plugin(RTLD_LOCAL);
}
int deepbind() {
  return plugin(RTLD_LOCAL | RTLD_DEEPBIND);
}

// The library is opened by a program that has been running, with CUDA, for a while.
int opened_late() {
  init();
  retain();
  Scene scene;
  scene.run();
  void* ours = dlopen(from_environment("LATE_LIBRARY"), RTLD_NOW | RTLD_GLOBAL);
  if (!ours) {
    std::printf("%s\n", dlerror());
    return 1;
  }
  scene.run();
  scene.show("out");
  dlclose(ours);
  scene.run();
  Scene another;
  another.run();
  another.show("another");
  return 0;
}

// Nothing of CUDA before this.
int late_driver() {
  std::thread([] {}).join();
  init();
  retain();
  Scene scene;
  scene.run();
  scene.show("out");
  return 0;
}

}  // namespace

const Scenario kOthers[] = {
    {"driver-closed", driver_closed}, {"plugin", closed_plugin},    {"deepbind", deepbind},
    {"opened-late", opened_late},     {"late-driver", late_driver}, {nullptr, nullptr},
};

}  // namespace lifecycle
