// SPDX-License-Identifier: MIT
#include "interpose/graphs/watched_exec.hpp"

#include <algorithm>

#include "interpose/runtime/argument_block.hpp"

namespace nonans::interpose::graphs {
namespace {

// Outputs that any launch of the kernel can have: a slot of that size fits all later parameters.
uint32_t most_outputs(const Kernel& kernel) {
  const size_t stores = kernel.profile.writes.size() + kernel.profile.tensor_stores.size();
  return static_cast<uint32_t>(std::clamp<size_t>(stores, 1, NN_MAX_OUTPUTS));
}

bool holds_f16_that_waits(const nn_scan_params& scan) {
  return std::any_of(scan.outputs, scan.outputs + scan.n_outputs,
                     [](const nn_region& r) { return (r.flags & NN_F16_WAITS) != 0; });
}

WatchedNode watched(const KernelNode& kernel) {
  WatchedNode node;
  node.node = kernel.node;
  if (kernel.wired) node.scan = kernel.scan;
  node.container = kernel.container;
  node.context = kernel.context;
  node.detect_only = kernel.detect_only;
  node.label = kernel.label;
  return node;
}

}  // namespace

void WatchedExec::learn(WatchedNode& node, const CUDA_KERNEL_NODE_PARAMS& params) {
  node.kernel = runtime_.kernels.find(handle_key(params.func));
  if (!node.kernel) node.kernel = runtime_.kernels.find(handle_key(params.kern));
  node.geometry = {{params.gridDimX, params.gridDimY, params.gridDimZ},
                   {params.blockDimX, params.blockDimY, params.blockDimZ}};
  node.arguments.clear();
  node.arguments_known = false;
  if (!node.kernel) return;
  const ArgumentBlock block(node.kernel->profile, params.kernelParams, params.extra);
  if (!block.ok()) return;
  node.arguments.assign(block.bytes().begin(), block.bytes().end());
  node.arguments_known = true;
}

// The memory of allocation nodes is there while the graph that has them runs: this one's surely is,
// another's may not be.
bool WatchedExec::is_backed(const nn_scan_params& scan) const {
  const auto backed = [&](const nn_region& region) {
    const auto buffer = runtime_.buffers.find(region.base);
    return buffer &&
           (buffer->kind != memory::BufferKind::graph || buffer->owner == handle_key(source_));
  };
  return std::all_of(scan.outputs, scan.outputs + scan.n_outputs, backed) &&
         std::all_of(scan.inputs, scan.inputs + scan.n_inputs, backed);
}

bool WatchedExec::plan(WatchedNode& node, nn_scan_params& scan) {
  node.plan = {};
  node.bindings.clear();
  node.waits_for_f16 = false;
  if (!node.scan || !node.context || !node.context->ready() || !node.kernel ||
      !node.arguments_known)
    return false;
  const uint64_t ordinal = node.kernel->launches.fetch_add(1, std::memory_order_relaxed) + 1;
  const resolve::Decision decision = runtime_.governor().decide(node.kernel->id, ordinal);
  node.plan = plan_for(runtime_, *node.kernel, *node.context, node.geometry, node.arguments,
                       decision, scan, true);
  if (node.plan.outputs == 0 || !is_backed(scan) || !has_slot(node)) return false;
  const auto bind = [&](const nn_region* regions, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      const nn_region& r = regions[i];
      const uint64_t element = analyze::size_of(static_cast<analyze::ElementType>(r.type));
      const uint64_t end = r.base + (r.rows - 1) * r.pitch + r.row_elems * element;
      const auto buffer = runtime_.buffers.find(r.base);
      node.bindings.push_back({r.base, end, buffer ? buffer->generation : 0,
                               buffer ? buffer->shared_with() : memory::Sharing{0}});
    }
  };
  bind(scan.outputs, scan.n_outputs);
  bind(scan.inputs, scan.n_inputs);
  node.waits_for_f16 = holds_f16_that_waits(scan);
  scan.slot = node.slot.address;
  scan.launch_id = 0;
  scan.captured = 1;
  scan.step = runtime_.steps.current();
  scan.node = id_;
  scan.label = node.label;
  scan.raced = node.detect_only ? 1 : 0;
  return true;
}

bool WatchedExec::has_slot(WatchedNode& node) {
  if (node.slot.address != 0 && node.slot.context == node.context &&
      node.slot.room >= node.plan.outputs && !node.slot_is_shared)
    return true;
  const uint32_t room = std::max(most_outputs(*node.kernel), node.plan.outputs);
  const NodeSlot slot{node.context, node.context->node_slots().take(room), room};
  if (slot.address == 0) {
    Statistics::add(runtime_.statistics.no_slot);
    return false;
  }
  slots_.push_back(slot);
  node.slot = slot;
  node.slot_is_shared = false;
  return true;
}

