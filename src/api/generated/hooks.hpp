// SPDX-License-Identifier: MIT
// DO NOT EDIT: written by scripts/generate_registry.py from cuda.h, cudaTypedefs.h (CUDA 13.0) and src/api/hooked.txt.
// The bodies of the hooks; interpose/hook_call.hpp tells what a body is told and what it must keep to.
#pragma once

#include <cudaTypedefs.h>

#include "interpose/hook_call.hpp"

namespace nonans::interpose::hooks {

using PFN_cuGraphInstantiate_v11000 = CUresult(CUDAAPI*)(CUgraphExec *phGraphExec, CUgraph hGraph, CUgraphNode *phErrorNode, char *logBuffer, size_t bufferSize);
using PFN_cuGraphicsResourceGetMappedPointer_v3000 = CUresult(CUDAAPI*)(unsigned int *pDevPtr, unsigned int *pSize, CUgraphicsResource resource);
using PFN_cuMemAlloc_v2000 = CUresult(CUDAAPI*)(unsigned int *dptr, unsigned int bytesize);
using PFN_cuMemAllocHost_v2000 = CUresult(CUDAAPI*)(void **pp, unsigned int bytesize);
using PFN_cuMemAllocPitch_v2000 = CUresult(CUDAAPI*)(unsigned int *dptr, unsigned int *pPitch, unsigned int WidthInBytes, unsigned int Height, unsigned int ElementSizeBytes);
using PFN_cuMemFree_v2000 = CUresult(CUDAAPI*)(unsigned int dptr);
using PFN_cuMemHostGetDevicePointer_v2020 = CUresult(CUDAAPI*)(unsigned int *pdptr, void *p, unsigned int Flags);
using PFN_cuModuleGetGlobal_v2000 = CUresult(CUDAAPI*)(unsigned int *dptr, unsigned int *bytes, CUmodule hmod, const char *name);
CUresult cuCtxCreate_v2(const HookCall& call, PFN_cuCtxCreate_v3020 real, CUcontext *pctx, unsigned int flags, CUdevice_v1 dev);
CUresult cuCtxCreate_v3(const HookCall& call, PFN_cuCtxCreate_v11040 real, CUcontext *pctx, CUexecAffinityParam *paramsArray, int numParams, unsigned int flags, CUdevice_v1 dev);
CUresult cuCtxCreate_v4(const HookCall& call, PFN_cuCtxCreate_v12050 real, CUcontext *pctx, CUctxCreateParams *ctxCreateParams, unsigned int flags, CUdevice dev);
CUresult cuCtxDestroy_v2(const HookCall& call, PFN_cuCtxDestroy_v4000 real, CUcontext ctx);
CUresult cuCtxDisablePeerAccess(const HookCall& call, PFN_cuCtxDisablePeerAccess_v4000 real, CUcontext peerContext);
CUresult cuCtxEnablePeerAccess(const HookCall& call, PFN_cuCtxEnablePeerAccess_v4000 real, CUcontext peerContext, unsigned int Flags);
CUresult cuCtxFromGreenCtx(const HookCall& call, PFN_cuCtxFromGreenCtx_v12040 real, CUcontext *pContext, CUgreenCtx hCtx);
CUresult cuCtxSetCurrent(const HookCall& call, PFN_cuCtxSetCurrent_v4000 real, CUcontext ctx);
CUresult cuDestroyExternalMemory(const HookCall& call, PFN_cuDestroyExternalMemory_v10000 real, CUexternalMemory extMem);
CUresult cuDevicePrimaryCtxRelease_v2(const HookCall& call, PFN_cuDevicePrimaryCtxRelease_v11000 real, CUdevice_v1 dev);
CUresult cuDevicePrimaryCtxReset_v2(const HookCall& call, PFN_cuDevicePrimaryCtxReset_v11000 real, CUdevice_v1 dev);
CUresult cuDevicePrimaryCtxRetain(const HookCall& call, PFN_cuDevicePrimaryCtxRetain_v7000 real, CUcontext *pctx, CUdevice_v1 dev);
CUresult cuExternalMemoryGetMappedBuffer(const HookCall& call, PFN_cuExternalMemoryGetMappedBuffer_v10000 real, CUdeviceptr_v2 *devPtr, CUexternalMemory extMem, const CUDA_EXTERNAL_MEMORY_BUFFER_DESC_v1 *bufferDesc);
CUresult cuFuncGetModule(const HookCall& call, PFN_cuFuncGetModule_v11000 real, CUmodule *hmod, CUfunction hfunc);
CUresult cuFuncSetBlockShape(const HookCall& call, PFN_cuFuncSetBlockShape_v2000 real, CUfunction hfunc, int x, int y, int z);
CUresult cuGraphAddMemAllocNode(const HookCall& call, PFN_cuGraphAddMemAllocNode_v11040 real, CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies, size_t numDependencies, CUDA_MEM_ALLOC_NODE_PARAMS *nodeParams);
CUresult cuGraphAddNode_v1(const HookCall& call, PFN_cuGraphAddNode_v12020 real, CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies, size_t numDependencies, CUgraphNodeParams *nodeParams);
CUresult cuGraphAddNode_v2(const HookCall& call, PFN_cuGraphAddNode_v12030 real, CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies, const CUgraphEdgeData *dependencyData, size_t numDependencies, CUgraphNodeParams *nodeParams);
CUresult cuGraphDestroy(const HookCall& call, PFN_cuGraphDestroy_v10000 real, CUgraph hGraph);
CUresult cuGraphDestroyNode(const HookCall& call, PFN_cuGraphDestroyNode_v10000 real, CUgraphNode hNode);
CUresult cuGraphExecChildGraphNodeSetParams(const HookCall& call, PFN_cuGraphExecChildGraphNodeSetParams_v11010 real, CUgraphExec hGraphExec, CUgraphNode hNode, CUgraph childGraph);
CUresult cuGraphExecDestroy(const HookCall& call, PFN_cuGraphExecDestroy_v10000 real, CUgraphExec hGraphExec);
CUresult cuGraphExecKernelNodeSetParams_v1(const HookCall& call, PFN_cuGraphExecKernelNodeSetParams_v10010 real, CUgraphExec hGraphExec, CUgraphNode hNode, const CUDA_KERNEL_NODE_PARAMS_v1 *nodeParams);
CUresult cuGraphExecKernelNodeSetParams_v2(const HookCall& call, PFN_cuGraphExecKernelNodeSetParams_v12000 real, CUgraphExec hGraphExec, CUgraphNode hNode, const CUDA_KERNEL_NODE_PARAMS_v2 *nodeParams);
CUresult cuGraphExecNodeSetParams(const HookCall& call, PFN_cuGraphExecNodeSetParams_v12020 real, CUgraphExec hGraphExec, CUgraphNode hNode, CUgraphNodeParams *nodeParams);
CUresult cuGraphExecUpdate_v1(const HookCall& call, PFN_cuGraphExecUpdate_v10020 real, CUgraphExec hGraphExec, CUgraph hGraph, CUgraphNode *hErrorNode_out, CUgraphExecUpdateResult *updateResult_out);
CUresult cuGraphExecUpdate_v2(const HookCall& call, PFN_cuGraphExecUpdate_v12000 real, CUgraphExec hGraphExec, CUgraph hGraph, CUgraphExecUpdateResultInfo *resultInfo);
CUresult cuGraphGetEdges_v1(const HookCall& call, PFN_cuGraphGetEdges_v10000 real, CUgraph hGraph, CUgraphNode *from, CUgraphNode *to, size_t *numEdges);
CUresult cuGraphGetEdges_v2(const HookCall& call, PFN_cuGraphGetEdges_v12030 real, CUgraph hGraph, CUgraphNode *from, CUgraphNode *to, CUgraphEdgeData *edgeData, size_t *numEdges);
CUresult cuGraphGetNodes(const HookCall& call, PFN_cuGraphGetNodes_v10000 real, CUgraph hGraph, CUgraphNode *nodes, size_t *numNodes);
CUresult cuGraphGetRootNodes(const HookCall& call, PFN_cuGraphGetRootNodes_v10000 real, CUgraph hGraph, CUgraphNode *rootNodes, size_t *numRootNodes);
CUresult cuGraphInstantiateWithFlags(const HookCall& call, PFN_cuGraphInstantiateWithFlags_v11040 real, CUgraphExec *phGraphExec, CUgraph hGraph, unsigned long long flags);
CUresult cuGraphInstantiateWithParams(const HookCall& call, PFN_cuGraphInstantiateWithParams_v12000 real, CUgraphExec *phGraphExec, CUgraph hGraph, CUDA_GRAPH_INSTANTIATE_PARAMS *instantiateParams);
CUresult cuGraphInstantiate_v2(const HookCall& call, PFN_cuGraphInstantiate_v11000 real, CUgraphExec *phGraphExec, CUgraph hGraph, CUgraphNode *phErrorNode, char *logBuffer, size_t bufferSize);
CUresult cuGraphLaunch(const HookCall& call, PFN_cuGraphLaunch_v10000 real, CUgraphExec hGraph, CUstream hStream);
CUresult cuGraphNodeGetDependencies_v1(const HookCall& call, PFN_cuGraphNodeGetDependencies_v10000 real, CUgraphNode hNode, CUgraphNode *dependencies, size_t *numDependencies);
CUresult cuGraphNodeGetDependencies_v2(const HookCall& call, PFN_cuGraphNodeGetDependencies_v12030 real, CUgraphNode hNode, CUgraphNode *dependencies, CUgraphEdgeData *edgeData, size_t *numDependencies);
CUresult cuGraphNodeGetDependentNodes_v1(const HookCall& call, PFN_cuGraphNodeGetDependentNodes_v10000 real, CUgraphNode hNode, CUgraphNode *dependentNodes, size_t *numDependentNodes);
CUresult cuGraphNodeGetDependentNodes_v2(const HookCall& call, PFN_cuGraphNodeGetDependentNodes_v12030 real, CUgraphNode hNode, CUgraphNode *dependentNodes, CUgraphEdgeData *edgeData, size_t *numDependentNodes);
CUresult cuGraphNodeSetEnabled(const HookCall& call, PFN_cuGraphNodeSetEnabled_v11060 real, CUgraphExec hGraphExec, CUgraphNode hNode, unsigned int isEnabled);
CUresult cuGraphicsResourceGetMappedPointer_v1(const HookCall& call, PFN_cuGraphicsResourceGetMappedPointer_v3000 real, unsigned int *pDevPtr, unsigned int *pSize, CUgraphicsResource resource);
CUresult cuGraphicsResourceGetMappedPointer_v2(const HookCall& call, PFN_cuGraphicsResourceGetMappedPointer_v3020 real, CUdeviceptr_v2 *pDevPtr, size_t *pSize, CUgraphicsResource resource);
CUresult cuGraphicsUnmapResources(const HookCall& call, PFN_cuGraphicsUnmapResources_v3000 real, unsigned int count, CUgraphicsResource *resources, CUstream hStream);
CUresult cuGraphicsUnregisterResource(const HookCall& call, PFN_cuGraphicsUnregisterResource_v3000 real, CUgraphicsResource resource);
CUresult cuGreenCtxCreate(const HookCall& call, PFN_cuGreenCtxCreate_v12040 real, CUgreenCtx* phCtx, CUdevResourceDesc desc, CUdevice dev, unsigned int flags);
CUresult cuGreenCtxDestroy(const HookCall& call, PFN_cuGreenCtxDestroy_v12040 real, CUgreenCtx hCtx);
CUresult cuInit(const HookCall& call, PFN_cuInit_v2000 real, unsigned int Flags);
CUresult cuIpcCloseMemHandle(const HookCall& call, PFN_cuIpcCloseMemHandle_v4010 real, CUdeviceptr_v2 dptr);
CUresult cuIpcGetMemHandle(const HookCall& call, PFN_cuIpcGetMemHandle_v4010 real, CUipcMemHandle_v1 *pHandle, CUdeviceptr_v2 dptr);
CUresult cuIpcOpenMemHandle_v2(const HookCall& call, PFN_cuIpcOpenMemHandle_v11000 real, CUdeviceptr_v2 *pdptr, CUipcMemHandle_v1 handle, unsigned int Flags);
CUresult cuKernelGetFunction(const HookCall& call, PFN_cuKernelGetFunction_v12000 real, CUfunction *pFunc, CUkernel kernel);
CUresult cuLaunch(const HookCall& call, PFN_cuLaunch_v2000 real, CUfunction f);
CUresult cuLaunchCooperativeKernel(const HookCall& call, PFN_cuLaunchCooperativeKernel_v9000 real, CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream, void **kernelParams);
CUresult cuLaunchCooperativeKernelMultiDevice(const HookCall& call, PFN_cuLaunchCooperativeKernelMultiDevice_v9000 real, CUDA_LAUNCH_PARAMS_v1 *launchParamsList, unsigned int numDevices, unsigned int flags);
CUresult cuLaunchGrid(const HookCall& call, PFN_cuLaunchGrid_v2000 real, CUfunction f, int grid_width, int grid_height);
CUresult cuLaunchGridAsync(const HookCall& call, PFN_cuLaunchGridAsync_v2000 real, CUfunction f, int grid_width, int grid_height, CUstream hStream);
CUresult cuLaunchKernel(const HookCall& call, PFN_cuLaunchKernel_v4000 real, CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream, void **kernelParams, void **extra);
CUresult cuLaunchKernelEx(const HookCall& call, PFN_cuLaunchKernelEx_v11060 real, const CUlaunchConfig *config, CUfunction f, void **kernelParams, void **extra);
CUresult cuLibraryEnumerateKernels(const HookCall& call, PFN_cuLibraryEnumerateKernels_v12040 real, CUkernel *kernels, unsigned int numKernels, CUlibrary lib);
CUresult cuLibraryGetGlobal(const HookCall& call, PFN_cuLibraryGetGlobal_v12000 real, CUdeviceptr *dptr, size_t *bytes, CUlibrary library, const char *name);
CUresult cuLibraryGetKernel(const HookCall& call, PFN_cuLibraryGetKernel_v12000 real, CUkernel *pKernel, CUlibrary library, const char *name);
CUresult cuLibraryGetManaged(const HookCall& call, PFN_cuLibraryGetManaged_v12000 real, CUdeviceptr *dptr, size_t *bytes, CUlibrary library, const char *name);
CUresult cuLibraryGetModule(const HookCall& call, PFN_cuLibraryGetModule_v12000 real, CUmodule *pMod, CUlibrary library);
CUresult cuLibraryLoadData(const HookCall& call, PFN_cuLibraryLoadData_v12000 real, CUlibrary *library, const void *code, CUjit_option *jitOptions, void **jitOptionsValues, unsigned int numJitOptions, CUlibraryOption *libraryOptions, void** libraryOptionValues, unsigned int numLibraryOptions);
CUresult cuLibraryLoadFromFile(const HookCall& call, PFN_cuLibraryLoadFromFile_v12000 real, CUlibrary *library, const char *fileName, CUjit_option *jitOptions, void **jitOptionsValues, unsigned int numJitOptions, CUlibraryOption *libraryOptions, void **libraryOptionValues, unsigned int numLibraryOptions);
CUresult cuLibraryUnload(const HookCall& call, PFN_cuLibraryUnload_v12000 real, CUlibrary library);
CUresult cuMemAddressFree(const HookCall& call, PFN_cuMemAddressFree_v10020 real, CUdeviceptr_v2 ptr, size_t size);
CUresult cuMemAlloc_v1(const HookCall& call, PFN_cuMemAlloc_v2000 real, unsigned int *dptr, unsigned int bytesize);
CUresult cuMemAllocAsync(const HookCall& call, PFN_cuMemAllocAsync_v11020 real, CUdeviceptr_v2 *dptr, size_t bytesize, CUstream hStream);
CUresult cuMemAllocFromPoolAsync(const HookCall& call, PFN_cuMemAllocFromPoolAsync_v11020 real, CUdeviceptr_v2 *dptr, size_t bytesize, CUmemoryPool pool, CUstream hStream);
CUresult cuMemAllocHost_v1(const HookCall& call, PFN_cuMemAllocHost_v2000 real, void **pp, unsigned int bytesize);
CUresult cuMemAllocHost_v2(const HookCall& call, PFN_cuMemAllocHost_v3020 real, void **pp, size_t bytesize);
CUresult cuMemAllocManaged(const HookCall& call, PFN_cuMemAllocManaged_v6000 real, CUdeviceptr_v2 *dptr, size_t bytesize, unsigned int flags);
CUresult cuMemAllocPitch_v1(const HookCall& call, PFN_cuMemAllocPitch_v2000 real, unsigned int *dptr, unsigned int *pPitch, unsigned int WidthInBytes, unsigned int Height, unsigned int ElementSizeBytes);
CUresult cuMemAllocPitch_v2(const HookCall& call, PFN_cuMemAllocPitch_v3020 real, CUdeviceptr_v2 *dptr, size_t *pPitch, size_t WidthInBytes, size_t Height, unsigned int ElementSizeBytes);
CUresult cuMemAlloc_v2(const HookCall& call, PFN_cuMemAlloc_v3020 real, CUdeviceptr_v2 *dptr, size_t bytesize);
CUresult cuMemCreate(const HookCall& call, PFN_cuMemCreate_v10020 real, CUmemGenericAllocationHandle_v1 *handle, size_t size, const CUmemAllocationProp_v1 *prop, unsigned long long flags);
CUresult cuMemExportToShareableHandle(const HookCall& call, PFN_cuMemExportToShareableHandle_v10020 real, void *shareableHandle, CUmemGenericAllocationHandle_v1 handle, CUmemAllocationHandleType handleType, unsigned long long flags);
CUresult cuMemFree_v1(const HookCall& call, PFN_cuMemFree_v2000 real, unsigned int dptr);
CUresult cuMemFreeAsync(const HookCall& call, PFN_cuMemFreeAsync_v11020 real, CUdeviceptr_v2 dptr, CUstream hStream);
CUresult cuMemFreeHost(const HookCall& call, PFN_cuMemFreeHost_v2000 real, void *p);
CUresult cuMemFree_v2(const HookCall& call, PFN_cuMemFree_v3020 real, CUdeviceptr_v2 dptr);
CUresult cuMemGetHandleForAddressRange(const HookCall& call, PFN_cuMemGetHandleForAddressRange_v11070 real, void *handle, CUdeviceptr dptr, size_t size, CUmemRangeHandleType handleType, unsigned long long flags);
CUresult cuMemHostAlloc(const HookCall& call, PFN_cuMemHostAlloc_v2020 real, void **pp, size_t bytesize, unsigned int Flags);
CUresult cuMemHostGetDevicePointer_v1(const HookCall& call, PFN_cuMemHostGetDevicePointer_v2020 real, unsigned int *pdptr, void *p, unsigned int Flags);
CUresult cuMemHostGetDevicePointer_v2(const HookCall& call, PFN_cuMemHostGetDevicePointer_v3020 real, CUdeviceptr_v2 *pdptr, void *p, unsigned int Flags);
CUresult cuMemHostRegister_v2(const HookCall& call, PFN_cuMemHostRegister_v6050 real, void *p, size_t bytesize, unsigned int Flags);
CUresult cuMemHostUnregister(const HookCall& call, PFN_cuMemHostUnregister_v4000 real, void *p);
CUresult cuMemImportFromShareableHandle(const HookCall& call, PFN_cuMemImportFromShareableHandle_v10020 real, CUmemGenericAllocationHandle_v1 *handle, void *osHandle, CUmemAllocationHandleType shHandleType);
CUresult cuMemMap(const HookCall& call, PFN_cuMemMap_v10020 real, CUdeviceptr_v2 ptr, size_t size, size_t offset, CUmemGenericAllocationHandle_v1 handle, unsigned long long flags);
CUresult cuMemMapArrayAsync(const HookCall& call, PFN_cuMemMapArrayAsync_v11010 real, CUarrayMapInfo_v1 *mapInfoList, unsigned int count, CUstream hStream);
CUresult cuMemPoolCreate(const HookCall& call, PFN_cuMemPoolCreate_v11020 real, CUmemoryPool *pool, const CUmemPoolProps_v1 *poolProps);
CUresult cuMemPoolDestroy(const HookCall& call, PFN_cuMemPoolDestroy_v11020 real, CUmemoryPool pool);
CUresult cuMemPoolExportPointer(const HookCall& call, PFN_cuMemPoolExportPointer_v11020 real, CUmemPoolPtrExportData_v1 *shareData_out, CUdeviceptr_v2 ptr);
CUresult cuMemPoolImportPointer(const HookCall& call, PFN_cuMemPoolImportPointer_v11020 real, CUdeviceptr_v2 *ptr_out, CUmemoryPool pool, CUmemPoolPtrExportData_v1 *shareData);
CUresult cuMemPoolSetAccess(const HookCall& call, PFN_cuMemPoolSetAccess_v11020 real, CUmemoryPool pool, const CUmemAccessDesc_v1 *map, size_t count);
CUresult cuMemRelease(const HookCall& call, PFN_cuMemRelease_v10020 real, CUmemGenericAllocationHandle_v1 handle);
CUresult cuMemRetainAllocationHandle(const HookCall& call, PFN_cuMemRetainAllocationHandle_v11000 real, CUmemGenericAllocationHandle_v1 *handle, void *addr);
CUresult cuMemSetAccess(const HookCall& call, PFN_cuMemSetAccess_v10020 real, CUdeviceptr_v2 ptr, size_t size, const CUmemAccessDesc_v1 *desc, size_t count);
CUresult cuMemUnmap(const HookCall& call, PFN_cuMemUnmap_v10020 real, CUdeviceptr_v2 ptr, size_t size);
CUresult cuModuleEnumerateFunctions(const HookCall& call, PFN_cuModuleEnumerateFunctions_v12040 real, CUfunction *functions, unsigned int numFunctions, CUmodule mod);
CUresult cuModuleGetFunction(const HookCall& call, PFN_cuModuleGetFunction_v2000 real, CUfunction *hfunc, CUmodule hmod, const char *name);
CUresult cuModuleGetGlobal_v1(const HookCall& call, PFN_cuModuleGetGlobal_v2000 real, unsigned int *dptr, unsigned int *bytes, CUmodule hmod, const char *name);
CUresult cuModuleGetGlobal_v2(const HookCall& call, PFN_cuModuleGetGlobal_v3020 real, CUdeviceptr_v2 *dptr, size_t *bytes, CUmodule hmod, const char *name);
CUresult cuModuleLoad(const HookCall& call, PFN_cuModuleLoad_v2000 real, CUmodule *module, const char *fname);
CUresult cuModuleLoadData(const HookCall& call, PFN_cuModuleLoadData_v2000 real, CUmodule *module, const void *image);
CUresult cuModuleLoadDataEx(const HookCall& call, PFN_cuModuleLoadDataEx_v2010 real, CUmodule *module, const void *image, unsigned int numOptions, CUjit_option *options, void **optionValues);
CUresult cuModuleLoadFatBinary(const HookCall& call, PFN_cuModuleLoadFatBinary_v2000 real, CUmodule *module, const void *fatCubin);
CUresult cuModuleUnload(const HookCall& call, PFN_cuModuleUnload_v2000 real, CUmodule hmod);
CUresult cuMulticastBindAddr(const HookCall& call, PFN_cuMulticastBindAddr_v12010 real, CUmemGenericAllocationHandle mcHandle, size_t mcOffset, CUdeviceptr memptr, size_t size, unsigned long long flags);
CUresult cuMulticastBindMem(const HookCall& call, PFN_cuMulticastBindMem_v12010 real, CUmemGenericAllocationHandle mcHandle, size_t mcOffset, CUmemGenericAllocationHandle memHandle, size_t memOffset, size_t size, unsigned long long flags);
CUresult cuMulticastCreate(const HookCall& call, PFN_cuMulticastCreate_v12010 real, CUmemGenericAllocationHandle *mcHandle, const CUmulticastObjectProp *prop);
CUresult cuParamSetSize(const HookCall& call, PFN_cuParamSetSize_v2000 real, CUfunction hfunc, unsigned int numbytes);
CUresult cuParamSetf(const HookCall& call, PFN_cuParamSetf_v2000 real, CUfunction hfunc, int offset, float value);
CUresult cuParamSeti(const HookCall& call, PFN_cuParamSeti_v2000 real, CUfunction hfunc, int offset, unsigned int value);
CUresult cuParamSetv(const HookCall& call, PFN_cuParamSetv_v2000 real, CUfunction hfunc, int offset, void *ptr, unsigned int numbytes);
CUresult cuPointerSetAttribute(const HookCall& call, PFN_cuPointerSetAttribute_v6000 real, const void *value, CUpointer_attribute attribute, CUdeviceptr_v2 ptr);
CUresult cuStreamDestroy_v2(const HookCall& call, PFN_cuStreamDestroy_v4000 real, CUstream hStream);

}  // namespace nonans::interpose::hooks
