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

NONANS_TRAMPOLINE cuCtxAttach(CUcontext *pctx, unsigned int flags) {
  return interpose::trampoline<PFN_cuCtxAttach_v2000>(0, Fn::cuCtxAttach, StreamFlavour::legacy, hooks::cuCtxAttach, pctx, flags);
}
NONANS_TRAMPOLINE cuCtxCreate(CUcontext *pctx, unsigned int flags, CUdevice_v1 dev) {
  return interpose::trampoline<PFN_cuCtxCreate_v3020>(1, Fn::cuCtxCreate_v1, StreamFlavour::legacy, hooks::cuCtxCreate_v2, pctx, flags, dev);
}
NONANS_TRAMPOLINE cuCtxCreate_v2(CUcontext *pctx, unsigned int flags, CUdevice_v1 dev) {
  return interpose::trampoline<PFN_cuCtxCreate_v3020>(2, Fn::cuCtxCreate_v2, StreamFlavour::legacy, hooks::cuCtxCreate_v2, pctx, flags, dev);
}
NONANS_TRAMPOLINE cuCtxCreate_v3(CUcontext *pctx, CUexecAffinityParam *paramsArray, int numParams, unsigned int flags, CUdevice_v1 dev) {
  return interpose::trampoline<PFN_cuCtxCreate_v11040>(3, Fn::cuCtxCreate_v3, StreamFlavour::legacy, hooks::cuCtxCreate_v3, pctx, paramsArray, numParams, flags, dev);
}
NONANS_TRAMPOLINE cuCtxCreate_v4(CUcontext *pctx, CUctxCreateParams *ctxCreateParams, unsigned int flags, CUdevice dev) {
  return interpose::trampoline<PFN_cuCtxCreate_v12050>(4, Fn::cuCtxCreate_v4, StreamFlavour::legacy, hooks::cuCtxCreate_v4, pctx, ctxCreateParams, flags, dev);
}
NONANS_TRAMPOLINE cuCtxDestroy(CUcontext ctx) {
  return interpose::trampoline<PFN_cuCtxDestroy_v4000>(5, Fn::cuCtxDestroy_v1, StreamFlavour::legacy, hooks::cuCtxDestroy_v2, ctx);
}
NONANS_TRAMPOLINE cuCtxDestroy_v2(CUcontext ctx) {
  return interpose::trampoline<PFN_cuCtxDestroy_v4000>(6, Fn::cuCtxDestroy_v2, StreamFlavour::legacy, hooks::cuCtxDestroy_v2, ctx);
}
NONANS_TRAMPOLINE cuCtxDetach(CUcontext ctx) {
  return interpose::trampoline<PFN_cuCtxDetach_v2000>(7, Fn::cuCtxDetach, StreamFlavour::legacy, hooks::cuCtxDetach, ctx);
}
NONANS_TRAMPOLINE cuCtxDisablePeerAccess(CUcontext peerContext) {
  return interpose::trampoline<PFN_cuCtxDisablePeerAccess_v4000>(8, Fn::cuCtxDisablePeerAccess, StreamFlavour::legacy, hooks::cuCtxDisablePeerAccess, peerContext);
}
NONANS_TRAMPOLINE cuCtxEnablePeerAccess(CUcontext peerContext, unsigned int Flags) {
  return interpose::trampoline<PFN_cuCtxEnablePeerAccess_v4000>(9, Fn::cuCtxEnablePeerAccess, StreamFlavour::legacy, hooks::cuCtxEnablePeerAccess, peerContext, Flags);
}
NONANS_TRAMPOLINE cuCtxFromGreenCtx(CUcontext *pContext, CUgreenCtx hCtx) {
  return interpose::trampoline<PFN_cuCtxFromGreenCtx_v12040>(10, Fn::cuCtxFromGreenCtx, StreamFlavour::legacy, hooks::cuCtxFromGreenCtx, pContext, hCtx);
}
NONANS_TRAMPOLINE cuCtxPopCurrent(CUcontext *pctx) {
  return interpose::trampoline<PFN_cuCtxPopCurrent_v4000>(11, Fn::cuCtxPopCurrent_v1, StreamFlavour::legacy, hooks::cuCtxPopCurrent_v2, pctx);
}
NONANS_TRAMPOLINE cuCtxPopCurrent_v2(CUcontext *pctx) {
  return interpose::trampoline<PFN_cuCtxPopCurrent_v4000>(12, Fn::cuCtxPopCurrent_v2, StreamFlavour::legacy, hooks::cuCtxPopCurrent_v2, pctx);
}
NONANS_TRAMPOLINE cuCtxPushCurrent(CUcontext ctx) {
  return interpose::trampoline<PFN_cuCtxPushCurrent_v4000>(13, Fn::cuCtxPushCurrent_v1, StreamFlavour::legacy, hooks::cuCtxPushCurrent_v2, ctx);
}
NONANS_TRAMPOLINE cuCtxPushCurrent_v2(CUcontext ctx) {
  return interpose::trampoline<PFN_cuCtxPushCurrent_v4000>(14, Fn::cuCtxPushCurrent_v2, StreamFlavour::legacy, hooks::cuCtxPushCurrent_v2, ctx);
}
NONANS_TRAMPOLINE cuCtxSetCurrent(CUcontext ctx) {
  return interpose::trampoline<PFN_cuCtxSetCurrent_v4000>(15, Fn::cuCtxSetCurrent, StreamFlavour::legacy, hooks::cuCtxSetCurrent, ctx);
}
NONANS_TRAMPOLINE cuDestroyExternalMemory(CUexternalMemory extMem) {
  return interpose::trampoline<PFN_cuDestroyExternalMemory_v10000>(16, Fn::cuDestroyExternalMemory, StreamFlavour::legacy, hooks::cuDestroyExternalMemory, extMem);
}
NONANS_TRAMPOLINE cuDevicePrimaryCtxRelease(CUdevice_v1 dev) {
  return interpose::trampoline<PFN_cuDevicePrimaryCtxRelease_v11000>(17, Fn::cuDevicePrimaryCtxRelease_v1, StreamFlavour::legacy, hooks::cuDevicePrimaryCtxRelease_v2, dev);
}
NONANS_TRAMPOLINE cuDevicePrimaryCtxRelease_v2(CUdevice_v1 dev) {
  return interpose::trampoline<PFN_cuDevicePrimaryCtxRelease_v11000>(18, Fn::cuDevicePrimaryCtxRelease_v2, StreamFlavour::legacy, hooks::cuDevicePrimaryCtxRelease_v2, dev);
}
NONANS_TRAMPOLINE cuDevicePrimaryCtxReset(CUdevice_v1 dev) {
  return interpose::trampoline<PFN_cuDevicePrimaryCtxReset_v11000>(19, Fn::cuDevicePrimaryCtxReset_v1, StreamFlavour::legacy, hooks::cuDevicePrimaryCtxReset_v2, dev);
}
NONANS_TRAMPOLINE cuDevicePrimaryCtxReset_v2(CUdevice_v1 dev) {
  return interpose::trampoline<PFN_cuDevicePrimaryCtxReset_v11000>(20, Fn::cuDevicePrimaryCtxReset_v2, StreamFlavour::legacy, hooks::cuDevicePrimaryCtxReset_v2, dev);
}
NONANS_TRAMPOLINE cuDevicePrimaryCtxRetain(CUcontext *pctx, CUdevice_v1 dev) {
  return interpose::trampoline<PFN_cuDevicePrimaryCtxRetain_v7000>(21, Fn::cuDevicePrimaryCtxRetain, StreamFlavour::legacy, hooks::cuDevicePrimaryCtxRetain, pctx, dev);
}
NONANS_TRAMPOLINE cuExternalMemoryGetMappedBuffer(CUdeviceptr_v2 *devPtr, CUexternalMemory extMem, const CUDA_EXTERNAL_MEMORY_BUFFER_DESC_v1 *bufferDesc) {
  return interpose::trampoline<PFN_cuExternalMemoryGetMappedBuffer_v10000>(22, Fn::cuExternalMemoryGetMappedBuffer, StreamFlavour::legacy, hooks::cuExternalMemoryGetMappedBuffer, devPtr, extMem, bufferDesc);
}
NONANS_TRAMPOLINE cuFuncGetModule(CUmodule *hmod, CUfunction hfunc) {
  return interpose::trampoline<PFN_cuFuncGetModule_v11000>(23, Fn::cuFuncGetModule, StreamFlavour::legacy, hooks::cuFuncGetModule, hmod, hfunc);
}
NONANS_TRAMPOLINE cuFuncSetBlockShape(CUfunction hfunc, int x, int y, int z) {
  return interpose::trampoline<PFN_cuFuncSetBlockShape_v2000>(24, Fn::cuFuncSetBlockShape, StreamFlavour::legacy, hooks::cuFuncSetBlockShape, hfunc, x, y, z);
}
NONANS_TRAMPOLINE cuGetProcAddress(const char *symbol, void **pfn, int driverVersion, cuuint64_t flags) {
  return interpose::resolve_trampoline<PFN_cuGetProcAddress_v11030>(25, Fn::cuGetProcAddress_v1, symbol, pfn, driverVersion, flags);
}
NONANS_TRAMPOLINE cuGetProcAddress_v2(const char *symbol, void **pfn, int driverVersion, cuuint64_t flags, CUdriverProcAddressQueryResult *symbolFound) {
  return interpose::resolve_trampoline<PFN_cuGetProcAddress_v12000>(26, Fn::cuGetProcAddress_v2, symbol, pfn, driverVersion, flags, symbolFound);
}
NONANS_TRAMPOLINE cuGraphAddMemAllocNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies, size_t numDependencies, CUDA_MEM_ALLOC_NODE_PARAMS *nodeParams) {
  return interpose::trampoline<PFN_cuGraphAddMemAllocNode_v11040>(27, Fn::cuGraphAddMemAllocNode, StreamFlavour::legacy, hooks::cuGraphAddMemAllocNode, phGraphNode, hGraph, dependencies, numDependencies, nodeParams);
}
NONANS_TRAMPOLINE cuGraphAddNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies, size_t numDependencies, CUgraphNodeParams *nodeParams) {
  return interpose::trampoline<PFN_cuGraphAddNode_v12020>(28, Fn::cuGraphAddNode_v1, StreamFlavour::legacy, hooks::cuGraphAddNode_v1, phGraphNode, hGraph, dependencies, numDependencies, nodeParams);
}
NONANS_TRAMPOLINE cuGraphAddNode_v2(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies, const CUgraphEdgeData *dependencyData, size_t numDependencies, CUgraphNodeParams *nodeParams) {
  return interpose::trampoline<PFN_cuGraphAddNode_v12030>(29, Fn::cuGraphAddNode_v2, StreamFlavour::legacy, hooks::cuGraphAddNode_v2, phGraphNode, hGraph, dependencies, dependencyData, numDependencies, nodeParams);
}
NONANS_TRAMPOLINE cuGraphDestroy(CUgraph hGraph) {
  return interpose::trampoline<PFN_cuGraphDestroy_v10000>(30, Fn::cuGraphDestroy, StreamFlavour::legacy, hooks::cuGraphDestroy, hGraph);
}
NONANS_TRAMPOLINE cuGraphDestroyNode(CUgraphNode hNode) {
  return interpose::trampoline<PFN_cuGraphDestroyNode_v10000>(31, Fn::cuGraphDestroyNode, StreamFlavour::legacy, hooks::cuGraphDestroyNode, hNode);
}
NONANS_TRAMPOLINE cuGraphExecChildGraphNodeSetParams(CUgraphExec hGraphExec, CUgraphNode hNode, CUgraph childGraph) {
  return interpose::trampoline<PFN_cuGraphExecChildGraphNodeSetParams_v11010>(32, Fn::cuGraphExecChildGraphNodeSetParams, StreamFlavour::legacy, hooks::cuGraphExecChildGraphNodeSetParams, hGraphExec, hNode, childGraph);
}
NONANS_TRAMPOLINE cuGraphExecDestroy(CUgraphExec hGraphExec) {
  return interpose::trampoline<PFN_cuGraphExecDestroy_v10000>(33, Fn::cuGraphExecDestroy, StreamFlavour::legacy, hooks::cuGraphExecDestroy, hGraphExec);
}
NONANS_TRAMPOLINE cuGraphExecKernelNodeSetParams(CUgraphExec hGraphExec, CUgraphNode hNode, const CUDA_KERNEL_NODE_PARAMS_v1 *nodeParams) {
  return interpose::trampoline<PFN_cuGraphExecKernelNodeSetParams_v10010>(34, Fn::cuGraphExecKernelNodeSetParams_v1, StreamFlavour::legacy, hooks::cuGraphExecKernelNodeSetParams_v1, hGraphExec, hNode, nodeParams);
}
NONANS_TRAMPOLINE cuGraphExecKernelNodeSetParams_v2(CUgraphExec hGraphExec, CUgraphNode hNode, const CUDA_KERNEL_NODE_PARAMS_v2 *nodeParams) {
  return interpose::trampoline<PFN_cuGraphExecKernelNodeSetParams_v12000>(35, Fn::cuGraphExecKernelNodeSetParams_v2, StreamFlavour::legacy, hooks::cuGraphExecKernelNodeSetParams_v2, hGraphExec, hNode, nodeParams);
}
NONANS_TRAMPOLINE cuGraphExecNodeSetParams(CUgraphExec hGraphExec, CUgraphNode hNode, CUgraphNodeParams *nodeParams) {
  return interpose::trampoline<PFN_cuGraphExecNodeSetParams_v12020>(36, Fn::cuGraphExecNodeSetParams, StreamFlavour::legacy, hooks::cuGraphExecNodeSetParams, hGraphExec, hNode, nodeParams);
}
NONANS_TRAMPOLINE cuGraphExecUpdate(CUgraphExec hGraphExec, CUgraph hGraph, CUgraphNode *hErrorNode_out, CUgraphExecUpdateResult *updateResult_out) {
  return interpose::trampoline<PFN_cuGraphExecUpdate_v10020>(37, Fn::cuGraphExecUpdate_v1, StreamFlavour::legacy, hooks::cuGraphExecUpdate_v1, hGraphExec, hGraph, hErrorNode_out, updateResult_out);
}
NONANS_TRAMPOLINE cuGraphExecUpdate_v2(CUgraphExec hGraphExec, CUgraph hGraph, CUgraphExecUpdateResultInfo *resultInfo) {
  return interpose::trampoline<PFN_cuGraphExecUpdate_v12000>(38, Fn::cuGraphExecUpdate_v2, StreamFlavour::legacy, hooks::cuGraphExecUpdate_v2, hGraphExec, hGraph, resultInfo);
}
NONANS_TRAMPOLINE cuGraphGetEdges(CUgraph hGraph, CUgraphNode *from, CUgraphNode *to, size_t *numEdges) {
  return interpose::trampoline<PFN_cuGraphGetEdges_v10000>(39, Fn::cuGraphGetEdges_v1, StreamFlavour::legacy, hooks::cuGraphGetEdges_v1, hGraph, from, to, numEdges);
}
NONANS_TRAMPOLINE cuGraphGetEdges_v2(CUgraph hGraph, CUgraphNode *from, CUgraphNode *to, CUgraphEdgeData *edgeData, size_t *numEdges) {
  return interpose::trampoline<PFN_cuGraphGetEdges_v12030>(40, Fn::cuGraphGetEdges_v2, StreamFlavour::legacy, hooks::cuGraphGetEdges_v2, hGraph, from, to, edgeData, numEdges);
}
NONANS_TRAMPOLINE cuGraphGetNodes(CUgraph hGraph, CUgraphNode *nodes, size_t *numNodes) {
  return interpose::trampoline<PFN_cuGraphGetNodes_v10000>(41, Fn::cuGraphGetNodes, StreamFlavour::legacy, hooks::cuGraphGetNodes, hGraph, nodes, numNodes);
}
NONANS_TRAMPOLINE cuGraphGetRootNodes(CUgraph hGraph, CUgraphNode *rootNodes, size_t *numRootNodes) {
  return interpose::trampoline<PFN_cuGraphGetRootNodes_v10000>(42, Fn::cuGraphGetRootNodes, StreamFlavour::legacy, hooks::cuGraphGetRootNodes, hGraph, rootNodes, numRootNodes);
}
NONANS_TRAMPOLINE cuGraphInstantiate(CUgraphExec *phGraphExec, CUgraph hGraph, CUgraphNode *phErrorNode, char *logBuffer, size_t bufferSize) {
  return interpose::trampoline<PFN_cuGraphInstantiate_v11000>(43, Fn::cuGraphInstantiate_v1, StreamFlavour::legacy, hooks::cuGraphInstantiate_v2, phGraphExec, hGraph, phErrorNode, logBuffer, bufferSize);
}
NONANS_TRAMPOLINE cuGraphInstantiateWithFlags(CUgraphExec *phGraphExec, CUgraph hGraph, unsigned long long flags) {
  return interpose::trampoline<PFN_cuGraphInstantiateWithFlags_v11040>(44, Fn::cuGraphInstantiateWithFlags, StreamFlavour::legacy, hooks::cuGraphInstantiateWithFlags, phGraphExec, hGraph, flags);
}
NONANS_TRAMPOLINE cuGraphInstantiateWithParams(CUgraphExec *phGraphExec, CUgraph hGraph, CUDA_GRAPH_INSTANTIATE_PARAMS *instantiateParams) {
  return interpose::trampoline<PFN_cuGraphInstantiateWithParams_v12000>(45, Fn::cuGraphInstantiateWithParams, StreamFlavour::legacy, hooks::cuGraphInstantiateWithParams, phGraphExec, hGraph, instantiateParams);
}
NONANS_TRAMPOLINE cuGraphInstantiateWithParams_ptsz(CUgraphExec *phGraphExec, CUgraph hGraph, CUDA_GRAPH_INSTANTIATE_PARAMS *instantiateParams) {
  return interpose::trampoline<PFN_cuGraphInstantiateWithParams_v12000>(46, Fn::cuGraphInstantiateWithParams_ptsz, StreamFlavour::per_thread, hooks::cuGraphInstantiateWithParams, phGraphExec, hGraph, instantiateParams);
}
NONANS_TRAMPOLINE cuGraphInstantiate_v2(CUgraphExec *phGraphExec, CUgraph hGraph, CUgraphNode *phErrorNode, char *logBuffer, size_t bufferSize) {
  return interpose::trampoline<PFN_cuGraphInstantiate_v11000>(47, Fn::cuGraphInstantiate_v2, StreamFlavour::legacy, hooks::cuGraphInstantiate_v2, phGraphExec, hGraph, phErrorNode, logBuffer, bufferSize);
}
NONANS_TRAMPOLINE cuGraphLaunch(CUgraphExec hGraph, CUstream hStream) {
  return interpose::trampoline<PFN_cuGraphLaunch_v10000>(48, Fn::cuGraphLaunch, StreamFlavour::legacy, hooks::cuGraphLaunch, hGraph, hStream);
}
NONANS_TRAMPOLINE cuGraphLaunch_ptsz(CUgraphExec hGraphExec, CUstream hStream) {
  return interpose::trampoline<PFN_cuGraphLaunch_v10000>(49, Fn::cuGraphLaunch_ptsz, StreamFlavour::per_thread, hooks::cuGraphLaunch, hGraphExec, hStream);
}
NONANS_TRAMPOLINE cuGraphNodeGetDependencies(CUgraphNode hNode, CUgraphNode *dependencies, size_t *numDependencies) {
  return interpose::trampoline<PFN_cuGraphNodeGetDependencies_v10000>(50, Fn::cuGraphNodeGetDependencies_v1, StreamFlavour::legacy, hooks::cuGraphNodeGetDependencies_v1, hNode, dependencies, numDependencies);
}
NONANS_TRAMPOLINE cuGraphNodeGetDependencies_v2(CUgraphNode hNode, CUgraphNode *dependencies, CUgraphEdgeData *edgeData, size_t *numDependencies) {
  return interpose::trampoline<PFN_cuGraphNodeGetDependencies_v12030>(51, Fn::cuGraphNodeGetDependencies_v2, StreamFlavour::legacy, hooks::cuGraphNodeGetDependencies_v2, hNode, dependencies, edgeData, numDependencies);
}
NONANS_TRAMPOLINE cuGraphNodeGetDependentNodes(CUgraphNode hNode, CUgraphNode *dependentNodes, size_t *numDependentNodes) {
  return interpose::trampoline<PFN_cuGraphNodeGetDependentNodes_v10000>(52, Fn::cuGraphNodeGetDependentNodes_v1, StreamFlavour::legacy, hooks::cuGraphNodeGetDependentNodes_v1, hNode, dependentNodes, numDependentNodes);
}
NONANS_TRAMPOLINE cuGraphNodeGetDependentNodes_v2(CUgraphNode hNode, CUgraphNode *dependentNodes, CUgraphEdgeData *edgeData, size_t *numDependentNodes) {
  return interpose::trampoline<PFN_cuGraphNodeGetDependentNodes_v12030>(53, Fn::cuGraphNodeGetDependentNodes_v2, StreamFlavour::legacy, hooks::cuGraphNodeGetDependentNodes_v2, hNode, dependentNodes, edgeData, numDependentNodes);
}
NONANS_TRAMPOLINE cuGraphNodeSetEnabled(CUgraphExec hGraphExec, CUgraphNode hNode, unsigned int isEnabled) {
  return interpose::trampoline<PFN_cuGraphNodeSetEnabled_v11060>(54, Fn::cuGraphNodeSetEnabled, StreamFlavour::legacy, hooks::cuGraphNodeSetEnabled, hGraphExec, hNode, isEnabled);
}
NONANS_TRAMPOLINE cuGraphicsResourceGetMappedPointer(CUdeviceptr_v1 *pDevPtr, unsigned int *pSize, CUgraphicsResource resource) {
  return interpose::trampoline<PFN_cuGraphicsResourceGetMappedPointer_v3000>(55, Fn::cuGraphicsResourceGetMappedPointer_v1, StreamFlavour::legacy, hooks::cuGraphicsResourceGetMappedPointer_v1, pDevPtr, pSize, resource);
}
NONANS_TRAMPOLINE cuGraphicsResourceGetMappedPointer_v2(CUdeviceptr_v2 *pDevPtr, size_t *pSize, CUgraphicsResource resource) {
  return interpose::trampoline<PFN_cuGraphicsResourceGetMappedPointer_v3020>(56, Fn::cuGraphicsResourceGetMappedPointer_v2, StreamFlavour::legacy, hooks::cuGraphicsResourceGetMappedPointer_v2, pDevPtr, pSize, resource);
}
NONANS_TRAMPOLINE cuGraphicsUnmapResources(unsigned int count, CUgraphicsResource *resources, CUstream hStream) {
  return interpose::trampoline<PFN_cuGraphicsUnmapResources_v3000>(57, Fn::cuGraphicsUnmapResources, StreamFlavour::legacy, hooks::cuGraphicsUnmapResources, count, resources, hStream);
}
NONANS_TRAMPOLINE cuGraphicsUnmapResources_ptsz(unsigned int count, CUgraphicsResource *resources, CUstream hStream) {
  return interpose::trampoline<PFN_cuGraphicsUnmapResources_v3000>(58, Fn::cuGraphicsUnmapResources_ptsz, StreamFlavour::per_thread, hooks::cuGraphicsUnmapResources, count, resources, hStream);
}
NONANS_TRAMPOLINE cuGraphicsUnregisterResource(CUgraphicsResource resource) {
  return interpose::trampoline<PFN_cuGraphicsUnregisterResource_v3000>(59, Fn::cuGraphicsUnregisterResource, StreamFlavour::legacy, hooks::cuGraphicsUnregisterResource, resource);
}
NONANS_TRAMPOLINE cuGreenCtxCreate(CUgreenCtx* phCtx, CUdevResourceDesc desc, CUdevice dev, unsigned int flags) {
  return interpose::trampoline<PFN_cuGreenCtxCreate_v12040>(60, Fn::cuGreenCtxCreate, StreamFlavour::legacy, hooks::cuGreenCtxCreate, phCtx, desc, dev, flags);
}
NONANS_TRAMPOLINE cuGreenCtxDestroy(CUgreenCtx hCtx) {
  return interpose::trampoline<PFN_cuGreenCtxDestroy_v12040>(61, Fn::cuGreenCtxDestroy, StreamFlavour::legacy, hooks::cuGreenCtxDestroy, hCtx);
}
NONANS_TRAMPOLINE cuInit(unsigned int Flags) {
  return interpose::trampoline<PFN_cuInit_v2000>(62, Fn::cuInit, StreamFlavour::legacy, hooks::cuInit, Flags);
}
NONANS_TRAMPOLINE cuIpcCloseMemHandle(CUdeviceptr_v2 dptr) {
  return interpose::trampoline<PFN_cuIpcCloseMemHandle_v4010>(63, Fn::cuIpcCloseMemHandle, StreamFlavour::legacy, hooks::cuIpcCloseMemHandle, dptr);
}
NONANS_TRAMPOLINE cuIpcGetMemHandle(CUipcMemHandle_v1 *pHandle, CUdeviceptr_v2 dptr) {
  return interpose::trampoline<PFN_cuIpcGetMemHandle_v4010>(64, Fn::cuIpcGetMemHandle, StreamFlavour::legacy, hooks::cuIpcGetMemHandle, pHandle, dptr);
}
NONANS_TRAMPOLINE cuIpcOpenMemHandle(CUdeviceptr_v2 *pdptr, CUipcMemHandle_v1 handle, unsigned int Flags) {
  return interpose::trampoline<PFN_cuIpcOpenMemHandle_v11000>(65, Fn::cuIpcOpenMemHandle_v1, StreamFlavour::legacy, hooks::cuIpcOpenMemHandle_v2, pdptr, handle, Flags);
}
NONANS_TRAMPOLINE cuIpcOpenMemHandle_v2(CUdeviceptr_v2 *pdptr, CUipcMemHandle_v1 handle, unsigned int Flags) {
  return interpose::trampoline<PFN_cuIpcOpenMemHandle_v11000>(66, Fn::cuIpcOpenMemHandle_v2, StreamFlavour::legacy, hooks::cuIpcOpenMemHandle_v2, pdptr, handle, Flags);
}
NONANS_TRAMPOLINE cuKernelGetFunction(CUfunction *pFunc, CUkernel kernel) {
  return interpose::trampoline<PFN_cuKernelGetFunction_v12000>(67, Fn::cuKernelGetFunction, StreamFlavour::legacy, hooks::cuKernelGetFunction, pFunc, kernel);
}
NONANS_TRAMPOLINE cuLaunch(CUfunction f) {
  return interpose::trampoline<PFN_cuLaunch_v2000>(68, Fn::cuLaunch, StreamFlavour::legacy, hooks::cuLaunch, f);
}
NONANS_TRAMPOLINE cuLaunchCooperativeKernel(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream, void **kernelParams) {
  return interpose::trampoline<PFN_cuLaunchCooperativeKernel_v9000>(69, Fn::cuLaunchCooperativeKernel, StreamFlavour::legacy, hooks::cuLaunchCooperativeKernel, f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams);
}
NONANS_TRAMPOLINE cuLaunchCooperativeKernelMultiDevice(CUDA_LAUNCH_PARAMS_v1 *launchParamsList, unsigned int numDevices, unsigned int flags) {
  return interpose::trampoline<PFN_cuLaunchCooperativeKernelMultiDevice_v9000>(70, Fn::cuLaunchCooperativeKernelMultiDevice, StreamFlavour::legacy, hooks::cuLaunchCooperativeKernelMultiDevice, launchParamsList, numDevices, flags);
}
NONANS_TRAMPOLINE cuLaunchCooperativeKernel_ptsz(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream, void **kernelParams) {
  return interpose::trampoline<PFN_cuLaunchCooperativeKernel_v9000>(71, Fn::cuLaunchCooperativeKernel_ptsz, StreamFlavour::per_thread, hooks::cuLaunchCooperativeKernel, f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams);
}
NONANS_TRAMPOLINE cuLaunchGrid(CUfunction f, int grid_width, int grid_height) {
  return interpose::trampoline<PFN_cuLaunchGrid_v2000>(72, Fn::cuLaunchGrid, StreamFlavour::legacy, hooks::cuLaunchGrid, f, grid_width, grid_height);
}
NONANS_TRAMPOLINE cuLaunchGridAsync(CUfunction f, int grid_width, int grid_height, CUstream hStream) {
  return interpose::trampoline<PFN_cuLaunchGridAsync_v2000>(73, Fn::cuLaunchGridAsync, StreamFlavour::legacy, hooks::cuLaunchGridAsync, f, grid_width, grid_height, hStream);
}
NONANS_TRAMPOLINE cuLaunchKernel(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream, void **kernelParams, void **extra) {
  return interpose::trampoline<PFN_cuLaunchKernel_v4000>(74, Fn::cuLaunchKernel, StreamFlavour::legacy, hooks::cuLaunchKernel, f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams, extra);
}
NONANS_TRAMPOLINE cuLaunchKernelEx(const CUlaunchConfig *config, CUfunction f, void **kernelParams, void **extra) {
  return interpose::trampoline<PFN_cuLaunchKernelEx_v11060>(75, Fn::cuLaunchKernelEx, StreamFlavour::legacy, hooks::cuLaunchKernelEx, config, f, kernelParams, extra);
}
NONANS_TRAMPOLINE cuLaunchKernelEx_ptsz(const CUlaunchConfig *config, CUfunction f, void **kernelParams, void **extra) {
  return interpose::trampoline<PFN_cuLaunchKernelEx_v11060>(76, Fn::cuLaunchKernelEx_ptsz, StreamFlavour::per_thread, hooks::cuLaunchKernelEx, config, f, kernelParams, extra);
}
NONANS_TRAMPOLINE cuLaunchKernel_ptsz(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream, void **kernelParams, void **extra) {
  return interpose::trampoline<PFN_cuLaunchKernel_v4000>(77, Fn::cuLaunchKernel_ptsz, StreamFlavour::per_thread, hooks::cuLaunchKernel, f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams, extra);
}
NONANS_TRAMPOLINE cuLibraryEnumerateKernels(CUkernel *kernels, unsigned int numKernels, CUlibrary lib) {
  return interpose::trampoline<PFN_cuLibraryEnumerateKernels_v12040>(78, Fn::cuLibraryEnumerateKernels, StreamFlavour::legacy, hooks::cuLibraryEnumerateKernels, kernels, numKernels, lib);
}
NONANS_TRAMPOLINE cuLibraryGetGlobal(CUdeviceptr *dptr, size_t *bytes, CUlibrary library, const char *name) {
  return interpose::trampoline<PFN_cuLibraryGetGlobal_v12000>(79, Fn::cuLibraryGetGlobal, StreamFlavour::legacy, hooks::cuLibraryGetGlobal, dptr, bytes, library, name);
}
NONANS_TRAMPOLINE cuLibraryGetKernel(CUkernel *pKernel, CUlibrary library, const char *name) {
  return interpose::trampoline<PFN_cuLibraryGetKernel_v12000>(80, Fn::cuLibraryGetKernel, StreamFlavour::legacy, hooks::cuLibraryGetKernel, pKernel, library, name);
}
NONANS_TRAMPOLINE cuLibraryGetManaged(CUdeviceptr *dptr, size_t *bytes, CUlibrary library, const char *name) {
  return interpose::trampoline<PFN_cuLibraryGetManaged_v12000>(81, Fn::cuLibraryGetManaged, StreamFlavour::legacy, hooks::cuLibraryGetManaged, dptr, bytes, library, name);
}
NONANS_TRAMPOLINE cuLibraryGetModule(CUmodule *pMod, CUlibrary library) {
  return interpose::trampoline<PFN_cuLibraryGetModule_v12000>(82, Fn::cuLibraryGetModule, StreamFlavour::legacy, hooks::cuLibraryGetModule, pMod, library);
}
NONANS_TRAMPOLINE cuLibraryLoadData(CUlibrary *library, const void *code, CUjit_option *jitOptions, void **jitOptionsValues, unsigned int numJitOptions, CUlibraryOption *libraryOptions, void** libraryOptionValues, unsigned int numLibraryOptions) {
  return interpose::trampoline<PFN_cuLibraryLoadData_v12000>(83, Fn::cuLibraryLoadData, StreamFlavour::legacy, hooks::cuLibraryLoadData, library, code, jitOptions, jitOptionsValues, numJitOptions, libraryOptions, libraryOptionValues, numLibraryOptions);
}
NONANS_TRAMPOLINE cuLibraryLoadFromFile(CUlibrary *library, const char *fileName, CUjit_option *jitOptions, void **jitOptionsValues, unsigned int numJitOptions, CUlibraryOption *libraryOptions, void **libraryOptionValues, unsigned int numLibraryOptions) {
  return interpose::trampoline<PFN_cuLibraryLoadFromFile_v12000>(84, Fn::cuLibraryLoadFromFile, StreamFlavour::legacy, hooks::cuLibraryLoadFromFile, library, fileName, jitOptions, jitOptionsValues, numJitOptions, libraryOptions, libraryOptionValues, numLibraryOptions);
}
NONANS_TRAMPOLINE cuLibraryUnload(CUlibrary library) {
  return interpose::trampoline<PFN_cuLibraryUnload_v12000>(85, Fn::cuLibraryUnload, StreamFlavour::legacy, hooks::cuLibraryUnload, library);
}
NONANS_TRAMPOLINE cuMemAddressFree(CUdeviceptr_v2 ptr, size_t size) {
  return interpose::trampoline<PFN_cuMemAddressFree_v10020>(86, Fn::cuMemAddressFree, StreamFlavour::legacy, hooks::cuMemAddressFree, ptr, size);
}
NONANS_TRAMPOLINE cuMemAlloc(CUdeviceptr_v1 *dptr, unsigned int bytesize) {
  return interpose::trampoline<PFN_cuMemAlloc_v2000>(87, Fn::cuMemAlloc_v1, StreamFlavour::legacy, hooks::cuMemAlloc_v1, dptr, bytesize);
}
NONANS_TRAMPOLINE cuMemAllocAsync(CUdeviceptr_v2 *dptr, size_t bytesize, CUstream hStream) {
  return interpose::trampoline<PFN_cuMemAllocAsync_v11020>(88, Fn::cuMemAllocAsync, StreamFlavour::legacy, hooks::cuMemAllocAsync, dptr, bytesize, hStream);
}
NONANS_TRAMPOLINE cuMemAllocAsync_ptsz(CUdeviceptr_v2 *dptr, size_t bytesize, CUstream hStream) {
  return interpose::trampoline<PFN_cuMemAllocAsync_v11020>(89, Fn::cuMemAllocAsync_ptsz, StreamFlavour::per_thread, hooks::cuMemAllocAsync, dptr, bytesize, hStream);
}
NONANS_TRAMPOLINE cuMemAllocFromPoolAsync(CUdeviceptr_v2 *dptr, size_t bytesize, CUmemoryPool pool, CUstream hStream) {
  return interpose::trampoline<PFN_cuMemAllocFromPoolAsync_v11020>(90, Fn::cuMemAllocFromPoolAsync, StreamFlavour::legacy, hooks::cuMemAllocFromPoolAsync, dptr, bytesize, pool, hStream);
}
NONANS_TRAMPOLINE cuMemAllocFromPoolAsync_ptsz(CUdeviceptr_v2 *dptr, size_t bytesize, CUmemoryPool pool, CUstream hStream) {
  return interpose::trampoline<PFN_cuMemAllocFromPoolAsync_v11020>(91, Fn::cuMemAllocFromPoolAsync_ptsz, StreamFlavour::per_thread, hooks::cuMemAllocFromPoolAsync, dptr, bytesize, pool, hStream);
}
NONANS_TRAMPOLINE cuMemAllocHost(void **pp, unsigned int bytesize) {
  return interpose::trampoline<PFN_cuMemAllocHost_v2000>(92, Fn::cuMemAllocHost_v1, StreamFlavour::legacy, hooks::cuMemAllocHost_v1, pp, bytesize);
}
NONANS_TRAMPOLINE cuMemAllocHost_v2(void **pp, size_t bytesize) {
  return interpose::trampoline<PFN_cuMemAllocHost_v3020>(93, Fn::cuMemAllocHost_v2, StreamFlavour::legacy, hooks::cuMemAllocHost_v2, pp, bytesize);
}
NONANS_TRAMPOLINE cuMemAllocManaged(CUdeviceptr_v2 *dptr, size_t bytesize, unsigned int flags) {
  return interpose::trampoline<PFN_cuMemAllocManaged_v6000>(94, Fn::cuMemAllocManaged, StreamFlavour::legacy, hooks::cuMemAllocManaged, dptr, bytesize, flags);
}
NONANS_TRAMPOLINE cuMemAllocPitch(CUdeviceptr_v1 *dptr, unsigned int *pPitch, unsigned int WidthInBytes, unsigned int Height, unsigned int ElementSizeBytes) {
  return interpose::trampoline<PFN_cuMemAllocPitch_v2000>(95, Fn::cuMemAllocPitch_v1, StreamFlavour::legacy, hooks::cuMemAllocPitch_v1, dptr, pPitch, WidthInBytes, Height, ElementSizeBytes);
}
NONANS_TRAMPOLINE cuMemAllocPitch_v2(CUdeviceptr_v2 *dptr, size_t *pPitch, size_t WidthInBytes, size_t Height, unsigned int ElementSizeBytes) {
  return interpose::trampoline<PFN_cuMemAllocPitch_v3020>(96, Fn::cuMemAllocPitch_v2, StreamFlavour::legacy, hooks::cuMemAllocPitch_v2, dptr, pPitch, WidthInBytes, Height, ElementSizeBytes);
}
NONANS_TRAMPOLINE cuMemAlloc_v2(CUdeviceptr_v2 *dptr, size_t bytesize) {
  return interpose::trampoline<PFN_cuMemAlloc_v3020>(97, Fn::cuMemAlloc_v2, StreamFlavour::legacy, hooks::cuMemAlloc_v2, dptr, bytesize);
}
NONANS_TRAMPOLINE cuMemCreate(CUmemGenericAllocationHandle_v1 *handle, size_t size, const CUmemAllocationProp_v1 *prop, unsigned long long flags) {
  return interpose::trampoline<PFN_cuMemCreate_v10020>(98, Fn::cuMemCreate, StreamFlavour::legacy, hooks::cuMemCreate, handle, size, prop, flags);
}
NONANS_TRAMPOLINE cuMemExportToShareableHandle(void *shareableHandle, CUmemGenericAllocationHandle_v1 handle, CUmemAllocationHandleType handleType, unsigned long long flags) {
  return interpose::trampoline<PFN_cuMemExportToShareableHandle_v10020>(99, Fn::cuMemExportToShareableHandle, StreamFlavour::legacy, hooks::cuMemExportToShareableHandle, shareableHandle, handle, handleType, flags);
}
NONANS_TRAMPOLINE cuMemFree(CUdeviceptr_v1 dptr) {
  return interpose::trampoline<PFN_cuMemFree_v2000>(100, Fn::cuMemFree_v1, StreamFlavour::legacy, hooks::cuMemFree_v1, dptr);
}
NONANS_TRAMPOLINE cuMemFreeAsync(CUdeviceptr_v2 dptr, CUstream hStream) {
  return interpose::trampoline<PFN_cuMemFreeAsync_v11020>(101, Fn::cuMemFreeAsync, StreamFlavour::legacy, hooks::cuMemFreeAsync, dptr, hStream);
}
NONANS_TRAMPOLINE cuMemFreeAsync_ptsz(CUdeviceptr_v2 dptr, CUstream hStream) {
  return interpose::trampoline<PFN_cuMemFreeAsync_v11020>(102, Fn::cuMemFreeAsync_ptsz, StreamFlavour::per_thread, hooks::cuMemFreeAsync, dptr, hStream);
}
NONANS_TRAMPOLINE cuMemFreeHost(void *p) {
  return interpose::trampoline<PFN_cuMemFreeHost_v2000>(103, Fn::cuMemFreeHost, StreamFlavour::legacy, hooks::cuMemFreeHost, p);
}
NONANS_TRAMPOLINE cuMemFree_v2(CUdeviceptr_v2 dptr) {
  return interpose::trampoline<PFN_cuMemFree_v3020>(104, Fn::cuMemFree_v2, StreamFlavour::legacy, hooks::cuMemFree_v2, dptr);
}
NONANS_TRAMPOLINE cuMemGetHandleForAddressRange(void *handle, CUdeviceptr dptr, size_t size, CUmemRangeHandleType handleType, unsigned long long flags) {
  return interpose::trampoline<PFN_cuMemGetHandleForAddressRange_v11070>(105, Fn::cuMemGetHandleForAddressRange, StreamFlavour::legacy, hooks::cuMemGetHandleForAddressRange, handle, dptr, size, handleType, flags);
}
NONANS_TRAMPOLINE cuMemHostAlloc(void **pp, size_t bytesize, unsigned int Flags) {
  return interpose::trampoline<PFN_cuMemHostAlloc_v2020>(106, Fn::cuMemHostAlloc, StreamFlavour::legacy, hooks::cuMemHostAlloc, pp, bytesize, Flags);
}
NONANS_TRAMPOLINE cuMemHostGetDevicePointer(CUdeviceptr_v1 *pdptr, void *p, unsigned int Flags) {
  return interpose::trampoline<PFN_cuMemHostGetDevicePointer_v2020>(107, Fn::cuMemHostGetDevicePointer_v1, StreamFlavour::legacy, hooks::cuMemHostGetDevicePointer_v1, pdptr, p, Flags);
}
NONANS_TRAMPOLINE cuMemHostGetDevicePointer_v2(CUdeviceptr_v2 *pdptr, void *p, unsigned int Flags) {
  return interpose::trampoline<PFN_cuMemHostGetDevicePointer_v3020>(108, Fn::cuMemHostGetDevicePointer_v2, StreamFlavour::legacy, hooks::cuMemHostGetDevicePointer_v2, pdptr, p, Flags);
}
NONANS_TRAMPOLINE cuMemHostRegister(void *p, size_t bytesize, unsigned int Flags) {
  return interpose::trampoline<PFN_cuMemHostRegister_v6050>(109, Fn::cuMemHostRegister_v1, StreamFlavour::legacy, hooks::cuMemHostRegister_v2, p, bytesize, Flags);
}
NONANS_TRAMPOLINE cuMemHostRegister_v2(void *p, size_t bytesize, unsigned int Flags) {
  return interpose::trampoline<PFN_cuMemHostRegister_v6050>(110, Fn::cuMemHostRegister_v2, StreamFlavour::legacy, hooks::cuMemHostRegister_v2, p, bytesize, Flags);
}
NONANS_TRAMPOLINE cuMemHostUnregister(void *p) {
  return interpose::trampoline<PFN_cuMemHostUnregister_v4000>(111, Fn::cuMemHostUnregister, StreamFlavour::legacy, hooks::cuMemHostUnregister, p);
}
NONANS_TRAMPOLINE cuMemImportFromShareableHandle(CUmemGenericAllocationHandle_v1 *handle, void *osHandle, CUmemAllocationHandleType shHandleType) {
  return interpose::trampoline<PFN_cuMemImportFromShareableHandle_v10020>(112, Fn::cuMemImportFromShareableHandle, StreamFlavour::legacy, hooks::cuMemImportFromShareableHandle, handle, osHandle, shHandleType);
}
NONANS_TRAMPOLINE cuMemMap(CUdeviceptr_v2 ptr, size_t size, size_t offset, CUmemGenericAllocationHandle_v1 handle, unsigned long long flags) {
  return interpose::trampoline<PFN_cuMemMap_v10020>(113, Fn::cuMemMap, StreamFlavour::legacy, hooks::cuMemMap, ptr, size, offset, handle, flags);
}
NONANS_TRAMPOLINE cuMemMapArrayAsync(CUarrayMapInfo_v1 *mapInfoList, unsigned int count, CUstream hStream) {
  return interpose::trampoline<PFN_cuMemMapArrayAsync_v11010>(114, Fn::cuMemMapArrayAsync, StreamFlavour::legacy, hooks::cuMemMapArrayAsync, mapInfoList, count, hStream);
}
NONANS_TRAMPOLINE cuMemMapArrayAsync_ptsz(CUarrayMapInfo_v1 *mapInfoList, unsigned int count, CUstream hStream) {
  return interpose::trampoline<PFN_cuMemMapArrayAsync_v11010>(115, Fn::cuMemMapArrayAsync_ptsz, StreamFlavour::per_thread, hooks::cuMemMapArrayAsync, mapInfoList, count, hStream);
}
NONANS_TRAMPOLINE cuMemPoolCreate(CUmemoryPool *pool, const CUmemPoolProps_v1 *poolProps) {
  return interpose::trampoline<PFN_cuMemPoolCreate_v11020>(116, Fn::cuMemPoolCreate, StreamFlavour::legacy, hooks::cuMemPoolCreate, pool, poolProps);
}
NONANS_TRAMPOLINE cuMemPoolDestroy(CUmemoryPool pool) {
  return interpose::trampoline<PFN_cuMemPoolDestroy_v11020>(117, Fn::cuMemPoolDestroy, StreamFlavour::legacy, hooks::cuMemPoolDestroy, pool);
}
NONANS_TRAMPOLINE cuMemPoolExportPointer(CUmemPoolPtrExportData_v1 *shareData_out, CUdeviceptr_v2 ptr) {
  return interpose::trampoline<PFN_cuMemPoolExportPointer_v11020>(118, Fn::cuMemPoolExportPointer, StreamFlavour::legacy, hooks::cuMemPoolExportPointer, shareData_out, ptr);
}
NONANS_TRAMPOLINE cuMemPoolImportPointer(CUdeviceptr_v2 *ptr_out, CUmemoryPool pool, CUmemPoolPtrExportData_v1 *shareData) {
  return interpose::trampoline<PFN_cuMemPoolImportPointer_v11020>(119, Fn::cuMemPoolImportPointer, StreamFlavour::legacy, hooks::cuMemPoolImportPointer, ptr_out, pool, shareData);
}
NONANS_TRAMPOLINE cuMemPoolSetAccess(CUmemoryPool pool, const CUmemAccessDesc_v1 *map, size_t count) {
  return interpose::trampoline<PFN_cuMemPoolSetAccess_v11020>(120, Fn::cuMemPoolSetAccess, StreamFlavour::legacy, hooks::cuMemPoolSetAccess, pool, map, count);
}
NONANS_TRAMPOLINE cuMemRelease(CUmemGenericAllocationHandle_v1 handle) {
  return interpose::trampoline<PFN_cuMemRelease_v10020>(121, Fn::cuMemRelease, StreamFlavour::legacy, hooks::cuMemRelease, handle);
}
NONANS_TRAMPOLINE cuMemRetainAllocationHandle(CUmemGenericAllocationHandle_v1 *handle, void *addr) {
  return interpose::trampoline<PFN_cuMemRetainAllocationHandle_v11000>(122, Fn::cuMemRetainAllocationHandle, StreamFlavour::legacy, hooks::cuMemRetainAllocationHandle, handle, addr);
}
NONANS_TRAMPOLINE cuMemSetAccess(CUdeviceptr_v2 ptr, size_t size, const CUmemAccessDesc_v1 *desc, size_t count) {
  return interpose::trampoline<PFN_cuMemSetAccess_v10020>(123, Fn::cuMemSetAccess, StreamFlavour::legacy, hooks::cuMemSetAccess, ptr, size, desc, count);
}
NONANS_TRAMPOLINE cuMemUnmap(CUdeviceptr_v2 ptr, size_t size) {
  return interpose::trampoline<PFN_cuMemUnmap_v10020>(124, Fn::cuMemUnmap, StreamFlavour::legacy, hooks::cuMemUnmap, ptr, size);
}
NONANS_TRAMPOLINE cuModuleEnumerateFunctions(CUfunction *functions, unsigned int numFunctions, CUmodule mod) {
  return interpose::trampoline<PFN_cuModuleEnumerateFunctions_v12040>(125, Fn::cuModuleEnumerateFunctions, StreamFlavour::legacy, hooks::cuModuleEnumerateFunctions, functions, numFunctions, mod);
}
NONANS_TRAMPOLINE cuModuleGetFunction(CUfunction *hfunc, CUmodule hmod, const char *name) {
  return interpose::trampoline<PFN_cuModuleGetFunction_v2000>(126, Fn::cuModuleGetFunction, StreamFlavour::legacy, hooks::cuModuleGetFunction, hfunc, hmod, name);
}
NONANS_TRAMPOLINE cuModuleGetGlobal(CUdeviceptr_v1 *dptr, unsigned int *bytes, CUmodule hmod, const char *name) {
  return interpose::trampoline<PFN_cuModuleGetGlobal_v2000>(127, Fn::cuModuleGetGlobal_v1, StreamFlavour::legacy, hooks::cuModuleGetGlobal_v1, dptr, bytes, hmod, name);
}
NONANS_TRAMPOLINE cuModuleGetGlobal_v2(CUdeviceptr_v2 *dptr, size_t *bytes, CUmodule hmod, const char *name) {
  return interpose::trampoline<PFN_cuModuleGetGlobal_v3020>(128, Fn::cuModuleGetGlobal_v2, StreamFlavour::legacy, hooks::cuModuleGetGlobal_v2, dptr, bytes, hmod, name);
}
NONANS_TRAMPOLINE cuModuleLoad(CUmodule *module, const char *fname) {
  return interpose::trampoline<PFN_cuModuleLoad_v2000>(129, Fn::cuModuleLoad, StreamFlavour::legacy, hooks::cuModuleLoad, module, fname);
}
NONANS_TRAMPOLINE cuModuleLoadData(CUmodule *module, const void *image) {
  return interpose::trampoline<PFN_cuModuleLoadData_v2000>(130, Fn::cuModuleLoadData, StreamFlavour::legacy, hooks::cuModuleLoadData, module, image);
}
NONANS_TRAMPOLINE cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned int numOptions, CUjit_option *options, void **optionValues) {
  return interpose::trampoline<PFN_cuModuleLoadDataEx_v2010>(131, Fn::cuModuleLoadDataEx, StreamFlavour::legacy, hooks::cuModuleLoadDataEx, module, image, numOptions, options, optionValues);
}
NONANS_TRAMPOLINE cuModuleLoadFatBinary(CUmodule *module, const void *fatCubin) {
  return interpose::trampoline<PFN_cuModuleLoadFatBinary_v2000>(132, Fn::cuModuleLoadFatBinary, StreamFlavour::legacy, hooks::cuModuleLoadFatBinary, module, fatCubin);
}
NONANS_TRAMPOLINE cuModuleUnload(CUmodule hmod) {
  return interpose::trampoline<PFN_cuModuleUnload_v2000>(133, Fn::cuModuleUnload, StreamFlavour::legacy, hooks::cuModuleUnload, hmod);
}
NONANS_TRAMPOLINE cuMulticastBindAddr(CUmemGenericAllocationHandle mcHandle, size_t mcOffset, CUdeviceptr memptr, size_t size, unsigned long long flags) {
  return interpose::trampoline<PFN_cuMulticastBindAddr_v12010>(134, Fn::cuMulticastBindAddr, StreamFlavour::legacy, hooks::cuMulticastBindAddr, mcHandle, mcOffset, memptr, size, flags);
}
NONANS_TRAMPOLINE cuMulticastBindMem(CUmemGenericAllocationHandle mcHandle, size_t mcOffset, CUmemGenericAllocationHandle memHandle, size_t memOffset, size_t size, unsigned long long flags) {
  return interpose::trampoline<PFN_cuMulticastBindMem_v12010>(135, Fn::cuMulticastBindMem, StreamFlavour::legacy, hooks::cuMulticastBindMem, mcHandle, mcOffset, memHandle, memOffset, size, flags);
}
NONANS_TRAMPOLINE cuMulticastCreate(CUmemGenericAllocationHandle *mcHandle, const CUmulticastObjectProp *prop) {
  return interpose::trampoline<PFN_cuMulticastCreate_v12010>(136, Fn::cuMulticastCreate, StreamFlavour::legacy, hooks::cuMulticastCreate, mcHandle, prop);
}
NONANS_TRAMPOLINE cuParamSetSize(CUfunction hfunc, unsigned int numbytes) {
  return interpose::trampoline<PFN_cuParamSetSize_v2000>(137, Fn::cuParamSetSize, StreamFlavour::legacy, hooks::cuParamSetSize, hfunc, numbytes);
}
NONANS_TRAMPOLINE cuParamSetf(CUfunction hfunc, int offset, float value) {
  return interpose::trampoline<PFN_cuParamSetf_v2000>(138, Fn::cuParamSetf, StreamFlavour::legacy, hooks::cuParamSetf, hfunc, offset, value);
}
NONANS_TRAMPOLINE cuParamSeti(CUfunction hfunc, int offset, unsigned int value) {
  return interpose::trampoline<PFN_cuParamSeti_v2000>(139, Fn::cuParamSeti, StreamFlavour::legacy, hooks::cuParamSeti, hfunc, offset, value);
}
NONANS_TRAMPOLINE cuParamSetv(CUfunction hfunc, int offset, void *ptr, unsigned int numbytes) {
  return interpose::trampoline<PFN_cuParamSetv_v2000>(140, Fn::cuParamSetv, StreamFlavour::legacy, hooks::cuParamSetv, hfunc, offset, ptr, numbytes);
}
NONANS_TRAMPOLINE cuPointerSetAttribute(const void *value, CUpointer_attribute attribute, CUdeviceptr_v2 ptr) {
  return interpose::trampoline<PFN_cuPointerSetAttribute_v6000>(141, Fn::cuPointerSetAttribute, StreamFlavour::legacy, hooks::cuPointerSetAttribute, value, attribute, ptr);
}
NONANS_TRAMPOLINE cuStreamDestroy(CUstream hStream) {
  return interpose::trampoline<PFN_cuStreamDestroy_v4000>(142, Fn::cuStreamDestroy_v1, StreamFlavour::legacy, hooks::cuStreamDestroy_v2, hStream);
}
NONANS_TRAMPOLINE cuStreamDestroy_v2(CUstream hStream) {
  return interpose::trampoline<PFN_cuStreamDestroy_v4000>(143, Fn::cuStreamDestroy_v2, StreamFlavour::legacy, hooks::cuStreamDestroy_v2, hStream);
}
NONANS_TRAMPOLINE cuTensorMapEncodeIm2col(CUtensorMap *tensorMap, CUtensorMapDataType tensorDataType, cuuint32_t tensorRank, void *globalAddress, const cuuint64_t *globalDim, const cuuint64_t *globalStrides, const int *pixelBoxLowerCorner, const int *pixelBoxUpperCorner, cuuint32_t channelsPerPixel, cuuint32_t pixelsPerColumn, const cuuint32_t *elementStrides, CUtensorMapInterleave interleave, CUtensorMapSwizzle swizzle, CUtensorMapL2promotion l2Promotion, CUtensorMapFloatOOBfill oobFill) {
  return interpose::trampoline<PFN_cuTensorMapEncodeIm2col_v12000>(144, Fn::cuTensorMapEncodeIm2col, StreamFlavour::legacy, hooks::cuTensorMapEncodeIm2col, tensorMap, tensorDataType, tensorRank, globalAddress, globalDim, globalStrides, pixelBoxLowerCorner, pixelBoxUpperCorner, channelsPerPixel, pixelsPerColumn, elementStrides, interleave, swizzle, l2Promotion, oobFill);
}
NONANS_TRAMPOLINE cuTensorMapEncodeIm2colWide(CUtensorMap *tensorMap, CUtensorMapDataType tensorDataType, cuuint32_t tensorRank, void *globalAddress, const cuuint64_t *globalDim, const cuuint64_t *globalStrides, int pixelBoxLowerCornerWidth, int pixelBoxUpperCornerWidth, cuuint32_t channelsPerPixel, cuuint32_t pixelsPerColumn, const cuuint32_t *elementStrides, CUtensorMapInterleave interleave, CUtensorMapIm2ColWideMode mode, CUtensorMapSwizzle swizzle, CUtensorMapL2promotion l2Promotion, CUtensorMapFloatOOBfill oobFill) {
  return interpose::trampoline<PFN_cuTensorMapEncodeIm2colWide_v12080>(145, Fn::cuTensorMapEncodeIm2colWide, StreamFlavour::legacy, hooks::cuTensorMapEncodeIm2colWide, tensorMap, tensorDataType, tensorRank, globalAddress, globalDim, globalStrides, pixelBoxLowerCornerWidth, pixelBoxUpperCornerWidth, channelsPerPixel, pixelsPerColumn, elementStrides, interleave, mode, swizzle, l2Promotion, oobFill);
}
NONANS_TRAMPOLINE cuTensorMapEncodeTiled(CUtensorMap *tensorMap, CUtensorMapDataType tensorDataType, cuuint32_t tensorRank, void *globalAddress, const cuuint64_t *globalDim, const cuuint64_t *globalStrides, const cuuint32_t *boxDim, const cuuint32_t *elementStrides, CUtensorMapInterleave interleave, CUtensorMapSwizzle swizzle, CUtensorMapL2promotion l2Promotion, CUtensorMapFloatOOBfill oobFill) {
  return interpose::trampoline<PFN_cuTensorMapEncodeTiled_v12000>(146, Fn::cuTensorMapEncodeTiled, StreamFlavour::legacy, hooks::cuTensorMapEncodeTiled, tensorMap, tensorDataType, tensorRank, globalAddress, globalDim, globalStrides, boxDim, elementStrides, interleave, swizzle, l2Promotion, oobFill);
}
NONANS_TRAMPOLINE cuTensorMapReplaceAddress(CUtensorMap *tensorMap, void *globalAddress) {
  return interpose::trampoline<PFN_cuTensorMapReplaceAddress_v12000>(147, Fn::cuTensorMapReplaceAddress, StreamFlavour::legacy, hooks::cuTensorMapReplaceAddress, tensorMap, globalAddress);
}

}  // extern "C"

