// SPDX-License-Identifier: MIT
#include "driver/injection.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <string>

#include "driver/driver_state.hpp"

namespace softgpu::driver {
namespace {

void complain(const std::string& why) {
  say_once("injection", "CUDA_INJECTION64_PATH: " + why + "; going on without");
}

}  // namespace

void bring_in_tool() noexcept try {
  const char* const path = secure_getenv("CUDA_INJECTION64_PATH");
  if (!path || !*path) return;
  void* const tool = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!tool) {
    const char* const why = dlerror();
    return complain(why ? why : path);
  }
  using Initialize = int (*)();
  const auto initialize = reinterpret_cast<Initialize>(dlsym(tool, "InitializeInjection"));
  if (!initialize) return complain(std::string(path) + " has no InitializeInjection");
  if (initialize() == 0) complain(std::string(path) + ": InitializeInjection returned 0");
} catch (...) {  // no memory for the message
}

}  // namespace softgpu::driver
