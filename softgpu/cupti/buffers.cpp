// SPDX-License-Identifier: MIT
#include "cupti/buffers.hpp"

#include <csignal>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace softgpu::cupti {
namespace {

// The delivery thread wakes when this much is queued.
constexpr size_t kWakeAt = size_t{64} << 10;

struct Buffers {
  // The queue. Its lock is held for a copy and no longer.
  std::mutex queue_mutex;
  std::condition_variable filled;
  std::vector<std::byte> queue;
  bool thread_runs = false;
  std::chrono::milliseconds period{0};  // 0: no regular flush

  // Delivery, by one thread at a time: records keep their order.
  std::mutex delivery_mutex;
  CUpti_BuffersCallbackRequestFunc request = nullptr;
  CUpti_BuffersCallbackCompleteFunc complete = nullptr;
  uint8_t* buffer = nullptr;
  size_t size = 0, used = 0, records = 0, most_records = 0;

  std::atomic<size_t> dropped{0};
};

Buffers& buffers() {
  static Buffers* const instance = new Buffers;
  return *instance;
}

// True on a thread that is in one of the client's functions: it may call cuptiActivityFlushAll,
// which has nothing to add to the delivery that is under way.
thread_local bool t_delivering = false;

// All of these under delivery_mutex.
void hand_over(Buffers& b) {
  if (!b.buffer) return;
  uint8_t* const full = b.buffer;
  b.buffer = nullptr;
  b.complete(nullptr, 0, full, b.size, b.used);
}

bool make_room(Buffers& b, size_t bytes) {
  if (b.buffer && (b.size - b.used < bytes || (b.most_records > 0 && b.records == b.most_records)))
    hand_over(b);
  if (b.buffer) return true;
  uint8_t* buffer = nullptr;
  size_t size = 0, most = 0;
  b.request(&buffer, &size, &most);
  if (!buffer) return false;
  b.buffer = buffer;
  b.size = size;
  b.most_records = most;
  b.used = b.records = 0;
  return size >= bytes;
}

void deliver(Buffers& b, const std::vector<std::byte>& records) {
  for (size_t at = 0; at < records.size();) {
    CUpti_ActivityKind kind{};
    std::memcpy(&kind, &records[at], sizeof kind);
    const size_t bytes = size_of(kind);
    if (make_room(b, bytes)) {
      std::memcpy(b.buffer + b.used, &records[at], bytes);
      b.used += bytes;
      ++b.records;
    } else {
      b.dropped.fetch_add(1, std::memory_order_relaxed);
    }
    at += bytes;
  }
}

void deliver_queued(Buffers& b, bool partial_too) {
  t_delivering = true;
  {
    const std::lock_guard lock(b.delivery_mutex);
    std::vector<std::byte> records;
    {
      const std::lock_guard queue(b.queue_mutex);
      records.swap(b.queue);
    }
    if (b.request) {
      deliver(b, records);
      if (partial_too) hand_over(b);
    }
  }
  t_delivering = false;
}

void work(Buffers& b) {
  std::unique_lock lock(b.queue_mutex);
  for (;;) {
    const auto enough = [&] { return b.queue.size() >= kWakeAt; };
    if (b.period.count() > 0)
      b.filled.wait_for(lock, b.period, enough);
    else
      b.filled.wait(lock, [&] { return enough() || b.period.count() > 0; });
    if (b.queue.empty()) continue;
    lock.unlock();
    deliver_queued(b, false);
    lock.lock();
  }
}

// False if there can be none. The program's signals are not for this thread.
bool start_thread(Buffers& b) {
  const std::lock_guard lock(b.queue_mutex);
  if (b.thread_runs) return true;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread(work, std::ref(b)).detach();
    b.thread_runs = true;
  } catch (const std::system_error&) {  // the limit of threads
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return b.thread_runs;
}

}  // namespace

