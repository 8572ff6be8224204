// SPDX-License-Identifier: MIT
// Host function, empty and event nodes.
#include "driver/graph/exec.hpp"
#include "driver/graph/graph.hpp"

namespace softgpu::driver {

CUresult host_work(const CUDA_HOST_NODE_PARAMS* params, HostWork& out) {
  if (!params || !params->fn) return CUDA_ERROR_INVALID_VALUE;
  out = {params->fn, params->userData};
  return CUDA_SUCCESS;
}

CUresult event_of(CUevent handle, EventPtr& out) {
  out = events().find(handle);
  return out ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

namespace {

template <typename Kind>
CUresult add_event(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies, size_t count,
                   CUevent event) {
  return add(out, graph, dependencies, nullptr, count,
             [&](Work& work) { return event_of(event, work.emplace<Kind>().event); });
}
template <typename Kind>
CUresult get_event(CUgraphNode node, CUevent* out) {
  return with_node<Kind>(node, [&](Node&, Kind& work) -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    *out = work.event->handle;
    return CUDA_SUCCESS;
  });
}
template <typename Kind>
CUresult set_event(CUgraphNode node, CUevent event) {
  return with_node<Kind>(node, [&](Node&, Kind& work) -> CUresult {
    EventPtr next;
    const CUresult r = event_of(event, next);
    if (r == CUDA_SUCCESS) work.event = next;
    return r;
  });
}
template <typename Kind>
CUresult set_exec_event(CUgraphExec exec, CUgraphNode node, CUevent event) {
  return set_exec_work<Kind>(exec, node,
                             [&](const Kind&, Kind& next) { return event_of(event, next.event); });
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuGraphAddHostNode(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies,
                            size_t count, const CUDA_HOST_NODE_PARAMS* params) {
  return add(out, graph, dependencies, nullptr, count,
             [&](Work& work) { return host_work(params, work.emplace<HostWork>()); });
}
CUresult cuGraphHostNodeGetParams(CUgraphNode node, CUDA_HOST_NODE_PARAMS* params) {
  return with_node<HostWork>(node, [&](Node&, HostWork& work) -> CUresult {
    if (!params) return CUDA_ERROR_INVALID_VALUE;
    *params = {work.function, work.data};
    return CUDA_SUCCESS;
  });
}
CUresult cuGraphHostNodeSetParams(CUgraphNode node, const CUDA_HOST_NODE_PARAMS* params) {
  return with_node<HostWork>(node, [&](Node&, HostWork& work) { return host_work(params, work); });
}
CUresult cuGraphExecHostNodeSetParams(CUgraphExec exec, CUgraphNode node,
                                      const CUDA_HOST_NODE_PARAMS* params) {
  return set_exec_work<HostWork>(
      exec, node, [&](const HostWork&, HostWork& next) { return host_work(params, next); });
}

CUresult cuGraphAddEmptyNode(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies,
                             size_t count) {
  return add(out, graph, dependencies, nullptr, count, [](Work& work) {
    work.emplace<EmptyWork>();
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphAddEventRecordNode(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies,
                                   size_t count, CUevent event) {
  return add_event<RecordWork>(out, graph, dependencies, count, event);
}
CUresult cuGraphEventRecordNodeGetEvent(CUgraphNode node, CUevent* event) {
  return get_event<RecordWork>(node, event);
}
CUresult cuGraphEventRecordNodeSetEvent(CUgraphNode node, CUevent event) {
  return set_event<RecordWork>(node, event);
}
CUresult cuGraphExecEventRecordNodeSetEvent(CUgraphExec exec, CUgraphNode node, CUevent event) {
  return set_exec_event<RecordWork>(exec, node, event);
}

CUresult cuGraphAddEventWaitNode(CUgraphNode* out, CUgraph graph, const CUgraphNode* dependencies,
                                 size_t count, CUevent event) {
  return add_event<WaitWork>(out, graph, dependencies, count, event);
}
CUresult cuGraphEventWaitNodeGetEvent(CUgraphNode node, CUevent* event) {
  return get_event<WaitWork>(node, event);
}
CUresult cuGraphEventWaitNodeSetEvent(CUgraphNode node, CUevent event) {
  return set_event<WaitWork>(node, event);
}
CUresult cuGraphExecEventWaitNodeSetEvent(CUgraphExec exec, CUgraphNode node, CUevent event) {
  return set_exec_event<WaitWork>(exec, node, event);
}
