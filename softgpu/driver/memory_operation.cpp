// SPDX-License-Identifier: MIT
// cuStreamWaitValue*, cuStreamWriteValue*: a stream that waits for, or sets, a word of memory.
#include <atomic>
#include <chrono>
#include <thread>

#include "driver/copy.hpp"
#include "driver/entry.hpp"

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

template <typename T>
class WaitValue final : public StreamOperation {
 public:
  WaitValue(std::shared_ptr<Context> context, T* at, T value, unsigned condition)
      : StreamOperation(std::move(context)), at_(at), value_(value), condition_(condition) {}

 private:
  // Holds a worker thread while it waits. The word may be written by the host, which tells nobody:
  // so it is polled, at 20 µs once it is clear that it takes long. A broken context ends the wait.
  void run(Context& context) override {
    const std::atomic_ref<T> word(*at_);
    for (unsigned spins = 0; !satisfied(word.load(std::memory_order_acquire), value_, condition_);
         ++spins) {
      if (context.sticky() != CUDA_SUCCESS) return;
      if (spins < 64)
        std::this_thread::yield();
      else
        std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
  }
  T* at_;
  T value_;
  unsigned condition_;
};

template <typename T>
class WriteValue final : public StreamOperation {
 public:
  WriteValue(std::shared_ptr<Context> context, T* at, T value)
      : StreamOperation(std::move(context)), at_(at), value_(value) {}

 private:
  void run(Context&) override { std::atomic_ref<T>(*at_).store(value_, std::memory_order_release); }
  T* at_;
  T value_;
};

template <typename T>
CUresult find_word(CUdeviceptr address, T*& out) {
  if (address % sizeof(T) != 0) return CUDA_ERROR_INVALID_VALUE;
  Side side{.base = address};
  if (const CUresult r = locate(side, {sizeof(T), 1, 1}, Accepts::device_pointer);
      r != CUDA_SUCCESS)
    return r;
  out = reinterpret_cast<T*>(side.host);
  return CUDA_SUCCESS;
}

template <DefaultStream V, typename T>
CUresult wait_value(CUstream handle, CUdeviceptr address, T value, unsigned flags) {
  return with_stream(handle, V, [&](Context& context, const StreamPtr& stream) -> CUresult {
    constexpr unsigned kFlush = CU_STREAM_WAIT_VALUE_FLUSH;
    if ((flags & ~(kFlush | 3u)) != 0) return CUDA_ERROR_INVALID_VALUE;
    if ((flags & kFlush) != 0) return CUDA_ERROR_NOT_SUPPORTED;  // CAN_FLUSH_REMOTE_WRITES is 0
    T* word = nullptr;
    if (const CUresult r = find_word(address, word); r != CUDA_SUCCESS) return r;
    enqueue(stream,
            std::make_shared<WaitValue<T>>(context.shared_from_this(), word, value, flags & 3u));
    return CUDA_SUCCESS;
  });
}

template <DefaultStream V, typename T>
CUresult write_value(CUstream handle, CUdeviceptr address, T value, unsigned flags) {
  return with_stream(handle, V, [&](Context& context, const StreamPtr& stream) -> CUresult {
    if ((flags & ~static_cast<unsigned>(CU_STREAM_WRITE_VALUE_NO_MEMORY_BARRIER)) != 0)
      return CUDA_ERROR_INVALID_VALUE;
    T* word = nullptr;
    if (const CUresult r = find_word(address, word); r != CUDA_SUCCESS) return r;
    enqueue(stream, std::make_shared<WriteValue<T>>(context.shared_from_this(), word, value),
            Run::here_if_ready);
    return CUDA_SUCCESS;
  });
}

template <DefaultStream V>
CUresult batch(CUstream handle, unsigned count, CUstreamBatchMemOpParams* params, unsigned flags) {
  if (!params || count == 0 || count > 256 || flags != 0) return CUDA_ERROR_INVALID_VALUE;
  for (unsigned i = 0; i < count; ++i) {
    const CUstreamBatchMemOpParams& p = params[i];
    CUresult r = CUDA_SUCCESS;
    switch (p.operation) {
      case CU_STREAM_MEM_OP_WAIT_VALUE_32:
        r = wait_value<V, uint32_t>(handle, p.waitValue.address, p.waitValue.value,
                                    p.waitValue.flags);
        break;
      case CU_STREAM_MEM_OP_WAIT_VALUE_64:
        r = wait_value<V, uint64_t>(handle, p.waitValue.address, p.waitValue.value64,
                                    p.waitValue.flags);
        break;
      case CU_STREAM_MEM_OP_WRITE_VALUE_32:
        r = write_value<V, uint32_t>(handle, p.writeValue.address, p.writeValue.value,
                                     p.writeValue.flags);
        break;
      case CU_STREAM_MEM_OP_WRITE_VALUE_64:
        r = write_value<V, uint64_t>(handle, p.writeValue.address, p.writeValue.value64,
                                     p.writeValue.flags);
        break;
      case CU_STREAM_MEM_OP_BARRIER:
        break;  // operations of a stream are ordered already
      case CU_STREAM_MEM_OP_FLUSH_REMOTE_WRITES:
        r = CUDA_ERROR_NOT_SUPPORTED;
        break;
      default:
        r = CUDA_ERROR_INVALID_VALUE;
    }
    if (r != CUDA_SUCCESS) return r;
  }
  return CUDA_SUCCESS;
}

constexpr auto kLegacy = DefaultStream::legacy;
constexpr auto kPerThread = DefaultStream::per_thread;

}  // namespace
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
