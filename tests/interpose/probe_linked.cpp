// SPDX-License-Identifier: MIT
// A program that is linked with libcuda, as most that use the driver API are: its references, and
// its lookups that depend on who makes them.
//
//   probe_linked references | scoped | next | calls | self | footprint
#include <dirent.h>

#include <string_view>

#include "probe.hpp"

using nonans::api::DriverFunction;
using probe::expect;

extern "C" {
// One reference per name of the registry, of the widest signature the fake reads.
#define NONANS_DRIVER_FUNCTION(ident, name, base, version, stream, internal, hook, reason) \
  long ref_##ident(FAKE_PARAMETERS) __asm__(name);
#include "api/generated/driver_functions.def"

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

using Reference = long (*)(FAKE_PARAMETERS);
Reference const kReferences[] = {
#define NONANS_DRIVER_FUNCTION(ident, name, base, version, stream, internal, hook, reason) \
  ref_##ident,
#include "api/generated/driver_functions.def"
};

void* driver_handle() {
  return dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
}

void check_references() {
  probe::Driver driver(driver_handle());
  for (const DriverFunction& f : nonans::api::functions()) {
    auto* got = reinterpret_cast<void*>(kReferences[static_cast<int>(nonans::api::index_of(f))]);
    probe::expect_routed(f, got, driver.find(f.name)->address, "a linked reference to ");
  }
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
    for (const DriverFunction& f : nonans::api::functions()) {
      probe::expect_routed(f, way.look(f.name), driver.find(f.name)->address, way.name);
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

// All eleven arguments of a launch arrive, those on the stack too, and the driver's answer comes
// back.
void check_calls() {
  probe::Driver driver(driver_handle());
  for (Reference launch : {ref_cuLaunchKernel, ref_cuLaunchKernel_ptsz}) {
    long result = launch(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    expect(result == 0, "the launch returned %ld", result);
    for (long i = 0; i < 11; ++i) {
      expect(driver.last()->arguments[i] == i + 1, "argument %ld arrived as %ld", i,
             driver.last()->arguments[i]);
    }
    std::string_view wanted =
        launch == ref_cuLaunchKernel ? "cuLaunchKernel" : "cuLaunchKernel_ptsz";
    expect(driver.last()->function->name == wanted, "arrived at %s", driver.last()->function->name);
  }
  for (const DriverFunction& f : nonans::api::functions()) {
    if (f.hook < 0 || std::string_view(f.base) == "cuGetProcAddress") continue;
    fake_function* fake = driver.find(f.name);
    long before = fake->calls;
    kReferences[static_cast<int>(nonans::api::index_of(f))](7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    expect(fake->calls == before + 1, "%s arrived %ld times", f.name, fake->calls - before);
    expect(driver.last()->function == fake && driver.last()->arguments[0] == 7,
           "%s arrived at %s(%ld)", f.name, driver.last()->function->name,
           driver.last()->arguments[0]);
  }
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
  } else if (what == "calls") {
    check_calls();
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
