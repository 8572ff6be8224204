// SPDX-License-Identifier: MIT
#include "events/ring.hpp"

#include <cstring>

namespace nonans::events {
namespace {

constexpr uint64_t kRecords = NN_RING_RECORDS;

uint64_t sequence_of(const nn_record& record) {
  return __atomic_load_n(&record.sequence, __ATOMIC_ACQUIRE);
}

}  // namespace

uint64_t RingReader::dropped() const {
  return __atomic_load_n(&ring_->dropped, __ATOMIC_RELAXED);
}

void RingReader::advance(uint64_t tail) {
  tail_ = tail;
  __atomic_store_n(&ring_->tail, tail, __ATOMIC_RELEASE);
}

bool RingReader::take(nn_record& out, bool closing) {
  for (;;) {
    const nn_record& place = ring_->records[tail_ % kRecords];
    const uint64_t sequence = sequence_of(place);
    if (sequence == tail_ + 1) {
      std::memcpy(&out, &place, sizeof out);
      // The device does not write to an unread place; if this changed under the copy, something
      // else does.
      const bool torn = sequence_of(place) != sequence;
      advance(tail_ + 1);
      if (!torn) return true;
      ++damaged_;
      continue;
    }
    const bool not_yet = sequence == 0 || sequence + kRecords == tail_ + 1;
    if (not_yet && !closing) return false;
    if (!skip_hole()) return false;
  }
}

// To the next place that holds the record its ticket calls for; false if there is none.
bool RingReader::skip_hole() {
  for (uint64_t ticket = tail_ + 1; ticket < tail_ + kRecords; ++ticket) {
    if (sequence_of(ring_->records[ticket % kRecords]) != ticket + 1) continue;
    damaged_ += ticket - tail_;
    advance(ticket);
    return true;
  }
  return false;
}

}  // namespace nonans::events
