// SPDX-License-Identifier: MIT
// DO NOT EDIT: written by scripts/generate_registry.py from cuda.h, cudaTypedefs.h (CUDA 13.0) and src/api/hooked.txt.
// The bodies of the hooks; interpose/hook_call.hpp tells what a body is told and what it must keep to.
#pragma once

#include <cudaTypedefs.h>

#include "interpose/hook_call.hpp"

namespace nonans::interpose::hooks {

using PFN_cuGraphInstantiate_v11000 = CUresult(CUDAAPI*)(CUgraphExec *phGraphExec, CUgraph hGraph, CUgraphNode *phErrorNode, char *logBuffer, size_t bufferSize);
CUresult cuCtxCreate_v2(const HookCall& call, PFN_cuCtxCreate_v3020 real, CUcontext *pctx, unsigned int flags, CUdevice_v1 dev);
CUresult cuCtxCreate_v3(const HookCall& call, PFN_cuCtxCreate_v11040 real, CUcontext *pctx, CUexecAffinityParam *paramsArray, int numParams, unsigned int flags, CUdevice_v1 dev);
CUresult cuCtxCreate_v4(const HookCall& call, PFN_cuCtxCreate_v12050 real, CUcontext *pctx, CUctxCreateParams *ctxCreateParams, unsigned int flags, CUdevice dev);
CUresult cuCtxDestroy_v2(const HookCall& call, PFN_cuCtxDestroy_v4000 real, CUcontext ctx);
CUresult cuCtxSetCurrent(const HookCall& call, PFN_cuCtxSetCurrent_v4000 real, CUcontext ctx);
CUresult cuDevicePrimaryCtxRelease_v2(const HookCall& call, PFN_cuDevicePrimaryCtxRelease_v11000 real, CUdevice_v1 dev);
CUresult cuDevicePrimaryCtxReset_v2(const HookCall& call, PFN_cuDevicePrimaryCtxReset_v11000 real, CUdevice_v1 dev);
CUresult cuDevicePrimaryCtxRetain(const HookCall& call, PFN_cuDevicePrimaryCtxRetain_v7000 real, CUcontext *pctx, CUdevice_v1 dev);
CUresult cuFuncGetModule(const HookCall& call, PFN_cuFuncGetModule_v11000 real, CUmodule *hmod, CUfunction hfunc);
CUresult cuFuncSetBlockShape(const HookCall& call, PFN_cuFuncSetBlockShape_v2000 real, CUfunction hfunc, int x, int y, int z);
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
CUresult cuInit(const HookCall& call, PFN_cuInit_v2000 real, unsigned int Flags);
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
CUresult cuMemAllocAsync(const HookCall& call, PFN_cuMemAllocAsync_v11020 real, CUdeviceptr_v2 *dptr, size_t bytesize, CUstream hStream);
CUresult cuMemAllocFromPoolAsync(const HookCall& call, PFN_cuMemAllocFromPoolAsync_v11020 real, CUdeviceptr_v2 *dptr, size_t bytesize, CUmemoryPool pool, CUstream hStream);
CUresult cuMemAllocHost_v2(const HookCall& call, PFN_cuMemAllocHost_v3020 real, void **pp, size_t bytesize);
CUresult cuMemAllocManaged(const HookCall& call, PFN_cuMemAllocManaged_v6000 real, CUdeviceptr_v2 *dptr, size_t bytesize, unsigned int flags);
CUresult cuMemAllocPitch_v2(const HookCall& call, PFN_cuMemAllocPitch_v3020 real, CUdeviceptr_v2 *dptr, size_t *pPitch, size_t WidthInBytes, size_t Height, unsigned int ElementSizeBytes);
CUresult cuMemAlloc_v2(const HookCall& call, PFN_cuMemAlloc_v3020 real, CUdeviceptr_v2 *dptr, size_t bytesize);
CUresult cuMemFreeAsync(const HookCall& call, PFN_cuMemFreeAsync_v11020 real, CUdeviceptr_v2 dptr, CUstream hStream);
CUresult cuMemFreeHost(const HookCall& call, PFN_cuMemFreeHost_v2000 real, void *p);
CUresult cuMemFree_v2(const HookCall& call, PFN_cuMemFree_v3020 real, CUdeviceptr_v2 dptr);
CUresult cuMemHostAlloc(const HookCall& call, PFN_cuMemHostAlloc_v2020 real, void **pp, size_t bytesize, unsigned int Flags);
CUresult cuMemHostRegister_v2(const HookCall& call, PFN_cuMemHostRegister_v6050 real, void *p, size_t bytesize, unsigned int Flags);
CUresult cuMemHostUnregister(const HookCall& call, PFN_cuMemHostUnregister_v4000 real, void *p);
CUresult cuModuleEnumerateFunctions(const HookCall& call, PFN_cuModuleEnumerateFunctions_v12040 real, CUfunction *functions, unsigned int numFunctions, CUmodule mod);
CUresult cuModuleGetFunction(const HookCall& call, PFN_cuModuleGetFunction_v2000 real, CUfunction *hfunc, CUmodule hmod, const char *name);
CUresult cuModuleGetGlobal_v2(const HookCall& call, PFN_cuModuleGetGlobal_v3020 real, CUdeviceptr_v2 *dptr, size_t *bytes, CUmodule hmod, const char *name);
CUresult cuModuleLoad(const HookCall& call, PFN_cuModuleLoad_v2000 real, CUmodule *module, const char *fname);
CUresult cuModuleLoadData(const HookCall& call, PFN_cuModuleLoadData_v2000 real, CUmodule *module, const void *image);
CUresult cuModuleLoadDataEx(const HookCall& call, PFN_cuModuleLoadDataEx_v2010 real, CUmodule *module, const void *image, unsigned int numOptions, CUjit_option *options, void **optionValues);
CUresult cuModuleLoadFatBinary(const HookCall& call, PFN_cuModuleLoadFatBinary_v2000 real, CUmodule *module, const void *fatCubin);
CUresult cuModuleUnload(const HookCall& call, PFN_cuModuleUnload_v2000 real, CUmodule hmod);
CUresult cuParamSetSize(const HookCall& call, PFN_cuParamSetSize_v2000 real, CUfunction hfunc, unsigned int numbytes);
CUresult cuParamSetf(const HookCall& call, PFN_cuParamSetf_v2000 real, CUfunction hfunc, int offset, float value);
CUresult cuParamSeti(const HookCall& call, PFN_cuParamSeti_v2000 real, CUfunction hfunc, int offset, unsigned int value);
CUresult cuParamSetv(const HookCall& call, PFN_cuParamSetv_v2000 real, CUfunction hfunc, int offset, void *ptr, unsigned int numbytes);
CUresult cuStreamDestroy_v2(const HookCall& call, PFN_cuStreamDestroy_v4000 real, CUstream hStream);

}  // namespace nonans::interpose::hooks
