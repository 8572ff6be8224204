// SPDX-License-Identifier: MIT
// The real CUDA runtime, statically linked, finding its driver. Prints what it got; the same with
// us as without.
#include <cuda_runtime_api.h>

#include <cstdio>

int main() {
  int runtime = 0, driver = 0, devices = 0;
  cudaError_t version = cudaRuntimeGetVersion(&runtime);
  std::printf("runtime %d: %s\n", runtime, cudaGetErrorName(version));
  cudaError_t found = cudaDriverGetVersion(&driver);
  std::printf("driver %d: %s\n", driver, cudaGetErrorName(found));
  cudaError_t counted = cudaGetDeviceCount(&devices);
  std::printf("devices %d: %s\n", devices, cudaGetErrorName(counted));
  std::printf("free: %s\n", cudaGetErrorName(cudaFree(nullptr)));
  return 0;
}
