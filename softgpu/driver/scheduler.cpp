// SPDX-License-Identifier: MIT
#include "driver/scheduler.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>

namespace softgpu::driver {
namespace {

// More kernels than this at the same time wait for one to end, as on hardware (128 connections at
// most).
constexpr unsigned kMaxWorkers = 128;

constexpr std::chrono::milliseconds kPatience{50};
constexpr size_t kMostHeld = 64;

// A number that looks random, of the seed and a counter (splitmix64's finish).
uint64_t mix(uint64_t seed, uint64_t counter) {
  uint64_t z = seed + (counter + 1) * 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

// The latest end, on the model's clock, that this thread has waited for.
thread_local int64_t t_now = 0;

// Signals of the program belong to its own threads: a handler must not run on a thread the program
// never made.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

void Scheduler::submit(const OperationPtr& operation, std::span<const OperationPtr> after,
                       int priority, bool run_here) {
  {
    const std::lock_guard lock(mutex_);
    operation->priority_ = priority;
    operation->not_before(t_now);
    for (const OperationPtr& before : after) {
      if (before && before->done()) operation->not_before(before->ended_at());
      if (!before || before->done()) continue;
      before->dependents_.push_back(operation);
      ++operation->pending_;
    }
    if (operation->pending_ > 0) return;
    if (!run_here || drawn_) {
      make_ready(operation);
      return;
    }
  }
  operation->execute();
  const std::lock_guard lock(mutex_);
  finish(*operation);
}

void Scheduler::saw(const Operation& operation) {
  t_now = std::max(t_now, operation.ended_at());
}

void Scheduler::wait(const Operation& operation) {
  if (operation.done()) {
    saw(operation);
    return;
  }
  std::unique_lock lock(mutex_);
  ++waiters_;
  if (drawn_) ready_changed_.notify_all();
  done_changed_.wait(lock, [&] { return operation.done(); });
  --waiters_;
  saw(operation);
}

// Under the mutex.
void Scheduler::make_ready(OperationPtr operation) {
  const int priority = operation->priority_;
  const uint64_t number = submitted_++;
  ready_.emplace(std::pair{priority, drawn_ ? mix(seed_, number) : number}, std::move(operation));
  if (idle_ >= ready_.size() || workers_ == kMaxWorkers) {
    ready_changed_.notify_one();
    return;
  }
  const SignalsBlocked blocked;
  try {
    std::thread([this] { work(); }).detach();
    ++workers_;
  } catch (const std::system_error&) {
    if (workers_ == 0) throw;  // nobody would ever run it
    ready_changed_.notify_one();
  }
}

// Under the mutex.
void Scheduler::finish(Operation& operation) {
  operation.done_.store(true, std::memory_order_release);
  for (OperationPtr& next : operation.dependents_) {
    next->not_before(operation.ended_at());
    if (--next->pending_ == 0) make_ready(std::move(next));
  }
  operation.dependents_.clear();
  if (waiters_ > 0) done_changed_.notify_all();
}

void Scheduler::draw(uint64_t seed) {
  const std::lock_guard lock(mutex_);
  drawn_ = true;
  seed_ = seed;
}

void Scheduler::hold(std::unique_lock<std::mutex>& lock) {
  ready_changed_.wait_for(lock, kPatience, [&] {
    return ready_.empty() || (running_ == 0 && (waiters_ > 0 || ready_.size() >= kMostHeld));
  });
}

void Scheduler::work() {
  std::unique_lock lock(mutex_);
  // A worker counts as idle while it finishes an operation: it takes the next one of the stream
  // itself, without the cost of waking another thread.
  ++idle_;
  for (;;) {
    ready_changed_.wait(lock, [&] { return !ready_.empty(); });
    if (drawn_) {
      hold(lock);
      if (ready_.empty()) continue;
      ++running_;
    }
    --idle_;
    OperationPtr operation = std::move(ready_.begin()->second);
    ready_.erase(ready_.begin());
    lock.unlock();
    operation->execute();
    lock.lock();
    ++idle_;
    finish(*operation);
    if (drawn_) {
      --running_;
      ready_changed_.notify_all();
    }
    // The last reference may run long destructors: not under the mutex.
    lock.unlock();
    operation.reset();
    lock.lock();
  }
}

Scheduler& scheduler() {
  static Scheduler* const instance = new Scheduler;  // never destroyed: workers outlive main
  return *instance;
}

}  // namespace softgpu::driver
