// SPDX-License-Identifier: MIT
// The worker threads that all launches share: one for each host core but the caller's own
// (SOFTGPU_THREADS overrides the number of cores). Created by the first launch, never destroyed:
// they block all signals and die with the process. A forked child has none of them; it makes its
// own with its first launch.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

namespace softgpu::engine {

// Something that threads can help with. help() works until there is nothing left to take and
// returns; it may be called by several threads at once. `index` tells them apart: 0 is the owner's.
class Job {
 public:
  virtual ~Job() = default;
  virtual void help(uint32_t index) = 0;
};

// A number from 1 to 4096, as SOFTGPU_THREADS takes it; nullopt for anything else.
std::optional<uint32_t> read_worker_count(const char* text);

// How many threads work on a job, the caller included.
uint32_t worker_count();

// Offers `job` to the pool and works on it itself. Returns when help() has returned in every
// thread.
void run_job(const std::shared_ptr<Job>& job);

}  // namespace softgpu::engine
