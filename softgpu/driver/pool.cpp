// SPDX-License-Identifier: MIT
#include "driver/pool.hpp"

#include <algorithm>

#include "driver/capture/capture.hpp"
#include "driver/driver_state.hpp"
#include "driver/entry.hpp"
#include "driver/graph/memory_nodes.hpp"
#include "driver/ipc/opened_memory.hpp"
#include "driver/managed_variables.hpp"
#include "driver/memory.hpp"

namespace softgpu::driver {

PoolTable& pools() {
  static PoolTable* const table = new PoolTable;
  return *table;
}

namespace {

class ShowOperation final : public StreamOperation {
 public:
  ShowOperation(std::shared_ptr<Context> context, const Allocation* allocation)
      : StreamOperation(std::move(context)), allocation_(allocation) {}

 private:
  void run(Context&) override { memory().show(allocation_); }
  const Allocation* allocation_;
};

class HideOperation final : public StreamOperation {
 public:
  HideOperation(std::shared_ptr<Context> context, std::unique_ptr<Allocation> allocation)
      : StreamOperation(std::move(context)), allocation_(std::move(allocation)) {}

 private:
  void run(Context&) override { memory().hide(std::move(allocation_)); }
  void skipped(Context& context) override { run(context); }
  std::unique_ptr<Allocation> allocation_;
};

// A free block of the pool that may be used from here on in `stream`.
bool take_block(Pool& pool, const Stream& stream, uint64_t footprint, Pool::Block& out) {
  const auto fits = [&](const Pool::Block& b) {
    return b.footprint == footprint && b.context_id == stream.context->id &&
           (b.stream_id == stream.id || (pool.reuse_opportunistic && b.freed->done()));
  };
  // The latest first: a loop that allocates and frees sees the same address each time.
  const auto it = std::find_if(pool.free_blocks.rbegin(), pool.free_blocks.rend(), fits);
  if (it == pool.free_blocks.rend()) return false;
  out = *it;
  pool.free_blocks.erase(std::next(it).base());
  return true;
}

}  // namespace

void trim(Pool& pool, uint64_t keep) {
  const std::lock_guard lock(pool.mutex);
  for (auto it = pool.free_blocks.begin(); it != pool.free_blocks.end() && pool.reserved > keep;) {
    if (!it->freed->done()) {
      ++it;
      continue;
    }
    memory().give_back_span(it->address, it->size, pool.device);
    pool.reserved -= it->footprint;
    it = pool.free_blocks.erase(it);
  }
}

namespace {

CUresult allocate(CUdeviceptr* out, size_t size, const PoolPtr& pool, const StreamPtr& stream) {
  if (!out || size == 0) return CUDA_ERROR_INVALID_VALUE;
  const auto node = captured(stream, [&](Graph& graph, Work& work) {
    CUDA_MEM_ALLOC_NODE_PARAMS params{};
    params.poolProps.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
    params.poolProps.location = {CU_MEM_LOCATION_TYPE_DEVICE, pool->device};
    params.bytesize = size;
    const CUresult r = alloc_work(&params, graph, stream->context, work.emplace<AllocWork>());
    if (r == CUDA_SUCCESS) *out = params.dptr;
    return r;
  });
  if (node) return *node;
  const uint64_t footprint = AddressWindow::footprint(size);
  const std::lock_guard lock(pool->mutex);
  const Allocation* made = nullptr;
  Pool::Block block;
  if (take_block(*pool, *stream, footprint, block)) {
    made =
        memory().place_on_span(*stream->context, block.address, size, pool->device, pool->access);
  } else {
    if (pool->max_size != 0 && pool->reserved + footprint > pool->max_size)
      return CUDA_ERROR_OUT_OF_MEMORY;
    made = memory().allocate_device(*stream->context, size, MemoryKind::pooled, false, pool->device,
                                    pool->access);
    if (!made) return CUDA_ERROR_OUT_OF_MEMORY;
    pool->reserved += footprint;
    pool->reserved_high = std::max(pool->reserved_high, pool->reserved);
  }
  pool->used += footprint;
  pool->used_high = std::max(pool->used_high, pool->used);
  *out = made->address;
  auto show = std::make_shared<ShowOperation>(stream->context, made);
  memory().set_pool(made->address, pool, show);
  enqueue(stream, show, Run::here_if_ready);
  return CUDA_SUCCESS;
}

CUresult free_in_order(CUdeviceptr address, const StreamPtr& stream) {
  std::unique_ptr<Allocation> a = memory().detach(address);
  if (!a) return CUDA_ERROR_INVALID_VALUE;
  const PoolPtr pool = a->pool;
  const OperationPtr shown = a->shown;
  Pool::Block block{a->address, a->size, a->footprint, a->context_id, stream->id, nullptr};
  block.freed = std::make_shared<HideOperation>(stream->context, std::move(a));
  enqueue(stream, block.freed, Run::here_if_ready, {&shown, 1});
  const std::lock_guard lock(pool->mutex);
  pool->used -= block.footprint;
  pool->free_blocks.push_back(std::move(block));
  return CUDA_SUCCESS;
}

// Memory that was imported from another process's pool.
class CloseOperation final : public StreamOperation {
 public:
  CloseOperation(std::shared_ptr<Context> context, CUdeviceptr address)
      : StreamOperation(std::move(context)), address_(address) {}

