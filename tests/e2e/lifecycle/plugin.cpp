// SPDX-License-Identifier: MIT
// A library that opens the driver itself and gives back what it took in its destructor, as runtime
// libraries do.
#include "lifecycle/scene.hpp"

namespace {

CUcontext context = nullptr;

__attribute__((destructor)) void give_back() {
  if (context) std::printf("destroyed %d\n", cu(cuCtxDestroy)(context));
}

}  // namespace

extern "C" __attribute__((visibility("default"))) void plugin_work(const char* image) {
  lifecycle::image = image;
  lifecycle::init();
  check(cu(cuCtxCreate)(&context, nullptr, 0, 0), "cuCtxCreate");
  lifecycle::Scene scene;
  scene.run();
  scene.show("plugin");
}
