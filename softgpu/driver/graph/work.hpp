// SPDX-License-Identifier: MIT
// What a graph node does, as a value: copied into clones and executable graphs, compared by
// updates, turned into a fresh operation at each launch.
//
//   Work work;
//   if (CUresult r = kernel_work(params, work); r != CUDA_SUCCESS) return r;   // checks, copies
//   OperationPtr once;
//   make_operation(work, once);                                                // one execution
//
// The order of the alternatives carries no meaning; type_of() gives the API's number.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <variant>
#include <vector>

#include "driver/event.hpp"
#include "driver/graph/graph_memory.hpp"
#include "driver/launch.hpp"

namespace softgpu::driver {

struct Graph;
using GraphPtr = std::shared_ptr<Graph>;
using ContextPtr = std::shared_ptr<Context>;

struct KernelWork {
  // As the program gave them: GetParams answers these.
  CUfunction func = nullptr;
  CUkernel kern = nullptr;
  CUcontext ctx = nullptr;
  // What they mean. Weak: a graph does not keep an unloaded module alive.
  std::weak_ptr<Function> function;
  ContextPtr context;
  LaunchRequest request;  // without the parameter pointers
  std::vector<std::byte> params;
  bool as_buffer = false;  // given through `extra`
  std::map<CUlaunchAttributeID, CUlaunchAttributeValue> attributes;
};
struct CopyWork {
  CUDA_MEMCPY3D copy{};
  ContextPtr context;
};
struct FillWork {
  CUDA_MEMSET_NODE_PARAMS fill{};
  ContextPtr context;
};
struct HostWork {
  CUhostFn function = nullptr;
  void* data = nullptr;
};
struct ChildWork {
  GraphPtr graph;
  bool moved = false;
};
struct EmptyWork {};
struct WaitWork {
  EventPtr event;
};
struct RecordWork {
  EventPtr event;
};
struct AllocWork {
  CUDA_MEM_ALLOC_NODE_PARAMS params{};  // accessDescs points into `access`
  std::shared_ptr<const std::vector<CUmemAccessDesc>> access;
  GraphAllocationPtr allocation;
};
struct FreeWork {
  GraphAllocationPtr allocation;
};
struct BatchWork {
  ContextPtr context;
  std::vector<CUstreamBatchMemOpParams> operations;
  unsigned flags = 0;
};

// The variable a conditional node looks at (CUgraphConditionalHandle).
struct Conditional {
  CUgraphConditionalHandle handle = 0;
  ContextPtr context;
  unsigned default_value = 0;
  bool assign_default = false;
  bool used = false;  // a node has it
  std::atomic<unsigned> value{0};
};
using ConditionalPtr = std::shared_ptr<Conditional>;
// What the kernels of one executable graph may set: its variables, at any depth.
class ConditionTable final : public engine::GraphConditions {
 public:
  explicit ConditionTable(std::vector<ConditionalPtr> variables)
      : variables_(std::move(variables)) {}
  bool set(uint64_t handle, uint32_t value) override;

 private:
  const std::vector<ConditionalPtr> variables_;
};
using ConditionTablePtr = std::shared_ptr<ConditionTable>;
struct ConditionalWork {
  ConditionalPtr variable;
  CUgraphConditionalNodeType type = CU_GRAPH_COND_TYPE_IF;
  std::vector<GraphPtr> bodies;
  std::shared_ptr<std::vector<CUgraph>> handles;  // what phGraph_out points to
};

using Work = std::variant<KernelWork, CopyWork, FillWork, HostWork, ChildWork, EmptyWork, WaitWork,
                          RecordWork, AllocWork, FreeWork, BatchWork, ConditionalWork>;

CUgraphNodeType type_of(const Work& work);

// From the API's structures. INVALID_VALUE, INVALID_HANDLE, INVALID_CONTEXT or NOT_SUPPORTED.
CUresult kernel_work(const CUDA_KERNEL_NODE_PARAMS& params, KernelWork& out);
CUresult copy_work(const CUDA_MEMCPY3D* copy, CUcontext context, CopyWork& out);
CUresult fill_work(const CUDA_MEMSET_NODE_PARAMS* fill, CUcontext context, FillWork& out);
CUresult host_work(const CUDA_HOST_NODE_PARAMS* params, HostWork& out);
CUresult event_of(CUevent handle, EventPtr& out);
CUresult batch_work(const CUDA_BATCH_MEM_OP_NODE_PARAMS* params, BatchWork& out);
// 0 means the current context.
CUresult context_of(CUcontext handle, ContextPtr& out);

// May the executable node with `now` become `next`? Answers the reason if not.
CUgraphExecUpdateResult update_allowed(const Work& now, const Work& next, bool by_priority);

// One execution of a kernel, copy, fill, host function, batch or empty node. INVALID_HANDLE for a
// kernel whose module is gone, CONTEXT_IS_DESTROYED for one whose context is.
CUresult make_operation(const Work& work, const ContextPtr& launched_in,
                        const ConditionTablePtr& conditions, OperationPtr& out);

// Nothing, in order: joins, ends, disabled nodes.
OperationPtr make_empty(const ContextPtr& context);

}  // namespace softgpu::driver
