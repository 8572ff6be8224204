// SPDX-License-Identifier: MIT
// cudaGetDeviceProperties and cudaChooseDevice.
//
// Three layouts of cudaDeviceProp are alive. CUDA 13's is what its header says. CUDA 12 renames the
// function to cudaGetDeviceProperties_v2 for its own; under the plain name it keeps the shorter one
// of CUDA 11, which has the same members up to reservedSharedMemPerBlock and ends there.
#include <cstddef>
#include <cstring>

#include "runtime/call.hpp"

using namespace softgpu::runtime;

namespace {

// Fills `properties` attribute by attribute; the first failure stays.
class Properties {
 public:
  Properties(const Driver& driver, CUdevice device) : driver_(driver), device_(device) {}

  int operator()(CUdevice_attribute attribute) {
    int value = 0;
    if (result_ == CUDA_SUCCESS) result_ = driver_.cuDeviceGetAttribute(&value, attribute, device_);
    return value;
  }
  size_t bytes(CUdevice_attribute attribute) { return static_cast<size_t>((*this)(attribute)); }
  unsigned bits(CUdevice_attribute attribute) { return static_cast<unsigned>((*this)(attribute)); }

  CUresult result() const { return result_; }

 private:
  const Driver& driver_;
  CUdevice device_;
  CUresult result_ = CUDA_SUCCESS;
};

void fill_limits(Properties& of, cudaDeviceProp& p) {
  p.sharedMemPerBlock = of.bytes(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK);
  p.regsPerBlock = of(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK);
  p.warpSize = of(CU_DEVICE_ATTRIBUTE_WARP_SIZE);
  p.memPitch = of.bytes(CU_DEVICE_ATTRIBUTE_MAX_PITCH);
  p.maxThreadsPerBlock = of(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
  p.maxThreadsDim[0] = of(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X);
  p.maxThreadsDim[1] = of(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y);
  p.maxThreadsDim[2] = of(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z);
  p.maxGridSize[0] = of(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X);
  p.maxGridSize[1] = of(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y);
  p.maxGridSize[2] = of(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z);
  p.totalConstMem = of.bytes(CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY);
  p.major = of(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
  p.minor = of(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  p.multiProcessorCount = of(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
  p.maxThreadsPerMultiProcessor = of(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR);
  p.maxBlocksPerMultiProcessor = of(CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR);
  p.sharedMemPerMultiprocessor = of.bytes(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR);
  p.regsPerMultiprocessor = of(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR);
  p.sharedMemPerBlockOptin = of.bytes(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
  p.reservedSharedMemPerBlock = of.bytes(CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK);
  p.memoryBusWidth = of(CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH);
  p.l2CacheSize = of(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
  p.persistingL2CacheMaxSize = of(CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE);
  p.accessPolicyMaxWindowSize = of(CU_DEVICE_ATTRIBUTE_MAX_ACCESS_POLICY_WINDOW_SIZE);
  p.asyncEngineCount = of(CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT);
}

void fill_features(Properties& of, cudaDeviceProp& p) {
  p.integrated = of(CU_DEVICE_ATTRIBUTE_INTEGRATED);
  p.canMapHostMemory = of(CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY);
  p.concurrentKernels = of(CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS);
  p.ECCEnabled = of(CU_DEVICE_ATTRIBUTE_ECC_ENABLED);
  p.pciBusID = of(CU_DEVICE_ATTRIBUTE_PCI_BUS_ID);
  p.pciDeviceID = of(CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID);
  p.pciDomainID = of(CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID);
  p.tccDriver = of(CU_DEVICE_ATTRIBUTE_TCC_DRIVER);
  p.unifiedAddressing = of(CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING);
  p.streamPrioritiesSupported = of(CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED);
  p.globalL1CacheSupported = of(CU_DEVICE_ATTRIBUTE_GLOBAL_L1_CACHE_SUPPORTED);
  p.localL1CacheSupported = of(CU_DEVICE_ATTRIBUTE_LOCAL_L1_CACHE_SUPPORTED);
  p.managedMemory = of(CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY);
  p.isMultiGpuBoard = of(CU_DEVICE_ATTRIBUTE_MULTI_GPU_BOARD);
  p.multiGpuBoardGroupID = of(CU_DEVICE_ATTRIBUTE_MULTI_GPU_BOARD_GROUP_ID);
  p.hostNativeAtomicSupported = of(CU_DEVICE_ATTRIBUTE_HOST_NATIVE_ATOMIC_SUPPORTED);
  p.pageableMemoryAccess = of(CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS);
  p.concurrentManagedAccess = of(CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS);
  p.computePreemptionSupported = of(CU_DEVICE_ATTRIBUTE_COMPUTE_PREEMPTION_SUPPORTED);
  p.canUseHostPointerForRegisteredMem =
      of(CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM);
  p.cooperativeLaunch = of(CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH);
  p.pageableMemoryAccessUsesHostPageTables =
      of(CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS_USES_HOST_PAGE_TABLES);
  p.directManagedMemAccessFromHost = of(CU_DEVICE_ATTRIBUTE_DIRECT_MANAGED_MEM_ACCESS_FROM_HOST);
  p.hostRegisterSupported = of(CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED);
  p.hostRegisterReadOnlySupported = of(CU_DEVICE_ATTRIBUTE_READ_ONLY_HOST_REGISTER_SUPPORTED);
  p.sparseCudaArraySupported = of(CU_DEVICE_ATTRIBUTE_SPARSE_CUDA_ARRAY_SUPPORTED);
  p.timelineSemaphoreInteropSupported =
      of(CU_DEVICE_ATTRIBUTE_TIMELINE_SEMAPHORE_INTEROP_SUPPORTED);
  p.memoryPoolsSupported = of(CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED);
  p.memoryPoolSupportedHandleTypes = of.bits(CU_DEVICE_ATTRIBUTE_MEMPOOL_SUPPORTED_HANDLE_TYPES);
  p.gpuDirectRDMASupported = of(CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_SUPPORTED);
  p.gpuDirectRDMAFlushWritesOptions =
      of.bits(CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_FLUSH_WRITES_OPTIONS);
  p.gpuDirectRDMAWritesOrdering = of(CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_WRITES_ORDERING);
  p.deferredMappingCudaArraySupported =
      of(CU_DEVICE_ATTRIBUTE_DEFERRED_MAPPING_CUDA_ARRAY_SUPPORTED);
  p.ipcEventSupported = of(CU_DEVICE_ATTRIBUTE_IPC_EVENT_SUPPORTED);
  p.clusterLaunch = of(CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH);
  p.unifiedFunctionPointers = of(CU_DEVICE_ATTRIBUTE_UNIFIED_FUNCTION_POINTERS);
#if CUDART_VERSION >= 13000
  p.deviceNumaConfig = of(CU_DEVICE_ATTRIBUTE_NUMA_CONFIG);
  p.deviceNumaId = of(CU_DEVICE_ATTRIBUTE_NUMA_ID);
  p.mpsEnabled = of(CU_DEVICE_ATTRIBUTE_MPS_ENABLED);
  p.hostNumaId = of(CU_DEVICE_ATTRIBUTE_HOST_NUMA_ID);
  p.gpuPciDeviceID = of.bits(CU_DEVICE_ATTRIBUTE_GPU_PCI_DEVICE_ID);
  p.gpuPciSubsystemID = of.bits(CU_DEVICE_ATTRIBUTE_GPU_PCI_SUBSYSTEM_ID);
  p.hostNumaMultinodeIpcSupported = of(CU_DEVICE_ATTRIBUTE_HOST_NUMA_MULTINODE_IPC_SUPPORTED);
#else
  p.clockRate = of(CU_DEVICE_ATTRIBUTE_CLOCK_RATE);
  p.memoryClockRate = of(CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE);
  p.deviceOverlap = of(CU_DEVICE_ATTRIBUTE_GPU_OVERLAP);
  p.kernelExecTimeoutEnabled = of(CU_DEVICE_ATTRIBUTE_KERNEL_EXEC_TIMEOUT);
  p.computeMode = of(CU_DEVICE_ATTRIBUTE_COMPUTE_MODE);
  p.singleToDoublePrecisionPerfRatio =
      of(CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO);
  p.cooperativeMultiDeviceLaunch = of(CU_DEVICE_ATTRIBUTE_COOPERATIVE_MULTI_DEVICE_LAUNCH);
#endif
}

void fill_textures(Properties& of, cudaDeviceProp& p) {
  p.textureAlignment = of.bytes(CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT);
  p.texturePitchAlignment = of.bytes(CU_DEVICE_ATTRIBUTE_TEXTURE_PITCH_ALIGNMENT);
  p.surfaceAlignment = of.bytes(CU_DEVICE_ATTRIBUTE_SURFACE_ALIGNMENT);
  p.maxTexture1D = of(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_WIDTH);
  p.maxTexture1DMipmap = of(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_MIPMAPPED_WIDTH);
  p.maxTexture2D[0] = of(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_WIDTH);
  p.maxTexture2D[1] = of(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_HEIGHT);
  p.maxTexture2DMipmap[0] = of(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_WIDTH);
  p.maxTexture2DMipmap[1] = of(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_HEIGHT);
  p.maxTexture2DLinear[0] = of(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_WIDTH);
  p.maxTexture2DLinear[1] = of(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_HEIGHT);
  p.maxTexture2DLinear[2] = of(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_PITCH);
  p.maxTexture3D[0] = of(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH);
  p.maxTexture3D[1] = of(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT);
  p.maxTexture3D[2] = of(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH);
}

CUresult fill(const Driver& driver, CUdevice device, cudaDeviceProp& p) {
  std::memset(&p, 0, sizeof p);
  if (const CUresult r = driver.cuDeviceGetName(p.name, sizeof p.name, device); r != CUDA_SUCCESS)
    return r;
  CUuuid uuid{};
  if (const CUresult r = driver.cuDeviceGetUuid(&uuid, device); r != CUDA_SUCCESS) return r;
  static_assert(sizeof p.uuid == sizeof uuid);
  std::memcpy(&p.uuid, &uuid, sizeof uuid);
  if (const CUresult r = driver.cuDeviceTotalMem(&p.totalGlobalMem, device); r != CUDA_SUCCESS)
    return r;
  Properties of(driver, device);
  fill_limits(of, p);
  fill_features(of, p);
  fill_textures(of, p);
  return of.result();
}

cudaError_t get_properties(cudaDeviceProp* out, int device) {
  return with_driver([&](const Driver& driver) -> cudaError_t {
    if (!out) return cudaErrorInvalidValue;
    if (const cudaError_t e = check_device(driver, device); e != cudaSuccess) return e;
    return to_error(fill(driver, device, *out));
  });
}

// Which of two devices matches better: exact capability wins over higher, then memory enough.
int score(const cudaDeviceProp& wanted, const cudaDeviceProp& device) {
  int points = 0;
  if (wanted.major && wanted.major == device.major && wanted.minor == device.minor) points += 4;
  if (device.major > wanted.major || (device.major == wanted.major && device.minor >= wanted.minor))
    points += 2;
  if (device.totalGlobalMem >= wanted.totalGlobalMem) points += 1;
  return points;
}

}  // namespace

#if CUDART_VERSION >= 13000
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* out, int device) {
  return get_properties(out, device);
}
#else
cudaError_t cudaGetDeviceProperties_v2(cudaDeviceProp* out, int device) {
  return get_properties(out, device);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* out, int device) {
  constexpr size_t kSizeInCuda11 = 728;
  static_assert(offsetof(cudaDeviceProp, reservedSharedMemPerBlock) + sizeof(size_t) ==
                kSizeInCuda11);
  cudaDeviceProp all;
  const cudaError_t e = get_properties(&all, device);
  if (!out) return record(cudaErrorInvalidValue);
  if (e == cudaSuccess) std::memcpy(static_cast<void*>(out), &all, kSizeInCuda11);
  return e;
}
#endif

cudaError_t cudaChooseDevice(int* device, const cudaDeviceProp* wanted) {
  return with_driver([&](const Driver& driver) -> cudaError_t {
    if (!device || !wanted) return cudaErrorInvalidValue;
    int count = 0;
    if (const CUresult r = driver.cuDeviceGetCount(&count); r != CUDA_SUCCESS) return to_error(r);
    if (count == 0) return cudaErrorNoDevice;
    int best = -1;
    for (int d = 0; d < count; ++d) {
      cudaDeviceProp properties;
      if (const CUresult r = fill(driver, d, properties); r != CUDA_SUCCESS) return to_error(r);
      const int points = score(*wanted, properties);
      if (points > best) {
        best = points;
        *device = d;
      }
    }
    return cudaSuccess;
  });
}
