// SPDX-License-Identifier: MIT
// Conditional nodes: what their handle says when the graph is launched, and what its kernels say on
// the way.
#include "softgpu/graph_fixture.hpp"

namespace {

constexpr CUresult kInvalid = CUDA_ERROR_INVALID_VALUE;

// As nvcc compiles calls of cudaGraphSetConditional.
const std::string kSetConditional =
    ".extern .func cudaGraphSetConditional\n(\n"
    "  .param .b64 cudaGraphSetConditional_param_0,\n  .param .b32 "
    "cudaGraphSetConditional_param_1\n)\n;\n";
const std::string kCall = R"(
  { // callseq 0, 0
    .reg .b32 temp_param_reg;
    .param .b64 param0;
    st.param.b64 [param0+0], %rd1;
    .param .b32 param1;
    st.param.b32 [param1+0], %r1;
    call.uni
    cudaGraphSetConditional,
    (
    param0,
    param1
    );
  } // callseq 0
  ret;
}
)";

// set(handle, value); count_down(handle, uint32_t* left): one less, and goes on while there is one.
const std::string kConditions = ptx::kHeader + kSetConditional + R"(
.visible .entry set(.param .u64 handle, .param .u32 value)
{
  .reg .b32 %r<2>;
  .reg .b64 %rd<2>;
  ld.param.u64 %rd1, [handle];
  ld.param.u32 %r1, [value];)" + kCall +
                                R"(
.visible .entry count_down(.param .u64 handle, .param .u64 left)
{
  .reg .pred %p;
  .reg .b32 %r<2>;
  .reg .b64 %rd<3>;
  ld.param.u64 %rd1, [handle];
  ld.param.u64 %rd2, [left];
  ld.global.u32 %r1, [%rd2];
  sub.u32 %r1, %r1, 1;
  st.global.u32 [%rd2], %r1;
  setp.ne.u32 %p, %r1, 0;
  selp.u32 %r1, 1, 0, %p;)" + kCall;

struct ConditionGpu : GraphGpu {
  CUfunction set = nullptr, count_down = nullptr;
  ConditionGpu() {
    set = function(kConditions, "set");
    count_down = function(kConditions, "count_down");
  }
  CUgraphConditionalHandle handle(CUgraph g, unsigned value,
                                  unsigned flags = CU_GRAPH_COND_ASSIGN_DEFAULT) const {
    CUgraphConditionalHandle h = 0;
    REQUIRE(CU(cuGraphConditionalHandleCreate)(&h, g, context, value, flags) == CUDA_SUCCESS);
    return h;
  }
  std::vector<CUgraph> conditional(CUgraph g, CUgraphConditionalHandle h,
                                   CUgraphConditionalNodeType type, unsigned size,
                                   const std::vector<CUgraphNode>& after = {}) const {
    CUgraphNodeParams params{};
    params.type = CU_GRAPH_NODE_TYPE_CONDITIONAL;
    params.conditional = {h, type, size, nullptr, context};
    CUgraphNode node = nullptr;
    REQUIRE(CU(cuGraphAddNode_v2)(&node, g, after.data(), nullptr, after.size(), &params) ==
            CUDA_SUCCESS);
    return {params.conditional.phGraph_out, params.conditional.phGraph_out + size};
  }
  CUgraphNode setter(CUgraph g, CUgraphConditionalHandle h, unsigned value,
                     const std::vector<CUgraphNode>& after = {}) const {
    void* arguments[] = {&h, &value};
    return add(g, set, arguments, after);
  }
  CUgraphNode counter(CUgraph g, CUgraphConditionalHandle h, CUdeviceptr left,
                      const std::vector<CUgraphNode>& after = {}) const {
    void* arguments[] = {&h, &left};
    return add(g, count_down, arguments, after);
  }

