// SPDX-License-Identifier: MIT
// Kernel nodes. Version 1 of the parameter structure (CUDA 10 to 11) ends before `kern` and `ctx`.
#include <algorithm>

#include "driver/graph/exec.hpp"
#include "driver/graph/graph.hpp"

namespace softgpu::driver {
namespace {

CUDA_KERNEL_NODE_PARAMS widen(const CUDA_KERNEL_NODE_PARAMS_v1& p) {
  return {p.func,      p.gridDimX,       p.gridDimY,     p.gridDimZ, p.blockDimX, p.blockDimY,
          p.blockDimZ, p.sharedMemBytes, p.kernelParams, p.extra,    nullptr,     nullptr};
}
CUDA_KERNEL_NODE_PARAMS_v1 narrow(const CUDA_KERNEL_NODE_PARAMS& p) {
  return {p.func,      p.gridDimX,  p.gridDimY,       p.gridDimZ,     p.blockDimX,
          p.blockDimY, p.blockDimZ, p.sharedMemBytes, p.kernelParams, p.extra};
}

// A node is made under the lock of graphs, so nothing is waited for: its function is on the device
// from here on.
CUresult function_of_node(const CUDA_KERNEL_NODE_PARAMS& p, FunctionPtr& out) {
  if (p.func) {
    out = functions().find(p.func);
    if (out) return CUDA_SUCCESS;
  }
  if (!p.func && !p.kern) return CUDA_ERROR_INVALID_VALUE;
  // A kernel, in its own field or cast to a function: its function in the context asked for.
  ContextPtr context;
  if (const CUresult r = context_of(p.func ? nullptr : p.ctx, context); r != CUDA_SUCCESS) return r;
  return find_function(p.func ? p.func : reinterpret_cast<CUfunction>(p.kern), context, out);
}

// What GetParams answers; the arrays live in the node.
CUDA_KERNEL_NODE_PARAMS describe(Node& node, KernelWork& work) {
  CUDA_KERNEL_NODE_PARAMS p{};
  p.func = work.func;
  p.kern = work.kern;
  p.ctx = work.ctx;
  const LaunchRequest& r = work.request;
  p.gridDimX = r.grid.x, p.gridDimY = r.grid.y, p.gridDimZ = r.grid.z;
  p.blockDimX = r.block.x, p.blockDimY = r.block.y, p.blockDimZ = r.block.z;
  p.sharedMemBytes = r.dynamic_shared;
  if (work.as_buffer) {
    node.extra_size = work.params.size();
    node.extra = {CU_LAUNCH_PARAM_BUFFER_POINTER, work.params.data(), CU_LAUNCH_PARAM_BUFFER_SIZE,
                  &node.extra_size, CU_LAUNCH_PARAM_END};
    p.extra = node.extra.data();
    return p;
  }
  node.kernel_params.clear();
  if (const FunctionPtr function = work.function.lock())
    for (const auto& param : function->kernel->params)
      node.kernel_params.push_back(work.params.data() + param.offset);
  if (!node.kernel_params.empty()) p.kernelParams = node.kernel_params.data();
  return p;
}

CUresult set_params(CUgraphNode handle, const CUDA_KERNEL_NODE_PARAMS& p) {
  return with_node<KernelWork>(handle, [&](Node&, KernelWork& work) -> CUresult {
    KernelWork next;
    // Attributes are not parameters: they stay.
    next.attributes = work.attributes;
    next.request.cooperative = work.request.cooperative;
    if (const CUresult r = kernel_work(p, next); r != CUDA_SUCCESS) return r;
    work = std::move(next);
    return CUDA_SUCCESS;
  });
}

CUresult add_kernel(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies, size_t count,
                    const CUDA_KERNEL_NODE_PARAMS& p) {
  return add(out, graph, dependencies, nullptr, count,
             [&](Work& work) { return kernel_work(p, work.emplace<KernelWork>()); });
}

bool known(CUlaunchAttributeID id) {
  return id >= CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW && id < CU_LAUNCH_ATTRIBUTE_MAX &&
         id != CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY &&
         id != CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT &&
         id != CU_LAUNCH_ATTRIBUTE_LAUNCH_COMPLETION_EVENT;
}

}  // namespace

CUresult kernel_work(const CUDA_KERNEL_NODE_PARAMS& p, KernelWork& out) {
  FunctionPtr function;
  if (const CUresult r = function_of_node(p, function); r != CUDA_SUCCESS) return r;
  function->loaded = true;
  LaunchRequest request{{p.gridDimX, p.gridDimY, p.gridDimZ},
                        {p.blockDimX, p.blockDimY, p.blockDimZ},
                        p.sharedMemBytes};
  request.cooperative = out.request.cooperative;
  if (request.cooperative && p.extra) return CUDA_ERROR_INVALID_VALUE;
  if (const CUresult r = check_shape(*function, request); r != CUDA_SUCCESS) return r;
  std::vector<std::byte> params;
  if (const CUresult r = gather_parameters(*function->kernel, p.kernelParams, p.extra, params);
      r != CUDA_SUCCESS)
    return r;
  out.func = p.func;
  out.kern = p.kern;
  out.ctx = p.ctx;
  out.function = function;
  out.context = function->module->context;
  out.request = request;
  out.params = std::move(params);
  out.as_buffer = p.extra != nullptr;
  return CUDA_SUCCESS;
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuGraphAddKernelNode(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies,
                              size_t count, const CUDA_KERNEL_NODE_PARAMS_v1* params) {
  return params ? add_kernel(out, graph, dependencies, count, widen(*params))
                : CUDA_ERROR_INVALID_VALUE;
}
CUresult cuGraphAddKernelNode_v2(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies,
                                 size_t count, const CUDA_KERNEL_NODE_PARAMS* params) {
  return params ? add_kernel(out, graph, dependencies, count, *params) : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGraphKernelNodeGetParams(CUgraphNode handle, CUDA_KERNEL_NODE_PARAMS_v1* params) {
  return with_node<KernelWork>(handle, [&](Node& node, KernelWork& work) -> CUresult {
    if (!params) return CUDA_ERROR_INVALID_VALUE;
    *params = narrow(describe(node, work));
    return CUDA_SUCCESS;
  });
}
CUresult cuGraphKernelNodeGetParams_v2(CUgraphNode handle, CUDA_KERNEL_NODE_PARAMS* params) {
  return with_node<KernelWork>(handle, [&](Node& node, KernelWork& work) -> CUresult {
    if (!params) return CUDA_ERROR_INVALID_VALUE;
    *params = describe(node, work);
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphKernelNodeSetParams(CUgraphNode node, const CUDA_KERNEL_NODE_PARAMS_v1* params) {
  return params ? set_params(node, widen(*params)) : CUDA_ERROR_INVALID_VALUE;
}
CUresult cuGraphKernelNodeSetParams_v2(CUgraphNode node, const CUDA_KERNEL_NODE_PARAMS* params) {
  return params ? set_params(node, *params) : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGraphExecKernelNodeSetParams(CUgraphExec exec, CUgraphNode node,
                                        const CUDA_KERNEL_NODE_PARAMS_v1* params) {
  if (!params) return CUDA_ERROR_INVALID_VALUE;
  const CUDA_KERNEL_NODE_PARAMS wide = widen(*params);
  return cuGraphExecKernelNodeSetParams_v2(exec, node, &wide);
}
CUresult cuGraphExecKernelNodeSetParams_v2(CUgraphExec exec, CUgraphNode node,
                                           const CUDA_KERNEL_NODE_PARAMS* params) {
  return set_exec_work<KernelWork>(exec, node, [&](const KernelWork& now, KernelWork& next) {
    if (!params) return CUDA_ERROR_INVALID_VALUE;
    next.attributes = now.attributes;
    next.request.cooperative = now.request.cooperative;
    return kernel_work(*params, next);
  });
}

CUresult cuGraphKernelNodeCopyAttributes(CUgraphNode to, CUgraphNode from) {
  return with_graphs([&]() -> CUresult {
    const NodePtr source = graph_nodes().find(from), target = graph_nodes().find(to);
    const auto* const a = source ? std::get_if<KernelWork>(&source->work) : nullptr;
    auto* const b = target ? std::get_if<KernelWork>(&target->work) : nullptr;
    if (!a || !b || a->context != b->context) return CUDA_ERROR_INVALID_VALUE;
    b->attributes = a->attributes;
    b->request.cooperative = a->request.cooperative;
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphKernelNodeGetAttribute(CUgraphNode handle, CUkernelNodeAttrID id,
                                       CUkernelNodeAttrValue* value) {
  return with_node<KernelWork>(handle, [&](Node&, KernelWork& work) -> CUresult {
    if (!value || !known(id)) return CUDA_ERROR_INVALID_VALUE;
    const auto it = work.attributes.find(id);
    *value = it == work.attributes.end() ? CUkernelNodeAttrValue{} : it->second;
    return CUDA_SUCCESS;
  });
}

// softgpu-partial: refuses clusters of more than one block and device-updatable nodes
CUresult cuGraphKernelNodeSetAttribute(CUgraphNode handle, CUkernelNodeAttrID id,
                                       const CUkernelNodeAttrValue* value) {
  return with_node<KernelWork>(handle, [&](Node&, KernelWork& work) -> CUresult {
    if (!value || !known(id)) return CUDA_ERROR_INVALID_VALUE;
    if (id == CU_LAUNCH_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE) return CUDA_ERROR_NOT_SUPPORTED;
    if (id == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION) {
      const auto& d = value->clusterDim;
      if (d.x == 0 || d.y == 0 || d.z == 0) return CUDA_ERROR_INVALID_VALUE;
      if (d.x * d.y * d.z != 1) {
        say_once("cluster", "launching blocks in clusters is not supported");
        return CUDA_ERROR_NOT_SUPPORTED;
      }
    }
    if (id == CU_LAUNCH_ATTRIBUTE_COOPERATIVE) {
      if (value->cooperative != 0 && work.as_buffer) return CUDA_ERROR_INVALID_VALUE;
      work.request.cooperative = value->cooperative != 0;
    }
    work.attributes[id] = *value;
    return CUDA_SUCCESS;
  });
}
