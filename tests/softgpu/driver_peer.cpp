// SPDX-License-Identifier: MIT
// The second process of driver_ipc.cpp: does what it is asked on descriptor 3, with a context and a
// stream of its own.
#define __CUDA_API_VERSION_INTERNAL
#include <cuda.h>
#include <dlfcn.h>

#include "softgpu/driver_kernels.hpp"
#include "softgpu/peer_protocol.hpp"

namespace {

void* g_library = nullptr;
#define CU(name) (reinterpret_cast<decltype(&::name)>(dlsym(g_library, #name)))

CUstream g_stream = nullptr;
CUfunction g_fill = nullptr;

CUresult start() {
  CUcontext context = nullptr;
  CUmodule module = nullptr;
  CUresult r = CU(cuInit)(0);
  if (r == CUDA_SUCCESS) r = CU(cuCtxCreate_v2)(&context, 0, 0);
  if (r == CUDA_SUCCESS) r = CU(cuStreamCreate)(&g_stream, CU_STREAM_NON_BLOCKING);
  if (r == CUDA_SUCCESS) r = CU(cuModuleLoadData)(&module, ptx::kFill.c_str());
  if (r == CUDA_SUCCESS) r = CU(cuModuleGetFunction)(&g_fill, module, "fill");
  return r;
}

CUresult fill(CUdeviceptr p, unsigned value) {
  unsigned count = 4;
  void* arguments[] = {&p, &value, &count};
  const CUresult r = CU(cuLaunchKernel)(g_fill, 1, 1, 1, 32, 1, 1, 0, g_stream, arguments, nullptr);
  return r == CUDA_SUCCESS ? CU(cuStreamSynchronize)(g_stream) : r;
}

CUresult import_memory(int fd, size_t size, uint64_t& out) {
  CUmemGenericAllocationHandle handle = 0;
  CUmemAccessDesc access{};
  access.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  access.flags = CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
  CUdeviceptr p = 0;
  CUresult r = CU(cuMemImportFromShareableHandle)(
      &handle, reinterpret_cast<void*>(static_cast<intptr_t>(fd)),
      CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR);
  if (r == CUDA_SUCCESS) r = CU(cuMemAddressReserve)(&p, size, 0, 0, 0);
  if (r == CUDA_SUCCESS) r = CU(cuMemMap)(p, size, 0, handle, 0);
  if (r == CUDA_SUCCESS) r = CU(cuMemRelease)(handle);
  if (r == CUDA_SUCCESS) r = CU(cuMemSetAccess)(p, size, &access, 1);
  out = p;
  return r;
}

CUresult answer(peer::Request& q, int fd, uint64_t& value) {
  using peer::Ask;
  const auto event = reinterpret_cast<CUevent>(q.a);
  const auto pool = reinterpret_cast<CUmemoryPool>(q.a);
  CUdeviceptr p = 0;
  CUresult r = CUDA_SUCCESS;
  switch (q.ask) {
    case Ask::open_memory: {
      CUipcMemHandle handle;
      std::memcpy(&handle, q.data, sizeof handle);
      r = CU(cuIpcOpenMemHandle_v2)(&p, handle, static_cast<unsigned>(q.a));
      value = p;
      return r;
    }
    case Ask::close_memory:
      return CU(cuIpcCloseMemHandle)(q.a);
    case Ask::read: {
      unsigned word = 0;
      r = CU(cuMemcpyDtoH_v2)(&word, q.a, sizeof word);
      value = word;
      return r;
    }
    case Ask::fill:
      return fill(q.a, static_cast<unsigned>(q.b));
    case Ask::open_event: {
      CUipcEventHandle handle;
      CUevent opened = nullptr;
      std::memcpy(&handle, q.data, sizeof handle);
      r = CU(cuIpcOpenEventHandle)(&opened, handle);
      value = reinterpret_cast<uint64_t>(opened);
      return r;
    }
    case Ask::record_event:
      return CU(cuEventRecord)(event, g_stream);
    case Ask::wait_event:
      return CU(cuStreamWaitEvent)(g_stream, event, 0);
    case Ask::query_event:
      return CU(cuEventQuery)(event);
    case Ask::wait_for_event:
      return CU(cuEventSynchronize)(event);
    case Ask::query_stream:
      return CU(cuStreamQuery)(g_stream);
    case Ask::wait_for_stream:
      return CU(cuStreamSynchronize)(g_stream);
    case Ask::wait_for_word:
      return CU(cuStreamWaitValue32_v2)(g_stream, q.a, static_cast<unsigned>(q.b),
                                        CU_STREAM_WAIT_VALUE_EQ);
    case Ask::import_memory:
      return import_memory(fd, q.a, value);
    case Ask::import_pool: {
      CUmemoryPool imported = nullptr;
      r = CU(cuMemPoolImportFromShareableHandle)(&imported,
                                                 reinterpret_cast<void*>(static_cast<intptr_t>(fd)),
                                                 CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0);
      value = reinterpret_cast<uint64_t>(imported);
      return r;
    }
    case Ask::import_pointer: {
      CUmemPoolPtrExportData data;
      std::memcpy(&data, q.data, sizeof data);
      r = CU(cuMemPoolImportPointer)(&p, pool, &data);
      value = p;
      return r;
    }
    case Ask::allocate:
      r = CU(cuMemAllocFromPoolAsync)(&p, 64, pool, g_stream);
      value = p;
      return r;
    case Ask::free:
      return CU(cuMemFree_v2)(q.a);
    case Ask::free_async:
      r = CU(cuMemFreeAsync)(q.a, g_stream);
      return r == CUDA_SUCCESS ? CU(cuStreamSynchronize)(g_stream) : r;
    case Ask::second_context: {
      CUcontext context = nullptr;
      return CU(cuCtxCreate_v2)(&context, 0, 0);
    }
    case Ask::leave:
      break;
  }
  return CUDA_SUCCESS;
}

}  // namespace

int main() {
  g_library = dlopen(SOFTGPU_CUDA_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (!g_library || start() != CUDA_SUCCESS) return 1;
  peer::Request request;
  for (int fd = -1; peer::receive(3, request, fd) && request.ask != peer::Ask::leave;) {
    peer::Answer reply;
    reply.result = answer(request, fd, reply.value);
    if (fd >= 0) close(fd);
    if (write(3, &reply, sizeof reply) != sizeof reply) return 2;
  }
  return 0;
}
