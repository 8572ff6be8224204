// SPDX-License-Identifier: MIT
// Programs that run with libnonans.so preloaded, before fake driver libraries that differ as real
// ones do.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "run.hpp"
#include "support/catch.hpp"

namespace {

// Routing is tested with the hooks off, so that a fake driver need not be able to do what the hook
// bodies ask of it.
RunOptions on_driver(const std::string& driver) {
  return {.driver = driver, .environment = {"NONANS_MODE=off"}};
}

#define CHECK_PROBE(...)                \
  do {                                  \
    Outcome outcome = run(__VA_ARGS__); \
    INFO(outcome.output);               \
    CHECK(outcome.status == 0);         \
  } while (false)

// Every kind that make_fake_driver.py knows but the toolkit's stub, which answers no request.
const char* const kDrivers[] = {"plain",          "private",        "folded",       "shared",
                                "named",          "noptsz",         "old",          "newer",
                                "versioned",      "bare",           "old_private",  "newer_private",
                                "noptsz_private", "folded_private", "named_private"};

}  // namespace

TEST_CASE("the library under test is this build's") {
  Outcome outcome = run({PROBE_LOOKUP, "path"}, on_driver("plain"));
  REQUIRE_FALSE(outcome.output.empty());
  CHECK(std::filesystem::equivalent(outcome.output.substr(0, outcome.output.size() - 1),
                                    NONANS_LIBRARY));
  // And without preloading it is not there: the probes' checks can fail.
  CHECK(run({PROBE_LOOKUP, "dlsym"}, {.preload = false}).status == 1);
  CHECK(run({PROBE_RESOLVER, "every"}, {.preload = false}).status == 1);
  CHECK(run({PROBE_LINKED, "references"}, {.preload = false}).status == 1);
  CHECK(run({PROBE_LINKED, "scoped"}, {.preload = false}).status == 1);
}

// What every way in must lead to is read from cuda.h and cudaTypedefs.h by driver_interface.py.
TEST_CASE("every name by dlsym on a handle") {
  for (const char* driver : kDrivers) {
    INFO(driver);
    CHECK_PROBE({PROBE_LOOKUP, "dlsym"}, on_driver(driver));
  }
  CHECK_PROBE({PROBE_LOOKUP, "dlsym"}, on_driver("stub"));
}

TEST_CASE("every name by dlvsym on a handle") {
  for (const char* driver : kDrivers) {
    INFO(driver);
    CHECK_PROBE({PROBE_LOOKUP, "dlvsym", driver}, on_driver(driver));
  }
}

// A quarter of a million requests for each driver; in two halves, for machines that are slow.
void check_every_request(bool private_answers) {
  for (const std::string driver : kDrivers) {
    if ((driver.find("private") != std::string::npos) != private_answers) continue;
    INFO(driver);
    CHECK_PROBE({PROBE_RESOLVER, "every"}, on_driver(driver));
  }
}
TEST_CASE("every name by cuGetProcAddress of both ABIs, every flag, every version and between") {
  check_every_request(false);
}
TEST_CASE("the same where the driver answers with addresses that it does not export") {
  check_every_request(true);
}

TEST_CASE("cuGetProcAddress refuses what the driver refuses") {
  CHECK_PROBE({PROBE_RESOLVER, "edges"}, on_driver("plain"));
  CHECK_PROBE({PROBE_RESOLVER, "stub"}, on_driver("stub"));
}

TEST_CASE("where functions share an address, the request decides") {
  CHECK_PROBE({PROBE_RESOLVER, "folded"}, on_driver("folded"));
  CHECK_PROBE({PROBE_RESOLVER, "folded"}, on_driver("folded_private"));
  CHECK_PROBE({PROBE_RESOLVER, "shared"}, on_driver("shared"));
}

TEST_CASE("a driver newer than the registry: an unknown form is passed on, with one line") {
  for (const char* driver : {"newer", "newer_private"}) {
    INFO(driver);
    Outcome outcome = run({PROBE_RESOLVER, "every"}, on_driver(driver));
    CHECK(outcome.status == 0);
    size_t first = outcome.output.find("nonans: this driver has a newer form of a function");
    REQUIRE(first != std::string::npos);
    CHECK(outcome.output.find("nonans:", first + 1) == std::string::npos);
  }
}

TEST_CASE(
    "a program linked with libcuda: every reference, and every lookup that depends on the caller") {
  for (const char* driver : kDrivers) {
    INFO(driver);
    CHECK_PROBE({PROBE_LINKED, "references"}, on_driver(driver));
    CHECK_PROBE({PROBE_LINKED, "scoped"}, on_driver(driver));
    CHECK_PROBE({PROBE_LINKED, "resolver"}, on_driver(driver));
  }
}

TEST_CASE("RTLD_NEXT means after the caller, with and without optimisation") {
  Outcome without = run({PROBE_LINKED, "next"}, {.preload = false});
  Outcome with = run({PROBE_LINKED, "next"}, on_driver("plain"));
  CHECK(with.status == 0);
  CHECK(with.output == without.output);
  CHECK(without.output.starts_with(
      "2 "));  // a library that is compiled -O0 finds what lies behind it
}

TEST_CASE("names that only look like the driver's are left alone") {
  CHECK_PROBE({PROBE_LOOKUP, "untouched", DECOY_LIBRARY}, on_driver("plain"));
}

