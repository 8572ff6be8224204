// SPDX-License-Identifier: MIT
// What each callback tells: parameters as generated_cuda_meta.h has them, results as the driver
// gives them.
#include "cupti/callbacks.hpp"

#include "cupti/fake_cupti.hpp"
#include "cupti/recording_receiver.hpp"
#include "support/catch.hpp"

using namespace nonans::cupti;
using Lines = std::vector<std::string>;

namespace {

const CUcontext kContext = reinterpret_cast<CUcontext>(7);

template <typename Handle>
Handle handle(uint64_t number) {
  return reinterpret_cast<Handle>(number);
}

// One driver call, told at its begin and at its end.
template <typename Parameters>
void call(Recording& receiver, CUpti_CallbackId id, const Parameters& parameters,
          CUresult result = CUDA_SUCCESS) {
  CUpti_CallbackData data{};
  data.functionParams = &parameters;
  data.functionReturnValue = &result;
  data.context = kContext;
  for (const CUpti_ApiCallbackSite site : {CUPTI_API_ENTER, CUPTI_API_EXIT}) {
    data.callbackSite = site;
    on_callback(static_cast<Receiver*>(&receiver), CUPTI_CB_DOMAIN_DRIVER_API, id, &data);
  }
}

void resource(Recording& receiver, CUpti_CallbackId id, CUpti_ModuleResourceData* module) {
  CUpti_ResourceData data{};
  data.context = kContext;
  data.resourceDescriptor = module;
  on_callback(static_cast<Receiver*>(&receiver), CUPTI_CB_DOMAIN_RESOURCE, id, &data);
}

#define ID(name) CUPTI_DRIVER_TRACE_CBID_##name

}  // namespace

TEST_CASE("allocations of every family are told at their end, with address, size and kind") {
  Recording r;
  CUdeviceptr at = 0x1000;
  CUdeviceptr_v1 at32 = 0x2000;
  size_t pitch = 512;
  unsigned pitch32 = 256;
  void* host = reinterpret_cast<void*>(0x3000);
  call(r, ID(cuMemAlloc_v2), cuMemAlloc_v2_params{&at, 64});
  call(r, ID(cuMemAllocPitch_v2), cuMemAllocPitch_v2_params{&at, &pitch, 100, 3, 4});
  call(r, ID(cuMemAllocManaged), cuMemAllocManaged_params{&at, 64, 1});
  const auto stream = handle<CUstream>(9);
  call(r, ID(cuMemAllocAsync), cuMemAllocAsync_params{&at, 64, stream});
  call(r, ID(cuMemAllocAsync_ptsz), cuMemAllocAsync_ptsz_params{&at, 64, nullptr});
  call(r, ID(cuMemAllocFromPoolAsync), cuMemAllocFromPoolAsync_params{&at, 64, nullptr, nullptr});
  call(r, ID(cuMemAllocFromPoolAsync_ptsz),
       cuMemAllocFromPoolAsync_ptsz_params{&at, 64, nullptr, stream});
  call(r, ID(cuMemAllocHost_v2), cuMemAllocHost_v2_params{&host, 64});
  call(r, ID(cuMemHostAlloc), cuMemHostAlloc_params{&host, 64, 0});
  call(r, ID(cuMemHostRegister_v2), cuMemHostRegister_v2_params{host, 64, 0});
  call(r, ID(cuMemAlloc), cuMemAlloc_params{&at32, 64});
  call(r, ID(cuMemAllocPitch), cuMemAllocPitch_params{&at32, &pitch32, 100, 3, 4});
  CHECK(r.heard == Lines{"device 4096+64 in 7", "device 4096+1536 in 7", "managed 4096+64 in 7",
                         "pool 4096+64 in 7", "stream 9", "pool 4096+64 in 7",
                         "stream 0 per thread", "pool 4096+64 in 7", "stream 0",
                         "pool 4096+64 in 7", "stream 9 per thread", "host 12288+64 in 7",
                         "host 12288+64 in 7", "host 12288+64 in 7", "device 8192+64 in 7",
                         "device 8192+768 in 7"});
}

TEST_CASE("a failed allocation is not told; a release is told before it is made, failed or not") {
  Recording r;
  CUdeviceptr at = 0x1000;
  call(r, ID(cuMemAlloc_v2), cuMemAlloc_v2_params{&at, 64}, CUDA_ERROR_OUT_OF_MEMORY);
  CHECK(r.heard.empty());
  call(r, ID(cuMemFree_v2), cuMemFree_v2_params{at}, CUDA_ERROR_INVALID_VALUE);
  call(r, ID(cuMemFreeAsync), cuMemFreeAsync_params{at, nullptr});
  call(r, ID(cuMemFreeAsync_ptsz), cuMemFreeAsync_ptsz_params{at, nullptr});
  call(r, ID(cuMemFreeHost), cuMemFreeHost_params{reinterpret_cast<void*>(at)});
  call(r, ID(cuMemHostUnregister), cuMemHostUnregister_params{reinterpret_cast<void*>(at)});
  call(r, ID(cuMemFree), cuMemFree_params{0x1000});
  CHECK(r.heard == Lines(6, "free 4096"));
}

