// SPDX-License-Identifier: MIT
// One launch of an executable graph: its nodes as a group of operations in a stream.
#include <algorithm>

#include "driver/capture/capture.hpp"
#include "driver/graph/exec.hpp"
#include "driver/ipc/shared_event.hpp"
#include "driver/trace/trace_table.hpp"
#include "driver/trace/work.hpp"

namespace softgpu::driver {
namespace {

// Sets the variables of conditional nodes to their defaults before any node runs.
class Begin final : public StreamOperation {
 public:
  Begin(ContextPtr context, std::vector<ConditionalPtr> conditionals)
      : StreamOperation(std::move(context)), conditionals_(std::move(conditionals)) {}

 private:
  void run(Context&) override {
    for (const ConditionalPtr& c : conditionals_)
      if (c->assign_default) c->value.store(c->default_value);
    conditionals_.clear();
  }
  std::vector<ConditionalPtr> conditionals_;
};

// The executable graph's references to user objects, while a launch is under way.
class End final : public StreamOperation {
 public:
  End(ContextPtr context, UserObjectReferences user_objects)
      : StreamOperation(std::move(context)), user_objects_(std::move(user_objects)) {}

 private:
  void run(Context&) override { user_objects_ = {}; }
  void skipped(Context&) override { user_objects_ = {}; }
  UserObjectReferences user_objects_;
};

// Gathers the operations first: if one cannot be made, nothing has been submitted and nothing of
// the host's view has changed.
class LaunchPlan {
 public:
  LaunchPlan(Exec& exec, const StreamPtr& stream)
      : exec_(exec),
        stream_(stream),
        conditions_(std::make_shared<ConditionTable>(exec.conditionals)) {}

  CUresult build() {
    const bool automatic = (exec_.flags & CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH) != 0;
    OperationPtr begin = std::make_shared<Begin>(stream_->context, exec_.conditionals);
    members_.push_back({begin, {}, std::nullopt});
    if (automatic) {
      // What the last launch left goes first.
      std::vector<GraphAllocationPtr> left;
      collect_left(exec_.top, left);
      for (const GraphAllocationPtr& a : left) {
        OperationPtr hide = make_hide(a);
        members_.push_back({hide, {begin}, std::nullopt});
        begin = hide;
        freed_.push_back(a);
      }
    }
    std::vector<OperationPtr> leaves;
    if (const CUresult r = emit(exec_.top, {begin}, leaves); r != CUDA_SUCCESS) return r;
    members_.push_back({std::make_shared<End>(stream_->context, exec_.user_objects),
                        std::move(leaves), std::nullopt});
    return CUDA_SUCCESS;
  }

  void submit() {
    for (const GraphAllocationPtr& a : freed_) set_allocated(a, false);
    for (const GraphAllocationPtr& a : allocated_) set_allocated(a, true);
    for (const GraphAllocationPtr& a : freed_later_) set_allocated(a, false);
    const OperationPtr previous = exec_.last;
    enqueue_group(stream_, members_, {&previous, 1});
    exec_.last = members_.back().operation;
    for (const auto& [event, operation] : records_) {
      const std::lock_guard lock(event->mutex);
      event->record = operation;
    }
  }

 private:
  bool holds(const std::vector<GraphAllocationPtr>& list, const GraphAllocationPtr& a) const {
    return std::find(list.begin(), list.end(), a) != list.end();
  }

  void collect_left(const ExecGraph& graph, std::vector<GraphAllocationPtr>& out) const {
    for (const ExecNode& node : graph.nodes) {
      if (const auto* const w = std::get_if<AllocWork>(&node.work))
        if (w->allocation->allocated) out.push_back(w->allocation);
      for (const ExecGraph& inner : node.inner) collect_left(inner, out);
    }
  }

  // The operations of a graph that start after `entry`; `leaves` are those that nothing in it
  // follows.
  CUresult emit(const ExecGraph& graph, const std::vector<OperationPtr>& entry,
                std::vector<OperationPtr>& leaves) {
    std::vector<OperationPtr> done(graph.nodes.size());
    std::vector<bool> followed(graph.nodes.size());
    for (const size_t i : graph.order) {
      const ExecNode& node = graph.nodes[i];
      std::vector<OperationPtr> after;
      for (const size_t before : node.after) {
        followed[before] = true;
        after.push_back(done[before]);
      }
      if (after.empty()) after = entry;
      if (const CUresult r = emit(node, after, done[i]); r != CUDA_SUCCESS) return r;
    }
    for (size_t i = 0; i < done.size(); ++i)
      if (!followed[i]) leaves.push_back(done[i]);
    if (leaves.empty()) leaves = entry;
    return CUDA_SUCCESS;
  }

