// SPDX-License-Identifier: MIT
// What is refused to the library itself: the program must not notice.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "report.hpp"
#include "support/catch.hpp"

using hostile::How;
using hostile::Ran;
using hostile::run_faulty;
using nonans::test::Scratch;

namespace {

const std::string kBoth = LOCK_WATCH " " FAILING_MALLOC " " NONANS_LIBRARY;

void check_all_refused(const std::vector<std::string>& how, int at_least) {
  std::vector<std::string> command{OWN_FAILURES, PTX_IMAGE};
  command.insert(command.end(), how.begin(), how.end());
  const Ran ran = run_faulty(command, {.preload = kBoth});
  INFO(ran.text());
  CHECK(ran.done.exit_code == 0);
  long own = 0;
  int runs = 0, unrepaired = 0;
  REQUIRE(std::sscanf(ran.done.out.c_str(), "%ld own, %d runs, %d without", &own, &runs,
                      &unrepaired) == 3);
  CHECK(own >= at_least);
  CHECK(runs >= at_least);
  // Something was lost: the refusals reached the library.
  CHECK(unrepaired > 0);
}

// The workload under a shell that prepares descriptors.
Ran workload(const std::string& redirections, std::map<std::string, std::string> environment = {}) {
  Ran ran = run_faulty(
      {"/bin/bash", "-c", "exec \"$0\" \"$1\" workload " + redirections, OWN_FAILURES, PTX_IMAGE},
      {.environment = std::move(environment)});
  // How many calls the library made depends on what was still running when.
  ran.done.out.resize(std::min(ran.done.out.size(), ran.done.out.rfind("\ncalls ")));
  return ran;
}

}  // namespace

TEST_CASE("each driver call that the library makes is refused for want of memory") {
  check_all_refused({"calls", "before", "2"}, 100);
}

TEST_CASE("each driver call that the library makes is done, and said to have failed") {
  check_all_refused({"calls", "after", "700"}, 100);
}

TEST_CASE("each allocation that the library makes fails") {
  check_all_refused({"allocations", "once", "-"}, 100);
}

TEST_CASE("from some allocation on the library gets no more memory") {
  check_all_refused({"allocations", "forever", "-"}, 100);
}

TEST_CASE("standard error is closed, or a pipe that nobody reads any more") {
  const Ran open = workload("");
  REQUIRE(open.done.exit_code == 0);
  REQUIRE(open.done.err.find("nonans") != std::string::npos);
  const Scratch scratch;
  const std::string events = (scratch.path() / "events.jsonl").string();
  const std::string how =
      GENERATE(std::string("2>&-"), std::string("0<&- 2>&-"), std::string("2> >(exec true)"));
  // Let the reader of the pipe be gone before the first line.
  const Ran ran = workload(how, {{"NONANS_EVENTS", events}});
  INFO(how << "\n" << ran.text());
  CHECK(ran.done.exit_code == 0);
  CHECK(ran.done.out == open.done.out);
  std::ifstream file(events);
  int lines = 0;
  for (std::string line; std::getline(file, line); ++lines) CHECK(nlohmann::json::accept(line));
  CHECK(lines > 10);
}

TEST_CASE(
    "the disk is full, or the events have no place: one line says so, and the program goes on") {
  const Ran good = workload("");
  REQUIRE(good.done.exit_code == 0);
  const std::string path = GENERATE(std::string("/dev/full"), std::string("/proc/nonans/x.jsonl"),
                                    std::string("/dev/null/x.jsonl"));
  const Ran ran = workload("", {{"NONANS_EVENTS", path}});
  INFO(path << "\n" << ran.text());
  CHECK(ran.done.exit_code == 0);
  CHECK(ran.done.out == good.done.out);
  const size_t first = ran.done.err.find(path + ": ");
  REQUIRE(first != std::string::npos);
  CHECK(ran.done.err.find(path + ": ", first + 1) == std::string::npos);
  CHECK(ran.all("locked ") == 0);
}
