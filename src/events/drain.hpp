// SPDX-License-Identifier: MIT
// The thread that empties the rings: records in, events out to the sinks. It reads mapped memory
// only and never calls CUDA, so no capture, lock or dead context can stop it.
//
//   Drain drain(directory);
//   drain.add_sink(&jsonl);  drain.add_sink(&notices);      // before start
//   drain.start();                                          // when the first context has its ring
//   drain.add_ring(ring);                                   // each context
//   drain.remove_ring(ring);  // empties it first; before the memory is unmapped
//   drain.stop();             // at exit: joins, empties every ring once more
//
// The thread has every signal blocked and sleeps 1 ms after work, up to 50 ms when idle. In a
// forked child there is no such thread: every call on the inherited object returns at once and does
// nothing. Thread-safe, except that sinks are added before start(). Nothing throws: a sink that
// fails is counted, not fatal.
#pragma once

#include <cstdint>
#include <memory>

#include "events/directory.hpp"
#include "events/event.hpp"
#include "resolve/scan_abi.h"

namespace nonans::events {

class Sink {
 public:
  virtual ~Sink() = default;
  virtual void on_event(
      const Event& event) = 0;  // on the drain thread, or inside stop() and remove_ring()
};

// Events by kind and resolution, and what was lost on the way.
struct EventCounts {
  uint64_t events = 0;
  uint64_t by_kind[static_cast<size_t>(Kind::unknown) + 1] = {};
  uint64_t by_resolution[static_cast<size_t>(Resolution::refused) + 1] = {};
  uint64_t repaired_values = 0;  // elements that were replaced
  uint64_t would_repair_values = 0;
  uint64_t lost = 0;  // ring full or record damaged
};

class Drain {
 public:
  explicit Drain(const KernelDirectory& directory);
  ~Drain();  // as stop()
  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;

  void add_sink(Sink* sink);  // not owned; outlives the drain
  bool start();               // false: no thread could be made; stop() and flush() still deliver
  void stop();
  void add_ring(nn_ring_host* ring);
  void remove_ring(nn_ring_host* ring);
  // Delivers what stands in the rings now, on the calling thread.
  void flush();
  EventCounts counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nonans::events
