// SPDX-License-Identifier: MIT
// Combinations of modifiers that PTX does not have, though each of them exists somewhere: a device
// that takes them hides bugs. Beside each, the nearest form that exists.
#include "stage_kernel.hpp"

using namespace softgpu::test;

TEST_CASE("combinations of modifiers that do not exist are refused, their neighbours are not") {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"atom.global.add.s64 %rd1, [%out], %rd2;", "atom.global.max.s64 %rd1, [%out], %rd2;"},
      {"red.acquire.gpu.global.add.u32 [%out], %r1;",
       "red.release.gpu.global.add.u32 [%out], %r1;"},
      {"atom.global.cas.L2::cache_hint.b32 %r1, [%out], %r2, %r3, %rd1;",
       "atom.global.exch.L2::cache_hint.b32 %r1, [%out], %r2, %rd1;"},
      {"atom.global.min.noftz.f16 %h1, [%out], %h2;",
       "atom.global.add.noftz.f16 %h1, [%out], %h2;"},
      {"red.shared.add.v2.f32 [tile], {%f1, %f2};", "red.global.add.v2.f32 [%out], {%f1, %f2};"},
      {"red.global.add.v8.f32 [%out], {%f1, %f2, %f1, %f2, %f1, %f2, %f1, %f2};",
       "red.global.add.v4.f32 [%out], {%f1, %f2, %f1, %f2};"},
      {"cvt.sat.u32.u32 %r1, %r2;", "cvt.sat.u32.s32 %r1, %r2;"},
      {"cvt.sat.s64.u32 %rd1, %r2;", "cvt.sat.u16.s32 %h1, %r2;"},
      {"cvt.rn.ftz.f64.s32 %rd1, %r2;", "cvt.rn.f64.s32 %rd1, %r2;"},
      {"cvt.rn.sat.bf16.f32 %h1, %f1;", "cvt.rn.sat.f16.f32 %h1, %f1;"},
      {"cvt.rm.relu.f16.f32 %h1, %f1;", "cvt.rz.relu.f16.f32 %h1, %f1;"},
      {"cvt.rn.ftz.satfinite.f16.f32 %h1, %f1;", "cvt.rn.satfinite.f16.f32 %h1, %f1;"},
      {"cvt.rs.e4m3x4.f32 %r1, {%f1, %f2, %f1, %f2}, %r2;",
       "cvt.rs.satfinite.e4m3x4.f32 %r1, {%f1, %f2, %f1, %f2}, %r2;"},
      {"cvt.rn.ue8m0x2.f32 %h1, %f1, %f2;", "cvt.rp.ue8m0x2.f32 %h1, %f1, %f2;"},
      {"setp.lt.f16 %p1|%p2, %h1, %h2;", "setp.lt.f16x2 %p1|%p2, %r1, %r2;"},
      {"mov.f16 %h1, %h2;", "mov.b16 %h1, %h2;"},
      {"mov.u32 %r1, {%h1, %h2};", "mov.b32 %r1, {%h1, %h2};"},
      {"add.sat.f32x2 %rd1, %rd2, %rd3;", "add.rz.ftz.f32x2 %rd1, %rd2, %rd3;"},
      {"add.ftz.f32.f16 %f1, %h1, %f2;", "add.rz.sat.f32.f16 %f1, %h1, %f2;"},
      {"redux.sync.add.f32 %f1, %f2, -1;", "redux.sync.max.NaN.f32 %f1, %f2, -1;"},
      {"ld.global.f16 %h1, [%in];", "ld.global.b16 %h1, [%in];"},
      {"ld.relaxed.global.u32 %r1, [%in];", "ld.relaxed.gpu.global.u32 %r1, [%in];"},
      {"ld.gpu.global.u32 %r1, [%in];", "ld.acquire.gpu.global.u32 %r1, [%in];"},
      {"ld.volatile.local.u32 %r1, [%in];", "ld.volatile.shared.u32 %r1, [tile];"},
      {"ld.nc.u32 %r1, [%in];", "ld.global.nc.u32 %r1, [%in];"},
      {"ld.relaxed.gpu.global.cg.u32 %r1, [%in];", "ld.weak.global.cg.u32 %r1, [%in];"},
      {"ld.global.wb.u32 %r1, [%in];", "st.global.wb.u32 [%in], %r1;"},
      {"st.global.ca.u32 [%in], %r1;", "ld.global.ca.u32 %r1, [%in];"},
      {"st.shared.L1::no_allocate.u32 [tile], %r1;", "st.global.L1::no_allocate.u32 [%in], %r1;"},
      {"ld.global.L2::evict_last.u32 %r1, [%in];",
       "ld.global.L2::evict_last.v4.b64 {%rd1, %rd2, %rd3, %rd4}, [%in];"},
      {"ld.shared.v4.b64 {%rd1, %rd2, %rd3, %rd4}, [tile];",
       "ld.shared.v2.b64 {%rd1, %rd2}, [tile];"},
      {"ld.mmio.relaxed.gpu.global.u32 %r1, [%in];", "ld.mmio.relaxed.sys.global.u32 %r1, [%in];"},
      {"ldu.global.v4.b64 {%rd1, %rd2, %rd3, %rd4}, [%in];",
       "ldu.global.v2.b64 {%rd1, %rd2}, [%in];"},
      {"prefetch.const.L1 [%in];", "prefetch.global.L1 [%in];"},
      {"prefetch.local.L2::evict_last [%in];", "prefetch.global.L2::evict_last [%in];"},
      {"prefetch.L1;", "prefetch.L1 [%in];"},
      {"fence.proxy.alias.global;", "fence.proxy.async.global;"},
      {"fence.proxy.tensormap::generic.acquire.gpu;",
       "fence.proxy.tensormap::generic.acquire.gpu [%in], 128;"},
      {"membar.gpu;", "membar.gl;"},
  };
  for (const auto& [wrong, right] : pairs) {
    INFO(wrong << "   " << refusal(right));
    CHECK(!refusal(wrong).empty());
    CHECK(refusal(right).empty());
  }
}
