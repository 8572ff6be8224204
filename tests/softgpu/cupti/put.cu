// SPDX-License-Identifier: MIT
// Compiled into fatbins with and without machine code for resources.cpp.
extern "C" __global__ void put(int* p) {
  *p = 42;
}
