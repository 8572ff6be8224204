// SPDX-License-Identifier: MIT
// The host's end of a ring: records in the order of their tickets.
//
//   RingReader reader(ring);
//   for (nn_record record; reader.next(record);) …
//
// A record is there when its sequence is its ticket + 1 (stored last, with release, by the device;
// read first, with acquire, here). Its place is given back by moving `tail`, with release, after
// the copy.
//
//   index        0   1   2   3        sequence found     means
//   sequence     5   6   3   4        tail + 1           the record
//                        ^ tail = 6   tail + 1 - N, 0    not written yet (the lap before, or never)
//                                     anything else      damaged: skipped as soon as a later record
//                                     is there
//
// Nobody else moves `tail`; the ring's memory is the application's to scribble on, so nothing in it
// is trusted to be more than numbers, and no index is computed from it without a modulo. Not
// thread-safe: one reader at a time.
#pragma once

#include <cstdint>

#include "resolve/scan_abi.h"

namespace nonans::events {

class RingReader {
 public:
  explicit RingReader(nn_ring_host* ring) : ring_(ring) {}

  // False: nothing to read now.
  bool next(nn_record& out) { return take(out, false); }
  // The same when no more is to come: a ticket that was taken and never filled (the context died in
  // between) is passed over when a later record is there.
  bool next_final(nn_record& out) { return take(out, true); }

  nn_ring_host* ring() const { return ring_; }
  // Places that held no readable record.
  uint64_t damaged() const { return damaged_; }
  // What the device could not write because the ring was full.
  uint64_t dropped() const;

 private:
  bool take(nn_record& out, bool closing);
  bool skip_hole();
  void advance(uint64_t tail);

  nn_ring_host* ring_;
  uint64_t tail_ = 0;
  uint64_t damaged_ = 0;
};

}  // namespace nonans::events
