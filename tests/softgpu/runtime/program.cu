// SPDX-License-Identifier: MIT
// A whole program, built by nvcc alone: registration before main(), a launch, a symbol, copies.
#include <cstdio>

__constant__ float scale = 1;

__global__ void fill(float* values, int count) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < count) values[i] = scale * static_cast<float>(i);
}

__global__ void add_up(const float* values, int count, float* sum) {
  for (int i = static_cast<int>(threadIdx.x); i < count; i += static_cast<int>(blockDim.x))
    atomicAdd(sum, values[i] / scale);
}

int main() {
  constexpr int kCount = 1000;
  float *values = nullptr, *sum = nullptr, result = 0, two = 2;
  cudaMalloc(&values, kCount * sizeof(float));
  cudaMalloc(&sum, sizeof(float));
  cudaMemset(sum, 0, sizeof(float));
  cudaMemcpyToSymbol(scale, &two, sizeof two);
  fill<<<(kCount + 127) / 128, 128>>>(values, kCount);
  add_up<<<1, 64>>>(values, kCount, sum);
  cudaMemcpy(&result, sum, sizeof result, cudaMemcpyDeviceToHost);
  cudaFree(values);
  cudaFree(sum);
  float used = 0;
  cudaMemcpyFromSymbol(&used, scale, sizeof used);
  std::printf("sum %g at scale %g, last error %s\n", result, used,
              cudaGetErrorString(cudaGetLastError()));
  return 0;
}