TEST_CASE("a process without a driver is not told that there is one") {
  CHECK_PROBE({PROBE_LOOKUP, "absent"}, {.driver = ""});
  CHECK_PROBE({PROBE_LOOKUP, "local"}, on_driver("plain"));
}

TEST_CASE("the driver finds its own entries, while the loader is at work and later") {
  for (bool preload : {false, true}) {  // without us: the test's own premise
    INFO("preload " << preload);
    RunOptions options = on_driver("plain");
    options.preload = preload;
    CHECK_PROBE({PROBE_LOOKUP, "self"}, options);
    CHECK_PROBE({PROBE_LINKED, "self"}, options);
  }
}

TEST_CASE("eight threads look up and call at once") {
  CHECK_PROBE({PROBE_LOOKUP, "threads"}, on_driver("plain"));
  CHECK_PROBE({PROBE_LOOKUP, "threads"}, on_driver("private"));
}

TEST_CASE("fork, exit and switching off") {
  RunOptions linked{.preload = false};
  CHECK_PROBE({PROBE_LIFECYCLE, "fork_before"}, linked);
  CHECK_PROBE({PROBE_LIFECYCLE, "fork_after"}, linked);
  CHECK_PROBE({PROBE_LIFECYCLE, "exit"}, linked);
  CHECK_PROBE({PROBE_LIFECYCLE, "exit_inside"}, linked);
  CHECK_PROBE({PROBE_LIFECYCLE, "off"}, {.preload = false, .environment = {"NONANS_MODE=off"}});
  // The probe's check of "off" can fail.
  CHECK(run({PROBE_LIFECYCLE, "off"}, linked).status == 1);
}

TEST_CASE("the real CUDA runtime, static and shared, finds its driver through us") {
  for (const char* program : {PROBE_CUDART, PROBE_CUDART_SHARED}) {
    for (const char* driver : {"plain", "private", "folded", "noptsz", "old", "newer", "stub"}) {
      INFO(program << " on " << driver);
      // The fake computes nothing, so its cuInit says that there is no device: the runtime then
      // asks no further.
      Outcome without =
          run({program}, {.driver = driver, .preload = false, .environment = {"FAKE_INIT=100"}});
      Outcome with =
          run({program}, {.driver = driver, .environment = {"FAKE_INIT=100", "NONANS_MODE=off"}});
      CHECK(with.output == without.output);
      CHECK(with.status == without.status);
      CHECK(without.status == 0);
    }
  }
}

TEST_CASE("each request of the real CUDA runtime, static and shared, is routed") {
  auto log =
      std::filesystem::temp_directory_path() / ("nonans_requests_" + std::to_string(getpid()));
  for (const char* program : {PROBE_CUDART, PROBE_CUDART_SHARED}) {
    std::filesystem::remove(log);
    // Logged without us, who would ask the driver things of our own.
    Outcome runtime =
        run({program},
            {.preload = false, .environment = {"FAKE_INIT=100", "FAKE_LOG=" + log.string()}});
    CHECK(runtime.status == 0);
    // Both runtimes of 13.0 make 439 requests; that of another toolkit about as many.
    const char* requests = runtime.output.find("runtime 13000:") == 0 ? "439" : "400";
    for (const char* driver : {"plain", "private", "noptsz", "named"}) {
      INFO(program << " on " << driver);
      CHECK_PROBE({PROBE_RESOLVER, "replay", log.string(), requests}, on_driver(driver));
    }
  }
  std::filesystem::remove(log);
}

TEST_CASE("a process that never calls the driver does not notice us") {
  Outcome without = run({PROBE_LINKED, "footprint"}, {.preload = false});
  Outcome with = run({PROBE_LINKED, "footprint"});
  CHECK(without.status == 0);
  CHECK(with.output == without.output);  // the same threads and files, and not a word more
  CHECK(with.output.find("threads 1 ") == 0);
  Outcome shell = run({"/bin/sh", "-c", "ls / >/dev/null; echo done"}, {.driver = ""});
  CHECK(shell.output == "done\n");
}

// What holds for the library as it is shipped, not for one that carries a sanitizer itself.
#ifdef NONANS_SHIPPED

TEST_CASE("a program built with a sanitizer runs as without us") {
  for (const char* program : {BYSTANDER_ADDRESS, BYSTANDER_THREAD}) {
    INFO(program);
    // ASan insists on being the first library, which a preloaded one always is; everybody who
    // preloads says so.
    Outcome outcome = run({program}, {.environment = {"ASAN_OPTIONS=verify_asan_link_order=0"}});
    CHECK(outcome.output == "not a word from us, dlsym works\n");
    CHECK(outcome.status == 0);
  }
}

TEST_CASE("a process that never calls the driver starts less than a millisecond later") {
  // The fastest of many runs on either side: what is left is our own share, not the machine's mood.
  auto fastest = [](bool preload) {
    auto best = std::chrono::nanoseconds::max();
    for (int i = 0; i < 40; ++i) {
      auto begin = std::chrono::steady_clock::now();
      run({"/bin/true"}, {.driver = "", .preload = preload});
      best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - begin);
    }
    return std::chrono::duration<double, std::milli>(best).count();
  };
  double without = fastest(false), with = fastest(true);
  INFO("without us " << without << " ms, with us " << with << " ms");
  CHECK(with - without < 1.0);
}

#endif
