// SPDX-License-Identifier: MIT
// Every function of the driver API through cuGetProcAddress of both ABIs: each flag, each version
// that cudaTypedefs.h names and versions between, in whichever fake driver LD_LIBRARY_PATH leads
// to. What must come back follows from the headers (interface.hpp); the fake says which of its
// addresses that is, and a call through the pointer must arrive there.
//
//   probe_resolver every | folded | shared | stub | edges | replay FILE COUNT
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "probe.hpp"

using interface::Entry;
using probe::expect;

namespace {

using Resolve = int (*)(const char*, void**, int, uint64_t);
using Resolve2 = int (*)(const char*, void**, int, uint64_t, int*);

// One cuGetProcAddress, however it was come by.
struct Resolver {
  const char* way;
  void* entry = nullptr;
  bool five = false;
  bool by_asking = false;

  int ask(const char* symbol, void** out, int version, uint64_t flags, int* status) const {
    return five ? reinterpret_cast<Resolve2>(entry)(symbol, out, version, flags, status)
                : reinterpret_cast<Resolve>(entry)(symbol, out, version, flags);
  }
};

struct Fixture {
  void* handle;
  probe::Driver driver;
  void* cu_init;  // any address that is one of the driver's
  int version;
  std::vector<const Entry*> present;  // what this driver has

