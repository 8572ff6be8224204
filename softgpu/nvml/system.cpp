// SPDX-License-Identifier: MIT
// Versions, processes, and the kinds of hardware that are not there.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>

#include "driver/device_identity.hpp"
#include "nvml/state.hpp"

using namespace softgpu;
using namespace softgpu::nvml;

namespace {

// Programs compare driver versions with NVIDIA's numbers: 580 is the branch that brought CUDA 13.0.
// The rest of the number is nobody's release.
constexpr char kVersion[] = "580.00";
static_assert(driver::kDriverVersion == 13000);

std::string file_text(const std::string& path) {
  std::string text;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return text;
  char block[4096];
  for (ssize_t n; (n = read(file, block, sizeof block)) > 0;)
    text.append(block, static_cast<size_t>(n));
  close(file);
  return text;
}

nvmlReturn_t cuda_version(int* version) {
  return entry([&]() -> nvmlReturn_t {
    if (!version) return NVML_ERROR_INVALID_ARGUMENT;
    *version = driver::kDriverVersion;
    return NVML_SUCCESS;
  });
}

nvmlReturn_t none_there(unsigned* count) {
  return entry([&]() -> nvmlReturn_t {
    if (!count) return NVML_ERROR_INVALID_ARGUMENT;
    *count = 0;
    return NVML_SUCCESS;
  });
}

}  // namespace

nvmlReturn_t nvmlSystemGetDriverVersion(char* version, unsigned int length) {
  return entry([&] { return copy_text(version, length, kVersion); });
}

nvmlReturn_t nvmlSystemGetNVMLVersion(char* version, unsigned int length) {
  return entry([&] {
    return copy_text(version, length,
                     (std::to_string(driver::kDriverVersion / 1000) + "." + kVersion).c_str());
  });
}

nvmlReturn_t nvmlSystemGetCudaDriverVersion(int* version) {
  return cuda_version(version);
}
// v2 asks the libcuda.so.1 that is installed; it is the one beside this library.
nvmlReturn_t nvmlSystemGetCudaDriverVersion_v2(int* version) {
  return cuda_version(version);
}

nvmlReturn_t nvmlSystemGetProcessName(unsigned int pid, char* name, unsigned int length) {
  return entry([&]() -> nvmlReturn_t {
    if (!name || length == 0) return NVML_ERROR_INVALID_ARGUMENT;
    const std::string folder = "/proc/" + std::to_string(pid);
    if (access(folder.c_str(), F_OK) != 0) return NVML_ERROR_NOT_FOUND;
    std::string text = file_text(folder + "/cmdline");
    text.resize(std::strlen(text.c_str()));  // the first word
    if (text.empty()) {                      // a thread of the kernel
      text = file_text(folder + "/comm");
      if (!text.empty()) text.pop_back();
    }
    std::snprintf(name, length, "%s", text.c_str());
    return NVML_SUCCESS;
  });
}

nvmlReturn_t nvmlUnitGetCount(unsigned int* count) {
  return none_there(count);
}
nvmlReturn_t nvmlUnitGetHandleByIndex(unsigned int, nvmlUnit_t*) {
  return entry([]() -> nvmlReturn_t { return NVML_ERROR_INVALID_ARGUMENT; });
}
nvmlReturn_t nvmlGetExcludedDeviceCount(unsigned int* count) {
  return none_there(count);
}
nvmlReturn_t nvmlGetExcludedDeviceInfoByIndex(unsigned int, nvmlExcludedDeviceInfo_t*) {
  return entry([]() -> nvmlReturn_t { return NVML_ERROR_INVALID_ARGUMENT; });
}
