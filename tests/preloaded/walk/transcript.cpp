// SPDX-License-Identifier: MIT
#include <cudaTypedefs.h>

#include <cstring>
#include <iostream>
#include <vector>

#include "preloaded/walk/transcript.hpp"

namespace {

// Asks as programs do: for the number first, then for all of them; and with too much and too little
// room. What there is no room for is left out, what there is too much of becomes null.
template <typename T, typename Ask, typename Print>
void list(Transcript& transcript, const char* what, Ask&& ask, Print&& print) {
  size_t count = 0;
  const int first = ask(nullptr, &count);
  transcript.say(what, first) << " of " << count;
  if (first != CUDA_SUCCESS) return;
  for (const size_t room : {count, count + 3, count / 2}) {
    if (room == 0) continue;
    std::vector<T> found(room);
    std::memset(static_cast<void*>(found.data()), 0x5a, room * sizeof(T));
    size_t got = room;
    const int result = ask(found.data(), &got);
    std::cout << " | " << result << ' ' << got << ':';
    for (size_t i = 0; i < room && result == CUDA_SUCCESS; ++i) {
      std::cout << ' ';
      print(found[i]);
    }
  }
}

void edges(Transcript& transcript, CUgraph graph) {
  const auto ask = reinterpret_cast<PFN_cuGraphGetEdges_v10000>(driver_entry("cuGraphGetEdges"));
  const auto ask_v2 =
      reinterpret_cast<PFN_cuGraphGetEdges_v12030>(driver_entry("cuGraphGetEdges_v2"));
  size_t count = 0, count_v2 = 0;
  const int first = ask(graph, nullptr, nullptr, &count);
  transcript.say("edges", first) << ' ' << ask_v2(graph, nullptr, nullptr, nullptr, &count_v2)
                                 << " of " << count << ' ' << count_v2;
  if (first != CUDA_SUCCESS || count == 0) return;
  for (const size_t room : {count, count + 2, count / 2}) {
    if (room == 0) continue;
    std::vector<CUgraphNode> from(room), to(room);
    size_t got = room;
    std::cout << " | " << ask(graph, from.data(), to.data(), &got) << ' ' << got << ':';
    for (size_t i = 0; i < room; ++i)
      std::cout << ' ' << transcript.name(from[i]) << '>' << transcript.name(to[i]);
  }
  std::vector<CUgraphNode> from(count_v2), to(count_v2);
  std::vector<CUgraphEdgeData> data(count_v2);
  std::cout << " | " << ask_v2(graph, from.data(), to.data(), data.data(), &count_v2) << ':';
  for (size_t i = 0; i < count_v2; ++i)
    std::cout << ' ' << transcript.name(from[i]) << '>' << transcript.name(to[i]) << ','
              << int{data[i].from_port} << int{data[i].to_port} << int{data[i].type};
}

void kernel(Transcript& transcript, CUgraphNode node) {
  CUDA_KERNEL_NODE_PARAMS p{};
  const int result = cu(cuGraphKernelNodeGetParams)(node, &p);
  transcript.say(" kernel", result);
  if (result != CUDA_SUCCESS) return;
  std::cout << ' ' << transcript.name_of(p.func) << ' ' << p.gridDimX << ' ' << p.blockDimX << ' '
            << p.sharedMemBytes << (p.extra ? " extra" : "");
  // The last argument of all but one kernel is the number of elements; the first is an address.
  CUlaunchAttributeValue value{};
  const int priority =
      cu(cuGraphKernelNodeGetAttribute)(node, CU_LAUNCH_ATTRIBUTE_PRIORITY, &value);
  std::cout << " priority " << priority << ' ' << value.priority;
}

void node(Transcript& transcript, CUgraphNode n) {
  CUgraphNodeType type = CU_GRAPH_NODE_TYPE_EMPTY;
  const int result = cu(cuGraphNodeGetType)(n, &type);
  transcript.say("node", result) << ' ' << transcript.name(n) << " type " << type;
  const auto print = [&](CUgraphNode other) { std::cout << transcript.name(other); };
  const auto before = reinterpret_cast<PFN_cuGraphNodeGetDependencies_v10000>(
      driver_entry("cuGraphNodeGetDependencies"));
  list<CUgraphNode>(
      transcript, " after", [&](CUgraphNode* out, size_t* count) { return before(n, out, count); },
      print);
  const auto behind = reinterpret_cast<PFN_cuGraphNodeGetDependentNodes_v10000>(
      driver_entry("cuGraphNodeGetDependentNodes"));
  list<CUgraphNode>(
      transcript, " before", [&](CUgraphNode* out, size_t* count) { return behind(n, out, count); },
      print);
  // The later forms say what kind of edge it is.
  const auto before_v2 = reinterpret_cast<PFN_cuGraphNodeGetDependencies_v12030>(
      driver_entry("cuGraphNodeGetDependencies_v2"));
  const auto behind_v2 = reinterpret_cast<PFN_cuGraphNodeGetDependentNodes_v12030>(
      driver_entry("cuGraphNodeGetDependentNodes_v2"));
  CUgraphNode others[64];
  CUgraphEdgeData data[64];
  for (const auto ask : {before_v2, behind_v2}) {
    size_t count = 64;
    const int got = ask(n, others, data, &count);
    std::cout << " | " << got << ' ' << (got == CUDA_SUCCESS ? count : 0);
    for (size_t i = 0; i < count && got == CUDA_SUCCESS; ++i)
      std::cout << ' ' << transcript.name(others[i]) << ',' << int{data[i].from_port}
                << int{data[i].type};
  }
  if (result == CUDA_SUCCESS && type == CU_GRAPH_NODE_TYPE_KERNEL) kernel(transcript, n);
  if (result == CUDA_SUCCESS && type == CU_GRAPH_NODE_TYPE_GRAPH) {
    CUgraph child = nullptr;
    transcript.say(" child", cu(cuGraphChildGraphNodeGetGraph)(n, &child))
        << ' ' << transcript.name(child);
    if (child) dump(transcript, child);
  }
}

}  // namespace

std::ostream& Transcript::say(const char* what, int result) {
  return std::cout << '\n' << what << ' ' << result;
}

std::string Transcript::number(const void* handle, char kind) {
  if (!handle) return "none";
  const auto [it, fresh] = names_.try_emplace(handle);
  if (fresh) it->second = kind + std::to_string(names_.size());
  return it->second;
}

const char* Transcript::name_of(CUfunction f) const {
  const auto it = functions_.find(f);
  return it == functions_.end() ? "unknown" : it->second.c_str();
}

void dump(Transcript& transcript, CUgraph graph) {
  const auto print = [&](CUgraphNode n) { std::cout << transcript.name(n); };
  list<CUgraphNode>(
      transcript, "nodes",
      [&](CUgraphNode* out, size_t* count) { return cu(cuGraphGetNodes)(graph, out, count); },
      print);
  list<CUgraphNode>(
      transcript, "roots",
      [&](CUgraphNode* out, size_t* count) { return cu(cuGraphGetRootNodes)(graph, out, count); },
      print);
  edges(transcript, graph);
  size_t count = 0;
  if (cu(cuGraphGetNodes)(graph, nullptr, &count) != CUDA_SUCCESS || count == 0) return;
  std::vector<CUgraphNode> nodes(count);
  cu(cuGraphGetNodes)(graph, nodes.data(), &count);
  for (size_t i = 0; i < count; ++i) node(transcript, nodes[i]);
}
