// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <iterator>

#include "kernels.cuh"
#include "support/program.hpp"

namespace {

unsigned blocks(int count) {
  return static_cast<unsigned>((count + kThreads - 1) / kThreads);
}
dim3 tiles(int side) {
  return dim3(static_cast<unsigned>((side + 15) / 16), static_cast<unsigned>((side + 7) / 8));
}
const dim3 kTile(16, 8);

void tell(void* problem) {
  auto& self = *static_cast<Problem*>(problem);
  self.history.push_back(*self.host_rr);
}

template <typename T>
T* allocate(int count) {
  void* memory = nullptr;
  CHECK_CUDA(cudaMalloc(&memory, sizeof(T) * static_cast<size_t>(count)));
  return static_cast<T*>(memory);
}

// Adds nodes behind others; arguments are copied by the graph.
class Builder {
 public:
  explicit Builder(cudaGraph_t graph) : graph_(graph) {}
  using Nodes = std::vector<cudaGraphNode_t>;

  template <typename... Parameters, typename... Arguments>
  cudaGraphNode_t kernel(const Nodes& after, void (*function)(Parameters...), dim3 grid, dim3 block,
                         Arguments... arguments) {
    return kernel_of(after, reinterpret_cast<void*>(function), grid, block,
                     static_cast<Parameters>(arguments)...);
  }
  cudaGraphNode_t child(const Nodes& after, cudaGraph_t graph) {
    cudaGraphNode_t node = nullptr;
    CHECK_CUDA(cudaGraphAddChildGraphNode(&node, graph_, after.data(), after.size(), graph));
    return node;
  }
  cudaGraphNode_t copy_to_host(const Nodes& after, void* to, const void* from, size_t bytes) {
    cudaGraphNode_t node = nullptr;
    CHECK_CUDA(cudaGraphAddMemcpyNode1D(&node, graph_, after.data(), after.size(), to, from, bytes,
                                        cudaMemcpyDeviceToHost));
    return node;
  }
  cudaGraphNode_t host(const Nodes& after, cudaHostFn_t function, void* argument) {
    cudaHostNodeParams parameters{};
    parameters.fn = function;
    parameters.userData = argument;
    cudaGraphNode_t node = nullptr;
    CHECK_CUDA(cudaGraphAddHostNode(&node, graph_, after.data(), after.size(), &parameters));
    return node;
  }
  cudaGraphNode_t allocation(size_t bytes, float** memory) {
    cudaMemAllocNodeParams parameters{};
    parameters.poolProps.allocType = cudaMemAllocationTypePinned;
    parameters.poolProps.location.type = cudaMemLocationTypeDevice;
    CHECK_CUDA(cudaGetDevice(&parameters.poolProps.location.id));
    parameters.bytesize = bytes;
    cudaGraphNode_t node = nullptr;
    CHECK_CUDA(cudaGraphAddMemAllocNode(&node, graph_, nullptr, 0, &parameters));
    *memory = static_cast<float*>(parameters.dptr);
    return node;
  }
  void free(const Nodes& after, void* memory) {
    cudaGraphNode_t node = nullptr;
    CHECK_CUDA(cudaGraphAddMemFreeNode(&node, graph_, after.data(), after.size(), memory));
  }

 private:
  template <typename... Parameters>
  cudaGraphNode_t kernel_of(const Nodes& after, void* function, dim3 grid, dim3 block,
                            Parameters... parameters) {
    void* pointers[] = {&parameters...};
    cudaKernelNodeParams node_parameters{};
    node_parameters.func = function;
    node_parameters.gridDim = grid;
    node_parameters.blockDim = block;
    node_parameters.kernelParams = pointers;
    cudaGraphNode_t node = nullptr;
    CHECK_CUDA(cudaGraphAddKernelNode(&node, graph_, after.data(), after.size(), &node_parameters));
    return node;
  }
  cudaGraph_t graph_;
};

// IF (the default value of the handle) counter += 1.
void add_counter(cudaGraph_t graph, cudaGraphNode_t after, int* counter, unsigned when) {
  cudaGraphConditionalHandle handle{};
  CHECK_CUDA(cudaGraphConditionalHandleCreate(&handle, graph, when, cudaGraphCondAssignDefault));
  cudaGraphNodeParams parameters{};
  parameters.type = cudaGraphNodeTypeConditional;
  parameters.conditional.handle = handle;
  parameters.conditional.type = cudaGraphCondTypeIf;
  parameters.conditional.size = 1;
  cudaGraphNode_t node = nullptr;
  CHECK_CUDA(cudaGraphAddNode(&node, graph, &after, nullptr, 1, &parameters));
  Builder(parameters.conditional.phGraph_out[0]).kernel({}, count_one, 1, 1, counter);
}

}  // namespace