TEST_CASE("an image is told between the begin of its load and the handle") {
  Recording r;
  CUmodule module = handle<CUmodule>(5);
  char bytes[] = "code";
  CUpti_ModuleResourceData image{9, 4, bytes};
  cuModuleLoadData_params parameters{&module, nullptr};
  CUpti_CallbackData data{};
  CUresult result = CUDA_SUCCESS;
  data.functionParams = &parameters;
  data.functionReturnValue = &result;
  data.callbackSite = CUPTI_API_ENTER;
  on_callback(static_cast<Receiver*>(&r), CUPTI_CB_DOMAIN_DRIVER_API, ID(cuModuleLoadData), &data);
  resource(r, CUPTI_CBID_RESOURCE_MODULE_LOADED, &image);
  data.callbackSite = CUPTI_API_EXIT;
  on_callback(static_cast<Receiver*>(&r), CUPTI_CB_DOMAIN_DRIVER_API, ID(cuModuleLoadData), &data);
  CHECK(r.heard == Lines{"code call", "image 9 'code' in 7", "module 5"});
}

TEST_CASE("each way to load, use and unload code is told") {
  Recording r;
  CUmodule module = handle<CUmodule>(5);
  CUlibrary library = handle<CUlibrary>(6);
  CUfunction function = nullptr;
  call(r, ID(cuModuleLoad), cuModuleLoad_params{&module, "file"});
  call(r, ID(cuModuleLoadDataEx), cuModuleLoadDataEx_params{&module, nullptr, 0, nullptr, nullptr});
  call(r, ID(cuModuleLoadFatBinary), cuModuleLoadFatBinary_params{&module, nullptr});
  call(r, ID(cuLibraryLoadData), cuLibraryLoadData_params{&library, {}, {}, {}, {}, {}, {}, {}});
  call(r, ID(cuLibraryLoadFromFile),
       cuLibraryLoadFromFile_params{&library, {}, {}, {}, {}, {}, {}, {}});
  call(r, ID(cuLibraryGetModule), cuLibraryGetModule_params{&module, library});
  call(r, ID(cuKernelGetFunction), cuKernelGetFunction_params{&function, handle<CUkernel>(8)});
  CHECK(r.heard == Lines{"code call", "module 5", "code call", "module 5", "code call", "module 5",
                         "code call", "library 6", "code call", "library 6", "code call",
                         "library 6", "code call", "kernel 8"});
  r.heard.clear();
  CUpti_ModuleResourceData image{9, 0, nullptr};
  call(r, ID(cuModuleUnload), cuModuleUnload_params{module});
  call(r, ID(cuLibraryUnload), cuLibraryUnload_params{library});
  resource(r, CUPTI_CBID_RESOURCE_MODULE_UNLOAD_STARTING, &image);
  resource(r, CUPTI_CBID_RESOURCE_MODULE_LOADED, &image);  // without bytes there is nothing to tell
  resource(r, CUPTI_CBID_RESOURCE_CONTEXT_CREATED, nullptr);
  resource(r, CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING, nullptr);
  CHECK(r.heard == Lines{"module going 5", "library going 6", "image going 9", "context 7",
                         "context going 7"});
}

TEST_CASE("launches are enabled on request only, and told when they were accepted") {
  const bool wanted = GENERATE(false, true);
  fake::Cupti cupti;
  CUpti_SubscriberHandle subscriber = nullptr;
  REQUIRE(fake::Cupti::subscribe(&subscriber, nullptr, nullptr) == CUPTI_SUCCESS);
  REQUIRE(enable_callbacks(cupti.library(), subscriber, wanted) == CUPTI_SUCCESS);
  for (const CUpti_CallbackId id :
       {ID(cuLaunchKernel), ID(cuLaunchKernel_ptsz), ID(cuLaunchKernelEx),
        ID(cuLaunchKernelEx_ptsz), ID(cuLaunchCooperativeKernel), ID(cuGraphLaunch),
        ID(cuGraphLaunch_ptsz)})
    CHECK(cupti.enabled.count({CUPTI_CB_DOMAIN_DRIVER_API, id}) == (wanted ? 1 : 0));
  Recording r;
  call(r, ID(cuLaunchKernel), cuLaunchKernel_params{});
  call(r, ID(cuGraphLaunch), cuGraphLaunch_params{});
  call(r, ID(cuLaunchKernel), cuLaunchKernel_params{}, CUDA_ERROR_INVALID_VALUE);
  CHECK(r.heard == Lines{"launch", "graph launch"});
}

TEST_CASE("a receiver that is not concerned hears nothing; one that throws harms nobody") {
  Recording r;
  CUdeviceptr at = 0x1000;
  r.wants = false;
  call(r, ID(cuMemAlloc_v2), cuMemAlloc_v2_params{&at, 64});
  CHECK(r.heard.empty());
  r.wants = true;
  r.throws = true;
  call(r, ID(cuMemAlloc_v2), cuMemAlloc_v2_params{&at, 64});
  r.throws = false;
  call(r, ID(cuMemAlloc_v2), cuMemAlloc_v2_params{&at, 64});
  CHECK(r.heard.size() == 1);
}

TEST_CASE("callbacks that nobody asked for are passed over") {
  Recording r;
  CUpti_CallbackData data{};
  on_callback(static_cast<Receiver*>(&r), CUPTI_CB_DOMAIN_RUNTIME_API, 1, &data);
  on_callback(static_cast<Receiver*>(&r), CUPTI_CB_DOMAIN_DRIVER_API, ID(cuCtxSynchronize), &data);
  on_callback(static_cast<Receiver*>(&r), CUPTI_CB_DOMAIN_DRIVER_API, ID(cuMemAlloc_v2), nullptr);
  CHECK(r.heard.empty());
}
