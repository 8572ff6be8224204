// SPDX-License-Identifier: MIT
// Device code for another image to link with: relocatable, in an object and in a library.
extern "C" __device__ int from_object() {
  return 1234;
}
