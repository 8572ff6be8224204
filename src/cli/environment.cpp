// SPDX-License-Identifier: MIT
#include "cli/environment.hpp"

#include <cuda.h>
#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "cli/locate.hpp"

namespace nonans::cli {
namespace {

bool has_device() {
  void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (driver == nullptr) return false;
  auto init = reinterpret_cast<decltype(&::cuInit)>(dlsym(driver, "cuInit"));
  auto count = reinterpret_cast<decltype(&::cuDeviceGetCount)>(dlsym(driver, "cuDeviceGetCount"));
  int devices = 0;
  return init != nullptr && count != nullptr && init(0) == CUDA_SUCCESS &&
         count(&devices) == CUDA_SUCCESS && devices > 0;
}

bool gpu_answers() {
  pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    // A driver may leave threads and exit handlers behind; _exit passes them by.
    _exit(has_device() ? 0 : 1);
  }
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// The entries of LD_PRELOAD, which the loader separates at colons and spaces.
std::vector<std::string> entries_of(std::string list) {
  std::replace(list.begin(), list.end(), ' ', ':');
  std::vector<std::string> entries;
  std::istringstream stream(list);
  for (std::string part; std::getline(stream, part, ':');) {
    if (!part.empty()) entries.push_back(part);
  }
  return entries;
}

bool is_ours(const std::string& path) {
  const std::string file = path.substr(path.rfind('/') + 1);
  return file == "libnonans.so" || file == "libnonans-shadow.so";
}

}  // namespace

Device choose_device(Device wanted) {
  if (wanted != Device::automatic) return wanted;
  if (gpu_answers()) return Device::gpu;
  std::cerr << "nonans: no CUDA driver with a device answers; using the software device\n";
  return Device::soft;
}

void use_device(Device device) {
  if (device != Device::soft) return;
  std::string path = find_soft_device();
  const char* present = std::getenv("LD_LIBRARY_PATH");
  // An empty entry means the current folder, so none is made.
  if (present != nullptr && *present != '\0') path += std::string(":") + present;
  setenv("LD_LIBRARY_PATH", path.c_str(), 1);
}

void preload(const std::string& library) {
  if (library.find_first_of(": ") != std::string::npos) {
    throw std::runtime_error("LD_PRELOAD cannot name " + library +
                             ": the path holds a colon or a space; install NoNans elsewhere");
  }
  const char* present = std::getenv("LD_PRELOAD");
  std::string value;
  bool listed = false;
  for (const std::string& entry : entries_of(present != nullptr ? present : "")) {
    if (entry != library && is_ours(entry)) continue;
    listed = listed || entry == library;
    value += value.empty() ? entry : ":" + entry;
  }
  if (!listed) value += value.empty() ? library : ":" + library;
  setenv("LD_PRELOAD", value.c_str(), 1);
}

}  // namespace nonans::cli
