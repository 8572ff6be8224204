// SPDX-License-Identifier: MIT
// DO NOT EDIT: written by scripts/generate_registry.py from cuda.h, cudaTypedefs.h (CUDA 13.0) and src/api/hooked.txt.
// The driver's own entries, typed: real::cuCtxGetCurrent()(&ctx), real::cuMemsetD8Async(call.stream)(ptr, 0, n, stream).
// Null if the driver has no such entry, and for the per-thread flavour if it has no such twin: check, and fail open.
// The first call of an accessor looks the entry up (real_functions.hpp); later ones are one load.
#pragma once

#include <cudaProfilerTypedefs.h>
#include <cudaTypedefs.h>

#include "interpose/real_functions.hpp"

namespace nonans::interpose::real {

inline PFN_cuArray3DCreate_v3020 cuArray3DCreate_v2() { return entry<PFN_cuArray3DCreate_v3020>(api::Fn::cuArray3DCreate_v2); }
inline PFN_cuArray3DGetDescriptor_v3020 cuArray3DGetDescriptor_v2() { return entry<PFN_cuArray3DGetDescriptor_v3020>(api::Fn::cuArray3DGetDescriptor_v2); }
inline PFN_cuArrayCreate_v3020 cuArrayCreate_v2() { return entry<PFN_cuArrayCreate_v3020>(api::Fn::cuArrayCreate_v2); }
inline PFN_cuArrayDestroy_v2000 cuArrayDestroy() { return entry<PFN_cuArrayDestroy_v2000>(api::Fn::cuArrayDestroy); }
inline PFN_cuArrayGetDescriptor_v3020 cuArrayGetDescriptor_v2() { return entry<PFN_cuArrayGetDescriptor_v3020>(api::Fn::cuArrayGetDescriptor_v2); }
inline PFN_cuArrayGetMemoryRequirements_v11060 cuArrayGetMemoryRequirements() { return entry<PFN_cuArrayGetMemoryRequirements_v11060>(api::Fn::cuArrayGetMemoryRequirements); }
inline PFN_cuArrayGetPlane_v11020 cuArrayGetPlane() { return entry<PFN_cuArrayGetPlane_v11020>(api::Fn::cuArrayGetPlane); }
inline PFN_cuArrayGetSparseProperties_v11010 cuArrayGetSparseProperties() { return entry<PFN_cuArrayGetSparseProperties_v11010>(api::Fn::cuArrayGetSparseProperties); }
inline PFN_cuCheckpointProcessCheckpoint_v12080 cuCheckpointProcessCheckpoint() { return entry<PFN_cuCheckpointProcessCheckpoint_v12080>(api::Fn::cuCheckpointProcessCheckpoint); }
inline PFN_cuCheckpointProcessGetRestoreThreadId_v12080 cuCheckpointProcessGetRestoreThreadId() { return entry<PFN_cuCheckpointProcessGetRestoreThreadId_v12080>(api::Fn::cuCheckpointProcessGetRestoreThreadId); }
inline PFN_cuCheckpointProcessGetState_v12080 cuCheckpointProcessGetState() { return entry<PFN_cuCheckpointProcessGetState_v12080>(api::Fn::cuCheckpointProcessGetState); }
inline PFN_cuCheckpointProcessLock_v12080 cuCheckpointProcessLock() { return entry<PFN_cuCheckpointProcessLock_v12080>(api::Fn::cuCheckpointProcessLock); }
inline PFN_cuCheckpointProcessRestore_v12080 cuCheckpointProcessRestore() { return entry<PFN_cuCheckpointProcessRestore_v12080>(api::Fn::cuCheckpointProcessRestore); }
inline PFN_cuCheckpointProcessUnlock_v12080 cuCheckpointProcessUnlock() { return entry<PFN_cuCheckpointProcessUnlock_v12080>(api::Fn::cuCheckpointProcessUnlock); }
inline PFN_cuCoredumpGetAttribute_v12010 cuCoredumpGetAttribute() { return entry<PFN_cuCoredumpGetAttribute_v12010>(api::Fn::cuCoredumpGetAttribute); }
inline PFN_cuCoredumpGetAttributeGlobal_v12010 cuCoredumpGetAttributeGlobal() { return entry<PFN_cuCoredumpGetAttributeGlobal_v12010>(api::Fn::cuCoredumpGetAttributeGlobal); }
inline PFN_cuCoredumpSetAttribute_v12010 cuCoredumpSetAttribute() { return entry<PFN_cuCoredumpSetAttribute_v12010>(api::Fn::cuCoredumpSetAttribute); }
inline PFN_cuCoredumpSetAttributeGlobal_v12010 cuCoredumpSetAttributeGlobal() { return entry<PFN_cuCoredumpSetAttributeGlobal_v12010>(api::Fn::cuCoredumpSetAttributeGlobal); }
inline PFN_cuCtxAttach_v2000 cuCtxAttach() { return entry<PFN_cuCtxAttach_v2000>(api::Fn::cuCtxAttach); }
inline PFN_cuCtxCreate_v3020 cuCtxCreate_v2() { return entry<PFN_cuCtxCreate_v3020>(api::Fn::cuCtxCreate_v2); }
inline PFN_cuCtxCreate_v11040 cuCtxCreate_v3() { return entry<PFN_cuCtxCreate_v11040>(api::Fn::cuCtxCreate_v3); }
inline PFN_cuCtxCreate_v12050 cuCtxCreate_v4() { return entry<PFN_cuCtxCreate_v12050>(api::Fn::cuCtxCreate_v4); }
inline PFN_cuCtxDestroy_v4000 cuCtxDestroy_v2() { return entry<PFN_cuCtxDestroy_v4000>(api::Fn::cuCtxDestroy_v2); }
inline PFN_cuCtxDetach_v2000 cuCtxDetach() { return entry<PFN_cuCtxDetach_v2000>(api::Fn::cuCtxDetach); }
inline PFN_cuCtxDisablePeerAccess_v4000 cuCtxDisablePeerAccess() { return entry<PFN_cuCtxDisablePeerAccess_v4000>(api::Fn::cuCtxDisablePeerAccess); }
inline PFN_cuCtxEnablePeerAccess_v4000 cuCtxEnablePeerAccess() { return entry<PFN_cuCtxEnablePeerAccess_v4000>(api::Fn::cuCtxEnablePeerAccess); }
inline PFN_cuCtxFromGreenCtx_v12040 cuCtxFromGreenCtx() { return entry<PFN_cuCtxFromGreenCtx_v12040>(api::Fn::cuCtxFromGreenCtx); }
inline PFN_cuCtxGetApiVersion_v3020 cuCtxGetApiVersion() { return entry<PFN_cuCtxGetApiVersion_v3020>(api::Fn::cuCtxGetApiVersion); }
inline PFN_cuCtxGetCacheConfig_v3020 cuCtxGetCacheConfig() { return entry<PFN_cuCtxGetCacheConfig_v3020>(api::Fn::cuCtxGetCacheConfig); }
inline PFN_cuCtxGetCurrent_v4000 cuCtxGetCurrent() { return entry<PFN_cuCtxGetCurrent_v4000>(api::Fn::cuCtxGetCurrent); }
inline PFN_cuCtxGetDevResource_v12040 cuCtxGetDevResource() { return entry<PFN_cuCtxGetDevResource_v12040>(api::Fn::cuCtxGetDevResource); }
inline PFN_cuCtxGetDevice_v2000 cuCtxGetDevice_v1() { return entry<PFN_cuCtxGetDevice_v2000>(api::Fn::cuCtxGetDevice_v1); }
inline PFN_cuCtxGetDevice_v13000 cuCtxGetDevice_v2() { return entry<PFN_cuCtxGetDevice_v13000>(api::Fn::cuCtxGetDevice_v2); }
inline PFN_cuCtxGetExecAffinity_v11040 cuCtxGetExecAffinity() { return entry<PFN_cuCtxGetExecAffinity_v11040>(api::Fn::cuCtxGetExecAffinity); }
inline PFN_cuCtxGetFlags_v7000 cuCtxGetFlags() { return entry<PFN_cuCtxGetFlags_v7000>(api::Fn::cuCtxGetFlags); }
inline PFN_cuCtxGetId_v12000 cuCtxGetId() { return entry<PFN_cuCtxGetId_v12000>(api::Fn::cuCtxGetId); }
inline PFN_cuCtxGetLimit_v3010 cuCtxGetLimit() { return entry<PFN_cuCtxGetLimit_v3010>(api::Fn::cuCtxGetLimit); }
inline PFN_cuCtxGetSharedMemConfig_v4020 cuCtxGetSharedMemConfig() { return entry<PFN_cuCtxGetSharedMemConfig_v4020>(api::Fn::cuCtxGetSharedMemConfig); }
inline PFN_cuCtxGetStreamPriorityRange_v5050 cuCtxGetStreamPriorityRange() { return entry<PFN_cuCtxGetStreamPriorityRange_v5050>(api::Fn::cuCtxGetStreamPriorityRange); }
inline PFN_cuCtxPopCurrent_v4000 cuCtxPopCurrent_v2() { return entry<PFN_cuCtxPopCurrent_v4000>(api::Fn::cuCtxPopCurrent_v2); }
inline PFN_cuCtxPushCurrent_v4000 cuCtxPushCurrent_v2() { return entry<PFN_cuCtxPushCurrent_v4000>(api::Fn::cuCtxPushCurrent_v2); }
inline PFN_cuCtxRecordEvent_v12050 cuCtxRecordEvent() { return entry<PFN_cuCtxRecordEvent_v12050>(api::Fn::cuCtxRecordEvent); }
inline PFN_cuCtxResetPersistingL2Cache_v11000 cuCtxResetPersistingL2Cache() { return entry<PFN_cuCtxResetPersistingL2Cache_v11000>(api::Fn::cuCtxResetPersistingL2Cache); }
inline PFN_cuCtxSetCacheConfig_v3020 cuCtxSetCacheConfig() { return entry<PFN_cuCtxSetCacheConfig_v3020>(api::Fn::cuCtxSetCacheConfig); }
inline PFN_cuCtxSetCurrent_v4000 cuCtxSetCurrent() { return entry<PFN_cuCtxSetCurrent_v4000>(api::Fn::cuCtxSetCurrent); }
inline PFN_cuCtxSetFlags_v12010 cuCtxSetFlags() { return entry<PFN_cuCtxSetFlags_v12010>(api::Fn::cuCtxSetFlags); }
inline PFN_cuCtxSetLimit_v3010 cuCtxSetLimit() { return entry<PFN_cuCtxSetLimit_v3010>(api::Fn::cuCtxSetLimit); }
inline PFN_cuCtxSetSharedMemConfig_v4020 cuCtxSetSharedMemConfig() { return entry<PFN_cuCtxSetSharedMemConfig_v4020>(api::Fn::cuCtxSetSharedMemConfig); }
inline PFN_cuCtxSynchronize_v2000 cuCtxSynchronize_v1() { return entry<PFN_cuCtxSynchronize_v2000>(api::Fn::cuCtxSynchronize_v1); }
inline PFN_cuCtxSynchronize_v13000 cuCtxSynchronize_v2() { return entry<PFN_cuCtxSynchronize_v13000>(api::Fn::cuCtxSynchronize_v2); }
inline PFN_cuCtxWaitEvent_v12050 cuCtxWaitEvent() { return entry<PFN_cuCtxWaitEvent_v12050>(api::Fn::cuCtxWaitEvent); }
inline PFN_cuDestroyExternalMemory_v10000 cuDestroyExternalMemory() { return entry<PFN_cuDestroyExternalMemory_v10000>(api::Fn::cuDestroyExternalMemory); }
inline PFN_cuDestroyExternalSemaphore_v10000 cuDestroyExternalSemaphore() { return entry<PFN_cuDestroyExternalSemaphore_v10000>(api::Fn::cuDestroyExternalSemaphore); }
inline PFN_cuDevResourceGenerateDesc_v12040 cuDevResourceGenerateDesc() { return entry<PFN_cuDevResourceGenerateDesc_v12040>(api::Fn::cuDevResourceGenerateDesc); }
inline PFN_cuDevSmResourceSplitByCount_v12040 cuDevSmResourceSplitByCount() { return entry<PFN_cuDevSmResourceSplitByCount_v12040>(api::Fn::cuDevSmResourceSplitByCount); }
inline PFN_cuDeviceCanAccessPeer_v4000 cuDeviceCanAccessPeer() { return entry<PFN_cuDeviceCanAccessPeer_v4000>(api::Fn::cuDeviceCanAccessPeer); }
inline PFN_cuDeviceComputeCapability_v2000 cuDeviceComputeCapability() { return entry<PFN_cuDeviceComputeCapability_v2000>(api::Fn::cuDeviceComputeCapability); }
inline PFN_cuDeviceGet_v2000 cuDeviceGet() { return entry<PFN_cuDeviceGet_v2000>(api::Fn::cuDeviceGet); }
inline PFN_cuDeviceGetAttribute_v2000 cuDeviceGetAttribute() { return entry<PFN_cuDeviceGetAttribute_v2000>(api::Fn::cuDeviceGetAttribute); }
inline PFN_cuDeviceGetByPCIBusId_v4010 cuDeviceGetByPCIBusId() { return entry<PFN_cuDeviceGetByPCIBusId_v4010>(api::Fn::cuDeviceGetByPCIBusId); }
inline PFN_cuDeviceGetCount_v2000 cuDeviceGetCount() { return entry<PFN_cuDeviceGetCount_v2000>(api::Fn::cuDeviceGetCount); }
inline PFN_cuDeviceGetDefaultMemPool_v11020 cuDeviceGetDefaultMemPool() { return entry<PFN_cuDeviceGetDefaultMemPool_v11020>(api::Fn::cuDeviceGetDefaultMemPool); }
inline PFN_cuDeviceGetDevResource_v12040 cuDeviceGetDevResource() { return entry<PFN_cuDeviceGetDevResource_v12040>(api::Fn::cuDeviceGetDevResource); }
inline PFN_cuDeviceGetExecAffinitySupport_v11040 cuDeviceGetExecAffinitySupport() { return entry<PFN_cuDeviceGetExecAffinitySupport_v11040>(api::Fn::cuDeviceGetExecAffinitySupport); }
inline PFN_cuDeviceGetGraphMemAttribute_v11040 cuDeviceGetGraphMemAttribute() { return entry<PFN_cuDeviceGetGraphMemAttribute_v11040>(api::Fn::cuDeviceGetGraphMemAttribute); }
inline PFN_cuDeviceGetHostAtomicCapabilities_v13000 cuDeviceGetHostAtomicCapabilities() { return entry<PFN_cuDeviceGetHostAtomicCapabilities_v13000>(api::Fn::cuDeviceGetHostAtomicCapabilities); }
inline PFN_cuDeviceGetLuid_v10000 cuDeviceGetLuid() { return entry<PFN_cuDeviceGetLuid_v10000>(api::Fn::cuDeviceGetLuid); }
inline PFN_cuDeviceGetMemPool_v11020 cuDeviceGetMemPool() { return entry<PFN_cuDeviceGetMemPool_v11020>(api::Fn::cuDeviceGetMemPool); }
inline PFN_cuDeviceGetName_v2000 cuDeviceGetName() { return entry<PFN_cuDeviceGetName_v2000>(api::Fn::cuDeviceGetName); }
inline PFN_cuDeviceGetNvSciSyncAttributes_v10020 cuDeviceGetNvSciSyncAttributes() { return entry<PFN_cuDeviceGetNvSciSyncAttributes_v10020>(api::Fn::cuDeviceGetNvSciSyncAttributes); }
inline PFN_cuDeviceGetP2PAtomicCapabilities_v13000 cuDeviceGetP2PAtomicCapabilities() { return entry<PFN_cuDeviceGetP2PAtomicCapabilities_v13000>(api::Fn::cuDeviceGetP2PAtomicCapabilities); }
inline PFN_cuDeviceGetP2PAttribute_v8000 cuDeviceGetP2PAttribute() { return entry<PFN_cuDeviceGetP2PAttribute_v8000>(api::Fn::cuDeviceGetP2PAttribute); }
inline PFN_cuDeviceGetPCIBusId_v4010 cuDeviceGetPCIBusId() { return entry<PFN_cuDeviceGetPCIBusId_v4010>(api::Fn::cuDeviceGetPCIBusId); }
inline PFN_cuDeviceGetProperties_v2000 cuDeviceGetProperties() { return entry<PFN_cuDeviceGetProperties_v2000>(api::Fn::cuDeviceGetProperties); }
inline PFN_cuDeviceGetTexture1DLinearMaxWidth_v11010 cuDeviceGetTexture1DLinearMaxWidth() { return entry<PFN_cuDeviceGetTexture1DLinearMaxWidth_v11010>(api::Fn::cuDeviceGetTexture1DLinearMaxWidth); }
inline PFN_cuDeviceGetUuid_v9020 cuDeviceGetUuid_v1() { return entry<PFN_cuDeviceGetUuid_v9020>(api::Fn::cuDeviceGetUuid_v1); }
inline PFN_cuDeviceGetUuid_v11040 cuDeviceGetUuid_v2() { return entry<PFN_cuDeviceGetUuid_v11040>(api::Fn::cuDeviceGetUuid_v2); }
inline PFN_cuDeviceGraphMemTrim_v11040 cuDeviceGraphMemTrim() { return entry<PFN_cuDeviceGraphMemTrim_v11040>(api::Fn::cuDeviceGraphMemTrim); }
inline PFN_cuDevicePrimaryCtxGetState_v7000 cuDevicePrimaryCtxGetState() { return entry<PFN_cuDevicePrimaryCtxGetState_v7000>(api::Fn::cuDevicePrimaryCtxGetState); }
inline PFN_cuDevicePrimaryCtxRelease_v11000 cuDevicePrimaryCtxRelease_v2() { return entry<PFN_cuDevicePrimaryCtxRelease_v11000>(api::Fn::cuDevicePrimaryCtxRelease_v2); }
inline PFN_cuDevicePrimaryCtxReset_v11000 cuDevicePrimaryCtxReset_v2() { return entry<PFN_cuDevicePrimaryCtxReset_v11000>(api::Fn::cuDevicePrimaryCtxReset_v2); }
inline PFN_cuDevicePrimaryCtxRetain_v7000 cuDevicePrimaryCtxRetain() { return entry<PFN_cuDevicePrimaryCtxRetain_v7000>(api::Fn::cuDevicePrimaryCtxRetain); }
inline PFN_cuDevicePrimaryCtxSetFlags_v11000 cuDevicePrimaryCtxSetFlags_v2() { return entry<PFN_cuDevicePrimaryCtxSetFlags_v11000>(api::Fn::cuDevicePrimaryCtxSetFlags_v2); }
inline PFN_cuDeviceRegisterAsyncNotification_v12040 cuDeviceRegisterAsyncNotification() { return entry<PFN_cuDeviceRegisterAsyncNotification_v12040>(api::Fn::cuDeviceRegisterAsyncNotification); }
inline PFN_cuDeviceSetGraphMemAttribute_v11040 cuDeviceSetGraphMemAttribute() { return entry<PFN_cuDeviceSetGraphMemAttribute_v11040>(api::Fn::cuDeviceSetGraphMemAttribute); }
inline PFN_cuDeviceSetMemPool_v11020 cuDeviceSetMemPool() { return entry<PFN_cuDeviceSetMemPool_v11020>(api::Fn::cuDeviceSetMemPool); }
inline PFN_cuDeviceTotalMem_v3020 cuDeviceTotalMem_v2() { return entry<PFN_cuDeviceTotalMem_v3020>(api::Fn::cuDeviceTotalMem_v2); }
inline PFN_cuDeviceUnregisterAsyncNotification_v12040 cuDeviceUnregisterAsyncNotification() { return entry<PFN_cuDeviceUnregisterAsyncNotification_v12040>(api::Fn::cuDeviceUnregisterAsyncNotification); }
inline PFN_cuDriverGetVersion_v2020 cuDriverGetVersion() { return entry<PFN_cuDriverGetVersion_v2020>(api::Fn::cuDriverGetVersion); }
inline PFN_cuEventCreate_v2000 cuEventCreate() { return entry<PFN_cuEventCreate_v2000>(api::Fn::cuEventCreate); }
inline PFN_cuEventDestroy_v4000 cuEventDestroy_v2() { return entry<PFN_cuEventDestroy_v4000>(api::Fn::cuEventDestroy_v2); }
inline PFN_cuEventElapsedTime_v2000 cuEventElapsedTime_v1() { return entry<PFN_cuEventElapsedTime_v2000>(api::Fn::cuEventElapsedTime_v1); }
inline PFN_cuEventElapsedTime_v12080 cuEventElapsedTime_v2() { return entry<PFN_cuEventElapsedTime_v12080>(api::Fn::cuEventElapsedTime_v2); }
inline PFN_cuEventQuery_v2000 cuEventQuery() { return entry<PFN_cuEventQuery_v2000>(api::Fn::cuEventQuery); }
inline PFN_cuEventRecord_v2000 cuEventRecord(api::StreamFlavour stream) { return entry<PFN_cuEventRecord_v2000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuEventRecord_ptsz : api::Fn::cuEventRecord); }
inline PFN_cuEventRecordWithFlags_v11010 cuEventRecordWithFlags(api::StreamFlavour stream) { return entry<PFN_cuEventRecordWithFlags_v11010>(stream == api::StreamFlavour::per_thread ? api::Fn::cuEventRecordWithFlags_ptsz : api::Fn::cuEventRecordWithFlags); }
inline PFN_cuEventSynchronize_v2000 cuEventSynchronize() { return entry<PFN_cuEventSynchronize_v2000>(api::Fn::cuEventSynchronize); }
inline PFN_cuExternalMemoryGetMappedBuffer_v10000 cuExternalMemoryGetMappedBuffer() { return entry<PFN_cuExternalMemoryGetMappedBuffer_v10000>(api::Fn::cuExternalMemoryGetMappedBuffer); }
inline PFN_cuExternalMemoryGetMappedMipmappedArray_v10000 cuExternalMemoryGetMappedMipmappedArray() { return entry<PFN_cuExternalMemoryGetMappedMipmappedArray_v10000>(api::Fn::cuExternalMemoryGetMappedMipmappedArray); }
inline PFN_cuFlushGPUDirectRDMAWrites_v11030 cuFlushGPUDirectRDMAWrites() { return entry<PFN_cuFlushGPUDirectRDMAWrites_v11030>(api::Fn::cuFlushGPUDirectRDMAWrites); }
inline PFN_cuFuncGetAttribute_v2020 cuFuncGetAttribute() { return entry<PFN_cuFuncGetAttribute_v2020>(api::Fn::cuFuncGetAttribute); }
inline PFN_cuFuncGetModule_v11000 cuFuncGetModule() { return entry<PFN_cuFuncGetModule_v11000>(api::Fn::cuFuncGetModule); }
inline PFN_cuFuncGetName_v12030 cuFuncGetName() { return entry<PFN_cuFuncGetName_v12030>(api::Fn::cuFuncGetName); }
inline PFN_cuFuncGetParamInfo_v12040 cuFuncGetParamInfo() { return entry<PFN_cuFuncGetParamInfo_v12040>(api::Fn::cuFuncGetParamInfo); }
inline PFN_cuFuncIsLoaded_v12040 cuFuncIsLoaded() { return entry<PFN_cuFuncIsLoaded_v12040>(api::Fn::cuFuncIsLoaded); }
inline PFN_cuFuncLoad_v12040 cuFuncLoad() { return entry<PFN_cuFuncLoad_v12040>(api::Fn::cuFuncLoad); }
inline PFN_cuFuncSetAttribute_v9000 cuFuncSetAttribute() { return entry<PFN_cuFuncSetAttribute_v9000>(api::Fn::cuFuncSetAttribute); }
inline PFN_cuFuncSetBlockShape_v2000 cuFuncSetBlockShape() { return entry<PFN_cuFuncSetBlockShape_v2000>(api::Fn::cuFuncSetBlockShape); }
inline PFN_cuFuncSetCacheConfig_v3000 cuFuncSetCacheConfig() { return entry<PFN_cuFuncSetCacheConfig_v3000>(api::Fn::cuFuncSetCacheConfig); }
inline PFN_cuFuncSetSharedMemConfig_v4020 cuFuncSetSharedMemConfig() { return entry<PFN_cuFuncSetSharedMemConfig_v4020>(api::Fn::cuFuncSetSharedMemConfig); }
inline PFN_cuFuncSetSharedSize_v2000 cuFuncSetSharedSize() { return entry<PFN_cuFuncSetSharedSize_v2000>(api::Fn::cuFuncSetSharedSize); }
inline PFN_cuGetErrorName_v6000 cuGetErrorName() { return entry<PFN_cuGetErrorName_v6000>(api::Fn::cuGetErrorName); }
inline PFN_cuGetErrorString_v6000 cuGetErrorString() { return entry<PFN_cuGetErrorString_v6000>(api::Fn::cuGetErrorString); }
inline PFN_cuGetExportTable_v3000 cuGetExportTable() { return entry<PFN_cuGetExportTable_v3000>(api::Fn::cuGetExportTable); }
inline PFN_cuGetProcAddress_v11030 cuGetProcAddress_v1() { return entry<PFN_cuGetProcAddress_v11030>(api::Fn::cuGetProcAddress_v1); }
inline PFN_cuGetProcAddress_v12000 cuGetProcAddress_v2() { return entry<PFN_cuGetProcAddress_v12000>(api::Fn::cuGetProcAddress_v2); }
inline PFN_cuGraphAddBatchMemOpNode_v11070 cuGraphAddBatchMemOpNode() { return entry<PFN_cuGraphAddBatchMemOpNode_v11070>(api::Fn::cuGraphAddBatchMemOpNode); }
inline PFN_cuGraphAddChildGraphNode_v10000 cuGraphAddChildGraphNode() { return entry<PFN_cuGraphAddChildGraphNode_v10000>(api::Fn::cuGraphAddChildGraphNode); }
inline PFN_cuGraphAddDependencies_v10000 cuGraphAddDependencies_v1() { return entry<PFN_cuGraphAddDependencies_v10000>(api::Fn::cuGraphAddDependencies_v1); }
inline PFN_cuGraphAddDependencies_v12030 cuGraphAddDependencies_v2() { return entry<PFN_cuGraphAddDependencies_v12030>(api::Fn::cuGraphAddDependencies_v2); }
inline PFN_cuGraphAddEmptyNode_v10000 cuGraphAddEmptyNode() { return entry<PFN_cuGraphAddEmptyNode_v10000>(api::Fn::cuGraphAddEmptyNode); }
inline PFN_cuGraphAddEventRecordNode_v11010 cuGraphAddEventRecordNode() { return entry<PFN_cuGraphAddEventRecordNode_v11010>(api::Fn::cuGraphAddEventRecordNode); }
inline PFN_cuGraphAddEventWaitNode_v11010 cuGraphAddEventWaitNode() { return entry<PFN_cuGraphAddEventWaitNode_v11010>(api::Fn::cuGraphAddEventWaitNode); }
inline PFN_cuGraphAddExternalSemaphoresSignalNode_v11020 cuGraphAddExternalSemaphoresSignalNode() { return entry<PFN_cuGraphAddExternalSemaphoresSignalNode_v11020>(api::Fn::cuGraphAddExternalSemaphoresSignalNode); }
inline PFN_cuGraphAddExternalSemaphoresWaitNode_v11020 cuGraphAddExternalSemaphoresWaitNode() { return entry<PFN_cuGraphAddExternalSemaphoresWaitNode_v11020>(api::Fn::cuGraphAddExternalSemaphoresWaitNode); }
inline PFN_cuGraphAddHostNode_v10000 cuGraphAddHostNode() { return entry<PFN_cuGraphAddHostNode_v10000>(api::Fn::cuGraphAddHostNode); }
inline PFN_cuGraphAddKernelNode_v10000 cuGraphAddKernelNode_v1() { return entry<PFN_cuGraphAddKernelNode_v10000>(api::Fn::cuGraphAddKernelNode_v1); }
inline PFN_cuGraphAddKernelNode_v12000 cuGraphAddKernelNode_v2() { return entry<PFN_cuGraphAddKernelNode_v12000>(api::Fn::cuGraphAddKernelNode_v2); }
inline PFN_cuGraphAddMemAllocNode_v11040 cuGraphAddMemAllocNode() { return entry<PFN_cuGraphAddMemAllocNode_v11040>(api::Fn::cuGraphAddMemAllocNode); }
inline PFN_cuGraphAddMemFreeNode_v11040 cuGraphAddMemFreeNode() { return entry<PFN_cuGraphAddMemFreeNode_v11040>(api::Fn::cuGraphAddMemFreeNode); }
inline PFN_cuGraphAddMemcpyNode_v10000 cuGraphAddMemcpyNode() { return entry<PFN_cuGraphAddMemcpyNode_v10000>(api::Fn::cuGraphAddMemcpyNode); }
inline PFN_cuGraphAddMemsetNode_v10000 cuGraphAddMemsetNode() { return entry<PFN_cuGraphAddMemsetNode_v10000>(api::Fn::cuGraphAddMemsetNode); }
inline PFN_cuGraphAddNode_v12020 cuGraphAddNode_v1() { return entry<PFN_cuGraphAddNode_v12020>(api::Fn::cuGraphAddNode_v1); }
inline PFN_cuGraphAddNode_v12030 cuGraphAddNode_v2() { return entry<PFN_cuGraphAddNode_v12030>(api::Fn::cuGraphAddNode_v2); }
inline PFN_cuGraphBatchMemOpNodeGetParams_v11070 cuGraphBatchMemOpNodeGetParams() { return entry<PFN_cuGraphBatchMemOpNodeGetParams_v11070>(api::Fn::cuGraphBatchMemOpNodeGetParams); }
inline PFN_cuGraphBatchMemOpNodeSetParams_v11070 cuGraphBatchMemOpNodeSetParams() { return entry<PFN_cuGraphBatchMemOpNodeSetParams_v11070>(api::Fn::cuGraphBatchMemOpNodeSetParams); }
inline PFN_cuGraphChildGraphNodeGetGraph_v10000 cuGraphChildGraphNodeGetGraph() { return entry<PFN_cuGraphChildGraphNodeGetGraph_v10000>(api::Fn::cuGraphChildGraphNodeGetGraph); }
inline PFN_cuGraphClone_v10000 cuGraphClone() { return entry<PFN_cuGraphClone_v10000>(api::Fn::cuGraphClone); }
inline PFN_cuGraphConditionalHandleCreate_v12030 cuGraphConditionalHandleCreate() { return entry<PFN_cuGraphConditionalHandleCreate_v12030>(api::Fn::cuGraphConditionalHandleCreate); }
inline PFN_cuGraphCreate_v10000 cuGraphCreate() { return entry<PFN_cuGraphCreate_v10000>(api::Fn::cuGraphCreate); }
inline PFN_cuGraphDebugDotPrint_v11030 cuGraphDebugDotPrint() { return entry<PFN_cuGraphDebugDotPrint_v11030>(api::Fn::cuGraphDebugDotPrint); }
inline PFN_cuGraphDestroy_v10000 cuGraphDestroy() { return entry<PFN_cuGraphDestroy_v10000>(api::Fn::cuGraphDestroy); }
inline PFN_cuGraphDestroyNode_v10000 cuGraphDestroyNode() { return entry<PFN_cuGraphDestroyNode_v10000>(api::Fn::cuGraphDestroyNode); }
inline PFN_cuGraphEventRecordNodeGetEvent_v11010 cuGraphEventRecordNodeGetEvent() { return entry<PFN_cuGraphEventRecordNodeGetEvent_v11010>(api::Fn::cuGraphEventRecordNodeGetEvent); }
inline PFN_cuGraphEventRecordNodeSetEvent_v11010 cuGraphEventRecordNodeSetEvent() { return entry<PFN_cuGraphEventRecordNodeSetEvent_v11010>(api::Fn::cuGraphEventRecordNodeSetEvent); }
inline PFN_cuGraphEventWaitNodeGetEvent_v11010 cuGraphEventWaitNodeGetEvent() { return entry<PFN_cuGraphEventWaitNodeGetEvent_v11010>(api::Fn::cuGraphEventWaitNodeGetEvent); }
inline PFN_cuGraphEventWaitNodeSetEvent_v11010 cuGraphEventWaitNodeSetEvent() { return entry<PFN_cuGraphEventWaitNodeSetEvent_v11010>(api::Fn::cuGraphEventWaitNodeSetEvent); }
inline PFN_cuGraphExecBatchMemOpNodeSetParams_v11070 cuGraphExecBatchMemOpNodeSetParams() { return entry<PFN_cuGraphExecBatchMemOpNodeSetParams_v11070>(api::Fn::cuGraphExecBatchMemOpNodeSetParams); }
inline PFN_cuGraphExecChildGraphNodeSetParams_v11010 cuGraphExecChildGraphNodeSetParams() { return entry<PFN_cuGraphExecChildGraphNodeSetParams_v11010>(api::Fn::cuGraphExecChildGraphNodeSetParams); }
inline PFN_cuGraphExecDestroy_v10000 cuGraphExecDestroy() { return entry<PFN_cuGraphExecDestroy_v10000>(api::Fn::cuGraphExecDestroy); }
inline PFN_cuGraphExecEventRecordNodeSetEvent_v11010 cuGraphExecEventRecordNodeSetEvent() { return entry<PFN_cuGraphExecEventRecordNodeSetEvent_v11010>(api::Fn::cuGraphExecEventRecordNodeSetEvent); }
inline PFN_cuGraphExecEventWaitNodeSetEvent_v11010 cuGraphExecEventWaitNodeSetEvent() { return entry<PFN_cuGraphExecEventWaitNodeSetEvent_v11010>(api::Fn::cuGraphExecEventWaitNodeSetEvent); }
inline PFN_cuGraphExecExternalSemaphoresSignalNodeSetParams_v11020 cuGraphExecExternalSemaphoresSignalNodeSetParams() { return entry<PFN_cuGraphExecExternalSemaphoresSignalNodeSetParams_v11020>(api::Fn::cuGraphExecExternalSemaphoresSignalNodeSetParams); }
inline PFN_cuGraphExecExternalSemaphoresWaitNodeSetParams_v11020 cuGraphExecExternalSemaphoresWaitNodeSetParams() { return entry<PFN_cuGraphExecExternalSemaphoresWaitNodeSetParams_v11020>(api::Fn::cuGraphExecExternalSemaphoresWaitNodeSetParams); }
inline PFN_cuGraphExecGetFlags_v12000 cuGraphExecGetFlags() { return entry<PFN_cuGraphExecGetFlags_v12000>(api::Fn::cuGraphExecGetFlags); }
inline PFN_cuGraphExecHostNodeSetParams_v10020 cuGraphExecHostNodeSetParams() { return entry<PFN_cuGraphExecHostNodeSetParams_v10020>(api::Fn::cuGraphExecHostNodeSetParams); }
inline PFN_cuGraphExecKernelNodeSetParams_v10010 cuGraphExecKernelNodeSetParams_v1() { return entry<PFN_cuGraphExecKernelNodeSetParams_v10010>(api::Fn::cuGraphExecKernelNodeSetParams_v1); }
inline PFN_cuGraphExecKernelNodeSetParams_v12000 cuGraphExecKernelNodeSetParams_v2() { return entry<PFN_cuGraphExecKernelNodeSetParams_v12000>(api::Fn::cuGraphExecKernelNodeSetParams_v2); }
inline PFN_cuGraphExecMemcpyNodeSetParams_v10020 cuGraphExecMemcpyNodeSetParams() { return entry<PFN_cuGraphExecMemcpyNodeSetParams_v10020>(api::Fn::cuGraphExecMemcpyNodeSetParams); }
inline PFN_cuGraphExecMemsetNodeSetParams_v10020 cuGraphExecMemsetNodeSetParams() { return entry<PFN_cuGraphExecMemsetNodeSetParams_v10020>(api::Fn::cuGraphExecMemsetNodeSetParams); }
inline PFN_cuGraphExecNodeSetParams_v12020 cuGraphExecNodeSetParams() { return entry<PFN_cuGraphExecNodeSetParams_v12020>(api::Fn::cuGraphExecNodeSetParams); }
inline PFN_cuGraphExecUpdate_v10020 cuGraphExecUpdate_v1() { return entry<PFN_cuGraphExecUpdate_v10020>(api::Fn::cuGraphExecUpdate_v1); }
inline PFN_cuGraphExecUpdate_v12000 cuGraphExecUpdate_v2() { return entry<PFN_cuGraphExecUpdate_v12000>(api::Fn::cuGraphExecUpdate_v2); }
inline PFN_cuGraphExternalSemaphoresSignalNodeGetParams_v11020 cuGraphExternalSemaphoresSignalNodeGetParams() { return entry<PFN_cuGraphExternalSemaphoresSignalNodeGetParams_v11020>(api::Fn::cuGraphExternalSemaphoresSignalNodeGetParams); }
inline PFN_cuGraphExternalSemaphoresSignalNodeSetParams_v11020 cuGraphExternalSemaphoresSignalNodeSetParams() { return entry<PFN_cuGraphExternalSemaphoresSignalNodeSetParams_v11020>(api::Fn::cuGraphExternalSemaphoresSignalNodeSetParams); }
inline PFN_cuGraphExternalSemaphoresWaitNodeGetParams_v11020 cuGraphExternalSemaphoresWaitNodeGetParams() { return entry<PFN_cuGraphExternalSemaphoresWaitNodeGetParams_v11020>(api::Fn::cuGraphExternalSemaphoresWaitNodeGetParams); }
inline PFN_cuGraphExternalSemaphoresWaitNodeSetParams_v11020 cuGraphExternalSemaphoresWaitNodeSetParams() { return entry<PFN_cuGraphExternalSemaphoresWaitNodeSetParams_v11020>(api::Fn::cuGraphExternalSemaphoresWaitNodeSetParams); }
inline PFN_cuGraphGetEdges_v10000 cuGraphGetEdges_v1() { return entry<PFN_cuGraphGetEdges_v10000>(api::Fn::cuGraphGetEdges_v1); }
inline PFN_cuGraphGetEdges_v12030 cuGraphGetEdges_v2() { return entry<PFN_cuGraphGetEdges_v12030>(api::Fn::cuGraphGetEdges_v2); }
inline PFN_cuGraphGetNodes_v10000 cuGraphGetNodes() { return entry<PFN_cuGraphGetNodes_v10000>(api::Fn::cuGraphGetNodes); }
inline PFN_cuGraphGetRootNodes_v10000 cuGraphGetRootNodes() { return entry<PFN_cuGraphGetRootNodes_v10000>(api::Fn::cuGraphGetRootNodes); }
inline PFN_cuGraphHostNodeGetParams_v10000 cuGraphHostNodeGetParams() { return entry<PFN_cuGraphHostNodeGetParams_v10000>(api::Fn::cuGraphHostNodeGetParams); }
inline PFN_cuGraphHostNodeSetParams_v10000 cuGraphHostNodeSetParams() { return entry<PFN_cuGraphHostNodeSetParams_v10000>(api::Fn::cuGraphHostNodeSetParams); }
inline PFN_cuGraphInstantiateWithFlags_v11040 cuGraphInstantiateWithFlags() { return entry<PFN_cuGraphInstantiateWithFlags_v11040>(api::Fn::cuGraphInstantiateWithFlags); }
inline PFN_cuGraphInstantiateWithParams_v12000 cuGraphInstantiateWithParams(api::StreamFlavour stream) { return entry<PFN_cuGraphInstantiateWithParams_v12000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuGraphInstantiateWithParams_ptsz : api::Fn::cuGraphInstantiateWithParams); }
inline PFN_cuGraphKernelNodeCopyAttributes_v11000 cuGraphKernelNodeCopyAttributes() { return entry<PFN_cuGraphKernelNodeCopyAttributes_v11000>(api::Fn::cuGraphKernelNodeCopyAttributes); }
inline PFN_cuGraphKernelNodeGetAttribute_v11000 cuGraphKernelNodeGetAttribute() { return entry<PFN_cuGraphKernelNodeGetAttribute_v11000>(api::Fn::cuGraphKernelNodeGetAttribute); }
inline PFN_cuGraphKernelNodeGetParams_v10000 cuGraphKernelNodeGetParams_v1() { return entry<PFN_cuGraphKernelNodeGetParams_v10000>(api::Fn::cuGraphKernelNodeGetParams_v1); }
inline PFN_cuGraphKernelNodeGetParams_v12000 cuGraphKernelNodeGetParams_v2() { return entry<PFN_cuGraphKernelNodeGetParams_v12000>(api::Fn::cuGraphKernelNodeGetParams_v2); }
inline PFN_cuGraphKernelNodeSetAttribute_v11000 cuGraphKernelNodeSetAttribute() { return entry<PFN_cuGraphKernelNodeSetAttribute_v11000>(api::Fn::cuGraphKernelNodeSetAttribute); }
inline PFN_cuGraphKernelNodeSetParams_v10000 cuGraphKernelNodeSetParams_v1() { return entry<PFN_cuGraphKernelNodeSetParams_v10000>(api::Fn::cuGraphKernelNodeSetParams_v1); }
inline PFN_cuGraphKernelNodeSetParams_v12000 cuGraphKernelNodeSetParams_v2() { return entry<PFN_cuGraphKernelNodeSetParams_v12000>(api::Fn::cuGraphKernelNodeSetParams_v2); }
inline PFN_cuGraphLaunch_v10000 cuGraphLaunch(api::StreamFlavour stream) { return entry<PFN_cuGraphLaunch_v10000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuGraphLaunch_ptsz : api::Fn::cuGraphLaunch); }
inline PFN_cuGraphMemAllocNodeGetParams_v11040 cuGraphMemAllocNodeGetParams() { return entry<PFN_cuGraphMemAllocNodeGetParams_v11040>(api::Fn::cuGraphMemAllocNodeGetParams); }
inline PFN_cuGraphMemFreeNodeGetParams_v11040 cuGraphMemFreeNodeGetParams() { return entry<PFN_cuGraphMemFreeNodeGetParams_v11040>(api::Fn::cuGraphMemFreeNodeGetParams); }
inline PFN_cuGraphMemcpyNodeGetParams_v10000 cuGraphMemcpyNodeGetParams() { return entry<PFN_cuGraphMemcpyNodeGetParams_v10000>(api::Fn::cuGraphMemcpyNodeGetParams); }
inline PFN_cuGraphMemcpyNodeSetParams_v10000 cuGraphMemcpyNodeSetParams() { return entry<PFN_cuGraphMemcpyNodeSetParams_v10000>(api::Fn::cuGraphMemcpyNodeSetParams); }
inline PFN_cuGraphMemsetNodeGetParams_v10000 cuGraphMemsetNodeGetParams() { return entry<PFN_cuGraphMemsetNodeGetParams_v10000>(api::Fn::cuGraphMemsetNodeGetParams); }
inline PFN_cuGraphMemsetNodeSetParams_v10000 cuGraphMemsetNodeSetParams() { return entry<PFN_cuGraphMemsetNodeSetParams_v10000>(api::Fn::cuGraphMemsetNodeSetParams); }
inline PFN_cuGraphNodeFindInClone_v10000 cuGraphNodeFindInClone() { return entry<PFN_cuGraphNodeFindInClone_v10000>(api::Fn::cuGraphNodeFindInClone); }
inline PFN_cuGraphNodeGetDependencies_v10000 cuGraphNodeGetDependencies_v1() { return entry<PFN_cuGraphNodeGetDependencies_v10000>(api::Fn::cuGraphNodeGetDependencies_v1); }
inline PFN_cuGraphNodeGetDependencies_v12030 cuGraphNodeGetDependencies_v2() { return entry<PFN_cuGraphNodeGetDependencies_v12030>(api::Fn::cuGraphNodeGetDependencies_v2); }
inline PFN_cuGraphNodeGetDependentNodes_v10000 cuGraphNodeGetDependentNodes_v1() { return entry<PFN_cuGraphNodeGetDependentNodes_v10000>(api::Fn::cuGraphNodeGetDependentNodes_v1); }
inline PFN_cuGraphNodeGetDependentNodes_v12030 cuGraphNodeGetDependentNodes_v2() { return entry<PFN_cuGraphNodeGetDependentNodes_v12030>(api::Fn::cuGraphNodeGetDependentNodes_v2); }
inline PFN_cuGraphNodeGetEnabled_v11060 cuGraphNodeGetEnabled() { return entry<PFN_cuGraphNodeGetEnabled_v11060>(api::Fn::cuGraphNodeGetEnabled); }
inline PFN_cuGraphNodeGetType_v10000 cuGraphNodeGetType() { return entry<PFN_cuGraphNodeGetType_v10000>(api::Fn::cuGraphNodeGetType); }
inline PFN_cuGraphNodeSetEnabled_v11060 cuGraphNodeSetEnabled() { return entry<PFN_cuGraphNodeSetEnabled_v11060>(api::Fn::cuGraphNodeSetEnabled); }
inline PFN_cuGraphNodeSetParams_v12020 cuGraphNodeSetParams() { return entry<PFN_cuGraphNodeSetParams_v12020>(api::Fn::cuGraphNodeSetParams); }
inline PFN_cuGraphReleaseUserObject_v11030 cuGraphReleaseUserObject() { return entry<PFN_cuGraphReleaseUserObject_v11030>(api::Fn::cuGraphReleaseUserObject); }
inline PFN_cuGraphRemoveDependencies_v10000 cuGraphRemoveDependencies_v1() { return entry<PFN_cuGraphRemoveDependencies_v10000>(api::Fn::cuGraphRemoveDependencies_v1); }
inline PFN_cuGraphRemoveDependencies_v12030 cuGraphRemoveDependencies_v2() { return entry<PFN_cuGraphRemoveDependencies_v12030>(api::Fn::cuGraphRemoveDependencies_v2); }
inline PFN_cuGraphRetainUserObject_v11030 cuGraphRetainUserObject() { return entry<PFN_cuGraphRetainUserObject_v11030>(api::Fn::cuGraphRetainUserObject); }
inline PFN_cuGraphUpload_v11010 cuGraphUpload(api::StreamFlavour stream) { return entry<PFN_cuGraphUpload_v11010>(stream == api::StreamFlavour::per_thread ? api::Fn::cuGraphUpload_ptsz : api::Fn::cuGraphUpload); }
inline PFN_cuGraphicsMapResources_v3000 cuGraphicsMapResources(api::StreamFlavour stream) { return entry<PFN_cuGraphicsMapResources_v3000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuGraphicsMapResources_ptsz : api::Fn::cuGraphicsMapResources); }
inline PFN_cuGraphicsResourceGetMappedMipmappedArray_v5000 cuGraphicsResourceGetMappedMipmappedArray() { return entry<PFN_cuGraphicsResourceGetMappedMipmappedArray_v5000>(api::Fn::cuGraphicsResourceGetMappedMipmappedArray); }
inline PFN_cuGraphicsResourceGetMappedPointer_v3020 cuGraphicsResourceGetMappedPointer_v2() { return entry<PFN_cuGraphicsResourceGetMappedPointer_v3020>(api::Fn::cuGraphicsResourceGetMappedPointer_v2); }
inline PFN_cuGraphicsResourceSetMapFlags_v6050 cuGraphicsResourceSetMapFlags_v2() { return entry<PFN_cuGraphicsResourceSetMapFlags_v6050>(api::Fn::cuGraphicsResourceSetMapFlags_v2); }
inline PFN_cuGraphicsSubResourceGetMappedArray_v3000 cuGraphicsSubResourceGetMappedArray() { return entry<PFN_cuGraphicsSubResourceGetMappedArray_v3000>(api::Fn::cuGraphicsSubResourceGetMappedArray); }
inline PFN_cuGraphicsUnmapResources_v3000 cuGraphicsUnmapResources(api::StreamFlavour stream) { return entry<PFN_cuGraphicsUnmapResources_v3000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuGraphicsUnmapResources_ptsz : api::Fn::cuGraphicsUnmapResources); }
inline PFN_cuGraphicsUnregisterResource_v3000 cuGraphicsUnregisterResource() { return entry<PFN_cuGraphicsUnregisterResource_v3000>(api::Fn::cuGraphicsUnregisterResource); }
inline PFN_cuGreenCtxCreate_v12040 cuGreenCtxCreate() { return entry<PFN_cuGreenCtxCreate_v12040>(api::Fn::cuGreenCtxCreate); }
inline PFN_cuGreenCtxDestroy_v12040 cuGreenCtxDestroy() { return entry<PFN_cuGreenCtxDestroy_v12040>(api::Fn::cuGreenCtxDestroy); }
inline PFN_cuGreenCtxGetDevResource_v12040 cuGreenCtxGetDevResource() { return entry<PFN_cuGreenCtxGetDevResource_v12040>(api::Fn::cuGreenCtxGetDevResource); }
inline PFN_cuGreenCtxGetId_v12090 cuGreenCtxGetId() { return entry<PFN_cuGreenCtxGetId_v12090>(api::Fn::cuGreenCtxGetId); }
inline PFN_cuGreenCtxRecordEvent_v12040 cuGreenCtxRecordEvent() { return entry<PFN_cuGreenCtxRecordEvent_v12040>(api::Fn::cuGreenCtxRecordEvent); }
inline PFN_cuGreenCtxStreamCreate_v12050 cuGreenCtxStreamCreate() { return entry<PFN_cuGreenCtxStreamCreate_v12050>(api::Fn::cuGreenCtxStreamCreate); }
inline PFN_cuGreenCtxWaitEvent_v12040 cuGreenCtxWaitEvent() { return entry<PFN_cuGreenCtxWaitEvent_v12040>(api::Fn::cuGreenCtxWaitEvent); }
inline PFN_cuImportExternalMemory_v10000 cuImportExternalMemory() { return entry<PFN_cuImportExternalMemory_v10000>(api::Fn::cuImportExternalMemory); }
inline PFN_cuImportExternalSemaphore_v10000 cuImportExternalSemaphore() { return entry<PFN_cuImportExternalSemaphore_v10000>(api::Fn::cuImportExternalSemaphore); }
inline PFN_cuInit_v2000 cuInit() { return entry<PFN_cuInit_v2000>(api::Fn::cuInit); }
inline PFN_cuIpcCloseMemHandle_v4010 cuIpcCloseMemHandle() { return entry<PFN_cuIpcCloseMemHandle_v4010>(api::Fn::cuIpcCloseMemHandle); }
inline PFN_cuIpcGetEventHandle_v4010 cuIpcGetEventHandle() { return entry<PFN_cuIpcGetEventHandle_v4010>(api::Fn::cuIpcGetEventHandle); }
inline PFN_cuIpcGetMemHandle_v4010 cuIpcGetMemHandle() { return entry<PFN_cuIpcGetMemHandle_v4010>(api::Fn::cuIpcGetMemHandle); }
inline PFN_cuIpcOpenEventHandle_v4010 cuIpcOpenEventHandle() { return entry<PFN_cuIpcOpenEventHandle_v4010>(api::Fn::cuIpcOpenEventHandle); }
inline PFN_cuIpcOpenMemHandle_v11000 cuIpcOpenMemHandle_v2() { return entry<PFN_cuIpcOpenMemHandle_v11000>(api::Fn::cuIpcOpenMemHandle_v2); }
inline PFN_cuKernelGetAttribute_v12000 cuKernelGetAttribute() { return entry<PFN_cuKernelGetAttribute_v12000>(api::Fn::cuKernelGetAttribute); }
inline PFN_cuKernelGetFunction_v12000 cuKernelGetFunction() { return entry<PFN_cuKernelGetFunction_v12000>(api::Fn::cuKernelGetFunction); }
inline PFN_cuKernelGetLibrary_v12050 cuKernelGetLibrary() { return entry<PFN_cuKernelGetLibrary_v12050>(api::Fn::cuKernelGetLibrary); }
inline PFN_cuKernelGetName_v12030 cuKernelGetName() { return entry<PFN_cuKernelGetName_v12030>(api::Fn::cuKernelGetName); }
inline PFN_cuKernelGetParamInfo_v12040 cuKernelGetParamInfo() { return entry<PFN_cuKernelGetParamInfo_v12040>(api::Fn::cuKernelGetParamInfo); }
inline PFN_cuKernelSetAttribute_v12000 cuKernelSetAttribute() { return entry<PFN_cuKernelSetAttribute_v12000>(api::Fn::cuKernelSetAttribute); }
inline PFN_cuKernelSetCacheConfig_v12000 cuKernelSetCacheConfig() { return entry<PFN_cuKernelSetCacheConfig_v12000>(api::Fn::cuKernelSetCacheConfig); }
inline PFN_cuLaunch_v2000 cuLaunch() { return entry<PFN_cuLaunch_v2000>(api::Fn::cuLaunch); }
inline PFN_cuLaunchCooperativeKernel_v9000 cuLaunchCooperativeKernel(api::StreamFlavour stream) { return entry<PFN_cuLaunchCooperativeKernel_v9000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuLaunchCooperativeKernel_ptsz : api::Fn::cuLaunchCooperativeKernel); }
inline PFN_cuLaunchCooperativeKernelMultiDevice_v9000 cuLaunchCooperativeKernelMultiDevice() { return entry<PFN_cuLaunchCooperativeKernelMultiDevice_v9000>(api::Fn::cuLaunchCooperativeKernelMultiDevice); }
inline PFN_cuLaunchGrid_v2000 cuLaunchGrid() { return entry<PFN_cuLaunchGrid_v2000>(api::Fn::cuLaunchGrid); }
inline PFN_cuLaunchGridAsync_v2000 cuLaunchGridAsync() { return entry<PFN_cuLaunchGridAsync_v2000>(api::Fn::cuLaunchGridAsync); }
inline PFN_cuLaunchHostFunc_v10000 cuLaunchHostFunc(api::StreamFlavour stream) { return entry<PFN_cuLaunchHostFunc_v10000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuLaunchHostFunc_ptsz : api::Fn::cuLaunchHostFunc); }
inline PFN_cuLaunchKernel_v4000 cuLaunchKernel(api::StreamFlavour stream) { return entry<PFN_cuLaunchKernel_v4000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuLaunchKernel_ptsz : api::Fn::cuLaunchKernel); }
inline PFN_cuLaunchKernelEx_v11060 cuLaunchKernelEx(api::StreamFlavour stream) { return entry<PFN_cuLaunchKernelEx_v11060>(stream == api::StreamFlavour::per_thread ? api::Fn::cuLaunchKernelEx_ptsz : api::Fn::cuLaunchKernelEx); }
inline PFN_cuLibraryEnumerateKernels_v12040 cuLibraryEnumerateKernels() { return entry<PFN_cuLibraryEnumerateKernels_v12040>(api::Fn::cuLibraryEnumerateKernels); }
inline PFN_cuLibraryGetGlobal_v12000 cuLibraryGetGlobal() { return entry<PFN_cuLibraryGetGlobal_v12000>(api::Fn::cuLibraryGetGlobal); }
inline PFN_cuLibraryGetKernel_v12000 cuLibraryGetKernel() { return entry<PFN_cuLibraryGetKernel_v12000>(api::Fn::cuLibraryGetKernel); }
inline PFN_cuLibraryGetKernelCount_v12040 cuLibraryGetKernelCount() { return entry<PFN_cuLibraryGetKernelCount_v12040>(api::Fn::cuLibraryGetKernelCount); }
inline PFN_cuLibraryGetManaged_v12000 cuLibraryGetManaged() { return entry<PFN_cuLibraryGetManaged_v12000>(api::Fn::cuLibraryGetManaged); }
inline PFN_cuLibraryGetModule_v12000 cuLibraryGetModule() { return entry<PFN_cuLibraryGetModule_v12000>(api::Fn::cuLibraryGetModule); }
inline PFN_cuLibraryGetUnifiedFunction_v12000 cuLibraryGetUnifiedFunction() { return entry<PFN_cuLibraryGetUnifiedFunction_v12000>(api::Fn::cuLibraryGetUnifiedFunction); }
inline PFN_cuLibraryLoadData_v12000 cuLibraryLoadData() { return entry<PFN_cuLibraryLoadData_v12000>(api::Fn::cuLibraryLoadData); }
inline PFN_cuLibraryLoadFromFile_v12000 cuLibraryLoadFromFile() { return entry<PFN_cuLibraryLoadFromFile_v12000>(api::Fn::cuLibraryLoadFromFile); }
inline PFN_cuLibraryUnload_v12000 cuLibraryUnload() { return entry<PFN_cuLibraryUnload_v12000>(api::Fn::cuLibraryUnload); }
inline PFN_cuLinkAddData_v6050 cuLinkAddData_v2() { return entry<PFN_cuLinkAddData_v6050>(api::Fn::cuLinkAddData_v2); }
inline PFN_cuLinkAddFile_v6050 cuLinkAddFile_v2() { return entry<PFN_cuLinkAddFile_v6050>(api::Fn::cuLinkAddFile_v2); }
inline PFN_cuLinkComplete_v5050 cuLinkComplete() { return entry<PFN_cuLinkComplete_v5050>(api::Fn::cuLinkComplete); }
inline PFN_cuLinkCreate_v6050 cuLinkCreate_v2() { return entry<PFN_cuLinkCreate_v6050>(api::Fn::cuLinkCreate_v2); }
inline PFN_cuLinkDestroy_v5050 cuLinkDestroy() { return entry<PFN_cuLinkDestroy_v5050>(api::Fn::cuLinkDestroy); }
inline PFN_cuLogsCurrent_v12090 cuLogsCurrent() { return entry<PFN_cuLogsCurrent_v12090>(api::Fn::cuLogsCurrent); }
inline PFN_cuLogsDumpToFile_v12090 cuLogsDumpToFile() { return entry<PFN_cuLogsDumpToFile_v12090>(api::Fn::cuLogsDumpToFile); }
inline PFN_cuLogsDumpToMemory_v12090 cuLogsDumpToMemory() { return entry<PFN_cuLogsDumpToMemory_v12090>(api::Fn::cuLogsDumpToMemory); }
inline PFN_cuLogsRegisterCallback_v12090 cuLogsRegisterCallback() { return entry<PFN_cuLogsRegisterCallback_v12090>(api::Fn::cuLogsRegisterCallback); }
inline PFN_cuLogsUnregisterCallback_v12090 cuLogsUnregisterCallback() { return entry<PFN_cuLogsUnregisterCallback_v12090>(api::Fn::cuLogsUnregisterCallback); }
inline PFN_cuMemAddressFree_v10020 cuMemAddressFree() { return entry<PFN_cuMemAddressFree_v10020>(api::Fn::cuMemAddressFree); }
inline PFN_cuMemAddressReserve_v10020 cuMemAddressReserve() { return entry<PFN_cuMemAddressReserve_v10020>(api::Fn::cuMemAddressReserve); }
inline PFN_cuMemAdvise_v8000 cuMemAdvise_v1() { return entry<PFN_cuMemAdvise_v8000>(api::Fn::cuMemAdvise_v1); }
inline PFN_cuMemAdvise_v12020 cuMemAdvise_v2() { return entry<PFN_cuMemAdvise_v12020>(api::Fn::cuMemAdvise_v2); }
inline PFN_cuMemAllocAsync_v11020 cuMemAllocAsync(api::StreamFlavour stream) { return entry<PFN_cuMemAllocAsync_v11020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemAllocAsync_ptsz : api::Fn::cuMemAllocAsync); }
inline PFN_cuMemAllocFromPoolAsync_v11020 cuMemAllocFromPoolAsync(api::StreamFlavour stream) { return entry<PFN_cuMemAllocFromPoolAsync_v11020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemAllocFromPoolAsync_ptsz : api::Fn::cuMemAllocFromPoolAsync); }
inline PFN_cuMemAllocHost_v3020 cuMemAllocHost_v2() { return entry<PFN_cuMemAllocHost_v3020>(api::Fn::cuMemAllocHost_v2); }
inline PFN_cuMemAllocManaged_v6000 cuMemAllocManaged() { return entry<PFN_cuMemAllocManaged_v6000>(api::Fn::cuMemAllocManaged); }
inline PFN_cuMemAllocPitch_v3020 cuMemAllocPitch_v2() { return entry<PFN_cuMemAllocPitch_v3020>(api::Fn::cuMemAllocPitch_v2); }
inline PFN_cuMemAlloc_v3020 cuMemAlloc_v2() { return entry<PFN_cuMemAlloc_v3020>(api::Fn::cuMemAlloc_v2); }
inline PFN_cuMemBatchDecompressAsync_v12060 cuMemBatchDecompressAsync(api::StreamFlavour stream) { return entry<PFN_cuMemBatchDecompressAsync_v12060>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemBatchDecompressAsync_ptsz : api::Fn::cuMemBatchDecompressAsync); }
inline PFN_cuMemCreate_v10020 cuMemCreate() { return entry<PFN_cuMemCreate_v10020>(api::Fn::cuMemCreate); }
inline PFN_cuMemDiscardAndPrefetchBatchAsync_v13000 cuMemDiscardAndPrefetchBatchAsync(api::StreamFlavour stream) { return entry<PFN_cuMemDiscardAndPrefetchBatchAsync_v13000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemDiscardAndPrefetchBatchAsync_ptsz : api::Fn::cuMemDiscardAndPrefetchBatchAsync); }
inline PFN_cuMemDiscardBatchAsync_v13000 cuMemDiscardBatchAsync(api::StreamFlavour stream) { return entry<PFN_cuMemDiscardBatchAsync_v13000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemDiscardBatchAsync_ptsz : api::Fn::cuMemDiscardBatchAsync); }
inline PFN_cuMemExportToShareableHandle_v10020 cuMemExportToShareableHandle() { return entry<PFN_cuMemExportToShareableHandle_v10020>(api::Fn::cuMemExportToShareableHandle); }
inline PFN_cuMemFreeAsync_v11020 cuMemFreeAsync(api::StreamFlavour stream) { return entry<PFN_cuMemFreeAsync_v11020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemFreeAsync_ptsz : api::Fn::cuMemFreeAsync); }
inline PFN_cuMemFreeHost_v2000 cuMemFreeHost() { return entry<PFN_cuMemFreeHost_v2000>(api::Fn::cuMemFreeHost); }
inline PFN_cuMemFree_v3020 cuMemFree_v2() { return entry<PFN_cuMemFree_v3020>(api::Fn::cuMemFree_v2); }
inline PFN_cuMemGetAccess_v10020 cuMemGetAccess() { return entry<PFN_cuMemGetAccess_v10020>(api::Fn::cuMemGetAccess); }
inline PFN_cuMemGetAddressRange_v3020 cuMemGetAddressRange_v2() { return entry<PFN_cuMemGetAddressRange_v3020>(api::Fn::cuMemGetAddressRange_v2); }
inline PFN_cuMemGetAllocationGranularity_v10020 cuMemGetAllocationGranularity() { return entry<PFN_cuMemGetAllocationGranularity_v10020>(api::Fn::cuMemGetAllocationGranularity); }
inline PFN_cuMemGetAllocationPropertiesFromHandle_v10020 cuMemGetAllocationPropertiesFromHandle() { return entry<PFN_cuMemGetAllocationPropertiesFromHandle_v10020>(api::Fn::cuMemGetAllocationPropertiesFromHandle); }
inline PFN_cuMemGetDefaultMemPool_v13000 cuMemGetDefaultMemPool() { return entry<PFN_cuMemGetDefaultMemPool_v13000>(api::Fn::cuMemGetDefaultMemPool); }
inline PFN_cuMemGetHandleForAddressRange_v11070 cuMemGetHandleForAddressRange() { return entry<PFN_cuMemGetHandleForAddressRange_v11070>(api::Fn::cuMemGetHandleForAddressRange); }
inline PFN_cuMemGetInfo_v3020 cuMemGetInfo_v2() { return entry<PFN_cuMemGetInfo_v3020>(api::Fn::cuMemGetInfo_v2); }
inline PFN_cuMemGetMemPool_v13000 cuMemGetMemPool() { return entry<PFN_cuMemGetMemPool_v13000>(api::Fn::cuMemGetMemPool); }
inline PFN_cuMemHostAlloc_v2020 cuMemHostAlloc() { return entry<PFN_cuMemHostAlloc_v2020>(api::Fn::cuMemHostAlloc); }
inline PFN_cuMemHostGetDevicePointer_v3020 cuMemHostGetDevicePointer_v2() { return entry<PFN_cuMemHostGetDevicePointer_v3020>(api::Fn::cuMemHostGetDevicePointer_v2); }
inline PFN_cuMemHostGetFlags_v2030 cuMemHostGetFlags() { return entry<PFN_cuMemHostGetFlags_v2030>(api::Fn::cuMemHostGetFlags); }
inline PFN_cuMemHostRegister_v6050 cuMemHostRegister_v2() { return entry<PFN_cuMemHostRegister_v6050>(api::Fn::cuMemHostRegister_v2); }
inline PFN_cuMemHostUnregister_v4000 cuMemHostUnregister() { return entry<PFN_cuMemHostUnregister_v4000>(api::Fn::cuMemHostUnregister); }
inline PFN_cuMemImportFromShareableHandle_v10020 cuMemImportFromShareableHandle() { return entry<PFN_cuMemImportFromShareableHandle_v10020>(api::Fn::cuMemImportFromShareableHandle); }
inline PFN_cuMemMap_v10020 cuMemMap() { return entry<PFN_cuMemMap_v10020>(api::Fn::cuMemMap); }
inline PFN_cuMemMapArrayAsync_v11010 cuMemMapArrayAsync(api::StreamFlavour stream) { return entry<PFN_cuMemMapArrayAsync_v11010>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemMapArrayAsync_ptsz : api::Fn::cuMemMapArrayAsync); }
inline PFN_cuMemPoolCreate_v11020 cuMemPoolCreate() { return entry<PFN_cuMemPoolCreate_v11020>(api::Fn::cuMemPoolCreate); }
inline PFN_cuMemPoolDestroy_v11020 cuMemPoolDestroy() { return entry<PFN_cuMemPoolDestroy_v11020>(api::Fn::cuMemPoolDestroy); }
inline PFN_cuMemPoolExportPointer_v11020 cuMemPoolExportPointer() { return entry<PFN_cuMemPoolExportPointer_v11020>(api::Fn::cuMemPoolExportPointer); }
inline PFN_cuMemPoolExportToShareableHandle_v11020 cuMemPoolExportToShareableHandle() { return entry<PFN_cuMemPoolExportToShareableHandle_v11020>(api::Fn::cuMemPoolExportToShareableHandle); }
inline PFN_cuMemPoolGetAccess_v11020 cuMemPoolGetAccess() { return entry<PFN_cuMemPoolGetAccess_v11020>(api::Fn::cuMemPoolGetAccess); }
inline PFN_cuMemPoolGetAttribute_v11020 cuMemPoolGetAttribute() { return entry<PFN_cuMemPoolGetAttribute_v11020>(api::Fn::cuMemPoolGetAttribute); }
inline PFN_cuMemPoolImportFromShareableHandle_v11020 cuMemPoolImportFromShareableHandle() { return entry<PFN_cuMemPoolImportFromShareableHandle_v11020>(api::Fn::cuMemPoolImportFromShareableHandle); }
inline PFN_cuMemPoolImportPointer_v11020 cuMemPoolImportPointer() { return entry<PFN_cuMemPoolImportPointer_v11020>(api::Fn::cuMemPoolImportPointer); }
inline PFN_cuMemPoolSetAccess_v11020 cuMemPoolSetAccess() { return entry<PFN_cuMemPoolSetAccess_v11020>(api::Fn::cuMemPoolSetAccess); }
inline PFN_cuMemPoolSetAttribute_v11020 cuMemPoolSetAttribute() { return entry<PFN_cuMemPoolSetAttribute_v11020>(api::Fn::cuMemPoolSetAttribute); }
inline PFN_cuMemPoolTrimTo_v11020 cuMemPoolTrimTo() { return entry<PFN_cuMemPoolTrimTo_v11020>(api::Fn::cuMemPoolTrimTo); }
inline PFN_cuMemPrefetchAsync_v8000 cuMemPrefetchAsync_v1(api::StreamFlavour stream) { return entry<PFN_cuMemPrefetchAsync_v8000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemPrefetchAsync_v1_ptsz : api::Fn::cuMemPrefetchAsync_v1); }
inline PFN_cuMemPrefetchAsync_v12020 cuMemPrefetchAsync_v2(api::StreamFlavour stream) { return entry<PFN_cuMemPrefetchAsync_v12020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemPrefetchAsync_v2_ptsz : api::Fn::cuMemPrefetchAsync_v2); }
inline PFN_cuMemPrefetchBatchAsync_v13000 cuMemPrefetchBatchAsync(api::StreamFlavour stream) { return entry<PFN_cuMemPrefetchBatchAsync_v13000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemPrefetchBatchAsync_ptsz : api::Fn::cuMemPrefetchBatchAsync); }
inline PFN_cuMemRangeGetAttribute_v8000 cuMemRangeGetAttribute() { return entry<PFN_cuMemRangeGetAttribute_v8000>(api::Fn::cuMemRangeGetAttribute); }
inline PFN_cuMemRangeGetAttributes_v8000 cuMemRangeGetAttributes() { return entry<PFN_cuMemRangeGetAttributes_v8000>(api::Fn::cuMemRangeGetAttributes); }
inline PFN_cuMemRelease_v10020 cuMemRelease() { return entry<PFN_cuMemRelease_v10020>(api::Fn::cuMemRelease); }
inline PFN_cuMemRetainAllocationHandle_v11000 cuMemRetainAllocationHandle() { return entry<PFN_cuMemRetainAllocationHandle_v11000>(api::Fn::cuMemRetainAllocationHandle); }
inline PFN_cuMemSetAccess_v10020 cuMemSetAccess() { return entry<PFN_cuMemSetAccess_v10020>(api::Fn::cuMemSetAccess); }
inline PFN_cuMemSetMemPool_v13000 cuMemSetMemPool() { return entry<PFN_cuMemSetMemPool_v13000>(api::Fn::cuMemSetMemPool); }
inline PFN_cuMemUnmap_v10020 cuMemUnmap() { return entry<PFN_cuMemUnmap_v10020>(api::Fn::cuMemUnmap); }
inline PFN_cuMemcpy_v4000 cuMemcpy(api::StreamFlavour stream) { return entry<PFN_cuMemcpy_v4000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpy_ptds : api::Fn::cuMemcpy); }
inline PFN_cuMemcpy2DAsync_v3020 cuMemcpy2DAsync_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpy2DAsync_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpy2DAsync_v2_ptsz : api::Fn::cuMemcpy2DAsync_v2); }
inline PFN_cuMemcpy2DUnaligned_v3020 cuMemcpy2DUnaligned_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpy2DUnaligned_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpy2DUnaligned_v2_ptds : api::Fn::cuMemcpy2DUnaligned_v2); }
inline PFN_cuMemcpy2D_v3020 cuMemcpy2D_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpy2D_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpy2D_v2_ptds : api::Fn::cuMemcpy2D_v2); }
inline PFN_cuMemcpy3DAsync_v3020 cuMemcpy3DAsync_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpy3DAsync_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpy3DAsync_v2_ptsz : api::Fn::cuMemcpy3DAsync_v2); }
inline PFN_cuMemcpy3DBatchAsync_v12080 cuMemcpy3DBatchAsync_v1(api::StreamFlavour stream) { return entry<PFN_cuMemcpy3DBatchAsync_v12080>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpy3DBatchAsync_v1_ptsz : api::Fn::cuMemcpy3DBatchAsync_v1); }
inline PFN_cuMemcpy3DBatchAsync_v13000 cuMemcpy3DBatchAsync_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpy3DBatchAsync_v13000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpy3DBatchAsync_v2_ptsz : api::Fn::cuMemcpy3DBatchAsync_v2); }
inline PFN_cuMemcpy3DPeer_v4000 cuMemcpy3DPeer(api::StreamFlavour stream) { return entry<PFN_cuMemcpy3DPeer_v4000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpy3DPeer_ptds : api::Fn::cuMemcpy3DPeer); }
inline PFN_cuMemcpy3DPeerAsync_v4000 cuMemcpy3DPeerAsync(api::StreamFlavour stream) { return entry<PFN_cuMemcpy3DPeerAsync_v4000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpy3DPeerAsync_ptsz : api::Fn::cuMemcpy3DPeerAsync); }
inline PFN_cuMemcpy3D_v3020 cuMemcpy3D_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpy3D_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpy3D_v2_ptds : api::Fn::cuMemcpy3D_v2); }
inline PFN_cuMemcpyAsync_v4000 cuMemcpyAsync(api::StreamFlavour stream) { return entry<PFN_cuMemcpyAsync_v4000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyAsync_ptsz : api::Fn::cuMemcpyAsync); }
inline PFN_cuMemcpyAtoA_v3020 cuMemcpyAtoA_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpyAtoA_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyAtoA_v2_ptds : api::Fn::cuMemcpyAtoA_v2); }
inline PFN_cuMemcpyAtoD_v3020 cuMemcpyAtoD_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpyAtoD_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyAtoD_v2_ptds : api::Fn::cuMemcpyAtoD_v2); }
inline PFN_cuMemcpyAtoHAsync_v3020 cuMemcpyAtoHAsync_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpyAtoHAsync_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyAtoHAsync_v2_ptsz : api::Fn::cuMemcpyAtoHAsync_v2); }
inline PFN_cuMemcpyAtoH_v3020 cuMemcpyAtoH_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpyAtoH_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyAtoH_v2_ptds : api::Fn::cuMemcpyAtoH_v2); }
inline PFN_cuMemcpyBatchAsync_v12080 cuMemcpyBatchAsync_v1(api::StreamFlavour stream) { return entry<PFN_cuMemcpyBatchAsync_v12080>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyBatchAsync_v1_ptsz : api::Fn::cuMemcpyBatchAsync_v1); }
inline PFN_cuMemcpyBatchAsync_v13000 cuMemcpyBatchAsync_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpyBatchAsync_v13000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyBatchAsync_v2_ptsz : api::Fn::cuMemcpyBatchAsync_v2); }
inline PFN_cuMemcpyDtoA_v3020 cuMemcpyDtoA_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpyDtoA_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyDtoA_v2_ptds : api::Fn::cuMemcpyDtoA_v2); }
inline PFN_cuMemcpyDtoDAsync_v3020 cuMemcpyDtoDAsync_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpyDtoDAsync_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyDtoDAsync_v2_ptsz : api::Fn::cuMemcpyDtoDAsync_v2); }
inline PFN_cuMemcpyDtoD_v3020 cuMemcpyDtoD_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpyDtoD_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyDtoD_v2_ptds : api::Fn::cuMemcpyDtoD_v2); }
inline PFN_cuMemcpyDtoHAsync_v3020 cuMemcpyDtoHAsync_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpyDtoHAsync_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyDtoHAsync_v2_ptsz : api::Fn::cuMemcpyDtoHAsync_v2); }
inline PFN_cuMemcpyDtoH_v3020 cuMemcpyDtoH_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpyDtoH_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyDtoH_v2_ptds : api::Fn::cuMemcpyDtoH_v2); }
inline PFN_cuMemcpyHtoAAsync_v3020 cuMemcpyHtoAAsync_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpyHtoAAsync_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyHtoAAsync_v2_ptsz : api::Fn::cuMemcpyHtoAAsync_v2); }
inline PFN_cuMemcpyHtoA_v3020 cuMemcpyHtoA_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpyHtoA_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyHtoA_v2_ptds : api::Fn::cuMemcpyHtoA_v2); }
inline PFN_cuMemcpyHtoDAsync_v3020 cuMemcpyHtoDAsync_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpyHtoDAsync_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyHtoDAsync_v2_ptsz : api::Fn::cuMemcpyHtoDAsync_v2); }
inline PFN_cuMemcpyHtoD_v3020 cuMemcpyHtoD_v2(api::StreamFlavour stream) { return entry<PFN_cuMemcpyHtoD_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyHtoD_v2_ptds : api::Fn::cuMemcpyHtoD_v2); }
inline PFN_cuMemcpyPeer_v4000 cuMemcpyPeer(api::StreamFlavour stream) { return entry<PFN_cuMemcpyPeer_v4000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyPeer_ptds : api::Fn::cuMemcpyPeer); }
inline PFN_cuMemcpyPeerAsync_v4000 cuMemcpyPeerAsync(api::StreamFlavour stream) { return entry<PFN_cuMemcpyPeerAsync_v4000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemcpyPeerAsync_ptsz : api::Fn::cuMemcpyPeerAsync); }
inline PFN_cuMemsetD16Async_v3020 cuMemsetD16Async(api::StreamFlavour stream) { return entry<PFN_cuMemsetD16Async_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemsetD16Async_ptsz : api::Fn::cuMemsetD16Async); }
inline PFN_cuMemsetD16_v3020 cuMemsetD16_v2(api::StreamFlavour stream) { return entry<PFN_cuMemsetD16_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemsetD16_v2_ptds : api::Fn::cuMemsetD16_v2); }
inline PFN_cuMemsetD2D16Async_v3020 cuMemsetD2D16Async(api::StreamFlavour stream) { return entry<PFN_cuMemsetD2D16Async_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemsetD2D16Async_ptsz : api::Fn::cuMemsetD2D16Async); }
inline PFN_cuMemsetD2D16_v3020 cuMemsetD2D16_v2(api::StreamFlavour stream) { return entry<PFN_cuMemsetD2D16_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemsetD2D16_v2_ptds : api::Fn::cuMemsetD2D16_v2); }
inline PFN_cuMemsetD2D32Async_v3020 cuMemsetD2D32Async(api::StreamFlavour stream) { return entry<PFN_cuMemsetD2D32Async_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemsetD2D32Async_ptsz : api::Fn::cuMemsetD2D32Async); }
inline PFN_cuMemsetD2D32_v3020 cuMemsetD2D32_v2(api::StreamFlavour stream) { return entry<PFN_cuMemsetD2D32_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemsetD2D32_v2_ptds : api::Fn::cuMemsetD2D32_v2); }
inline PFN_cuMemsetD2D8Async_v3020 cuMemsetD2D8Async(api::StreamFlavour stream) { return entry<PFN_cuMemsetD2D8Async_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemsetD2D8Async_ptsz : api::Fn::cuMemsetD2D8Async); }
inline PFN_cuMemsetD2D8_v3020 cuMemsetD2D8_v2(api::StreamFlavour stream) { return entry<PFN_cuMemsetD2D8_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemsetD2D8_v2_ptds : api::Fn::cuMemsetD2D8_v2); }
inline PFN_cuMemsetD32Async_v3020 cuMemsetD32Async(api::StreamFlavour stream) { return entry<PFN_cuMemsetD32Async_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemsetD32Async_ptsz : api::Fn::cuMemsetD32Async); }
inline PFN_cuMemsetD32_v3020 cuMemsetD32_v2(api::StreamFlavour stream) { return entry<PFN_cuMemsetD32_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemsetD32_v2_ptds : api::Fn::cuMemsetD32_v2); }
inline PFN_cuMemsetD8Async_v3020 cuMemsetD8Async(api::StreamFlavour stream) { return entry<PFN_cuMemsetD8Async_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemsetD8Async_ptsz : api::Fn::cuMemsetD8Async); }
inline PFN_cuMemsetD8_v3020 cuMemsetD8_v2(api::StreamFlavour stream) { return entry<PFN_cuMemsetD8_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuMemsetD8_v2_ptds : api::Fn::cuMemsetD8_v2); }
inline PFN_cuMipmappedArrayCreate_v5000 cuMipmappedArrayCreate() { return entry<PFN_cuMipmappedArrayCreate_v5000>(api::Fn::cuMipmappedArrayCreate); }
inline PFN_cuMipmappedArrayDestroy_v5000 cuMipmappedArrayDestroy() { return entry<PFN_cuMipmappedArrayDestroy_v5000>(api::Fn::cuMipmappedArrayDestroy); }
inline PFN_cuMipmappedArrayGetLevel_v5000 cuMipmappedArrayGetLevel() { return entry<PFN_cuMipmappedArrayGetLevel_v5000>(api::Fn::cuMipmappedArrayGetLevel); }
inline PFN_cuMipmappedArrayGetMemoryRequirements_v11060 cuMipmappedArrayGetMemoryRequirements() { return entry<PFN_cuMipmappedArrayGetMemoryRequirements_v11060>(api::Fn::cuMipmappedArrayGetMemoryRequirements); }
inline PFN_cuMipmappedArrayGetSparseProperties_v11010 cuMipmappedArrayGetSparseProperties() { return entry<PFN_cuMipmappedArrayGetSparseProperties_v11010>(api::Fn::cuMipmappedArrayGetSparseProperties); }
inline PFN_cuModuleEnumerateFunctions_v12040 cuModuleEnumerateFunctions() { return entry<PFN_cuModuleEnumerateFunctions_v12040>(api::Fn::cuModuleEnumerateFunctions); }
inline PFN_cuModuleGetFunction_v2000 cuModuleGetFunction() { return entry<PFN_cuModuleGetFunction_v2000>(api::Fn::cuModuleGetFunction); }
inline PFN_cuModuleGetFunctionCount_v12040 cuModuleGetFunctionCount() { return entry<PFN_cuModuleGetFunctionCount_v12040>(api::Fn::cuModuleGetFunctionCount); }
inline PFN_cuModuleGetGlobal_v3020 cuModuleGetGlobal_v2() { return entry<PFN_cuModuleGetGlobal_v3020>(api::Fn::cuModuleGetGlobal_v2); }
inline PFN_cuModuleGetLoadingMode_v11070 cuModuleGetLoadingMode() { return entry<PFN_cuModuleGetLoadingMode_v11070>(api::Fn::cuModuleGetLoadingMode); }
inline PFN_cuModuleGetSurfRef_v3000 cuModuleGetSurfRef() { return entry<PFN_cuModuleGetSurfRef_v3000>(api::Fn::cuModuleGetSurfRef); }
inline PFN_cuModuleGetTexRef_v2000 cuModuleGetTexRef() { return entry<PFN_cuModuleGetTexRef_v2000>(api::Fn::cuModuleGetTexRef); }
inline PFN_cuModuleLoad_v2000 cuModuleLoad() { return entry<PFN_cuModuleLoad_v2000>(api::Fn::cuModuleLoad); }
inline PFN_cuModuleLoadData_v2000 cuModuleLoadData() { return entry<PFN_cuModuleLoadData_v2000>(api::Fn::cuModuleLoadData); }
inline PFN_cuModuleLoadDataEx_v2010 cuModuleLoadDataEx() { return entry<PFN_cuModuleLoadDataEx_v2010>(api::Fn::cuModuleLoadDataEx); }
inline PFN_cuModuleLoadFatBinary_v2000 cuModuleLoadFatBinary() { return entry<PFN_cuModuleLoadFatBinary_v2000>(api::Fn::cuModuleLoadFatBinary); }
inline PFN_cuModuleUnload_v2000 cuModuleUnload() { return entry<PFN_cuModuleUnload_v2000>(api::Fn::cuModuleUnload); }
inline PFN_cuMulticastAddDevice_v12010 cuMulticastAddDevice() { return entry<PFN_cuMulticastAddDevice_v12010>(api::Fn::cuMulticastAddDevice); }
inline PFN_cuMulticastBindAddr_v12010 cuMulticastBindAddr() { return entry<PFN_cuMulticastBindAddr_v12010>(api::Fn::cuMulticastBindAddr); }
inline PFN_cuMulticastBindMem_v12010 cuMulticastBindMem() { return entry<PFN_cuMulticastBindMem_v12010>(api::Fn::cuMulticastBindMem); }
inline PFN_cuMulticastCreate_v12010 cuMulticastCreate() { return entry<PFN_cuMulticastCreate_v12010>(api::Fn::cuMulticastCreate); }
inline PFN_cuMulticastGetGranularity_v12010 cuMulticastGetGranularity() { return entry<PFN_cuMulticastGetGranularity_v12010>(api::Fn::cuMulticastGetGranularity); }
inline PFN_cuMulticastUnbind_v12010 cuMulticastUnbind() { return entry<PFN_cuMulticastUnbind_v12010>(api::Fn::cuMulticastUnbind); }
inline PFN_cuOccupancyAvailableDynamicSMemPerBlock_v10020 cuOccupancyAvailableDynamicSMemPerBlock() { return entry<PFN_cuOccupancyAvailableDynamicSMemPerBlock_v10020>(api::Fn::cuOccupancyAvailableDynamicSMemPerBlock); }
inline PFN_cuOccupancyMaxActiveBlocksPerMultiprocessor_v6050 cuOccupancyMaxActiveBlocksPerMultiprocessor() { return entry<PFN_cuOccupancyMaxActiveBlocksPerMultiprocessor_v6050>(api::Fn::cuOccupancyMaxActiveBlocksPerMultiprocessor); }
inline PFN_cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags_v7000 cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags() { return entry<PFN_cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags_v7000>(api::Fn::cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags); }
inline PFN_cuOccupancyMaxActiveClusters_v11070 cuOccupancyMaxActiveClusters() { return entry<PFN_cuOccupancyMaxActiveClusters_v11070>(api::Fn::cuOccupancyMaxActiveClusters); }
inline PFN_cuOccupancyMaxPotentialBlockSize_v6050 cuOccupancyMaxPotentialBlockSize() { return entry<PFN_cuOccupancyMaxPotentialBlockSize_v6050>(api::Fn::cuOccupancyMaxPotentialBlockSize); }
inline PFN_cuOccupancyMaxPotentialBlockSizeWithFlags_v7000 cuOccupancyMaxPotentialBlockSizeWithFlags() { return entry<PFN_cuOccupancyMaxPotentialBlockSizeWithFlags_v7000>(api::Fn::cuOccupancyMaxPotentialBlockSizeWithFlags); }
inline PFN_cuOccupancyMaxPotentialClusterSize_v11070 cuOccupancyMaxPotentialClusterSize() { return entry<PFN_cuOccupancyMaxPotentialClusterSize_v11070>(api::Fn::cuOccupancyMaxPotentialClusterSize); }
inline PFN_cuParamSetSize_v2000 cuParamSetSize() { return entry<PFN_cuParamSetSize_v2000>(api::Fn::cuParamSetSize); }
inline PFN_cuParamSetTexRef_v2000 cuParamSetTexRef() { return entry<PFN_cuParamSetTexRef_v2000>(api::Fn::cuParamSetTexRef); }
inline PFN_cuParamSetf_v2000 cuParamSetf() { return entry<PFN_cuParamSetf_v2000>(api::Fn::cuParamSetf); }
inline PFN_cuParamSeti_v2000 cuParamSeti() { return entry<PFN_cuParamSeti_v2000>(api::Fn::cuParamSeti); }
inline PFN_cuParamSetv_v2000 cuParamSetv() { return entry<PFN_cuParamSetv_v2000>(api::Fn::cuParamSetv); }
inline PFN_cuPointerGetAttribute_v4000 cuPointerGetAttribute() { return entry<PFN_cuPointerGetAttribute_v4000>(api::Fn::cuPointerGetAttribute); }
inline PFN_cuPointerGetAttributes_v7000 cuPointerGetAttributes() { return entry<PFN_cuPointerGetAttributes_v7000>(api::Fn::cuPointerGetAttributes); }
inline PFN_cuPointerSetAttribute_v6000 cuPointerSetAttribute() { return entry<PFN_cuPointerSetAttribute_v6000>(api::Fn::cuPointerSetAttribute); }
inline PFN_cuProfilerInitialize_v4000 cuProfilerInitialize() { return entry<PFN_cuProfilerInitialize_v4000>(api::Fn::cuProfilerInitialize); }
inline PFN_cuProfilerStart_v4000 cuProfilerStart() { return entry<PFN_cuProfilerStart_v4000>(api::Fn::cuProfilerStart); }
inline PFN_cuProfilerStop_v4000 cuProfilerStop() { return entry<PFN_cuProfilerStop_v4000>(api::Fn::cuProfilerStop); }
inline PFN_cuSignalExternalSemaphoresAsync_v10000 cuSignalExternalSemaphoresAsync(api::StreamFlavour stream) { return entry<PFN_cuSignalExternalSemaphoresAsync_v10000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuSignalExternalSemaphoresAsync_ptsz : api::Fn::cuSignalExternalSemaphoresAsync); }
inline PFN_cuStreamAddCallback_v5000 cuStreamAddCallback(api::StreamFlavour stream) { return entry<PFN_cuStreamAddCallback_v5000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamAddCallback_ptsz : api::Fn::cuStreamAddCallback); }
inline PFN_cuStreamAttachMemAsync_v6000 cuStreamAttachMemAsync(api::StreamFlavour stream) { return entry<PFN_cuStreamAttachMemAsync_v6000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamAttachMemAsync_ptsz : api::Fn::cuStreamAttachMemAsync); }
inline PFN_cuStreamBatchMemOp_v8000 cuStreamBatchMemOp_v1(api::StreamFlavour stream) { return entry<PFN_cuStreamBatchMemOp_v8000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamBatchMemOp_v1_ptsz : api::Fn::cuStreamBatchMemOp_v1); }
inline PFN_cuStreamBatchMemOp_v11070 cuStreamBatchMemOp_v2(api::StreamFlavour stream) { return entry<PFN_cuStreamBatchMemOp_v11070>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamBatchMemOp_v2_ptsz : api::Fn::cuStreamBatchMemOp_v2); }
inline PFN_cuStreamBeginCaptureToGraph_v12030 cuStreamBeginCaptureToGraph(api::StreamFlavour stream) { return entry<PFN_cuStreamBeginCaptureToGraph_v12030>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamBeginCaptureToGraph_ptsz : api::Fn::cuStreamBeginCaptureToGraph); }
inline PFN_cuStreamBeginCapture_v10010 cuStreamBeginCapture_v2(api::StreamFlavour stream) { return entry<PFN_cuStreamBeginCapture_v10010>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamBeginCapture_v2_ptsz : api::Fn::cuStreamBeginCapture_v2); }
inline PFN_cuStreamCopyAttributes_v11000 cuStreamCopyAttributes(api::StreamFlavour stream) { return entry<PFN_cuStreamCopyAttributes_v11000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamCopyAttributes_ptsz : api::Fn::cuStreamCopyAttributes); }
inline PFN_cuStreamCreate_v2000 cuStreamCreate() { return entry<PFN_cuStreamCreate_v2000>(api::Fn::cuStreamCreate); }
inline PFN_cuStreamCreateWithPriority_v5050 cuStreamCreateWithPriority() { return entry<PFN_cuStreamCreateWithPriority_v5050>(api::Fn::cuStreamCreateWithPriority); }
inline PFN_cuStreamDestroy_v4000 cuStreamDestroy_v2() { return entry<PFN_cuStreamDestroy_v4000>(api::Fn::cuStreamDestroy_v2); }
inline PFN_cuStreamEndCapture_v10000 cuStreamEndCapture(api::StreamFlavour stream) { return entry<PFN_cuStreamEndCapture_v10000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamEndCapture_ptsz : api::Fn::cuStreamEndCapture); }
inline PFN_cuStreamGetAttribute_v11000 cuStreamGetAttribute(api::StreamFlavour stream) { return entry<PFN_cuStreamGetAttribute_v11000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamGetAttribute_ptsz : api::Fn::cuStreamGetAttribute); }
inline PFN_cuStreamGetCaptureInfo_v10010 cuStreamGetCaptureInfo_v1(api::StreamFlavour stream) { return entry<PFN_cuStreamGetCaptureInfo_v10010>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamGetCaptureInfo_v1_ptsz : api::Fn::cuStreamGetCaptureInfo_v1); }
inline PFN_cuStreamGetCaptureInfo_v11030 cuStreamGetCaptureInfo_v2(api::StreamFlavour stream) { return entry<PFN_cuStreamGetCaptureInfo_v11030>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamGetCaptureInfo_v2_ptsz : api::Fn::cuStreamGetCaptureInfo_v2); }
inline PFN_cuStreamGetCaptureInfo_v12030 cuStreamGetCaptureInfo_v3(api::StreamFlavour stream) { return entry<PFN_cuStreamGetCaptureInfo_v12030>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamGetCaptureInfo_v3_ptsz : api::Fn::cuStreamGetCaptureInfo_v3); }
inline PFN_cuStreamGetCtx_v9020 cuStreamGetCtx_v1(api::StreamFlavour stream) { return entry<PFN_cuStreamGetCtx_v9020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamGetCtx_v1_ptsz : api::Fn::cuStreamGetCtx_v1); }
inline PFN_cuStreamGetCtx_v12050 cuStreamGetCtx_v2(api::StreamFlavour stream) { return entry<PFN_cuStreamGetCtx_v12050>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamGetCtx_v2_ptsz : api::Fn::cuStreamGetCtx_v2); }
inline PFN_cuStreamGetDevice_v12080 cuStreamGetDevice(api::StreamFlavour stream) { return entry<PFN_cuStreamGetDevice_v12080>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamGetDevice_ptsz : api::Fn::cuStreamGetDevice); }
inline PFN_cuStreamGetFlags_v5050 cuStreamGetFlags(api::StreamFlavour stream) { return entry<PFN_cuStreamGetFlags_v5050>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamGetFlags_ptsz : api::Fn::cuStreamGetFlags); }
inline PFN_cuStreamGetGreenCtx_v12040 cuStreamGetGreenCtx() { return entry<PFN_cuStreamGetGreenCtx_v12040>(api::Fn::cuStreamGetGreenCtx); }
inline PFN_cuStreamGetId_v12000 cuStreamGetId(api::StreamFlavour stream) { return entry<PFN_cuStreamGetId_v12000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamGetId_ptsz : api::Fn::cuStreamGetId); }
inline PFN_cuStreamGetPriority_v5050 cuStreamGetPriority(api::StreamFlavour stream) { return entry<PFN_cuStreamGetPriority_v5050>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamGetPriority_ptsz : api::Fn::cuStreamGetPriority); }
inline PFN_cuStreamIsCapturing_v10000 cuStreamIsCapturing(api::StreamFlavour stream) { return entry<PFN_cuStreamIsCapturing_v10000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamIsCapturing_ptsz : api::Fn::cuStreamIsCapturing); }
inline PFN_cuStreamQuery_v2000 cuStreamQuery(api::StreamFlavour stream) { return entry<PFN_cuStreamQuery_v2000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamQuery_ptsz : api::Fn::cuStreamQuery); }
inline PFN_cuStreamSetAttribute_v11000 cuStreamSetAttribute(api::StreamFlavour stream) { return entry<PFN_cuStreamSetAttribute_v11000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamSetAttribute_ptsz : api::Fn::cuStreamSetAttribute); }
inline PFN_cuStreamSynchronize_v2000 cuStreamSynchronize(api::StreamFlavour stream) { return entry<PFN_cuStreamSynchronize_v2000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamSynchronize_ptsz : api::Fn::cuStreamSynchronize); }
inline PFN_cuStreamUpdateCaptureDependencies_v11030 cuStreamUpdateCaptureDependencies_v1(api::StreamFlavour stream) { return entry<PFN_cuStreamUpdateCaptureDependencies_v11030>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamUpdateCaptureDependencies_v1_ptsz : api::Fn::cuStreamUpdateCaptureDependencies_v1); }
inline PFN_cuStreamUpdateCaptureDependencies_v12030 cuStreamUpdateCaptureDependencies_v2(api::StreamFlavour stream) { return entry<PFN_cuStreamUpdateCaptureDependencies_v12030>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamUpdateCaptureDependencies_v2_ptsz : api::Fn::cuStreamUpdateCaptureDependencies_v2); }
inline PFN_cuStreamWaitEvent_v3020 cuStreamWaitEvent(api::StreamFlavour stream) { return entry<PFN_cuStreamWaitEvent_v3020>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamWaitEvent_ptsz : api::Fn::cuStreamWaitEvent); }
inline PFN_cuStreamWaitValue32_v8000 cuStreamWaitValue32_v1(api::StreamFlavour stream) { return entry<PFN_cuStreamWaitValue32_v8000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamWaitValue32_v1_ptsz : api::Fn::cuStreamWaitValue32_v1); }
inline PFN_cuStreamWaitValue32_v11070 cuStreamWaitValue32_v2(api::StreamFlavour stream) { return entry<PFN_cuStreamWaitValue32_v11070>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamWaitValue32_v2_ptsz : api::Fn::cuStreamWaitValue32_v2); }
inline PFN_cuStreamWaitValue64_v9000 cuStreamWaitValue64_v1(api::StreamFlavour stream) { return entry<PFN_cuStreamWaitValue64_v9000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamWaitValue64_v1_ptsz : api::Fn::cuStreamWaitValue64_v1); }
inline PFN_cuStreamWaitValue64_v11070 cuStreamWaitValue64_v2(api::StreamFlavour stream) { return entry<PFN_cuStreamWaitValue64_v11070>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamWaitValue64_v2_ptsz : api::Fn::cuStreamWaitValue64_v2); }
inline PFN_cuStreamWriteValue32_v8000 cuStreamWriteValue32_v1(api::StreamFlavour stream) { return entry<PFN_cuStreamWriteValue32_v8000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamWriteValue32_v1_ptsz : api::Fn::cuStreamWriteValue32_v1); }
inline PFN_cuStreamWriteValue32_v11070 cuStreamWriteValue32_v2(api::StreamFlavour stream) { return entry<PFN_cuStreamWriteValue32_v11070>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamWriteValue32_v2_ptsz : api::Fn::cuStreamWriteValue32_v2); }
inline PFN_cuStreamWriteValue64_v9000 cuStreamWriteValue64_v1(api::StreamFlavour stream) { return entry<PFN_cuStreamWriteValue64_v9000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamWriteValue64_v1_ptsz : api::Fn::cuStreamWriteValue64_v1); }
inline PFN_cuStreamWriteValue64_v11070 cuStreamWriteValue64_v2(api::StreamFlavour stream) { return entry<PFN_cuStreamWriteValue64_v11070>(stream == api::StreamFlavour::per_thread ? api::Fn::cuStreamWriteValue64_v2_ptsz : api::Fn::cuStreamWriteValue64_v2); }
inline PFN_cuSurfObjectCreate_v5000 cuSurfObjectCreate() { return entry<PFN_cuSurfObjectCreate_v5000>(api::Fn::cuSurfObjectCreate); }
inline PFN_cuSurfObjectDestroy_v5000 cuSurfObjectDestroy() { return entry<PFN_cuSurfObjectDestroy_v5000>(api::Fn::cuSurfObjectDestroy); }
inline PFN_cuSurfObjectGetResourceDesc_v5000 cuSurfObjectGetResourceDesc() { return entry<PFN_cuSurfObjectGetResourceDesc_v5000>(api::Fn::cuSurfObjectGetResourceDesc); }
inline PFN_cuSurfRefGetArray_v3000 cuSurfRefGetArray() { return entry<PFN_cuSurfRefGetArray_v3000>(api::Fn::cuSurfRefGetArray); }
inline PFN_cuSurfRefSetArray_v3000 cuSurfRefSetArray() { return entry<PFN_cuSurfRefSetArray_v3000>(api::Fn::cuSurfRefSetArray); }
inline PFN_cuTensorMapEncodeIm2col_v12000 cuTensorMapEncodeIm2col() { return entry<PFN_cuTensorMapEncodeIm2col_v12000>(api::Fn::cuTensorMapEncodeIm2col); }
inline PFN_cuTensorMapEncodeIm2colWide_v12080 cuTensorMapEncodeIm2colWide() { return entry<PFN_cuTensorMapEncodeIm2colWide_v12080>(api::Fn::cuTensorMapEncodeIm2colWide); }
inline PFN_cuTensorMapEncodeTiled_v12000 cuTensorMapEncodeTiled() { return entry<PFN_cuTensorMapEncodeTiled_v12000>(api::Fn::cuTensorMapEncodeTiled); }
inline PFN_cuTensorMapReplaceAddress_v12000 cuTensorMapReplaceAddress() { return entry<PFN_cuTensorMapReplaceAddress_v12000>(api::Fn::cuTensorMapReplaceAddress); }
inline PFN_cuTexObjectCreate_v5000 cuTexObjectCreate() { return entry<PFN_cuTexObjectCreate_v5000>(api::Fn::cuTexObjectCreate); }
inline PFN_cuTexObjectDestroy_v5000 cuTexObjectDestroy() { return entry<PFN_cuTexObjectDestroy_v5000>(api::Fn::cuTexObjectDestroy); }
inline PFN_cuTexObjectGetResourceDesc_v5000 cuTexObjectGetResourceDesc() { return entry<PFN_cuTexObjectGetResourceDesc_v5000>(api::Fn::cuTexObjectGetResourceDesc); }
inline PFN_cuTexObjectGetResourceViewDesc_v5000 cuTexObjectGetResourceViewDesc() { return entry<PFN_cuTexObjectGetResourceViewDesc_v5000>(api::Fn::cuTexObjectGetResourceViewDesc); }
inline PFN_cuTexObjectGetTextureDesc_v5000 cuTexObjectGetTextureDesc() { return entry<PFN_cuTexObjectGetTextureDesc_v5000>(api::Fn::cuTexObjectGetTextureDesc); }
inline PFN_cuTexRefCreate_v2000 cuTexRefCreate() { return entry<PFN_cuTexRefCreate_v2000>(api::Fn::cuTexRefCreate); }
inline PFN_cuTexRefDestroy_v2000 cuTexRefDestroy() { return entry<PFN_cuTexRefDestroy_v2000>(api::Fn::cuTexRefDestroy); }
inline PFN_cuTexRefGetAddressMode_v2000 cuTexRefGetAddressMode() { return entry<PFN_cuTexRefGetAddressMode_v2000>(api::Fn::cuTexRefGetAddressMode); }
inline PFN_cuTexRefGetAddress_v3020 cuTexRefGetAddress_v2() { return entry<PFN_cuTexRefGetAddress_v3020>(api::Fn::cuTexRefGetAddress_v2); }
inline PFN_cuTexRefGetArray_v2000 cuTexRefGetArray() { return entry<PFN_cuTexRefGetArray_v2000>(api::Fn::cuTexRefGetArray); }
inline PFN_cuTexRefGetBorderColor_v8000 cuTexRefGetBorderColor() { return entry<PFN_cuTexRefGetBorderColor_v8000>(api::Fn::cuTexRefGetBorderColor); }
inline PFN_cuTexRefGetFilterMode_v2000 cuTexRefGetFilterMode() { return entry<PFN_cuTexRefGetFilterMode_v2000>(api::Fn::cuTexRefGetFilterMode); }
inline PFN_cuTexRefGetFlags_v2000 cuTexRefGetFlags() { return entry<PFN_cuTexRefGetFlags_v2000>(api::Fn::cuTexRefGetFlags); }
inline PFN_cuTexRefGetFormat_v2000 cuTexRefGetFormat() { return entry<PFN_cuTexRefGetFormat_v2000>(api::Fn::cuTexRefGetFormat); }
inline PFN_cuTexRefGetMaxAnisotropy_v5000 cuTexRefGetMaxAnisotropy() { return entry<PFN_cuTexRefGetMaxAnisotropy_v5000>(api::Fn::cuTexRefGetMaxAnisotropy); }
inline PFN_cuTexRefGetMipmapFilterMode_v5000 cuTexRefGetMipmapFilterMode() { return entry<PFN_cuTexRefGetMipmapFilterMode_v5000>(api::Fn::cuTexRefGetMipmapFilterMode); }
inline PFN_cuTexRefGetMipmapLevelBias_v5000 cuTexRefGetMipmapLevelBias() { return entry<PFN_cuTexRefGetMipmapLevelBias_v5000>(api::Fn::cuTexRefGetMipmapLevelBias); }
inline PFN_cuTexRefGetMipmapLevelClamp_v5000 cuTexRefGetMipmapLevelClamp() { return entry<PFN_cuTexRefGetMipmapLevelClamp_v5000>(api::Fn::cuTexRefGetMipmapLevelClamp); }
inline PFN_cuTexRefGetMipmappedArray_v5000 cuTexRefGetMipmappedArray() { return entry<PFN_cuTexRefGetMipmappedArray_v5000>(api::Fn::cuTexRefGetMipmappedArray); }
inline PFN_cuTexRefSetAddress2D_v4010 cuTexRefSetAddress2D_v3() { return entry<PFN_cuTexRefSetAddress2D_v4010>(api::Fn::cuTexRefSetAddress2D_v3); }
inline PFN_cuTexRefSetAddressMode_v2000 cuTexRefSetAddressMode() { return entry<PFN_cuTexRefSetAddressMode_v2000>(api::Fn::cuTexRefSetAddressMode); }
inline PFN_cuTexRefSetAddress_v3020 cuTexRefSetAddress_v2() { return entry<PFN_cuTexRefSetAddress_v3020>(api::Fn::cuTexRefSetAddress_v2); }
inline PFN_cuTexRefSetArray_v2000 cuTexRefSetArray() { return entry<PFN_cuTexRefSetArray_v2000>(api::Fn::cuTexRefSetArray); }
inline PFN_cuTexRefSetBorderColor_v8000 cuTexRefSetBorderColor() { return entry<PFN_cuTexRefSetBorderColor_v8000>(api::Fn::cuTexRefSetBorderColor); }
inline PFN_cuTexRefSetFilterMode_v2000 cuTexRefSetFilterMode() { return entry<PFN_cuTexRefSetFilterMode_v2000>(api::Fn::cuTexRefSetFilterMode); }
inline PFN_cuTexRefSetFlags_v2000 cuTexRefSetFlags() { return entry<PFN_cuTexRefSetFlags_v2000>(api::Fn::cuTexRefSetFlags); }
inline PFN_cuTexRefSetFormat_v2000 cuTexRefSetFormat() { return entry<PFN_cuTexRefSetFormat_v2000>(api::Fn::cuTexRefSetFormat); }
inline PFN_cuTexRefSetMaxAnisotropy_v5000 cuTexRefSetMaxAnisotropy() { return entry<PFN_cuTexRefSetMaxAnisotropy_v5000>(api::Fn::cuTexRefSetMaxAnisotropy); }
inline PFN_cuTexRefSetMipmapFilterMode_v5000 cuTexRefSetMipmapFilterMode() { return entry<PFN_cuTexRefSetMipmapFilterMode_v5000>(api::Fn::cuTexRefSetMipmapFilterMode); }
inline PFN_cuTexRefSetMipmapLevelBias_v5000 cuTexRefSetMipmapLevelBias() { return entry<PFN_cuTexRefSetMipmapLevelBias_v5000>(api::Fn::cuTexRefSetMipmapLevelBias); }
inline PFN_cuTexRefSetMipmapLevelClamp_v5000 cuTexRefSetMipmapLevelClamp() { return entry<PFN_cuTexRefSetMipmapLevelClamp_v5000>(api::Fn::cuTexRefSetMipmapLevelClamp); }
inline PFN_cuTexRefSetMipmappedArray_v5000 cuTexRefSetMipmappedArray() { return entry<PFN_cuTexRefSetMipmappedArray_v5000>(api::Fn::cuTexRefSetMipmappedArray); }
inline PFN_cuThreadExchangeStreamCaptureMode_v10010 cuThreadExchangeStreamCaptureMode() { return entry<PFN_cuThreadExchangeStreamCaptureMode_v10010>(api::Fn::cuThreadExchangeStreamCaptureMode); }
inline PFN_cuUserObjectCreate_v11030 cuUserObjectCreate() { return entry<PFN_cuUserObjectCreate_v11030>(api::Fn::cuUserObjectCreate); }
inline PFN_cuUserObjectRelease_v11030 cuUserObjectRelease() { return entry<PFN_cuUserObjectRelease_v11030>(api::Fn::cuUserObjectRelease); }
inline PFN_cuUserObjectRetain_v11030 cuUserObjectRetain() { return entry<PFN_cuUserObjectRetain_v11030>(api::Fn::cuUserObjectRetain); }
inline PFN_cuWaitExternalSemaphoresAsync_v10000 cuWaitExternalSemaphoresAsync(api::StreamFlavour stream) { return entry<PFN_cuWaitExternalSemaphoresAsync_v10000>(stream == api::StreamFlavour::per_thread ? api::Fn::cuWaitExternalSemaphoresAsync_ptsz : api::Fn::cuWaitExternalSemaphoresAsync); }

}  // namespace nonans::interpose::real
