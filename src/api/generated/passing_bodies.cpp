// SPDX-License-Identifier: MIT
// DO NOT EDIT: written by scripts/generate_registry.py from cuda.h, cudaTypedefs.h (CUDA 13.0) and src/api/hooked.txt.
// A weak body for each hook that only passes on: what a test of the trampolines links where it brings no body of its own.
#include "api/generated/hooks.hpp"

namespace nonans::interpose::hooks {

[[gnu::weak]] CUresult cuCtxAttach(const HookCall&, PFN_cuCtxAttach_v2000 real, CUcontext *pctx, unsigned int flags) {
  return real(pctx, flags);
}
[[gnu::weak]] CUresult cuCtxCreate_v2(const HookCall&, PFN_cuCtxCreate_v3020 real, CUcontext *pctx, unsigned int flags, CUdevice_v1 dev) {
  return real(pctx, flags, dev);
}
[[gnu::weak]] CUresult cuCtxCreate_v3(const HookCall&, PFN_cuCtxCreate_v11040 real, CUcontext *pctx, CUexecAffinityParam *paramsArray, int numParams, unsigned int flags, CUdevice_v1 dev) {
  return real(pctx, paramsArray, numParams, flags, dev);
}
[[gnu::weak]] CUresult cuCtxCreate_v4(const HookCall&, PFN_cuCtxCreate_v12050 real, CUcontext *pctx, CUctxCreateParams *ctxCreateParams, unsigned int flags, CUdevice dev) {
  return real(pctx, ctxCreateParams, flags, dev);
}
[[gnu::weak]] CUresult cuCtxDestroy_v2(const HookCall&, PFN_cuCtxDestroy_v4000 real, CUcontext ctx) {
  return real(ctx);
}
[[gnu::weak]] CUresult cuCtxDetach(const HookCall&, PFN_cuCtxDetach_v2000 real, CUcontext ctx) {
  return real(ctx);
}
[[gnu::weak]] CUresult cuCtxDisablePeerAccess(const HookCall&, PFN_cuCtxDisablePeerAccess_v4000 real, CUcontext peerContext) {
  return real(peerContext);
}
[[gnu::weak]] CUresult cuCtxEnablePeerAccess(const HookCall&, PFN_cuCtxEnablePeerAccess_v4000 real, CUcontext peerContext, unsigned int Flags) {
  return real(peerContext, Flags);
}
[[gnu::weak]] CUresult cuCtxFromGreenCtx(const HookCall&, PFN_cuCtxFromGreenCtx_v12040 real, CUcontext *pContext, CUgreenCtx hCtx) {
  return real(pContext, hCtx);
}
[[gnu::weak]] CUresult cuCtxPopCurrent_v2(const HookCall&, PFN_cuCtxPopCurrent_v4000 real, CUcontext *pctx) {
  return real(pctx);
}
[[gnu::weak]] CUresult cuCtxPushCurrent_v2(const HookCall&, PFN_cuCtxPushCurrent_v4000 real, CUcontext ctx) {
  return real(ctx);
}
[[gnu::weak]] CUresult cuCtxSetCurrent(const HookCall&, PFN_cuCtxSetCurrent_v4000 real, CUcontext ctx) {
  return real(ctx);
}
[[gnu::weak]] CUresult cuDestroyExternalMemory(const HookCall&, PFN_cuDestroyExternalMemory_v10000 real, CUexternalMemory extMem) {
  return real(extMem);
}
[[gnu::weak]] CUresult cuDevicePrimaryCtxRelease_v2(const HookCall&, PFN_cuDevicePrimaryCtxRelease_v11000 real, CUdevice_v1 dev) {
  return real(dev);
}
[[gnu::weak]] CUresult cuDevicePrimaryCtxReset_v2(const HookCall&, PFN_cuDevicePrimaryCtxReset_v11000 real, CUdevice_v1 dev) {
  return real(dev);
}
[[gnu::weak]] CUresult cuDevicePrimaryCtxRetain(const HookCall&, PFN_cuDevicePrimaryCtxRetain_v7000 real, CUcontext *pctx, CUdevice_v1 dev) {
  return real(pctx, dev);
}
[[gnu::weak]] CUresult cuExternalMemoryGetMappedBuffer(const HookCall&, PFN_cuExternalMemoryGetMappedBuffer_v10000 real, CUdeviceptr_v2 *devPtr, CUexternalMemory extMem, const CUDA_EXTERNAL_MEMORY_BUFFER_DESC_v1 *bufferDesc) {
  return real(devPtr, extMem, bufferDesc);
}
[[gnu::weak]] CUresult cuFuncGetModule(const HookCall&, PFN_cuFuncGetModule_v11000 real, CUmodule *hmod, CUfunction hfunc) {
  return real(hmod, hfunc);
}
[[gnu::weak]] CUresult cuFuncSetBlockShape(const HookCall&, PFN_cuFuncSetBlockShape_v2000 real, CUfunction hfunc, int x, int y, int z) {
  return real(hfunc, x, y, z);
}
[[gnu::weak]] CUresult cuGraphAddMemAllocNode(const HookCall&, PFN_cuGraphAddMemAllocNode_v11040 real, CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies, size_t numDependencies, CUDA_MEM_ALLOC_NODE_PARAMS *nodeParams) {
  return real(phGraphNode, hGraph, dependencies, numDependencies, nodeParams);
}
[[gnu::weak]] CUresult cuGraphAddNode_v1(const HookCall&, PFN_cuGraphAddNode_v12020 real, CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies, size_t numDependencies, CUgraphNodeParams *nodeParams) {
  return real(phGraphNode, hGraph, dependencies, numDependencies, nodeParams);
}
[[gnu::weak]] CUresult cuGraphAddNode_v2(const HookCall&, PFN_cuGraphAddNode_v12030 real, CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies, const CUgraphEdgeData *dependencyData, size_t numDependencies, CUgraphNodeParams *nodeParams) {
  return real(phGraphNode, hGraph, dependencies, dependencyData, numDependencies, nodeParams);
}
[[gnu::weak]] CUresult cuGraphDestroy(const HookCall&, PFN_cuGraphDestroy_v10000 real, CUgraph hGraph) {
  return real(hGraph);
}
[[gnu::weak]] CUresult cuGraphDestroyNode(const HookCall&, PFN_cuGraphDestroyNode_v10000 real, CUgraphNode hNode) {
  return real(hNode);
}
[[gnu::weak]] CUresult cuGraphExecChildGraphNodeSetParams(const HookCall&, PFN_cuGraphExecChildGraphNodeSetParams_v11010 real, CUgraphExec hGraphExec, CUgraphNode hNode, CUgraph childGraph) {
  return real(hGraphExec, hNode, childGraph);
}
[[gnu::weak]] CUresult cuGraphExecDestroy(const HookCall&, PFN_cuGraphExecDestroy_v10000 real, CUgraphExec hGraphExec) {
  return real(hGraphExec);
}
[[gnu::weak]] CUresult cuGraphExecKernelNodeSetParams_v1(const HookCall&, PFN_cuGraphExecKernelNodeSetParams_v10010 real, CUgraphExec hGraphExec, CUgraphNode hNode, const CUDA_KERNEL_NODE_PARAMS_v1 *nodeParams) {
  return real(hGraphExec, hNode, nodeParams);
}
[[gnu::weak]] CUresult cuGraphExecKernelNodeSetParams_v2(const HookCall&, PFN_cuGraphExecKernelNodeSetParams_v12000 real, CUgraphExec hGraphExec, CUgraphNode hNode, const CUDA_KERNEL_NODE_PARAMS_v2 *nodeParams) {
  return real(hGraphExec, hNode, nodeParams);
}
[[gnu::weak]] CUresult cuGraphExecNodeSetParams(const HookCall&, PFN_cuGraphExecNodeSetParams_v12020 real, CUgraphExec hGraphExec, CUgraphNode hNode, CUgraphNodeParams *nodeParams) {
  return real(hGraphExec, hNode, nodeParams);
}
[[gnu::weak]] CUresult cuGraphExecUpdate_v1(const HookCall&, PFN_cuGraphExecUpdate_v10020 real, CUgraphExec hGraphExec, CUgraph hGraph, CUgraphNode *hErrorNode_out, CUgraphExecUpdateResult *updateResult_out) {
  return real(hGraphExec, hGraph, hErrorNode_out, updateResult_out);
}
[[gnu::weak]] CUresult cuGraphExecUpdate_v2(const HookCall&, PFN_cuGraphExecUpdate_v12000 real, CUgraphExec hGraphExec, CUgraph hGraph, CUgraphExecUpdateResultInfo *resultInfo) {
  return real(hGraphExec, hGraph, resultInfo);
}
[[gnu::weak]] CUresult cuGraphGetEdges_v1(const HookCall&, PFN_cuGraphGetEdges_v10000 real, CUgraph hGraph, CUgraphNode *from, CUgraphNode *to, size_t *numEdges) {
  return real(hGraph, from, to, numEdges);
}
[[gnu::weak]] CUresult cuGraphGetEdges_v2(const HookCall&, PFN_cuGraphGetEdges_v12030 real, CUgraph hGraph, CUgraphNode *from, CUgraphNode *to, CUgraphEdgeData *edgeData, size_t *numEdges) {
  return real(hGraph, from, to, edgeData, numEdges);
}
[[gnu::weak]] CUresult cuGraphGetNodes(const HookCall&, PFN_cuGraphGetNodes_v10000 real, CUgraph hGraph, CUgraphNode *nodes, size_t *numNodes) {
  return real(hGraph, nodes, numNodes);
}
[[gnu::weak]] CUresult cuGraphGetRootNodes(const HookCall&, PFN_cuGraphGetRootNodes_v10000 real, CUgraph hGraph, CUgraphNode *rootNodes, size_t *numRootNodes) {
  return real(hGraph, rootNodes, numRootNodes);
}
[[gnu::weak]] CUresult cuGraphInstantiateWithFlags(const HookCall&, PFN_cuGraphInstantiateWithFlags_v11040 real, CUgraphExec *phGraphExec, CUgraph hGraph, unsigned long long flags) {
  return real(phGraphExec, hGraph, flags);
}
[[gnu::weak]] CUresult cuGraphInstantiateWithParams(const HookCall&, PFN_cuGraphInstantiateWithParams_v12000 real, CUgraphExec *phGraphExec, CUgraph hGraph, CUDA_GRAPH_INSTANTIATE_PARAMS *instantiateParams) {
  return real(phGraphExec, hGraph, instantiateParams);
}
[[gnu::weak]] CUresult cuGraphInstantiate_v2(const HookCall&, PFN_cuGraphInstantiate_v11000 real, CUgraphExec *phGraphExec, CUgraph hGraph, CUgraphNode *phErrorNode, char *logBuffer, size_t bufferSize) {
  return real(phGraphExec, hGraph, phErrorNode, logBuffer, bufferSize);
}
[[gnu::weak]] CUresult cuGraphLaunch(const HookCall&, PFN_cuGraphLaunch_v10000 real, CUgraphExec hGraph, CUstream hStream) {
  return real(hGraph, hStream);
}
[[gnu::weak]] CUresult cuGraphNodeGetDependencies_v1(const HookCall&, PFN_cuGraphNodeGetDependencies_v10000 real, CUgraphNode hNode, CUgraphNode *dependencies, size_t *numDependencies) {
  return real(hNode, dependencies, numDependencies);
}
[[gnu::weak]] CUresult cuGraphNodeGetDependencies_v2(const HookCall&, PFN_cuGraphNodeGetDependencies_v12030 real, CUgraphNode hNode, CUgraphNode *dependencies, CUgraphEdgeData *edgeData, size_t *numDependencies) {
  return real(hNode, dependencies, edgeData, numDependencies);
}
[[gnu::weak]] CUresult cuGraphNodeGetDependentNodes_v1(const HookCall&, PFN_cuGraphNodeGetDependentNodes_v10000 real, CUgraphNode hNode, CUgraphNode *dependentNodes, size_t *numDependentNodes) {
  return real(hNode, dependentNodes, numDependentNodes);
}
[[gnu::weak]] CUresult cuGraphNodeGetDependentNodes_v2(const HookCall&, PFN_cuGraphNodeGetDependentNodes_v12030 real, CUgraphNode hNode, CUgraphNode *dependentNodes, CUgraphEdgeData *edgeData, size_t *numDependentNodes) {
  return real(hNode, dependentNodes, edgeData, numDependentNodes);
}
[[gnu::weak]] CUresult cuGraphNodeSetEnabled(const HookCall&, PFN_cuGraphNodeSetEnabled_v11060 real, CUgraphExec hGraphExec, CUgraphNode hNode, unsigned int isEnabled) {
  return real(hGraphExec, hNode, isEnabled);
}
[[gnu::weak]] CUresult cuGraphicsResourceGetMappedPointer_v1(const HookCall&, PFN_cuGraphicsResourceGetMappedPointer_v3000 real, unsigned int *pDevPtr, unsigned int *pSize, CUgraphicsResource resource) {
  return real(pDevPtr, pSize, resource);
}
[[gnu::weak]] CUresult cuGraphicsResourceGetMappedPointer_v2(const HookCall&, PFN_cuGraphicsResourceGetMappedPointer_v3020 real, CUdeviceptr_v2 *pDevPtr, size_t *pSize, CUgraphicsResource resource) {
  return real(pDevPtr, pSize, resource);
}
[[gnu::weak]] CUresult cuGraphicsUnmapResources(const HookCall&, PFN_cuGraphicsUnmapResources_v3000 real, unsigned int count, CUgraphicsResource *resources, CUstream hStream) {
  return real(count, resources, hStream);
}
[[gnu::weak]] CUresult cuGraphicsUnregisterResource(const HookCall&, PFN_cuGraphicsUnregisterResource_v3000 real, CUgraphicsResource resource) {
  return real(resource);
}
[[gnu::weak]] CUresult cuGreenCtxCreate(const HookCall&, PFN_cuGreenCtxCreate_v12040 real, CUgreenCtx* phCtx, CUdevResourceDesc desc, CUdevice dev, unsigned int flags) {
  return real(phCtx, desc, dev, flags);
}
[[gnu::weak]] CUresult cuGreenCtxDestroy(const HookCall&, PFN_cuGreenCtxDestroy_v12040 real, CUgreenCtx hCtx) {
  return real(hCtx);
}
[[gnu::weak]] CUresult cuInit(const HookCall&, PFN_cuInit_v2000 real, unsigned int Flags) {
  return real(Flags);
}
[[gnu::weak]] CUresult cuIpcCloseMemHandle(const HookCall&, PFN_cuIpcCloseMemHandle_v4010 real, CUdeviceptr_v2 dptr) {
  return real(dptr);
}
[[gnu::weak]] CUresult cuIpcGetMemHandle(const HookCall&, PFN_cuIpcGetMemHandle_v4010 real, CUipcMemHandle_v1 *pHandle, CUdeviceptr_v2 dptr) {
  return real(pHandle, dptr);
}
[[gnu::weak]] CUresult cuIpcOpenMemHandle_v2(const HookCall&, PFN_cuIpcOpenMemHandle_v11000 real, CUdeviceptr_v2 *pdptr, CUipcMemHandle_v1 handle, unsigned int Flags) {
  return real(pdptr, handle, Flags);
}
[[gnu::weak]] CUresult cuKernelGetFunction(const HookCall&, PFN_cuKernelGetFunction_v12000 real, CUfunction *pFunc, CUkernel kernel) {
  return real(pFunc, kernel);
}
[[gnu::weak]] CUresult cuLaunch(const HookCall&, PFN_cuLaunch_v2000 real, CUfunction f) {
  return real(f);
}
[[gnu::weak]] CUresult cuLaunchCooperativeKernel(const HookCall&, PFN_cuLaunchCooperativeKernel_v9000 real, CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream, void **kernelParams) {
  return real(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams);
}
[[gnu::weak]] CUresult cuLaunchCooperativeKernelMultiDevice(const HookCall&, PFN_cuLaunchCooperativeKernelMultiDevice_v9000 real, CUDA_LAUNCH_PARAMS_v1 *launchParamsList, unsigned int numDevices, unsigned int flags) {
  return real(launchParamsList, numDevices, flags);
}
[[gnu::weak]] CUresult cuLaunchGrid(const HookCall&, PFN_cuLaunchGrid_v2000 real, CUfunction f, int grid_width, int grid_height) {
  return real(f, grid_width, grid_height);
}
[[gnu::weak]] CUresult cuLaunchGridAsync(const HookCall&, PFN_cuLaunchGridAsync_v2000 real, CUfunction f, int grid_width, int grid_height, CUstream hStream) {
  return real(f, grid_width, grid_height, hStream);
}
[[gnu::weak]] CUresult cuLaunchKernel(const HookCall&, PFN_cuLaunchKernel_v4000 real, CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream, void **kernelParams, void **extra) {
  return real(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams, extra);
}
[[gnu::weak]] CUresult cuLaunchKernelEx(const HookCall&, PFN_cuLaunchKernelEx_v11060 real, const CUlaunchConfig *config, CUfunction f, void **kernelParams, void **extra) {
  return real(config, f, kernelParams, extra);
}
[[gnu::weak]] CUresult cuLibraryEnumerateKernels(const HookCall&, PFN_cuLibraryEnumerateKernels_v12040 real, CUkernel *kernels, unsigned int numKernels, CUlibrary lib) {
  return real(kernels, numKernels, lib);
}
[[gnu::weak]] CUresult cuLibraryGetGlobal(const HookCall&, PFN_cuLibraryGetGlobal_v12000 real, CUdeviceptr *dptr, size_t *bytes, CUlibrary library, const char *name) {
  return real(dptr, bytes, library, name);
}
[[gnu::weak]] CUresult cuLibraryGetKernel(const HookCall&, PFN_cuLibraryGetKernel_v12000 real, CUkernel *pKernel, CUlibrary library, const char *name) {
  return real(pKernel, library, name);
}
[[gnu::weak]] CUresult cuLibraryGetManaged(const HookCall&, PFN_cuLibraryGetManaged_v12000 real, CUdeviceptr *dptr, size_t *bytes, CUlibrary library, const char *name) {
  return real(dptr, bytes, library, name);
}
[[gnu::weak]] CUresult cuLibraryGetModule(const HookCall&, PFN_cuLibraryGetModule_v12000 real, CUmodule *pMod, CUlibrary library) {
  return real(pMod, library);
}
[[gnu::weak]] CUresult cuLibraryLoadData(const HookCall&, PFN_cuLibraryLoadData_v12000 real, CUlibrary *library, const void *code, CUjit_option *jitOptions, void **jitOptionsValues, unsigned int numJitOptions, CUlibraryOption *libraryOptions, void** libraryOptionValues, unsigned int numLibraryOptions) {
  return real(library, code, jitOptions, jitOptionsValues, numJitOptions, libraryOptions, libraryOptionValues, numLibraryOptions);
}
[[gnu::weak]] CUresult cuLibraryLoadFromFile(const HookCall&, PFN_cuLibraryLoadFromFile_v12000 real, CUlibrary *library, const char *fileName, CUjit_option *jitOptions, void **jitOptionsValues, unsigned int numJitOptions, CUlibraryOption *libraryOptions, void **libraryOptionValues, unsigned int numLibraryOptions) {
  return real(library, fileName, jitOptions, jitOptionsValues, numJitOptions, libraryOptions, libraryOptionValues, numLibraryOptions);
}
[[gnu::weak]] CUresult cuLibraryUnload(const HookCall&, PFN_cuLibraryUnload_v12000 real, CUlibrary library) {
  return real(library);
}
[[gnu::weak]] CUresult cuMemAddressFree(const HookCall&, PFN_cuMemAddressFree_v10020 real, CUdeviceptr_v2 ptr, size_t size) {
  return real(ptr, size);
}
[[gnu::weak]] CUresult cuMemAlloc_v1(const HookCall&, PFN_cuMemAlloc_v2000 real, unsigned int *dptr, unsigned int bytesize) {
  return real(dptr, bytesize);
}
[[gnu::weak]] CUresult cuMemAllocAsync(const HookCall&, PFN_cuMemAllocAsync_v11020 real, CUdeviceptr_v2 *dptr, size_t bytesize, CUstream hStream) {
  return real(dptr, bytesize, hStream);
}
[[gnu::weak]] CUresult cuMemAllocFromPoolAsync(const HookCall&, PFN_cuMemAllocFromPoolAsync_v11020 real, CUdeviceptr_v2 *dptr, size_t bytesize, CUmemoryPool pool, CUstream hStream) {
  return real(dptr, bytesize, pool, hStream);
}
[[gnu::weak]] CUresult cuMemAllocHost_v1(const HookCall&, PFN_cuMemAllocHost_v2000 real, void **pp, unsigned int bytesize) {
  return real(pp, bytesize);
}
[[gnu::weak]] CUresult cuMemAllocHost_v2(const HookCall&, PFN_cuMemAllocHost_v3020 real, void **pp, size_t bytesize) {
  return real(pp, bytesize);
}
[[gnu::weak]] CUresult cuMemAllocManaged(const HookCall&, PFN_cuMemAllocManaged_v6000 real, CUdeviceptr_v2 *dptr, size_t bytesize, unsigned int flags) {
  return real(dptr, bytesize, flags);
}
[[gnu::weak]] CUresult cuMemAllocPitch_v1(const HookCall&, PFN_cuMemAllocPitch_v2000 real, unsigned int *dptr, unsigned int *pPitch, unsigned int WidthInBytes, unsigned int Height, unsigned int ElementSizeBytes) {
  return real(dptr, pPitch, WidthInBytes, Height, ElementSizeBytes);
}
[[gnu::weak]] CUresult cuMemAllocPitch_v2(const HookCall&, PFN_cuMemAllocPitch_v3020 real, CUdeviceptr_v2 *dptr, size_t *pPitch, size_t WidthInBytes, size_t Height, unsigned int ElementSizeBytes) {
  return real(dptr, pPitch, WidthInBytes, Height, ElementSizeBytes);
}
[[gnu::weak]] CUresult cuMemAlloc_v2(const HookCall&, PFN_cuMemAlloc_v3020 real, CUdeviceptr_v2 *dptr, size_t bytesize) {
  return real(dptr, bytesize);
}
[[gnu::weak]] CUresult cuMemCreate(const HookCall&, PFN_cuMemCreate_v10020 real, CUmemGenericAllocationHandle_v1 *handle, size_t size, const CUmemAllocationProp_v1 *prop, unsigned long long flags) {
  return real(handle, size, prop, flags);
}
[[gnu::weak]] CUresult cuMemExportToShareableHandle(const HookCall&, PFN_cuMemExportToShareableHandle_v10020 real, void *shareableHandle, CUmemGenericAllocationHandle_v1 handle, CUmemAllocationHandleType handleType, unsigned long long flags) {
  return real(shareableHandle, handle, handleType, flags);
}
[[gnu::weak]] CUresult cuMemFree_v1(const HookCall&, PFN_cuMemFree_v2000 real, unsigned int dptr) {
  return real(dptr);
}
[[gnu::weak]] CUresult cuMemFreeAsync(const HookCall&, PFN_cuMemFreeAsync_v11020 real, CUdeviceptr_v2 dptr, CUstream hStream) {
  return real(dptr, hStream);
}
[[gnu::weak]] CUresult cuMemFreeHost(const HookCall&, PFN_cuMemFreeHost_v2000 real, void *p) {
  return real(p);
}
[[gnu::weak]] CUresult cuMemFree_v2(const HookCall&, PFN_cuMemFree_v3020 real, CUdeviceptr_v2 dptr) {
  return real(dptr);
}
[[gnu::weak]] CUresult cuMemGetHandleForAddressRange(const HookCall&, PFN_cuMemGetHandleForAddressRange_v11070 real, void *handle, CUdeviceptr dptr, size_t size, CUmemRangeHandleType handleType, unsigned long long flags) {
  return real(handle, dptr, size, handleType, flags);
}
[[gnu::weak]] CUresult cuMemHostAlloc(const HookCall&, PFN_cuMemHostAlloc_v2020 real, void **pp, size_t bytesize, unsigned int Flags) {
  return real(pp, bytesize, Flags);
}
[[gnu::weak]] CUresult cuMemHostGetDevicePointer_v1(const HookCall&, PFN_cuMemHostGetDevicePointer_v2020 real, unsigned int *pdptr, void *p, unsigned int Flags) {
  return real(pdptr, p, Flags);
}
[[gnu::weak]] CUresult cuMemHostGetDevicePointer_v2(const HookCall&, PFN_cuMemHostGetDevicePointer_v3020 real, CUdeviceptr_v2 *pdptr, void *p, unsigned int Flags) {
  return real(pdptr, p, Flags);
}
[[gnu::weak]] CUresult cuMemHostRegister_v2(const HookCall&, PFN_cuMemHostRegister_v6050 real, void *p, size_t bytesize, unsigned int Flags) {
  return real(p, bytesize, Flags);
}
[[gnu::weak]] CUresult cuMemHostUnregister(const HookCall&, PFN_cuMemHostUnregister_v4000 real, void *p) {
  return real(p);
}
[[gnu::weak]] CUresult cuMemImportFromShareableHandle(const HookCall&, PFN_cuMemImportFromShareableHandle_v10020 real, CUmemGenericAllocationHandle_v1 *handle, void *osHandle, CUmemAllocationHandleType shHandleType) {
  return real(handle, osHandle, shHandleType);
}
[[gnu::weak]] CUresult cuMemMap(const HookCall&, PFN_cuMemMap_v10020 real, CUdeviceptr_v2 ptr, size_t size, size_t offset, CUmemGenericAllocationHandle_v1 handle, unsigned long long flags) {
  return real(ptr, size, offset, handle, flags);
}
[[gnu::weak]] CUresult cuMemMapArrayAsync(const HookCall&, PFN_cuMemMapArrayAsync_v11010 real, CUarrayMapInfo_v1 *mapInfoList, unsigned int count, CUstream hStream) {
  return real(mapInfoList, count, hStream);
}
[[gnu::weak]] CUresult cuMemPoolCreate(const HookCall&, PFN_cuMemPoolCreate_v11020 real, CUmemoryPool *pool, const CUmemPoolProps_v1 *poolProps) {
  return real(pool, poolProps);
}
[[gnu::weak]] CUresult cuMemPoolDestroy(const HookCall&, PFN_cuMemPoolDestroy_v11020 real, CUmemoryPool pool) {
  return real(pool);
}
[[gnu::weak]] CUresult cuMemPoolExportPointer(const HookCall&, PFN_cuMemPoolExportPointer_v11020 real, CUmemPoolPtrExportData_v1 *shareData_out, CUdeviceptr_v2 ptr) {
  return real(shareData_out, ptr);
}
[[gnu::weak]] CUresult cuMemPoolImportPointer(const HookCall&, PFN_cuMemPoolImportPointer_v11020 real, CUdeviceptr_v2 *ptr_out, CUmemoryPool pool, CUmemPoolPtrExportData_v1 *shareData) {
  return real(ptr_out, pool, shareData);
}
[[gnu::weak]] CUresult cuMemPoolSetAccess(const HookCall&, PFN_cuMemPoolSetAccess_v11020 real, CUmemoryPool pool, const CUmemAccessDesc_v1 *map, size_t count) {
  return real(pool, map, count);
}
[[gnu::weak]] CUresult cuMemRelease(const HookCall&, PFN_cuMemRelease_v10020 real, CUmemGenericAllocationHandle_v1 handle) {
  return real(handle);
}
[[gnu::weak]] CUresult cuMemRetainAllocationHandle(const HookCall&, PFN_cuMemRetainAllocationHandle_v11000 real, CUmemGenericAllocationHandle_v1 *handle, void *addr) {
  return real(handle, addr);
}
[[gnu::weak]] CUresult cuMemSetAccess(const HookCall&, PFN_cuMemSetAccess_v10020 real, CUdeviceptr_v2 ptr, size_t size, const CUmemAccessDesc_v1 *desc, size_t count) {
  return real(ptr, size, desc, count);
}
[[gnu::weak]] CUresult cuMemUnmap(const HookCall&, PFN_cuMemUnmap_v10020 real, CUdeviceptr_v2 ptr, size_t size) {
  return real(ptr, size);
}
[[gnu::weak]] CUresult cuModuleEnumerateFunctions(const HookCall&, PFN_cuModuleEnumerateFunctions_v12040 real, CUfunction *functions, unsigned int numFunctions, CUmodule mod) {
  return real(functions, numFunctions, mod);
}
[[gnu::weak]] CUresult cuModuleGetFunction(const HookCall&, PFN_cuModuleGetFunction_v2000 real, CUfunction *hfunc, CUmodule hmod, const char *name) {
  return real(hfunc, hmod, name);
}
[[gnu::weak]] CUresult cuModuleGetGlobal_v1(const HookCall&, PFN_cuModuleGetGlobal_v2000 real, unsigned int *dptr, unsigned int *bytes, CUmodule hmod, const char *name) {
  return real(dptr, bytes, hmod, name);
}
[[gnu::weak]] CUresult cuModuleGetGlobal_v2(const HookCall&, PFN_cuModuleGetGlobal_v3020 real, CUdeviceptr_v2 *dptr, size_t *bytes, CUmodule hmod, const char *name) {
  return real(dptr, bytes, hmod, name);
}
[[gnu::weak]] CUresult cuModuleLoad(const HookCall&, PFN_cuModuleLoad_v2000 real, CUmodule *module, const char *fname) {
  return real(module, fname);
}
[[gnu::weak]] CUresult cuModuleLoadData(const HookCall&, PFN_cuModuleLoadData_v2000 real, CUmodule *module, const void *image) {
  return real(module, image);
}
[[gnu::weak]] CUresult cuModuleLoadDataEx(const HookCall&, PFN_cuModuleLoadDataEx_v2010 real, CUmodule *module, const void *image, unsigned int numOptions, CUjit_option *options, void **optionValues) {
  return real(module, image, numOptions, options, optionValues);
}
[[gnu::weak]] CUresult cuModuleLoadFatBinary(const HookCall&, PFN_cuModuleLoadFatBinary_v2000 real, CUmodule *module, const void *fatCubin) {
  return real(module, fatCubin);
}
[[gnu::weak]] CUresult cuModuleUnload(const HookCall&, PFN_cuModuleUnload_v2000 real, CUmodule hmod) {
  return real(hmod);
}
[[gnu::weak]] CUresult cuMulticastBindAddr(const HookCall&, PFN_cuMulticastBindAddr_v12010 real, CUmemGenericAllocationHandle mcHandle, size_t mcOffset, CUdeviceptr memptr, size_t size, unsigned long long flags) {
  return real(mcHandle, mcOffset, memptr, size, flags);
}
[[gnu::weak]] CUresult cuMulticastBindMem(const HookCall&, PFN_cuMulticastBindMem_v12010 real, CUmemGenericAllocationHandle mcHandle, size_t mcOffset, CUmemGenericAllocationHandle memHandle, size_t memOffset, size_t size, unsigned long long flags) {
  return real(mcHandle, mcOffset, memHandle, memOffset, size, flags);
}
[[gnu::weak]] CUresult cuMulticastCreate(const HookCall&, PFN_cuMulticastCreate_v12010 real, CUmemGenericAllocationHandle *mcHandle, const CUmulticastObjectProp *prop) {
  return real(mcHandle, prop);
}
[[gnu::weak]] CUresult cuParamSetSize(const HookCall&, PFN_cuParamSetSize_v2000 real, CUfunction hfunc, unsigned int numbytes) {
  return real(hfunc, numbytes);
}
[[gnu::weak]] CUresult cuParamSetf(const HookCall&, PFN_cuParamSetf_v2000 real, CUfunction hfunc, int offset, float value) {
  return real(hfunc, offset, value);
}
[[gnu::weak]] CUresult cuParamSeti(const HookCall&, PFN_cuParamSeti_v2000 real, CUfunction hfunc, int offset, unsigned int value) {
  return real(hfunc, offset, value);
}
[[gnu::weak]] CUresult cuParamSetv(const HookCall&, PFN_cuParamSetv_v2000 real, CUfunction hfunc, int offset, void *ptr, unsigned int numbytes) {
  return real(hfunc, offset, ptr, numbytes);
}
[[gnu::weak]] CUresult cuPointerSetAttribute(const HookCall&, PFN_cuPointerSetAttribute_v6000 real, const void *value, CUpointer_attribute attribute, CUdeviceptr_v2 ptr) {
  return real(value, attribute, ptr);
}
[[gnu::weak]] CUresult cuStreamDestroy_v2(const HookCall&, PFN_cuStreamDestroy_v4000 real, CUstream hStream) {
  return real(hStream);
}
[[gnu::weak]] CUresult cuTensorMapEncodeIm2col(const HookCall&, PFN_cuTensorMapEncodeIm2col_v12000 real, CUtensorMap *tensorMap, CUtensorMapDataType tensorDataType, cuuint32_t tensorRank, void *globalAddress, const cuuint64_t *globalDim, const cuuint64_t *globalStrides, const int *pixelBoxLowerCorner, const int *pixelBoxUpperCorner, cuuint32_t channelsPerPixel, cuuint32_t pixelsPerColumn, const cuuint32_t *elementStrides, CUtensorMapInterleave interleave, CUtensorMapSwizzle swizzle, CUtensorMapL2promotion l2Promotion, CUtensorMapFloatOOBfill oobFill) {
  return real(tensorMap, tensorDataType, tensorRank, globalAddress, globalDim, globalStrides, pixelBoxLowerCorner, pixelBoxUpperCorner, channelsPerPixel, pixelsPerColumn, elementStrides, interleave, swizzle, l2Promotion, oobFill);
}
[[gnu::weak]] CUresult cuTensorMapEncodeIm2colWide(const HookCall&, PFN_cuTensorMapEncodeIm2colWide_v12080 real, CUtensorMap *tensorMap, CUtensorMapDataType tensorDataType, cuuint32_t tensorRank, void *globalAddress, const cuuint64_t *globalDim, const cuuint64_t *globalStrides, int pixelBoxLowerCornerWidth, int pixelBoxUpperCornerWidth, cuuint32_t channelsPerPixel, cuuint32_t pixelsPerColumn, const cuuint32_t *elementStrides, CUtensorMapInterleave interleave, CUtensorMapIm2ColWideMode mode, CUtensorMapSwizzle swizzle, CUtensorMapL2promotion l2Promotion, CUtensorMapFloatOOBfill oobFill) {
  return real(tensorMap, tensorDataType, tensorRank, globalAddress, globalDim, globalStrides, pixelBoxLowerCornerWidth, pixelBoxUpperCornerWidth, channelsPerPixel, pixelsPerColumn, elementStrides, interleave, mode, swizzle, l2Promotion, oobFill);
}
[[gnu::weak]] CUresult cuTensorMapEncodeTiled(const HookCall&, PFN_cuTensorMapEncodeTiled_v12000 real, CUtensorMap *tensorMap, CUtensorMapDataType tensorDataType, cuuint32_t tensorRank, void *globalAddress, const cuuint64_t *globalDim, const cuuint64_t *globalStrides, const cuuint32_t *boxDim, const cuuint32_t *elementStrides, CUtensorMapInterleave interleave, CUtensorMapSwizzle swizzle, CUtensorMapL2promotion l2Promotion, CUtensorMapFloatOOBfill oobFill) {
  return real(tensorMap, tensorDataType, tensorRank, globalAddress, globalDim, globalStrides, boxDim, elementStrides, interleave, swizzle, l2Promotion, oobFill);
}
[[gnu::weak]] CUresult cuTensorMapReplaceAddress(const HookCall&, PFN_cuTensorMapReplaceAddress_v12000 real, CUtensorMap *tensorMap, void *globalAddress) {
  return real(tensorMap, globalAddress);
}

}  // namespace nonans::interpose::hooks
