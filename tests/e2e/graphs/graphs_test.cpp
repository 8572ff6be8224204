// SPDX-License-Identifier: MIT
// Graphs of every form with the library preloaded: a NaN born in execution 1,000 is reported with
// its kernel, and repaired where that was asked for; and the program is told what it is told
// without us.
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "e2e/process.hpp"
#include "support/catch.hpp"

using nlohmann::json;
using nonans::test::Finished;
using nonans::test::Scratch;

namespace {

constexpr unsigned kExecutions = 1003, kAt = 1000;

struct Run {
  std::string told, sum, err;  // `sum`: the last line
  std::vector<json> events;
};

Run run_form(const std::string& form, unsigned at, const std::string& mode) {
  const Scratch scratch;
  const std::string events = (scratch.path() / "events.jsonl").string();
  std::map<std::string, std::string> environment{{"LD_LIBRARY_PATH", SOFTGPU_FOLDER}};
  if (!mode.empty()) {
    environment["LD_PRELOAD"] = NONANS_LIBRARY;
    environment["NONANS_MODE"] = mode;
    environment["NONANS_EVENTS"] = events;
  }
  const Finished done = nonans::test::run(
      {GRAPH_PROGRAM, GRAPH_IMAGE, form, std::to_string(kExecutions), std::to_string(at)},
      environment);
  INFO(form << ' ' << mode << "\nstdout: " << done.out << "\nstderr: " << done.err);
  REQUIRE(done.exit_code == 0);
  const size_t last = done.out.rfind("\nsum ");
  REQUIRE(last != std::string::npos);
  Run run{done.out.substr(0, last), done.out.substr(last), done.err, {}};
  std::ifstream file(events);
  for (std::string line; std::getline(file, line);) run.events.push_back(json::parse(line));
  return run;
}

std::string listed(const Run& run) {
  std::string text = run.err;
  for (const json& event : run.events) text += event.dump() + "\n";
  return text;
}

// The one event that says where it began.
const json* birth(const Run& run) {
  const auto is_birth = [](const json& e) { return e["kernel"] == "born"; };
  const auto it = std::find_if(run.events.begin(), run.events.end(), is_birth);
  if (std::count_if(run.events.begin(), run.events.end(), is_birth) != 1) return nullptr;
  return &*it;
}

// `replay`: which execution of its node it is; where the node is in one executable graph only, the
// NaN's own number.
void check_form(const std::string& form, unsigned replay = kAt) {
  const Run clean = run_form(form, 0, ""), alone = run_form(form, kAt, "");
  REQUIRE(alone.sum != clean.sum);  // the NaN is born, and stays

  const Run observed = run_form(form, kAt, "observe");
  INFO(listed(observed));
  CHECK(observed.told == alone.told);
  CHECK(observed.sum == alone.sum);
  const json* const seen = birth(observed);
  REQUIRE(seen);
  CHECK((*seen)["captured"] == true);
  CHECK((*seen)["replay"] == replay);
  CHECK((*seen)["origin"] == "origin");
  CHECK((*seen)["resolution"] == "would_repair");
  CHECK((*seen)["nan"] == 1);
  CHECK((*seen)["first_index"] == 5);

  const Run resolved = run_form(form, kAt, "resolve");
  INFO(listed(resolved));
  CHECK(resolved.told == alone.told);
  CHECK(resolved.sum == clean.sum);  // 0/0 became 0, which is what 0/2 is
  const json* const repaired = birth(resolved);
  REQUIRE(repaired);
  CHECK(resolved.events.size() == 1);
  CHECK((*repaired)["replay"] == replay);
  CHECK((*repaired)["resolution"] == "repaired");
}

}  // namespace

TEST_CASE("a NaN born in replay 1,000 of a captured graph is reported and repaired") {
  for (const char* const form :
       {"captured-global", "captured-thread-local", "captured-relaxed", "captured-onto", "forked"})
    check_form(form);
}
TEST_CASE("a NaN born in replay 1,000 of an explicit graph is reported and repaired") {
  for (const char* const form : {"explicit-v1", "explicit-v2", "explicit-any", "explicit-any-v2"})
    check_form(form);
}
TEST_CASE("a NaN born in replay 1,000 of an updated graph is reported and repaired") {
  for (const char* const form : {"updated", "updated-v1", "parameters", "parameters-and-buffer"})
    check_form(form);
}
TEST_CASE("a NaN born in replay 1,000 of an edited graph is reported and repaired") {
  check_form("edited");
  check_form("cloned");
  check_form("graph-destroyed");
}
TEST_CASE("a node that is switched off and on again is looked at when it is executed") {
  check_form("disabled", kAt - 5);
}
TEST_CASE("a NaN born in replay 1,000 of a nested graph is reported and repaired") {
  check_form("nested");
  check_form("nested-twice");
}
TEST_CASE("a NaN born in replay 1,000 of a conditional body is reported and repaired") {
  for (const char* const form : {"if", "switch", "while"}) check_form(form);
}
TEST_CASE(
    "a NaN born in replay 1,000 of a graph that allocates its memory is reported and repaired") {
  check_form("memory-nodes");
}
TEST_CASE("two executables of one graph count their own replays") {
  check_form("two-executables", kAt / 2);
  check_form("two-executables-two-streams", kAt / 2);
}
TEST_CASE("a NaN born in replay 1,000 is found however the graph is instantiated and launched") {
  for (const char* const form : {"two-streams", "uploaded", "auto-free", "node-priority"})
    check_form(form);
}
