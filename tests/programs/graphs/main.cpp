// SPDX-License-Identifier: MIT
// program_graphs: the solver of solver.hpp in every way that graphs offer, held bit for bit against
// the solver without graphs.
//
//   program_graphs                             # a grid of 40 x 40, 25 steps
//   program_graphs --side 128 --steps 100
#include <cmath>
#include <memory>

#include "solver.hpp"
#include "support/program.hpp"

namespace {

struct Run {
  std::vector<float> solution, history;
  bool operator==(const Run& other) const {
    return same(solution, other.solution) && same(history, other.history);
  }
  static bool same(const std::vector<float>& x, const std::vector<float>& y) {
    return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
  }
};

class Executable {
 public:
  explicit Executable(cudaGraph_t graph) { CHECK_CUDA(cudaGraphInstantiate(&exec_, graph, 0)); }
  ~Executable() { cudaGraphExecDestroy(exec_); }
  Executable(const Executable&) = delete;
  Executable& operator=(const Executable&) = delete;
  cudaGraphExec_t get() const { return exec_; }
  void launch(cudaStream_t stream, int times) const {
    for (int i = 0; i < times; ++i) CHECK_CUDA(cudaGraphLaunch(exec_, stream));
  }

 private:
  cudaGraphExec_t exec_ = nullptr;
};

class Check {
 public:
  void equal(const char* what, const Run& got, const Run& wanted) {
    tell(what, got == wanted, got);
  }
  void tell(const char* what, bool good, const Run& run) {
    std::printf("%s: %s %s %s\n", what, program::fingerprint(run.solution).c_str(),
                program::fingerprint(run.history).c_str(), good ? "ok" : "WRONG");
    good_ &= good;
  }
  void holds(const char* what, bool good) {
    std::printf("%s: %s\n", what, good ? "ok" : "WRONG");
    good_ &= good;
  }
  bool good() const { return good_; }

