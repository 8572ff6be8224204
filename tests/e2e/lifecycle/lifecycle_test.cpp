// SPDX-License-Identifier: MIT
// Processes that begin, fork, are interrupted and end in every way, with the library preloaded:
// what they print and how they end must be as without it. NONANS_MODE=observe, so that values stay.
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "process.hpp"
#include "support/catch.hpp"

using nonans::test::Finished;
using nonans::test::Scratch;

namespace {

using Environment = std::map<std::string, std::string>;

struct Run {
  Finished done;
  size_t events = 0;
};

Run run(std::vector<std::string> command, const std::string& preload,
        Environment environment = {}) {
  const Scratch scratch;
  const std::string path = (scratch.path() / "events-%p.jsonl").string();
  environment.emplace("LD_LIBRARY_PATH", SOFTGPU_FOLDER);
  environment.emplace("SOFTGPU_DEVICES", "2");
  environment.emplace("LIFECYCLE_PLUGIN", LIFECYCLE_PLUGIN);
  environment.emplace("NONANS_EVENTS", path);
  environment.emplace("NONANS_MODE", "observe");
  if (!preload.empty()) environment.emplace("LD_PRELOAD", preload);
  // A hang is a failure with a name.
  command.insert(command.begin(), {"/usr/bin/timeout", "--signal=KILL", "60"});
  Run run{nonans::test::run(command, environment)};
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path())) {
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);)
      run.events += nlohmann::json::parse(line).contains("kernel");
  }
  return run;
}

Run with(const std::string& scenario, Environment environment = {}) {
  return run({LIFECYCLE_PROGRAM, PTX_IMAGE, scenario}, NONANS_LIBRARY, std::move(environment));
}
Run without(const std::string& scenario, Environment environment = {}) {
  return run({LIFECYCLE_PROGRAM, PTX_IMAGE, scenario}, "", std::move(environment));
}

// Ran with the library as it does without; the same status and the same output.
Run as_without(const std::string& scenario) {
  const Run plain = without(scenario);
  Run watched = with(scenario);
  INFO(scenario << "\nwithout: " << plain.done.out << plain.done.err
                << "\nwith: " << watched.done.out << watched.done.err);
  CHECK(watched.done.exit_code == plain.done.exit_code);
  CHECK(watched.done.out == plain.done.out);
  return watched;
}

}  // namespace

TEST_CASE("ends that run the exit handlers") {
  for (const char* scenario : {"return", "exit-in-thread", "main-ends-first"}) {
    INFO(scenario);
    const Run run = as_without(scenario);
    CHECK(run.done.exit_code == 7);
    CHECK(run.events >= 1);
    CHECK(run.done.err.find("1 event") != std::string::npos);
  }
}

TEST_CASE("ends that run none, or are a signal's") {
  CHECK(as_without("_exit").done.exit_code == 7);
  CHECK(as_without("quick_exit").done.exit_code == 7);
  CHECK(as_without("sigterm").done.exit_code == 128 + 15);
  CHECK(as_without("abort").done.exit_code == 128 + 6);
}

TEST_CASE("a standard error that nobody reads") {
  const Run run = as_without("deaf-stderr");
  CHECK(run.done.exit_code == 7);
  CHECK(run.events == 1);
}

TEST_CASE("timers that interrupt everything") {
  CHECK(as_without("signals").events > 0);
}

TEST_CASE("exceptions pass through the program's frames and through callbacks") {
  CHECK(as_without("exceptions").events > 0);
}

TEST_CASE("threads that are born and die") {
  CHECK(as_without("threads").events > 0);
}

TEST_CASE("fork") {
  CHECK(as_without("fork-before").events == 2);
  const Run after = as_without("fork-after");
  CHECK(after.events == 2);
  // No child speaks for itself, not even one of a bare clone.
  const std::string& err = after.done.err;
  CHECK(err.find(" launches: ") == err.rfind(" launches: "));
  as_without("fork-busy");
  CHECK(as_without("fork-exec").events == 1);
}

TEST_CASE("contexts: several, of several devices, pushed and popped") {
  CHECK(as_without("several").events == 4);
  CHECK(as_without("popped-to").events == 2);
  CHECK(as_without("attach").events == 3);
}

TEST_CASE("contexts: the primary context goes and comes back") {
  CHECK(as_without("primary-again").events == 6);
}

TEST_CASE("contexts: released by us, held by another") {
  CHECK(as_without("held-by-another").events > 0);
}

TEST_CASE("contexts: reset or destroyed under way") {
  as_without("reset-while-launching");
  CHECK(as_without("destroyed-from-outside").events > 1);
  CHECK(as_without("without-context").events == 1);
}

