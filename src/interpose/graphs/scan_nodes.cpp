// SPDX-License-Identifier: MIT
#include "interpose/graphs/scan_nodes.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

namespace nonans::interpose::graphs {
namespace {

constexpr int kMaxDepth = 64;  // of graphs in graphs

// What is in one graph, without the graphs in its nodes.
struct Content {
  std::vector<KernelNode> kernels;  // the application's
  std::vector<CUgraphNode> scans, children, conditionals;
};

bool read(Runtime& runtime, CUgraph graph, Content& out) {
  std::vector<CUgraphNode> nodes;
  if (!nodes_of(graph, nodes)) return false;
  for (const CUgraphNode node : nodes) {
    const std::optional<CUgraphNodeType> type = type_of(node);
    if (type == CU_GRAPH_NODE_TYPE_GRAPH) out.children.push_back(node);
    if (type == CU_GRAPH_NODE_TYPE_CONDITIONAL) out.conditionals.push_back(node);
    if (type != CU_GRAPH_NODE_TYPE_KERNEL) continue;
    KernelNode kernel{.node = node};
    if (!kernel_params(node, kernel.params)) return false;
    if (is_scan(runtime, kernel.params))
      out.scans.push_back(node);
    else
      out.kernels.push_back(std::move(kernel));
  }
  return true;
}

bool make_idle(const ContextState& context, CUgraphNode scan) noexcept {
  nn_scan_params idle = idle_scan(context);
  void* holder[1];
  return set_params(scan, scan_node(context, idle, 1, holder)) == CUDA_SUCCESS;
}

// Scans that look at something have been copied from an executable graph, with counters that are
// not theirs.
bool is_idle(CUgraphNode scan) noexcept {
  CUDA_KERNEL_NODE_PARAMS params{};
  if (!kernel_params(scan, params) || !params.kernelParams || !params.kernelParams[0]) return false;
  nn_scan_params now;
  std::memcpy(&now, params.kernelParams[0], sizeof now);
  return now.n_outputs == 0;
}

// One graph, from what is there to what should be.
class Editor {
 public:
  Editor(Runtime& runtime, CUgraph graph, Content& content)
      : runtime_(runtime), graph_(graph), content_(content) {}

  bool run() {
    if (!edges_of(graph_, edges_)) return false;
    pair_up();
    for (KernelNode& kernel : content_.kernels)
      if (!kernel.scan) add_scan(kernel);
    for (size_t i = 0; i < content_.kernels.size(); ++i)
      if (content_.kernels[i].scan) kernel_at_[content_.kernels[i].node] = i;
    for (KernelNode& kernel : content_.kernels) kernel.wired = kernel.scan != nullptr;
    wire();
    return true;
  }

 private:
  // A scan belongs to the kernel node that is all it waits for.
  void pair_up() {
    std::unordered_map<CUgraphNode, KernelNode*> kernels;
    for (KernelNode& kernel : content_.kernels) kernels[kernel.node] = &kernel;
    for (const CUgraphNode scan : content_.scans) scans_.emplace(scan, nullptr);
    std::unordered_map<CUgraphNode, std::vector<CUgraphNode>> before;
    for (const Edge& edge : edges_)
      if (scans_.count(edge.to)) before[edge.to].push_back(edge.full ? edge.from : nullptr);
    for (const CUgraphNode scan : content_.scans) {
      const std::vector<CUgraphNode>& after = before[scan];
      const auto owner = after.size() == 1 ? kernels.find(after[0]) : kernels.end();
      ContextState* const context =
          owner == kernels.end() ? nullptr : context_of(owner->second->params);
      const bool fits = context && !owner->second->scan && runs_in(scan, *context) &&
                        (is_idle(scan) || make_idle(*context, scan));
      if (fits) {
        owner->second->scan = scan;
        owner->second->context = context;
        scans_[scan] = owner->second->node;
      } else {
        drop(scan);
      }
    }
  }

  // Its kernel node is gone, or is another one now.
  void drop(CUgraphNode scan) {
    if (destroy_node(scan) == CUDA_SUCCESS) {
      std::erase_if(edges_, [&](const Edge& e) { return e.from == scan || e.to == scan; });
      scans_.erase(scan);
      return;
    }
    CUDA_KERNEL_NODE_PARAMS params{};
    if (kernel_params(scan, params))
      if (const ContextState* context = runtime_.context_of_scan_kernel(params.func))
        make_idle(*context, scan);
  }

  static bool runs_in(CUgraphNode scan, const ContextState& context) noexcept {
    CUDA_KERNEL_NODE_PARAMS params{};
    return kernel_params(scan, params) && params.func == context.scan();
  }

  ContextState* context_of(const CUDA_KERNEL_NODE_PARAMS& params) const {
    return params.ctx ? runtime_.known_context(params.ctx) : runtime_.current_context();
  }

