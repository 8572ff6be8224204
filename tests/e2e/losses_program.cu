// SPDX-License-Identifier: MIT
// A step of a training run whose input holds one value that its kernel turns into a NaN: log of a
// negative number.
#include <cmath>
#include <cstdio>

__global__ void losses(const float* probabilities, float* out, int count) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < count) out[i] = -logf(probabilities[i]);
}

int main() {
  constexpr int kCount = 1024;
  static float host[kCount];
  for (float& p : host) p = 0.5f;
  host[77] = -0.25f;
  float *in = nullptr, *out = nullptr;
  cudaMalloc(&in, sizeof host);
  cudaMalloc(&out, sizeof host);
  cudaMemcpy(in, host, sizeof host, cudaMemcpyHostToDevice);
  losses<<<kCount / 256, 256>>>(in, out, kCount);
  cudaMemcpy(host, out, sizeof host, cudaMemcpyDeviceToHost);
  int bad = 0;
  for (const float v : host) bad += !std::isfinite(v);
  std::printf("%d of %d losses are not finite; the first is %g; %s\n", bad, kCount, host[0],
              cudaGetErrorName(cudaGetLastError()));
  return 0;
}
