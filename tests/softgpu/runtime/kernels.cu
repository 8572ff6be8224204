// SPDX-License-Identifier: MIT
#include "kernels.hpp"

namespace {

__device__ int counter = 7;
__constant__ float table[4] = {1, 2, 3, 4};
__managed__ int shared_count = 3;

__global__ void add_kernel(float* values, int count, float amount) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < count) values[i] += amount;
}

__global__ void dynamic_kernel(int* out) {
  extern __shared__ int words[];
  words[threadIdx.x] = 42;
  __syncthreads();
  out[0] = words[0];
}

__global__ void __launch_bounds__(64) bounded_kernel() {}

__global__ void spin_kernel(volatile int* flag) {
  while (*flag == 0) {
  }
}

__global__ void fault_kernel() {
  *reinterpret_cast<volatile int*>(size_t{16}) = 1;
}

__global__ void cooperative_kernel(int* arrived) {
  if (threadIdx.x != 0) return;
  atomicAdd(arrived, 1);
  while (*static_cast<volatile int*>(arrived) < static_cast<int>(gridDim.x)) {
  }
}

__global__ void copy_table_kernel(float* out) {
  out[threadIdx.x] = table[threadIdx.x] + static_cast<float>(counter) * 0.0f;
}

__global__ void count_kernel(int amount) {
  atomicAdd(&shared_count, amount);
}

}  // namespace

namespace kernels {

void add(float* values, int count, float amount, unsigned blocks, unsigned threads,
         cudaStream_t stream) {
  add_kernel<<<blocks, threads, 0, stream>>>(values, count, amount);
}

const void* add_address() {
  return reinterpret_cast<const void*>(&add_kernel);
}
const void* dynamic_address() {
  return reinterpret_cast<const void*>(&dynamic_kernel);
}
const void* bounded_address() {
  return reinterpret_cast<const void*>(&bounded_kernel);
}
const void* spin_address() {
  return reinterpret_cast<const void*>(&spin_kernel);
}
const void* fault_address() {
  return reinterpret_cast<const void*>(&fault_kernel);
}
const void* cooperative_address() {
  return reinterpret_cast<const void*>(&cooperative_kernel);
}

const void* counter_symbol() {
  return &counter;
}
const void* table_symbol() {
  return &table;
}
void add_to_count(int amount) {
  count_kernel<<<1, 1>>>(amount);
}
int read_count() {
  return shared_count;
}
void write_count(int value) {
  shared_count = value;
}
int* count_address() {
  return &shared_count;
}
void copy_table(float* out) {
  copy_table_kernel<<<1, 4>>>(out);
}

}  // namespace kernels