TEST_CASE("contexts: first seen late") {
  CHECK(as_without("seen-late").events == 1);
  CHECK(as_without("unannounced").events > 0);
  CHECK(as_without("seen-in-capture").events >= 1);
}

TEST_CASE("the driver, or a library that uses it, is closed") {
  CHECK(as_without("driver-closed").events == 3);
  CHECK(as_without("plugin").events == 3);
  CHECK(as_without("late-driver").events == 1);
}

TEST_CASE("RTLD_DEEPBIND passes us by: as without us") {
  CHECK(as_without("deepbind").events == 0);
}

TEST_CASE("opened late, with dlopen") {
  const Environment late = {{"LATE_LIBRARY", NONANS_LIBRARY}};
  const Run run = without("opened-late", late);
  INFO(run.done.out << run.done.err);
  CHECK(run.done.exit_code == 0);
  CHECK(run.done.out == "out 4 inf\nanother 4 inf\n");
  CHECK(run.done.err.find("LD_PRELOAD") != std::string::npos);
  CHECK(std::count(run.done.err.begin(), run.done.err.end(), '\n') == 1);
}

TEST_CASE("another wrapper before and behind us") {
  const std::string ours = NONANS_LIBRARY, other = WRAPPER_LIBRARY;
  for (const std::string& preload : {ours + ":" + other, other + ":" + ours}) {
    INFO(preload);
    const Run run = ::run({LINKED_PROGRAM, PTX_IMAGE}, preload);
    INFO(run.done.out << run.done.err);
    CHECK(run.done.exit_code == 0);
    CHECK(run.done.out == "out 4 inf\nwrapped 3\n");
    CHECK(run.events == 3);
  }
}

TEST_CASE("another allocator before and behind us") {
  const std::string ours = NONANS_LIBRARY, other = MALLOC_LIBRARY;
  for (const std::string& preload : {ours + ":" + other, other + ":" + ours}) {
    INFO(preload);
    const Run plain = without("threads");
    const Run run = ::run({LIFECYCLE_PROGRAM, PTX_IMAGE, "threads"}, preload);
    INFO(run.done.out << run.done.err);
    CHECK(run.done.exit_code == 0);
    CHECK(run.done.out == plain.done.out);
    CHECK(run.events > 0);
  }
}

#ifdef INSIDE_PROGRAM
// The loader ignores LD_PRELOAD here; a program may have the library inside all the same. What the
// user says in the environment must not make it write files with the owner's rights.
TEST_CASE("a set-user-ID program runs as without us") {
  if (geteuid() != 0) {
    WARN("skipped: only root can make a set-user-ID program of another user's");
    return;
  }
  namespace fs = std::filesystem;
  const Scratch scratch;
  const fs::path program = scratch.path() / "program";
  fs::copy_file(INSIDE_PROGRAM, program);
  constexpr fs::perms kAll = fs::perms{0755};
  fs::permissions(scratch.path(), kAll);
  fs::permissions(program, kAll);
  // Without the bit it is watched: the premise of what follows.
  const Run plain = ::run({program.string(), PTX_IMAGE, "secure"}, "");
  INFO(plain.done.out << plain.done.err);
  CHECK(plain.done.out == "secure 0\nout 4 inf\n");
  CHECK(plain.events == 3);

  fs::permissions(program, kAll | fs::perms::set_uid);
  const Run secure = ::run({AS_NOBODY, program.string(), PTX_IMAGE, "secure"}, "");
  INFO(secure.done.out << secure.done.err);
  if (secure.done.out.starts_with("secure 0")) {
    WARN("skipped: set-user-ID bits do not count here (nosuid)");
    return;
  }
  CHECK(secure.done.exit_code == 0);
  CHECK(secure.done.out == "secure 1\nout 4 inf\n");
  CHECK(secure.done.err == "");
  CHECK(secure.events == 0);
}
#endif

#ifdef ADDRESS_PROGRAM
// The sanitizer's library first, as it demands; or behind us, as with NoNans in LD_PRELOAD alone.
// It looks for leaks when the exit handlers have run: what we keep to the end must not be one.
TEST_CASE("a program built with AddressSanitizer") {
  const std::string ours = NONANS_LIBRARY, theirs = ADDRESS_LIBRARY;
  for (const std::string& preload : {theirs + " " + ours, ours}) {
    INFO(preload);
    const Run run =
        ::run({ADDRESS_PROGRAM, PTX_IMAGE}, preload,
              {{"ASAN_OPTIONS", "verify_asan_link_order=0"}, {"NONANS_MODE", "resolve"}});
    INFO(run.done.out << run.done.err);
    CHECK(run.done.exit_code == 0);
    CHECK(run.done.out == "out 4 3.40282e+38\n");
    CHECK(run.events == 3);
    CHECK(run.done.err.find("Sanitizer") == std::string::npos);
  }
}
#endif