 private:
  CUgraphNode add(CUgraph g, CUfunction f, void** arguments,
                  const std::vector<CUgraphNode>& after) const {
    const CUDA_KERNEL_NODE_PARAMS k{f, 1, 1, 1, 1, 1, 1, 0, arguments, nullptr, nullptr, nullptr};
    CUgraphNode node = nullptr;
    REQUIRE(CU(cuGraphAddKernelNode_v2)(&node, g, after.data(), after.size(), &k) == CUDA_SUCCESS);
    return node;
  }
};

}  // namespace

TEST_CASE("conditional nodes choose by the default value of their handle") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  const auto run_with = [&](CUgraphConditionalNodeType type, unsigned size, unsigned value) {
    REQUIRE(CU(cuMemsetD32Async)(p, 100, 1, gpu.stream_) == CUDA_SUCCESS);
    const CUgraph g = gpu.graph();
    CUgraphConditionalHandle handle = 0;
    REQUIRE(CU(cuGraphConditionalHandleCreate)(&handle, g, gpu.context, value,
                                               CU_GRAPH_COND_ASSIGN_DEFAULT) == CUDA_SUCCESS);
    CUgraphNodeParams params{};
    params.type = CU_GRAPH_NODE_TYPE_CONDITIONAL;
    params.conditional = {handle, type, size, nullptr, gpu.context};
    CUgraphNode node = nullptr;
    REQUIRE(CU(cuGraphAddNode_v2)(&node, g, nullptr, nullptr, 0, &params) == CUDA_SUCCESS);
    REQUIRE(params.conditional.phGraph_out);
    for (unsigned i = 0; i < size; ++i) gpu.memset(params.conditional.phGraph_out[i], p, i, 1);
    gpu.run(gpu.instantiate(g));
    return gpu.word(p);
  };
  CHECK(run_with(CU_GRAPH_COND_TYPE_IF, 1, 1) == 0);
  CHECK(run_with(CU_GRAPH_COND_TYPE_IF, 1, 0) == 100);
  CHECK(run_with(CU_GRAPH_COND_TYPE_IF, 2, 0) == 1);
  CHECK(run_with(CU_GRAPH_COND_TYPE_WHILE, 1, 0) == 100);
  CHECK(run_with(CU_GRAPH_COND_TYPE_SWITCH, 3, 2) == 2);
  CHECK(run_with(CU_GRAPH_COND_TYPE_SWITCH, 3, 3) == 100);
}

TEST_CASE("what conditional nodes may not be or hold") {
  const GraphGpu gpu;
  const CUgraph g = gpu.graph();
  CUgraphConditionalHandle handle = 0;
  CHECK(CU(cuGraphConditionalHandleCreate)(&handle, g, gpu.context, 0, 2) == kInvalid);
  REQUIRE(CU(cuGraphConditionalHandleCreate)(&handle, g, gpu.context, 0, 0) == CUDA_SUCCESS);
  CUgraphExec e = nullptr;
  CUDA_GRAPH_INSTANTIATE_PARAMS how{};
  CHECK(CU(cuGraphInstantiateWithParams)(&e, g, &how) == kInvalid);
  CHECK(how.result_out == CUDA_GRAPH_INSTANTIATE_CONDITIONAL_HANDLE_UNUSED);
  CUgraphNodeParams params{};
  params.type = CU_GRAPH_NODE_TYPE_CONDITIONAL;
  params.conditional = {handle, CU_GRAPH_COND_TYPE_WHILE, 2, nullptr, gpu.context};
  CUgraphNode node = nullptr;
  CHECK(CU(cuGraphAddNode_v2)(&node, g, nullptr, nullptr, 0, &params) == kInvalid);
  params.conditional.size = 1;
  REQUIRE(CU(cuGraphAddNode_v2)(&node, g, nullptr, nullptr, 0, &params) == CUDA_SUCCESS);
  const CUgraph body = params.conditional.phGraph_out[0];
  CUgraphNode second = nullptr;
  CHECK(CU(cuGraphAddNode_v2)(&second, g, nullptr, nullptr, 0, &params) == kInvalid);  // used
  const CUDA_HOST_NODE_PARAMS host{[](void*) {}, nullptr};
  CHECK(CU(cuGraphAddHostNode)(&second, body, nullptr, 0, &host) == kInvalid);
  CHECK(CU(cuGraphDestroy)(body) == kInvalid);
  CHECK(CU(cuGraphInstantiateWithFlags)(&e, body, 0) == kInvalid);
  CUgraph clone = nullptr;
  CHECK(CU(cuGraphClone)(&clone, g) == CUDA_ERROR_NOT_SUPPORTED);
  const CUgraph parent = gpu.graph();
  CHECK(CU(cuGraphAddChildGraphNode)(&second, parent, nullptr, 0, g) == kInvalid);
}

