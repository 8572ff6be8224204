// SPDX-License-Identifier: MIT
#include "scene.hpp"

#include <random>
#include <stdexcept>

#include "api/generated/hooks.hpp"
#include "interpose/lifecycle.hpp"
#include "interpose/real_functions.hpp"
#include "interpose/runtime/runtime.hpp"
#include "interpose/slots.hpp"
#include "runtime/fake_entries.hpp"

namespace nonans::bench {
namespace {

using namespace nonans::interpose;
using api::Fn;

// out[i] = a[i] + b[i] for i = blockIdx.x * blockDim.x + threadIdx.x.
const char* kPtx = R"(.version 7.0
.target sm_75
.address_size 64
.visible .entry add(.param .u64 add_param_0, .param .u64 add_param_1, .param .u64 add_param_2)
{
  .reg .f32 %f<4>;
  .reg .b32 %r<5>;
  .reg .b64 %rd<11>;
  ld.param.u64 %rd1, [add_param_0];
  ld.param.u64 %rd2, [add_param_1];
  ld.param.u64 %rd3, [add_param_2];
  cvta.to.global.u64 %rd4, %rd1;
  cvta.to.global.u64 %rd5, %rd2;
  cvta.to.global.u64 %rd6, %rd3;
  mov.u32 %r1, %ctaid.x;
  mov.u32 %r2, %ntid.x;
  mov.u32 %r3, %tid.x;
  mad.lo.s32 %r4, %r1, %r2, %r3;
  mul.wide.u32 %rd7, %r4, 4;
  add.s64 %rd8, %rd5, %rd7;
  add.s64 %rd9, %rd6, %rd7;
  ld.global.f32 %f1, [%rd8];
  ld.global.f32 %f2, [%rd9];
  add.f32 %f3, %f1, %f2;
  add.s64 %rd10, %rd4, %rd7;
  st.global.f32 [%rd10], %f3;
  ret;
}
)";

constexpr unsigned kBlocks = 4, kThreads = 64;
constexpr size_t kBytes = 4096;
constexpr CUdeviceptr kFirst = 0x7f0000000000;

CUfunction function() {
  return reinterpret_cast<CUfunction>(0xf000);
}
CUcontext the_context() {
  return fake::context(1);
}

uint64_t scan_count = 0;

// Entries of the driver that a launch hook calls. The fakes of the unit tests note what they were
// asked; these do not.
CUresult plain_launch(CUfunction f, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                      unsigned, CUstream, void**, void**) {
  if (f != function()) ++scan_count;
  asm volatile("" ::: "memory");  // a call that the compiler must make
  return CUDA_SUCCESS;
}
CUresult plain_current(CUcontext* context) {
  *context = the_context();
  return CUDA_SUCCESS;
}
CUresult plain_capturing(CUstream, CUstreamCaptureStatus* status) {
  *status = CU_STREAM_CAPTURE_STATUS_NONE;
  return CUDA_SUCCESS;
}

template <typename Function>
void replace(Fn fn, Function* function) {
  real::table[static_cast<size_t>(fn)].store(reinterpret_cast<void*>(function));
}

void put_behind_trampoline() {
  slots[api::function(Fn::cuLaunchKernel).hook].store(reinterpret_cast<void*>(&plain_launch));
}

CUresult load(CUmodule* module, const void*) {
  *module = reinterpret_cast<CUmodule>(0xe000);
  return CUDA_SUCCESS;
}
CUresult get_function(CUfunction* found, CUmodule, const char*) {
  *found = function();
  return CUDA_SUCCESS;
}
CUdeviceptr next_allocation = 0;
CUresult allocate(CUdeviceptr* pointer, size_t) {
  *pointer = next_allocation;
  return CUDA_SUCCESS;
}

}  // namespace

const Launch direct = &plain_launch;
const Launch trampoline = &::cuLaunchKernel;

void watch_nothing(bool off) noexcept {
  put_behind_trampoline();
  lifecycle::state.store(off ? lifecycle::State::off : lifecycle::State::on);
}

Scene::Scene(size_t buffers) : driver_(std::make_unique<fake::Driver>()) {
  lifecycle::state.store(lifecycle::State::on);
  driver_->current = the_context();
  CUmodule module;
  CUfunction found;
  hooks::cuModuleLoadData(fake::Call(), &load, &module, kPtx);
  hooks::cuModuleGetFunction(fake::Call(), &get_function, &found, module, "add");
  // A page between two buffers, so that each stays one of its own.
  for (size_t i = 0; i < buffers; ++i) {
    CUdeviceptr pointer;
    next_allocation = kFirst + i * 2 * kBytes;
    hooks::cuMemAlloc_v2(fake::Call(), &allocate, &pointer, kBytes);
  }
  std::mt19937_64 random(1);
  addresses_.resize(1u << 13);  // a step of 2,730 launches
  for (CUdeviceptr& address : addresses_) address = kFirst + random() % buffers * 2 * kBytes;
  replace(Fn::cuCtxGetCurrent, &plain_current);
  replace(Fn::cuStreamIsCapturing, &plain_capturing);
  replace(Fn::cuLaunchKernel, &plain_launch);
  put_behind_trampoline();
  if (look_up() != 5) throw std::runtime_error("the scene is not as a launch hook should meet it");
}

Scene::~Scene() {
  Runtime::get()->buffers.clear();
}

CUresult Scene::launch(Launch through) noexcept {
  CUdeviceptr out = next(), a = next(), b = next();
  void* params[] = {&out, &a, &b};
  return through(function(), kBlocks, 1, 1, kThreads, 1, 1, 0, nullptr, params, nullptr);
}

int Scene::look_up() noexcept {
  const Runtime* runtime = Runtime::get();
  if (runtime == nullptr) return 0;
  int found = runtime->kernels.find(handle_key(function())) != nullptr;
  found += runtime->current_context() != nullptr;
  const memory::BufferRegistry::View buffers = runtime->buffers.view();
  for (int i = 0; i < 3; ++i) found += buffers.find(next()).has_value();
  return found;
}

uint64_t Scene::scans() noexcept {
  return scan_count;
}

}  // namespace nonans::bench
