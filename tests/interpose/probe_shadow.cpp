// SPDX-License-Identifier: MIT
// What only the SONAME shadow can do: a module opened with RTLD_DEEPBIND, whose dlsym is libc's.
// And what the shadow must not do: find itself, wait for itself.
//
//   probe_shadow deepbind MODULE LINKED_MODULE | threads LINKED_MODULE | missing MODULE
//   LINKED_MODULE | path
#include <atomic>
#include <cstdint>
#include <string_view>
#include <thread>
#include <vector>

#include "probe.hpp"

using interface::Entry;
using probe::expect;

namespace {

void* open_or_exit(const char* path, int flags) {
  void* handle = dlopen(path, flags);
  if (handle == nullptr) {
    std::printf("%s\n", dlerror());
    std::exit(2);
  }
  return handle;
}

template <typename Function>
Function* find(void* handle, const char* name) {
  return reinterpret_cast<Function*>(dlsym(handle, name));
}

// Every name by libc's dlsym and by reference, each called; then cuGetProcAddress, found in the
// same way.
void check_deepbind(const char* path, const char* linked_path) {
  void* module = open_or_exit(path, RTLD_NOW | RTLD_DEEPBIND);
  auto look = find<void*(void*, const char*)>(module, "deep_dlsym");
  const probe::Place real = probe::place_of(find<void*()>(module, "deep_address_of_dlsym")());
  expect(real.file.starts_with("libc.so") || real.file.starts_with("libdl.so"),
         "the module's dlsym is that of %s: the test tests nothing", real.file.c_str());
  void* linked = open_or_exit(linked_path, RTLD_NOW | RTLD_DEEPBIND);
  expect(find<int()>(linked, "deep_early_result")() == 0,
         "a driver call from a constructor failed");

  void* handle = open_or_exit("libcuda.so.1", RTLD_NOW);
  probe::Driver driver(handle);
  for (const Entry& e : interface::entries()) {
    const fake_function* fake = driver.find(e.name);
    void* got = look(handle, e.name);
    if (!expect(got != nullptr, "libc's dlsym does not find %s", e.name) || fake == nullptr)
      continue;
    probe::expect_routed(e, got, nullptr, "libc's dlsym");
    const void* arrival = fake->address != nullptr ? fake->address : fake->answer;
    probe::expect_reaches(driver, e, got, arrival, "libc's dlsym");
  }
  auto reference = find<void*(int)>(linked, "deep_reference");
  probe::expect_routed(*interface::find("cuInit"), reference(0), nullptr, "a deep reference");
  probe::expect_routed(*interface::find("cuCtxGetCurrent"), reference(1), nullptr,
                       "a deep reference");

  using Resolve = int(const char*, void**, int, uint64_t);
  auto resolve = reinterpret_cast<Resolve*>(look(handle, "cuGetProcAddress"));
  for (const Entry& e : interface::entries()) {
    if (driver.find(e.name) == nullptr) continue;
    void* got = nullptr;
    expect(resolve(e.base, &got, e.version, e.per_thread ? 2 : 0) == 0, "%s is not answered",
           e.name);
    probe::expect_routed(e, got, driver.find(e.name)->answer, "a deep cuGetProcAddress");
  }
}

// First calls of different functions from many threads, while others open and close the module,
// whose constructor calls the driver under the loader's lock.
void check_threads(const char* path) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      void* handle = dlopen("libcuda.so.1", RTLD_NOW);
      for (int i = 0; i < 50; ++i) {
        if (t % 2 == 0) {
          void* module = dlopen(path, RTLD_NOW | RTLD_DEEPBIND);
          if (module == nullptr || find<int()>(module, "deep_early_result")() != 0) ++wrong;
          dlclose(module);
        } else {
          const Entry& e = interface::entries()[static_cast<size_t>((i * 7 + t * 13) % 600)];
          void* got = dlsym(handle, e.name);
          if (got == nullptr) ++wrong;
        }
      }
    });
  }
  for (std::thread& t : threads) t.join();
  expect(wrong == 0, "%d lookups or calls went wrong", wrong.load());
}

// No driver anywhere. Our dlsym can tell; who goes past it gets a stub or a trampoline, and its
// call is refused.
void check_missing(const char* path, const char* linked_path) {
  void* handle = open_or_exit("libcuda.so.1", RTLD_NOW);
  void* module = open_or_exit(path, RTLD_NOW | RTLD_DEEPBIND);
  void* linked = open_or_exit(linked_path, RTLD_NOW | RTLD_DEEPBIND);
  expect(find<int()>(linked, "deep_early_result")() == 302, "an early call was not refused");
  auto look = find<void*(void*, const char*)>(module, "deep_dlsym");
  for (const char* name : {"cuCtxGetCurrent", "cuInit", "cuGLGetDevices_v2"}) {
    dlerror();
    expect(dlsym(handle, name) == nullptr && dlerror() != nullptr, "%s is found", name);
    auto entry = reinterpret_cast<probe::AnyEntry>(look(handle, name));
    if (!expect(entry != nullptr, "libc's dlsym does not find %s", name)) continue;
    expect(entry(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) == 302, "%s is not refused", name);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "deepbind" && argc > 3) {
    check_deepbind(argv[2], argv[3]);
  } else if (what == "threads" && argc > 2) {
    check_threads(argv[2]);
  } else if (what == "missing" && argc > 3) {
    check_missing(argv[2], argv[3]);
  } else if (what == "path") {  // which file the calls arrive in
    // A passed function: our dlsym answers with the driver's own entry.
    Dl_info info;
    void* found = dlsym(open_or_exit("libcuda.so.1", RTLD_NOW), "cuCtxGetCurrent");
    if (found != nullptr && dladdr(found, &info) != 0) std::printf("%s\n", info.dli_fname);
  } else {
    std::printf("the comment at the top of probe_shadow.cpp lists the checks\n");
    return 2;
  }
  return probe::failures == 0 ? 0 : 1;
}
