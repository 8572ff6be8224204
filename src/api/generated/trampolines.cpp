// SPDX-License-Identifier: MIT
// DO NOT EDIT: written by scripts/generate_registry.py from cuda.h, cudaTypedefs.h (CUDA 13.0) and src/api/hooked.txt.
// The exported entries of the hooked functions. interpose/trampoline.hpp tells what they do.
#define __CUDA_API_VERSION_INTERNAL
#define __CUDA_API_VERSION_INTERNAL_ODR
#include <cuda.h>
#include <cudaProfiler.h>
#include <cudaProfilerTypedefs.h>
#include <cudaTypedefs.h>
#undef cuGetProcAddress_v2  // cuda.h leaves it a macro for an inline wrapper

#include "api/generated/hooks.hpp"
#include "interpose/routing.hpp"
#include "interpose/trampoline.hpp"

using nonans::api::Fn;
using nonans::api::StreamFlavour;
namespace interpose = nonans::interpose;
namespace hooks = nonans::interpose::hooks;

extern "C" {

NONANS_TRAMPOLINE cuCtxCreate(CUcontext *pctx, unsigned int flags, CUdevice_v1 dev) {
  return interpose::trampoline<PFN_cuCtxCreate_v3020>(0, Fn::cuCtxCreate_v1, StreamFlavour::legacy, hooks::cuCtxCreate_v2, pctx, flags, dev);
}
NONANS_TRAMPOLINE cuCtxCreate_v2(CUcontext *pctx, unsigned int flags, CUdevice_v1 dev) {
  return interpose::trampoline<PFN_cuCtxCreate_v3020>(1, Fn::cuCtxCreate_v2, StreamFlavour::legacy, hooks::cuCtxCreate_v2, pctx, flags, dev);
}
NONANS_TRAMPOLINE cuCtxCreate_v3(CUcontext *pctx, CUexecAffinityParam *paramsArray, int numParams, unsigned int flags, CUdevice_v1 dev) {
  return interpose::trampoline<PFN_cuCtxCreate_v11040>(2, Fn::cuCtxCreate_v3, StreamFlavour::legacy, hooks::cuCtxCreate_v3, pctx, paramsArray, numParams, flags, dev);
}
NONANS_TRAMPOLINE cuCtxCreate_v4(CUcontext *pctx, CUctxCreateParams *ctxCreateParams, unsigned int flags, CUdevice dev) {
  return interpose::trampoline<PFN_cuCtxCreate_v12050>(3, Fn::cuCtxCreate_v4, StreamFlavour::legacy, hooks::cuCtxCreate_v4, pctx, ctxCreateParams, flags, dev);
}
NONANS_TRAMPOLINE cuCtxDestroy(CUcontext ctx) {
  return interpose::trampoline<PFN_cuCtxDestroy_v4000>(4, Fn::cuCtxDestroy_v1, StreamFlavour::legacy, hooks::cuCtxDestroy_v2, ctx);
}
NONANS_TRAMPOLINE cuCtxDestroy_v2(CUcontext ctx) {
  return interpose::trampoline<PFN_cuCtxDestroy_v4000>(5, Fn::cuCtxDestroy_v2, StreamFlavour::legacy, hooks::cuCtxDestroy_v2, ctx);
}
NONANS_TRAMPOLINE cuCtxSetCurrent(CUcontext ctx) {
  return interpose::trampoline<PFN_cuCtxSetCurrent_v4000>(6, Fn::cuCtxSetCurrent, StreamFlavour::legacy, hooks::cuCtxSetCurrent, ctx);
}
NONANS_TRAMPOLINE cuDevicePrimaryCtxRelease(CUdevice_v1 dev) {
  return interpose::trampoline<PFN_cuDevicePrimaryCtxRelease_v11000>(7, Fn::cuDevicePrimaryCtxRelease_v1, StreamFlavour::legacy, hooks::cuDevicePrimaryCtxRelease_v2, dev);
}
NONANS_TRAMPOLINE cuDevicePrimaryCtxRelease_v2(CUdevice_v1 dev) {
  return interpose::trampoline<PFN_cuDevicePrimaryCtxRelease_v11000>(8, Fn::cuDevicePrimaryCtxRelease_v2, StreamFlavour::legacy, hooks::cuDevicePrimaryCtxRelease_v2, dev);
}
NONANS_TRAMPOLINE cuDevicePrimaryCtxReset(CUdevice_v1 dev) {
  return interpose::trampoline<PFN_cuDevicePrimaryCtxReset_v11000>(9, Fn::cuDevicePrimaryCtxReset_v1, StreamFlavour::legacy, hooks::cuDevicePrimaryCtxReset_v2, dev);
}
NONANS_TRAMPOLINE cuDevicePrimaryCtxReset_v2(CUdevice_v1 dev) {
  return interpose::trampoline<PFN_cuDevicePrimaryCtxReset_v11000>(10, Fn::cuDevicePrimaryCtxReset_v2, StreamFlavour::legacy, hooks::cuDevicePrimaryCtxReset_v2, dev);
}
NONANS_TRAMPOLINE cuDevicePrimaryCtxRetain(CUcontext *pctx, CUdevice_v1 dev) {
  return interpose::trampoline<PFN_cuDevicePrimaryCtxRetain_v7000>(11, Fn::cuDevicePrimaryCtxRetain, StreamFlavour::legacy, hooks::cuDevicePrimaryCtxRetain, pctx, dev);
}
NONANS_TRAMPOLINE cuFuncGetModule(CUmodule *hmod, CUfunction hfunc) {
  return interpose::trampoline<PFN_cuFuncGetModule_v11000>(12, Fn::cuFuncGetModule, StreamFlavour::legacy, hooks::cuFuncGetModule, hmod, hfunc);
}
NONANS_TRAMPOLINE cuFuncSetBlockShape(CUfunction hfunc, int x, int y, int z) {
  return interpose::trampoline<PFN_cuFuncSetBlockShape_v2000>(13, Fn::cuFuncSetBlockShape, StreamFlavour::legacy, hooks::cuFuncSetBlockShape, hfunc, x, y, z);
}
NONANS_TRAMPOLINE cuGetProcAddress(const char *symbol, void **pfn, int driverVersion, cuuint64_t flags) {
  return interpose::resolve_trampoline<PFN_cuGetProcAddress_v11030>(14, Fn::cuGetProcAddress_v1, symbol, pfn, driverVersion, flags);
}
NONANS_TRAMPOLINE cuGetProcAddress_v2(const char *symbol, void **pfn, int driverVersion, cuuint64_t flags, CUdriverProcAddressQueryResult *symbolFound) {
  return interpose::resolve_trampoline<PFN_cuGetProcAddress_v12000>(15, Fn::cuGetProcAddress_v2, symbol, pfn, driverVersion, flags, symbolFound);
}
NONANS_TRAMPOLINE cuInit(unsigned int Flags) {
  return interpose::trampoline<PFN_cuInit_v2000>(16, Fn::cuInit, StreamFlavour::legacy, hooks::cuInit, Flags);
}
NONANS_TRAMPOLINE cuKernelGetFunction(CUfunction *pFunc, CUkernel kernel) {
  return interpose::trampoline<PFN_cuKernelGetFunction_v12000>(17, Fn::cuKernelGetFunction, StreamFlavour::legacy, hooks::cuKernelGetFunction, pFunc, kernel);
}
NONANS_TRAMPOLINE cuLaunch(CUfunction f) {
  return interpose::trampoline<PFN_cuLaunch_v2000>(18, Fn::cuLaunch, StreamFlavour::legacy, hooks::cuLaunch, f);
}
NONANS_TRAMPOLINE cuLaunchCooperativeKernel(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream, void **kernelParams) {
  return interpose::trampoline<PFN_cuLaunchCooperativeKernel_v9000>(19, Fn::cuLaunchCooperativeKernel, StreamFlavour::legacy, hooks::cuLaunchCooperativeKernel, f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams);
}
NONANS_TRAMPOLINE cuLaunchCooperativeKernelMultiDevice(CUDA_LAUNCH_PARAMS_v1 *launchParamsList, unsigned int numDevices, unsigned int flags) {
  return interpose::trampoline<PFN_cuLaunchCooperativeKernelMultiDevice_v9000>(20, Fn::cuLaunchCooperativeKernelMultiDevice, StreamFlavour::legacy, hooks::cuLaunchCooperativeKernelMultiDevice, launchParamsList, numDevices, flags);
}
NONANS_TRAMPOLINE cuLaunchCooperativeKernel_ptsz(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream, void **kernelParams) {
  return interpose::trampoline<PFN_cuLaunchCooperativeKernel_v9000>(21, Fn::cuLaunchCooperativeKernel_ptsz, StreamFlavour::per_thread, hooks::cuLaunchCooperativeKernel, f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams);
}
NONANS_TRAMPOLINE cuLaunchGrid(CUfunction f, int grid_width, int grid_height) {
  return interpose::trampoline<PFN_cuLaunchGrid_v2000>(22, Fn::cuLaunchGrid, StreamFlavour::legacy, hooks::cuLaunchGrid, f, grid_width, grid_height);
}
NONANS_TRAMPOLINE cuLaunchGridAsync(CUfunction f, int grid_width, int grid_height, CUstream hStream) {
  return interpose::trampoline<PFN_cuLaunchGridAsync_v2000>(23, Fn::cuLaunchGridAsync, StreamFlavour::legacy, hooks::cuLaunchGridAsync, f, grid_width, grid_height, hStream);
}
NONANS_TRAMPOLINE cuLaunchKernel(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream, void **kernelParams, void **extra) {
  return interpose::trampoline<PFN_cuLaunchKernel_v4000>(24, Fn::cuLaunchKernel, StreamFlavour::legacy, hooks::cuLaunchKernel, f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams, extra);
}
NONANS_TRAMPOLINE cuLaunchKernelEx(const CUlaunchConfig *config, CUfunction f, void **kernelParams, void **extra) {
  return interpose::trampoline<PFN_cuLaunchKernelEx_v11060>(25, Fn::cuLaunchKernelEx, StreamFlavour::legacy, hooks::cuLaunchKernelEx, config, f, kernelParams, extra);
}
NONANS_TRAMPOLINE cuLaunchKernelEx_ptsz(const CUlaunchConfig *config, CUfunction f, void **kernelParams, void **extra) {
  return interpose::trampoline<PFN_cuLaunchKernelEx_v11060>(26, Fn::cuLaunchKernelEx_ptsz, StreamFlavour::per_thread, hooks::cuLaunchKernelEx, config, f, kernelParams, extra);
}
NONANS_TRAMPOLINE cuLaunchKernel_ptsz(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream, void **kernelParams, void **extra) {
  return interpose::trampoline<PFN_cuLaunchKernel_v4000>(27, Fn::cuLaunchKernel_ptsz, StreamFlavour::per_thread, hooks::cuLaunchKernel, f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams, extra);
}
NONANS_TRAMPOLINE cuLibraryEnumerateKernels(CUkernel *kernels, unsigned int numKernels, CUlibrary lib) {
  return interpose::trampoline<PFN_cuLibraryEnumerateKernels_v12040>(28, Fn::cuLibraryEnumerateKernels, StreamFlavour::legacy, hooks::cuLibraryEnumerateKernels, kernels, numKernels, lib);
}
NONANS_TRAMPOLINE cuLibraryGetGlobal(CUdeviceptr *dptr, size_t *bytes, CUlibrary library, const char *name) {
  return interpose::trampoline<PFN_cuLibraryGetGlobal_v12000>(29, Fn::cuLibraryGetGlobal, StreamFlavour::legacy, hooks::cuLibraryGetGlobal, dptr, bytes, library, name);
}
NONANS_TRAMPOLINE cuLibraryGetKernel(CUkernel *pKernel, CUlibrary library, const char *name) {
  return interpose::trampoline<PFN_cuLibraryGetKernel_v12000>(30, Fn::cuLibraryGetKernel, StreamFlavour::legacy, hooks::cuLibraryGetKernel, pKernel, library, name);
}
NONANS_TRAMPOLINE cuLibraryGetManaged(CUdeviceptr *dptr, size_t *bytes, CUlibrary library, const char *name) {
  return interpose::trampoline<PFN_cuLibraryGetManaged_v12000>(31, Fn::cuLibraryGetManaged, StreamFlavour::legacy, hooks::cuLibraryGetManaged, dptr, bytes, library, name);
}
NONANS_TRAMPOLINE cuLibraryGetModule(CUmodule *pMod, CUlibrary library) {
  return interpose::trampoline<PFN_cuLibraryGetModule_v12000>(32, Fn::cuLibraryGetModule, StreamFlavour::legacy, hooks::cuLibraryGetModule, pMod, library);
}
NONANS_TRAMPOLINE cuLibraryLoadData(CUlibrary *library, const void *code, CUjit_option *jitOptions, void **jitOptionsValues, unsigned int numJitOptions, CUlibraryOption *libraryOptions, void** libraryOptionValues, unsigned int numLibraryOptions) {
  return interpose::trampoline<PFN_cuLibraryLoadData_v12000>(33, Fn::cuLibraryLoadData, StreamFlavour::legacy, hooks::cuLibraryLoadData, library, code, jitOptions, jitOptionsValues, numJitOptions, libraryOptions, libraryOptionValues, numLibraryOptions);
}
NONANS_TRAMPOLINE cuLibraryLoadFromFile(CUlibrary *library, const char *fileName, CUjit_option *jitOptions, void **jitOptionsValues, unsigned int numJitOptions, CUlibraryOption *libraryOptions, void **libraryOptionValues, unsigned int numLibraryOptions) {
  return interpose::trampoline<PFN_cuLibraryLoadFromFile_v12000>(34, Fn::cuLibraryLoadFromFile, StreamFlavour::legacy, hooks::cuLibraryLoadFromFile, library, fileName, jitOptions, jitOptionsValues, numJitOptions, libraryOptions, libraryOptionValues, numLibraryOptions);
}
NONANS_TRAMPOLINE cuLibraryUnload(CUlibrary library) {
  return interpose::trampoline<PFN_cuLibraryUnload_v12000>(35, Fn::cuLibraryUnload, StreamFlavour::legacy, hooks::cuLibraryUnload, library);
}
NONANS_TRAMPOLINE cuMemAllocAsync(CUdeviceptr_v2 *dptr, size_t bytesize, CUstream hStream) {
  return interpose::trampoline<PFN_cuMemAllocAsync_v11020>(36, Fn::cuMemAllocAsync, StreamFlavour::legacy, hooks::cuMemAllocAsync, dptr, bytesize, hStream);
}
NONANS_TRAMPOLINE cuMemAllocAsync_ptsz(CUdeviceptr_v2 *dptr, size_t bytesize, CUstream hStream) {
  return interpose::trampoline<PFN_cuMemAllocAsync_v11020>(37, Fn::cuMemAllocAsync_ptsz, StreamFlavour::per_thread, hooks::cuMemAllocAsync, dptr, bytesize, hStream);
}
NONANS_TRAMPOLINE cuMemAllocFromPoolAsync(CUdeviceptr_v2 *dptr, size_t bytesize, CUmemoryPool pool, CUstream hStream) {
  return interpose::trampoline<PFN_cuMemAllocFromPoolAsync_v11020>(38, Fn::cuMemAllocFromPoolAsync, StreamFlavour::legacy, hooks::cuMemAllocFromPoolAsync, dptr, bytesize, pool, hStream);
}
NONANS_TRAMPOLINE cuMemAllocFromPoolAsync_ptsz(CUdeviceptr_v2 *dptr, size_t bytesize, CUmemoryPool pool, CUstream hStream) {
  return interpose::trampoline<PFN_cuMemAllocFromPoolAsync_v11020>(39, Fn::cuMemAllocFromPoolAsync_ptsz, StreamFlavour::per_thread, hooks::cuMemAllocFromPoolAsync, dptr, bytesize, pool, hStream);
}
NONANS_TRAMPOLINE cuMemAllocHost_v2(void **pp, size_t bytesize) {
  return interpose::trampoline<PFN_cuMemAllocHost_v3020>(40, Fn::cuMemAllocHost_v2, StreamFlavour::legacy, hooks::cuMemAllocHost_v2, pp, bytesize);
}
NONANS_TRAMPOLINE cuMemAllocManaged(CUdeviceptr_v2 *dptr, size_t bytesize, unsigned int flags) {
  return interpose::trampoline<PFN_cuMemAllocManaged_v6000>(41, Fn::cuMemAllocManaged, StreamFlavour::legacy, hooks::cuMemAllocManaged, dptr, bytesize, flags);
}
NONANS_TRAMPOLINE cuMemAllocPitch_v2(CUdeviceptr_v2 *dptr, size_t *pPitch, size_t WidthInBytes, size_t Height, unsigned int ElementSizeBytes) {
  return interpose::trampoline<PFN_cuMemAllocPitch_v3020>(42, Fn::cuMemAllocPitch_v2, StreamFlavour::legacy, hooks::cuMemAllocPitch_v2, dptr, pPitch, WidthInBytes, Height, ElementSizeBytes);
}
NONANS_TRAMPOLINE cuMemAlloc_v2(CUdeviceptr_v2 *dptr, size_t bytesize) {
  return interpose::trampoline<PFN_cuMemAlloc_v3020>(43, Fn::cuMemAlloc_v2, StreamFlavour::legacy, hooks::cuMemAlloc_v2, dptr, bytesize);
}
NONANS_TRAMPOLINE cuMemFreeAsync(CUdeviceptr_v2 dptr, CUstream hStream) {
  return interpose::trampoline<PFN_cuMemFreeAsync_v11020>(44, Fn::cuMemFreeAsync, StreamFlavour::legacy, hooks::cuMemFreeAsync, dptr, hStream);
}
NONANS_TRAMPOLINE cuMemFreeAsync_ptsz(CUdeviceptr_v2 dptr, CUstream hStream) {
  return interpose::trampoline<PFN_cuMemFreeAsync_v11020>(45, Fn::cuMemFreeAsync_ptsz, StreamFlavour::per_thread, hooks::cuMemFreeAsync, dptr, hStream);
}
NONANS_TRAMPOLINE cuMemFreeHost(void *p) {
  return interpose::trampoline<PFN_cuMemFreeHost_v2000>(46, Fn::cuMemFreeHost, StreamFlavour::legacy, hooks::cuMemFreeHost, p);
}
NONANS_TRAMPOLINE cuMemFree_v2(CUdeviceptr_v2 dptr) {
  return interpose::trampoline<PFN_cuMemFree_v3020>(47, Fn::cuMemFree_v2, StreamFlavour::legacy, hooks::cuMemFree_v2, dptr);
}
NONANS_TRAMPOLINE cuMemHostAlloc(void **pp, size_t bytesize, unsigned int Flags) {
  return interpose::trampoline<PFN_cuMemHostAlloc_v2020>(48, Fn::cuMemHostAlloc, StreamFlavour::legacy, hooks::cuMemHostAlloc, pp, bytesize, Flags);
}
NONANS_TRAMPOLINE cuMemHostRegister(void *p, size_t bytesize, unsigned int Flags) {
  return interpose::trampoline<PFN_cuMemHostRegister_v6050>(49, Fn::cuMemHostRegister_v1, StreamFlavour::legacy, hooks::cuMemHostRegister_v2, p, bytesize, Flags);
}
NONANS_TRAMPOLINE cuMemHostRegister_v2(void *p, size_t bytesize, unsigned int Flags) {
  return interpose::trampoline<PFN_cuMemHostRegister_v6050>(50, Fn::cuMemHostRegister_v2, StreamFlavour::legacy, hooks::cuMemHostRegister_v2, p, bytesize, Flags);
}
NONANS_TRAMPOLINE cuMemHostUnregister(void *p) {
  return interpose::trampoline<PFN_cuMemHostUnregister_v4000>(51, Fn::cuMemHostUnregister, StreamFlavour::legacy, hooks::cuMemHostUnregister, p);
}
NONANS_TRAMPOLINE cuModuleEnumerateFunctions(CUfunction *functions, unsigned int numFunctions, CUmodule mod) {
  return interpose::trampoline<PFN_cuModuleEnumerateFunctions_v12040>(52, Fn::cuModuleEnumerateFunctions, StreamFlavour::legacy, hooks::cuModuleEnumerateFunctions, functions, numFunctions, mod);
}
NONANS_TRAMPOLINE cuModuleGetFunction(CUfunction *hfunc, CUmodule hmod, const char *name) {
  return interpose::trampoline<PFN_cuModuleGetFunction_v2000>(53, Fn::cuModuleGetFunction, StreamFlavour::legacy, hooks::cuModuleGetFunction, hfunc, hmod, name);
}
NONANS_TRAMPOLINE cuModuleGetGlobal_v2(CUdeviceptr_v2 *dptr, size_t *bytes, CUmodule hmod, const char *name) {
  return interpose::trampoline<PFN_cuModuleGetGlobal_v3020>(54, Fn::cuModuleGetGlobal_v2, StreamFlavour::legacy, hooks::cuModuleGetGlobal_v2, dptr, bytes, hmod, name);
}
NONANS_TRAMPOLINE cuModuleLoad(CUmodule *module, const char *fname) {
  return interpose::trampoline<PFN_cuModuleLoad_v2000>(55, Fn::cuModuleLoad, StreamFlavour::legacy, hooks::cuModuleLoad, module, fname);
}
NONANS_TRAMPOLINE cuModuleLoadData(CUmodule *module, const void *image) {
  return interpose::trampoline<PFN_cuModuleLoadData_v2000>(56, Fn::cuModuleLoadData, StreamFlavour::legacy, hooks::cuModuleLoadData, module, image);
}
NONANS_TRAMPOLINE cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned int numOptions, CUjit_option *options, void **optionValues) {
  return interpose::trampoline<PFN_cuModuleLoadDataEx_v2010>(57, Fn::cuModuleLoadDataEx, StreamFlavour::legacy, hooks::cuModuleLoadDataEx, module, image, numOptions, options, optionValues);
}
NONANS_TRAMPOLINE cuModuleLoadFatBinary(CUmodule *module, const void *fatCubin) {
  return interpose::trampoline<PFN_cuModuleLoadFatBinary_v2000>(58, Fn::cuModuleLoadFatBinary, StreamFlavour::legacy, hooks::cuModuleLoadFatBinary, module, fatCubin);
}
NONANS_TRAMPOLINE cuModuleUnload(CUmodule hmod) {
  return interpose::trampoline<PFN_cuModuleUnload_v2000>(59, Fn::cuModuleUnload, StreamFlavour::legacy, hooks::cuModuleUnload, hmod);
}
NONANS_TRAMPOLINE cuParamSetSize(CUfunction hfunc, unsigned int numbytes) {
  return interpose::trampoline<PFN_cuParamSetSize_v2000>(60, Fn::cuParamSetSize, StreamFlavour::legacy, hooks::cuParamSetSize, hfunc, numbytes);
}
NONANS_TRAMPOLINE cuParamSetf(CUfunction hfunc, int offset, float value) {
  return interpose::trampoline<PFN_cuParamSetf_v2000>(61, Fn::cuParamSetf, StreamFlavour::legacy, hooks::cuParamSetf, hfunc, offset, value);
}
NONANS_TRAMPOLINE cuParamSeti(CUfunction hfunc, int offset, unsigned int value) {
  return interpose::trampoline<PFN_cuParamSeti_v2000>(62, Fn::cuParamSeti, StreamFlavour::legacy, hooks::cuParamSeti, hfunc, offset, value);
}
NONANS_TRAMPOLINE cuParamSetv(CUfunction hfunc, int offset, void *ptr, unsigned int numbytes) {
  return interpose::trampoline<PFN_cuParamSetv_v2000>(63, Fn::cuParamSetv, StreamFlavour::legacy, hooks::cuParamSetv, hfunc, offset, ptr, numbytes);
}
NONANS_TRAMPOLINE cuStreamDestroy(CUstream hStream) {
  return interpose::trampoline<PFN_cuStreamDestroy_v4000>(64, Fn::cuStreamDestroy_v1, StreamFlavour::legacy, hooks::cuStreamDestroy_v2, hStream);
}
NONANS_TRAMPOLINE cuStreamDestroy_v2(CUstream hStream) {
  return interpose::trampoline<PFN_cuStreamDestroy_v4000>(65, Fn::cuStreamDestroy_v2, StreamFlavour::legacy, hooks::cuStreamDestroy_v2, hStream);
}

}  // extern "C"

