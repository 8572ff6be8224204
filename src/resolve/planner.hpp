// SPDX-License-Identifier: MIT
// From a kernel's profile and one launch's arguments to the scan that follows it. Pure: no driver
// call, no allocation, no lock, no clock. Runs inside the launch hook.
//
//   nn_scan_params scan = {};
//   Plan plan = plan_scan(profile, shape, buffers, mode, policy, governor.decide(kernel, ordinal),
//   place, scan); if (plan.outputs) …launch nonans_scan with `scan`, plan.blocks blocks of
//   NN_SCAN_THREADS…
//
// Outputs: writes whose may-set is known and lies in live memory of the launch's own context (for
// pools: of its device), clipped to the buffer; several stores that tile one region become one. The
// rest is counted (writes_unknown), as is what goes beyond NN_MAX_OUTPUTS.
//
// Memory that others may change at any time (of another device or context, managed, the host's,
// imported, or reachable by a peer, another process, a multicast object or a second mapping) is
// neither scanned nor repaired, and counted by reason (writes_left). For peer memory
// that is more than caution: the launch may have got a pointer that it did not follow, and a scan
// that follows it where peer access is not enabled would fault in the application's context. Peer
// access is a matter of contexts, also of two on one device (cuda.h, cuCtxEnablePeerAccess); a
// device can always reach its own pools.
//
// What may be repaired (NN_REPAIR is set): the extent's must-set is exact, the type is proven, the
// buffer is live, holds the whole extent and is repairable, every store of the kernel is known, the
// kernel does not publish, the store is no atomic, and no other write of the launch can touch the
// same bytes with another type. Where all that holds and only fp16 waits for an optimiser's first
// step (Policy::repair_f16), NN_F16_WAITS is set instead, so that the report can say so.
//
// Stores through tensor maps go where the map says, if it is one that was seen being encoded; else
// they are writes to places unknown, and no other write of the launch is proven. They are looked at
// and never repaired: one store writes a box of the tensor, which boxes are written is not known,
// and the map's type is what the application called the bytes, not what it computed.
//
// Whether the launch can be called the origin is settled here too: the device looks at the inputs
// *after* the launch, so a verdict needs every float read typed, known, in plain device memory and
// untouched by any write of the launch. A read of which only the root is known is bounded by its
// allocation (DESIGN: that bounds what is read and proves no write). Where it fails the outputs
// carry NN_IN_PLACE or NN_INPUTS_UNKNOWN, and the device reports without repairing. So do float
// parameters that are not finite: the launch did not turn finite inputs into non-finite outputs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "analyze/profile.hpp"
#include "memory/buffer_registry.hpp"
#include "memory/tensor_maps.hpp"
#include "resolve/scan_abi.h"

namespace nonans::resolve {

enum class Mode : uint8_t { off, observe, resolve };

// What to put in place of each class; NN_KEEP, NN_ZERO, NN_SATURATE.
struct Policy {
  uint8_t nan = NN_ZERO, pos_inf = NN_SATURATE, neg_inf = NN_KEEP;
  // False until an optimiser step has ended: an Inf in fp16 may be a loss scaler's signal, and
  // nobody knows yet.
  bool repair_f16 = true;
};

// Why an extent was believed, best first (DESIGN: evidence).
enum class Evidence : uint8_t { none, tensor_map, affine, segment };
inline constexpr size_t kEvidences = 4;

// Why a write whose place is known was left alone.
enum class Left : uint8_t {
  other_device,
  other_context,
  managed,
  host,
  imported,
  external,
  peer,  // own memory, and what follows is too: other devices can reach it
  exported,
  multicast,
  aliased
};
inline constexpr size_t kLeftReasons = 10;

// Where the launch runs.
struct Place {
  uint64_t context = 0;                     // as in memory::Buffer; unknown is nobody's own
  int32_t device = memory::kUnknownDevice;  // likewise
  uint32_t multiprocessors = 1;
  // The scan becomes part of a graph: memory of allocation nodes is backed when it runs. Outside of
  // one nobody can tell whether it is.
  bool in_graph = false;
  // What maps that are passed by value describe; null: nothing is known of any.
  const memory::TensorMaps* tensor_maps = nullptr;
};

struct Plan {
  uint32_t outputs = 0, inputs = 0;
  uint32_t blocks = 0;          // scan grid
  uint64_t scanned_bytes = 0;   // outputs looked at
  uint64_t provable_bytes = 0;  // of those, may be repaired if this launch is the origin
  uint32_t writes_unknown = 0;  // that could not be looked at; those the profile lacks count as one
  uint32_t writes_left[kLeftReasons] = {};  // of those: by Left
  uint32_t by_evidence[kEvidences] = {};
  uint64_t written_bytes =
      0;  // all that the launch may write and that is not proven to be integers, as far as known
};

// The governor decides, before anything else is computed, whether this launch is scanned. A pure
// function of (kernel, launch ordinal, rules, alarm state).
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

// How an access becomes addresses; analyze::evaluate outside of tests.
using Evaluate = analyze::Extent (*)(const analyze::Access&, const analyze::LaunchShape&);

// Fills scan.outputs, scan.inputs, n_outputs, n_inputs, mode and policies; the caller fills ring,
// slot and ids. An unprovable launch gives a Plan without outputs.
Plan plan_scan(const analyze::KernelProfile& profile, const analyze::LaunchShape& shape,
               const memory::BufferRegistry& buffers, Mode mode, const Policy& policy,
               Decision decision, const Place& place, nn_scan_params& scan,
               Evaluate evaluate = &analyze::evaluate) noexcept;

}  // namespace nonans::resolve
