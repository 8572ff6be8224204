// SPDX-License-Identifier: MIT
// A program that profiles itself and the library beside it, on the software device: the program
// gets its records whole and its results as they would be, and non-finite values are found and
// repaired before, during and after. And: images and buffers from CUPTI alone, and from hooks
// alone.
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "process.hpp"
#include "support/catch.hpp"

using nonans::test::Finished;
using nonans::test::Scratch;

namespace {

struct Run {
  Finished done;

  // The lines of the program that begin with `word`.
  std::vector<std::string> lines(const std::string& word) const {
    std::vector<std::string> found;
    std::istringstream in(done.out);
    for (std::string line; std::getline(in, line);)
      if (line.starts_with(word + " ")) found.push_back(line);
    return found;
  }
  bool said(const std::string& text) const { return done.err.find(text) != std::string::npos; }
};

Run run_program(const std::vector<std::string>& command, bool preload,
                std::map<std::string, std::string> environment = {}) {
  const Scratch scratch;
  environment.emplace("LD_LIBRARY_PATH", SOFTGPU_FOLDER);
  if (preload) {
    environment.emplace("LD_PRELOAD", NONANS_LIBRARY);
    environment.emplace("NONANS_EVENTS", (scratch.path() / "events.jsonl").string());
    environment.emplace("NONANS_DEBUG", "info");
  }
  Run run{nonans::test::run(command, environment)};
  INFO("stdout: " << run.done.out << "stderr: " << run.done.err);
  REQUIRE(run.done.exit_code == 0);
  return run;
}

using Environment = std::map<std::string, std::string>;

// The program by its ways to libcupti.
std::vector<std::string> linked(const std::string& scenario) {
  return {LINKED_PROGRAM, PTX_IMAGE, scenario};
}
std::vector<std::string> opening(const std::string& scenario, const std::string& library) {
  return {OPENING_PROGRAM, PTX_IMAGE, scenario, library};
}

// No call of the program's waited as long as it would if it waited for us in vain (500 ms).
void check_nothing_blocked(const Run& run) {
  const std::vector<std::string> longest = run.lines("longest");
  REQUIRE(longest.size() == 1);
  CHECK(std::stol(longest[0].substr(8)) < 500);
}

}  // namespace

TEST_CASE("profiles taken in the middle of a run are what they are without the library") {
  const auto command = GENERATE(linked("windows"), opening("windows", "libcupti.so.13"),
                                opening("windows", "libcupti.so.12"));
  const Environment environment = GENERATE(Environment{}, Environment{{"NONANS_CUPTI", "on"}},
                                           Environment{{"NONANS_CUPTI", "off"}});
  INFO(command[0] << " " << command.back());
  const Run alone = run_program(command, false);
  REQUIRE(alone.lines("window").size() == 3);
  for (const std::string& window : alone.lines("window"))
    REQUIRE(window ==
            "window subscribe 0 second 39 enable 0 unsubscribe 0 finalize -1 failures 0 | "
            "square 5 distinct 5 copies 10 allocations 10 releases 10");
  REQUIRE(alone.lines("also").empty());

  const Run with = run_program(command, true, environment);
  INFO(with.done.err);
  CHECK(with.lines("window") == alone.lines("window"));
  // The time that a scan takes on the device is in the program's own trace, under its name.
  for (const std::string& also : with.lines("also")) CHECK(also == "also nonans_scan");
  CHECK(with.lines("before") == std::vector<std::string>{"before finite 5 of 5"});
  CHECK(with.lines("during") == std::vector<std::string>(3, "during finite 5 of 5"));
  CHECK(with.lines("after") == std::vector<std::string>(3, "after finite 5 of 5"));
  check_nothing_blocked(with);
}

TEST_CASE("the place is ours before and after, and the program's as long as it wants it") {
  const Run with = run_program(linked("windows"), true);
  INFO(with.done.err);
  CHECK(with.said("CUPTI on"));
  CHECK(with.said("CUPTI: subscribed 4 times, given up for the program 3 times"));
  const Run opened = run_program(opening("windows", "libcupti.so.13"), true);
  INFO(opened.done.err);
  CHECK(opened.said("CUPTI not loaded"));
  CHECK(opened.said("CUPTI: subscribed 3 times, given up for the program 2 times"));
}

