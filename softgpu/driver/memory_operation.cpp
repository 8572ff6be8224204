// SPDX-License-Identifier: MIT
#include "driver/memory_operation.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include "driver/capture/capture.hpp"
#include "driver/copy.hpp"
#include "driver/entry.hpp"
#include "driver/watch.hpp"

namespace softgpu::driver {
namespace {

template <typename T>
bool satisfied(T now, T value, unsigned condition) {
  switch (condition) {
    case CU_STREAM_WAIT_VALUE_GEQ:
      return static_cast<std::make_signed_t<T>>(now - value) >= 0;
    case CU_STREAM_WAIT_VALUE_EQ:
      return now == value;
    case CU_STREAM_WAIT_VALUE_AND:
      return (now & value) != 0;
    default:
      return static_cast<T>(~(now | value)) != 0;
  }
}

// Holds a worker thread while it waits. The word may be written by the host, which tells nobody: so
// it is polled, at 20 µs once it is clear that it takes long. A broken context ends the wait.
template <typename T>
void wait_for(const Context& context, void* at, T value, unsigned condition) {
  const std::atomic_ref<T> word(*static_cast<T*>(at));
  for (unsigned spins = 0; !satisfied(word.load(std::memory_order_acquire), value, condition);
       ++spins) {
    if (context.sticky() != CUDA_SUCCESS) return;
    if (spins < 64)
      std::this_thread::yield();
    else
      std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
}

struct WordOperation {
  bool waits = false;
  unsigned bytes = 4;
  CUdeviceptr address = 0;
  void* word = nullptr;
  uint64_t value = 0;
  unsigned condition = 0;
};

class Batch final : public StreamOperation {
 public:
  Batch(std::shared_ptr<Context> context, std::vector<WordOperation> operations)
      : StreamOperation(std::move(context)), operations_(std::move(operations)) {}

 private:
  void run(Context& context) override {
    for (const WordOperation& o : operations_) {
      if (o.waits && o.bytes == 4)
        wait_for(context, o.word, static_cast<uint32_t>(o.value), o.condition);
      else if (o.waits)
        wait_for(context, o.word, o.value, o.condition);
      else if (o.bytes == 4)
        std::atomic_ref(*static_cast<uint32_t*>(o.word))
            .store(static_cast<uint32_t>(o.value), std::memory_order_release);
      else
        std::atomic_ref(*static_cast<uint64_t*>(o.word)).store(o.value, std::memory_order_release);
      if (!o.waits) tell_written(o.address, o.bytes);
    }
  }
  std::vector<WordOperation> operations_;
};

CUresult find_word(CUdeviceptr address, unsigned bytes, void*& out) {
  if (address % bytes != 0) return CUDA_ERROR_INVALID_VALUE;
  Side side{.base = address};
  if (const CUresult r = locate(side, {bytes, 1, 1}, Accepts::device_pointer); r != CUDA_SUCCESS)
    return r;
  out = side.host;
  return CUDA_SUCCESS;
}

CUresult read(const CUstreamBatchMemOpParams& p, std::vector<WordOperation>& out) {
  WordOperation o;
  switch (p.operation) {
    case CU_STREAM_MEM_OP_WAIT_VALUE_32:
    case CU_STREAM_MEM_OP_WAIT_VALUE_64: {
      constexpr unsigned kFlush = CU_STREAM_WAIT_VALUE_FLUSH;
      o.waits = true;
      o.bytes = p.operation == CU_STREAM_MEM_OP_WAIT_VALUE_32 ? 4 : 8;
      o.value = o.bytes == 4 ? p.waitValue.value : p.waitValue.value64;
      o.condition = p.waitValue.flags & 3u;
      if ((p.waitValue.flags & ~(kFlush | 3u)) != 0) return CUDA_ERROR_INVALID_VALUE;
      // CAN_FLUSH_REMOTE_WRITES is 0
      if ((p.waitValue.flags & kFlush) != 0) return CUDA_ERROR_NOT_SUPPORTED;
      if (const CUresult r = find_word(p.waitValue.address, o.bytes, o.word); r != CUDA_SUCCESS)
        return r;
      break;
    }
    case CU_STREAM_MEM_OP_WRITE_VALUE_32:
    case CU_STREAM_MEM_OP_WRITE_VALUE_64:
      o.bytes = p.operation == CU_STREAM_MEM_OP_WRITE_VALUE_32 ? 4 : 8;
      o.address = p.writeValue.address;
      o.value = o.bytes == 4 ? p.writeValue.value : p.writeValue.value64;
      if ((p.writeValue.flags & ~static_cast<unsigned>(CU_STREAM_WRITE_VALUE_NO_MEMORY_BARRIER)) !=
          0)
        return CUDA_ERROR_INVALID_VALUE;
      if (const CUresult r = find_word(p.writeValue.address, o.bytes, o.word); r != CUDA_SUCCESS)
        return r;
      break;
    case CU_STREAM_MEM_OP_BARRIER:
      return CUDA_SUCCESS;  // operations of a stream are ordered already
    case CU_STREAM_MEM_OP_FLUSH_REMOTE_WRITES:
      return CUDA_ERROR_NOT_SUPPORTED;
    default:
      return CUDA_ERROR_INVALID_VALUE;
  }
  out.push_back(o);
  return CUDA_SUCCESS;
}

template <DefaultStream V>
CUresult enqueue_batch(CUstream handle, std::span<const CUstreamBatchMemOpParams> operations,
                       Run run) {
  return with_stream(handle, V, [&](Context& context, const StreamPtr& stream) -> CUresult {
    OperationPtr operation;
    const CUresult r = make_batch(context.shared_from_this(), operations, operation);
    if (r != CUDA_SUCCESS) return r;
    const auto node = captured(stream, [&](Graph&, Work& work) {
      work = BatchWork{stream->context, {operations.begin(), operations.end()}, 0};
      return CUDA_SUCCESS;
    });
    if (node) return *node;
    enqueue(stream, operation, run);
    return CUDA_SUCCESS;
  });
}

template <DefaultStream V, typename T>
CUresult wait_value(CUstream handle, CUdeviceptr address, T value, unsigned flags) {
  CUstreamBatchMemOpParams p{};
  p.waitValue.operation =
      sizeof(T) == 4 ? CU_STREAM_MEM_OP_WAIT_VALUE_32 : CU_STREAM_MEM_OP_WAIT_VALUE_64;
  p.waitValue.address = address;
  p.waitValue.value64 = value;
  p.waitValue.flags = flags;
  return enqueue_batch<V>(handle, {&p, 1}, Run::later);
}

template <DefaultStream V, typename T>
CUresult write_value(CUstream handle, CUdeviceptr address, T value, unsigned flags) {
  CUstreamBatchMemOpParams p{};
  p.writeValue.operation =
      sizeof(T) == 4 ? CU_STREAM_MEM_OP_WRITE_VALUE_32 : CU_STREAM_MEM_OP_WRITE_VALUE_64;
  p.writeValue.address = address;
  p.writeValue.value64 = value;
  p.writeValue.flags = flags;
  return enqueue_batch<V>(handle, {&p, 1}, Run::here_if_ready);
}

template <DefaultStream V>
CUresult batch(CUstream handle, unsigned count, CUstreamBatchMemOpParams* params, unsigned flags) {
  if (!params || count == 0 || count > 256 || flags != 0) return CUDA_ERROR_INVALID_VALUE;
  return enqueue_batch<V>(handle, {params, count}, Run::later);
}

constexpr auto kLegacy = DefaultStream::legacy;
constexpr auto kPerThread = DefaultStream::per_thread;

}  // namespace

CUresult make_batch(const std::shared_ptr<Context>& context,
                    std::span<const CUstreamBatchMemOpParams> operations, OperationPtr& out) {
  std::vector<WordOperation> found;
  for (const CUstreamBatchMemOpParams& p : operations)
    if (const CUresult r = read(p, found); r != CUDA_SUCCESS) return r;
  out = std::make_shared<Batch>(context, std::move(found));
  return CUDA_SUCCESS;
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuStreamWaitValue32_v2(CUstream s, CUdeviceptr a, cuuint32_t v, unsigned int f) {
  return wait_value<kLegacy, uint32_t>(s, a, v, f);
}
CUresult cuStreamWaitValue32_v2_ptsz(CUstream s, CUdeviceptr a, cuuint32_t v, unsigned int f) {
  return wait_value<kPerThread, uint32_t>(s, a, v, f);
}
CUresult cuStreamWaitValue64_v2(CUstream s, CUdeviceptr a, cuuint64_t v, unsigned int f) {
  return wait_value<kLegacy, uint64_t>(s, a, v, f);
}
CUresult cuStreamWaitValue64_v2_ptsz(CUstream s, CUdeviceptr a, cuuint64_t v, unsigned int f) {
  return wait_value<kPerThread, uint64_t>(s, a, v, f);
}
CUresult cuStreamWriteValue32_v2(CUstream s, CUdeviceptr a, cuuint32_t v, unsigned int f) {
  return write_value<kLegacy, uint32_t>(s, a, v, f);
}
CUresult cuStreamWriteValue32_v2_ptsz(CUstream s, CUdeviceptr a, cuuint32_t v, unsigned int f) {
  return write_value<kPerThread, uint32_t>(s, a, v, f);
}
CUresult cuStreamWriteValue64_v2(CUstream s, CUdeviceptr a, cuuint64_t v, unsigned int f) {
  return write_value<kLegacy, uint64_t>(s, a, v, f);
}
CUresult cuStreamWriteValue64_v2_ptsz(CUstream s, CUdeviceptr a, cuuint64_t v, unsigned int f) {
  return write_value<kPerThread, uint64_t>(s, a, v, f);
}
CUresult cuStreamBatchMemOp_v2(CUstream s, unsigned int n, CUstreamBatchMemOpParams* p,
                               unsigned int f) {
  return batch<kLegacy>(s, n, p, f);
}
CUresult cuStreamBatchMemOp_v2_ptsz(CUstream s, unsigned int n, CUstreamBatchMemOpParams* p,
                                    unsigned int f) {
  return batch<kPerThread>(s, n, p, f);
}