void append_bytes(const void* record, size_t size) noexcept {
  Buffers& b = buffers();
  const std::lock_guard lock(b.queue_mutex);
  if (!b.thread_runs) {  // no callbacks: nobody will ever take it
    b.dropped.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const auto* const bytes = static_cast<const std::byte*>(record);
  try {
    b.queue.insert(b.queue.end(), bytes, bytes + size);
  } catch (...) {
    b.dropped.fetch_add(1, std::memory_order_relaxed);
  }
  if (b.queue.size() >= kWakeAt) b.filled.notify_one();
}

size_t size_of(CUpti_ActivityKind kind) {
  switch (kind) {
    case CUPTI_ACTIVITY_KIND_MEMCPY:
      return sizeof(CUpti_ActivityMemcpy6);
    case CUPTI_ACTIVITY_KIND_MEMSET:
      return sizeof(CUpti_ActivityMemset4);
    case CUPTI_ACTIVITY_KIND_KERNEL:
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
      return sizeof(CUpti_ActivityKernel10);
    case CUPTI_ACTIVITY_KIND_DRIVER:
      return sizeof(CUpti_ActivityAPI);
    case CUPTI_ACTIVITY_KIND_CONTEXT:
      return sizeof(CUpti_ActivityContext3);
    case CUPTI_ACTIVITY_KIND_STREAM:
      return sizeof(CUpti_ActivityStream);
    case CUPTI_ACTIVITY_KIND_FUNCTION:
      return sizeof(CUpti_ActivityFunction);
    case CUPTI_ACTIVITY_KIND_MEMORY2:
      return sizeof(CUpti_ActivityMemory4);
    case CUPTI_ACTIVITY_KIND_SYNCHRONIZATION:
      return sizeof(CUpti_ActivitySynchronization2);
    case CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION:
      return sizeof(CUpti_ActivityExternalCorrelation);
    default:
      return 0;
  }
}

CUptiResult flush() {
  Buffers& b = buffers();
  if (t_delivering) return CUPTI_SUCCESS;
  {
    const std::lock_guard lock(b.delivery_mutex);
    if (!b.request) return CUPTI_ERROR_INVALID_OPERATION;
  }
  deliver_queued(b, true);
  return CUPTI_SUCCESS;
}

}  // namespace softgpu::cupti

using namespace softgpu::cupti;

CUptiResult cuptiActivityRegisterCallbacks(CUpti_BuffersCallbackRequestFunc request,
                                           CUpti_BuffersCallbackCompleteFunc complete) {
  if (!request || !complete) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  Buffers& b = buffers();
  {
    const std::lock_guard lock(b.delivery_mutex);
    if (b.request) hand_over(b);  // to the functions that gave it out
    b.request = request;
    b.complete = complete;
  }
  return answer(start_thread(b) ? CUPTI_SUCCESS : CUPTI_ERROR_OUT_OF_MEMORY);
}

CUptiResult cuptiActivityFlushAll(uint32_t) {
  return answer(flush());
}

// Context and stream are ignored, as documented.
CUptiResult cuptiActivityFlush(CUcontext, uint32_t, uint32_t) {
  return answer(flush());
}

CUptiResult cuptiActivityFlushPeriod(uint32_t milliseconds) {
  Buffers& b = buffers();
  const std::lock_guard lock(b.queue_mutex);
  b.period = std::chrono::milliseconds(milliseconds);
  b.filled.notify_one();
  return answer(CUPTI_SUCCESS);
}

CUptiResult cuptiActivityGetNumDroppedRecords(CUcontext, uint32_t, size_t* dropped) {
  if (!dropped) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  *dropped = buffers().dropped.exchange(0);
  return answer(CUPTI_SUCCESS);
}

CUptiResult cuptiActivityGetNextRecord(uint8_t* buffer, size_t valid, CUpti_Activity** record) {
  if (!buffer || !record) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  size_t at = 0;
  if (*record) {
    const auto* const last = reinterpret_cast<const uint8_t*>(*record);
    if (last < buffer || last >= buffer + valid) return answer(CUPTI_ERROR_INVALID_PARAMETER);
    const size_t bytes = size_of((*record)->kind);
    if (bytes == 0) return answer(CUPTI_ERROR_INVALID_KIND);
    at = static_cast<size_t>(last - buffer) + bytes;
  }
  if (at >= valid) return CUPTI_ERROR_MAX_LIMIT_REACHED;
  CUpti_ActivityKind kind{};
  if (valid - at < sizeof kind) return answer(CUPTI_ERROR_INVALID_KIND);
  std::memcpy(&kind, buffer + at, sizeof kind);
  const size_t bytes = size_of(kind);
  if (bytes == 0 || bytes > valid - at) return answer(CUPTI_ERROR_INVALID_KIND);
  *record = reinterpret_cast<CUpti_Activity*>(buffer + at);
  return answer(CUPTI_SUCCESS);
}