TEST_CASE("results of the program's calls are CUPTI's own, whoever had the place") {
  const Run alone = run_program(linked("holder"), false);
  const Run with = run_program(linked("holder"), true);
  INFO(with.done.out << with.done.err);
  for (const char* word : {"subscribe", "subscribed", "null", "unsubscribe", "again", "left"})
    CHECK(with.lines(word) == alone.lines(word));
  CHECK(with.lines("subscribe") == std::vector<std::string>{"subscribe 0"});
  CHECK(with.lines("subscribed") == std::vector<std::string>{"subscribed 39"});
  // Asked past the exports, the place is found taken, by us, before and after.
  CHECK(alone.lines("unused") == std::vector<std::string>(2, "unused 0"));
  CHECK(with.lines("unused") == std::vector<std::string>(2, "unused 39"));
}

TEST_CASE("a place that somebody took past the exports is left to him") {
  const Run opened = run_program(opening("holder", "libcupti.so.13"), true);
  INFO(opened.done.out << opened.done.err);
  // Before the program asked for CUPTI there was none to subscribe to.
  CHECK(opened.lines("unused") == std::vector<std::string>{"unused 0", "unused 39"});
}

TEST_CASE("profiles are whole while other threads allocate and load without end") {
  const auto command = GENERATE(linked("churn"), opening("churn", "libcupti.so.13"));
  const Run with = run_program(command, true);
  INFO(with.done.err);
  const std::vector<std::string> windows = with.lines("window");
  CHECK(windows == std::vector<std::string>(
                       20,
                       "window subscribe 0 second 39 enable 0 unsubscribe 0 finalize -1 failures 0 "
                       "| square 5 distinct 5 copies 10 allocations 10 releases 10"));
  CHECK(with.lines("during") == std::vector<std::string>(20, "during finite 5 of 5"));
  check_nothing_blocked(with);
}

TEST_CASE("a program that shuts CUPTI down has it shut down for good") {
  const Run with = run_program(linked("finalize"), true);
  INFO(with.done.err);
  REQUIRE(with.lines("window").size() == 1);
  CHECK(with.lines("window")[0].find("finalize 0 failures 0 | square 5") != std::string::npos);
  CHECK(with.lines("after") == std::vector<std::string>{"after finite 5 of 5"});
  CHECK(with.said("CUPTI: subscribed once, given up for the program once"));
}

TEST_CASE("memory and code that no hook sees are known through CUPTI") {
  const Run alone = run_program(linked("unseen"), false);
  CHECK(alone.lines("unseen") == std::vector<std::string>{"unseen non-finite"});
  const Run with = run_program(linked("unseen"), true);
  INFO(with.done.err);
  CHECK(with.lines("unseen") == std::vector<std::string>{"unseen finite"});
  CHECK(with.said("from it 1 image and 2 buffers"));
  const Run without = run_program(linked("unseen"), true, {{"NONANS_CUPTI", "off"}});
  CHECK(without.lines("unseen") == std::vector<std::string>{"unseen non-finite"});
}

TEST_CASE("images and buffers from CUPTI alone, and from hooks alone") {
  const auto command = opening("windows", "libcupti.so.13");
  const Run hooks = run_program(command, true, {{"NONANS_SOURCES", "hooks"}});
  CHECK(hooks.said("CUPTI off"));
  CHECK_FALSE(hooks.said("CUPTI: subscribed"));
  CHECK(hooks.lines("before") == std::vector<std::string>{"before finite 5 of 5"});
  CHECK(hooks.lines("during") == std::vector<std::string>(3, "during finite 5 of 5"));

  const Run cupti = run_program(command, true, {{"NONANS_SOURCES", "cupti"}});
  INFO(cupti.done.err);
  CHECK(cupti.said("CUPTI on"));
  CHECK(cupti.lines("before") == std::vector<std::string>{"before finite 5 of 5"});
  // While the program has the place, nobody tells of its buffers; what is unknown is left alone.
  CHECK(cupti.lines("during") == std::vector<std::string>(3, "during finite 0 of 5"));
  CHECK(cupti.said("given up for the program 3 times; from it 1 image and "));
}

