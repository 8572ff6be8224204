// SPDX-License-Identifier: MIT
// Events: a point in a stream, and when it was reached.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "driver/stream.hpp"

namespace softgpu::driver {

class SharedEvent;

// The operation that cuEventRecord puts on a stream. A broken context still completes it, without a
// time.
class RecordOperation final : public StreamOperation {
 public:
  // `shared`: the event is one of several processes, which are told as well.
  explicit RecordOperation(std::shared_ptr<Context> context,
                           std::shared_ptr<SharedEvent> shared = nullptr);
  // On the clock that the device keeps; for differences only.
  int64_t nanoseconds() const { return at_.load(std::memory_order_acquire); }

 private:
  void run(Context&) override;
  void skipped(Context&) override;
  std::atomic<int64_t> at_{0};
  std::shared_ptr<SharedEvent> shared_;
  uint64_t number_ = 0;  // of the record, in shared_
};

struct CapturedRecord;

struct Event {
  CUevent handle = nullptr;
  std::shared_ptr<Context> context;
  unsigned flags = 0;

  // The latest cuEventRecord; nullptr if there was none.
  std::shared_ptr<RecordOperation> recorded() const {
    const std::lock_guard lock(mutex);
    return record;
  }
  mutable std::mutex mutex;
  std::shared_ptr<RecordOperation> record;

  // Of an event with CU_EVENT_INTERPROCESS: what all processes know of it (ipc/shared_event.hpp).
  std::shared_ptr<SharedEvent> shared;

  // If the latest record was in a capture; under the graph lock.
  std::shared_ptr<CapturedRecord> captured;
};
using EventPtr = std::shared_ptr<Event>;

using EventTable = HandleTable<Event, CUevent, HandleKind::event>;
EventTable& events();
void destroy_events_of(const Context& context);

}  // namespace softgpu::driver
