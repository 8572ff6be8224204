// SPDX-License-Identifier: MIT
#include "pool.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

namespace softgpu::engine {
namespace {

class Pool {
 public:
  explicit Pool(uint32_t threads) {
    // Signals are the program's business: its handlers run on its own threads.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (uint32_t i = 0; i < threads; ++i) {
      std::thread([this, i] { serve(i + 1); }).detach();
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void offer(const std::shared_ptr<Job>& job) {
    const std::lock_guard lock(mutex_);
    offered_.push_back({job, 0, true, {}});
    wake_.notify_all();
  }
  // No further thread joins; waits for those that did.
  void withdraw(const std::shared_ptr<Job>& job) {
    std::unique_lock lock(mutex_);
    const auto mine = [&](const Offer& o) { return o.job == job; };
    const auto at = std::find_if(offered_.begin(), offered_.end(), mine);
    at->open = false;
    left_.wait(lock,
               [&] { return std::find_if(offered_.begin(), offered_.end(), mine)->helpers == 0; });
    offered_.erase(std::find_if(offered_.begin(), offered_.end(), mine));
  }

 private:
  struct Offer {
    std::shared_ptr<Job> job;
    uint32_t helpers = 0;
    bool open = true;
    std::vector<uint32_t> visited;  // threads that found nothing more to do
  };

  void serve(uint32_t index) {
    std::unique_lock lock(mutex_);
    while (true) {
      Offer* offer = nullptr;
      wake_.wait(lock, [&] { return (offer = find(index)) != nullptr; });
      const std::shared_ptr<Job> job = offer->job;
      ++offer->helpers;
      offer->visited.push_back(index);
      lock.unlock();
      job->help(index);
      lock.lock();
      const auto at = std::find_if(offered_.begin(), offered_.end(),
                                   [&](const Offer& o) { return o.job == job; });
      --at->helpers;
      left_.notify_all();
    }
  }
  // The open job with the fewest helpers that this thread has not left before.
  Offer* find(uint32_t index) {
    Offer* best = nullptr;
    for (Offer& o : offered_) {
      const bool left = std::find(o.visited.begin(), o.visited.end(), index) != o.visited.end();
      if (o.open && !left && (best == nullptr || o.helpers < best->helpers)) best = &o;
    }
    return best;
  }

  std::mutex mutex_;
  std::condition_variable wake_, left_;
  std::deque<Offer> offered_;
};

std::atomic<Pool*> shared_pool{nullptr};
std::mutex creating;

Pool& pool() {
  Pool* known = shared_pool.load(std::memory_order_acquire);
  if (known != nullptr) return *known;
  const std::lock_guard lock(creating);
  known = shared_pool.load(std::memory_order_acquire);
  if (known != nullptr) return *known;
  static bool registered = false;
  if (!registered) {
    registered = true;
    // The child starts with one thread: forget the pool (its locks may be held by threads that are
    // gone).
    pthread_atfork([] { creating.lock(); }, [] { creating.unlock(); },
                   [] {
                     shared_pool.store(nullptr, std::memory_order_release);
                     creating.unlock();
                   });
  }
  known = new Pool(worker_count() - 1);
  shared_pool.store(known, std::memory_order_release);
  return *known;
}

}  // namespace

std::optional<uint32_t> read_worker_count(const char* text) {
  const std::string_view all = text ? text : "";
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(all.data(), all.data() + all.size(), value);
  if (error != std::errc{} || end != all.data() + all.size() || value < 1 || value > 4096)
    return std::nullopt;
  return value;
}

uint32_t worker_count() {
  static const uint32_t count = read_worker_count(std::getenv("SOFTGPU_THREADS"))
                                    .value_or(std::max(std::thread::hardware_concurrency(), 1U));
  return count;
}

void run_job(const std::shared_ptr<Job>& job) {
  if (worker_count() == 1) {
    job->help(0);
    return;
  }
  Pool& threads = pool();
  threads.offer(job);
  job->help(0);
  threads.withdraw(job);
}

}  // namespace softgpu::engine
