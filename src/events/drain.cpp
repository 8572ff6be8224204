// SPDX-License-Identifier: MIT
#include "events/drain.hpp"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "events/classify.hpp"
#include "events/ring.hpp"

namespace nonans::events {
namespace {

constexpr std::chrono::milliseconds kBusySleep{1}, kIdleSleep{50};

uint64_t unix_time_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

// One lock guards all: rings, sinks, counts. It is held while a batch is delivered, so that
// remove_ring() cannot return while the thread still reads that ring. No launch hook ever takes it.
struct Drain::Impl {
  explicit Impl(const KernelDirectory& d) : directory(d), owner(getpid()) {}

  const KernelDirectory& directory;
  const pid_t owner;
  mutable std::mutex mutex;
  std::condition_variable wake;
  std::vector<RingReader> rings;
  std::vector<Sink*> sinks;
  EventCounts totals;
  uint64_t lost = 0;  // beside what the open rings count themselves
  pthread_t thread{};
  bool running = false;
  bool stopping = false;

  // A forked child inherits the memory, possibly with the lock held by a thread it does not have.
  bool inherited() const { return getpid() != owner; }

  void deliver(const nn_record& record) noexcept {
    try {
      Event event = event_of(record, directory.find(record.kernel_id, record.arg));
      event.nvtx = directory.label(record.label);
      if (record.node != 0)
        event.step = directory.step_of(record.node, record.replay).value_or(record.step);
      event.ordinal = ++totals.events;
      event.time_unix_ns = unix_time_ns();
      ++totals.by_kind[static_cast<size_t>(event.kind)];
      ++totals.by_resolution[static_cast<size_t>(event.resolution)];
      if (event.resolution == Resolution::repaired) totals.repaired_values += event.repaired;
      if (event.resolution == Resolution::would_repair)
        totals.would_repair_values += event.repaired;
      for (Sink* sink : sinks) sink->on_event(event);
    } catch (...) {  // out of memory: the program goes on without this event
      ++lost;
    }
  }

  size_t drain_ring(RingReader& reader, bool closing) {
    size_t count = 0;
    for (nn_record record; closing ? reader.next_final(record) : reader.next(record); ++count)
      deliver(record);
    return count;
  }

  size_t drain_all(bool closing) {
    size_t count = 0;
    for (RingReader& reader : rings) count += drain_ring(reader, closing);
    return count;
  }

  void run() {
    std::unique_lock lock(mutex);
    auto sleep = kBusySleep;
    while (!stopping) {
      sleep = drain_all(false) ? kBusySleep : std::min(sleep * 2, kIdleSleep);
      wake.wait_for(lock, sleep);
    }
  }

  static void* enter(void* self) {
    pthread_setname_np(pthread_self(), "nonans-drain");
    static_cast<Impl*>(self)->run();
    return nullptr;
  }
};

Drain::Drain(const KernelDirectory& directory) : impl_(std::make_unique<Impl>(directory)) {}

Drain::~Drain() {
  stop();
  // The child's copy is left as it is: its lock and condition variable may be in any state.
  if (impl_->inherited()) static_cast<void>(impl_.release());
}

void Drain::add_sink(Sink* sink) {
  if (impl_->inherited()) return;
  const std::lock_guard lock(impl_->mutex);
  impl_->sinks.push_back(sink);
}

bool Drain::start() {
  if (impl_->inherited()) return false;
  const std::lock_guard lock(impl_->mutex);
  if (impl_->running || impl_->stopping) return impl_->running;
  // The application's signals are for the application's threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  impl_->running = pthread_create(&impl_->thread, nullptr, &Impl::enter, impl_.get()) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return impl_->running;
}

void Drain::stop() {
  if (impl_->inherited()) return;
  bool join = false;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    join = std::exchange(impl_->running, false);
  }
  impl_->wake.notify_all();
  if (join) pthread_join(impl_->thread, nullptr);
  const std::lock_guard lock(impl_->mutex);
  impl_->drain_all(true);
}

void Drain::add_ring(nn_ring_host* ring) {
  if (impl_->inherited()) return;
  const std::lock_guard lock(impl_->mutex);
  impl_->rings.emplace_back(ring);
}

void Drain::remove_ring(nn_ring_host* ring) {
  if (impl_->inherited()) return;
  const std::lock_guard lock(impl_->mutex);
  const auto found = std::find_if(impl_->rings.begin(), impl_->rings.end(),
                                  [&](const RingReader& r) { return r.ring() == ring; });
  if (found == impl_->rings.end()) return;
  impl_->drain_ring(*found, true);
  impl_->lost += found->damaged() + found->dropped();
  impl_->rings.erase(found);
}

void Drain::flush() {
  if (impl_->inherited()) return;
  const std::lock_guard lock(impl_->mutex);
  impl_->drain_all(false);
}

EventCounts Drain::counts() const {
  if (impl_->inherited()) return {};
  const std::lock_guard lock(impl_->mutex);
  EventCounts counts = impl_->totals;
  counts.lost = impl_->lost;
  for (const RingReader& reader : impl_->rings) counts.lost += reader.damaged() + reader.dropped();
  return counts;
}

}  // namespace nonans::events
