// SPDX-License-Identifier: MIT
#include "cupti/callbacks.hpp"

#include <algorithm>
#include <iterator>

namespace nonans::cupti {
namespace {

// One driver call, seen at its begin or at its end.
struct Call {
  Receiver& receiver;
  const CUpti_CallbackData& data;

  template <typename Parameters>
  const Parameters& as() const {
    return *static_cast<const Parameters*>(data.functionParams);
  }
  void allocated(uint64_t base, uint64_t size, Memory memory) const {
    receiver.allocated({base, size, memory, data.context, nullptr, false});
  }
};

using Handler = void (*)(const Call&);
constexpr Handler kNothing = nullptr;

template <typename Parameters, Memory kMemory>
void allocated(const Call& call) {
  const auto& p = call.as<Parameters>();
  call.allocated(*p.dptr, p.bytesize, kMemory);
}
template <typename Parameters, bool kPerThread>
void pool_allocated(const Call& call) {
  const auto& p = call.as<Parameters>();
  call.receiver.allocated(
      {*p.dptr, p.bytesize, Memory::pool, call.data.context, p.hStream, kPerThread});
}
template <typename Parameters>
void pitch_allocated(const Call& call) {
  const auto& p = call.as<Parameters>();
  call.allocated(*p.dptr, uint64_t{*p.pPitch} * p.Height, Memory::device);
}
template <typename Parameters>
void host_allocated(const Call& call) {
  const auto& p = call.as<Parameters>();
  call.allocated(reinterpret_cast<uint64_t>(*p.pp), p.bytesize, Memory::host);
}
template <typename Parameters>
void host_registered(const Call& call) {
  const auto& p = call.as<Parameters>();
  call.allocated(reinterpret_cast<uint64_t>(p.p), p.bytesize, Memory::host);
}
template <typename Parameters>
void freeing(const Call& call) {
  call.receiver.freeing(call.as<Parameters>().dptr);
}
template <typename Parameters>
void host_freeing(const Call& call) {
  call.receiver.freeing(reinterpret_cast<uint64_t>(call.as<Parameters>().p));
}

void code_call_begins(const Call& call) {
  call.receiver.code_call_begins();
}
template <typename Parameters>
void module_returned(const Call& call) {
  call.receiver.module_returned(*call.as<Parameters>().module);
}
template <typename Parameters>
void library_returned(const Call& call) {
  call.receiver.library_returned(*call.as<Parameters>().library);
}
void library_used(const Call& call) {
  call.receiver.library_returned(call.as<cuLibraryGetModule_params>().library);
}
void kernel_used(const Call& call) {
  call.receiver.kernel_used(call.as<cuKernelGetFunction_params>().kernel);
}
void module_going(const Call& call) {
  call.receiver.module_going(call.as<cuModuleUnload_params>().hmod);
}
void library_going(const Call& call) {
  call.receiver.library_going(call.as<cuLibraryUnload_params>().library);
}

void launched(const Call& call) {
  call.receiver.launched(false);
}
void graph_launched(const Call& call) {
  call.receiver.launched(true);
}

struct Watched {
  CUpti_driver_api_trace_cbid id;
  Handler before;
  Handler after;  // of a call that succeeded
  bool must = false;
};

#define ID(name) CUPTI_DRIVER_TRACE_CBID_##name
// Ascending: on_callback searches by halves.
constexpr Watched kWatched[] = {
    {ID(cuModuleLoad), code_call_begins, module_returned<cuModuleLoad_params>},
    {ID(cuModuleLoadData), code_call_begins, module_returned<cuModuleLoadData_params>, true},
    {ID(cuModuleLoadDataEx), code_call_begins, module_returned<cuModuleLoadDataEx_params>, true},
    {ID(cuModuleLoadFatBinary), code_call_begins, module_returned<cuModuleLoadFatBinary_params>},
    {ID(cuModuleUnload), module_going, kNothing},
    {ID(cuMemAlloc), kNothing, allocated<cuMemAlloc_params, Memory::device>},
    {ID(cuMemAllocPitch), kNothing, pitch_allocated<cuMemAllocPitch_params>},
    {ID(cuMemFree), freeing<cuMemFree_params>, kNothing},
    {ID(cuMemAllocHost), kNothing, host_allocated<cuMemAllocHost_params>},
    {ID(cuMemFreeHost), host_freeing<cuMemFreeHost_params>, kNothing},
    {ID(cuMemHostAlloc), kNothing, host_allocated<cuMemHostAlloc_params>},
    {ID(cuMemAlloc_v2), kNothing, allocated<cuMemAlloc_v2_params, Memory::device>, true},
    {ID(cuMemAllocPitch_v2), kNothing, pitch_allocated<cuMemAllocPitch_v2_params>},
    {ID(cuMemFree_v2), freeing<cuMemFree_v2_params>, kNothing, true},
    {ID(cuMemHostAlloc_v2), kNothing, host_allocated<cuMemHostAlloc_params>},
    {ID(cuMemAllocHost_v2), kNothing, host_allocated<cuMemAllocHost_v2_params>},
    {ID(cuMemHostRegister), kNothing, host_registered<cuMemHostRegister_params>},
    {ID(cuMemHostUnregister), host_freeing<cuMemHostUnregister_params>, kNothing},
    {ID(cuMemAllocManaged), kNothing, allocated<cuMemAllocManaged_params, Memory::managed>},
    {ID(cuMemHostRegister_v2), kNothing, host_registered<cuMemHostRegister_v2_params>},
    {ID(cuMemAllocAsync), kNothing, pool_allocated<cuMemAllocAsync_params, false>},
    {ID(cuMemAllocAsync_ptsz), kNothing, pool_allocated<cuMemAllocAsync_ptsz_params, true>},
    {ID(cuMemFreeAsync), freeing<cuMemFreeAsync_params>, kNothing},
    {ID(cuMemFreeAsync_ptsz), freeing<cuMemFreeAsync_ptsz_params>, kNothing},
    {ID(cuMemAllocFromPoolAsync), kNothing, pool_allocated<cuMemAllocFromPoolAsync_params, false>},
    {ID(cuMemAllocFromPoolAsync_ptsz), kNothing,
     pool_allocated<cuMemAllocFromPoolAsync_ptsz_params, true>},
    {ID(cuLibraryLoadData), code_call_begins, library_returned<cuLibraryLoadData_params>},
    {ID(cuLibraryLoadFromFile), code_call_begins, library_returned<cuLibraryLoadFromFile_params>},
    {ID(cuLibraryUnload), library_going, kNothing},
    {ID(cuLibraryGetModule), code_call_begins, library_used},
    {ID(cuKernelGetFunction), code_call_begins, kernel_used},
};

constexpr Watched kLaunches[] = {
    {ID(cuLaunch), kNothing, launched},
    {ID(cuLaunchGrid), kNothing, launched},
    {ID(cuLaunchGridAsync), kNothing, launched},
    {ID(cuLaunchKernel), kNothing, launched, true},
    {ID(cuLaunchKernel_ptsz), kNothing, launched},
    {ID(cuLaunchCooperativeKernel), kNothing, launched},
    {ID(cuLaunchCooperativeKernel_ptsz), kNothing, launched},
    {ID(cuLaunchCooperativeKernelMultiDevice), kNothing, launched},
    {ID(cuGraphLaunch), kNothing, graph_launched},
    {ID(cuGraphLaunch_ptsz), kNothing, graph_launched},
    {ID(cuLaunchKernelEx), kNothing, launched},
    {ID(cuLaunchKernelEx_ptsz), kNothing, launched},
};
#undef ID

constexpr bool by_id(const Watched& a, const Watched& b) {
  return a.id < b.id;
}
static_assert(std::is_sorted(std::begin(kWatched), std::end(kWatched), by_id));
static_assert(std::is_sorted(std::begin(kLaunches), std::end(kLaunches), by_id));

template <size_t n>
const Watched* find(const Watched (&table)[n], CUpti_CallbackId id) {
  const auto* const found =
      std::lower_bound(std::begin(table), std::end(table), id,
                       [](const Watched& w, CUpti_CallbackId wanted) { return w.id < wanted; });
  return found != std::end(table) && found->id == id ? found : nullptr;
}

void on_driver_call(Receiver& receiver, CUpti_CallbackId id, const CUpti_CallbackData& data) {
  const Watched* watched = find(kWatched, id);
  if (!watched) watched = find(kLaunches, id);
  if (!watched || !data.functionParams) return;
  const Call call{receiver, data};
  if (data.callbackSite == CUPTI_API_ENTER) {
    if (watched->before) watched->before(call);
    return;
  }
  const auto* result = static_cast<const CUresult*>(data.functionReturnValue);
  if (watched->after && result && *result == CUDA_SUCCESS) watched->after(call);
}

void on_resource(Receiver& receiver, CUpti_CallbackId id, const CUpti_ResourceData& data) {
  const auto* module = static_cast<const CUpti_ModuleResourceData*>(data.resourceDescriptor);
  switch (id) {
    case CUPTI_CBID_RESOURCE_CONTEXT_CREATED:
      return receiver.context_created(data.context);
    case CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING:
      return receiver.context_going(data.context);
    case CUPTI_CBID_RESOURCE_MODULE_LOADED:
      if (module && module->pCubin)
        receiver.image_shown(data.context, module->moduleId, module->pCubin, module->cubinSize);
      return;
    case CUPTI_CBID_RESOURCE_MODULE_UNLOAD_STARTING:
      if (module) receiver.module_id_going(module->moduleId);
      return;
    default:
      return;
  }
}

}  // namespace

void CUPTIAPI on_callback(void* user, CUpti_CallbackDomain domain, CUpti_CallbackId id,
                          const void* data) noexcept {
  auto& receiver = *static_cast<Receiver*>(user);
  if (!data || !receiver.concerned()) return;
  try {
    if (domain == CUPTI_CB_DOMAIN_DRIVER_API)
      on_driver_call(receiver, id, *static_cast<const CUpti_CallbackData*>(data));
    else if (domain == CUPTI_CB_DOMAIN_RESOURCE)
      on_resource(receiver, id, *static_cast<const CUpti_ResourceData*>(data));
  } catch (...) {
    // Out of memory: what was not recorded is unknown, and what is unknown is left alone.
  }
}

CUptiResult enable_callbacks(const Library& library, CUpti_SubscriberHandle handle, bool launches) {
  const auto enable = [&](CUpti_CallbackDomain domain, CUpti_CallbackId id) {
    return library.enable_callback(1, handle, domain, id);
  };
  for (const CUpti_CallbackId id :
       {CUPTI_CBID_RESOURCE_CONTEXT_CREATED, CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING,
        CUPTI_CBID_RESOURCE_MODULE_LOADED, CUPTI_CBID_RESOURCE_MODULE_UNLOAD_STARTING}) {
    if (const CUptiResult r = enable(CUPTI_CB_DOMAIN_RESOURCE, id); r != CUPTI_SUCCESS) return r;
  }
  const auto enable_all = [&](const auto& table) {
    for (const Watched& watched : table) {
      const CUptiResult r = enable(CUPTI_CB_DOMAIN_DRIVER_API, watched.id);
      if (r != CUPTI_SUCCESS && watched.must) return r;
    }
    return CUPTI_SUCCESS;
  };
  const CUptiResult result = enable_all(kWatched);
  return result == CUPTI_SUCCESS && launches ? enable_all(kLaunches) : result;
}

}  // namespace nonans::cupti
