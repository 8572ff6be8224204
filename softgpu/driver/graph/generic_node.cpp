// SPDX-License-Identifier: MIT
// cuGraphAddNode, cuGraphNodeSetParams, cuGraphExecNodeSetParams: nodes of any kind from one tagged
// structure.
#include <algorithm>
#include <cstring>

#include "driver/graph/child_nodes.hpp"
#include "driver/graph/exec.hpp"
#include "driver/graph/graph.hpp"
#include "driver/graph/memory_nodes.hpp"

namespace softgpu::driver {
namespace {

// How many bytes of the union a kind uses. All behind them must be zero, so that a program compiled
// for a newer header cannot be misunderstood. 0: not a kind that this device knows.
size_t used_bytes(CUgraphNodeType type) {
  switch (type) {
    case CU_GRAPH_NODE_TYPE_KERNEL:
      return sizeof(CUDA_KERNEL_NODE_PARAMS_v3);
    case CU_GRAPH_NODE_TYPE_MEMCPY:
      return sizeof(CUDA_MEMCPY_NODE_PARAMS);
    case CU_GRAPH_NODE_TYPE_MEMSET:
      return sizeof(CUDA_MEMSET_NODE_PARAMS_v2);
    case CU_GRAPH_NODE_TYPE_HOST:
      return sizeof(CUDA_HOST_NODE_PARAMS_v2);
    case CU_GRAPH_NODE_TYPE_GRAPH:
      return sizeof(CUDA_CHILD_GRAPH_NODE_PARAMS);
    case CU_GRAPH_NODE_TYPE_EMPTY:
      return 0;
    case CU_GRAPH_NODE_TYPE_WAIT_EVENT:
      return sizeof(CUDA_EVENT_WAIT_NODE_PARAMS);
    case CU_GRAPH_NODE_TYPE_EVENT_RECORD:
      return sizeof(CUDA_EVENT_RECORD_NODE_PARAMS);
    case CU_GRAPH_NODE_TYPE_MEM_ALLOC:
      return sizeof(CUDA_MEM_ALLOC_NODE_PARAMS_v2);
    case CU_GRAPH_NODE_TYPE_MEM_FREE:
      return sizeof(CUDA_MEM_FREE_NODE_PARAMS);
    case CU_GRAPH_NODE_TYPE_BATCH_MEM_OP:
      return sizeof(CUDA_BATCH_MEM_OP_NODE_PARAMS_v2);
    case CU_GRAPH_NODE_TYPE_CONDITIONAL:
      return sizeof(CUDA_CONDITIONAL_NODE_PARAMS);
    default:
      return SIZE_MAX;
  }
}

CUresult check_form(const CUgraphNodeParams* p) {
  if (!p) return CUDA_ERROR_INVALID_VALUE;
  if (p->type == CU_GRAPH_NODE_TYPE_EXT_SEMAS_SIGNAL ||
      p->type == CU_GRAPH_NODE_TYPE_EXT_SEMAS_WAIT) {
    say_once("semaphore node", "external semaphore nodes are not supported");
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  const size_t used = used_bytes(p->type);
  if (used > sizeof p->reserved1) return CUDA_ERROR_INVALID_VALUE;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(p->reserved1);
  const bool zero = std::all_of(bytes + used, bytes + sizeof p->reserved1,
                                [](unsigned char b) { return b == 0; });
  return zero && p->reserved0[0] == 0 && p->reserved0[1] == 0 && p->reserved0[2] == 0 &&
                 p->reserved2 == 0
             ? CUDA_SUCCESS
             : CUDA_ERROR_INVALID_VALUE;
}

CUDA_KERNEL_NODE_PARAMS kernel_of(const CUDA_KERNEL_NODE_PARAMS_v3& k) {
  return {k.func,      k.gridDimX,       k.gridDimY,     k.gridDimZ, k.blockDimX, k.blockDimY,
          k.blockDimZ, k.sharedMemBytes, k.kernelParams, k.extra,    k.kern,      k.ctx};
}

// The kinds whose parameters may be set later.
CUresult settable_work(const CUgraphNodeParams& p, Work& work) {
  switch (p.type) {
    case CU_GRAPH_NODE_TYPE_KERNEL: {
      KernelWork next;
      if (const auto* const now = std::get_if<KernelWork>(&work)) {
        next.attributes = now->attributes;
        next.request.cooperative = now->request.cooperative;
      }
      const CUresult r = kernel_work(kernel_of(p.kernel), next);
      work = std::move(next);
      return r;
    }
    case CU_GRAPH_NODE_TYPE_MEMCPY:
      if (p.memcpy.flags != 0 || p.memcpy.reserved != 0) return CUDA_ERROR_INVALID_VALUE;
      return copy_work(&p.memcpy.copyParams, p.memcpy.copyCtx, work.emplace<CopyWork>());
    case CU_GRAPH_NODE_TYPE_MEMSET: {
      const CUDA_MEMSET_NODE_PARAMS_v2& m = p.memset;
      const CUDA_MEMSET_NODE_PARAMS fill{m.dst, m.pitch, m.value, m.elementSize, m.width, m.height};
      return fill_work(&fill, m.ctx, work.emplace<FillWork>());
    }
    case CU_GRAPH_NODE_TYPE_HOST: {
      const CUDA_HOST_NODE_PARAMS host{p.host.fn, p.host.userData};
      return host_work(&host, work.emplace<HostWork>());
    }
    case CU_GRAPH_NODE_TYPE_WAIT_EVENT:
      return event_of(p.eventWait.event, work.emplace<WaitWork>().event);
    case CU_GRAPH_NODE_TYPE_EVENT_RECORD:
      return event_of(p.eventRecord.event, work.emplace<RecordWork>().event);
    case CU_GRAPH_NODE_TYPE_BATCH_MEM_OP: {
      const CUDA_BATCH_MEM_OP_NODE_PARAMS batch{p.memOp.ctx, p.memOp.count, p.memOp.paramArray,
                                                p.memOp.flags};
      return batch_work(&batch, work.emplace<BatchWork>());
    }
    default:
      return CUDA_ERROR_NOT_SUPPORTED;
  }
}

CUresult any_work(Graph& graph, CUgraphNodeParams& p, Work& work) {
  switch (p.type) {
    case CU_GRAPH_NODE_TYPE_EMPTY:
      work.emplace<EmptyWork>();
      return CUDA_SUCCESS;
    case CU_GRAPH_NODE_TYPE_GRAPH:
      return child_work(graph, p.graph.graph, p.graph.ownership, work.emplace<ChildWork>());
    case CU_GRAPH_NODE_TYPE_MEM_ALLOC: {
      CUDA_MEM_ALLOC_NODE_PARAMS alloc{p.alloc.poolProps, p.alloc.accessDescs,
                                       p.alloc.accessDescCount, p.alloc.bytesize, 0};
      const CUresult r = alloc_work(&alloc, graph, nullptr, work.emplace<AllocWork>());
      if (r == CUDA_SUCCESS) p.alloc.dptr = alloc.dptr;
      return r;
    }
    case CU_GRAPH_NODE_TYPE_MEM_FREE:
      return free_work(p.free.dptr, graph, work.emplace<FreeWork>());
    case CU_GRAPH_NODE_TYPE_CONDITIONAL:
      return conditional_work(graph, p.conditional, work.emplace<ConditionalWork>());
    default:
      return settable_work(p, work);
  }
}

CUresult add_any(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies,
                 const CUgraphEdgeData* data, size_t count, CUgraphNodeParams* params) {
  return add(out, graph, dependencies, data, count, [&](Work& work) -> CUresult {
    if (const CUresult r = check_form(params); r != CUDA_SUCCESS) return r;
    return any_work(*graphs().find(graph), *params, work);
  });
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

// softgpu-partial: refuses external semaphore nodes
CUresult cuGraphAddNode(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies,
                        size_t count, CUgraphNodeParams* params) {
  return add_any(out, graph, dependencies, nullptr, count, params);
}
CUresult cuGraphAddNode_v2(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies,
                           const CUgraphEdgeData* data, size_t count, CUgraphNodeParams* params) {
  return add_any(out, graph, dependencies, data, count, params);
}

// softgpu-partial: refuses external semaphore nodes
CUresult cuGraphNodeSetParams(CUgraphNode handle, CUgraphNodeParams* params) {
  return with_graphs([&]() -> CUresult {
    if (const CUresult r = check_form(params); r != CUDA_SUCCESS) return r;
    const NodePtr node = graph_nodes().find(handle);
    if (!node || type_of(node->work) != params->type) return CUDA_ERROR_INVALID_VALUE;
    Work next = node->work;
    const CUresult r = settable_work(*params, next);
    if (r == CUDA_SUCCESS) node->work = std::move(next);
    return r;
  });
}

// softgpu-partial: refuses external semaphore nodes
CUresult cuGraphExecNodeSetParams(CUgraphExec exec, CUgraphNode handle, CUgraphNodeParams* params) {
  if (params && params->type == CU_GRAPH_NODE_TYPE_GRAPH)
    return cuGraphExecChildGraphNodeSetParams(exec, handle, params->graph.graph);
  return with_graphs([&]() -> CUresult {
    if (const CUresult r = check_form(params); r != CUDA_SUCCESS) return r;
    ExecNode* node = nullptr;
    Exec* owner = nullptr;
    if (const CUresult r = find_exec_node(exec, handle, node, owner); r != CUDA_SUCCESS) return r;
    if (type_of(node->work) != params->type) return CUDA_ERROR_INVALID_VALUE;
    Work next = node->work;
    if (const CUresult r = settable_work(*params, next); r != CUDA_SUCCESS) return r;
    if (update_allowed(node->work, next, false) != CU_GRAPH_EXEC_UPDATE_SUCCESS)
      return CUDA_ERROR_INVALID_VALUE;
    node->work = std::move(next);
    return CUDA_SUCCESS;
  });
}
