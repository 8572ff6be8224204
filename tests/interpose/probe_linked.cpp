// SPDX-License-Identifier: MIT
// A program that is linked with libcuda, as most that use the driver API are: its references, and
// its lookups that depend on who makes them.
//
// The references are weak, so that the program runs over drivers that have less than cuda.h
// of 13.0.
//
//   probe_linked references | scoped | resolver | next | self | footprint
#include <dirent.h>

#include <string_view>

#include "probe.hpp"

using interface::Entry;
using probe::expect;

extern "C" {
// One reference per name, of the widest signature the fake reads.
#define INTERFACE_ENTRY(name, base, version, per_thread, words, hooked) \
  [[gnu::weak]] long ref_##name(FAKE_PARAMETERS) __asm__(#name);
#define INTERFACE_VERSION(version)
#include "interface.inc"
#undef INTERFACE_ENTRY
#undef INTERFACE_VERSION

void* look_default_program_o0(const char*);
void* look_default_program_o2(const char*);
void* look_default_library_o0(const char*);
void* look_default_library_o2(const char*);
void* look_next_program_o0(const char*);
void* look_next_program_o2(const char*);
void* look_next_library_o0(const char*);
void* look_next_library_o2(const char*);
int next_probe(void);
}

namespace {

probe::AnyEntry const kReferences[] = {
#define INTERFACE_ENTRY(name, base, version, per_thread, words, hooked) ref_##name,
#define INTERFACE_VERSION(version)
#include "interface.inc"
#undef INTERFACE_ENTRY
#undef INTERFACE_VERSION
};

void* driver_handle() {
  return dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
}

// Where a call arrives that this driver is to answer: functions that share a body arrive as the one
// that has it.
const void* arrival(const probe::Driver& driver, const fake_function& fake) {
  void* own = fake.address != nullptr ? fake.address : fake.answer;
  static long target[16];
  reinterpret_cast<probe::AnyEntry>(own)(reinterpret_cast<long>(target), 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                         0);
  return driver.last()->entry;
}

void check_references() {
  probe::Driver driver(driver_handle());
  size_t i = 0;
  int reached = 0;
  for (const Entry& e : interface::entries()) {
    auto* got = reinterpret_cast<void*>(kReferences[i++]);
    const fake_function* fake = driver.find(e.name);
    probe::expect_routed(e, got, fake == nullptr ? nullptr : fake->address,
                         "a linked reference to ");
    if (got == nullptr || std::string_view(e.base) == "cuGetProcAddress") continue;
    if (fake == nullptr) {
      // Ours stands where the loader would have found nothing: the call has nowhere to go.
      const long result = reinterpret_cast<probe::AnyEntry>(got)(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      expect(result == 302, "%s is not in this driver, a call gave %ld", e.name, result);
      continue;
    }
    probe::expect_reaches(driver, e, got, arrival(driver, *fake), "a linked reference to ");
    ++reached;
  }
  expect(reached > 30, "only %d references were called", reached);
}

// cuGetProcAddress as the loader bound it.
void check_resolver() {
  probe::Driver driver(driver_handle());
  int routed = 0;
  for (const Entry& e : interface::entries()) {
    if (driver.find(e.name) == nullptr) continue;
    const unsigned long flags = e.per_thread ? 2 : 0;
    for (auto resolver : {ref_cuGetProcAddress, ref_cuGetProcAddress_v2}) {
      if (resolver == ref_cuGetProcAddress_v2 && driver.find("cuGetProcAddress_v2") == nullptr)
        continue;
      void* got = nullptr;
      const long result = resolver(reinterpret_cast<long>(e.base), reinterpret_cast<long>(&got),
                                   e.version, static_cast<long>(flags), 0, 0, 0, 0, 0, 0, 0);
      if (!expect(result == 0 && got != nullptr, "%s: result %ld", e.name, result)) continue;
      const void* own = driver.find(e.name)->answer;
      probe::expect_routed(e, got, own, "a linked cuGetProcAddress");
      probe::expect_reaches(driver, e, got, own, "a linked cuGetProcAddress");
      ++routed;
    }
  }
  expect(routed > 400, "only %d requests were made", routed);
}

// Every name by RTLD_DEFAULT and RTLD_NEXT, asked by the program and by a library that was loaded
// after us and before the driver, compiled with and without optimisation.
void check_scoped() {
  struct Way {
    const char* name;
    void* (*look)(const char*);
  };
  const Way ways[] = {
      {"RTLD_DEFAULT, program, -O0", look_default_program_o0},
      {"RTLD_DEFAULT, program, -O2", look_default_program_o2},
      {"RTLD_DEFAULT, library, -O0", look_default_library_o0},
      {"RTLD_DEFAULT, library, -O2", look_default_library_o2},
      {"RTLD_NEXT, program, -O0", look_next_program_o0},
      {"RTLD_NEXT, program, -O2", look_next_program_o2},
      {"RTLD_NEXT, library, -O0", look_next_library_o0},
      {"RTLD_NEXT, library, -O2", look_next_library_o2},
  };
  probe::Driver driver(driver_handle());
  for (const Way& way : ways) {
    for (const Entry& e : interface::entries()) {
      const fake_function* fake = driver.find(e.name);
      void* got = way.look(e.name);
      if (fake == nullptr || fake->address == nullptr) {
        expect(got == nullptr, "%s: %s is not exported by this driver, yet found", way.name,
               e.name);
        continue;
      }
      probe::expect_routed(e, got, fake->address, way.name);
      probe::expect_reaches(driver, e, got, arrival(driver, *fake), way.name);
    }
  }
}

// RTLD_NEXT from a library that defines the symbol itself must give the next one's: libc has to see
// the caller's own return address, not ours. The first library's next_probe() answers 1, the one
// behind it 2. The lookups compiled at -O2 are jumps, so that libc sees *their* caller, the
// program: the same answers as without us are wanted, not better ones.
void report_next() {
  expect(next_probe() == 1, "next_probe is %d: the libraries are in the wrong order", next_probe());
  for (auto look : {look_next_library_o0, look_next_library_o2, look_default_library_o0,
                    look_default_library_o2, look_next_program_o0, look_next_program_o2,
                    look_default_program_o0, look_default_program_o2}) {
    auto* found = reinterpret_cast<int (*)()>(look("next_probe"));
    std::printf("%d ", found == nullptr ? -1 : found());
    expect(look("getpid") == dlsym(RTLD_DEFAULT, "getpid"), "getpid differs");
    expect(look("no_such_symbol_anywhere") == nullptr, "a symbol that is nowhere was found");
  }
  std::printf("\n");
}

int entries_of(const char* directory) {
  int count = 0;
  DIR* d = opendir(directory);
  if (d == nullptr) return -1;
  while (readdir(d) != nullptr) ++count;
  closedir(d);
  return count;
}

// What an innocent bystander sees of us: prints its threads and open files.
void report_footprint() {
  std::printf("threads %d files %d\n", entries_of("/proc/self/task") - 2,
              entries_of("/proc/self/fd") - 2);
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "references") {
    check_references();
  } else if (what == "scoped") {
    check_scoped();
  } else if (what == "next") {
    report_next();
  } else if (what == "resolver") {
    check_resolver();
  } else if (what == "self") {
    probe::expect_driver_finds_itself(driver_handle());
  } else if (what == "footprint") {
    report_footprint();
  } else {
    std::printf("the comment at the top of probe_linked.cpp lists the checks\n");
    return 2;
  }
  return probe::failures == 0 ? 0 : 1;
}
