// SPDX-License-Identifier: MIT
// cuInit and what may happen to a process afterwards.
//
// fork: the child has the parent's memory but none of its threads, and maybe a locked mutex. A real
// driver is unusable there, and so is this one: an atfork handler flips the state, which every
// entry reads before it takes any lock. A child that forks before cuInit is a fresh process.
//
// exit: an atexit handler registered by cuInit flips the state to DEINITIALIZED. Destructors that
// run later (statics constructed before cuInit) get that code; work in flight is abandoned with the
// process.
#include "driver/driver_state.hpp"

#include <pthread.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>
#include <vector>

#include "driver/injection.hpp"
#include "driver/memory.hpp"
#include "driver/scheduler.hpp"
#include "driver/visible_devices.hpp"
#include "engine/modes.hpp"
#include "engine/pool.hpp"
#include "observe/checks.hpp"

namespace softgpu::driver {
namespace {

enum class State : int { fresh, ready, forked, ended };
std::atomic<State> g_state{State::fresh};
std::atomic<Memory*> g_memory{nullptr};
DeviceSettings g_settings;
std::vector<int> g_visible;  // device_number() by device
thread_local bool t_in_callback = false;

template <typename T>
struct Leaked {
  static T& get() {
    static T* const instance = new T;
    return *instance;
  }
};
struct InitMutex : std::mutex {};
struct Said {
  std::mutex mutex;
  std::set<std::string, std::less<>> keys;
};

void say_all(const std::vector<std::string>& complaints) {
  for (const std::string& complaint : complaints) say_once(complaint, complaint);
}

// False: there is no device.
bool find_devices() {
  std::vector<std::string> complaints;
  static_cast<DeviceShape&>(g_settings) = read_device_shape(complaints);
  g_visible = visible_devices(std::getenv("CUDA_VISIBLE_DEVICES"), g_settings.devices);
  say_all(complaints);
  return !g_visible.empty();
}

void read_settings() {
  std::vector<std::string> complaints;
  g_settings.modes =
      engine::read_modes(std::getenv("SOFTGPU_SCHED"), std::getenv("SOFTGPU_WEAK"), complaints);
  observe::turn_on(std::getenv("SOFTGPU_CHECK"), std::getenv("SOFTGPU_TRACE"), complaints);
  const char* const bounds = std::getenv("SOFTGPU_BOUNDS");
  const std::string_view wanted = bounds ? bounds : "";
  g_settings.page_bounds = wanted == "page";
  if (!wanted.empty() && wanted != "page" && wanted != "exact")
    complaints.push_back(not_understood("SOFTGPU_BOUNDS", bounds, "exact or page"));
  const char* const threads = std::getenv("SOFTGPU_THREADS");
  if (threads && *threads && !engine::read_worker_count(threads))
    complaints.push_back(not_understood("SOFTGPU_THREADS", threads, "1 to 4096"));
  say_all(complaints);
  if (g_settings.modes.schedule) scheduler().draw(*g_settings.modes.schedule);
}

void after_fork_in_child() {
  if (g_state.load() == State::ready) g_state.store(State::forked);
}

// `first` is set by the call that did it.
CUresult initialise(bool& first) {
  const std::lock_guard lock(Leaked<InitMutex>::get());
  if (g_state.load() != State::fresh) return driver_state();
  if (!find_devices()) return CUDA_ERROR_NO_DEVICE;
  read_settings();
  auto* const m = new Memory(g_settings.memory, device_count());
  if (!m->ok()) {
    delete m;
    say_once("window", "no address space for " + std::to_string(device_count()) + " times " +
                           std::to_string(g_settings.memory) + " bytes of device memory");
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  g_memory.store(m);
  pthread_atfork(nullptr, nullptr, after_fork_in_child);
  std::atexit([] { g_state.store(State::ended); });
  g_state.store(State::ready);
  first = true;
  return CUDA_SUCCESS;
}

}  // namespace

CUresult driver_state() {
  switch (g_state.load(std::memory_order_acquire)) {
    case State::ready:
      return CUDA_SUCCESS;
    case State::ended:
      return CUDA_ERROR_DEINITIALIZED;
    default:
      return CUDA_ERROR_NOT_INITIALIZED;
  }
}

const DeviceSettings& device_settings() {
  return g_settings;
}

int device_count() {
  return static_cast<int>(g_visible.size());
}

int device_number(CUdevice device) {
  return g_visible[static_cast<size_t>(device)];
}

Memory& memory() {
  return *g_memory.load(std::memory_order_acquire);
}

void say_once(std::string_view key, const std::string& message) {
  Said& said = Leaked<Said>::get();
  {
    const std::lock_guard lock(said.mutex);
    if (!said.keys.emplace(key).second) return;
  }
  const std::string line = "softgpu: " + message + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

bool in_host_callback() {
  return t_in_callback;
}
HostCallbackScope::HostCallbackScope() {
  t_in_callback = true;
}
HostCallbackScope::~HostCallbackScope() {
  t_in_callback = false;
}

}  // namespace softgpu::driver

CUresult cuInit(unsigned int flags) {
  using namespace softgpu::driver;
  if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
  try {
    bool first = false;
    const CUresult result = initialise(first);
    if (first) bring_in_tool();
    return result;
  } catch (...) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
}

CUresult cuDriverGetVersion(int* version) {
  if (!version) return CUDA_ERROR_INVALID_VALUE;
  *version = softgpu::driver::kDriverVersion;
  return CUDA_SUCCESS;
}
