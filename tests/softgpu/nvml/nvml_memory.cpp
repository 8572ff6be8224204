// SPDX-License-Identifier: MIT
// Memory in use, and who uses it: what the driver in this process has given out.
#include <unistd.h>

#include "softgpu/nvml/library.hpp"

namespace {

constexpr size_t kMegabyte = 1 << 20;

nvmlMemory_t memory_of(nvmlDevice_t device) {
  nvmlMemory_t memory = {};
  CHECK(NVML(nvmlDeviceGetMemoryInfo)(device, &memory) == NVML_SUCCESS);
  CHECK(memory.free + memory.used == memory.total);
  return memory;
}

// A context on a device, and what it holds.
class Context {
 public:
  explicit Context(CUdevice device) {
    REQUIRE(CUDA(cuInit)(0) == CUDA_SUCCESS);
    REQUIRE(CUDA(cuCtxCreate_v2)(&handle_, 0, device) == CUDA_SUCCESS);
  }
  ~Context() { CUDA(cuCtxDestroy_v2)(handle_); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  CUdeviceptr allocate(size_t bytes) const {
    CUdeviceptr pointer = 0;
    REQUIRE(CUDA(cuMemAlloc_v2)(&pointer, bytes) == CUDA_SUCCESS);
    return pointer;
  }

 private:
  CUcontext handle_ = nullptr;
};

}  // namespace

TEST_CASE("a device has the memory that the environment names") {
  {
    const Nvml nvml("1", "512M");
    CHECK(memory_of(nvml.device(0)).total == 512 * kMegabyte);
  }
  const Nvml nvml("1", "3G");
  CHECK(memory_of(nvml.device(0)).total == 3072 * kMegabyte);
}

TEST_CASE("memory that the driver gives out is in use, on its device") {
  const Nvml nvml;
  const Context context(1);
  const auto before = memory_of(nvml.device(1)).used;
  const auto other = memory_of(nvml.device(0)).used;
  const CUdeviceptr pointer = context.allocate(64 * kMegabyte);
  CHECK(memory_of(nvml.device(1)).used == before + 64 * kMegabyte);
  CHECK(memory_of(nvml.device(0)).used == other);
  size_t free = 0, total = 0;
  CHECK(CUDA(cuMemGetInfo_v2)(&free, &total) == CUDA_SUCCESS);
  CHECK(memory_of(nvml.device(1)).free == free);
  CHECK(memory_of(nvml.device(1)).total == total);
  nvmlMemory_v2_t second = {};
  second.version = NVML_STRUCT_VERSION(Memory, 2);
  CHECK(NVML(nvmlDeviceGetMemoryInfo_v2)(nvml.device(1), &second) == NVML_SUCCESS);
  CHECK(second.used == before + 64 * kMegabyte);
  CHECK(second.reserved == 0);
  CUDA(cuMemFree_v2)(pointer);
  CHECK(memory_of(nvml.device(1)).used == before);
}

TEST_CASE("a structure of an unknown version is refused") {
  const Nvml nvml;
  nvmlMemory_v2_t memory = {};
  memory.version = 2;
  CHECK(NVML(nvmlDeviceGetMemoryInfo_v2)(nvml.device(0), &memory) ==
        NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
}

TEST_CASE("this process computes on a device while it has a context there") {
  const Nvml nvml;
  const nvmlDevice_t device = nvml.device(1);
  const auto list = NVML(nvmlDeviceGetComputeRunningProcesses_v3);
  unsigned count = 5;
  nvmlProcessInfo_t infos[5] = {};
  CHECK(list(device, &count, infos) == NVML_SUCCESS);
  CHECK(count == 0);
  const Context context(1);
  context.allocate(8 * kMegabyte);
  count = 0;
  CHECK(list(device, &count, nullptr) == NVML_ERROR_INSUFFICIENT_SIZE);
  CHECK(count == 1);
  CHECK(list(device, &count, infos) == NVML_SUCCESS);
  CHECK(count == 1);
  CHECK(infos[0].pid == static_cast<unsigned>(getpid()));
  CHECK(infos[0].usedGpuMemory == memory_of(device).used);
  CHECK(infos[0].usedGpuMemory >= 8 * kMegabyte);
  CHECK(infos[0].gpuInstanceId == 0xffffffff);
  count = 5;
  CHECK(list(nvml.device(0), &count, infos) == NVML_SUCCESS);
  CHECK(count == 0);
  // The first version's structure holds only the first two members.
  nvmlProcessInfo_v1_t old[2] = {{0, 0}, {7, 7}};
  count = 2;
  CHECK(NVML(nvmlDeviceGetComputeRunningProcesses)(device, &count, old) == NVML_SUCCESS);
  CHECK(old[0].pid == static_cast<unsigned>(getpid()));
  CHECK(old[1].pid == 7);
  count = 5;
  CHECK(NVML(nvmlDeviceGetGraphicsRunningProcesses_v3)(device, &count, infos) == NVML_SUCCESS);
  CHECK(count == 0);
}