// Brings the scan in the executable graph in line with what is known of its kernel node.
void WatchedExec::apply(WatchedNode& node) {
  if (!node.scan) return;
  nn_scan_params scan{};
  if (!plan(node, scan)) return turn_off(node);
  void* holder[1];
  if (set_exec_params(exec_, node.scan, scan_node(*node.context, scan, node.plan.blocks, holder)) !=
      CUDA_SUCCESS) {
    Statistics::add(runtime_.statistics.scan_failed);
    return turn_off(node);
  }
  node.looks = true;
  switch_scan(node);
}

// On where the kernel node is on and there is something to look at.
void WatchedExec::switch_scan(WatchedNode& node) {
  if (!node.scan) return;
  const bool wanted = node.looks && node.node_enabled;
  if (wanted == node.scan_enabled) return;
  if (set_enabled(exec_, node.scan, wanted) == CUDA_SUCCESS) {
    node.scan_enabled = wanted;
  } else if (!wanted && node.looks) {
    nn_scan_params idle = idle_scan(*node.context);
    void* holder[1];
    if (set_exec_params(exec_, node.scan, scan_node(*node.context, idle, 1, holder)) ==
        CUDA_SUCCESS)
      node.looks = false;
  }
}

void WatchedExec::turn_off(WatchedNode& node) {
  const bool looked = node.looks;
  node.looks = false;
  node.bindings.clear();
  node.waits_for_f16 = false;
  if (!node.scan || !node.scan_enabled) return;
  if (set_enabled(exec_, node.scan, false) == CUDA_SUCCESS) {
    node.scan_enabled = false;
  } else if (looked) {  // nodes that cannot be disabled can still be told to look at nothing
    nn_scan_params idle = idle_scan(*node.context);
    void* holder[1];
    set_exec_params(exec_, node.scan, scan_node(*node.context, idle, 1, holder));
  }
}

void WatchedExec::adopt(const std::vector<KernelNode>& kernels) {
  nodes_.reserve(kernels.size());
  for (const KernelNode& kernel : kernels) {
    WatchedNode node = watched(kernel);
    learn(node, kernel.params);
    at_[kernel.node] = nodes_.size();
    nodes_.push_back(std::move(node));
  }
  seen_losses_ = runtime_.buffers.losses();
  for (WatchedNode& node : nodes_) apply(node);
  recount();
}

void WatchedExec::set_kernel(CUgraphNode handle, const CUDA_KERNEL_NODE_PARAMS& params) {
  const auto found = at_.find(handle);
  if (found == at_.end()) return;
  WatchedNode& node = nodes_[found->second];
  learn(node, params);
  apply(node);
  recount();
}

void WatchedExec::set_node_enabled(CUgraphNode handle, bool enabled) {
  const auto found = at_.find(handle);
  if (found == at_.end()) return;
  WatchedNode& node = nodes_[found->second];
  node.node_enabled = enabled;
  switch_scan(node);
  recount();
}

void WatchedExec::losing(const std::unordered_set<CUgraphNode>& nodes) {
  bool changed = false;
  for (WatchedNode& node : nodes_) {
    if (!node.scan || !nodes.count(node.node)) continue;
    turn_off(node);
    node.scan = nullptr;
    changed = true;
  }
  if (changed) recount();
}

void WatchedExec::losing_all() {
  for (WatchedNode& node : nodes_) {
    turn_off(node);
    node.scan = nullptr;
  }
  recount();
}

void WatchedExec::prepare_update(std::vector<KernelNode>& theirs, CUgraphNode container) {
  update_.clear();
  std::vector<const WatchedNode*> mine;
  for (const WatchedNode& node : nodes_)
    if (!container || node.container == container) mine.push_back(&node);
  for (size_t i = 0; i < theirs.size(); ++i) {
    KernelNode& kernel = theirs[i];
    WatchedNode node = watched(kernel);
    // Counters move with the place in the graph; should the driver pair nodes in another way, each
    // still has counters of its own.
    if (i < mine.size()) {
      node.slot = mine[i]->slot;
    }
    learn(node, kernel.params);
    nn_scan_params scan{};
    if (plan(node, scan)) {
      void* holder[1];
      node.looks = set_params(node.scan, scan_node(*node.context, scan, node.plan.blocks,
                                                   holder)) == CUDA_SUCCESS;
    }
    update_.push_back(std::move(node));
  }
}

