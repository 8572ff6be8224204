// SPDX-License-Identifier: MIT
// What holds for every function of NVML: it is there, it refuses before nvmlInit, and it takes no
// null for an answer.
#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "softgpu/nvml/library.hpp"

namespace {

const char* const kNames[] = {
#define NVML_FUNCTION(name) #name,
#include "nvml/generated/functions.inc"
#undef NVML_FUNCTION
};

bool is_lifecycle(const std::string& name) {
  return name.starts_with("nvmlInit") || name == "nvmlShutdown" || name == "nvmlErrorString";
}

// With nothing but zeros. In the C calling convention too many arguments do no harm.
int call_with_zeros(const char* name) {
  return reinterpret_cast<int (*)(void*, void*, void*, void*, void*, void*)>(
      dlsym(nvml_library(), name))(nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
}

}  // namespace

TEST_CASE("every function of nvml.h is exported, without a symbol version") {
  for (const char* const name : kNames) {
    INFO(name);
    CHECK(dlsym(nvml_library(), name) != nullptr);
    CHECK(dlvsym(nvml_library(), name, "libnvidia-ml.so.1") == nullptr);
  }
  CHECK(std::size(kNames) > 390);
}

TEST_CASE("the library is known by the name that programs load") {
  nvml_library();
  void* const again = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_NOLOAD);
  CHECK(again == nvml_library());
  if (again != nullptr) dlclose(again);
}

TEST_CASE("before nvmlInit every function says so") {
  for (const char* const name : kNames) {
    if (is_lifecycle(name)) continue;
    INFO(name);
    CHECK(call_with_zeros(name) == NVML_ERROR_UNINITIALIZED);
  }
  CHECK(NVML(nvmlShutdown)() == NVML_ERROR_UNINITIALIZED);
}

TEST_CASE("no function takes a device and places for answers that are null") {
  const Nvml nvml;
  for (const char* const name : kNames) {
    if (is_lifecycle(name)) continue;
    INFO(name);
    const int result = call_with_zeros(name);
    CHECK((result == NVML_ERROR_INVALID_ARGUMENT || result == NVML_ERROR_NOT_SUPPORTED));
  }
}

TEST_CASE("a handle that is none is an invalid argument") {
  const Nvml nvml;
  unsigned index = 99;
  for (const uintptr_t value : {uintptr_t{1}, uintptr_t{0x1000}, ~uintptr_t{0},
                                reinterpret_cast<uintptr_t>(nvml.device(0)) + 1,
                                reinterpret_cast<uintptr_t>(nvml.device(0)) - 4}) {
    CHECK(NVML(nvmlDeviceGetIndex)(reinterpret_cast<nvmlDevice_t>(value), &index) ==
          NVML_ERROR_INVALID_ARGUMENT);
  }
  CHECK(index == 99);
}

TEST_CASE("initialisations are counted") {
  const Environment environment;
  unsigned count = 0;
  CHECK(NVML(nvmlInit)() == NVML_SUCCESS);
  CHECK(NVML(nvmlInitWithFlags)(NVML_INIT_FLAG_NO_GPUS | NVML_INIT_FLAG_NO_ATTACH) == NVML_SUCCESS);
  CHECK(NVML(nvmlInitWithFlags)(1u << 20) == NVML_ERROR_INVALID_ARGUMENT);
  CHECK(NVML(nvmlShutdown)() == NVML_SUCCESS);
  CHECK(NVML(nvmlDeviceGetCount_v2)(&count) == NVML_SUCCESS);
  CHECK(count == 2);
  CHECK(NVML(nvmlShutdown)() == NVML_SUCCESS);
  CHECK(NVML(nvmlDeviceGetCount_v2)(&count) == NVML_ERROR_UNINITIALIZED);
  CHECK(NVML(nvmlShutdown)() == NVML_ERROR_UNINITIALIZED);
}

TEST_CASE("threads initialise, ask and shut down at the same time") {
  const Environment environment;
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  const auto init = NVML(nvmlInit_v2);
  const auto shutdown = NVML(nvmlShutdown);
  const auto get = NVML(nvmlDeviceGetHandleByIndex_v2);
  const auto memory_of = NVML(nvmlDeviceGetMemoryInfo);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        nvmlDevice_t device = nullptr;
        nvmlMemory_t memory = {};
        if (init() != NVML_SUCCESS || get(1, &device) != NVML_SUCCESS ||
            memory_of(device, &memory) != NVML_SUCCESS || memory.total != 1u << 30 ||
            shutdown() != NVML_SUCCESS)
          ++wrong;
      }
    });
  for (std::thread& t : threads) t.join();
  CHECK(wrong == 0);
  CHECK(NVML(nvmlShutdown)() == NVML_ERROR_UNINITIALIZED);
}

TEST_CASE("every error has a text of its own") {
  std::vector<std::string> texts;
  for (int code = 0; code <= 30; ++code) {
    const std::string text = NVML(nvmlErrorString)(static_cast<nvmlReturn_t>(code));
    INFO(code);
    CHECK(text != "Unknown Error");
    CHECK(std::find(texts.begin(), texts.end(), text) == texts.end());
    texts.push_back(text);
  }
  CHECK(NVML(nvmlErrorString)(NVML_ERROR_UNKNOWN) == std::string("Unknown Error"));
  // A number that is no code: what a C program can pass.
  const auto text_of = symbol<const char*(int)>(nvml_library(), "nvmlErrorString");
  CHECK(text_of(12345) == std::string("Unknown Error"));
}

TEST_CASE("what a device of host cores cannot know is not made up") {
  const Nvml nvml;
  const nvmlDevice_t device = nvml.device(0);
  unsigned value = 4711, other = 4711;
  nvmlUtilization_t rates = {4711, 4711};
  nvmlEnableState_t state = NVML_FEATURE_ENABLED;
  CHECK(NVML(nvmlDeviceGetTemperature)(device, NVML_TEMPERATURE_GPU, &value) ==
        NVML_ERROR_NOT_SUPPORTED);
  CHECK(NVML(nvmlDeviceGetPowerUsage)(device, &value) == NVML_ERROR_NOT_SUPPORTED);
  CHECK(NVML(nvmlDeviceGetEnforcedPowerLimit)(device, &value) == NVML_ERROR_NOT_SUPPORTED);
  CHECK(NVML(nvmlDeviceGetClockInfo)(device, NVML_CLOCK_SM, &value) == NVML_ERROR_NOT_SUPPORTED);
  CHECK(NVML(nvmlDeviceGetUtilizationRates)(device, &rates) == NVML_ERROR_NOT_SUPPORTED);
  CHECK(NVML(nvmlDeviceGetFanSpeed)(device, &value) == NVML_ERROR_NOT_SUPPORTED);
  CHECK(NVML(nvmlDeviceGetNvLinkState)(device, 0, &state) == NVML_ERROR_NOT_SUPPORTED);
  CHECK(NVML(nvmlDeviceGetMigMode)(device, &value, &other) == NVML_ERROR_NOT_SUPPORTED);
  CHECK(value == 4711);
  CHECK(other == 4711);
  CHECK(rates.gpu == 4711);
  CHECK(state == NVML_FEATURE_ENABLED);
  nvmlEventSet_t events = nullptr;
  CHECK(NVML(nvmlEventSetCreate)(&events) == NVML_ERROR_NOT_SUPPORTED);
}
