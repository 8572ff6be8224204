// SPDX-License-Identifier: MIT
// Operations and the order they run in.
//
// A CUDA stream is a queue, but streams also wait for each other (events, the legacy default
// stream). Both are one thing: an operation runs when every operation it depends on is done. A
// stream is then no more than "the last operation submitted to it", and there is nothing to
// deadlock on: no worker ever blocks on another stream.
//
//   auto op = std::make_shared<MemsetOperation>(…);
//   scheduler().submit(op, {stream.tail, legacy.tail});
//   scheduler().wait(*op);
//
// Worker threads are started when work is ready and none is idle, so kernels of independent streams
// run at the same time (two kernels that spin on each other's flags make progress). They are never
// joined: a process may exit with work in flight, so nothing a worker touches is ever destroyed at
// exit.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace softgpu::driver {

class Operation : public std::enable_shared_from_this<Operation> {
 public:
  virtual ~Operation() = default;
  // On a worker thread, or on the submitting thread for a synchronous call that has nothing to wait
  // for. Must not throw and must not submit or wait.
  virtual void execute() = 0;
  bool done() const { return done_.load(std::memory_order_acquire); }

  // Times on the model's clock (modelled_time.hpp), in nanoseconds: when all that it depends on had
  // ended, known when it is executed; and when it ended itself, known when it is done.
  int64_t ready_at() const { return ready_at_; }
  int64_t ended_at() const { return ready_at_ + takes_; }
  // Before it is submitted, or executed without being submitted.
  void not_before(int64_t time) { ready_at_ = time > ready_at_ ? time : ready_at_; }
  void mark_in_graph() { in_graph_ = true; }
  bool in_graph() const { return in_graph_; }

 protected:
  void takes(int64_t nanoseconds) { takes_ = nanoseconds; }

 private:
  friend class Scheduler;
  int64_t ready_at_ = 0, takes_ = 0;
  bool in_graph_ = false;  // a node of an executable graph
  std::atomic<bool> done_{false};
  // Guarded by the scheduler's mutex.
  unsigned pending_ = 0;
  int priority_ = 0;
  std::vector<std::shared_ptr<Operation>> dependents_;
};
using OperationPtr = std::shared_ptr<Operation>;

class Scheduler {
 public:
  // Empty pointers among `after` are allowed. Lower `priority` runs first among the ready. With
  // `run_here`, an operation that is ready at once is executed by the caller before submit returns.
  void submit(const OperationPtr& operation, std::span<const OperationPtr> after, int priority,
              bool run_here);
  void wait(const Operation& operation);
  // The calling thread knows that the operation is done: what it submits from now on starts later
  // on the model's clock.
  static void saw(const Operation& operation);

  // From now on the order of ready operations is drawn (SOFTGPU_SCHED). So that there is something
  // to draw from, they are held until the program waits for one or many are ready, and run one at a
  // time; after kPatience one starts whatever runs, so operations that wait for each other, or for
  // a program that never waits, go on.
  void draw(uint64_t seed);

 private:
  void make_ready(OperationPtr operation);
  void finish(Operation& operation);
  void hold(std::unique_lock<std::mutex>& lock);
  void work();

  std::mutex mutex_;
  std::condition_variable ready_changed_, done_changed_;
  // (priority, submission number) -> operation
  std::map<std::pair<int, uint64_t>, OperationPtr> ready_;
  uint64_t submitted_ = 0;
  unsigned idle_ = 0, workers_ = 0, waiters_ = 0;
  bool drawn_ = false;
  uint64_t seed_ = 0;
  unsigned running_ = 0;  // while drawn_
};

Scheduler& scheduler();

}  // namespace softgpu::driver