  CUresult emit(const ExecNode& node, std::vector<OperationPtr>& after, OperationPtr& out) {
    const Work& work = node.work;
    if (!node.enabled) {
      out = make_empty(stream_->context);
    } else if (std::holds_alternative<ChildWork>(work)) {
      std::vector<OperationPtr> leaves;
      if (const CUresult r = emit(node.inner[0], after, leaves); r != CUDA_SUCCESS) return r;
      after = std::move(leaves);
      out = make_empty(stream_->context);
    } else if (std::holds_alternative<ConditionalWork>(work)) {
      out = make_conditional(stream_->context, node, conditions_);
    } else if (const auto* const wait = std::get_if<WaitWork>(&work)) {
      if (wait->event->context->destroyed) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
      if (wait->event->shared) {
        out = wait->event->shared->make_wait(stream_->context);
      } else {
        if (OperationPtr recorded = wait->event->recorded()) after.push_back(std::move(recorded));
        out = make_empty(stream_->context);
      }
    } else if (const auto* const record = std::get_if<RecordWork>(&work)) {
      if (record->event->context->destroyed) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
      auto operation = std::make_shared<RecordOperation>(stream_->context, record->event->shared);
      records_.emplace_back(record->event, operation);
      out = operation;
    } else if (const auto* const alloc = std::get_if<AllocWork>(&work)) {
      const GraphAllocationPtr& a = alloc->allocation;
      if (a->context->destroyed) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
      if (a->allocated && !holds(freed_, a)) return CUDA_ERROR_INVALID_VALUE;
      allocated_.push_back(a);
      out = make_show(a);
    } else if (const auto* const free = std::get_if<FreeWork>(&work)) {
      const GraphAllocationPtr& a = free->allocation;
      if (a->context->destroyed) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
      if (!a->allocated && !holds(allocated_, a)) return CUDA_ERROR_INVALID_VALUE;
      freed_later_.push_back(a);
      out = make_hide(a);
    } else if (const CUresult r = make_operation(work, stream_->context, conditions_, out);
               r != CUDA_SUCCESS) {
      return r;
    }
    if (auto* const traced = tracing() ? dynamic_cast<TracedWork*>(out.get()) : nullptr)
      traced->of_graph(number_in(exec_.handle), number_in(node.source));
    members_.push_back({out, std::move(after), priority_of(work)});
    return CUDA_SUCCESS;
  }

  std::optional<int> priority_of(const Work& work) const {
    const auto* const kernel = std::get_if<KernelWork>(&work);
    if (!kernel || (exec_.flags & CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY) == 0)
      return std::nullopt;
    const auto it = kernel->attributes.find(CU_LAUNCH_ATTRIBUTE_PRIORITY);
    return it == kernel->attributes.end()
               ? 0
               : std::clamp(it->second.priority, kGreatestPriority, kLeastPriority);
  }

  Exec& exec_;
  const StreamPtr& stream_;
  const ConditionTablePtr conditions_;
  std::vector<GroupMember> members_;
  std::vector<GraphAllocationPtr> freed_, allocated_, freed_later_;
  std::vector<std::pair<EventPtr, std::shared_ptr<RecordOperation>>> records_;
};

class ConditionalOperation final : public StreamOperation, public TracedWork {
 public:
  ConditionalOperation(const ContextPtr& context, const ExecNode& node,
                       const ConditionTablePtr& conditions)
      : StreamOperation(context),
        context_(context),
        conditions_(conditions),
        work_(std::get<ConditionalWork>(node.work)),
        bodies_(node.inner) {}

