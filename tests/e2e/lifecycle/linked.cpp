// SPDX-License-Identifier: MIT
// A program that is linked with libcuda: what a wrapper that is preloaded sees.
//
//   lifecycle_linked IMAGE [secure]     // "secure": and say whether the loader distrusts the user
#include <cuda.h>
#include <sys/auxv.h>

#include <cfloat>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  if (argc > 2) std::printf("secure %lu\n", getauxval(AT_SECURE));
  std::ifstream file(argv[1], std::ios::binary);
  std::string image(std::istreambuf_iterator<char>(file), {});
  CUdevice device;
  CUcontext context;
  CUmodule module;
  CUfunction square;
  CUdeviceptr in, out;
  int n = 256;
  std::vector<float> values(256, 2.0f);
  values[5] = FLT_MAX;
  cuInit(0);
  cuDeviceGet(&device, 0);
  cuDevicePrimaryCtxRetain(&context, device);
  cuCtxSetCurrent(context);
  cuModuleLoadData(&module, image.c_str());
  cuModuleGetFunction(&square, module, "square");
  cuMemAlloc(&in, 1024);
  cuMemAlloc(&out, 1024);
  cuMemcpyHtoD(in, values.data(), 1024);
  void* params[] = {&out, &in, &n};
  for (int i = 0; i < 3; ++i)
    if (cuLaunchKernel(square, 4, 1, 1, 64, 1, 1, 0, nullptr, params, nullptr) != CUDA_SUCCESS)
      return 1;
  cuMemcpyDtoH(values.data(), out, 1024);
  std::printf("out %g %g\n", static_cast<double>(values[4]), static_cast<double>(values[5]));
  return 0;
}
