// SPDX-License-Identifier: MIT
#include "events/drain.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "support/catch.hpp"

using namespace nonans::events;

namespace {

struct Names final : KernelDirectory {
  std::optional<KernelFacts> find(uint32_t id, unsigned) const override {
    if (id >= 2) return std::nullopt;
    return KernelFacts{id ? "relu" : "gemm", 0, ""};
  }
  std::string label(uint32_t label) const override {
    return label ? "layer" + std::to_string(label) : "";
  }
};

// Keeps what it gets; wait_for(n) blocks until n events came.
struct Collect final : Sink {
  void on_event(const Event& event) override {
    const std::lock_guard lock(mutex);
    events.push_back(event);
    thread = std::this_thread::get_id();
    changed.notify_all();
  }
  bool wait_for(size_t n) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(20), [&] { return events.size() >= n; });
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Event> events;
  std::thread::id thread;
};

void publish(nn_ring_host& ring, uint64_t ticket, uint32_t kernel = 0,
             unsigned resolution = NN_OBSERVED) {
  nn_record& r = ring.records[ticket % NN_RING_RECORDS];
  r.kernel_id = kernel;
  r.launch_id = ticket + 1;
  r.repaired = 2;
  r.resolution = static_cast<nn_u8>(resolution);
  __atomic_store_n(&r.sequence, ticket + 1, __ATOMIC_RELEASE);
}

std::unique_ptr<nn_ring_host> empty_ring() {
  return std::make_unique<nn_ring_host>();
}

}  // namespace

TEST_CASE("drain: the thread delivers what the rings hold, in order, on its own thread") {
  const Names names;
  Collect sink;
  auto first = empty_ring(), second = empty_ring();
  Drain drain(names);
  drain.add_sink(&sink);
  drain.add_ring(first.get());
  REQUIRE(drain.start());
  CHECK(drain.start());  // a second context: the same thread
  first->records[0].label = 3;
  publish(*first, 0);
  publish(*first, 1, 1);
  REQUIRE(sink.wait_for(2));
  drain.add_ring(second.get());
  publish(*second, 0, 99);
  REQUIRE(sink.wait_for(3));
  drain.stop();
  CHECK(sink.events[0].kernel == "gemm");
  CHECK(sink.events[0].ordinal == 1);
  CHECK(sink.events[0].nvtx == "layer3");
  CHECK(sink.events[1].kernel == "relu");
  CHECK(sink.events[1].nvtx == "");
  CHECK(sink.events[2].kernel == "kernel #99");
  CHECK(sink.events[2].ordinal == 3);
  CHECK(sink.events[2].time_unix_ns > 0);
  CHECK(sink.thread != std::this_thread::get_id());
}

TEST_CASE("drain: stop and remove_ring empty the ring first") {
  const Names names;
  Collect sink;
  auto one = empty_ring(), two = empty_ring();
  Drain drain(names);
  drain.add_sink(&sink);
  drain.add_ring(one.get());
  drain.add_ring(two.get());
  publish(*one, 0);
  publish(*one, 2);  // ticket 1 was taken and never filled
  two->dropped = 5;
  drain.remove_ring(one.get());
  CHECK(sink.events.size() == 2);
  one.reset();  // and is not touched again
  publish(*two, 0, 0, NN_REPAIRED);
  publish(*two, 1, 0, NN_WOULD_REPAIR);
  drain.stop();
  drain.stop();
  CHECK(sink.events.size() == 4);
  const EventCounts counts = drain.counts();
  CHECK(counts.events == 4);
  CHECK(counts.lost == 6);
  CHECK(counts.repaired_values == 2);
  CHECK(counts.would_repair_values == 2);
  CHECK(counts.by_resolution[size_t(Resolution::observed)] == 2);
  CHECK(counts.by_kind[size_t(Kind::unknown)] == 4);
}

TEST_CASE("drain: a sink that throws costs one event and nothing else") {
  struct Throws final : Sink {
    void on_event(const Event&) override { throw std::runtime_error("no"); }
  } bad;
  const Names names;
  auto ring = empty_ring();
  Drain drain(names);
  drain.add_sink(&bad);
  drain.add_ring(ring.get());
  publish(*ring, 0);
  publish(*ring, 1);
  drain.flush();
  CHECK(ring->tail == 2);
  CHECK(drain.counts().lost == 2);
}

TEST_CASE("drain: its thread blocks every signal") {
  struct Mask final : Sink {
    void on_event(const Event&) override { pthread_sigmask(SIG_SETMASK, nullptr, &mask); }
    sigset_t mask;
  } sink;
  const Names names;
  Collect done;
  auto ring = empty_ring();
  Drain drain(names);
  drain.add_sink(&sink);
  drain.add_sink(&done);
  drain.add_ring(ring.get());
  REQUIRE(drain.start());
  publish(*ring, 0);
  REQUIRE(done.wait_for(1));
  drain.stop();
  for (const int signal : {SIGINT, SIGTERM, SIGALRM, SIGPROF, SIGCHLD, SIGUSR1})
    CHECK(sigismember(&sink.mask, signal) == 1);
  sigset_t mine;
  pthread_sigmask(SIG_SETMASK, nullptr, &mine);
  CHECK(sigismember(&mine, SIGTERM) == 0);
}

TEST_CASE("drain: a forked child may call everything and nothing happens") {
  const Names names;
  Collect sink;
  auto ring = empty_ring();
  Drain drain(names);
  drain.add_sink(&sink);
  drain.add_ring(ring.get());
  REQUIRE(drain.start());
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);  // a lock that never opens ends the child by a signal
    publish(*ring, 0);
    const bool started = drain.start();
    drain.flush();
    drain.remove_ring(ring.get());
    drain.stop();
    drain.~Drain();
    _exit(!started && sink.events.empty() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  publish(*ring, 0);
  CHECK(sink.wait_for(1));
}
