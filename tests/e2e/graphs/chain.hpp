// SPDX-License-Identifier: MIT
// tick → born → pass → keep: the kernels of every form of graph here, as launches and as nodes.
//
//   Chain chain(program);
//   CUgraph graph = chain.explicit_graph();          // or chain.launch(stream) in a capture
//   chain.print("sum");                              // NaN for good once one was born
#pragma once

#include <cstdint>
#include <list>
#include <string>

#include "preloaded/walk/transcript.hpp"

constexpr int kN = 64;

class Program : public Transcript {
 public:
  explicit Program(const char* image_path);
  CUfunction function(const char* name) const;
  CUcontext context = nullptr;
  CUdevice device = 0;
  CUstream stream = nullptr, other = nullptr;

 private:
  CUmodule module_ = nullptr;
};

// A kernel with arguments that stay where they are.
struct Kernel {
  CUfunction function = nullptr;
  unsigned threads = kN;
  uint64_t values[5] = {};
  void* pointers[5] = {&values[0], &values[1], &values[2], &values[3], &values[4]};
  Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  CUDA_KERNEL_NODE_PARAMS node() {
    return {function, 1, 1, 1, threads, 1, 1, 0, pointers, nullptr, nullptr, nullptr};
  }
  CUgraphNodeParams any_node();
  void launch(CUstream stream);
};

using Nodes = std::vector<CUgraphNode>;

class Chain {
 public:
  // A NaN is born in execution number `at`; in none if it is 0.
  Chain(Program& program, unsigned at);

  Kernel tick, born, pass, keep;
  // `counter` and `sum` belong to the chain: several graphs of it count together.
  CUdeviceptr counter = 0, in = 0, out = 0, passed = 0, sum = 0;

  void set_at(unsigned at) { born.values[3] = at; }
  void set_out(CUdeviceptr p) { born.values[0] = pass.values[1] = p; }
  void launch(CUstream stream);
  // How a kernel becomes a node: the program's choice of function.
  using Add = CUresult (*)(CUgraphNode*, CUgraph, const Nodes& after, Kernel&);
  Nodes add_to(CUgraph graph, Nodes after, Add add);
  void print() const;

 private:
  Program& program_;
};

CUresult add_v1(CUgraphNode* out, CUgraph graph, const Nodes& after, Kernel& kernel);
CUresult add_v2(CUgraphNode* out, CUgraph graph, const Nodes& after, Kernel& kernel);
CUresult add_any(CUgraphNode* out, CUgraph graph, const Nodes& after, Kernel& kernel);
CUresult add_any_v2(CUgraphNode* out, CUgraph graph, const Nodes& after, Kernel& kernel);
