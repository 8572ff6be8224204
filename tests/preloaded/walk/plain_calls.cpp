// SPDX-License-Identifier: MIT
#include <cudaTypedefs.h>

#include <cstring>
#include <iostream>

#include "world.hpp"

namespace {

struct Held {
  CUdeviceptr p = 0;
  size_t bytes = 0;
  enum { plain, pitched, managed, ordered } how = plain;
};

// What stays from step to step of the plain walk.
struct Memory {
  std::vector<Held> held;
  std::vector<void*> pinned;
  CUmemoryPool pool = nullptr;
};
Memory& memory() {
  static Memory kept;
  return kept;
}

void allocate(World& world) {
  Held made;
  made.bytes = 4 * (1 + world.random.below(5000));
  int r = 0;
  switch (world.random.below(5)) {
    case 0: {
      size_t pitch = 0;
      r = cu(cuMemAllocPitch)(&made.p, &pitch, 100 + world.random.below(300), 4, 4);
      made.how = Held::pitched;
      made.bytes = 4 * pitch;
      world.say("cuMemAllocPitch", r) << ' ' << pitch;
      break;
    }
    case 1:
      r = cu(cuMemAllocManaged)(&made.p, made.bytes, CU_MEM_ATTACH_GLOBAL);
      made.how = Held::managed;
      world.say("cuMemAllocManaged", r);
      break;
    case 2:
      r = cu(cuMemAllocAsync)(&made.p, made.bytes, world.streams[1]);
      made.how = Held::ordered;
      world.say("cuMemAllocAsync", r);
      break;
    default:
      r = cu(cuMemAlloc)(&made.p, made.bytes);
      world.say("cuMemAlloc", r);
  }
  if (r != CUDA_SUCCESS) return;
  world.say("fill", cu(cuMemsetD8Async)(made.p, 0x11, made.bytes, world.streams[1]));
  cu(cuCtxSynchronize)();
  memory().held.push_back(made);
}

void release(World& world, size_t index) {
  const Held gone = memory().held[index];
  memory().held.erase(memory().held.begin() + static_cast<std::ptrdiff_t>(index));
  const int r = gone.how == Held::ordered ? cu(cuMemFreeAsync)(gone.p, world.streams[1])
                                          : cu(cuMemFree)(gone.p);
  world.say("free", r);
  if (world.random.one_in(4)) world.say("free again", cu(cuMemFree)(gone.p));
}

// What the driver knows of an address: all but the addresses themselves.
void ask(World& world, const Held& held) {
  const CUdeviceptr inside = held.p + world.random.below(held.bytes);
  CUdeviceptr base = 0;
  size_t size = 0;
  world.say("range", cu(cuMemGetAddressRange)(&base, &size, inside))
      << ' ' << (base == held.p) << ' ' << size;
  unsigned type = 0, is_managed = 0;
  int ordinal = -1;
  CUcontext owner = nullptr;
  std::cout << ' ' << cu(cuPointerGetAttribute)(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, inside)
            << ' ' << type << ' '
            << cu(cuPointerGetAttribute)(&is_managed, CU_POINTER_ATTRIBUTE_IS_MANAGED, inside)
            << ' ' << is_managed << ' '
            << cu(cuPointerGetAttribute)(&ordinal, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, inside)
            << ' ' << ordinal << ' '
            << cu(cuPointerGetAttribute)(&owner, CU_POINTER_ATTRIBUTE_CONTEXT, inside) << ' '
            << (owner == world.context);
  std::vector<char> bytes(held.bytes);
  const int copied = cu(cuMemcpyDtoH)(bytes.data(), held.p, held.bytes);
  std::cout << ' ' << copied << ' ' << std::hex << fingerprint_of(bytes.data(), bytes.size())
            << std::dec;
}

// decay keeps floats small; churn makes any bits at all. A buffer of floats stays one.
void launch_in_place(World& world, const Held& held) {
  const bool floats = world.random.one_in(2);
  if (floats) cu(cuMemsetD8)(held.p, 0, held.bytes);
  cu(cuCtxSynchronize)();  // the fill does not wait for, nor hold up, a non-blocking stream
  CUdeviceptr x = held.p;
  float k = 0.125f;
  auto seed = static_cast<unsigned>(world.random.next());
  int n = static_cast<int>(held.bytes / 4);
  void* arguments[] = {&x, floats ? static_cast<void*>(&k) : &seed, &n};
  const unsigned grid = (static_cast<unsigned>(n) + 127) / 128;
  const CUstream stream = world.stream();
  const CUfunction f = world.function(floats ? "decay" : "churn");
  for (unsigned i = 0; i <= world.random.below(3); ++i)
    world.say("launch",
              cu(cuLaunchKernel)(f, grid, 1, 1, 128, 1, 1, 0, stream, arguments, nullptr));
  world.say("synchronize", cu(cuStreamSynchronize)(stream));
}

void pinned(World& world) {
  auto& kept = memory().pinned;
  if (kept.empty() || world.random.one_in(3)) {
    void* p = nullptr;
    const int r = cu(cuMemHostAlloc)(&p, 4 * World::kN, CU_MEMHOSTALLOC_DEVICEMAP);
    world.say("cuMemHostAlloc", r);
    if (r == CUDA_SUCCESS) std::memset(p, 0, 4 * World::kN), kept.push_back(p);
    return;
  }
  void* const host = kept.back();
  CUdeviceptr out = 0, in = world.input();
  world.say("mapped", cu(cuMemHostGetDevicePointer)(&out, host, 0));
  float k = 0.5f;
  int n = World::kN;
  void* arguments[] = {&out, &in, &in, &k, &n};
  world.say("launch", cu(cuLaunchKernel)(world.function("blend"), 4, 1, 1, 64, 1, 1, 0, nullptr,
                                         arguments, nullptr));
  world.say("synchronize", cu(cuCtxSynchronize)())
      << ' ' << std::hex << fingerprint_of(host, 4 * World::kN) << std::dec;
  if (!world.random.one_in(2)) return;
  world.say("cuMemFreeHost", cu(cuMemFreeHost)(host));
  kept.pop_back();
}

void modules(World& world) {
  CUmodule module = nullptr;
  CUlibrary library = nullptr;
  CUfunction f = nullptr;
  CUkernel kernel = nullptr;
  const bool as_library = world.random.one_in(2);
  if (as_library) {
    world.say("cuLibraryLoadData", cu(cuLibraryLoadData)(&library, world.image.c_str(), nullptr,
                                                         nullptr, 0, nullptr, nullptr, 0));
    unsigned count = 0;
    world.say("kernels", cu(cuLibraryGetKernelCount)(&count, library)) << ' ' << count;
    world.say("kernel", cu(cuLibraryGetKernel)(&kernel, library, "blend"));
    f = reinterpret_cast<CUfunction>(kernel);
    if (world.random.one_in(2)) world.say("function", cu(cuKernelGetFunction)(&f, kernel));
  } else {
    world.say("cuModuleLoadData", cu(cuModuleLoadData)(&module, world.image.c_str()));
    unsigned count = 0;
    world.say("functions", cu(cuModuleGetFunctionCount)(&count, module)) << ' ' << count;
    world.say("none", cu(cuModuleGetFunction)(&f, module, "nothing"));
    world.say("function", cu(cuModuleGetFunction)(&f, module, "blend"));
  }
  CUdeviceptr out = world.slot(), in = world.input();
  float k = 0.75f;
  int n = World::kN;
  void* arguments[] = {&out, &in, &in, &k, &n};
  world.say("launch",
            cu(cuLaunchKernel)(f, 4, 1, 1, 64, 1, 1, 0, world.stream(), arguments, nullptr));
  world.fingerprint();
  world.say("unload", as_library ? cu(cuLibraryUnload)(library) : cu(cuModuleUnload)(module));
}

void bad_launch(World& world) {
  Call call = world.call();
  switch (world.random.below(4)) {
    case 0:
      call.block = 2048;
      break;
    case 1:
      call.grid = 0;
      break;
    case 2:
      call.function = nullptr;
      break;
    default:
      break;
  }
  const bool no_arguments = world.random.one_in(3);
  world.say("bad launch",
            cu(cuLaunchKernel)(call.function, call.grid, 1, 1, call.block, 1, 1, 0, world.stream(),
                               no_arguments ? nullptr : call.params(), nullptr));
}

void another_context(World& world) {
  CUcontext other = nullptr, current = nullptr;
  const auto create = reinterpret_cast<PFN_cuCtxCreate_v3020>(driver_entry("cuCtxCreate_v2"));
  world.say("cuCtxCreate", create(&other, 0, world.device));
  CUdeviceptr p = 0;
  world.say("alloc", cu(cuMemAlloc)(&p, 4096));
  world.say("fill", cu(cuMemsetD32)(p, 7, 1024));
  world.say("pop", cu(cuCtxPopCurrent)(&current)) << ' ' << (current == other);
  world.say("destroy", cu(cuCtxDestroy)(other));
  world.say("current", cu(cuCtxGetCurrent)(&current)) << ' ' << (current == world.context);
}

}  // namespace

