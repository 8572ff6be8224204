// SPDX-License-Identifier: MIT
#include "cli/probe.hpp"

#include <cuda.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <link.h>

#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "resolve/device/images.hpp"

namespace nonans::cli {
namespace {

// out[i] = a[i] / a[i] for 32 in. The in come from memory: a NaN that stands in the code
// would be intent.
constexpr const char* kSelfTest = R"(.version 6.3
.target sm_75
.address_size 64
.visible .entry nonans_doctor_self_test(.param .u64 a, .param .u64 out)
{
  .reg .b32 %r<2>;
  .reg .b64 %rd<6>;
  .reg .f32 %f<3>;
  ld.param.u64 %rd1, [a];
  ld.param.u64 %rd2, [out];
  cvta.to.global.u64 %rd1, %rd1;
  cvta.to.global.u64 %rd2, %rd2;
  mov.u32 %r1, %tid.x;
  mul.wide.u32 %rd3, %r1, 4;
  add.s64 %rd4, %rd1, %rd3;
  add.s64 %rd5, %rd2, %rd3;
  ld.global.f32 %f1, [%rd4];
  div.rn.f32 %f2, %f1, %f1;
  st.global.f32 [%rd5], %f2;
  ret;
}
)";
constexpr unsigned kElements = 32, kZeroAt = 5;

void print(const char* name, const std::string& value) {
  std::printf("%s=%s\n", name, value.c_str());
  std::fflush(stdout);
}

class Driver {
 public:
  Driver() : library_(dlopen("libcuda.so.1", RTLD_NOW)) {
    if (library_ == nullptr) throw std::runtime_error(dlerror());
  }

  std::string path() const {
    link_map* map = nullptr;
    return dlinfo(library_, RTLD_DI_LINKMAP, &map) == 0 && map != nullptr ? map->l_name : "?";
  }

  void* find(const char* name) const {
    void* address = dlsym(library_, name);
    if (address == nullptr) throw std::runtime_error(std::string("the driver has no ") + name);
    return address;
  }

  // Calls a driver function; throws its error by name.
  template <typename Function, typename... Arguments>
  void call(const char* name, Arguments... arguments) const {
    CUresult result = reinterpret_cast<Function*>(find(name))(arguments...);
    if (result != CUDA_SUCCESS)
      throw std::runtime_error(fmt::format("{}: {}", name, error_name(result)));
  }

 private:
  std::string error_name(CUresult result) const {
    const char* name = nullptr;
    auto get = reinterpret_cast<decltype(&::cuGetErrorName)>(dlsym(library_, "cuGetErrorName"));
    if (get == nullptr || get(result, &name) != CUDA_SUCCESS || name == nullptr) name = "error";
    return fmt::format("{} ({})", name, static_cast<int>(result));
  }

  void* library_;
};

// <cuda.h> turns cuMemAlloc into cuMemAlloc_v2: the string must be made from the expanded name.
#define NONANS_TEXT(name) #name
#define NONANS_CALL(driver, function, ...) \
  (driver).call<decltype(::function)>(NONANS_TEXT(function), __VA_ARGS__)
#define NONANS_DRIVER_CALL(driver, function, ...) NONANS_CALL(driver, function, __VA_ARGS__)

struct Device {
  CUdevice handle = 0;
  int version = 0, major = 0, minor = 0;
};

Device open_device(const Driver& driver) {
  Device device;
  NONANS_DRIVER_CALL(driver, cuInit, 0U);
  NONANS_DRIVER_CALL(driver, cuDriverGetVersion, &device.version);
  print("version", std::to_string(device.version));
  NONANS_DRIVER_CALL(driver, cuDeviceGet, &device.handle, 0);
  char name[256] = "";
  size_t bytes = 0;
  NONANS_DRIVER_CALL(driver, cuDeviceGetName, name, static_cast<int>(sizeof name), device.handle);
  NONANS_DRIVER_CALL(driver, cuDeviceTotalMem, &bytes, device.handle);
  NONANS_DRIVER_CALL(driver, cuDeviceGetAttribute, &device.major,
                     CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device.handle);
  NONANS_DRIVER_CALL(driver, cuDeviceGetAttribute, &device.minor,
                     CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device.handle);
  print("device", fmt::format("{}, compute capability {}.{}, {:.1f} GiB", name, device.major,
                              device.minor, static_cast<double>(bytes) / 0x1p30));
  CUcontext context = nullptr;
  NONANS_DRIVER_CALL(driver, cuDevicePrimaryCtxRetain, &context, device.handle);
  NONANS_DRIVER_CALL(driver, cuCtxSetCurrent, context);
  return device;
}

void print_owner(const void* function) {
  Dl_info info = {};
  bool known = dladdr(function, &info) != 0 && info.dli_fname != nullptr;
  print("launch_is_in", known ? info.dli_fname : "?");
}

// The scan kernels made for this driver and device, in the order in which the library tries them.
void try_images(const Driver& driver, const Device& device) {
  for (const resolve::DeviceImage& image :
       resolve::device_images(device.version, device.major, device.minor)) {
    CUmodule module = nullptr;
    try {
      NONANS_DRIVER_CALL(driver, cuModuleLoadData, &module,
                         static_cast<const void*>(image.bytes.data()));
      NONANS_DRIVER_CALL(driver, cuModuleUnload, module);
      print("image", fmt::format("{}: loads", image.name));
      return;
    } catch (const std::exception& error) {
      print("image", fmt::format("{}: {}", image.name, error.what()));
    }
  }
  print("image", "none of the embedded scan kernels loads");
}

void self_test(const Driver& driver) {
  CUmodule module = nullptr;
  CUfunction kernel = nullptr;
  CUdeviceptr in = 0, out = 0;
  float values[kElements];
  for (unsigned i = 0; i < kElements; ++i) values[i] = i == kZeroAt ? 0.0F : 2.0F;
  NONANS_DRIVER_CALL(driver, cuModuleLoadData, &module, static_cast<const void*>(kSelfTest));
  NONANS_DRIVER_CALL(driver, cuModuleGetFunction, &kernel, module, kProbeKernel);
  NONANS_DRIVER_CALL(driver, cuMemAlloc, &in, sizeof values);
  NONANS_DRIVER_CALL(driver, cuMemAlloc, &out, sizeof values);
  NONANS_DRIVER_CALL(driver, cuMemcpyHtoD, in, static_cast<const void*>(values), sizeof values);
  void* arguments[] = {&in, &out};
  NONANS_DRIVER_CALL(driver, cuLaunchKernel, kernel, 1U, 1U, 1U, kElements, 1U, 1U, 0U, nullptr,
                     arguments, nullptr);
  NONANS_DRIVER_CALL(driver, cuMemcpyDtoH, static_cast<void*>(values), out, sizeof values);
  print("self_test", fmt::format("{}", std::fabs(values[kZeroAt])));
  NONANS_DRIVER_CALL(driver, cuMemFree, in);
  NONANS_DRIVER_CALL(driver, cuMemFree, out);
  NONANS_DRIVER_CALL(driver, cuModuleUnload, module);
}

}  // namespace

int run_probe() {
  const char* failed = "driver_error";
  try {
    Driver driver;
    print("driver", driver.path());
    failed = "device_error";
    Device device = open_device(driver);
    print_owner(driver.find("cuLaunchKernel"));
    try_images(driver, device);
    failed = "self_test_error";
    self_test(driver);
    NONANS_DRIVER_CALL(driver, cuDevicePrimaryCtxRelease, device.handle);
    return 0;
  } catch (const std::exception& error) {
    print(failed, error.what());
    return 1;
  }
}

}  // namespace nonans::cli
