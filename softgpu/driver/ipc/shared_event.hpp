// SPDX-License-Identifier: MIT
// An event that several processes record and wait for (CU_EVENT_INTERPROCESS).
//
//   const uint64_t n = event.begin_record();     // cuEventRecord, in any process
//   event.end_record(n);                         // its stream got there
//   const uint64_t n = event.latest();           // cuStreamWaitEvent, cuEventQuery, …
//   event.reached(n);
//
// A page of shared memory: how many records there were, and for each of the last ones whether its
// stream has reached it. Nobody is woken by another process, so waiting is looking again every
// 20 µs; a wait that is older than kKept records finds its place taken by a newer one that is done,
// and ends then at the latest. When a process dies before its stream gets there, waits for that
// record do not end.
#pragma once

#include <atomic>
#include <memory>

#include "driver/stream.hpp"
#include "driver/vmm/shared_file.hpp"

namespace softgpu::driver {

class SharedEvent : public std::enable_shared_from_this<SharedEvent> {
 public:
  static std::shared_ptr<SharedEvent> make();                 // nullptr: no memory
  static std::shared_ptr<SharedEvent> open(SharedFile file);  // nullptr: not an event's
  ~SharedEvent();
  SharedEvent(const SharedEvent&) = delete;
  SharedEvent& operator=(const SharedEvent&) = delete;

  uint64_t begin_record() { return page_->records.fetch_add(1) + 1; }
  void end_record(uint64_t number);
  uint64_t latest() const { return page_->records.load(); }  // 0: never recorded
  bool reached(uint64_t number) const;
  // Also ends when the context is broken.
  void wait(const Context& context, uint64_t number) const;
  OperationPtr make_wait(const std::shared_ptr<Context>& context);

  const SharedFile& file() const { return file_; }

 private:
  SharedEvent() = default;
  static constexpr uint64_t kKept = 256;
  struct Page {
    std::atomic<uint64_t> records;
    std::atomic<uint64_t> done[kKept];  // by number % kKept: the highest number that is done
  };
  static_assert(sizeof(Page) <= 4096 && std::atomic<uint64_t>::is_always_lock_free);

  static std::shared_ptr<SharedEvent> map(SharedFile file);
  SharedFile file_;
  Page* page_ = nullptr;
};

}  // namespace softgpu::driver
