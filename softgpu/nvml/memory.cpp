// SPDX-License-Identifier: MIT
// Memory, and the process that uses it.
#include <unistd.h>

#include "nvml/driver_facts.hpp"
#include "nvml/state.hpp"

using namespace softgpu::nvml;

namespace {

nvmlProcessInfo_v1_t info(unsigned pid, uint64_t used, nvmlProcessInfo_v1_t) {
  return {pid, used};
}
nvmlProcessInfo_v2_t info(unsigned pid, uint64_t used, nvmlProcessInfo_v2_t) {
  return {pid, used, 0xffffffff, 0xffffffff};  // no instances of a partitioned device
}

// A device belongs to this process alone, so there is one process, once it has a context.
template <typename Info>
nvmlReturn_t compute_processes(nvmlDevice_t handle, unsigned* count, Info* infos) {
  return with_device(handle, [&](const Device& device) -> nvmlReturn_t {
    if (!count || (*count > 0 && !infos)) return NVML_ERROR_INVALID_ARGUMENT;
    const DriverFacts facts = driver_facts(device.number);
    const unsigned room = *count;
    *count = facts.has_context ? 1 : 0;
    if (!facts.has_context) return NVML_SUCCESS;
    if (room == 0) return NVML_ERROR_INSUFFICIENT_SIZE;
    infos[0] = info(static_cast<unsigned>(getpid()), facts.used, Info{});
    return NVML_SUCCESS;
  });
}

nvmlReturn_t no_processes(nvmlDevice_t handle, unsigned* count) {
  return tell(handle, count, [](const Device&) { return 0u; });
}

}  // namespace

// softgpu-partial: knows what this process uses, which is all there is of its device
nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t handle, nvmlMemory_t* memory) {
  return tell(handle, memory, [](const Device& device) {
    const uint64_t used = driver_facts(device.number).used;
    return nvmlMemory_t{shape().memory, shape().memory - used, used};
  });
}

nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t handle, nvmlMemory_v2_t* memory) {
  return with_device(handle, [&](const Device& device) -> nvmlReturn_t {
    if (!memory) return NVML_ERROR_INVALID_ARGUMENT;
    if (memory->version != NVML_STRUCT_VERSION(Memory, 2))
      return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    const uint64_t used = driver_facts(device.number).used;
    *memory = {memory->version, shape().memory, 0, shape().memory - used, used};
    return NVML_SUCCESS;
  });
}

// softgpu-partial: lists this process and no other: each has devices of its own
nvmlReturn_t nvmlDeviceGetComputeRunningProcesses(nvmlDevice_t handle, unsigned int* count,
                                                  nvmlProcessInfo_v1_t* infos) {
  return compute_processes(handle, count, infos);
}
nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v2(nvmlDevice_t handle, unsigned int* count,
                                                     nvmlProcessInfo_v2_t* infos) {
  return compute_processes(handle, count, infos);
}
nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t handle, unsigned int* count,
                                                     nvmlProcessInfo_t* infos) {
  return compute_processes(handle, count, infos);
}

nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses(nvmlDevice_t handle, unsigned int* count,
                                                   nvmlProcessInfo_v1_t*) {
  return no_processes(handle, count);
}
nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses_v2(nvmlDevice_t handle, unsigned int* count,
                                                      nvmlProcessInfo_v2_t*) {
  return no_processes(handle, count);
}
nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses_v3(nvmlDevice_t handle, unsigned int* count,
                                                      nvmlProcessInfo_t*) {
  return no_processes(handle, count);
}
nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses(nvmlDevice_t handle, unsigned int* count,
                                                     nvmlProcessInfo_v1_t*) {
  return no_processes(handle, count);
}
nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses_v2(nvmlDevice_t handle, unsigned int* count,
                                                        nvmlProcessInfo_v2_t*) {
  return no_processes(handle, count);
}
nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses_v3(nvmlDevice_t handle, unsigned int* count,
                                                        nvmlProcessInfo_t*) {
  return no_processes(handle, count);
}
