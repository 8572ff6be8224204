// SPDX-License-Identifier: MIT
// Pools that other processes import. The descriptor of a pool carries only its name: each of its
// allocations is shared by itself, when it is exported.
#include <cstring>

#include "driver/entry.hpp"
#include "driver/ipc/opened_memory.hpp"
#include "driver/pool.hpp"

namespace softgpu::driver {
namespace {

struct PoolPointer {
  RemoteMemory memory;
  uint64_t pool;  // the first half of the pool's name
};
static_assert(sizeof(PoolPointer) <= sizeof(CUmemPoolPtrExportData));

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

// softgpu-partial: file descriptors only
CUresult cuMemPoolExportToShareableHandle(void* out, CUmemoryPool handle,
                                          CUmemAllocationHandleType type,
                                          unsigned long long flags) {
  return entry([&]() -> CUresult {
    const PoolPtr pool = pools().find(handle);
    if (!out || flags != 0 || !pool) return CUDA_ERROR_INVALID_VALUE;
    if (type != CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR) return CUDA_ERROR_NOT_SUPPORTED;
    if (!pool->shared.ok() || pool->imported) return CUDA_ERROR_INVALID_VALUE;
    const int fd = pool->shared.duplicate();
    if (fd < 0) return CUDA_ERROR_OUT_OF_MEMORY;
    *static_cast<int*>(out) = fd;
    return CUDA_SUCCESS;
  });
}

// softgpu-partial: file descriptors only
CUresult cuMemPoolImportFromShareableHandle(CUmemoryPool* out, void* handle,
                                            CUmemAllocationHandleType type,
                                            unsigned long long flags) {
  return entry([&]() -> CUresult {
    if (!out || flags != 0) return CUDA_ERROR_INVALID_VALUE;
    if (type != CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR) return CUDA_ERROR_NOT_SUPPORTED;
    auto file = SharedFile::open(static_cast<int>(reinterpret_cast<intptr_t>(handle)));
    if (!file || file->trailer().kind != SharedKind::pool) return CUDA_ERROR_INVALID_VALUE;
    const PoolPtr pool = make_pool(0);
    pool->shared = std::move(*file);
    pool->imported = true;
    *out = pool->handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuMemPoolExportPointer(CUmemPoolPtrExportData* out, CUdeviceptr address) {
  return entry([&]() -> CUresult {
    const auto found = memory().find(address);
    if (!out || !found || found->kind != MemoryKind::pooled || found->address != address)
      return CUDA_ERROR_INVALID_VALUE;
    if (!found->pool || !found->pool->shared.ok()) return CUDA_ERROR_INVALID_VALUE;
    PoolPointer data{};
    data.pool = found->pool->shared.trailer().id[0];
    if (!name_memory(*found, data.memory)) return CUDA_ERROR_OUT_OF_MEMORY;
    std::memset(out, 0, sizeof *out);
    std::memcpy(out, &data, sizeof data);
    return CUDA_SUCCESS;
  });
}

CUresult cuMemPoolImportPointer(CUdeviceptr* out, CUmemoryPool handle,
                                CUmemPoolPtrExportData* data) {
  return with_context([&](Context& context) -> CUresult {
    const PoolPtr pool = pools().find(handle);
    if (!out || !data || !pool || !pool->imported) return CUDA_ERROR_INVALID_VALUE;
    PoolPointer pointer{};
    std::memcpy(&pointer, data, sizeof pointer);
    if (pointer.pool != pool->shared.trailer().id[0]) return CUDA_ERROR_INVALID_VALUE;
    return open_memory(pointer.memory, context, Opened::from_pool, *out);
  });
}
