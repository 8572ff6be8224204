// SPDX-License-Identifier: MIT
// cuDeviceGetAttribute. A feature this device lacks answers 0; sizes are those of its compute
// capability; what is left is the plain truth about a device made of host cores.
#include "driver/compute_capability.hpp"
#include "driver/device_limits.hpp"
#include "driver/entry.hpp"
#include "model/h100.hpp"

namespace softgpu::driver {
namespace {

namespace h100 = model::h100;

// False for a number that is no attribute.
bool attribute_of(CUdevice_attribute attribute, CUdevice device, int& out) {
  const DeviceLimits& l = device_limits();
  const DeviceSettings& d = device_settings();
  const auto is = [&](auto v) {
    out = static_cast<int>(v);
    return true;
  };
  switch (attribute) {
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      return is(l.threads_per_block);
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X:
      return is(l.block_x);
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y:
      return is(l.block_y);
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z:
      return is(l.block_z);
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X:
      return is(l.grid_x);
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y:
      return is(l.grid_y);
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z:
      return is(l.grid_z);
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK:
      return is(l.shared_per_block);
    case CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY:
      return is(l.constant_bytes);
    case CU_DEVICE_ATTRIBUTE_WARP_SIZE:
      return is(l.warp);
    case CU_DEVICE_ATTRIBUTE_MAX_PITCH:
      return is(2147483647);
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK:
      return is(l.registers_per_block);
    case CU_DEVICE_ATTRIBUTE_CLOCK_RATE:
      return is(d.modelled_clock ? static_cast<int>(h100::kClock / 1e3) : 1000000);
    case CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT:
      return is(512);
    case CU_DEVICE_ATTRIBUTE_TEXTURE_PITCH_ALIGNMENT:
      return is(32);
    case CU_DEVICE_ATTRIBUTE_SURFACE_ALIGNMENT:
      return is(512);
    case CU_DEVICE_ATTRIBUTE_GPU_OVERLAP:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT:
      return is(2);
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
      return is(d.multiprocessors);
    case CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_COMPUTE_MODE:
      return is(CU_COMPUTEMODE_DEFAULT);
    case CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_PCI_BUS_ID:
      return is(pci_address(device_number(device)).bus);
    case CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE:
      return is(d.modelled_clock ? h100::kMemoryClockKilohertz : 1000000);
    case CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH:
      return is(d.modelled_clock ? h100::kMemoryBusBits : 64);
    case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE:
      return is(d.modelled_clock ? h100::kL2Bytes : 4 << 20);
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR:
      return is(l.threads_per_multiprocessor);
    case CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
      return is(d.cc_major);
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
      return is(d.cc_minor);
    case CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_GLOBAL_L1_CACHE_SUPPORTED:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_LOCAL_L1_CACHE_SUPPORTED:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR:
      return is(l.shared_per_multiprocessor);
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR:
      return is(l.registers_per_multiprocessor);
    case CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_HOST_NATIVE_ATOMIC_SUPPORTED:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO:
      return is(find_capability(d.cc_major, d.cc_minor)->single_to_double);
    case CU_DEVICE_ATTRIBUTE_COMPUTE_PREEMPTION_SUPPORTED:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_CAN_USE_64_BIT_STREAM_MEM_OPS:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_WAIT_VALUE_NOR:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN:
      return is(l.shared_per_block_optin);
    case CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_READ_ONLY_HOST_REGISTER_SUPPORTED:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR:
      return is(l.blocks_per_multiprocessor);
    case CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK:
      return is(l.shared_reserved_per_block);
    case CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR_SUPPORTED:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_IPC_EVENT_SUPPORTED:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_MEMPOOL_SUPPORTED_HANDLE_TYPES:
      return is(CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR);
    case CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_MEM_SYNC_DOMAIN_COUNT:
      return is(1);
    case CU_DEVICE_ATTRIBUTE_NUMA_CONFIG:
      return is(CU_DEVICE_NUMA_CONFIG_NONE);
    case CU_DEVICE_ATTRIBUTE_NUMA_ID:
      return is(-1);
    case CU_DEVICE_ATTRIBUTE_HOST_NUMA_ID:
      return is(-1);
    // Textures and surfaces do not exist here: every size of theirs is 0, like every other feature
    // not named above.
    default:
      return attribute > 0 && attribute < CU_DEVICE_ATTRIBUTE_MAX ? is(0) : false;
  }
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!value) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    return attribute_of(attribute, device, *value) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}
