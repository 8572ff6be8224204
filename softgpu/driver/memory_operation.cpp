// SPDX-License-Identifier: MIT
#include "driver/memory_operation.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
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

struct WordOperation {
  bool waits = false;
  unsigned bytes = 4;
  CUdeviceptr address = 0;
  uint64_t value = 0;
  unsigned condition = 0;
};

enum class Outcome { done, not_yet, no_memory };

template <typename T>
Outcome apply(const WordOperation& o, std::byte* at) {
  const std::atomic_ref<T> word(*reinterpret_cast<T*>(at));
  const T value = static_cast<T>(o.value);
  if (o.waits)
    return satisfied(word.load(std::memory_order_acquire), value, o.condition) ? Outcome::done
                                                                               : Outcome::not_yet;
  word.store(value, std::memory_order_release);
  return Outcome::done;
}

// The memory may have gone since the call, or since the last look: then the access faults, as that
// of a kernel would. What the look-up found stays until the end of this function and no longer: the
// guard keeps device memory, and the lock host memory, which its owner may unmap as soon as the
// driver has let go of it. Neither may be held from one look to the next. A wait can last for ever,
// and the calls that end it may need both.
Outcome attempt(const Context& context, const WordOperation& o) {
  const LaunchGuard guard(memory());
  const auto host_memory = memory().keep_host_memory();
  const engine::Range* const range = context.space.find(o.address);
  if (!range || o.bytes > range->size - (o.address - range->address)) return Outcome::no_memory;
  if (!o.waits && !range->writable) return Outcome::no_memory;
  std::byte* const at = range->host + (o.address - range->address);
  return o.bytes == 4 ? apply<uint32_t>(o, at) : apply<uint64_t>(o, at);
}

std::string missing(const WordOperation& o) {
  char text[192];
  std::snprintf(text, sizeof text,
                "a stream's %s of the %u-byte word at 0x%llx reached memory that is not there: "
                "freed, unmapped, not yet allocated in its stream, or without access",
                o.waits ? "wait for the value" : "write", o.bytes, o.address);
  return text;
}

// False when the context is broken, by this operation or meanwhile by another. A wait holds a
// worker thread. The word may be written by the host, which tells nobody: so it is polled, at 20 µs
// once it is clear that it takes long.
bool carry_out(Context& context, const WordOperation& o) {
  for (unsigned spins = 0;; ++spins) {
    switch (attempt(context, o)) {
      case Outcome::done:
        if (!o.waits) tell_written(o.address, o.bytes);
        return true;
      case Outcome::no_memory:
        context.break_with(CUDA_ERROR_ILLEGAL_ADDRESS, missing(o));
        return false;
      case Outcome::not_yet:
        break;
    }
    if (context.sticky() != CUDA_SUCCESS) return false;
    if (spins < 64)
      std::this_thread::yield();
    else
      std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
}

class Batch final : public StreamOperation {
 public:
  Batch(std::shared_ptr<Context> context, std::vector<WordOperation> operations)
      : StreamOperation(std::move(context)), operations_(std::move(operations)) {}

 private:
  void run(Context& context) override {
    for (const WordOperation& o : operations_)
      if (!carry_out(context, o)) return;
  }
  std::vector<WordOperation> operations_;
};

CUresult check_word(CUdeviceptr address, unsigned bytes) {
  if (address % bytes != 0) return CUDA_ERROR_INVALID_VALUE;
  Side side{.base = address};
  return locate(side, {bytes, 1, 1}, Accepts::device_pointer);
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
      o.address = p.waitValue.address;
      if (const CUresult r = check_word(o.address, o.bytes); r != CUDA_SUCCESS) return r;
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
      if (const CUresult r = check_word(o.address, o.bytes); r != CUDA_SUCCESS) return r;
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
