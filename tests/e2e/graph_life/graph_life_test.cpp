// SPDX-License-Identifier: MIT
// Graphs from the first instantiation to the last launch: what they read is freed, steps are
// counted, updates are refused, launches are captured. Each scenario is also run without the
// library: what the program prints must be the same in observe mode.
#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "process.hpp"
#include "support/catch.hpp"

using nlohmann::json;
using nonans::test::Finished;
using nonans::test::Scratch;

namespace {

struct Run {
  Finished done;
  std::vector<json> events;
};

Run run(const std::string& scenario, const char* mode) {
  const Scratch scratch;
  std::map<std::string, std::string> environment = {{"LD_LIBRARY_PATH", SOFTGPU_FOLDER}};
  const std::string path = (scratch.path() / "events.jsonl").string();
  if (mode) {
    environment.emplace("LD_PRELOAD", NONANS_LIBRARY);
    environment.emplace("NONANS_MODE", mode);
    environment.emplace("NONANS_EVENTS", path);
  }
  Run result{nonans::test::run({GRAPH_LIFE_PROGRAM, PTX_IMAGE, scenario}, environment), {}};
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) result.events.push_back(json::parse(line));
  INFO("stdout: " << result.done.out << "stderr: " << result.done.err);
  REQUIRE(result.done.exit_code == 0);
  return result;
}

// The same bytes on stdout as without the library.
Run observed(const std::string& scenario) {
  const Run with = run(scenario, "observe");
  CHECK(with.done.out == run(scenario, nullptr).done.out);
  return with;
}

size_t count(const Run& run, const std::string& key, const json& value) {
  return static_cast<size_t>(
      std::count_if(run.events.begin(), run.events.end(),
                    [&](const json& event) { return event.at(key) == value; }));
}

}  // namespace

TEST_CASE("a scan of memory that was freed does not run") {
  const Run seen = observed("freed");
  REQUIRE(seen.events.size() == 1);
  CHECK(seen.events[0]["kernel"] == "square_if");
  CHECK(seen.events[0]["replay"] == 1);
}

TEST_CASE("memory that came back at the same address is looked at again") {
  const Run seen = observed("reused");
  const bool same = seen.done.out.find("same address: 1") != std::string::npos;
  CHECK(seen.events.size() == (same ? 2 : 1));
}

TEST_CASE("a replay is told by its training step") {
  const Run seen = observed("steps");
  REQUIRE(seen.events.size() == 1);
  CHECK(seen.events[0]["captured"] == true);
  CHECK(seen.events[0]["replay"] == 7);
  CHECK(seen.events[0]["step"] == 7);
}

TEST_CASE("refused updates are explained as without the library, good ones are taken") {
  const Run seen = observed("refused");
  CHECK(seen.done.out.find("another kind: 910, 3,") != std::string::npos);
  CHECK(seen.done.out.find("other kernels: 0, 0,") != std::string::npos);
}

TEST_CASE("a captured launch of a graph has the graph's own nodes") {
  const Run seen = observed("captured");
  CHECK(count(seen, "kernel", "square") == 3);
  CHECK(count(seen, "captured", true) == 3);
}

TEST_CASE("counters come back from graphs that are gone") {
  const Run seen = observed("many");
  CHECK(seen.events.size() == 4 * 300);
  CHECK(count(seen, "replay", 1) == 4 * 300);
}

TEST_CASE("edges and nodes that were added, removed or turned are followed") {
  const Run seen = observed("changed");
  // Two kernels, three, and two; nothing of the first two graphs is lost by what came later, except
  // behind the node that was destroyed.
  CHECK(count(seen, "origin", "origin") >= 5);
  const Run repaired = run("changed", "resolve");
  CHECK(count(repaired, "resolution", "repaired") == count(seen, "origin", "origin"));
}

TEST_CASE("behind a kernel that lets others start early a scan only looks") {
  observed("programmatic");
  const Run resolved = run("programmatic", "resolve");
  REQUIRE(resolved.events.size() == 2);
  CHECK(count(resolved, "origin", "raced") == 1);
  CHECK(count(resolved, "resolution", "repaired") == 1);  // nobody waits for the second kernel
}

TEST_CASE("memory that a graph allocates for itself is looked at, and repaired") {
  const Run seen = observed("memory");
  CHECK(count(seen, "origin", "origin") == 2);
  CHECK(count(seen, "origin", "propagated") == 2);
  const Run resolved = run("memory", "resolve");
  CHECK(count(resolved, "resolution", "repaired") >= 2);
}
