// SPDX-License-Identifier: MIT
#include "model/cost.hpp"

#include <algorithm>

#include "model/h100.hpp"

namespace softgpu::model {
namespace {

constexpr struct {
  const char* name;
  double per_clock;
} kUnitRates[kUnits] = {
    {"float", h100::kFloat},     {"double", h100::kDouble},
    {"integer", h100::kInteger}, {"special", h100::kSpecial},
    {"convert", h100::kConvert}, {"convert", h100::kConvertWide},
    {"shuffle", h100::kShuffle}, {"other", 0},  // its issue only
};

constexpr struct {
  double per_clock, clock;
} kMatrixRates[kMatrices] = {
    {h100::kMatrixHalf, h100::kMatrixClock},
    {h100::kMatrixTf32, h100::kMatrixClock},
    {h100::kMatrixByte, h100::kMatrixClock},
    {h100::kMatrixDouble, h100::kClock},
};

}  // namespace

Estimate kernel_time(const Work& work) {
  Estimate e;
  const auto at_least = [&](double seconds, const char* bound) {
    if (seconds > e.seconds) e = {seconds, bound};
  };
  const double used =
      static_cast<double>(std::min<uint64_t>(work.blocks, uint64_t{h100::kMultiprocessors}));
  if (used == 0) return e;
  const auto shared_out = [&](uint64_t amount, double per_clock, double clock) {
    return static_cast<double>(amount) / (per_clock * clock * used);
  };
  at_least(static_cast<double>(work.global_bytes) / h100::kMemoryBandwidth, "memory");
  at_least(shared_out(work.warp_instructions, h100::kWarpInstructions, h100::kClock), "issue");
  at_least(shared_out(work.shared_bytes, h100::kSharedBytes, h100::kClock), "shared");
  for (size_t u = 0; u < kUnits; ++u) {
    if (kUnitRates[u].per_clock == 0) continue;
    at_least(shared_out(work.threads[u], kUnitRates[u].per_clock, h100::kClock),
             kUnitRates[u].name);
  }
  // One set of matrix units does all types, one after the other.
  double matrix = 0;
  for (size_t m = 0; m < kMatrices; ++m)
    matrix += shared_out(work.matrix[m], kMatrixRates[m].per_clock, kMatrixRates[m].clock);
  at_least(matrix, "matrix");
  return e;
}

double copy_time(uint64_t bytes, Route route) {
  const auto n = static_cast<double>(bytes);
  switch (route) {
    case Route::within_device:
      return 2 * n / h100::kMemoryBandwidth;  // read and written
    case Route::to_or_from_host:
      return n / h100::kHostBandwidth;
    case Route::between_devices:
      return n / h100::kPeerBandwidth;
    case Route::within_host:
      return 0;  // the host's memory is not modelled
  }
  return 0;
}

double fill_time(uint64_t bytes) {
  return static_cast<double>(bytes) / h100::kMemoryBandwidth;
}

}  // namespace softgpu::model
