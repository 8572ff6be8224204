// SPDX-License-Identifier: MIT
// The device code of the runtime's tests (kernels.cu), as plain functions and host addresses.
#pragma once

#include <cuda_runtime_api.h>

namespace kernels {

// values[i] += amount for i < count, launched by <<<blocks, threads, 0, stream>>>. The launch
// itself records errors.
void add(float* values, int count, float amount, unsigned blocks, unsigned threads,
         cudaStream_t stream = nullptr);
// The same from a file compiled with -default-stream per-thread.
void add_per_thread(float* values, int count, float amount, cudaStream_t stream = nullptr);

// Host addresses, as cudaLaunchKernel and cudaFuncGetAttributes take them.
const void* add_address();  // (float*, int, float)
const void*
dynamic_address();  // (int* out): out[0] = first word of dynamic shared memory after writing 42
const void* bounded_address();      // () with __launch_bounds__(64)
const void* spin_address();         // (volatile int* flag): waits until it is not 0
const void* fault_address();        // (): writes through a null pointer
const void* cooperative_address();  // (int* arrived): each block adds 1 and waits for all of them

// Variables: __device__ int counter = 7; __constant__ float table[4] = {1, 2, 3, 4}.
const void* counter_symbol();
const void* table_symbol();
void copy_table(float* out);  // device memory, 4 values

// A __managed__ variable (3 at first), changed by a kernel and by the host.
void add_to_count(int amount);
int read_count();
void write_count(int value);
int* count_address();

}  // namespace kernels
