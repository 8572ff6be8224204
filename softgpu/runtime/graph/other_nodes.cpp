// SPDX-License-Identifier: MIT
// Nodes of the remaining kinds: empty, child graph, event, memory; and conditional handles.
#include "runtime/call.hpp"
#include "runtime/graph/nodes.hpp"

using namespace softgpu::runtime;

static_assert(sizeof(cudaMemAllocNodeParams) == sizeof(CUDA_MEM_ALLOC_NODE_PARAMS_v1));

cudaError_t cudaGraphAddEmptyNode(cudaGraphNode_t* out, cudaGraph_t graph,
                                  const cudaGraphNode_t* dependencies, size_t count) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphAddEmptyNode(out, graph, dependencies, count);
  });
}

cudaError_t cudaGraphAddChildGraphNode(cudaGraphNode_t* out, cudaGraph_t graph,
                                       const cudaGraphNode_t* dependencies, size_t count,
                                       cudaGraph_t child) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphAddChildGraphNode(out, graph, dependencies, count, child);
  });
}

cudaError_t cudaGraphChildGraphNodeGetGraph(cudaGraphNode_t node, cudaGraph_t* graph) {
  return with_context(
      [&](const Driver& driver) { return driver.cuGraphChildGraphNodeGetGraph(node, graph); });
}

cudaError_t cudaGraphExecChildGraphNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                                 cudaGraph_t child) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphExecChildGraphNodeSetParams(exec, node, child);
  });
}

cudaError_t cudaGraphAddEventRecordNode(cudaGraphNode_t* out, cudaGraph_t graph,
                                        const cudaGraphNode_t* dependencies, size_t count,
                                        cudaEvent_t event) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphAddEventRecordNode(out, graph, dependencies, count, event);
  });
}

cudaError_t cudaGraphEventRecordNodeGetEvent(cudaGraphNode_t node, cudaEvent_t* event) {
  return with_context(
      [&](const Driver& driver) { return driver.cuGraphEventRecordNodeGetEvent(node, event); });
}

cudaError_t cudaGraphEventRecordNodeSetEvent(cudaGraphNode_t node, cudaEvent_t event) {
  return with_context(
      [&](const Driver& driver) { return driver.cuGraphEventRecordNodeSetEvent(node, event); });
}

cudaError_t cudaGraphExecEventRecordNodeSetEvent(cudaGraphExec_t exec, cudaGraphNode_t node,
                                                 cudaEvent_t event) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphExecEventRecordNodeSetEvent(exec, node, event);
  });
}

cudaError_t cudaGraphAddEventWaitNode(cudaGraphNode_t* out, cudaGraph_t graph,
                                      const cudaGraphNode_t* dependencies, size_t count,
                                      cudaEvent_t event) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphAddEventWaitNode(out, graph, dependencies, count, event);
  });
}

cudaError_t cudaGraphEventWaitNodeGetEvent(cudaGraphNode_t node, cudaEvent_t* event) {
  return with_context(
      [&](const Driver& driver) { return driver.cuGraphEventWaitNodeGetEvent(node, event); });
}

cudaError_t cudaGraphEventWaitNodeSetEvent(cudaGraphNode_t node, cudaEvent_t event) {
  return with_context(
      [&](const Driver& driver) { return driver.cuGraphEventWaitNodeSetEvent(node, event); });
}

cudaError_t cudaGraphExecEventWaitNodeSetEvent(cudaGraphExec_t exec, cudaGraphNode_t node,
                                               cudaEvent_t event) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphExecEventWaitNodeSetEvent(exec, node, event);
  });
}

// The driver writes the address that the memory will have into the caller's structure.
// softgpu-partial: as cuGraphAddMemAllocNode
cudaError_t cudaGraphAddMemAllocNode(cudaGraphNode_t* out, cudaGraph_t graph,
                                     const cudaGraphNode_t* dependencies, size_t count,
                                     cudaMemAllocNodeParams* node) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphAddMemAllocNode(out, graph, dependencies, count,
                                         reinterpret_cast<CUDA_MEM_ALLOC_NODE_PARAMS_v1*>(node));
  });
}

cudaError_t cudaGraphMemAllocNodeGetParams(cudaGraphNode_t node, cudaMemAllocNodeParams* out) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphMemAllocNodeGetParams(
        node, reinterpret_cast<CUDA_MEM_ALLOC_NODE_PARAMS_v1*>(out));
  });
}

cudaError_t cudaGraphAddMemFreeNode(cudaGraphNode_t* out, cudaGraph_t graph,
                                    const cudaGraphNode_t* dependencies, size_t count,
                                    void* memory) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphAddMemFreeNode(out, graph, dependencies, count, address(memory));
  });
}

cudaError_t cudaGraphMemFreeNodeGetParams(cudaGraphNode_t node, void* out) {
  return with_context([&](const Driver& driver) {
    return driver.cuGraphMemFreeNodeGetParams(node, static_cast<CUdeviceptr*>(out));
  });
}

cudaError_t cudaGraphConditionalHandleCreate(cudaGraphConditionalHandle* out, cudaGraph_t graph,
                                             unsigned initial, unsigned flags) {
  return with_context([&](const Driver& driver) {
    // The driver's 64-bit number is an unsigned long on this system.
    static_assert(sizeof(CUgraphConditionalHandle) == sizeof *out);
    return driver.cuGraphConditionalHandleCreate(reinterpret_cast<CUgraphConditionalHandle*>(out),
                                                 graph, current_context(driver), initial, flags);
  });
}

cudaError_t cudaDeviceGraphMemTrim(int device) {
  return with_context([&](const Driver& driver) { return driver.cuDeviceGraphMemTrim(device); });
}

cudaError_t cudaDeviceGetGraphMemAttribute(int device, cudaGraphMemAttributeType attribute,
                                           void* value) {
  return with_context([&](const Driver& driver) {
    return driver.cuDeviceGetGraphMemAttribute(device, static_cast<CUgraphMem_attribute>(attribute),
                                               value);
  });
}

cudaError_t cudaDeviceSetGraphMemAttribute(int device, cudaGraphMemAttributeType attribute,
                                           void* value) {
  return with_context([&](const Driver& driver) {
    return driver.cuDeviceSetGraphMemAttribute(device, static_cast<CUgraphMem_attribute>(attribute),
                                               value);
  });
}
