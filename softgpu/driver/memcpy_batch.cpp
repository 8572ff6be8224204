// SPDX-License-Identifier: MIT
// Many one-dimensional copies in one call. They may run in any order, so one after the other is
// right. What matters is when a source is read, which attributes say for each copy: in stream
// order, before the call returns, or at any time.
#include "driver/capture/capture.hpp"
#include "driver/copy.hpp"
#include "driver/entry.hpp"

namespace softgpu::driver {
namespace {

struct BatchOfCopies {
  const CUdeviceptr *to = nullptr, *from = nullptr;
  const size_t* sizes = nullptr;
  size_t count = 0;
  const CUmemcpyAttributes* attributes = nullptr;
  const size_t* first = nullptr;  // of the copies that each of the attributes is for
  size_t attribute_count = 0;
};

bool known(const CUmemcpyAttributes& a) {
  if ((a.flags & ~static_cast<unsigned>(CU_MEMCPY_FLAG_PREFER_OVERLAP_WITH_COMPUTE)) != 0)
    return false;
  return a.srcAccessOrder == CU_MEMCPY_SRC_ACCESS_ORDER_STREAM ||
         a.srcAccessOrder == CU_MEMCPY_SRC_ACCESS_ORDER_DURING_API_CALL ||
         a.srcAccessOrder == CU_MEMCPY_SRC_ACCESS_ORDER_ANY;
}

bool well_formed(const BatchOfCopies& b) {
  if (!b.to || !b.from || !b.sizes || b.count == 0) return false;
  if (!b.attributes || !b.first || b.attribute_count == 0 || b.attribute_count > b.count)
    return false;
  if (b.first[0] != 0 || b.first[b.attribute_count - 1] >= b.count) return false;
  for (size_t k = 0; k < b.attribute_count; ++k)
    if (!known(b.attributes[k]) || (k > 0 && b.first[k] <= b.first[k - 1])) return false;
  return true;
}

struct Located {
  Side to, from;
  Extent extent;
  HostWaits waits = HostWaits::async;
};

// copy() reads a pageable source before it returns and every other one in stream order.
void obey(CUmemcpySrcAccessOrder order, Located& c) {
  if (order == CU_MEMCPY_SRC_ACCESS_ORDER_STREAM && c.from.pageable) c.waits = HostWaits::sync;
  if (order != CU_MEMCPY_SRC_ACCESS_ORDER_DURING_API_CALL) return;
  if (c.from.device)
    c.waits = HostWaits::sync;
  else
    c.from.pageable = true;
}

// Nothing is copied unless all of it can be. `failed` is the first copy that cannot.
template <DefaultStream V>
CUresult copy_all(const BatchOfCopies& batch, CUstream handle, size_t& failed) {
  return with_stream(handle, V, [&](Context&, const StreamPtr& stream) -> CUresult {
    if (stream->is_legacy || !well_formed(batch)) return CUDA_ERROR_INVALID_VALUE;
    if (const CUresult r = refuse_as_node(stream); r != CUDA_SUCCESS) return r;
    std::vector<Located> copies(batch.count);
    size_t k = 0;
    for (size_t i = 0; i < batch.count; ++i) {
      if (k + 1 < batch.attribute_count && batch.first[k + 1] == i) ++k;
      Located& c = copies[i];
      c.to.base = batch.to[i];
      c.from.base = batch.from[i];
      c.extent.width = batch.sizes[i];
      CUresult r = locate(c.to, c.extent, Accepts::any);
      if (r == CUDA_SUCCESS) r = locate(c.from, c.extent, Accepts::any);
      if (r != CUDA_SUCCESS) {
        failed = i;
        return r;
      }
      obey(batch.attributes[k].srcAccessOrder, c);
    }
    for (const Located& c : copies)
      if (const CUresult r = copy(stream, c.to, c.from, c.extent, c.waits); r != CUDA_SUCCESS)
        return r;
    return CUDA_SUCCESS;
  });
}

template <DefaultStream V>
CUresult copy_all_and_tell(const BatchOfCopies& batch, CUstream stream, size_t* failed) {
  size_t which = SIZE_MAX;  // the failure is of no single copy
  const CUresult r = copy_all<V>(batch, stream, which);
  if (failed && r != CUDA_SUCCESS) *failed = which;
  return r;
}

template <DefaultStream V>
CUresult copy_all_silently(const BatchOfCopies& batch, CUstream stream) {
  size_t which = 0;
  return copy_all<V>(batch, stream, which);
}

constexpr auto kLegacy = DefaultStream::legacy;
constexpr auto kPerThread = DefaultStream::per_thread;

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

// softgpu-partial: refused while its stream captures
CUresult cuMemcpyBatchAsync(CUdeviceptr* to, CUdeviceptr* from, size_t* sizes, size_t count,
                            CUmemcpyAttributes* attributes, size_t* first, size_t attribute_count,
                            size_t* failed, CUstream s) {
  return copy_all_and_tell<kLegacy>({to, from, sizes, count, attributes, first, attribute_count}, s,
                                    failed);
}
CUresult cuMemcpyBatchAsync_ptsz(CUdeviceptr* to, CUdeviceptr* from, size_t* sizes, size_t count,
                                 CUmemcpyAttributes* attributes, size_t* first,
                                 size_t attribute_count, size_t* failed, CUstream s) {
  return copy_all_and_tell<kPerThread>({to, from, sizes, count, attributes, first, attribute_count},
                                       s, failed);
}
CUresult cuMemcpyBatchAsync_v2(CUdeviceptr* to, CUdeviceptr* from, size_t* sizes, size_t count,
                               CUmemcpyAttributes* attributes, size_t* first,
                               size_t attribute_count, CUstream s) {
  return copy_all_silently<kLegacy>({to, from, sizes, count, attributes, first, attribute_count},
                                    s);
}
CUresult cuMemcpyBatchAsync_v2_ptsz(CUdeviceptr* to, CUdeviceptr* from, size_t* sizes, size_t count,
                                    CUmemcpyAttributes* attributes, size_t* first,
                                    size_t attribute_count, CUstream s) {
  return copy_all_silently<kPerThread>({to, from, sizes, count, attributes, first, attribute_count},
                                       s);
}