 private:
  void run(Context&) override { close_memory(address_, Opened::from_pool); }
  void skipped(Context& context) override { run(context); }
  CUdeviceptr address_;
};

CUresult close_in_order(CUdeviceptr address, const StreamPtr& stream) {
  if (!is_opened(address, Opened::from_pool)) return CUDA_ERROR_INVALID_VALUE;
  enqueue(stream, std::make_shared<CloseOperation>(stream->context, address), Run::here_if_ready);
  return CUDA_SUCCESS;
}

template <DefaultStream V>
CUresult alloc_async(CUdeviceptr* out, size_t size, CUstream handle) {
  return with_stream(handle, V, [&](Context& context, const StreamPtr& stream) {
    return allocate(out, size, device_pool(context.device), stream);
  });
}

template <DefaultStream V>
CUresult alloc_from_pool(CUdeviceptr* out, size_t size, CUmemoryPool pool_handle, CUstream handle) {
  return with_stream(handle, V, [&](Context&, const StreamPtr& stream) -> CUresult {
    const PoolPtr pool = pools().find(pool_handle);
    if (!pool) return CUDA_ERROR_INVALID_HANDLE;
    return pool->imported ? CUDA_ERROR_INVALID_VALUE : allocate(out, size, pool, stream);
  });
}

template <DefaultStream V>
CUresult free_async(CUdeviceptr address, CUstream handle) {
  return with_stream(handle, V, [&](Context& context, const StreamPtr& stream) -> CUresult {
    if (address == 0) return CUDA_SUCCESS;
    const auto node = captured(stream, [&](Graph& graph, Work& work) {
      return free_work(address, graph, work.emplace<FreeWork>());
    });
    if (node) return *node;
    const auto found = memory().find(address);
    if (!found || found->address != address || is_managed_variable(*found))
      return CUDA_ERROR_INVALID_VALUE;
    if (found->kind == MemoryKind::pooled) return free_in_order(address, stream);
    if (found->kind == MemoryKind::graph) return free_graph_memory(address, stream);
    if (found->kind == MemoryKind::mapped) return close_in_order(address, stream);
    if (found->kind != MemoryKind::device && found->kind != MemoryKind::managed)
      return CUDA_ERROR_INVALID_VALUE;
    // cuMemAlloc'd memory may be given too; it is freed like cuMemFree does, after all work.
    if (const CUresult r = context.synchronize(); r != CUDA_SUCCESS) return r;
    const bool gone = memory().release(address, [](MemoryKind kind) {
      return kind == MemoryKind::device || kind == MemoryKind::managed;
    });
    return gone ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}

constexpr auto kLegacy = DefaultStream::legacy;
constexpr auto kPerThread = DefaultStream::per_thread;

}  // namespace

CurrentPool& current_pool(int device) {
  static CurrentPool* const current = new CurrentPool[kMostDevices];
  return current[device];
}

PoolPtr device_pool(int device) {
  CurrentPool& current = current_pool(device);
  const std::lock_guard lock(current.mutex);
  return current.pool ? current.pool : default_pool(device);
}

PoolPtr make_pool(int device) {
  auto pool = std::make_shared<Pool>();
  pool->device = device;
  pool->access = std::make_shared<DeviceAccess>(device);
  pool->handle = pools().insert(pool);
  return pool;
}

PoolPtr default_pool(int device) {
  static const std::vector<PoolPtr>* const all = [] {
    auto* const made = new std::vector<PoolPtr>;
    for (int d = 0; d < device_count(); ++d) {
      made->push_back(make_pool(d));
      made->back()->is_default = true;
    }
    return made;
  }();
  return (*all)[static_cast<size_t>(device)];
}

void trim_pools() {
  for (const PoolPtr& pool : pools().all()) {
    uint64_t keep = 0;
    {
      const std::lock_guard lock(pool->mutex);
      if (pool->free_blocks.empty()) continue;
      keep = pool->release_threshold;
    }
    trim(*pool, keep);
  }
}

void release_pooled_memory_of(const Context& context, const std::vector<Memory::Pooled>& held) {
  for (const Memory::Pooled& h : held) {
    const std::lock_guard lock(h.pool->mutex);
    h.pool->used -= h.footprint;
    h.pool->reserved -= h.footprint;
  }
  for (const PoolPtr& pool : pools().all()) {
    const std::lock_guard lock(pool->mutex);
    for (auto it = pool->free_blocks.begin(); it != pool->free_blocks.end();) {
      if (it->context_id != context.id) {
        ++it;
        continue;
      }
      memory().give_back_span(it->address, it->size, pool->device);
      pool->reserved -= it->footprint;
      it = pool->free_blocks.erase(it);
    }
  }
}

bool free_pooled_now(uint64_t address) {
  std::unique_ptr<Allocation> a = memory().detach(address);
  if (!a) return false;
  const PoolPtr pool = a->pool;
  const uint64_t footprint = a->footprint, size = a->size;
  memory().hide(std::move(a));
  memory().give_back_span(address, size, pool->device);
  const std::lock_guard lock(pool->mutex);
  pool->used -= footprint;
  pool->reserved -= footprint;
  return true;
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuMemAllocAsync(CUdeviceptr* out, size_t size, CUstream s) {
  return alloc_async<kLegacy>(out, size, s);
}
CUresult cuMemAllocAsync_ptsz(CUdeviceptr* out, size_t size, CUstream s) {
  return alloc_async<kPerThread>(out, size, s);
}
CUresult cuMemAllocFromPoolAsync(CUdeviceptr* out, size_t size, CUmemoryPool pool, CUstream s) {
  return alloc_from_pool<kLegacy>(out, size, pool, s);
}
CUresult cuMemAllocFromPoolAsync_ptsz(CUdeviceptr* out, size_t size, CUmemoryPool pool,
                                      CUstream s) {
  return alloc_from_pool<kPerThread>(out, size, pool, s);
}
CUresult cuMemFreeAsync(CUdeviceptr address, CUstream s) {
  return free_async<kLegacy>(address, s);
}
CUresult cuMemFreeAsync_ptsz(CUdeviceptr address, CUstream s) {
  return free_async<kPerThread>(address, s);
}
