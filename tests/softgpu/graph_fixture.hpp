// SPDX-License-Identifier: MIT
// Helpers for the tests of graphs and capture: `fill` kernels as nodes, and reading what they left.
#pragma once

#include "softgpu/driver_fixture.hpp"
#include "softgpu/driver_kernels.hpp"

// mix(uint32_t* p, uint32_t value, uint32_t n): p[i] = p[i] * 3 + value for i < n. Order shows:
// 3a+b is not 3b+a.
inline const std::string kMix = ptx::kHeader + R"(
.visible .entry mix(.param .u64 p, .param .u32 value, .param .u32 n)
{
  .reg .pred %q;
  .reg .b32 %r<7>;
  .reg .b64 %rd<4>;
  ld.param.u64 %rd1, [p];
  ld.param.u32 %r1, [value];
  ld.param.u32 %r2, [n];
  mov.u32 %r3, %ctaid.x;
  mov.u32 %r4, %ntid.x;
  mov.u32 %r5, %tid.x;
  mad.lo.s32 %r3, %r3, %r4, %r5;
  setp.ge.u32 %q, %r3, %r2;
  @%q bra DONE;
  mul.wide.u32 %rd2, %r3, 4;
  add.s64 %rd3, %rd1, %rd2;
  ld.global.u32 %r6, [%rd3];
  mad.lo.u32 %r1, %r6, 3, %r1;
)" + ptx::kAsFloat + R"(
  st.global.f32 [%rd3], %r1;
DONE:
  ret;
}
)";

// The parameters of a `fill` or `mix` launch over n words, one block of n threads.
struct Words {
  CUdeviceptr p = 0;
  uint32_t value = 0, n = 0;
  void* params[3];
  Words(CUdeviceptr p_, uint32_t value_, uint32_t n_) : p(p_), value(value_), n(n_) {
    params[0] = &p, params[1] = &value, params[2] = &n;
  }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;
  CUDA_KERNEL_NODE_PARAMS node(CUfunction f) {
    CUDA_KERNEL_NODE_PARAMS k{};
    k.func = f;
    k.gridDimX = k.gridDimY = k.gridDimZ = 1;
    k.blockDimX = n;
    k.blockDimY = k.blockDimZ = 1;
    k.kernelParams = params;
    return k;
  }
  CUresult launch(CUfunction f, CUstream s) {
    return CU(cuLaunchKernel)(f, 1, 1, 1, n, 1, 1, 0, s, params, nullptr);
  }
};

inline CUDA_MEMCPY3D device_copy(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  CUDA_MEMCPY3D c{};
  c.srcMemoryType = c.dstMemoryType = CU_MEMORYTYPE_DEVICE;
  c.dstDevice = to;
  c.srcDevice = from;
  c.WidthInBytes = bytes;
  c.Height = c.Depth = 1;
  return c;
}

inline CUDA_MEMSET_NODE_PARAMS word_fill(CUdeviceptr to, uint32_t value, size_t words) {
  return {to, 0, value, 4, words, 1};
}

struct GraphGpu : Gpu {
  CUfunction fill = nullptr, mix = nullptr;
  CUstream stream_ = nullptr;
  GraphGpu() {
    fill = function(ptx::kFill, "fill");
    mix = function(kMix, "mix");
    stream_ = stream(CU_STREAM_NON_BLOCKING);
  }
  CUgraph graph() const {
    CUgraph g = nullptr;
    REQUIRE(CU(cuGraphCreate)(&g, 0) == CUDA_SUCCESS);
    return g;
  }
  CUgraphNode kernel(CUgraph g, CUfunction f, Words& w,
                     const std::vector<CUgraphNode>& after = {}) const {
    CUgraphNode node = nullptr;
    const CUDA_KERNEL_NODE_PARAMS k = w.node(f);
    REQUIRE(CU(cuGraphAddKernelNode_v2)(&node, g, after.data(), after.size(), &k) == CUDA_SUCCESS);
    return node;
  }
  CUgraphNode memset(CUgraph g, CUdeviceptr p, uint32_t value, size_t words,
                     const std::vector<CUgraphNode>& after = {}) const {
    CUgraphNode node = nullptr;
    const CUDA_MEMSET_NODE_PARAMS m = word_fill(p, value, words);
    REQUIRE(CU(cuGraphAddMemsetNode)(&node, g, after.data(), after.size(), &m, context) ==
            CUDA_SUCCESS);
    return node;
  }
  CUgraphExec instantiate(CUgraph g, unsigned long long flags = 0) const {
    CUgraphExec e = nullptr;
    REQUIRE(CU(cuGraphInstantiateWithFlags)(&e, g, flags) == CUDA_SUCCESS);
    return e;
  }
  // Launches and waits.
  void run(CUgraphExec e) const {
    REQUIRE(CU(cuGraphLaunch)(e, stream_) == CUDA_SUCCESS);
    REQUIRE(CU(cuStreamSynchronize)(stream_) == CUDA_SUCCESS);
  }
  uint32_t word(CUdeviceptr p) const { return read<uint32_t>(p, 1)[0]; }
};
