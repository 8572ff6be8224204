// SPDX-License-Identifier: MIT
#include "interpose/graphs/driver_graph.hpp"

#include <algorithm>

#include "api/generated/real.hpp"

namespace nonans::interpose::graphs {
namespace {

template <typename Pfn, typename... Args>
CUresult call(Pfn pfn, Args... args) noexcept {
  return pfn ? pfn(args...) : CUDA_ERROR_NOT_FOUND;
}

CUDA_KERNEL_NODE_PARAMS widen(const CUDA_KERNEL_NODE_PARAMS_v1& p) noexcept {
  return {p.func,      p.gridDimX,       p.gridDimY,     p.gridDimZ, p.blockDimX, p.blockDimY,
          p.blockDimZ, p.sharedMemBytes, p.kernelParams, p.extra,    nullptr,     nullptr};
}
CUDA_KERNEL_NODE_PARAMS_v1 narrow(const CUDA_KERNEL_NODE_PARAMS& p) noexcept {
  return {p.func,      p.gridDimX,  p.gridDimY,       p.gridDimZ,     p.blockDimX,
          p.blockDimY, p.blockDimZ, p.sharedMemBytes, p.kernelParams, p.extra};
}

bool is_full(const CUgraphEdgeData& data) noexcept {
  return data.from_port == 0 && data.to_port == 0 && data.type == CU_GRAPH_DEPENDENCY_TYPE_DEFAULT;
}

// Lists of nodes come in two calls: how many, and which. The second ABI takes edge data as well.
template <typename PfnNew, typename PfnOld>
bool neighbours(PfnNew get, PfnOld get_v1, CUgraphNode node, std::vector<CUgraphNode>& out) {
  std::vector<CUgraphEdgeData> data;
  size_t count = 0;
  const auto ask = [&](bool fill) {
    CUgraphNode* const nodes = fill ? out.data() : nullptr;
    if (get) return get(node, nodes, fill ? data.data() : nullptr, &count) == CUDA_SUCCESS;
    return get_v1 && get_v1(node, nodes, &count) == CUDA_SUCCESS;
  };
  out.clear();
  if (!ask(false)) return false;
  out.resize(count), data.resize(count);
  if (count != 0 && !ask(true)) return false;
  out.resize(std::min(count, out.size()));
  return true;
}

}  // namespace

bool dependents_of(CUgraphNode node, std::vector<CUgraphNode>& out) {
  return neighbours(real::cuGraphNodeGetDependentNodes_v2(),
                    real::cuGraphNodeGetDependentNodes_v1(), node, out);
}

bool dependencies_of(CUgraphNode node, std::vector<CUgraphNode>& out) {
  return neighbours(real::cuGraphNodeGetDependencies_v2(), real::cuGraphNodeGetDependencies_v1(),
                    node, out);
}

bool nodes_of(CUgraph graph, std::vector<CUgraphNode>& out) {
  const auto get = real::cuGraphGetNodes();
  size_t count = 0;
  if (call(get, graph, static_cast<CUgraphNode*>(nullptr), &count) != CUDA_SUCCESS) return false;
  out.assign(count, nullptr);
  if (count != 0 && call(get, graph, out.data(), &count) != CUDA_SUCCESS) return false;
  out.resize(std::min(count, out.size()));
  return true;
}

bool edges_of(CUgraph graph, std::vector<Edge>& out) {
  out.clear();
  std::vector<CUgraphNode> from, to;
  std::vector<CUgraphEdgeData> data;
  size_t count = 0;
  if (const auto get = real::cuGraphGetEdges_v2()) {
    if (get(graph, nullptr, nullptr, nullptr, &count) != CUDA_SUCCESS) return false;
    from.resize(count), to.resize(count), data.resize(count);
    if (count != 0 && get(graph, from.data(), to.data(), data.data(), &count) != CUDA_SUCCESS)
      return false;
  } else if (const auto get_v1 = real::cuGraphGetEdges_v1()) {
    if (get_v1(graph, nullptr, nullptr, &count) != CUDA_SUCCESS) return false;
    from.resize(count), to.resize(count), data.resize(count);
    if (count != 0 && get_v1(graph, from.data(), to.data(), &count) != CUDA_SUCCESS) return false;
  } else {
    return false;
  }
  count = std::min(count, from.size());
  out.reserve(count);
  for (size_t i = 0; i < count; ++i) out.push_back({from[i], to[i], is_full(data[i])});
  return true;
}

std::optional<CUgraphNodeType> type_of(CUgraphNode node) noexcept {
  CUgraphNodeType type{};
  if (call(real::cuGraphNodeGetType(), node, &type) != CUDA_SUCCESS) return std::nullopt;
  return type;
}

CUgraph child_of(CUgraphNode node) noexcept {
  CUgraph graph = nullptr;
  return call(real::cuGraphChildGraphNodeGetGraph(), node, &graph) == CUDA_SUCCESS ? graph
                                                                                   : nullptr;
}

bool kernel_params(CUgraphNode node, CUDA_KERNEL_NODE_PARAMS& out) noexcept {
  if (const auto get = real::cuGraphKernelNodeGetParams_v2())
    return get(node, &out) == CUDA_SUCCESS;
  CUDA_KERNEL_NODE_PARAMS_v1 old{};
  if (call(real::cuGraphKernelNodeGetParams_v1(), node, &old) != CUDA_SUCCESS) return false;
  out = widen(old);
  return true;
}

bool is_scan(Runtime& runtime, const CUDA_KERNEL_NODE_PARAMS& params) noexcept {
  return params.func && runtime.is_scan_kernel(params.func);
}

bool is_scan(Runtime& runtime, CUgraphNode node) noexcept {
  CUDA_KERNEL_NODE_PARAMS params{};
  return type_of(node) == CU_GRAPH_NODE_TYPE_KERNEL && kernel_params(node, params) &&
         is_scan(runtime, params);
}

CUresult add_kernel_node(CUgraphNode& out, CUgraph graph, CUgraphNode after,
                         const CUDA_KERNEL_NODE_PARAMS& params) noexcept {
  if (const auto add = real::cuGraphAddKernelNode_v2()) return add(&out, graph, &after, 1, &params);
  const CUDA_KERNEL_NODE_PARAMS_v1 old = narrow(params);
  const CUgraphNode* before = &after;
  return call(real::cuGraphAddKernelNode_v1(), &out, graph, before, size_t{1}, &old);
}

CUresult set_params(CUgraphNode node, const CUDA_KERNEL_NODE_PARAMS& params) noexcept {
  if (const auto set = real::cuGraphKernelNodeSetParams_v2()) return set(node, &params);
  const CUDA_KERNEL_NODE_PARAMS_v1 old = narrow(params);
  return call(real::cuGraphKernelNodeSetParams_v1(), node, &old);
}

CUresult set_exec_params(CUgraphExec exec, CUgraphNode node,
                         const CUDA_KERNEL_NODE_PARAMS& params) noexcept {
  if (const auto set = real::cuGraphExecKernelNodeSetParams_v2()) return set(exec, node, &params);
  const CUDA_KERNEL_NODE_PARAMS_v1 old = narrow(params);
  return call(real::cuGraphExecKernelNodeSetParams_v1(), exec, node, &old);
}

CUresult set_enabled(CUgraphExec exec, CUgraphNode node, bool enabled) noexcept {
  return call(real::cuGraphNodeSetEnabled(), exec, node, enabled ? 1u : 0u);
}

CUresult destroy_node(CUgraphNode node) noexcept {
  return call(real::cuGraphDestroyNode(), node);
}

CUresult add_edges(CUgraph graph, const std::vector<CUgraphNode>& from,
                   const std::vector<CUgraphNode>& to) noexcept {
  if (from.empty()) return CUDA_SUCCESS;
  if (const auto add = real::cuGraphAddDependencies_v1())
    return add(graph, from.data(), to.data(), from.size());
  return call(real::cuGraphAddDependencies_v2(), graph, from.data(), to.data(),
              static_cast<const CUgraphEdgeData*>(nullptr), from.size());
}

CUresult remove_edges(CUgraph graph, const std::vector<CUgraphNode>& from,
                      const std::vector<CUgraphNode>& to) noexcept {
  if (from.empty()) return CUDA_SUCCESS;
  if (const auto remove = real::cuGraphRemoveDependencies_v1())
    return remove(graph, from.data(), to.data(), from.size());
  return call(real::cuGraphRemoveDependencies_v2(), graph, from.data(), to.data(),
              static_cast<const CUgraphEdgeData*>(nullptr), from.size());
}

// A driver that does not have an attribute refuses to tell it: the node then has its default.
void copy_scheduling(CUgraphNode to, CUgraphNode from) noexcept {
  const auto get = real::cuGraphKernelNodeGetAttribute();
  const auto set = real::cuGraphKernelNodeSetAttribute();
  if (!get || !set) return;
  for (const CUkernelNodeAttrID id :
       {CU_LAUNCH_ATTRIBUTE_PRIORITY, CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN,
        CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP}) {
    CUkernelNodeAttrValue theirs{}, ours{};
    if (get(from, id, &theirs) != CUDA_SUCCESS || get(to, id, &ours) != CUDA_SUCCESS) continue;
    const bool same = id == CU_LAUNCH_ATTRIBUTE_PRIORITY ? theirs.priority == ours.priority
                      : id == CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN
                          ? theirs.memSyncDomain == ours.memSyncDomain
                          : theirs.memSyncDomainMap.default_ == ours.memSyncDomainMap.default_ &&
                                theirs.memSyncDomainMap.remote == ours.memSyncDomainMap.remote;
    if (!same) set(to, id, &theirs);
  }
}

bool is_device_updatable(CUgraphNode node) noexcept {
  CUkernelNodeAttrValue value{};
  return call(real::cuGraphKernelNodeGetAttribute(), node,
              CU_LAUNCH_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE, &value) == CUDA_SUCCESS &&
         value.deviceUpdatableKernelNode.deviceUpdatable != 0;
}

CUDA_KERNEL_NODE_PARAMS scan_node(const ContextState& context, nn_scan_params& scan,
                                  uint32_t blocks, void* (&holder)[1]) noexcept {
  holder[0] = &scan;
  CUDA_KERNEL_NODE_PARAMS params{};
  params.func = context.scan();
  params.gridDimX = blocks;
  params.gridDimY = params.gridDimZ = 1;
  params.blockDimX = NN_SCAN_THREADS;
  params.blockDimY = params.blockDimZ = 1;
  params.kernelParams = holder;
  return params;
}

nn_scan_params idle_scan(const ContextState& context) noexcept {
  nn_scan_params scan{};
  scan.ring_device = context.ring_device();
  scan.ring_host = context.ring_mapped();
  scan.slot = context.idle_slot();
  scan.context_id = context.id();
  scan.captured = 1;
  return scan;
}

}  // namespace nonans::interpose::graphs