void* const nonans::interpose::kTrampolines[nonans::api::kHookCount] = {
    reinterpret_cast<void*>(&cuCtxAttach),
    reinterpret_cast<void*>(&cuCtxCreate),
    reinterpret_cast<void*>(&cuCtxCreate_v2),
    reinterpret_cast<void*>(&cuCtxCreate_v3),
    reinterpret_cast<void*>(&cuCtxCreate_v4),
    reinterpret_cast<void*>(&cuCtxDestroy),
    reinterpret_cast<void*>(&cuCtxDestroy_v2),
    reinterpret_cast<void*>(&cuCtxDetach),
    reinterpret_cast<void*>(&cuCtxDisablePeerAccess),
    reinterpret_cast<void*>(&cuCtxEnablePeerAccess),
    reinterpret_cast<void*>(&cuCtxFromGreenCtx),
    reinterpret_cast<void*>(&cuCtxPopCurrent),
    reinterpret_cast<void*>(&cuCtxPopCurrent_v2),
    reinterpret_cast<void*>(&cuCtxPushCurrent),
    reinterpret_cast<void*>(&cuCtxPushCurrent_v2),
    reinterpret_cast<void*>(&cuCtxSetCurrent),
    reinterpret_cast<void*>(&cuDestroyExternalMemory),
    reinterpret_cast<void*>(&cuDevicePrimaryCtxRelease),
    reinterpret_cast<void*>(&cuDevicePrimaryCtxRelease_v2),
    reinterpret_cast<void*>(&cuDevicePrimaryCtxReset),
    reinterpret_cast<void*>(&cuDevicePrimaryCtxReset_v2),
    reinterpret_cast<void*>(&cuDevicePrimaryCtxRetain),
    reinterpret_cast<void*>(&cuExternalMemoryGetMappedBuffer),
    reinterpret_cast<void*>(&cuFuncGetModule),
    reinterpret_cast<void*>(&cuFuncSetBlockShape),
    reinterpret_cast<void*>(&cuGetProcAddress),
    reinterpret_cast<void*>(&cuGetProcAddress_v2),
    reinterpret_cast<void*>(&cuGraphAddMemAllocNode),
    reinterpret_cast<void*>(&cuGraphAddNode),
    reinterpret_cast<void*>(&cuGraphAddNode_v2),
    reinterpret_cast<void*>(&cuGraphDestroy),
    reinterpret_cast<void*>(&cuGraphDestroyNode),
    reinterpret_cast<void*>(&cuGraphExecChildGraphNodeSetParams),
    reinterpret_cast<void*>(&cuGraphExecDestroy),
    reinterpret_cast<void*>(&cuGraphExecKernelNodeSetParams),
    reinterpret_cast<void*>(&cuGraphExecKernelNodeSetParams_v2),
    reinterpret_cast<void*>(&cuGraphExecNodeSetParams),
    reinterpret_cast<void*>(&cuGraphExecUpdate),
    reinterpret_cast<void*>(&cuGraphExecUpdate_v2),
    reinterpret_cast<void*>(&cuGraphGetEdges),
    reinterpret_cast<void*>(&cuGraphGetEdges_v2),
    reinterpret_cast<void*>(&cuGraphGetNodes),
    reinterpret_cast<void*>(&cuGraphGetRootNodes),
    reinterpret_cast<void*>(&cuGraphInstantiate),
    reinterpret_cast<void*>(&cuGraphInstantiateWithFlags),
    reinterpret_cast<void*>(&cuGraphInstantiateWithParams),
    reinterpret_cast<void*>(&cuGraphInstantiateWithParams_ptsz),
    reinterpret_cast<void*>(&cuGraphInstantiate_v2),
    reinterpret_cast<void*>(&cuGraphLaunch),
    reinterpret_cast<void*>(&cuGraphLaunch_ptsz),
    reinterpret_cast<void*>(&cuGraphNodeGetDependencies),
    reinterpret_cast<void*>(&cuGraphNodeGetDependencies_v2),
    reinterpret_cast<void*>(&cuGraphNodeGetDependentNodes),
    reinterpret_cast<void*>(&cuGraphNodeGetDependentNodes_v2),
    reinterpret_cast<void*>(&cuGraphNodeSetEnabled),
    reinterpret_cast<void*>(&cuGraphicsResourceGetMappedPointer),
    reinterpret_cast<void*>(&cuGraphicsResourceGetMappedPointer_v2),
    reinterpret_cast<void*>(&cuGraphicsUnmapResources),
    reinterpret_cast<void*>(&cuGraphicsUnmapResources_ptsz),
    reinterpret_cast<void*>(&cuGraphicsUnregisterResource),
    reinterpret_cast<void*>(&cuGreenCtxCreate),
    reinterpret_cast<void*>(&cuGreenCtxDestroy),
    reinterpret_cast<void*>(&cuInit),
    reinterpret_cast<void*>(&cuIpcCloseMemHandle),
    reinterpret_cast<void*>(&cuIpcGetMemHandle),
    reinterpret_cast<void*>(&cuIpcOpenMemHandle),
    reinterpret_cast<void*>(&cuIpcOpenMemHandle_v2),
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
    reinterpret_cast<void*>(&cuMemAddressFree),
    reinterpret_cast<void*>(&cuMemAlloc),
    reinterpret_cast<void*>(&cuMemAllocAsync),
    reinterpret_cast<void*>(&cuMemAllocAsync_ptsz),
    reinterpret_cast<void*>(&cuMemAllocFromPoolAsync),
    reinterpret_cast<void*>(&cuMemAllocFromPoolAsync_ptsz),
    reinterpret_cast<void*>(&cuMemAllocHost),
    reinterpret_cast<void*>(&cuMemAllocHost_v2),
    reinterpret_cast<void*>(&cuMemAllocManaged),
    reinterpret_cast<void*>(&cuMemAllocPitch),
    reinterpret_cast<void*>(&cuMemAllocPitch_v2),
    reinterpret_cast<void*>(&cuMemAlloc_v2),
    reinterpret_cast<void*>(&cuMemCreate),
    reinterpret_cast<void*>(&cuMemExportToShareableHandle),
    reinterpret_cast<void*>(&cuMemFree),
    reinterpret_cast<void*>(&cuMemFreeAsync),
    reinterpret_cast<void*>(&cuMemFreeAsync_ptsz),
    reinterpret_cast<void*>(&cuMemFreeHost),
    reinterpret_cast<void*>(&cuMemFree_v2),
    reinterpret_cast<void*>(&cuMemGetHandleForAddressRange),
    reinterpret_cast<void*>(&cuMemHostAlloc),
    reinterpret_cast<void*>(&cuMemHostGetDevicePointer),
    reinterpret_cast<void*>(&cuMemHostGetDevicePointer_v2),
    reinterpret_cast<void*>(&cuMemHostRegister),
    reinterpret_cast<void*>(&cuMemHostRegister_v2),
    reinterpret_cast<void*>(&cuMemHostUnregister),
    reinterpret_cast<void*>(&cuMemImportFromShareableHandle),
    reinterpret_cast<void*>(&cuMemMap),
    reinterpret_cast<void*>(&cuMemMapArrayAsync),
    reinterpret_cast<void*>(&cuMemMapArrayAsync_ptsz),
    reinterpret_cast<void*>(&cuMemPoolCreate),
    reinterpret_cast<void*>(&cuMemPoolDestroy),
    reinterpret_cast<void*>(&cuMemPoolExportPointer),
    reinterpret_cast<void*>(&cuMemPoolImportPointer),
    reinterpret_cast<void*>(&cuMemPoolSetAccess),
    reinterpret_cast<void*>(&cuMemRelease),
    reinterpret_cast<void*>(&cuMemRetainAllocationHandle),
    reinterpret_cast<void*>(&cuMemSetAccess),
    reinterpret_cast<void*>(&cuMemUnmap),
    reinterpret_cast<void*>(&cuModuleEnumerateFunctions),
    reinterpret_cast<void*>(&cuModuleGetFunction),
    reinterpret_cast<void*>(&cuModuleGetGlobal),
    reinterpret_cast<void*>(&cuModuleGetGlobal_v2),
    reinterpret_cast<void*>(&cuModuleLoad),
    reinterpret_cast<void*>(&cuModuleLoadData),
    reinterpret_cast<void*>(&cuModuleLoadDataEx),
    reinterpret_cast<void*>(&cuModuleLoadFatBinary),
    reinterpret_cast<void*>(&cuModuleUnload),
    reinterpret_cast<void*>(&cuMulticastBindAddr),
    reinterpret_cast<void*>(&cuMulticastBindMem),
    reinterpret_cast<void*>(&cuMulticastCreate),
    reinterpret_cast<void*>(&cuParamSetSize),
    reinterpret_cast<void*>(&cuParamSetf),
    reinterpret_cast<void*>(&cuParamSeti),
    reinterpret_cast<void*>(&cuParamSetv),
    reinterpret_cast<void*>(&cuPointerSetAttribute),
    reinterpret_cast<void*>(&cuStreamDestroy),
    reinterpret_cast<void*>(&cuStreamDestroy_v2),
    reinterpret_cast<void*>(&cuTensorMapEncodeIm2col),
    reinterpret_cast<void*>(&cuTensorMapEncodeIm2colWide),
    reinterpret_cast<void*>(&cuTensorMapEncodeTiled),
    reinterpret_cast<void*>(&cuTensorMapReplaceAddress),
};