TEST_CASE("a kernel of the graph sets what a conditional node behind it looks at") {
  const ConditionGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  const CUgraph g = gpu.graph();
  const CUgraphConditionalHandle h = gpu.handle(g, 0);
  const CUgraphNode setter = gpu.setter(g, h, 2);
  const auto bodies = gpu.conditional(g, h, CU_GRAPH_COND_TYPE_SWITCH, 3, {setter});
  for (unsigned i = 0; i < 3; ++i) gpu.memset(bodies[i], p, i + 10, 1);
  const CUgraphExec e = gpu.instantiate(g);
  gpu.run(e);
  CHECK(gpu.word(p) == 12);
  // Another value through an update, and none: the default of every launch.
  CUgraphConditionalHandle handle = h;
  unsigned value = 1;
  void* arguments[] = {&handle, &value};
  const CUDA_KERNEL_NODE_PARAMS k{gpu.set, 1, 1,         1,       1,       1,
                                  1,       0, arguments, nullptr, nullptr, nullptr};
  REQUIRE(CU(cuGraphExecKernelNodeSetParams_v2)(e, setter, &k) == CUDA_SUCCESS);
  gpu.run(e);
  CHECK(gpu.word(p) == 11);
  REQUIRE(CU(cuGraphNodeSetEnabled)(e, setter, 0) == CUDA_SUCCESS);
  gpu.run(e);
  CHECK(gpu.word(p) == 10);
}

TEST_CASE("a loop runs until its body says that it is done, in every launch anew") {
  const ConditionGpu gpu;
  const CUdeviceptr left = gpu.alloc(4), sum = gpu.alloc(4);
  const CUgraph g = gpu.graph();
  const CUgraphConditionalHandle h = gpu.handle(g, 1);
  const CUgraph body =
      gpu.conditional(g, h, CU_GRAPH_COND_TYPE_WHILE, 1, {gpu.memset(g, left, 7, 1)})[0];
  Words three(sum, 1, 1);
  gpu.counter(body, h, left, {gpu.kernel(body, gpu.mix, three)});
  const CUgraphExec e = gpu.instantiate(g);
  uint32_t expected = 0;
  REQUIRE(CU(cuMemsetD32Async)(sum, 0, 1, gpu.stream_) == CUDA_SUCCESS);
  for (int launch = 0; launch < 3; ++launch) {
    gpu.run(e);
    for (int i = 0; i < 7; ++i) expected = expected * 3 + 1;
    CHECK(gpu.word(sum) == expected);
    CHECK(gpu.word(left) == 0);
  }
}

TEST_CASE("a condition without a default keeps what the last launch left") {
  const ConditionGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  const CUgraph g = gpu.graph();
  const CUgraphConditionalHandle h = gpu.handle(g, 0, 0);
  const CUgraphNode setter = gpu.setter(g, h, 1);
  gpu.memset(gpu.conditional(g, h, CU_GRAPH_COND_TYPE_IF, 1, {setter})[0], p, 5, 1);
  const CUgraphExec e = gpu.instantiate(g);
  gpu.run(e);
  REQUIRE(CU(cuGraphNodeSetEnabled)(e, setter, 0) == CUDA_SUCCESS);
  REQUIRE(CU(cuMemsetD32Async)(p, 0, 1, gpu.stream_) == CUDA_SUCCESS);
  gpu.run(e);
  CHECK(gpu.word(p) == 5);
}