void WatchedExec::finish_update(const std::vector<KernelNode>& theirs, CUgraphNode container,
                                bool taken) {
  for (const WatchedNode& node : update_) {
    if (!node.looks) continue;
    nn_scan_params idle = idle_scan(*node.context);
    void* holder[1];
    set_params(node.scan, scan_node(*node.context, idle, 1, holder));
  }
  std::vector<WatchedNode> update = std::move(update_);
  update_.clear();
  if (!taken || update.size() != theirs.size()) return;
  size_t i = 0;
  for (WatchedNode& node : nodes_) {
    if (container && node.container != container) continue;
    if (i == update.size()) break;
    WatchedNode& next = update[i++];
    node.kernel = next.kernel;
    node.geometry = next.geometry;
    node.arguments = std::move(next.arguments);
    node.arguments_known = next.arguments_known;
    node.slot = next.slot;
    node.slot_is_shared = true;
    node.bindings = std::move(next.bindings);
    node.plan = next.plan;
    node.waits_for_f16 = next.waits_for_f16;
    node.looks = next.looks;
    node.label = next.label;
    if (node.scan) {
      const bool wanted = node.looks && node.node_enabled;
      if (wanted != node.scan_enabled && set_enabled(exec_, node.scan, wanted) == CUDA_SUCCESS)
        node.scan_enabled = wanted;
    }
  }
  paired_by_driver_ = true;
  recount();
}

bool WatchedExec::is_bound(const WatchedNode& node) const {
  return std::all_of(node.bindings.begin(), node.bindings.end(), [&](const auto& binding) {
    const auto buffer = runtime_.buffers.find(binding.begin);
    return buffer && buffer->generation == binding.generation && binding.end <= buffer->end() &&
           buffer->shared_with() == binding.sharing;
  });
}

bool WatchedExec::is_stale() const noexcept {
  return seen_losses_ != runtime_.buffers.losses() ||
         (any_waits_for_f16_ && !paired_by_driver_ && runtime_.policy().repair_f16);
}

void WatchedExec::refresh() {
  seen_losses_ = runtime_.buffers.losses();
  const bool f16 = runtime_.policy().repair_f16;
  const auto stale = [&](const WatchedNode& node) {
    return node.looks && (!is_bound(node) || (f16 && node.waits_for_f16));
  };
  if (std::none_of(nodes_.begin(), nodes_.end(), stale)) return;
  for (WatchedNode& node : nodes_) {
    if (paired_by_driver_)
      turn_off(node);  // whichever it is; the next update tells them anew
    else if (stale(node))
      apply(node);
  }
  recount();
}

void WatchedExec::rest() {
  resting_ = true;
  for (WatchedNode& node : nodes_) {
    if (!node.scan) continue;
    nn_scan_params idle = idle_scan(*node.context);
    void* holder[1];
    if (node.looks) set_exec_params(exec_, node.scan, scan_node(*node.context, idle, 1, holder));
    if (!node.scan_enabled && set_enabled(exec_, node.scan, true) == CUDA_SUCCESS)
      node.scan_enabled = true;
  }
}

void WatchedExec::resume() {
  resting_ = false;
  for (WatchedNode& node : nodes_) {
    if (paired_by_driver_)
      turn_off(node);
    else
      apply(node);
  }
  recount();
}

void WatchedExec::recount() {
  counts_ = {};
  has_optimiser_ = has_other_kernels_ = any_waits_for_f16_ = false;
  for (const WatchedNode& node : nodes_) {
    any_waits_for_f16_ = any_waits_for_f16_ || (node.looks && node.waits_for_f16);
    if (!node.node_enabled) continue;
    ++counts_.kernels;
    (node.kernel && node.kernel->profile.optimiser_like ? has_optimiser_ : has_other_kernels_) =
        true;
    const resolve::Plan& plan = node.plan;
    if (!node.kernel) ++counts_.unknown;
    if (node.kernel && node.kernel->left_alone) {
      ++counts_.by_rule;
      continue;
    }
    if (!node.kernel || !node.arguments_known || plan.writes_unknown != 0) ++counts_.unprovable;
    if (plan.outputs != 0 && plan.writes_unknown == 0 && plan.provable_bytes == plan.written_bytes)
      ++counts_.provable;
    for (size_t i = 0; i < resolve::kLeftReasons; ++i)
      if (plan.writes_left[i] != 0) ++counts_.left[i];
    counts_.written_bytes += plan.written_bytes;
    if (!node.looks) continue;
    ++counts_.scanned;
    counts_.scanned_bytes += plan.scanned_bytes;
    counts_.provable_bytes += plan.provable_bytes;
    for (size_t i = 0; i < resolve::kEvidences; ++i) counts_.evidence[i] += plan.by_evidence[i];
  }
}

}  // namespace nonans::interpose::graphs
