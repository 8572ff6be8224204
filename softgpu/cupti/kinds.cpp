// SPDX-License-Identifier: MIT
#include "cupti/kinds.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "cupti/driver.hpp"

namespace softgpu::cupti {
namespace {

constexpr CUpti_ActivityKind kCollected[] = {CUPTI_ACTIVITY_KIND_MEMCPY,
                                             CUPTI_ACTIVITY_KIND_MEMSET,
                                             CUPTI_ACTIVITY_KIND_KERNEL,
                                             CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL,
                                             CUPTI_ACTIVITY_KIND_DRIVER,
                                             CUPTI_ACTIVITY_KIND_CONTEXT,
                                             CUPTI_ACTIVITY_KIND_STREAM,
                                             CUPTI_ACTIVITY_KIND_FUNCTION,
                                             CUPTI_ACTIVITY_KIND_MEMORY2,
                                             CUPTI_ACTIVITY_KIND_SYNCHRONIZATION,
                                             CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION};
constexpr CUpti_ActivityKind kWork[] = {CUPTI_ACTIVITY_KIND_MEMCPY, CUPTI_ACTIVITY_KIND_MEMSET,
                                        CUPTI_ACTIVITY_KIND_KERNEL,
                                        CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL};
// Kinds that only store what a client found out by itself: "cannot be directly enabled".
constexpr CUpti_ActivityKind kNotCollected[] = {
    CUPTI_ACTIVITY_KIND_MODULE, CUPTI_ACTIVITY_KIND_DEVICE_ATTRIBUTE, CUPTI_ACTIVITY_KIND_EVENT,
    CUPTI_ACTIVITY_KIND_METRIC};
constexpr size_t kKinds = 64;

struct Choice {
  std::shared_mutex mutex;
  std::map<std::pair<uint32_t, CUpti_ActivityKind>, bool> by_context;
  std::atomic<bool> any_by_context{false};
};
Choice& choice() {
  static Choice* const instance = new Choice;
  return *instance;
}

std::atomic<bool> g_enabled[kKinds];
// What cuptiActivityEnableDriverApi said of a function: 0 nothing, 1 off, 2 on.
std::atomic<uint8_t> g_api[CUPTI_DRIVER_TRACE_CBID_SIZE];
std::atomic<bool> g_any_api{false};

template <typename List>
bool holds(const List& list, CUpti_ActivityKind kind) {
  return std::find(std::begin(list), std::end(list), kind) != std::end(list);
}

CUptiResult check(CUpti_ActivityKind kind) {
  if (holds(kCollected, kind)) return CUPTI_SUCCESS;
  if (holds(kNotCollected, kind)) return CUPTI_ERROR_NOT_COMPATIBLE;
  say_once("libcupti: activity records of kind " + std::to_string(kind) + " are not supported");
  return CUPTI_ERROR_INVALID_KIND;
}

CUptiResult set(CUpti_ActivityKind kind, bool on) {
  if (const CUptiResult r = check(kind); r != CUPTI_SUCCESS) return r;
  if (!trace_table()) return CUPTI_ERROR_NOT_INITIALIZED;
  // Both are kernels, told once.
  const auto other = kind == CUPTI_ACTIVITY_KIND_KERNEL ? CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL
                                                        : CUPTI_ACTIVITY_KIND_KERNEL;
  if (on && (kind == CUPTI_ACTIVITY_KIND_KERNEL || kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) &&
      g_enabled[other])
    return CUPTI_ERROR_NOT_COMPATIBLE;
  if (kind == CUPTI_ACTIVITY_KIND_DRIVER) {
    for (auto& api : g_api) api = 0;
    g_any_api = false;
  }
  g_enabled[kind] = on;
  update_listening();
  return CUPTI_SUCCESS;
}

CUptiResult set_for(CUcontext context, CUpti_ActivityKind kind, bool on) noexcept try {
  if (const CUptiResult r = check(kind); r != CUPTI_SUCCESS) return r;
  const driver::TraceTable* const table = trace_table();
  uint32_t id = 0;
  if (!table) return CUPTI_ERROR_NOT_INITIALIZED;
  if (!context || table->context_id(context, &id) != CUDA_SUCCESS)
    return CUPTI_ERROR_INVALID_CONTEXT;
  {
    const std::unique_lock lock(choice().mutex);
    choice().by_context[{id, kind}] = on;
    choice().any_by_context = true;
  }
  update_listening();
  return CUPTI_SUCCESS;
} catch (...) {
  return CUPTI_ERROR_OUT_OF_MEMORY;
}

template <typename List>
bool any_of(const List& kinds) {
  for (const CUpti_ActivityKind kind : kinds)
    if (g_enabled[kind]) return true;
  const std::shared_lock lock(choice().mutex);
  for (const auto& [key, on] : choice().by_context)
    if (on && holds(kinds, key.second)) return true;
  return false;
}

}  // namespace

bool kind_enabled(CUpti_ActivityKind kind, uint32_t context_id) {
  if (choice().any_by_context.load(std::memory_order_relaxed)) {
    const std::shared_lock lock(choice().mutex);
    const auto it = choice().by_context.find({context_id, kind});
    if (it != choice().by_context.end()) return it->second;
  }
  return g_enabled[kind].load(std::memory_order_relaxed);
}

bool any_kind_enabled() {
  return any_of(kCollected) || g_any_api;
}

bool any_work_kind_enabled() {
  return any_of(kWork);
}

bool api_record_wanted(CUpti_CallbackId id, uint32_t context_id) {
  if (id >= CUPTI_DRIVER_TRACE_CBID_SIZE) return false;
  const uint8_t said = g_api[id].load(std::memory_order_relaxed);
  return said != 0 ? said == 2 : kind_enabled(CUPTI_ACTIVITY_KIND_DRIVER, context_id);
}

void disable_all_kinds() {
  for (auto& kind : g_enabled) kind = false;
  for (auto& api : g_api) api = 0;
  g_any_api = false;
  {
    const std::unique_lock lock(choice().mutex);
    choice().by_context.clear();
    choice().any_by_context = false;
  }
  update_listening();
}

}  // namespace softgpu::cupti

using namespace softgpu::cupti;

// softgpu-partial(cuptiActivityEnable, cuptiActivityEnableContext): kinds MEMCPY, MEMSET, KERNEL,
// CONCURRENT_KERNEL, DRIVER, CONTEXT, STREAM, FUNCTION, MEMORY2, SYNCHRONIZATION and
// EXTERNAL_CORRELATION
CUptiResult cuptiActivityEnable(CUpti_ActivityKind kind) {
  return answer(set(kind, true));
}
CUptiResult cuptiActivityDisable(CUpti_ActivityKind kind) {
  return answer(set(kind, false));
}
CUptiResult cuptiActivityEnableContext(CUcontext context, CUpti_ActivityKind kind) {
  return answer(set_for(context, kind, true));
}
CUptiResult cuptiActivityDisableContext(CUcontext context, CUpti_ActivityKind kind) {
  return answer(set_for(context, kind, false));
}

CUptiResult cuptiActivityEnableDriverApi(CUpti_CallbackId id, uint8_t enable) {
  if (id == 0 || id >= CUPTI_DRIVER_TRACE_CBID_SIZE) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  if (!trace_table()) return answer(CUPTI_ERROR_NOT_INITIALIZED);
  g_api[id] = enable ? 2 : 1;
  g_any_api = std::any_of(std::begin(g_api), std::end(g_api), [](const auto& a) { return a == 2; });
  update_listening();
  return answer(CUPTI_SUCCESS);
}
