// SPDX-License-Identifier: MIT
// The client's side of the activity API: buffers handed out and read back.
//
//   Records records;                                   // registers the buffer callbacks
//   records.enable(CUPTI_ACTIVITY_KIND_MEMCPY);
//   …
//   const auto copies = records.take<CUpti_ActivityMemcpy6>(CUPTI_ACTIVITY_KIND_MEMCPY);
#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

#include "fixture.hpp"

class Records {
 public:
  size_t buffer_bytes = 1 << 16, most_records = 0;  // of the buffers to come
  bool decline = false;                             // no buffer, please
  std::atomic<size_t> buffers{0};                   // that came back
  size_t largest = 0;                               // most records in one

  Records() {
    driver_symbol("cuInit");
    current() = this;
    REQUIRE(cuptiActivityRegisterCallbacks(requested, completed) == CUPTI_SUCCESS);
    size_t dropped = 0;
    REQUIRE(cuptiActivityGetNumDroppedRecords(nullptr, 0, &dropped) == CUPTI_SUCCESS);
  }
  ~Records() {
    for (const CUpti_ActivityKind kind : enabled_) cuptiActivityDisable(kind);
    cuptiActivityDisable(CUPTI_ACTIVITY_KIND_DRIVER);
    cuptiActivityFlushAll(0);
    const std::lock_guard lock(mutex_);
    current() = nullptr;
  }
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;

  void enable(CUpti_ActivityKind kind) {
    REQUIRE(cuptiActivityEnable(kind) == CUPTI_SUCCESS);
    enabled_.push_back(kind);
  }
  void flush() { REQUIRE(cuptiActivityFlushAll(0) == CUPTI_SUCCESS); }
  size_t dropped() {
    size_t n = 0;
    REQUIRE(cuptiActivityGetNumDroppedRecords(nullptr, 0, &n) == CUPTI_SUCCESS);
    return n;
  }
  // Flushes; the records of a kind so far, in the order in which they came.
  template <typename Record>
  std::vector<Record> take(CUpti_ActivityKind kind) {
    flush();
    const std::lock_guard lock(mutex_);
    std::vector<Record> out;
    for (const std::string& bytes : records_[kind]) {
      Record r;
      std::copy_n(bytes.data(), sizeof r, reinterpret_cast<char*>(&r));
      out.push_back(r);
    }
    records_[kind].clear();
    return out;
  }

 private:
  static Records*& current() {
    static Records* records = nullptr;
    return records;
  }
  static void CUPTIAPI requested(uint8_t** buffer, size_t* size, size_t* most) {
    Records* const self = current();
    *buffer = nullptr;
    *size = *most = 0;
    if (!self || self->decline) return;
    *size = self->buffer_bytes;
    *most = self->most_records;
    *buffer = static_cast<uint8_t*>(std::aligned_alloc(8, (*size + 7) / 8 * 8));
  }
  static void CUPTIAPI completed(CUcontext, uint32_t, uint8_t* buffer, size_t, size_t valid) {
    Records* const self = current();
    if (self) self->read(buffer, valid);
    std::free(buffer);
  }
  void read(uint8_t* buffer, size_t valid) {
    const std::lock_guard lock(mutex_);
    ++buffers;
    size_t count = 0;
    CUpti_Activity* record = nullptr;
    std::vector<CUpti_Activity*> starts;
    CUptiResult result = CUPTI_SUCCESS;
    while ((result = cuptiActivityGetNextRecord(buffer, valid, &record)) == CUPTI_SUCCESS) {
      starts.push_back(record);
      ++count;
    }
    whole_ = whole_ && result == CUPTI_ERROR_MAX_LIMIT_REACHED;
    for (size_t i = 0; i < starts.size(); ++i) {
      const auto* const from = reinterpret_cast<const char*>(starts[i]);
      const char* const to = i + 1 < starts.size() ? reinterpret_cast<const char*>(starts[i + 1])
                                                   : reinterpret_cast<const char*>(buffer) + valid;
      records_[starts[i]->kind].emplace_back(from, to);
    }
    largest = std::max(largest, count);
  }

 public:
  // Every buffer could be read to its very end.
  bool whole() const { return whole_; }

 private:
  std::mutex mutex_;
  std::vector<CUpti_ActivityKind> enabled_;
  std::map<CUpti_ActivityKind, std::vector<std::string>> records_;
  bool whole_ = true;
};
