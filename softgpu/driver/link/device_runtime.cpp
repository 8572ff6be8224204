// SPDX-License-Identifier: MIT
// The functions of cuda_device_runtime_api.h for groups of threads, for the group "grid":
//   unsigned long long cudaCGGetIntrinsicHandle(enum cudaCGScope scope)       1 = grid
//   cudaError_t cudaCGSynchronize(handle, flags), cudaCGSynchronizeGrid(handle, flags)
//   cudaError_t cudaCGGetSize(unsigned* threads, unsigned* grids, handle)
//   cudaError_t cudaCGGetRank(unsigned* thread, unsigned* grid, handle)
// A handle is the address of the grid's workspace (engine/grid_workspace.hpp), 0 in a launch that
// is not cooperative; 1 is cudaErrorInvalidValue.
//
// The barrier counts arrivals of blocks in the workspace's second word. Each round adds exactly
// 2^31 in all, 1 for every block but the first and the rest for the first, so the top bit turns
// when everybody is there, and nobody has to reset anything. One thread of each block counts and
// polls; barriers of the block before and after make it speak for all, fences order their memory
// accesses.
#include "driver/link/device_runtime.hpp"

namespace softgpu::driver {

std::string device_runtime_ptx() {
  return R"(.version 7.0
.target sm_70
.address_size 64
.visible .func (.param .b64 result) cudaCGGetIntrinsicHandle(.param .b32 scope)
{
  .reg .pred %grid;
  .reg .b32 %scope, %low, %high;
  .reg .b64 %handle;
  ld.param.u32 %scope, [scope];
  setp.eq.u32 %grid, %scope, 1;
  mov.u32 %low, %envreg2;
  mov.u32 %high, %envreg1;
  mov.b64 %handle, {%low, %high};
  selp.b64 %handle, %handle, 0, %grid;
  st.param.b64 [result], %handle;
  ret;
}
.visible .func (.param .b32 result) cudaCGSynchronizeGrid(.param .b64 handle, .param .b32 flags)
{
  .reg .pred %other, %waiting, %invalid;
  .reg .b32 %x, %y, %z, %blocks, %add, %before, %now;
  .reg .b64 %counter;
  ld.param.u64 %counter, [handle];
  setp.eq.u64 %invalid, %counter, 0;
  @%invalid bra INVALID;
  add.u64 %counter, %counter, 4;
  bar.sync 0;
  mov.u32 %x, %tid.x;
  mov.u32 %y, %tid.y;
  mov.u32 %z, %tid.z;
  add.u32 %x, %x, %y;
  add.u32 %x, %x, %z;
  setp.ne.u32 %other, %x, 0;
  @%other bra DONE;
  mov.u32 %x, %ctaid.x;
  mov.u32 %y, %ctaid.y;
  mov.u32 %z, %ctaid.z;
  add.u32 %x, %x, %y;
  add.u32 %add, %x, %z;
  setp.ne.u32 %other, %add, 0;
  mov.u32 %x, %nctaid.x;
  mov.u32 %y, %nctaid.y;
  mov.u32 %z, %nctaid.z;
  mul.lo.u32 %blocks, %x, %y;
  mul.lo.u32 %blocks, %blocks, %z;
  sub.u32 %add, 0x80000001, %blocks;
  selp.b32 %add, 1, %add, %other;
  fence.acq_rel.gpu;
  atom.add.release.gpu.u32 %before, [%counter], %add;
POLL:
  ld.acquire.gpu.u32 %now, [%counter];
  xor.b32 %now, %now, %before;
  setp.ge.s32 %waiting, %now, 0;
  @%waiting bra POLL;
  fence.acq_rel.gpu;
DONE:
  bar.sync 0;
  st.param.b32 [result], 0;
  ret;
INVALID:
  st.param.b32 [result], 1;
  ret;
}
.visible .func (.param .b32 result) cudaCGSynchronize(.param .b64 handle, .param .b32 flags)
{
  .reg .b32 %flags, %result;
  .reg .b64 %handle;
  ld.param.u64 %handle, [handle];
  ld.param.u32 %flags, [flags];
  {
    .param .b64 a;
    .param .b32 b;
    .param .b32 r;
    st.param.b64 [a], %handle;
    st.param.b32 [b], %flags;
    call.uni (r), cudaCGSynchronizeGrid, (a, b);
    ld.param.b32 %result, [r];
  }
  st.param.b32 [result], %result;
  ret;
}
.visible .func (.param .b32 result) cudaCGGetSize(.param .b64 threads, .param .b64 grids, .param .b64 handle)
{
  .reg .pred %invalid;
  .reg .b32 %n, %m;
  .reg .b64 %handle, %threads, %grids;
  ld.param.u64 %threads, [threads];
  ld.param.u64 %grids, [grids];
  ld.param.u64 %handle, [handle];
  setp.eq.u64 %invalid, %handle, 0;
  @%invalid bra INVALID;
  mov.u32 %n, %ntid.x;
  mov.u32 %m, %ntid.y;
  mul.lo.u32 %n, %n, %m;
  mov.u32 %m, %ntid.z;
  mul.lo.u32 %n, %n, %m;
  mov.u32 %m, %nctaid.x;
  mul.lo.u32 %n, %n, %m;
  mov.u32 %m, %nctaid.y;
  mul.lo.u32 %n, %n, %m;
  mov.u32 %m, %nctaid.z;
  mul.lo.u32 %n, %n, %m;
  st.u32 [%threads], %n;
  st.u32 [%grids], 1;
  st.param.b32 [result], 0;
  ret;
INVALID:
  st.param.b32 [result], 1;
  ret;
}
.visible .func (.param .b32 result) cudaCGGetRank(.param .b64 thread, .param .b64 grid, .param .b64 handle)
{
  .reg .pred %invalid;
  .reg .b32 %rank, %block, %n, %m;
  .reg .b64 %handle, %thread, %grid;
  ld.param.u64 %thread, [thread];
  ld.param.u64 %grid, [grid];
  ld.param.u64 %handle, [handle];
  setp.eq.u64 %invalid, %handle, 0;
  @%invalid bra INVALID;
  mov.u32 %block, %ctaid.z;
  mov.u32 %n, %nctaid.y;
  mov.u32 %m, %ctaid.y;
  mad.lo.u32 %block, %block, %n, %m;
  mov.u32 %n, %nctaid.x;
  mov.u32 %m, %ctaid.x;
  mad.lo.u32 %block, %block, %n, %m;
  mov.u32 %n, %ntid.z;
  mov.u32 %m, %tid.z;
  mad.lo.u32 %rank, %block, %n, %m;
  mov.u32 %n, %ntid.y;
  mov.u32 %m, %tid.y;
  mad.lo.u32 %rank, %rank, %n, %m;
  mov.u32 %n, %ntid.x;
  mov.u32 %m, %tid.x;
  mad.lo.u32 %rank, %rank, %n, %m;
  st.u32 [%thread], %rank;
  st.u32 [%grid], 0;
  st.param.b32 [result], 0;
  ret;
INVALID:
  st.param.b32 [result], 1;
  ret;
}
)";
}

}  // namespace softgpu::driver
