// SPDX-License-Identifier: MIT
// The checks of a probe program: it runs under LD_PRELOAD=libnonans.so, or, where the environment
// names the fake driver's file in PROBE_SHADOWS, under the shadow, whose handle does not lead to
// the fake's own functions. It prints each expectation that was not met, and its exit status says
// whether all were.
#pragma once

#include <dlfcn.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fake_driver.h"
#include "interface.hpp"

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

// Under the shadow: the file of the driver behind it. Else null.
inline const char* shadowed() {
  return std::getenv("PROBE_SHADOWS");
}
inline const char* library_under_test() {
  return shadowed() != nullptr ? "libnonans-shadow.so" : "libnonans.so";
}
inline void* fake_handle(void* handle) {
  return shadowed() != nullptr ? dlopen(shadowed(), RTLD_NOW | RTLD_LOCAL) : handle;
}

// The fake driver's own view of itself. Its names do not begin with "cu", so nobody stands between.
struct Driver {
  explicit Driver(void* opened) {
    void* handle = fake_handle(opened);
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

// place_of(), remembered: dladdr reads a library's whole symbol table.
inline const Place& known_place_of(const void* address) {
  static std::unordered_map<const void*, Place> known;
  auto [found, fresh] = known.try_emplace(address);
  if (fresh) found->second = place_of(address);
  return found->second;
}

// `got` must be our trampoline of `e` if it is hooked, else the driver's own address `own`.
inline void expect_routed(const interface::Entry& e, const void* got, const void* own,
                          const char* path) {
  if (!e.hooked) {
    if (shadowed() != nullptr && got != own) {  // one of the stubs that jump on
      const Place& place = known_place_of(got);
      expect(place.file == library_under_test() && place.symbol == e.name,
             "%s(%s) is passed: expected its stub, got %s of %s", path, e.name,
             place.symbol.c_str(), place.file.c_str());
      return;
    }
    expect(got == own, "%s(%s) is passed: expected the driver's own address, got one in %s", path,
           e.name, known_place_of(got).file.c_str());
    return;
  }
  const Place& place = known_place_of(got);
  expect(place.file == library_under_test() && place.symbol == e.name,
         "%s(%s) is hooked: expected its trampoline, got %s of %s", path, e.name,
         place.symbol.c_str(), place.file.c_str());
}

using AnyEntry = long (*)(FAKE_PARAMETERS);

// Through the pointer that was handed out: the call arrives at `answer` (where it has a body), all
// eleven arguments with it and, if it is hooked, by way of us. Run with NONANS_MODE=off, so that no
// hook body does work of its own.
inline void expect_reaches(const Driver& driver, const interface::Entry& e, void* got,
                           const void* answer, const char* path) {
  if (std::string_view(e.base) == "cuGetProcAddress") return;  // the fake records no resolver
  static long target[16];  // what the first argument points to, if it is a pointer
  const long first = reinterpret_cast<long>(target);
  reinterpret_cast<AnyEntry>(got)(first, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21);
  const fake_call* last = driver.last();
  if (!expect(last->function != nullptr && last->entry == answer, "%s(%s): a call arrived at %s",
              path, e.name, last->function == nullptr ? "nothing" : last->function->name)) {
    return;
  }
  for (int i = 0; i < std::min(e.words, 11); ++i) {
    // Where the first is no pointer, it may be as small as an int.
    const bool met = i == 0 ? static_cast<int>(last->arguments[0]) == static_cast<int>(first)
                            : last->arguments[i] == 11 + i;
    expect(met, "%s(%s): argument %d arrived as %ld", path, e.name, i, last->arguments[i]);
  }
  if (e.hooked) {
    const Place& caller = known_place_of(last->from);
    expect(caller.file == library_under_test(), "%s(%s): the call came from %s", path, e.name,
           caller.file.c_str());
  }
}

// The driver is handed its own entries, whoever asks for them and when: before and after it is
// reached through us.
inline void expect_driver_finds_itself(void* handle) {
  probe::Driver driver(handle);
  auto self = reinterpret_cast<decltype(&fake_self)>(dlsym(fake_handle(handle), "fake_self"));
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
