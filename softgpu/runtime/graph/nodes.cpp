// SPDX-License-Identifier: MIT
#include "runtime/graph/nodes.hpp"

#include "runtime/call.hpp"
#include "runtime/copy.hpp"
#include "runtime/kernels.hpp"

namespace softgpu::runtime {

cudaError_t describe(const Driver& driver, const cudaKernelNodeParams& node,
                     CUDA_KERNEL_NODE_PARAMS_v2& out) {
  out = {};
  if (const cudaError_t e = find_function(driver, node.func, out.func); e != cudaSuccess) return e;
  out.gridDimX = node.gridDim.x;
  out.gridDimY = node.gridDim.y;
  out.gridDimZ = node.gridDim.z;
  out.blockDimX = node.blockDim.x;
  out.blockDimY = node.blockDim.y;
  out.blockDimZ = node.blockDim.z;
  out.sharedMemBytes = node.sharedMemBytes;
  out.kernelParams = node.kernelParams;
  out.extra = node.extra;
  return cudaSuccess;
}

cudaKernelNodeParams describe(const CUDA_KERNEL_NODE_PARAMS_v2& node) {
  cudaKernelNodeParams out{};
  out.func = host_address(node.func, node.kern);
  out.gridDim = dim3(node.gridDimX, node.gridDimY, node.gridDimZ);
  out.blockDim = dim3(node.blockDimX, node.blockDimY, node.blockDimZ);
  out.sharedMemBytes = node.sharedMemBytes;
  out.kernelParams = node.kernelParams;
  out.extra = node.extra;
  return out;
}

CUDA_MEMSET_NODE_PARAMS_v1 describe(const cudaMemsetParams& node) {
  return {address(node.dst), node.pitch, node.value, node.elementSize, node.width, node.height};
}

cudaMemsetParams describe(const CUDA_MEMSET_NODE_PARAMS_v1& node) {
  return {reinterpret_cast<void*>(node.dst),
          node.pitch,
          node.value,
          node.elementSize,
          node.width,
          node.height};
}

cudaMemcpy3DParms range(void* to, const void* from, size_t size, cudaMemcpyKind kind) {
  cudaMemcpy3DParms out{};
  out.srcPtr = {const_cast<void*>(from), size, size, 1};
  out.dstPtr = {to, size, size, 1};
  out.extent = {size, 1, 1};
  out.kind = kind;
  return out;
}

cudaError_t range_to_symbol(const Driver& driver, const void* symbol, const void* from, size_t size,
                            size_t offset, cudaMemcpyKind kind, cudaMemcpy3DParms& out) {
  void* part = nullptr;
  if (!to_device(kind)) return cudaErrorInvalidMemcpyDirection;
  if (const cudaError_t e = part_of(driver, symbol, size, offset, part); e != cudaSuccess) return e;
  out = range(part, from, size, kind);
  return cudaSuccess;
}

cudaError_t range_from_symbol(const Driver& driver, void* to, const void* symbol, size_t size,
                              size_t offset, cudaMemcpyKind kind, cudaMemcpy3DParms& out) {
  void* part = nullptr;
  if (!from_device(kind)) return cudaErrorInvalidMemcpyDirection;
  if (const cudaError_t e = part_of(driver, symbol, size, offset, part); e != cudaSuccess) return e;
  out = range(to, part, size, kind);
  return cudaSuccess;
}

CUcontext current_context(const Driver& driver) {
  CUcontext context = nullptr;
  return driver.cuCtxGetCurrent(&context) == CUDA_SUCCESS ? context : nullptr;
}

}  // namespace softgpu::runtime