Problem::Problem(int side_, unsigned seed)
    : side(side_), right_side(static_cast<size_t>(side_ * side_)) {
  program::Random random(seed);
  for (float& value : right_side) value = random.signed_unit();
  for (float** vector : {&b, &x, &r, &p, &ap}) *vector = allocate<float>(count());
  parts = allocate<float>(kParts);
  scalars = allocate<Scalars>(1);
  CHECK_CUDA(
      cudaHostAlloc(reinterpret_cast<void**>(&host_rr), sizeof *host_rr, cudaHostAllocDefault));
  CHECK_CUDA(cudaMemcpy(b, right_side.data(), right_side.size() * 4, cudaMemcpyHostToDevice));
}

Problem::~Problem() {
  for (void* memory : {b, x, r, p, ap, parts}) cudaFree(memory);
  cudaFree(scalars);
  cudaFreeHost(host_rr);
}

std::vector<float> Problem::solution() const {
  std::vector<float> values(right_side.size());
  CHECK_CUDA(cudaMemcpy(values.data(), x, values.size() * 4, cudaMemcpyDeviceToHost));
  return values;
}

double Problem::residual() const {
  const std::vector<float> found = solution();
  const auto at = [&](int row, int column) {
    const bool inside = row >= 0 && row < side && column >= 0 && column < side;
    return inside ? static_cast<double>(found[static_cast<size_t>(row * side + column)]) : 0.0;
  };
  double missed = 0, whole = 0;
  for (int row = 0; row < side; ++row) {
    for (int column = 0; column < side; ++column) {
      const double wanted = right_side[static_cast<size_t>(row * side + column)];
      const double got = 4 * at(row, column) - at(row - 1, column) - at(row + 1, column) -
                         at(row, column - 1) - at(row, column + 1);
      missed += (wanted - got) * (wanted - got);
      whole += wanted * wanted;
    }
  }
  return std::sqrt(missed / whole);
}

Lanes::Lanes() {
  for (cudaStream_t* stream : {&a, &b, &c}) {
    CHECK_CUDA(cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking));
  }
  for (cudaEvent_t* event : {&alpha_known, &x_done, &beta_known, &told}) {
    CHECK_CUDA(cudaEventCreateWithFlags(event, cudaEventDisableTiming));
  }
}

Lanes::~Lanes() {
  for (cudaStream_t stream : {a, b, c}) cudaStreamDestroy(stream);
  for (cudaEvent_t event : {alpha_known, x_done, beta_known, told}) cudaEventDestroy(event);
}

void start(Problem& problem, cudaStream_t stream) {
  const size_t bytes = sizeof(float) * problem.right_side.size();
  problem.history.clear();
  CHECK_CUDA(cudaMemsetAsync(problem.x, 0, bytes, stream));
  CHECK_CUDA(cudaMemcpyAsync(problem.r, problem.b, bytes, cudaMemcpyDeviceToDevice, stream));
  CHECK_CUDA(cudaMemcpyAsync(problem.p, problem.b, bytes, cudaMemcpyDeviceToDevice, stream));
  dot_parts<<<kParts, kThreads, 0, stream>>>(problem.r, problem.r, problem.count(), problem.parts);
  finish_start<<<1, 32, 0, stream>>>(problem.parts, problem.scalars);
  CHECK_CUDA(cudaGetLastError());
}