 private:
  bool good_ = true;
};

Run finish(const Problem& problem, cudaStream_t stream) {
  CHECK_CUDA(cudaStreamSynchronize(stream));
  return {problem.solution(), problem.history};
}

Run eager(Problem& problem, const Lanes& lanes, int steps, Scratch scratch) {
  start(problem, lanes.a);
  for (int i = 0; i < steps; ++i) enqueue_step(problem, lanes, scratch);
  return finish(problem, lanes.a);
}

Run replay(Problem& problem, const Lanes& lanes, int steps, const Executable& executable) {
  start(problem, lanes.a);
  executable.launch(lanes.a, steps);
  return finish(problem, lanes.a);
}

// Captured, with scratch memory allocated and freed in the graph, uploaded before its first launch.
void captured(Check& check, Problem& problem, const Lanes& lanes, int steps, const Run& wanted) {
  const cudaGraph_t graph = capture_step(problem, lanes, Scratch::Pool);
  std::size_t nodes = 0;
  CHECK_CUDA(cudaGraphGetNodes(graph, nullptr, &nodes));
  // Eight kernels, a copy, a host function, an allocation, a free.
  check.holds("nodes of the capture", nodes == 12);
  cudaGraph_t clone = nullptr;
  check.holds("a graph that allocates has no clone", cudaGraphClone(&clone, graph) != cudaSuccess);
  static_cast<void>(cudaGetLastError());
  {
    const Executable executable(graph);
    CHECK_CUDA(cudaGraphUpload(executable.get(), lanes.a));
    check.equal("captured", replay(problem, lanes, steps, executable), wanted);
    check.equal("captured, launched again", replay(problem, lanes, steps, executable), wanted);
  }
  CHECK_CUDA(cudaGraphDestroy(graph));
}

// Node by node, with a child graph and conditional nodes.
void built(Check& check, Problem& problem, const Lanes& lanes, int steps, const Run& wanted) {
  for (const unsigned when : {0U, 1U}) {
    const program::DeviceArray<int> counter(std::vector<int>{0});
    const Step step = build_step(problem, Scratch::Pool, counter.data(), when);
    {
      const Executable executable(step.graph);
      check.equal("built node by node", replay(problem, lanes, steps, executable), wanted);
    }
    check.holds(when != 0 ? "its condition holds in each step" : "its condition never holds",
                counter.to_host()[0] == (when != 0 ? steps : 0));
    CHECK_CUDA(cudaGraphDestroy(step.graph));
  }
}

// An executable made for one problem is turned to another: as a whole, and a node at a time.
void updated(Check& check, Problem& problem, Problem& other, const Lanes& lanes, int steps,
             const Run& wanted, const Run& wanted_other) {
  const cudaGraph_t graph = capture_step(problem, lanes, Scratch::Own);
  const cudaGraph_t graph_other = capture_step(other, lanes, Scratch::Own);
  const Executable executable(graph);
  check.equal("before the update", replay(problem, lanes, steps, executable), wanted);
  cudaGraphExecUpdateResultInfo result{};
  CHECK_CUDA(cudaGraphExecUpdate(executable.get(), graph_other, &result));
  check.equal("updated to another problem", replay(other, lanes, steps, executable), wanted_other);
  CHECK_CUDA(cudaGraphExecUpdate(executable.get(), graph, &result));
  check.equal("and back", replay(problem, lanes, steps, executable), wanted);
  CHECK_CUDA(cudaGraphDestroy(graph_other));
  CHECK_CUDA(cudaGraphDestroy(graph));

  const Step step = build_step(problem, Scratch::Own, nullptr, 0);
  {
    const Executable single(step.graph);
    const program::DeviceArray<float> elsewhere(
        std::vector<float>(problem.right_side.size(), 0.0F));
    UpdateArguments store{};
    const cudaKernelNodeParams there = update_x_parameters(problem, elsewhere.data(), store);
    CHECK_CUDA(cudaGraphExecKernelNodeSetParams(single.get(), step.update_x, &there));
    const Run run = replay(problem, lanes, steps, single);
    check.holds("x goes elsewhere", Run::same(elsewhere.to_host(), wanted.solution) &&
                                        Run::same(run.history, wanted.history) &&
                                        !Run::same(run.solution, wanted.solution));
    const cudaKernelNodeParams here = update_x_parameters(problem, problem.x, store);
    CHECK_CUDA(cudaGraphExecKernelNodeSetParams(single.get(), step.update_x, &here));
    check.equal("x comes back", replay(problem, lanes, steps, single), wanted);
  }
  // A graph of another shape does not fit.
  const cudaGraph_t shape = capture_step(problem, lanes, Scratch::Own);
  const Executable small(shape);
  cudaGraphExecUpdateResultInfo refused{};
  check.holds(
      "a graph of another shape is refused",
      cudaGraphExecUpdate(small.get(), step.graph, &refused) == cudaErrorGraphExecUpdateFailure &&
          refused.result == cudaGraphExecUpdateErrorTopologyChanged);
  static_cast<void>(cudaGetLastError());
  CHECK_CUDA(cudaGraphDestroy(shape));
  CHECK_CUDA(cudaGraphDestroy(step.graph));
}

// Clones outlive what they were cloned from; a disabled host function tells nothing.
void cloned(Check& check, Problem& problem, const Lanes& lanes, int steps, const Run& wanted) {
  const Step step = build_step(problem, Scratch::Own, nullptr, 0);
  cudaGraph_t clone = nullptr;
  cudaGraphNode_t tell = nullptr;
  CHECK_CUDA(cudaGraphClone(&clone, step.graph));
  CHECK_CUDA(cudaGraphNodeFindInClone(&tell, step.update_x, clone));
  CHECK_CUDA(cudaGraphDestroy(step.graph));
  const Executable executable(clone);
  check.equal("a clone", replay(problem, lanes, steps, executable), wanted);
  CHECK_CUDA(cudaGraphNodeSetEnabled(executable.get(), tell, 0));
  const Run still = replay(problem, lanes, steps, executable);
  check.holds("without its update x stays 0",
              Run::same(still.solution, std::vector<float>(still.solution.size(), 0.0F)) &&
                  Run::same(still.history, wanted.history));
  CHECK_CUDA(cudaGraphDestroy(clone));
}

// Several executables on streams of their own, launched in turns.
void in_flight(Check& check, int side, int steps) {
  constexpr unsigned kProblems = 3;
  const Lanes lanes;
  std::vector<std::unique_ptr<Problem>> problems;
  std::vector<std::unique_ptr<Lanes>> own;
  std::vector<std::unique_ptr<Executable>> executables;
  std::vector<Run> wanted;
  for (unsigned i = 0; i < kProblems; ++i) {
    problems.push_back(std::make_unique<Problem>(side, 100 + i));
    own.push_back(std::make_unique<Lanes>());
    wanted.push_back(eager(*problems[i], lanes, steps, Scratch::Own));
    const cudaGraph_t graph = i % 2 == 0 ? capture_step(*problems[i], lanes, Scratch::Pool)
                                         : build_step(*problems[i], Scratch::Own, nullptr, 0).graph;
    executables.push_back(std::make_unique<Executable>(graph));
    CHECK_CUDA(cudaGraphDestroy(graph));
    start(*problems[i], own[i]->a);
  }
  for (int step = 0; step < steps; ++step) {
    for (unsigned i = 0; i < kProblems; ++i) executables[i]->launch(own[i]->a, 1);
  }
  for (unsigned i = 0; i < kProblems; ++i) {
    check.equal("one of three in flight", finish(*problems[i], own[i]->a), wanted[i]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  program::Options options(argc, argv);
  const int side = options.number("--side", 40), steps = options.number("--steps", 25);
  options.finish();
  if (side < 2 || side > 4096 || steps < 1) {
    std::fprintf(stderr, "--side is 2 to 4096, --steps at least 1\n");
    return 2;
  }

  Check check;
  const Lanes lanes;
  Problem problem(side, 1), other(side, 2);
  program::Timer timer(nullptr);
  const Run wanted = eager(problem, lanes, steps, Scratch::Own);
  const Run wanted_other = eager(other, lanes, steps, Scratch::Own);
  check.tell("without graphs", wanted.history.size() == static_cast<std::size_t>(steps), wanted);
  // What the recurrence says of the residual is what the solution has, to the accuracy of fp32.
  double whole = 0;
  for (const float value : problem.right_side)
    whole += static_cast<double>(value) * static_cast<double>(value);
  const double told = std::sqrt(static_cast<double>(wanted.history.back()) / whole);
  check.holds("the residual is what it is said to be",
              std::fabs(problem.residual() - told) <= 1e-4 && told < 1);
  check.equal("scratch from the pool", eager(problem, lanes, steps, Scratch::Pool), wanted);
  captured(check, problem, lanes, steps, wanted);
  built(check, problem, lanes, steps, wanted);
  updated(check, problem, other, lanes, steps, wanted, wanted_other);
  cloned(check, problem, lanes, steps, wanted);
  in_flight(check, side, steps);
  std::fprintf(stderr, "  %.1f ms, residual %.3g\n", static_cast<double>(timer.stop()), told);
  std::printf("%s\n", check.good() ? "all the same, bit for bit" : "WRONG");
  return check.good() ? 0 : 1;
}