  explicit Fixture(void* opened) : handle(opened), driver(opened) {
    cu_init = driver.find("cuInit")->answer;
    version = *static_cast<const int*>(dlsym(probe::fake_handle(opened), "fake_version"));
    for (const Entry& e : interface::entries()) {
      if (driver.find(e.name) != nullptr) present.push_back(&e);
    }
  }
};

void* open_driver() {
  void* handle = dlopen("libcuda.so.1", RTLD_NOW);
  if (handle == nullptr) {
    std::printf("%s\n", dlerror());
    std::exit(2);
  }
  return handle;
}

// The ABI that a request means, from the headers alone: the newest one that was there by `version`,
// the per-thread twin if that is asked for and there is one. The driver may lack what the headers
// have, and is asked which it has.
const Entry* meant(const Fixture& at, std::string_view base, int version, uint64_t flags) {
  const Entry* best = nullptr;
  for (const Entry* e : at.present) {
    if (e->base != base || e->version > version || (e->per_thread && flags != 2)) continue;
    if (best == nullptr || e->per_thread > best->per_thread ||
        (e->per_thread == best->per_thread && e->version > best->version)) {
      best = e;
    }
  }
  return best;
}

void check_request(const Fixture& at, const Resolver& resolver, const Entry* wanted,
                   const char* symbol, int version, uint64_t flags) {
  // A failed request leaves its output alone. What stood there may even be a driver entry, from an
  // earlier request.
  void* got = at.cu_init;
  int status = -1;
  const int result = resolver.ask(symbol, &got, version, flags, &status);
  const std::string path = std::string("cuGetProcAddress by ") + resolver.way + "[" + symbol + " " +
                           std::to_string(version) + " flags " + std::to_string(flags) + "]";
  if (version > at.version) {
    expect(result == 1 && got == at.cu_init, "%s: above the driver, result %d", path.c_str(),
           result);
    return;
  }
  if (result != 0) {
    expect(wanted == nullptr && got == at.cu_init, "%s failed with %d or wrote its output",
           path.c_str(), result);
    return;
  }
  const fake_function* answer = at.driver.answer(symbol, version, flags);
  if (answer == nullptr) {
    expect(got == nullptr && wanted == nullptr, "%s has no answer, yet we got one", path.c_str());
    return;
  }
  if (interface::find(answer->name) == nullptr) {  // newer than the headers
    expect(got == answer->answer, "%s: %s is unknown to us: expected the driver's own",
           path.c_str(), answer->name);
    return;
  }
  if (!expect(wanted != nullptr && std::string_view(wanted->name) == answer->name,
              "%s means %s by the headers, the driver answers with %s", path.c_str(),
              wanted == nullptr ? "nothing" : wanted->name, answer->name)) {
    return;
  }
  probe::expect_routed(*wanted, got, answer->answer, path.c_str());
  probe::expect_reaches(at.driver, *wanted, got, answer->answer, path.c_str());
}

// The resolvers that a program can come by: by name, and each by asking the others for
// cuGetProcAddress.
std::vector<Resolver> resolvers(const Fixture& at) {
  std::vector<Resolver> found;
  found.push_back({"name, four arguments", dlsym(at.handle, "cuGetProcAddress"), false});
  if (void* newer = dlsym(at.handle, "cuGetProcAddress_v2"))
    found.push_back({"name, five arguments", newer, true});
  const size_t named = found.size();
  for (size_t i = 0; i < named; ++i) {
    for (int version : {11030, 12000}) {
      if (version > at.version) continue;
      void* again = nullptr;
      expect(found[i].ask("cuGetProcAddress", &again, version, 0, nullptr) == 0 && again != nullptr,
             "cuGetProcAddress %d is not answered", version);
      found.push_back({version < 12000 ? "itself, four arguments" : "itself, five arguments", again,
                       version >= 12000, true});
    }
  }
  return found;
}

void check_every(const Fixture& at) {
  const std::vector<int> versions = interface::requested_versions();
  const std::vector<Resolver> ways = resolvers(at);
  expect(ways.size() >= 2, "only %zu resolvers", ways.size());
  long requests = 0;
  for (const char* base : interface::bases()) {
    for (uint64_t flags : {0, 1, 2}) {
      for (int version : versions) {
        const Entry* wanted = meant(at, base, version, flags);
        for (const Resolver& resolver : ways) {
          // Those that came by asking have to do with the versions that are named, and no more.
          if (resolver.by_asking && version % 10 != 0) continue;
          check_request(at, resolver, wanted, base, version, flags);
          ++requests;
        }
      }
    }
  }
  expect(requests > 150000, "only %ld requests were made", requests);
  // Names that are no base: of an exported symbol, of nothing at all.
  const bool named =
      *static_cast<const int*>(dlsym(probe::fake_handle(at.handle), "fake_is_named")) != 0;
  for (const Resolver& resolver : ways) {
    for (const Entry& e : interface::entries()) {
      if (std::string_view(e.name) == e.base) continue;
      const bool there = named && at.driver.find(e.name) != nullptr;
      check_request(at, resolver, there ? &e : nullptr, e.name, at.version, 0);
    }
    check_request(at, resolver, nullptr, "cuNoSuchThing", at.version, 0);
    check_request(at, resolver, nullptr, "", 0, 0);
  }
}

void check_edges(const Fixture& at) {
  auto second = reinterpret_cast<Resolve2>(dlsym(at.handle, "cuGetProcAddress_v2"));
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

// Functions that share one address: the name that was asked for decides, and a function of another
// base that happens to lie at a hooked one's address stays the driver's own.
void check_folded(const Fixture& at) {
  const Resolver resolver{"name", dlsym(at.handle, "cuGetProcAddress"), false};
  struct Case {
    const char* base;
    int version;
    const char* name;
  };
  for (const Case& c :
       {Case{"cuDevicePrimaryCtxRelease", 7000, "cuDevicePrimaryCtxRelease"},
        Case{"cuDevicePrimaryCtxRelease", 11000, "cuDevicePrimaryCtxRelease_v2"},
        Case{"cuCtxCreate", 2000, "cuCtxCreate"}, Case{"cuCtxCreate", 3020, "cuCtxCreate_v2"},
        Case{"cuModuleUnload", 2000, "cuModuleUnload"},
        Case{"cuLinkDestroy", 5050, "cuLinkDestroy"},
        Case{"cuStreamDestroy", 4000, "cuStreamDestroy_v2"},
        Case{"cuEventDestroy", 4000, "cuEventDestroy_v2"},
        Case{"cuMemFreeHost", 2000, "cuMemFreeHost"},
        Case{"cuMemHostUnregister", 4000, "cuMemHostUnregister"}}) {
    void* got = nullptr;
    const Entry& e = *interface::find(c.name);
    expect(resolver.ask(c.base, &got, c.version, 0, nullptr) == 0, "%s is not answered", c.base);
    probe::expect_routed(e, got, at.driver.find(c.name)->answer, "folded: cuGetProcAddress");
  }
}

// Answers that lie at exports of other bases, one and two of them: asked for by the hooked name it
// is the hooked function.
void check_shared(const Fixture& at) {
  const Resolver resolver{"name", dlsym(at.handle, "cuGetProcAddress"), false};
  for (const char* name : {"cuModuleUnload", "cuStreamDestroy_v2", "cuMemFree_v2", "cuArrayDestroy",
                           "cuMipmappedArrayDestroy", "cuTexObjectDestroy"}) {
    const Entry& e = *interface::find(name);
    void* got = nullptr;
    expect(resolver.ask(e.base, &got, e.version, 0, nullptr) == 0, "%s is not answered", name);
    const fake_function* fake = at.driver.find(name);
    expect(!e.hooked || fake->answer != fake->address, "%s: the fake does not share", name);
    probe::expect_routed(e, got, fake->answer, "shared: cuGetProcAddress");
    probe::expect_reaches(at.driver, e, got, fake->answer, "shared: cuGetProcAddress");
  }
}

// The requests that a real CUDA runtime made, as logged by the fake.
void replay(const Fixture& at, const char* path, int expected) {
  const Resolver resolver{"name", dlsym(at.handle, "cuGetProcAddress_v2"), true};
  std::ifstream log(path);
  std::string symbol;
  int version = 0, requests = 0, hooked = 0;
  uint64_t flags = 0;
  while (log >> symbol >> version >> flags) {
    ++requests;
    const Entry* wanted = meant(at, symbol, version, flags);
    check_request(at, resolver, wanted, symbol.c_str(), version, flags);
    hooked += wanted != nullptr && wanted->hooked;
  }
  std::printf("%d requests, %d hooked\n", requests, hooked);
  expect(requests >= expected, "%d requests are expected of this runtime, here %d", expected,
         requests);
  expect(hooked > 35, "only %d of them are hooked", hooked);
}

// The link-time stub that toolkits ship: every answer is 34, and nothing but that must come back.
void check_stub(const Fixture& at) {
  auto first = reinterpret_cast<Resolve>(dlsym(at.handle, "cuGetProcAddress"));
  auto second = reinterpret_cast<Resolve2>(dlsym(at.handle, "cuGetProcAddress_v2"));
  void* out = &out;
  expect(second("", &out, 0, 0, nullptr) == 34 && out == &out, "the runtime's probe of a stub");
  expect(second("cuInit", &out, 2000, 0, nullptr) == 34 && out == &out, "a request to a stub");
  expect(first("cuInit", &out, 2000, 0) == 34 && out == &out, "an older request to a stub");
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view what = argc > 1 ? argv[1] : "";
  Fixture at(open_driver());
  if (what == "every") {
    check_every(at);
  } else if (what == "edges") {
    check_edges(at);
  } else if (what == "folded") {
    check_folded(at);
  } else if (what == "shared") {
    check_shared(at);
  } else if (what == "stub") {
    check_stub(at);
  } else if (what == "replay" && argc > 3) {
    replay(at, argv[2], std::atoi(argv[3]));
  } else {
    std::printf("the comment at the top of probe_resolver.cpp lists the checks\n");
    return 2;
  }
  return probe::failures == 0 ? 0 : 1;
}
