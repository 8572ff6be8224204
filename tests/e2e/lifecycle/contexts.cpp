// SPDX-License-Identifier: MIT
// Contexts that come, go, are shared, and are first seen late.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "lifecycle/scene.hpp"

namespace lifecycle {
namespace {

CUcontext create(int ordinal = 0) {
  CUcontext context = nullptr;
  check(cu(cuCtxCreate)(&context, nullptr, 0, device(ordinal)), "cuCtxCreate");
  return context;
}

void one_launch(const char* name) {
  Scene scene;
  scene.run();
  scene.show(name);
}

// Contexts of two devices and two of one, switched with push and pop.
int several() {
  init();
  const CUcontext first = create(0), second = create(1), third = create(0);
  CUcontext popped;
  for (int i = 0; i < 3; ++i) check(cu(cuCtxPopCurrent)(&popped), "cuCtxPopCurrent");
  for (const CUcontext context : {first, second, third, first}) {
    check(cu(cuCtxPushCurrent)(context), "cuCtxPushCurrent");
    one_launch("pushed");
    check(cu(cuCtxPopCurrent)(&popped), "cuCtxPopCurrent");
    if (popped != context) return 1;
  }
  CUcontext current = nullptr;
  check(cu(cuCtxGetCurrent)(&current), "cuCtxGetCurrent");
  if (current) return 1;
  for (const CUcontext context : {second, first, third})
    check(cu(cuCtxDestroy)(context), "cuCtxDestroy");
  return 0;
}

// The context is current only because another was popped: no call of ours names it.
int popped_to() {
  init();
  const CUcontext below = create(), above = create();
  static_cast<void>(below);
  CUcontext popped;
  check(cu(cuCtxPopCurrent)(&popped), "cuCtxPopCurrent");
  one_launch("below");
  check(cu(cuCtxDestroy)(above), "cuCtxDestroy");
  one_launch("still below");
  return 0;
}

// Retired, and exported all the same.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
int attach_and_detach() {
  init();
  CUcontext context = create(), attached = nullptr;
  check(cu(cuCtxAttach)(&attached, 0), "cuCtxAttach");
  one_launch("attached");
  check(cu(cuCtxDetach)(attached), "cuCtxDetach");
  one_launch("once");
  check(cu(cuCtxDetach)(context), "cuCtxDetach");
  context = create();
  one_launch("anew");
  return 0;
}
#pragma GCC diagnostic pop

// Released, reset, and there again at the same handle.
int primary_again() {
  init();
  for (int round = 0; round < 3; ++round) {
    retain();
    one_launch("retained");
    check(cu(cuDevicePrimaryCtxReset)(device()), "cuDevicePrimaryCtxReset");
    retain();
    one_launch("after reset");
    check(cu(cuDevicePrimaryCtxRelease)(device()), "cuDevicePrimaryCtxRelease");
    if (round == 1)  // whatever a reset does to the count
      while (cu(cuDevicePrimaryCtxRelease)(device()) == CUDA_SUCCESS) {
      }
  }
  return 0;
}

// Retained by somebody whom nobody saw: the runtime's private tables do that. Each release that we
// see looks like the last one, and is not; launches go on meanwhile on other threads.
int held_by_another() {
  init();
  CUcontext unseen = nullptr;
  check(PAST_US(cuDevicePrimaryCtxRetain)(&unseen, device()), "retain, unseen");
  std::atomic<bool> stop{false};
  std::atomic<int> errors{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      check(cu(cuCtxSetCurrent)(unseen), "cuCtxSetCurrent");
      Scene scene;
      while (!stop) {
        if (scene.launch() != CUDA_SUCCESS) ++errors;
        if (cu(cuStreamSynchronize)(nullptr) != CUDA_SUCCESS) ++errors;
      }
    });
  for (int i = 0; i < 200; ++i) {
    retain();
    check(cu(cuDevicePrimaryCtxRelease)(device()), "cuDevicePrimaryCtxRelease");
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  check(cu(cuCtxSetCurrent)(unseen), "cuCtxSetCurrent");
  std::printf("errors %d\n", errors.load());
  one_launch("still held");
  return 0;
}

// Both are the program's fault; what it gets for it must be the driver's answer and no crash.
int reset_while_launching() {
  init();
  for (int round = 0; round < 5; ++round) {
    const CUcontext context = retain();
    std::atomic<bool> under_way{false}, stop{false};
    std::thread launcher([&] {
      if (cu(cuCtxSetCurrent)(context) != CUDA_SUCCESS) std::abort();
      Scene scene;
      while (scene.launch() == CUDA_SUCCESS && !stop) {
        under_way = true;
        std::this_thread::yield();
      }
      under_way = true;
    });
    while (!under_way) std::this_thread::yield();
    cu(cuDevicePrimaryCtxReset)(device());
    stop = true;
    launcher.join();
    while (cu(cuDevicePrimaryCtxRelease)(device()) == CUDA_SUCCESS) {
    }
  }
  retain();
  one_launch("afterwards");
  return 0;
}

// Another thread's context, and not current there either.
int destroyed_from_outside() {
  init();
  const CUcontext context = create();
  {
    Scene scene;
    for (int i = 0; i < 20; ++i) check(scene.launch(), "cuLaunchKernel");
  }
  CUcontext popped;
  check(cu(cuCtxPopCurrent)(&popped), "cuCtxPopCurrent");
  std::thread([&] { check(cu(cuCtxDestroy)(context), "cuCtxDestroy"); }).join();
  create();
  one_launch("another");
  return 0;
}

int without_context() {
  init();
  const CUcontext context = create();
  Scene scene;
  std::thread([&] {
    std::printf("launch %d\n", scene.launch());
    CUdeviceptr p = 0;
    std::printf("alloc %d\n", cu(cuMemAlloc)(&p, 16));
    std::printf("free %d\n", cu(cuMemFree)(scene.in) == CUDA_SUCCESS);
    std::printf("destroy %d\n", cu(cuCtxDestroy)(context));
  }).join();
  create();
  one_launch("another");
  return 0;
}

// The context, its module and its memory are there before any hook is called.
int seen_late() {
  check(PAST_US(cuInit)(0), "cuInit");
  CUcontext context = nullptr;
  check(PAST_US(cuDevicePrimaryCtxRetain)(&context, 0), "retain, unseen");
  check(PAST_US(cuCtxSetCurrent)(context), "set current, unseen");
  CUmodule module;
  CUfunction square;
  check(PAST_US(cuModuleLoadData)(&module, image.data()), "load, unseen");
  check(PAST_US(cuModuleGetFunction)(&square, module, "square"), "get function, unseen");
  Scene scene;  // seen
  const CUfunction seen = scene.square;
  scene.square = square;
  scene.run();
  scene.show("unseen function");
  scene.square = seen;
  scene.run();
  scene.show("seen function");
  return 0;
}

// A function of a module that we saw, got behind our back.
int unannounced() {
  init();
  retain();
  Scene scene;
  check(PAST_US(cuModuleGetFunction)(&scene.square, scene.module, "minus_square"), "unannounced");
  scene.run();
  CUcontext context;
  check(cu(cuCtxGetCurrent)(&context), "cuCtxGetCurrent");
  check(cu(cuCtxSetCurrent)(context), "cuCtxSetCurrent");
  scene.run();
  scene.run();
  scene.show("out");
  return 0;
}

// The first hooked calls of the process are made while a stream captures.
int seen_in_capture() {
  check(PAST_US(cuInit)(0), "cuInit");
  CUcontext context = nullptr;
  check(PAST_US(cuCtxCreate)(&context, nullptr, 0, 0), "create, unseen");
  CUmodule module;
  CUfunction square;
  CUdeviceptr in, out;
  CUstream stream;
  std::vector<float> values(kN, 2.0f);
  values[5] = FLT_MAX;
  check(PAST_US(cuModuleLoadData)(&module, image.data()), "load, unseen");
  check(PAST_US(cuModuleGetFunction)(&square, module, "square"), "get function, unseen");
  check(PAST_US(cuMemAlloc)(&in, kN * sizeof(float)), "alloc, unseen");
  check(PAST_US(cuMemAlloc)(&out, kN * sizeof(float)), "alloc, unseen");
  check(PAST_US(cuMemcpyHtoD)(in, values.data(), kN * sizeof(float)), "copy, unseen");
  check(PAST_US(cuStreamCreate)(&stream, CU_STREAM_NON_BLOCKING), "stream, unseen");
  check(cu(cuStreamBeginCapture)(stream, CU_STREAM_CAPTURE_MODE_GLOBAL), "begin");
  check(cu(cuCtxSetCurrent)(context), "cuCtxSetCurrent");
  CUfunction again;
  check(cu(cuModuleGetFunction)(&again, module, "square"), "cuModuleGetFunction");
  int n = kN;
  void* params[] = {&out, &in, &n};
  check(cu(cuLaunchKernel)(again, kN / 64, 1, 1, 64, 1, 1, 0, stream, params, nullptr), "launch");
  CUgraph graph;
  CUgraphExec exec;
  check(cu(cuStreamEndCapture)(stream, &graph), "end");
  check(cu(cuGraphInstantiate)(&exec, graph, 0), "instantiate");
  check(cu(cuGraphLaunch)(exec, stream), "cuGraphLaunch");
  check(cu(cuStreamSynchronize)(stream), "synchronize");
  check(cu(cuMemcpyDtoH)(values.data(), out, kN * sizeof(float)), "cuMemcpyDtoH");
  std::printf("captured %g %g\n", static_cast<double>(values[4]), static_cast<double>(values[5]));
  one_launch("afterwards");
  return 0;
}

}  // namespace

const Scenario kContexts[] = {
    {"several", several},
    {"popped-to", popped_to},
    {"attach", attach_and_detach},
    {"primary-again", primary_again},
    {"held-by-another", held_by_another},
    {"reset-while-launching", reset_while_launching},
    {"destroyed-from-outside", destroyed_from_outside},
    {"without-context", without_context},
    {"seen-late", seen_late},
    {"unannounced", unannounced},
    {"seen-in-capture", seen_in_capture},
    {nullptr, nullptr},
};

}  // namespace lifecycle
