// SPDX-License-Identifier: MIT
// A kernel around a few instructions, for what threads of a block do together: %t is the thread,
// %ga the address of its word of `in`, %go of its word of `out`, `tile` is 4 KiB of shared memory,
// `bar` four mbarriers.
#pragma once

#include "harness.hpp"

namespace softgpu::test {

inline std::string stage_kernel(const std::string& body) {
  return R"(
.version 9.0
.target sm_100a
.address_size 64
.visible .entry k(.param .u64 in, .param .u64 out)
{
  .reg .pred %p<10>; .reg .b16 %h<10>; .reg .b32 %t, %c, %r<30>; .reg .f32 %f<10>;
  .reg .b64 %in, %out, %ga, %go, %rd<20>; .reg .b128 %q<8>;
  .shared .align 16 .b8 tile[4096];
  .shared .align 8 .b64 bar[4];
  ld.param.u64 %in, [in];
  ld.param.u64 %out, [out];
  mov.u32 %t, %tid.x;
  mov.u32 %c, %ctaid.x;
  mov.u32 %r0, %ntid.x;
  mad.lo.u32 %r0, %c, %r0, %t;
  mul.wide.u32 %rd0, %r0, 4;
  add.s64 %ga, %in, %rd0;
  add.s64 %go, %out, %rd0;
)" + body +
         "\n  ret;\n}\n";
}

struct StageRun {
  std::vector<uint32_t> out;
  std::optional<engine::Fault> fault;
};
// in[i] = 1000 + i.
inline StageRun run_stage(const std::string& body, uint32_t blocks, uint32_t threads) {
  Device device;
  device.load(stage_kernel(body));
  std::vector<uint32_t> in(size_t{blocks} * threads * 4 + 64);
  for (uint32_t i = 0; i < in.size(); ++i) in[i] = 1000 + i;
  const uint64_t out = device.upload(std::vector<uint32_t>(size_t{blocks} * threads));
  StageRun result;
  result.fault = device.try_run("k", {blocks}, {threads}, device.upload(in), out);
  result.out = device.download<uint32_t>(out, size_t{blocks} * threads);
  return result;
}
inline std::string message(const StageRun& run) {
  return run.fault ? run.fault->message : "";
}
// Why a body is refused; empty if it loads.
inline std::string refusal(const std::string& body) {
  Device device;
  const auto error = device.try_load(stage_kernel(body));
  return error ? error->message : "";
}

}  // namespace softgpu::test
