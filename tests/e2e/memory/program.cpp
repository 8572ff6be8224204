// SPDX-License-Identifier: MIT
// A CUDA program that squares numbers which are too large into memory of one kind, and prints what
// is there.
//
//   memory_program IMAGE KIND
#include <cstring>
#include <string>

#include "../launch/setting.hpp"

namespace {

constexpr size_t kBytes = 2 << 20;

CUmemGenericAllocationHandle create(CUmemAllocationHandleType type = CU_MEM_HANDLE_TYPE_NONE) {
  CUmemAllocationProp properties = {};
  properties.type = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.location = {CU_MEM_LOCATION_TYPE_DEVICE, {0}};
  properties.requestedHandleTypes = type;
  CUmemGenericAllocationHandle handle;
  check(cu(cuMemCreate)(&handle, kBytes, &properties, 0), "cuMemCreate");
  return handle;
}

CUdeviceptr map(CUmemGenericAllocationHandle handle) {
  CUdeviceptr at = 0;
  check(cu(cuMemAddressReserve)(&at, kBytes, 0, 0, 0), "cuMemAddressReserve");
  check(cu(cuMemMap)(at, kBytes, 0, handle, 0), "cuMemMap");
  return at;
}

void allow(CUdeviceptr at, int device) {
  const CUmemAccessDesc who = {{CU_MEM_LOCATION_TYPE_DEVICE, {device}},
                               CU_MEM_ACCESS_FLAGS_PROT_READWRITE};
  check(cu(cuMemSetAccess)(at, kBytes, &who, 1), "cuMemSetAccess");
}

CUdeviceptr alloc() {
  CUdeviceptr at = 0;
  check(cu(cuMemAlloc)(&at, kBytes), "cuMemAlloc");
  return at;
}

CUdeviceptr memory_of(const std::string& kind, const Setting& setting) {
  if (kind == "plain") return alloc();
  if (kind.rfind("mapped", 0) == 0) {
    const bool exported = kind == "mapped-exported";
    const auto handle =
        create(exported ? CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR : CU_MEM_HANDLE_TYPE_NONE);
    const CUdeviceptr at = map(handle);
    allow(at, 0);
    if (kind == "mapped-peer") allow(at, 1);
    if (kind == "mapped-twice") allow(map(handle), 0);
    int fd = -1;
    if (exported)
      check(cu(cuMemExportToShareableHandle)(&fd, handle, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR,
                                             0),
            "cuMemExportToShareableHandle");
    return at;
  }
  const CUdeviceptr at = alloc();
  if (kind == "ipc") {
    CUipcMemHandle handle;
    check(cu(cuIpcGetMemHandle)(&handle, at), "cuIpcGetMemHandle");
  } else {  // "peer": the other device's kernels may reach everything of this context
    CUcontext other;
    check(cu(cuDevicePrimaryCtxRetain)(&other, 1), "cuDevicePrimaryCtxRetain");
    check(cu(cuCtxSetCurrent)(other), "cuCtxSetCurrent");
    check(cu(cuCtxEnablePeerAccess)(setting.context(), 0), "cuCtxEnablePeerAccess");
    check(cu(cuCtxSetCurrent)(setting.context()), "cuCtxSetCurrent");
  }
  return at;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const Setting setting(argv[1]);
  const CUdeviceptr out = memory_of(argv[2], setting);
  const Buffer<float> in(some_too_large());
  launch_square(setting.function("square"), out, in.address());
  synchronize();
  std::vector<float> values(kN);
  check(cu(cuMemcpyDtoH)(values.data(), out, kN * sizeof(float)), "cuMemcpyDtoH");
  print("out", values);
  return 0;
}
