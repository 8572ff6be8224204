// SPDX-License-Identifier: MIT
// Conjugate gradients (Hestenes, Stiefel 1952) for A x = b, A the five-point Laplacian of a square
// grid. One step, as a graph; letters are streams:
//
//   A  product (ap = A p, parts of p.ap) -> alpha -> r -= alpha ap -> parts of r.r -> beta -> p = r
//   + beta p B                                         \-> x += alpha p
//   ---------------------------/ C \-> copy r.r -> host: history
//
// The step is made in three ways, which compute the same bits because every sum has a fixed order:
// enqueued on three streams; the same captured; and node by node.
#pragma once

#include <cuda_runtime.h>

#include <vector>

struct Scalars {
  float rr, alpha, beta;
};

// One system of equations. Start from `start`, then any number of steps; x is the solution so far.
class Problem {
 public:
  Problem(int side, unsigned seed);
  ~Problem();
  Problem(const Problem&) = delete;
  Problem& operator=(const Problem&) = delete;

  int count() const { return side * side; }
  std::vector<float> solution() const;
  // ‖b - A x‖ / ‖b‖, in double on the host.
  double residual() const;

  int side;
  std::vector<float> right_side;
  float *b, *x, *r, *p, *ap, *parts;  // device
  Scalars* scalars;                   // device
  float* host_rr;                     // pinned
  std::vector<float> history;         // r.r after each step; the host function of a step appends
};

struct Lanes {
  Lanes();
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;
  cudaStream_t a, b, c;
  cudaEvent_t alpha_known, x_done, beta_known, told;
};

enum class Scratch { Own, Pool };  // Pool: allocated and freed within the step

void start(Problem& problem, cudaStream_t stream);
void enqueue_step(Problem& problem, const Lanes& lanes, Scratch scratch);

cudaGraph_t capture_step(Problem& problem, const Lanes& lanes, Scratch scratch);

struct Step {
  cudaGraph_t graph;
  cudaGraphNode_t product, update_x, tell;  // a child graph, a kernel, a host function
};
// With `counter`, a conditional node whose value is `when` by default adds 1 to it in each step.
Step build_step(Problem& problem, Scratch scratch, int* counter, unsigned when);

// The parameters of the node that updates x; `store` keeps what they point to.
struct UpdateArguments {
  float* x;
  const float* p;
  const Scalars* scalars;
  float sign;
  int count;
  void* pointers[5];
};
cudaKernelNodeParams update_x_parameters(const Problem& problem, float* x, UpdateArguments& store);