const nonans::api::Fn nonans::interpose::kHookedFunctions[nonans::api::kHookCount] = {
    Fn::cuCtxAttach,
    Fn::cuCtxCreate_v1,
    Fn::cuCtxCreate_v2,
    Fn::cuCtxCreate_v3,
    Fn::cuCtxCreate_v4,
    Fn::cuCtxDestroy_v1,
    Fn::cuCtxDestroy_v2,
    Fn::cuCtxDetach,
    Fn::cuCtxDisablePeerAccess,
    Fn::cuCtxEnablePeerAccess,
    Fn::cuCtxFromGreenCtx,
    Fn::cuCtxPopCurrent_v1,
    Fn::cuCtxPopCurrent_v2,
    Fn::cuCtxPushCurrent_v1,
    Fn::cuCtxPushCurrent_v2,
    Fn::cuCtxSetCurrent,
    Fn::cuDestroyExternalMemory,
    Fn::cuDevicePrimaryCtxRelease_v1,
    Fn::cuDevicePrimaryCtxRelease_v2,
    Fn::cuDevicePrimaryCtxReset_v1,
    Fn::cuDevicePrimaryCtxReset_v2,
    Fn::cuDevicePrimaryCtxRetain,
    Fn::cuExternalMemoryGetMappedBuffer,
    Fn::cuFuncGetModule,
    Fn::cuFuncSetBlockShape,
    Fn::cuGetProcAddress_v1,
    Fn::cuGetProcAddress_v2,
    Fn::cuGraphAddMemAllocNode,
    Fn::cuGraphAddNode_v1,
    Fn::cuGraphAddNode_v2,
    Fn::cuGraphDestroy,
    Fn::cuGraphDestroyNode,
    Fn::cuGraphExecChildGraphNodeSetParams,
    Fn::cuGraphExecDestroy,
    Fn::cuGraphExecKernelNodeSetParams_v1,
    Fn::cuGraphExecKernelNodeSetParams_v2,
    Fn::cuGraphExecNodeSetParams,
    Fn::cuGraphExecUpdate_v1,
    Fn::cuGraphExecUpdate_v2,
    Fn::cuGraphGetEdges_v1,
    Fn::cuGraphGetEdges_v2,
    Fn::cuGraphGetNodes,
    Fn::cuGraphGetRootNodes,
    Fn::cuGraphInstantiate_v1,
    Fn::cuGraphInstantiateWithFlags,
    Fn::cuGraphInstantiateWithParams,
    Fn::cuGraphInstantiateWithParams_ptsz,
    Fn::cuGraphInstantiate_v2,
    Fn::cuGraphLaunch,
    Fn::cuGraphLaunch_ptsz,
    Fn::cuGraphNodeGetDependencies_v1,
    Fn::cuGraphNodeGetDependencies_v2,
    Fn::cuGraphNodeGetDependentNodes_v1,
    Fn::cuGraphNodeGetDependentNodes_v2,
    Fn::cuGraphNodeSetEnabled,
    Fn::cuGraphicsResourceGetMappedPointer_v1,
    Fn::cuGraphicsResourceGetMappedPointer_v2,
    Fn::cuGraphicsUnmapResources,
    Fn::cuGraphicsUnmapResources_ptsz,
    Fn::cuGraphicsUnregisterResource,
    Fn::cuGreenCtxCreate,
    Fn::cuGreenCtxDestroy,
    Fn::cuInit,
    Fn::cuIpcCloseMemHandle,
    Fn::cuIpcGetMemHandle,
    Fn::cuIpcOpenMemHandle_v1,
    Fn::cuIpcOpenMemHandle_v2,
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
    Fn::cuMemAddressFree,
    Fn::cuMemAlloc_v1,
    Fn::cuMemAllocAsync,
    Fn::cuMemAllocAsync_ptsz,
    Fn::cuMemAllocFromPoolAsync,
    Fn::cuMemAllocFromPoolAsync_ptsz,
    Fn::cuMemAllocHost_v1,
    Fn::cuMemAllocHost_v2,
    Fn::cuMemAllocManaged,
    Fn::cuMemAllocPitch_v1,
    Fn::cuMemAllocPitch_v2,
    Fn::cuMemAlloc_v2,
    Fn::cuMemCreate,
    Fn::cuMemExportToShareableHandle,
    Fn::cuMemFree_v1,
    Fn::cuMemFreeAsync,
    Fn::cuMemFreeAsync_ptsz,
    Fn::cuMemFreeHost,
    Fn::cuMemFree_v2,
    Fn::cuMemGetHandleForAddressRange,
    Fn::cuMemHostAlloc,
    Fn::cuMemHostGetDevicePointer_v1,
    Fn::cuMemHostGetDevicePointer_v2,
    Fn::cuMemHostRegister_v1,
    Fn::cuMemHostRegister_v2,
    Fn::cuMemHostUnregister,
    Fn::cuMemImportFromShareableHandle,
    Fn::cuMemMap,
    Fn::cuMemMapArrayAsync,
    Fn::cuMemMapArrayAsync_ptsz,
    Fn::cuMemPoolCreate,
    Fn::cuMemPoolDestroy,
    Fn::cuMemPoolExportPointer,
    Fn::cuMemPoolImportPointer,
    Fn::cuMemPoolSetAccess,
    Fn::cuMemRelease,
    Fn::cuMemRetainAllocationHandle,
    Fn::cuMemSetAccess,
    Fn::cuMemUnmap,
    Fn::cuModuleEnumerateFunctions,
    Fn::cuModuleGetFunction,
    Fn::cuModuleGetGlobal_v1,
    Fn::cuModuleGetGlobal_v2,
    Fn::cuModuleLoad,
    Fn::cuModuleLoadData,
    Fn::cuModuleLoadDataEx,
    Fn::cuModuleLoadFatBinary,
    Fn::cuModuleUnload,
    Fn::cuMulticastBindAddr,
    Fn::cuMulticastBindMem,
    Fn::cuMulticastCreate,
    Fn::cuParamSetSize,
    Fn::cuParamSetf,
    Fn::cuParamSeti,
    Fn::cuParamSetv,
    Fn::cuPointerSetAttribute,
    Fn::cuStreamDestroy_v1,
    Fn::cuStreamDestroy_v2,
    Fn::cuTensorMapEncodeIm2col,
    Fn::cuTensorMapEncodeIm2colWide,
    Fn::cuTensorMapEncodeTiled,
    Fn::cuTensorMapReplaceAddress,
};