TEST_CASE("a runtime program from CUPTI alone") {
  const Run alone = run_program({LOSSES_PROGRAM}, false);
  CHECK(alone.done.out.starts_with("1 of 1024 losses are not finite"));
  const Run cupti = run_program({LOSSES_PROGRAM}, true, {{"NONANS_SOURCES", "cupti"}});
  INFO(cupti.done.err);
  CHECK(cupti.done.out.starts_with("0 of 1024 losses are not finite"));
  CHECK(cupti.said("from it 1 image and "));
}

TEST_CASE("machine code is what CUPTI shows of an image that has some, and is not analysed yet") {
  const Run cupti = run_program({OPENING_PROGRAM, FAT_IMAGE, "windows", "libcupti.so.13"}, true,
                                {{"NONANS_SOURCES", "cupti"}});
  CHECK(cupti.lines("before") == std::vector<std::string>{"before finite 0 of 5"});
}

TEST_CASE("CUPTI alone without a CUPTI says that nothing is known") {
  // A copy of the driver alone, in a folder that has no libcupti.
  const Scratch scratch;
  std::filesystem::copy_file(SOFTGPU_FOLDER "/libcuda.so.1", scratch.path() / "libcuda.so.1");
  const Run run =
      run_program({LOSSES_PROGRAM}, true,
                  {{"NONANS_SOURCES", "cupti"},
                   {"LD_LIBRARY_PATH", scratch.path().string() + ":" SOFTGPU_FOLDER "/.no"}});
  CHECK(run.said("no kernel and no buffer is known"));
}

// CUDA_INJECTION64_PATH: the driver opens the library, too late for its hooks.
namespace {

Run injected(const std::vector<std::string>& command, Environment environment = {}) {
  environment.emplace("CUDA_INJECTION64_PATH", NONANS_LIBRARY);
  return run_program(command, false, environment);
}

}  // namespace

TEST_CASE(
    "brought in by the driver, the library counts, says that it only does that, and repairs "
    "nothing") {
  const Run alone = run_program({LOSSES_PROGRAM}, false);
  const Run run = injected({LOSSES_PROGRAM});
  CHECK(run.done.out == alone.done.out);
  INFO(run.done.err);
  CHECK(std::regex_match(
      run.done.err,
      std::regex(
          "nonans 0\\.1\\.0: loaded by CUDA_INJECTION64_PATH: counts launches, images and "
          "allocations through CUPTI; values are looked at and repaired with LD_PRELOAD only\n"
          "nonans: seen through CUPTI: 1 launch, 0 graph launches, 1 image \\([0-9]+ bytes\\), "
          "2 allocations \\(at most 8192 bytes live\\)\n")));
}

TEST_CASE("brought in by the driver and switched off or kept quiet, it says nothing") {
  const Run alone = run_program({LOSSES_PROGRAM}, false);
  for (const char* setting : {"NONANS_MODE", "NONANS_QUIET"}) {
    const Run run = injected({LOSSES_PROGRAM},
                             {{setting, std::string(setting) == "NONANS_MODE" ? "off" : "1"}});
    CHECK(run.done.out == alone.done.out);
    CHECK(run.done.err.empty());
  }
}

TEST_CASE("brought in by the driver without CUPTI, it says that nothing is observed") {
  const Run run = injected({LOSSES_PROGRAM}, {{"NONANS_CUPTI", "off"}});
  CHECK(run.done.err ==
        "nonans 0.1.0: loaded by CUDA_INJECTION64_PATH, but CUPTI is switched off: nothing is "
        "observed\n");
}

TEST_CASE("preloaded and brought in by the driver, it is there once, with its hooks") {
  const Run run = run_program({LOSSES_PROGRAM}, true, {{"CUDA_INJECTION64_PATH", NONANS_LIBRARY}});
  CHECK(run.done.out.starts_with("0 of 1024 losses are not finite"));
  CHECK_FALSE(run.said("CUDA_INJECTION64_PATH"));
}

TEST_CASE(
    "a tool that the driver brought in keeps the place from the program's profiler, as any does") {
  const Run run = injected(opening("holder", "libcupti.so.13"));
  CHECK(run.lines("subscribe") == std::vector<std::string>{"subscribe 39"});
  CHECK(run.lines("before") == std::vector<std::string>{"before finite 0 of 5"});
}