void* const nonans::interpose::kTrampolines[nonans::api::kHookCount] = {
    reinterpret_cast<void*>(&cuCtxCreate),
    reinterpret_cast<void*>(&cuCtxCreate_v2),
    reinterpret_cast<void*>(&cuCtxCreate_v3),
    reinterpret_cast<void*>(&cuCtxCreate_v4),
    reinterpret_cast<void*>(&cuCtxDestroy),
    reinterpret_cast<void*>(&cuCtxDestroy_v2),
    reinterpret_cast<void*>(&cuCtxSetCurrent),
    reinterpret_cast<void*>(&cuDevicePrimaryCtxRelease),
    reinterpret_cast<void*>(&cuDevicePrimaryCtxRelease_v2),
    reinterpret_cast<void*>(&cuDevicePrimaryCtxReset),
    reinterpret_cast<void*>(&cuDevicePrimaryCtxReset_v2),
    reinterpret_cast<void*>(&cuDevicePrimaryCtxRetain),
    reinterpret_cast<void*>(&cuFuncGetModule),
    reinterpret_cast<void*>(&cuFuncSetBlockShape),
    reinterpret_cast<void*>(&cuGetProcAddress),
    reinterpret_cast<void*>(&cuGetProcAddress_v2),
    reinterpret_cast<void*>(&cuInit),
    reinterpret_cast<void*>(&cuKernelGetFunction),
    reinterpret_cast<void*>(&cuLaunch),
    reinterpret_cast<void*>(&cuLaunchCooperativeKernel),
    reinterpret_cast<void*>(&cuLaunchCooperativeKernelMultiDevice),
    reinterpret_cast<void*>(&cuLaunchCooperativeKernel_ptsz),
    reinterpret_cast<void*>(&cuLaunchGrid),
    reinterpret_cast<void*>(&cuLaunchGridAsync),
    reinterpret_cast<void*>(&cuLaunchKernel),
    reinterpret_cast<void*>(&cuLaunchKernelEx),
    reinterpret_cast<void*>(&cuLaunchKernelEx_ptsz),
    reinterpret_cast<void*>(&cuLaunchKernel_ptsz),
    reinterpret_cast<void*>(&cuLibraryEnumerateKernels),
    reinterpret_cast<void*>(&cuLibraryGetGlobal),
    reinterpret_cast<void*>(&cuLibraryGetKernel),
    reinterpret_cast<void*>(&cuLibraryGetManaged),
    reinterpret_cast<void*>(&cuLibraryGetModule),
    reinterpret_cast<void*>(&cuLibraryLoadData),
    reinterpret_cast<void*>(&cuLibraryLoadFromFile),
    reinterpret_cast<void*>(&cuLibraryUnload),
    reinterpret_cast<void*>(&cuMemAllocAsync),
    reinterpret_cast<void*>(&cuMemAllocAsync_ptsz),
    reinterpret_cast<void*>(&cuMemAllocFromPoolAsync),
    reinterpret_cast<void*>(&cuMemAllocFromPoolAsync_ptsz),
    reinterpret_cast<void*>(&cuMemAllocHost_v2),
    reinterpret_cast<void*>(&cuMemAllocManaged),
    reinterpret_cast<void*>(&cuMemAllocPitch_v2),
    reinterpret_cast<void*>(&cuMemAlloc_v2),
    reinterpret_cast<void*>(&cuMemFreeAsync),
    reinterpret_cast<void*>(&cuMemFreeAsync_ptsz),
    reinterpret_cast<void*>(&cuMemFreeHost),
    reinterpret_cast<void*>(&cuMemFree_v2),
    reinterpret_cast<void*>(&cuMemHostAlloc),
    reinterpret_cast<void*>(&cuMemHostRegister),
    reinterpret_cast<void*>(&cuMemHostRegister_v2),
    reinterpret_cast<void*>(&cuMemHostUnregister),
    reinterpret_cast<void*>(&cuModuleEnumerateFunctions),
    reinterpret_cast<void*>(&cuModuleGetFunction),
    reinterpret_cast<void*>(&cuModuleGetGlobal_v2),
    reinterpret_cast<void*>(&cuModuleLoad),
    reinterpret_cast<void*>(&cuModuleLoadData),
    reinterpret_cast<void*>(&cuModuleLoadDataEx),
    reinterpret_cast<void*>(&cuModuleLoadFatBinary),
    reinterpret_cast<void*>(&cuModuleUnload),
    reinterpret_cast<void*>(&cuParamSetSize),
    reinterpret_cast<void*>(&cuParamSetf),
    reinterpret_cast<void*>(&cuParamSeti),
    reinterpret_cast<void*>(&cuParamSetv),
    reinterpret_cast<void*>(&cuStreamDestroy),
    reinterpret_cast<void*>(&cuStreamDestroy_v2),
};

