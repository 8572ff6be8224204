// SPDX-License-Identifier: MIT
// The suite through the driver API: on the software device, or on a GPU when TEST_LIBCUDA names its
// library.
#define __CUDA_API_VERSION_INTERNAL
#include <cuda.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

#include "resolve/device/images.hpp"
#include "scan_device.hpp"

namespace scan_test {
namespace {

void* library() {
  static void* const handle = [] {
    const char* path = std::getenv("TEST_LIBCUDA");
    void* const opened = dlopen(path ? path : SOFTGPU_CUDA_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!opened) throw std::runtime_error(dlerror());
    return opened;
  }();
  return handle;
}

void check(CUresult result, const char* call) {
  if (result != CUDA_SUCCESS)
    throw std::runtime_error(std::string(call) + " gave error " + std::to_string(int(result)));
}

#define CU(name, ...) \
  check(reinterpret_cast<decltype(&::name)>(dlsym(library(), #name))(__VA_ARGS__), #name)

class DriverDevice final : public Device {
 public:
  DriverDevice() {
    CU(cuInit, 0);
    CU(cuDeviceGet, &device_, 0);
    CU(cuCtxCreate_v2, &context_, 0, device_);
    CU(cuModuleLoadData, &module_, image().bytes.data());
    CU(cuModuleGetFunction, &scan_, module_, nonans::resolve::kScanEntry);
    void* host = nullptr;
    CU(cuMemHostAlloc, &host, sizeof(nn_ring_host),
       CU_MEMHOSTALLOC_DEVICEMAP | CU_MEMHOSTALLOC_PORTABLE);
    ring_ = static_cast<nn_ring_host*>(host);
    CU(cuMemHostGetDevicePointer_v2, &ring_on_device_, host, 0);
  }

  uint64_t allocate(size_t bytes) override {
    CUdeviceptr address = 0;
    CU(cuMemAlloc_v2, &address, bytes ? bytes : 1);
    live_.push_back(address);
    return address;
  }
  void release() override {
    for (const CUdeviceptr address : live_) CU(cuMemFree_v2, address);
    live_.clear();
  }
  void write(uint64_t address, const void* bytes, size_t size) override {
    if (size) CU(cuMemcpyHtoD_v2, address, bytes, size);
  }
  void read(uint64_t address, void* bytes, size_t size) override {
    if (size) CU(cuMemcpyDtoH_v2, bytes, address, size);
  }
  void launch(nn_scan_params params, unsigned blocks) override {
    params.ring_host = ring_on_device_;
    void* arguments[] = {&params};
    CU(cuLaunchKernel, scan_, blocks, 1, 1, NN_SCAN_THREADS, 1, 1, 0, nullptr, arguments, nullptr);
    CU(cuCtxSynchronize);
  }
  nn_ring_host& ring() override { return *ring_; }
  int random_cases() const override { return 300; }

 private:
  // The first that the driver takes, as in the library itself; SCAN_IMAGE picks one by name.
  const nonans::resolve::DeviceImage& image() {
    int version = 0, major = 0, minor = 0;
    CU(cuDriverGetVersion, &version);
    CU(cuDeviceGetAttribute, &major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device_);
    CU(cuDeviceGetAttribute, &minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device_);
    images_ = nonans::resolve::device_images(version, major, minor);
    const char* wanted = std::getenv("SCAN_IMAGE");
    for (const auto& candidate : images_) {
      if (wanted && std::strcmp(wanted, candidate.name) != 0) continue;
      CUmodule module = nullptr;
      const auto load =
          reinterpret_cast<decltype(&::cuModuleLoadData)>(dlsym(library(), "cuModuleLoadData"));
      if (load(&module, candidate.bytes.data()) != CUDA_SUCCESS) continue;
      CU(cuModuleUnload, module);
      std::fprintf(stderr, "scan kernel: %s\n", candidate.name);
      return candidate;
    }
    throw std::runtime_error("no image of the scan kernel loads on this device");
  }

  CUdevice device_ = 0;
  CUcontext context_ = nullptr;
  CUmodule module_ = nullptr;
  CUfunction scan_ = nullptr;
  nn_ring_host* ring_ = nullptr;
  CUdeviceptr ring_on_device_ = 0;
  nonans::resolve::DeviceImageList images_;
  std::vector<CUdeviceptr> live_;
};

}  // namespace

Device& test_device() {
  static DriverDevice* const device = new DriverDevice;  // the driver takes its context down itself
  return *device;
}

}  // namespace scan_test