void use_memory(World& world) {
  auto& held = memory().held;
  const size_t index = held.empty() ? 0 : world.random.below(held.size());
  switch (held.empty() ? 0 : world.random.below(6)) {
    case 0:
      allocate(world);
      break;
    case 1:
      release(world, index);
      break;
    case 2:
      pinned(world);
      break;
    case 3:
      ask(world, held[index]);
      break;
    default:
      launch_in_place(world, held[index]);
  }
}

void use_streams(World& world) {
  switch (world.random.below(7)) {
    case 0: {
      CUstream fresh = nullptr;
      world.say("cuStreamCreate",
                cu(cuStreamCreateWithPriority)(&fresh, CU_STREAM_NON_BLOCKING, -1));
      Call call = world.call();
      world.say("launch", cu(cuLaunchKernel)(call.function, call.grid, 1, 1, call.block, 1, 1, 0,
                                             fresh, call.params(), nullptr));
      int priority = 0;
      world.say("priority", cu(cuStreamGetPriority)(fresh, &priority)) << ' ' << priority;
      world.say("cuStreamDestroy", cu(cuStreamDestroy)(fresh));
      world.fingerprint();
      break;
    }
    case 1: {
      const CUstream from = world.stream(), to = world.stream();
      const CUevent event = world.events[world.random.below(world.events.size())];
      world.say("record", cu(cuEventRecord)(event, from));
      world.say("wait", cu(cuStreamWaitEvent)(to, event, 0));
      world.say("synchronize", cu(cuEventSynchronize)(event));
      world.say("query", cu(cuEventQuery)(event));
      break;
    }
    case 2:
      modules(world);
      break;
    case 3:
      bad_launch(world);
      break;
    case 4:
      if (world.random.one_in(3)) another_context(world);
      break;
    default: {
      Call call = world.call();
      std::vector<char> block = call.block_of_arguments();
      size_t size = block.size();
      void* extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, block.data(), CU_LAUNCH_PARAM_BUFFER_SIZE,
                       &size, CU_LAUNCH_PARAM_END};
      const bool packed = world.random.one_in(2);
      const auto launch = reinterpret_cast<PFN_cuLaunchKernel_v4000>(
          driver_entry(world.random.one_in(3) ? "cuLaunchKernel_ptsz" : "cuLaunchKernel"));
      world.say("launch",
                launch(call.function, call.grid, 1, 1, call.block, 1, 1, 0, world.stream(),
                       packed ? nullptr : call.params(), packed ? extra : nullptr));
      world.fingerprint();
    }
  }
}
