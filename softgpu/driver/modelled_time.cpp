// SPDX-License-Identifier: MIT
#include "driver/modelled_time.hpp"

#include <cmath>
#include <cstdio>

#include "driver/copy.hpp"
#include "driver/scheduler.hpp"
#include "model/cost.hpp"
#include "model/h100.hpp"
#include "observe/checks.hpp"

namespace softgpu::driver {
namespace {

int64_t nanoseconds(double seconds) {
  return std::llround(seconds * 1e9);
}

// {"modelled":"copy",…,"start_us":1.300,"duration_us":0.900}: `what` holds the fields between.
void trace(const char* kind, const std::string& what, int64_t start, int64_t duration) {
  if (!observe::traced()) return;
  char times[128];
  std::snprintf(times, sizeof times, "\"start_us\":%.3f,\"duration_us\":%.3f}",
                static_cast<double>(start) * 1e-3, static_cast<double>(duration) * 1e-3);
  observe::write_to_trace(std::string("{\"modelled\":\"") + kind + "\",\"device\":\"" +
                          model::h100::kName + "\"," + what + times);
}

int64_t moved(const char* kind, const Operation& operation, uint64_t bytes, double seconds) {
  const int64_t gap = modelled_gap(operation), duration = nanoseconds(seconds);
  trace(kind, "\"bytes\":" + std::to_string(bytes) + ",", operation.ready_at() + gap, duration);
  return gap + duration;
}

}  // namespace

int64_t modelled_gap(const Operation& operation) {
  return nanoseconds(operation.in_graph() ? model::h100::kGraphGap : model::h100::kStreamGap);
}

int64_t modelled_kernel(const std::string& name, uint64_t grid_id, int64_t start,
                        const model::Work& work) {
  const model::Estimate estimate = model::kernel_time(work);
  const int64_t duration = nanoseconds(estimate.seconds);
  trace("kernel",
        "\"kernel\":\"" + name + "\",\"grid_id\":" + std::to_string(grid_id) + ",\"bound\":\"" +
            estimate.bound + "\",",
        start, duration);
  return duration;
}

int64_t modelled_copy(const Operation& operation, const Side& to, const Side& from,
                      uint64_t bytes) {
  model::Route route = model::Route::within_host;
  if (to.device != from.device)
    route = model::Route::to_or_from_host;
  else if (to.device)
    route =
        to.ordinal == from.ordinal ? model::Route::within_device : model::Route::between_devices;
  return moved("copy", operation, bytes, model::copy_time(bytes, route));
}

int64_t modelled_fill(const Operation& operation, uint64_t bytes) {
  return moved("fill", operation, bytes, model::fill_time(bytes));
}

}  // namespace softgpu::driver
