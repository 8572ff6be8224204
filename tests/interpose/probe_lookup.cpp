// SPDX-License-Identifier: MIT
// Every name of the driver API through dlsym and dlvsym on a handle, in whichever fake driver
// LD_LIBRARY_PATH leads to. Not linked with libcuda. probe_resolver.cpp has cuGetProcAddress,
// probe_linked.cpp the lookups that depend on the caller.
//
//   probe_lookup dlsym | dlvsym | self | threads | absent | local | path | untouched LIBRARY
#include <atomic>
#include <cstdint>
#include <string_view>
#include <thread>
#include <vector>

#include "probe.hpp"

using interface::Entry;
using probe::expect;

namespace {

using Resolve2 = int (*)(const char*, void**, int, uint64_t, int*);

void* open_driver() {
  void* handle = dlopen("libcuda.so.1", RTLD_NOW);
  if (handle == nullptr) {
    std::printf("%s\n", dlerror());
    std::exit(2);
  }
  return handle;
}

// Where a call of an export arrives: functions that share a body arrive as the one that has it.
const void* arrival(const probe::Driver& driver, const fake_function& fake) {
  static long target[16];
  reinterpret_cast<probe::AnyEntry>(fake.address)(reinterpret_cast<long>(target), 0, 0, 0, 0, 0, 0,
                                                  0, 0, 0, 0);
  return driver.last()->entry;
}

void check_dlsym(const char* version, bool versioned) {
  void* handle = open_driver();
  probe::Driver driver(handle);
  int found = 0;
  for (const Entry& f : interface::entries()) {
    const fake_function* fake = driver.find(f.name);
    dlerror();
    void* got = version != nullptr ? dlvsym(handle, f.name, version) : dlsym(handle, f.name);
    const char* error = dlerror();
    const bool there = fake != nullptr && (version == nullptr || versioned);
    const void* own = there ? fake->address : nullptr;
    expect((got == nullptr) == (own == nullptr), "lookup of %s: there without us %d, with us %d",
           f.name, own != nullptr, got != nullptr);
    expect((error == nullptr) == (got != nullptr), "lookup of %s: dlerror() says %s", f.name,
           error ? error : "nothing");
    if (got == nullptr || own == nullptr) continue;
    ++found;
    probe::expect_routed(f, got, own, version != nullptr ? "dlvsym" : "dlsym");
    probe::expect_reaches(driver, f, got, arrival(driver, *fake), "dlsym");
    if (versioned) {
      expect(dlvsym(handle, f.name, "NO_SUCH_VERSION") == nullptr,
             "%s of a version that is not there", f.name);
    }
  }
  expect(found >= 2 || (version != nullptr && !versioned), "only %d names were found at all",
         found);
}

void check_absent() {
  for (const char* name : {"cuInit", "cuLaunchKernel", "cuGetProcAddress_v2"}) {
    dlerror();
    expect(dlsym(RTLD_DEFAULT, name) == nullptr, "%s is found although no driver is loaded", name);
    expect(dlerror() != nullptr, "%s is not found, but dlerror() is silent", name);
    expect(dlsym(RTLD_NEXT, name) == nullptr,
           "%s is found after the program although no driver is loaded", name);
    expect(dlsym(dlopen(nullptr, RTLD_NOW), name) == nullptr, "%s is found in dlopen(NULL)", name);
  }
}

// Everybody at once, from the first lookup on: no lock to wait for, one answer for all.
void check_threads() {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&wrong] {
      void* handle = dlopen("libcuda.so.1", RTLD_NOW);
      auto second = reinterpret_cast<Resolve2>(dlsym(handle, "cuGetProcAddress_v2"));
      void* by_name = dlsym(handle, "cuMemFree_v2");
      for (int i = 0; i < 200; ++i) {
        void* got = nullptr;
        if (second("cuMemFree", &got, 12000, 0, nullptr) != 0 || got != by_name) ++wrong;
        if (reinterpret_cast<probe::AnyEntry>(got)(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) != 0) ++wrong;
        dlclose(dlopen("libcuda.so.1", RTLD_NOW));
      }
    });
  }
  for (std::thread& t : threads) t.join();
  expect(wrong == 0, "%d answers or calls went wrong", wrong.load());
  probe::Driver driver(open_driver());
  expect(driver.find("cuMemFree_v2")->calls == 1600, "%ld of 1600 calls arrived",
         driver.find("cuMemFree_v2")->calls);
}

// Names that begin like driver functions, or are spelled like one, in a library that is not the
// driver.
void check_untouched(const char* library) {
  void* handle = dlopen(library, RTLD_NOW);
  for (const char* name : {"cudnnCreate", "cublasCreate_v2", "cudaMalloc", "cuModuleUnload"}) {
    void* got = dlsym(handle, name);
    probe::Place place = probe::place_of(got);
    expect(place.symbol == name && std::string_view(library).ends_with(place.file),
           "%s of %s became %s of %s", name, library, place.symbol.c_str(), place.file.c_str());
  }
  expect(dlsym(handle, "cudnnNoSuchThing") == nullptr && dlerror() != nullptr,
         "a name that is nowhere");
}

// A driver that was opened for oneself alone is not in anybody else's reach.
void check_local() {
  void* handle = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  expect(dlsym(handle, "cuInit") != nullptr, "cuInit is not found by handle");
  expect(dlsym(RTLD_DEFAULT, "cuInit") == nullptr,
         "cuInit is found in the global scope, where the driver is not");
  dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL);
  probe::expect_routed(*interface::find("cuInit"), dlsym(RTLD_DEFAULT, "cuInit"), nullptr,
                       "RTLD_DEFAULT");
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "dlsym") {
    check_dlsym(nullptr, false);
  } else if (what == "dlvsym") {
    // An object without version information answers no request for a version.
    check_dlsym("FAKE_1", argc > 2 && argv[2] == std::string_view("versioned"));
  } else if (what == "self") {
    probe::expect_driver_finds_itself(open_driver());
  } else if (what == "threads") {
    check_threads();
  } else if (what == "untouched" && argc > 2) {
    check_untouched(argv[2]);
  } else if (what == "absent") {
    check_absent();
  } else if (what == "local") {
    check_local();
  } else if (what == "path") {  // which file answers
    Dl_info info;
    void* cu_init = dlsym(open_driver(), "cuInit");
    if (cu_init != nullptr && dladdr(cu_init, &info) != 0) std::printf("%s\n", info.dli_fname);
  } else {
    std::printf("the comment at the top of probe_lookup.cpp lists the checks\n");
    return 2;
  }
  return probe::failures == 0 ? 0 : 1;
}
