// SPDX-License-Identifier: MIT
#include "driver/graph/work.hpp"

#include "driver/copy.hpp"
#include "driver/driver_state.hpp"
#include "driver/host_function.hpp"
#include "driver/memory_operation.hpp"

namespace softgpu::driver {
namespace {

template <typename... F>
struct Overloaded : F... {
  using F::operator()...;
};

class Empty final : public StreamOperation {
 public:
  using StreamOperation::StreamOperation;

 private:
  void run(Context&) override {}
};

// A copy or fill whose memory was gone when the graph was launched.
class Lost final : public StreamOperation {
 public:
  using StreamOperation::StreamOperation;

 private:
  void run(Context& context) override {
    context.break_with(CUDA_ERROR_ILLEGAL_ADDRESS,
                       "a graph was launched whose copy or memset refers to memory that has been "
                       "freed");
  }
};

CUresult alive(const ContextPtr& context) {
  return context->destroyed ? CUDA_ERROR_CONTEXT_IS_DESTROYED : CUDA_SUCCESS;
}

CUresult make(const KernelWork& w, const ConditionTablePtr& conditions, OperationPtr& out) {
  if (const CUresult r = alive(w.context); r != CUDA_SUCCESS) return r;
  const FunctionPtr function = w.function.lock();
  // Unloading takes the handle out of the table before the last user of the function is done.
  if (!function || functions().find(function->handle) != function) return CUDA_ERROR_INVALID_HANDLE;
  out = make_launch(w.context, function, w.request, w.params, conditions);
  return CUDA_SUCCESS;
}

CUresult make(const CopyWork& w, OperationPtr& out) {
  if (const CUresult r = alive(w.context); r != CUDA_SUCCESS) return r;
  Side to, from;
  Extent extent;
  if (sides_of(w.copy, to, from, extent) != CUDA_SUCCESS)
    out = std::make_shared<Lost>(w.context);
  else if (extent.empty())
    out = make_empty(w.context);
  else
    out = make_copy(w.context, to, from, extent);
  return CUDA_SUCCESS;
}

CUresult make(const FillWork& w, OperationPtr& out) {
  if (const CUresult r = alive(w.context); r != CUDA_SUCCESS) return r;
  const CUDA_MEMSET_NODE_PARAMS& f = w.fill;
  const Extent extent{f.width * f.elementSize, f.height, 1};
  Side to{.base = f.dst, .pitch = f.pitch};
  if (locate(to, extent, Accepts::device_pointer) != CUDA_SUCCESS)
    out = std::make_shared<Lost>(w.context);
  else if (extent.empty())
    out = make_empty(w.context);
  else
    out = make_fill(w.context, to, extent, f.value, f.elementSize);
  return CUDA_SUCCESS;
}

// What an update may not change: whose memory it is, and of which kind.
bool same_mapping(uint64_t a, uint64_t b) {
  const auto x = memory().find(a), y = memory().find(b);
  if (!x || !y) return !x && !y;
  return x->device_only() == y->device_only() && x->context_id == y->context_id;
}

uint64_t address_of(CUmemorytype type, const void* host, CUdeviceptr device) {
  return type == CU_MEMORYTYPE_HOST ? reinterpret_cast<uint64_t>(host) : device;
}

bool linear(const CUDA_MEMCPY3D& c) {
  return c.Height <= 1 && c.Depth <= 1;
}

CUgraphExecUpdateResult compare(const KernelWork& now, const KernelWork& next, bool by_priority) {
  if (now.context != next.context) return CU_GRAPH_EXEC_UPDATE_ERROR_UNSUPPORTED_FUNCTION_CHANGE;
  if (now.request.cooperative != next.request.cooperative)
    return CU_GRAPH_EXEC_UPDATE_ERROR_ATTRIBUTES_CHANGED;
  const auto priority = [](const KernelWork& w) {
    const auto it = w.attributes.find(CU_LAUNCH_ATTRIBUTE_PRIORITY);
    return it == w.attributes.end() ? 0 : it->second.priority;
  };
  return by_priority && priority(now) != priority(next)
             ? CU_GRAPH_EXEC_UPDATE_ERROR_ATTRIBUTES_CHANGED
             : CU_GRAPH_EXEC_UPDATE_SUCCESS;
}

CUgraphExecUpdateResult compare(const CopyWork& now, const CopyWork& next) {
  const CUDA_MEMCPY3D &a = now.copy, &b = next.copy;
  bool ok = now.context == next.context && a.srcMemoryType == b.srcMemoryType &&
            a.dstMemoryType == b.dstMemoryType &&
            same_mapping(address_of(a.srcMemoryType, a.srcHost, a.srcDevice),
                         address_of(b.srcMemoryType, b.srcHost, b.srcDevice)) &&
            same_mapping(address_of(a.dstMemoryType, a.dstHost, a.dstDevice),
                         address_of(b.dstMemoryType, b.dstHost, b.dstDevice));
  if (!linear(a) || !linear(b))
    ok = ok && a.WidthInBytes == b.WidthInBytes && a.Height == b.Height && a.Depth == b.Depth;
  return ok ? CU_GRAPH_EXEC_UPDATE_SUCCESS : CU_GRAPH_EXEC_UPDATE_ERROR_PARAMETERS_CHANGED;
}

CUgraphExecUpdateResult compare(const FillWork& now, const FillWork& next) {
  const CUDA_MEMSET_NODE_PARAMS &a = now.fill, &b = next.fill;
  bool ok = now.context == next.context && a.height == b.height && same_mapping(a.dst, b.dst);
  if (a.height > 1)
    ok = ok && a.width == b.width && a.elementSize == b.elementSize && a.pitch == b.pitch;
  return ok ? CU_GRAPH_EXEC_UPDATE_SUCCESS : CU_GRAPH_EXEC_UPDATE_ERROR_PARAMETERS_CHANGED;
}

CUgraphExecUpdateResult when(bool ok, CUgraphExecUpdateResult otherwise) {
  return ok ? CU_GRAPH_EXEC_UPDATE_SUCCESS : otherwise;
}

}  // namespace

CUgraphNodeType type_of(const Work& work) {
  constexpr CUgraphNodeType kTypes[] = {
      CU_GRAPH_NODE_TYPE_KERNEL,       CU_GRAPH_NODE_TYPE_MEMCPY,
      CU_GRAPH_NODE_TYPE_MEMSET,       CU_GRAPH_NODE_TYPE_HOST,
      CU_GRAPH_NODE_TYPE_GRAPH,        CU_GRAPH_NODE_TYPE_EMPTY,
      CU_GRAPH_NODE_TYPE_WAIT_EVENT,   CU_GRAPH_NODE_TYPE_EVENT_RECORD,
      CU_GRAPH_NODE_TYPE_MEM_ALLOC,    CU_GRAPH_NODE_TYPE_MEM_FREE,
      CU_GRAPH_NODE_TYPE_BATCH_MEM_OP, CU_GRAPH_NODE_TYPE_CONDITIONAL};
  static_assert(std::size(kTypes) == std::variant_size_v<Work>);
  return kTypes[work.index()];
}

CUgraphExecUpdateResult update_allowed(const Work& now, const Work& next, bool by_priority) {
  if (now.index() != next.index()) return CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED;
  return std::visit(
      Overloaded{
          [&](const KernelWork& w) { return compare(w, std::get<KernelWork>(next), by_priority); },
          [&](const CopyWork& w) { return compare(w, std::get<CopyWork>(next)); },
          [&](const FillWork& w) { return compare(w, std::get<FillWork>(next)); },
          [&](const AllocWork& w) {
            return when(w.allocation == std::get<AllocWork>(next).allocation,
                        CU_GRAPH_EXEC_UPDATE_ERROR_NOT_SUPPORTED);
          },
          [&](const FreeWork& w) {
            return when(w.allocation == std::get<FreeWork>(next).allocation,
                        CU_GRAPH_EXEC_UPDATE_ERROR_NOT_SUPPORTED);
          },
          [&](const BatchWork& w) {
            const auto& other = std::get<BatchWork>(next);
            return when(
                w.context == other.context && w.operations.size() == other.operations.size(),
                CU_GRAPH_EXEC_UPDATE_ERROR_PARAMETERS_CHANGED);
          },
          [&](const ConditionalWork& w) {
            const auto& other = std::get<ConditionalWork>(next);
            return when(w.type == other.type && w.bodies.size() == other.bodies.size(),
                        CU_GRAPH_EXEC_UPDATE_ERROR_PARAMETERS_CHANGED);
          },
          [](const auto&) { return CU_GRAPH_EXEC_UPDATE_SUCCESS; }},
      now);
}

bool ConditionTable::set(uint64_t handle, uint32_t value) {
  for (const ConditionalPtr& c : variables_) {
    if (c->handle != handle) continue;
    c->value.store(value);
    return true;
  }
  return false;
}

CUresult make_operation(const Work& work, const ContextPtr& launched_in,
                        const ConditionTablePtr& conditions, OperationPtr& out) {
  const CUresult made = std::visit(
      Overloaded{[&](const KernelWork& w) { return make(w, conditions, out); },
                 [&](const CopyWork& w) { return make(w, out); },
                 [&](const FillWork& w) { return make(w, out); },
                 [&](const HostWork& w) {
                   out = make_host_function(launched_in, w.function, w.data);
                   return CUDA_SUCCESS;
                 },
                 [&](const BatchWork& w) {
                   const CUresult r = alive(w.context);
                   return r != CUDA_SUCCESS ? r : make_batch(w.context, w.operations, out);
                 },
                 [&](const auto&) {
                   out = make_empty(launched_in);
                   return CUDA_SUCCESS;
                 }},
      work);
  if (made == CUDA_SUCCESS) out->mark_in_graph();
  return made;
}

OperationPtr make_empty(const ContextPtr& context) {
  return std::make_shared<Empty>(context);
}

}  // namespace softgpu::driver