const nonans::api::Fn nonans::interpose::kHookedFunctions[nonans::api::kHookCount] = {
    Fn::cuCtxCreate_v1,
    Fn::cuCtxCreate_v2,
    Fn::cuCtxCreate_v3,
    Fn::cuCtxCreate_v4,
    Fn::cuCtxDestroy_v1,
    Fn::cuCtxDestroy_v2,
    Fn::cuCtxSetCurrent,
    Fn::cuDevicePrimaryCtxRelease_v1,
    Fn::cuDevicePrimaryCtxRelease_v2,
    Fn::cuDevicePrimaryCtxReset_v1,
    Fn::cuDevicePrimaryCtxReset_v2,
    Fn::cuDevicePrimaryCtxRetain,
    Fn::cuFuncGetModule,
    Fn::cuFuncSetBlockShape,
    Fn::cuGetProcAddress_v1,
    Fn::cuGetProcAddress_v2,
    Fn::cuInit,
    Fn::cuKernelGetFunction,
    Fn::cuLaunch,
    Fn::cuLaunchCooperativeKernel,
    Fn::cuLaunchCooperativeKernelMultiDevice,
    Fn::cuLaunchCooperativeKernel_ptsz,
    Fn::cuLaunchGrid,
    Fn::cuLaunchGridAsync,
    Fn::cuLaunchKernel,
    Fn::cuLaunchKernelEx,
    Fn::cuLaunchKernelEx_ptsz,
    Fn::cuLaunchKernel_ptsz,
    Fn::cuLibraryEnumerateKernels,
    Fn::cuLibraryGetGlobal,
    Fn::cuLibraryGetKernel,
    Fn::cuLibraryGetManaged,
    Fn::cuLibraryGetModule,
    Fn::cuLibraryLoadData,
    Fn::cuLibraryLoadFromFile,
    Fn::cuLibraryUnload,
    Fn::cuMemAllocAsync,
    Fn::cuMemAllocAsync_ptsz,
    Fn::cuMemAllocFromPoolAsync,
    Fn::cuMemAllocFromPoolAsync_ptsz,
    Fn::cuMemAllocHost_v2,
    Fn::cuMemAllocManaged,
    Fn::cuMemAllocPitch_v2,
    Fn::cuMemAlloc_v2,
    Fn::cuMemFreeAsync,
    Fn::cuMemFreeAsync_ptsz,
    Fn::cuMemFreeHost,
    Fn::cuMemFree_v2,
    Fn::cuMemHostAlloc,
    Fn::cuMemHostRegister_v1,
    Fn::cuMemHostRegister_v2,
    Fn::cuMemHostUnregister,
    Fn::cuModuleEnumerateFunctions,
    Fn::cuModuleGetFunction,
    Fn::cuModuleGetGlobal_v2,
    Fn::cuModuleLoad,
    Fn::cuModuleLoadData,
    Fn::cuModuleLoadDataEx,
    Fn::cuModuleLoadFatBinary,
    Fn::cuModuleUnload,
    Fn::cuParamSetSize,
    Fn::cuParamSetf,
    Fn::cuParamSeti,
    Fn::cuParamSetv,
    Fn::cuStreamDestroy_v1,
    Fn::cuStreamDestroy_v2,
};