void enqueue_step(Problem& problem, const Lanes& lanes, Scratch scratch) {
  const int count = problem.count();
  float* parts = problem.parts;
  if (scratch == Scratch::Pool) {
    CHECK_CUDA(cudaMallocAsync(reinterpret_cast<void**>(&parts), kParts * sizeof(float), lanes.a));
  }
  apply_laplacian<<<tiles(problem.side), kTile, 0, lanes.a>>>(problem.p, problem.ap, problem.side);
  dot_parts<<<kParts, kThreads, 0, lanes.a>>>(problem.p, problem.ap, count, parts);
  finish_alpha<<<1, 32, 0, lanes.a>>>(parts, problem.scalars);
  CHECK_CUDA(cudaEventRecord(lanes.alpha_known, lanes.a));

  CHECK_CUDA(cudaStreamWaitEvent(lanes.b, lanes.alpha_known, 0));
  add_scaled<<<blocks(count), kThreads, 0, lanes.b>>>(problem.x, problem.p, problem.scalars, 1.0F,
                                                      count);
  CHECK_CUDA(cudaEventRecord(lanes.x_done, lanes.b));

  add_scaled<<<blocks(count), kThreads, 0, lanes.a>>>(problem.r, problem.ap, problem.scalars, -1.0F,
                                                      count);
  dot_parts<<<kParts, kThreads, 0, lanes.a>>>(problem.r, problem.r, count, parts);
  // It writes the scalars that the update of x reads.
  CHECK_CUDA(cudaStreamWaitEvent(lanes.a, lanes.x_done, 0));
  finish_beta<<<1, 32, 0, lanes.a>>>(parts, problem.scalars);
  CHECK_CUDA(cudaEventRecord(lanes.beta_known, lanes.a));
  if (scratch == Scratch::Pool) CHECK_CUDA(cudaFreeAsync(parts, lanes.a));

  CHECK_CUDA(cudaStreamWaitEvent(lanes.c, lanes.beta_known, 0));
  CHECK_CUDA(cudaMemcpyAsync(problem.host_rr, &problem.scalars->rr, sizeof(float),
                             cudaMemcpyDeviceToHost, lanes.c));
  CHECK_CUDA(cudaLaunchHostFunc(lanes.c, tell, &problem));
  CHECK_CUDA(cudaEventRecord(lanes.told, lanes.c));

  next_direction<<<blocks(count), kThreads, 0, lanes.a>>>(problem.p, problem.r, problem.scalars,
                                                          count);
  CHECK_CUDA(cudaGetLastError());
  CHECK_CUDA(cudaStreamWaitEvent(lanes.a, lanes.told, 0));
}

cudaGraph_t capture_step(Problem& problem, const Lanes& lanes, Scratch scratch) {
  cudaGraph_t graph = nullptr;
  CHECK_CUDA(cudaStreamBeginCapture(lanes.a, cudaStreamCaptureModeGlobal));
  enqueue_step(problem, lanes, scratch);
  CHECK_CUDA(cudaStreamEndCapture(lanes.a, &graph));
  return graph;
}

Step build_step(Problem& problem, Scratch scratch, int* counter, unsigned when) {
  const int count = problem.count();
  Step step{};
  CHECK_CUDA(cudaGraphCreate(&step.graph, 0));
  Builder builder(step.graph);
  float* parts = problem.parts;
  Builder::Nodes first;
  if (scratch == Scratch::Pool) first = {builder.allocation(kParts * sizeof(float), &parts)};

  cudaGraph_t product = nullptr;
  CHECK_CUDA(cudaGraphCreate(&product, 0));
  Builder inner(product);
  const auto laplacian = inner.kernel({}, apply_laplacian, tiles(problem.side), kTile, problem.p,
                                      problem.ap, problem.side);
  inner.kernel({laplacian}, dot_parts, kParts, kThreads, problem.p, problem.ap, count, parts);
  step.product = builder.child(first, product);
  CHECK_CUDA(cudaGraphDestroy(product));  // the node has a copy

  const auto alpha = builder.kernel({step.product}, finish_alpha, 1, 32, parts, problem.scalars);
  step.update_x = builder.kernel({alpha}, add_scaled, blocks(count), kThreads, problem.x, problem.p,
                                 problem.scalars, 1.0F, count);
  const auto update_r = builder.kernel({alpha}, add_scaled, blocks(count), kThreads, problem.r,
                                       problem.ap, problem.scalars, -1.0F, count);
  const auto rr =
      builder.kernel({update_r}, dot_parts, kParts, kThreads, problem.r, problem.r, count, parts);
  const auto beta = builder.kernel({rr, step.update_x}, finish_beta, 1, 32, parts, problem.scalars);
  if (scratch == Scratch::Pool) builder.free({beta}, parts);
  const auto copy = builder.copy_to_host({beta}, problem.host_rr, &problem.scalars->rr, 4);
  step.tell = builder.host({copy}, tell, &problem);
  builder.kernel({beta}, next_direction, blocks(count), kThreads, problem.p, problem.r,
                 problem.scalars, count);
  if (counter != nullptr) add_counter(step.graph, beta, counter, when);
  return step;
}

cudaKernelNodeParams update_x_parameters(const Problem& problem, float* x, UpdateArguments& store) {
  store = {x, problem.p, problem.scalars, 1.0F, problem.count(), {}};
  void* const pointers[] = {&store.x, &store.p, &store.scalars, &store.sign, &store.count};
  std::copy(std::begin(pointers), std::end(pointers), store.pointers);
  cudaKernelNodeParams parameters{};
  parameters.func = reinterpret_cast<void*>(add_scaled);
  parameters.gridDim = dim3(blocks(problem.count()));
  parameters.blockDim = dim3(kThreads);
  parameters.kernelParams = store.pointers;
  return parameters;
}
