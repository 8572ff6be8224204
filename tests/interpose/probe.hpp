// SPDX-License-Identifier: MIT
// The checks of a probe program: it runs under LD_PRELOAD=libnonans.so, prints each expectation
// that was not met, and its exit status says whether all were.
#pragma once

#include <dlfcn.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "api/function.hpp"
#include "fake_driver.h"

namespace probe {

inline int failures = 0;

[[gnu::format(printf, 2, 3)]] inline bool expect(bool met, const char* format, ...) {
  if (met) return true;
  va_list arguments;
  va_start(arguments, format);
  std::printf("not met: ");
  std::vprintf(format, arguments);
  std::printf("\n");
  va_end(arguments);
  ++failures;
  return false;
}

// Where an address lies: the file's base name, and the exported symbol at exactly this address.
struct Place {
  std::string file;
  std::string symbol;
};
inline Place place_of(const void* address) {
  Dl_info info;
  if (address == nullptr || dladdr(address, &info) == 0) return {"nowhere", ""};
  const char* slash = std::strrchr(info.dli_fname, '/');
  bool exact = info.dli_sname != nullptr && info.dli_saddr == address;
  return {slash == nullptr ? info.dli_fname : slash + 1, exact ? info.dli_sname : ""};
}

// The fake driver's own view of itself. Its names do not begin with "cu", so nobody stands between.
struct Driver {
  explicit Driver(void* handle) {
    find = reinterpret_cast<decltype(find)>(dlsym(handle, "fake_find"));
    last = reinterpret_cast<decltype(last)>(dlsym(handle, "fake_last"));
    answer = reinterpret_cast<decltype(answer)>(dlsym(handle, "fake_answer"));
    if (find == nullptr || last == nullptr || answer == nullptr) {
      std::printf("this libcuda.so.1 is not a fake driver\n");
      std::exit(2);
    }
  }
  decltype(&fake_find) find;
  decltype(&fake_last) last;
  decltype(&fake_answer) answer;
};

// `got` must be our trampoline of `f` if it is hooked, else the driver's own address `own`.
inline void expect_routed(const nonans::api::DriverFunction& f, const void* got, const void* own,
                          const char* path) {
  if (f.hook < 0) {
    expect(got == own, "%s(%s) is passed: expected the driver's own address, got one in %s", path,
           f.name, place_of(got).file.c_str());
    return;
  }
  Place place = place_of(got);
  expect(place.file == "libnonans.so" && place.symbol == f.name,
         "%s(%s) is hooked: expected its trampoline, got %s of %s", path, f.name,
         place.symbol.c_str(), place.file.c_str());
}

// The driver is handed its own entries, whoever asks for them and when: before and after it is
// reached through us.
inline void expect_driver_finds_itself(void* handle) {
  probe::Driver driver(handle);
  auto self = reinterpret_cast<decltype(&fake_self)>(dlsym(handle, "fake_self"));
  auto load = reinterpret_cast<long (*)(FAKE_PARAMETERS)>(dlsym(handle, "cuModuleLoadData"));
  load(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  expect(self()->next == nullptr, "the driver found a cuInit of %s behind itself",
         place_of(self()->next).file.c_str());
  expect(self()->early == driver.find("cuInit")->address,
         "the driver's constructor found the cuInit of %s", place_of(self()->early).file.c_str());
  expect(self()->inside == driver.find("cuMemAlloc_v2")->address,
         "inside, the driver found the cuMemAlloc_v2 of %s", place_of(self()->inside).file.c_str());
}

}  // namespace probe
