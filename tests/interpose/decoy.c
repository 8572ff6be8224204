// SPDX-License-Identifier: MIT
// Functions that begin like the driver's, as those of cuDNN, cuBLAS and the runtime do, and one
// that is spelled like a hooked one but lies in a library that is not the driver.
__attribute__((visibility("default"))) int cudnnCreate(void) {
  return 1;
}
__attribute__((visibility("default"))) int cublasCreate_v2(void) {
  return 2;
}
__attribute__((visibility("default"))) int cudaMalloc(void) {
  return 3;
}
__attribute__((visibility("default"))) int cuModuleUnload(void) {
  return 4;
}