 private:
  bool describe(Activity&) const override { return false; }
  void run(Context&) override {
    const TracedWork::Run bodies(*this);
    const auto value = [&] { return work_.variable->value.load(); };
    int64_t time = ready_at();
    switch (work_.type) {
      case CU_GRAPH_COND_TYPE_IF:
        if (value() != 0)
          time = run_here(bodies_[0], context_, conditions_, time);
        else if (bodies_.size() > 1)
          time = run_here(bodies_[1], context_, conditions_, time);
        break;
      case CU_GRAPH_COND_TYPE_WHILE:
        while (value() != 0 && context_->sticky() == CUDA_SUCCESS)
          time = run_here(bodies_[0], context_, conditions_, time);
        break;
      case CU_GRAPH_COND_TYPE_SWITCH:
        if (value() < bodies_.size())
          time = run_here(bodies_[value()], context_, conditions_, time);
        break;
    }
    takes(time - ready_at());
    bodies_.clear();
    conditions_.reset();
  }

  ContextPtr context_;
  ConditionTablePtr conditions_;
  ConditionalWork work_;
  std::vector<ExecGraph> bodies_;
};

}  // namespace

int64_t run_here(const ExecGraph& graph, const ContextPtr& context,
                 const ConditionTablePtr& conditions, int64_t time) {
  for (const size_t i : graph.order) {
    const ExecNode& node = graph.nodes[i];
    if (!node.enabled) continue;
    OperationPtr operation;
    if (std::holds_alternative<ChildWork>(node.work)) {
      time = run_here(node.inner[0], context, conditions, time);
      continue;
    }
    if (std::holds_alternative<ConditionalWork>(node.work)) {
      operation = make_conditional(context, node, conditions);
    } else if (const CUresult r = make_operation(node.work, context, conditions, operation);
               r != CUDA_SUCCESS) {
      context->break_with(r, "a node in the body of a conditional node could not be run");
      return time;
    }
    operation->not_before(time);
    operation->execute();
    time = operation->ended_at();
  }
  return time;
}

OperationPtr make_conditional(const ContextPtr& context, const ExecNode& node,
                              const ConditionTablePtr& conditions) {
  return std::make_shared<ConditionalOperation>(context, node, conditions);
}

CUresult launch_exec(Exec& exec, const StreamPtr& stream) {
  LaunchPlan plan(exec, stream);
  if (const CUresult r = plan.build(); r != CUDA_SUCCESS) return r;
  plan.submit();
  return CUDA_SUCCESS;
}

namespace {

template <DefaultStream V>
CUresult launch_graph(CUgraphExec handle, CUstream stream_handle) {
  return with_stream(stream_handle, V, [&](Context&, const StreamPtr& stream) -> CUresult {
    const auto node = captured(stream, [&](Graph&, Work& work) -> CUresult {
      const ExecPtr exec = execs().find(handle);
      return exec ? graph_of(exec->top, work.emplace<ChildWork>().graph) : CUDA_ERROR_INVALID_VALUE;
    });
    if (node) return *node;
    const std::lock_guard lock(graph_mutex());
    const ExecPtr exec = execs().find(handle);
    return exec ? launch_exec(*exec, stream) : CUDA_ERROR_INVALID_VALUE;
  });
}

// There is nothing to move to the device; what remains is the order.
template <DefaultStream V>
CUresult upload(CUgraphExec handle, CUstream stream_handle) {
  return with_stream(stream_handle, V, [&](Context& context, const StreamPtr& stream) -> CUresult {
    if (const CUresult r = refuse_as_node(stream); r != CUDA_SUCCESS) return r;
    const std::lock_guard lock(graph_mutex());
    const ExecPtr exec = execs().find(handle);
    if (!exec) return CUDA_ERROR_INVALID_VALUE;
    enqueue(stream, make_empty(context.shared_from_this()), Run::later, {&exec->last, 1});
    return CUDA_SUCCESS;
  });
}

constexpr auto kLegacy = DefaultStream::legacy;
constexpr auto kPerThread = DefaultStream::per_thread;

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

// softgpu-partial: refuses, in a capture, graphs with memory or conditional nodes
CUresult cuGraphLaunch(CUgraphExec exec, CUstream s) {
  return launch_graph<kLegacy>(exec, s);
}
CUresult cuGraphLaunch_ptsz(CUgraphExec exec, CUstream s) {
  return launch_graph<kPerThread>(exec, s);
}
CUresult cuGraphUpload(CUgraphExec exec, CUstream s) {
  return upload<kLegacy>(exec, s);
}
CUresult cuGraphUpload_ptsz(CUgraphExec exec, CUstream s) {
  return upload<kPerThread>(exec, s);
}
