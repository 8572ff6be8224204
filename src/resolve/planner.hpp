// SPDX-License-Identifier: MIT
// From a kernel's profile and one launch's arguments to the scan that follows it. Pure: no driver call, no allocation,
// no lock, no clock. Runs inside the launch hook.
//
//   nn_scan_params scan;
//   Plan plan = plan_scan(profile, shape, buffers, policy, governor.decide(kernel, ordinal), scan);
//   if (plan.outputs) …launch nonans_scan with `scan`, plan.blocks blocks of NN_SCAN_THREADS…
//
// What may be repaired (NN_REPAIR is set): the extent's must-set is exact, the type is proven, the buffer is live,
// holds the whole extent and is repairable, the kernel does not publish, and no other write of the launch overlaps with
// another type. Everything else is looked at when its may-set is known and lies in live memory, else counted unprovable.
#pragma once

#include <cstdint>

#include "analyze/profile.hpp"
#include "memory/buffer_registry.hpp"
#include "resolve/scan_abi.h"

namespace nonans::resolve {

enum class Mode : uint8_t { off, observe, resolve };

// What to put in place of each class; NN_KEEP, NN_ZERO, NN_SATURATE.
struct Policy {
  uint8_t nan = NN_ZERO, pos_inf = NN_SATURATE, neg_inf = NN_KEEP;
};

// Why an extent was believed, best first (DESIGN: evidence).
enum class Evidence : uint8_t { none, affine, segment };

struct Plan {
  uint32_t outputs = 0, inputs = 0;
  uint32_t blocks = 0;              // scan grid
  uint64_t scanned_bytes = 0;       // outputs looked at
  uint64_t provable_bytes = 0;      // of those, may be repaired
  uint32_t writes_unknown = 0;      // writes of the profile that could not be looked at
  uint32_t by_evidence[3] = {0, 0, 0};
};

// The governor decides, before anything else is computed, whether this launch is scanned. A pure function of
// (kernel, launch ordinal, rules, alarm state).
struct Decision {
  enum class What : uint8_t { skip, sample, full };
  What what = What::full;
};
class Governor {
 public:
  virtual ~Governor() = default;
  virtual Decision decide(uint32_t kernel_id, uint64_t kernel_ordinal) noexcept = 0;
};
// Scans every launch in full.
class ScanAll final : public Governor {
 public:
  Decision decide(uint32_t, uint64_t) noexcept override { return {Decision::What::full}; }
};

// Fills scan.outputs, scan.inputs, n_outputs, n_inputs, mode and policies; the caller fills ring, slot and ids.
Plan plan_scan(const analyze::KernelProfile& profile, const analyze::LaunchShape& shape,
               const memory::BufferRegistry& buffers, Mode mode, const Policy& policy,
               Decision decision, uint32_t multiprocessors, nn_scan_params& scan) noexcept;

}  // namespace nonans::resolve
