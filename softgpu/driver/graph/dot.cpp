// SPDX-License-Identifier: MIT
// cuGraphDebugDotPrint: a graph as a file for Graphviz.
#include <cinttypes>
#include <cstdio>
#include <string>

#include "driver/graph/graph.hpp"

namespace softgpu::driver {
namespace {

const char* name_of(CUgraphNodeType type) {
  switch (type) {
    case CU_GRAPH_NODE_TYPE_KERNEL:
      return "KERNEL";
    case CU_GRAPH_NODE_TYPE_MEMCPY:
      return "MEMCPY";
    case CU_GRAPH_NODE_TYPE_MEMSET:
      return "MEMSET";
    case CU_GRAPH_NODE_TYPE_HOST:
      return "HOST";
    case CU_GRAPH_NODE_TYPE_GRAPH:
      return "GRAPH";
    case CU_GRAPH_NODE_TYPE_EMPTY:
      return "EMPTY";
    case CU_GRAPH_NODE_TYPE_WAIT_EVENT:
      return "WAIT_EVENT";
    case CU_GRAPH_NODE_TYPE_EVENT_RECORD:
      return "EVENT_RECORD";
    case CU_GRAPH_NODE_TYPE_MEM_ALLOC:
      return "MEM_ALLOC";
    case CU_GRAPH_NODE_TYPE_MEM_FREE:
      return "MEM_FREE";
    case CU_GRAPH_NODE_TYPE_BATCH_MEM_OP:
      return "BATCH_MEM_OP";
    case CU_GRAPH_NODE_TYPE_CONDITIONAL:
      return "CONDITIONAL";
    default:
      return "?";
  }
}

const char* direction(const CUDA_MEMCPY3D& c) {
  const bool to_host = c.dstMemoryType == CU_MEMORYTYPE_HOST,
             from_host = c.srcMemoryType == CU_MEMORYTYPE_HOST;
  return to_host ? (from_host ? "HtoH" : "DtoH") : (from_host ? "HtoD" : "DtoD");
}

class Printer {
 public:
  explicit Printer(unsigned flags) : flags_(flags) {}

  std::string text(const Graph& graph) {
    out_ = "digraph dot {\n";
    print(graph);
    out_ += "}\n";
    return std::move(out_);
  }

 private:
  bool wants(unsigned flag) const {
    return (flags_ & (flag | CU_GRAPH_DEBUG_DOT_FLAGS_VERBOSE)) != 0;
  }

  static std::string hex(const void* handle) {
    char text[32];
    std::snprintf(text, sizeof text, "0x%" PRIxPTR, reinterpret_cast<uintptr_t>(handle));
    return text;
  }

  std::string label(const Node& node, size_t number) const {
    std::string text = std::to_string(number) + "\\n" + name_of(type_of(node.work));
    if (const auto* const k = std::get_if<KernelWork>(&node.work)) {
      const FunctionPtr f = k->function.lock();
      text += "\\n" + (f ? f->kernel->name : std::string("(unloaded)"));
      if (wants(CU_GRAPH_DEBUG_DOT_FLAGS_KERNEL_NODE_PARAMS)) {
        const auto dim = [](const engine::Dim3& d) {
          return "{" + std::to_string(d.x) + "," + std::to_string(d.y) + "," + std::to_string(d.z) +
                 "}";
        };
        text += "\\ngrid " + dim(k->request.grid) + " block " + dim(k->request.block) + " shared " +
                std::to_string(k->request.dynamic_shared);
      }
    }
    if (const auto* const c = std::get_if<CopyWork>(&node.work))
      text += std::string(" ") + direction(c->copy);
    if (wants(CU_GRAPH_DEBUG_DOT_FLAGS_HANDLES)) text += "\\n" + hex(node.handle);
    return text;
  }

  void print(const Graph& graph) {
    const size_t cluster = clusters_++;
    out_ += "subgraph cluster_" + std::to_string(cluster) + " {\nlabel=\"graph_" +
            std::to_string(cluster) + "\";\n";
    const std::string prefix = "\"graph_" + std::to_string(cluster) + "_node_";
    std::map<const Node*, size_t> number;
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      number[graph.nodes[i].get()] = i;
      out_ += prefix + std::to_string(i) + "\" [label=\"" + label(*graph.nodes[i], i) + "\"];\n";
    }
    for (const NodePtr& node : graph.nodes)
      for (const Link& l : node->dependents)
        out_ += prefix + std::to_string(number[node.get()]) + "\" -> " + prefix +
                std::to_string(number[l.node]) + "\";\n";
    for (const NodePtr& node : graph.nodes) {
      if (const auto* const child = std::get_if<ChildWork>(&node->work)) print(*child->graph);
      if (const auto* const conditional = std::get_if<ConditionalWork>(&node->work))
        for (const GraphPtr& body : conditional->bodies) print(*body);
    }
    out_ += "}\n";
  }

  unsigned flags_;
  size_t clusters_ = 0;
  std::string out_;
};

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuGraphDebugDotPrint(CUgraph handle, const char* path, unsigned int flags) {
  return with_graphs([&]() -> CUresult {
    const GraphPtr graph = graphs().find(handle);
    if (!graph || !path) return CUDA_ERROR_INVALID_VALUE;
    const std::string text = Printer(flags).text(*graph);
    std::FILE* const file = std::fopen(path, "w");
    if (!file) return CUDA_ERROR_OPERATING_SYSTEM;
    const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    return (std::fclose(file) == 0) && written ? CUDA_SUCCESS : CUDA_ERROR_OPERATING_SYSTEM;
  });
}