TEST_CASE("a body holds a loop of its own, whose condition an outer kernel may set too") {
  const ConditionGpu gpu;
  const CUdeviceptr outer_left = gpu.alloc(4), inner_left = gpu.alloc(4), sum = gpu.alloc(4);
  const CUgraph g = gpu.graph();
  const CUgraphConditionalHandle outer = gpu.handle(g, 1);
  const CUgraph outer_body =
      gpu.conditional(g, outer, CU_GRAPH_COND_TYPE_WHILE, 1, {gpu.memset(g, outer_left, 3, 1)})[0];
  const CUgraphConditionalHandle inner = gpu.handle(outer_body, 0);
  const CUgraphNode again =
      gpu.setter(outer_body, inner, 1, {gpu.memset(outer_body, inner_left, 4, 1)});
  const CUgraph inner_body =
      gpu.conditional(outer_body, inner, CU_GRAPH_COND_TYPE_WHILE, 1, {again})[0];
  Words one(sum, 1, 1);
  gpu.counter(inner_body, inner, inner_left, {gpu.kernel(inner_body, gpu.mix, one)});
  gpu.counter(outer_body, outer, outer_left);
  REQUIRE(CU(cuMemsetD32Async)(sum, 0, 1, gpu.stream_) == CUDA_SUCCESS);
  gpu.run(gpu.instantiate(g));
  uint32_t expected = 0;
  for (int i = 0; i < 12; ++i) expected = expected * 3 + 1;
  CHECK(gpu.word(sum) == expected);
}

TEST_CASE(
    "a condition of another graph, or set by a launch that is in none, is an illegal address") {
  SECTION("of another graph") {
    const ConditionGpu gpu;
    const CUgraph g = gpu.graph(), other = gpu.graph();
    gpu.setter(g, gpu.handle(other, 0), 1);
    REQUIRE(CU(cuGraphLaunch)(gpu.instantiate(g), gpu.stream_) == CUDA_SUCCESS);
    CHECK(CU(cuStreamSynchronize)(gpu.stream_) == CUDA_ERROR_ILLEGAL_ADDRESS);
  }
  SECTION("in no graph") {
    const ConditionGpu gpu;
    const CUgraph g = gpu.graph();
    CUgraphConditionalHandle h = gpu.handle(g, 0);
    unsigned value = 1;
    void* arguments[] = {&h, &value};
    REQUIRE(CU(cuLaunchKernel)(gpu.set, 1, 1, 1, 1, 1, 1, 0, gpu.stream_, arguments, nullptr) ==
            CUDA_SUCCESS);
    CHECK(CU(cuStreamSynchronize)(gpu.stream_) == CUDA_ERROR_ILLEGAL_ADDRESS);
  }
}

TEST_CASE("the linker knows the function too") {
  const GraphGpu gpu;
  CUlinkState state = nullptr;
  REQUIRE(CU(cuLinkCreate_v2)(0, nullptr, nullptr, &state) == CUDA_SUCCESS);
  std::string text = kConditions;
  REQUIRE(CU(cuLinkAddData_v2)(state, CU_JIT_INPUT_PTX, text.data(), text.size() + 1, "conditions",
                               0, nullptr, nullptr) == CUDA_SUCCESS);
  void* image = nullptr;
  size_t size = 0;
  REQUIRE(CU(cuLinkComplete)(state, &image, &size) == CUDA_SUCCESS);
  CUmodule module = nullptr;
  CHECK(CU(cuModuleLoadData)(&module, image) == CUDA_SUCCESS);
  CHECK(CU(cuLinkDestroy)(state) == CUDA_SUCCESS);
}
