// SPDX-License-Identifier: MIT
// Every name of the registry through dlsym and dlvsym on a handle, and through cuGetProcAddress of
// both ABIs, in whichever fake driver LD_LIBRARY_PATH leads to. Not linked with libcuda.
//
//   probe_lookup dlsym | dlvsym | resolver | folded | stub | calls | self | threads | absent
//   | local | path probe_lookup replay FILE | untouched LIBRARY
#include <atomic>
#include <cstdint>
#include <fstream>
#include <string_view>
#include <thread>
#include <vector>

#include "probe.hpp"

using nonans::api::DriverFunction;
using nonans::api::functions;
using probe::expect;

namespace {

using Entry = long (*)(long, long, long, long, long, long, long, long, long, long, long);
using Resolve = int (*)(const char*, void**, int, uint64_t);
using Resolve2 = int (*)(const char*, void**, int, uint64_t, int*);

void* open_driver() {
  void* handle = dlopen("libcuda.so.1", RTLD_NOW);
  if (handle == nullptr) {
    std::printf("%s\n", dlerror());
    std::exit(2);
  }
  return handle;
}

void check_dlsym(const char* version) {
  void* handle = open_driver();
  probe::Driver driver(handle);
  int found = 0;
  for (const DriverFunction& f : functions()) {
    const fake_function* fake = driver.find(f.name);
    dlerror();
    void* got = version != nullptr ? dlvsym(handle, f.name, version) : dlsym(handle, f.name);
    const char* error = dlerror();
    // glibc lets an object without version information answer a request for any version.
    const void* own = fake == nullptr ? nullptr : fake->address;
    expect((got == nullptr) == (own == nullptr), "lookup of %s: there without us %d, with us %d",
           f.name, own != nullptr, got != nullptr);
    expect((error == nullptr) == (got != nullptr), "lookup of %s: dlerror() says %s", f.name,
           error ? error : "nothing");
    if (got == nullptr || own == nullptr) continue;
    ++found;
    probe::expect_routed(f, got, own, version != nullptr ? "dlvsym" : "dlsym");
    if (version != nullptr) {
      expect(dlvsym(handle, f.name, "NO_SUCH_VERSION") == nullptr,
             "%s of a version that is not there", f.name);
    }
  }
  expect(found >= 3, "only %d names were found at all", found);
}

// One request through `resolve`; the fake tells which function it answered with, and that decides
// what we must get.
template <typename Ask>
void check_request(const probe::Driver& driver, Ask ask, const char* base, int version,
                   uint64_t flags) {
  // A failed request leaves its output alone. What stood there may even be a driver entry, from an
  // earlier request.
  void* const untouched = driver.find("cuInit")->answer;
  void* got = untouched;
  int status = -1;
  int result = ask(base, &got, version, flags, &status);
  const fake_function* answer = driver.answer(base, version, flags);
  if (result != 0) {
    expect(got == untouched, "a failed request for %s %d wrote its output", base, version);
    return;
  }
  if (answer == nullptr) {
    expect(got == nullptr, "%s %d flags %d has no answer, yet we got one", base, version,
           int(flags));
    return;
  }
  const DriverFunction* f = nonans::api::find_exported(answer->name);
  if (f == nullptr) {  // newer than the registry
    expect(got == answer->answer, "%s is unknown to us: expected the driver's own", answer->name);
    return;
  }
  std::string path =
      "cuGetProcAddress[" + std::to_string(version) + ", " + std::to_string(flags) + "]";
  probe::expect_routed(*f, got, answer->answer, path.c_str());
}

void check_resolver(void* handle, const probe::Driver& driver) {
  auto first = reinterpret_cast<Resolve>(dlsym(handle, "cuGetProcAddress"));
  auto second = reinterpret_cast<Resolve2>(dlsym(handle, "cuGetProcAddress_v2"));
  auto ask_first = [&](const char* base, void** out, int version, uint64_t flags, int*) {
    return first(base, out, version, flags);
  };
  for (const DriverFunction& f : functions()) {
    for (uint64_t flags : {0, 1, 2}) {
      for (int version :
           {f.version - 10, f.version, f.version + 10, 11040, 12000, 13000, 14000, 20000}) {
        check_request(driver, ask_first, f.base, version, flags);
        if (second != nullptr) check_request(driver, second, f.base, version, flags);
      }
    }
  }
  // Asked for itself: the resolver that comes back must route as well.
  void* again = nullptr;
  if (second != nullptr && second("cuGetProcAddress", &again, 12000, 0, nullptr) == 0 &&
      again != nullptr) {
    check_request(driver, reinterpret_cast<Resolve2>(again), "cuLaunchKernel", 7000, 2);
  }
  if (first("cuGetProcAddress", &again, 11030, 0) == 0 && again != nullptr) {
    auto older = reinterpret_cast<Resolve>(again);
    check_request(
        driver, [&](const char* b, void** o, int v, uint64_t f, int*) { return older(b, o, v, f); },
        "cuLaunchKernel", 4000, 0);
  }
}

void check_resolver_edges(void* handle) {
  auto second = reinterpret_cast<Resolve2>(dlsym(handle, "cuGetProcAddress_v2"));
  if (second == nullptr) return;
  void* out = nullptr;
  expect(second("cuInit", nullptr, 2000, 0, nullptr) == 1,
         "a null output is the driver's to refuse");
  expect(second(nullptr, &out, 2000, 0, nullptr) == 1, "a null name is the driver's to refuse");
  expect(second("", &out, 0, 0, nullptr) == 0 && out == nullptr,
         "the runtime's probe with an empty name");
  int status = -1;
  second("cuNoSuchThing", &out, 12000, 0, &status);
  expect(status == 1 && out == nullptr, "an unknown name: status %d", status);
  second("cuMemAllocAsync", &out, 3000, 0, &status);
  expect(status == 2 && out == nullptr, "a version too low: status %d", status);
  second("cuInit", &out, 2000, 0, &status);
  expect(status == 0, "a good request: status %d", status);
}

// The trampolines lead to the very function that was answered. With NONANS_MODE=off no hook body
// comes between.
void check_calls(void* handle, const probe::Driver& driver) {
  auto resolve = reinterpret_cast<Resolve>(dlsym(handle, "cuGetProcAddress"));
  for (const DriverFunction& f : functions()) {
    if (f.hook < 0 || std::string_view(f.base) == "cuGetProcAddress") continue;
    void* got = nullptr;
    const uint64_t flags = f.stream == nonans::api::StreamFlavour::per_thread ? 2 : 0;
    if (resolve(f.base, &got, f.version, flags) != 0) continue;
    const fake_function* answer = driver.answer(f.base, f.version, flags);
    if (got == nullptr || answer == nullptr) continue;
    reinterpret_cast<Entry>(got)(11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21);
    const fake_call* last = driver.last();
    expect(last->function != nullptr && last->entry == answer->answer, "a call of %s arrived at %s",
           f.name, last->function == nullptr ? "nothing" : last->function->name);
    expect(last->arguments[0] == 11, "a call of %s arrived with first argument %ld", f.name,
           last->arguments[0]);
    expect(probe::place_of(last->from).file == "libnonans.so", "a call of %s came from %s", f.name,
           probe::place_of(last->from).file.c_str());
  }
}

// Functions that share one address: the name that was asked for decides, and a function of another
// base that happens to lie at a hooked one's address stays the driver's own.
void check_folded(void* handle) {
  auto resolve = reinterpret_cast<Resolve>(dlsym(handle, "cuGetProcAddress"));
  struct Case {
    const char* base;
    int version;
    const char* trampoline;  // null: passed
  };
  for (const Case& c :
       {Case{"cuDevicePrimaryCtxRelease", 7000, "cuDevicePrimaryCtxRelease"},
        Case{"cuDevicePrimaryCtxRelease", 11000, "cuDevicePrimaryCtxRelease_v2"},
        Case{"cuCtxCreate", 3020, "cuCtxCreate_v2"}, Case{"cuModuleUnload", 2000, "cuModuleUnload"},
        Case{"cuLinkDestroy", 5050, nullptr}, Case{"cuStreamDestroy", 4000, "cuStreamDestroy_v2"},
        Case{"cuEventDestroy", 4000, nullptr}, Case{"cuMemFreeHost", 2000, "cuMemFreeHost"},
        Case{"cuMemHostUnregister", 4000, "cuMemHostUnregister"}}) {
    void* got = nullptr;
    int result = resolve(c.base, &got, c.version, 0);
    probe::Place place = probe::place_of(got);
    expect(result == 0, "%s: %d", c.base, result);
    if (c.trampoline != nullptr) {
      expect(place.file == "libnonans.so" && place.symbol == c.trampoline, "%s %d became %s of %s",
             c.base, c.version, place.symbol.c_str(), place.file.c_str());
    } else {
      expect(place.file != "libnonans.so", "%s %d became our %s", c.base, c.version,
             place.symbol.c_str());
    }
  }
}

// The requests that a real CUDA runtime made, as logged by the fake.
void replay(const char* path) {
  void* handle = open_driver();
  probe::Driver driver(handle);
  auto second = reinterpret_cast<Resolve2>(dlsym(handle, "cuGetProcAddress_v2"));
  std::ifstream log(path);
  std::string symbol;
  int version = 0, requests = 0, hooked = 0;
  uint64_t flags = 0;
  while (log >> symbol >> version >> flags) {
    ++requests;
    check_request(driver, second, symbol.c_str(), version, flags);
    const fake_function* answer = driver.answer(symbol.c_str(), version, flags);
    const DriverFunction* f =
        answer == nullptr ? nullptr : nonans::api::find_exported(answer->name);
    hooked += f != nullptr && f->hook >= 0;
  }
  std::printf("%d requests, %d hooked\n", requests, hooked);
  expect(requests > 400, "a CUDA runtime of 13.0 makes 439 requests, here %d", requests);
  expect(hooked > 35, "only %d of them are hooked", hooked);
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
        if (reinterpret_cast<Entry>(got)(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) != 0) ++wrong;
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

// The link-time stub that toolkits ship: every answer is 34, and nothing but that must come back.
void check_stub(void* handle) {
  auto second = reinterpret_cast<Resolve2>(dlsym(handle, "cuGetProcAddress_v2"));
  void* out = &out;
  expect(second("", &out, 0, 0, nullptr) == 34 && out == &out, "the runtime's probe of a stub");
  expect(second("cuInit", &out, 2000, 0, nullptr) == 34 && out == &out, "a request to a stub");
}

// A driver that was opened for oneself alone is not in anybody else's reach.
void check_local() {
  void* handle = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  expect(dlsym(handle, "cuInit") != nullptr, "cuInit is not found by handle");
  expect(dlsym(RTLD_DEFAULT, "cuInit") == nullptr,
         "cuInit is found in the global scope, where the driver is not");
  dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL);
  probe::expect_routed(*nonans::api::find_exported("cuInit"), dlsym(RTLD_DEFAULT, "cuInit"),
                       nullptr, "RTLD_DEFAULT");
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "dlsym" || what == "dlvsym") {
    check_dlsym(what == "dlvsym" ? "FAKE_1" : nullptr);
  } else if (what == "resolver") {
    void* handle = open_driver();
    probe::Driver driver(handle);
    check_resolver(handle, driver);
    check_resolver_edges(handle);
  } else if (what == "calls") {
    void* handle = open_driver();
    probe::Driver driver(handle);
    check_calls(handle, driver);
  } else if (what == "folded") {
    check_folded(open_driver());
  } else if (what == "self") {
    probe::expect_driver_finds_itself(open_driver());
  } else if (what == "threads") {
    check_threads();
  } else if (what == "stub") {
    check_stub(open_driver());
  } else if (what == "untouched" && argc > 2) {
    check_untouched(argv[2]);
  } else if (what == "replay" && argc > 2) {
    replay(argv[2]);
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
