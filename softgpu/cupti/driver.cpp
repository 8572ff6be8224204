// SPDX-License-Identifier: MIT
#include "cupti/driver.hpp"

#include <dlfcn.h>

#include <atomic>
#include <ctime>
#include <mutex>

#include "cupti/kinds.hpp"
#include "cupti/listener.hpp"
#include "cupti/subscriber.hpp"

namespace softgpu::cupti {
namespace {

std::atomic<CUpti_TimestampCallbackFunc> g_timestamp{nullptr};

const driver::TraceTable* find_table() {
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
  if (!library) library = dlopen("libcuda.so.1", RTLD_NOW);
  using Get = CUresult (*)(const void**, const CUuuid*);
  const auto get = library ? reinterpret_cast<Get>(dlsym(library, "cuGetExportTable")) : nullptr;
  const void* table = nullptr;
  if (get && get(&table, &driver::kTraceTableId) == CUDA_SUCCESS)
    return static_cast<const driver::TraceTable*>(table);
  say_once(library
               ? "libcupti: libcuda.so.1 is not the software device's, so there is nothing to trace"
               : "libcupti: no libcuda.so.1");
  return nullptr;
}

driver::Listener g_listener{.wants_activity = {},
                            .call = on_call,
                            .resource = on_resource,
                            .activity = on_activity,
                            .now = now};

}  // namespace

const driver::TraceTable* trace_table() {
  static std::atomic<const driver::TraceTable*> found{nullptr};
  const driver::TraceTable* table = found.load(std::memory_order_acquire);
  if (table) return table;
  table = find_table();
  if (table) found.store(table, std::memory_order_release);
  return table;
}

void update_listening() {
  static std::mutex mutex;
  const driver::TraceTable* const table = trace_table();
  if (!table) return;
  const std::lock_guard lock(mutex);
  g_listener.wants_activity = any_work_kind_enabled();
  table->listen(subscribed() || any_kind_enabled() ? &g_listener : nullptr);
}

uint64_t now() {
  if (const auto callback = g_timestamp.load(std::memory_order_relaxed)) return callback();
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(t.tv_nsec);
}

}  // namespace softgpu::cupti

using namespace softgpu::cupti;

CUptiResult cuptiGetTimestamp(uint64_t* timestamp) {
  if (!timestamp) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  *timestamp = now();
  return answer(CUPTI_SUCCESS);
}

CUptiResult cuptiActivityRegisterTimestampCallback(CUpti_TimestampCallbackFunc callback) {
  if (!callback) return answer(CUPTI_ERROR_INVALID_PARAMETER);
  g_timestamp = callback;
  return answer(CUPTI_SUCCESS);
}