  void add_scan(KernelNode& kernel) {
    if (is_device_updatable(kernel.node)) return;
    ContextState* const context = context_of(kernel.params);
    if (!context || context->idle_slot() == 0) return;
    nn_scan_params idle = idle_scan(*context);
    void* holder[1];
    CUgraphNode scan = nullptr;
    if (add_kernel_node(scan, graph_, kernel.node, scan_node(*context, idle, 1, holder)) !=
        CUDA_SUCCESS)
      return;
    copy_scheduling(scan, kernel.node);
    kernel.scan = scan;
    kernel.context = context;
    scans_[scan] = kernel.node;
  }

  // Of each node, what it waits for: the application's nodes, then the scans of those that are
  // kernel nodes, in their order. cuGraphExecUpdate pairs two graphs by that order.
  void wire() {
    struct Waits {
      std::vector<CUgraphNode> wanted, there;
      bool in_order = true;  // none of ours before one of the application's
    };
    std::unordered_map<CUgraphNode, Waits> of;
    std::vector<CUgraphNode> order;
    for (const Edge& edge : edges_) {
      if (scans_.count(edge.to)) continue;
      const auto [it, fresh] = of.try_emplace(edge.to);
      if (fresh) order.push_back(edge.to);
      Waits& waits = it->second;
      if (scans_.count(edge.from)) {
        waits.there.push_back(edge.from);
        continue;
      }
      if (!waits.there.empty()) waits.in_order = false;
      const auto kernel = kernel_at_.find(edge.from);
      if (kernel == kernel_at_.end()) continue;
      if (edge.full)
        waits.wanted.push_back(content_.kernels[kernel->second].scan);
      else
        content_.kernels[kernel->second].detect_only = true;
    }
    std::vector<CUgraphNode> from, to;
    for (const CUgraphNode node : order) {
      Waits& waits = of[node];
      if (waits.in_order && waits.there == waits.wanted) continue;
      const std::vector<CUgraphNode> same(waits.there.size(), node);
      // Graphs with memory nodes keep what they have: then only what is missing is added.
      if (remove_edges(graph_, waits.there, same) == CUDA_SUCCESS) waits.there.clear();
      for (const CUgraphNode scan : waits.wanted) {
        if (std::find(waits.there.begin(), waits.there.end(), scan) != waits.there.end()) continue;
        from.push_back(scan);
        to.push_back(node);
      }
    }
    if (add_edges(graph_, from, to) == CUDA_SUCCESS) return;
    for (size_t i = 0; i < from.size(); ++i)
      if (add_edges(graph_, {from[i]}, {to[i]}) != CUDA_SUCCESS)
        content_.kernels[kernel_at_.at(scans_.at(from[i]))].wired = false;
  }

  Runtime& runtime_;
  CUgraph graph_;
  Content& content_;
  std::vector<Edge> edges_;
  std::unordered_map<CUgraphNode, CUgraphNode> scans_;  // ours, and the kernel node of each
  std::unordered_map<CUgraphNode, size_t> kernel_at_;
};

bool put(Runtime& runtime, const BodiesOf& bodies, CUgraph graph, CUgraphNode container, int depth,
         std::vector<KernelNode>& out) {
  Content content;
  if (depth > kMaxDepth || !read(runtime, graph, content)) return false;
  if (!Editor(runtime, graph, content).run()) return false;
  for (KernelNode& kernel : content.kernels) {
    kernel.container = container;
    out.push_back(kernel);
  }
  bool good = true;
  for (const CUgraphNode node : content.children)
    if (const CUgraph child = child_of(node))
      good = put(runtime, bodies, child, container ? container : node, depth + 1, out) && good;
  for (const CUgraphNode node : content.conditionals)
    for (const CUgraph body : bodies(node))
      good = put(runtime, bodies, body, container ? container : node, depth + 1, out) && good;
  return good;
}

void take_out(Runtime& runtime, const BodiesOf& bodies, CUgraph graph, int depth) {
  Content content;
  if (depth > kMaxDepth || !read(runtime, graph, content)) return;
  for (const CUgraphNode scan : content.scans) {
    CUDA_KERNEL_NODE_PARAMS params{};
    const ContextState* const context =
        kernel_params(scan, params) ? runtime.context_of_scan_kernel(params.func) : nullptr;
    if (destroy_node(scan) != CUDA_SUCCESS && context) make_idle(*context, scan);
  }
  for (const CUgraphNode node : content.children)
    if (const CUgraph child = child_of(node)) take_out(runtime, bodies, child, depth + 1);
  for (const CUgraphNode node : content.conditionals)
    for (const CUgraph body : bodies(node)) take_out(runtime, bodies, body, depth + 1);
}

}  // namespace

bool put_scans(Runtime& runtime, const BodiesOf& bodies, CUgraph graph,
               std::vector<KernelNode>& out) {
  return put(runtime, bodies, graph, nullptr, 0, out);
}

void take_scans_out(Runtime& runtime, const BodiesOf& bodies, CUgraph graph) {
  take_out(runtime, bodies, graph, 0);
}

}  // namespace nonans::interpose::graphs
