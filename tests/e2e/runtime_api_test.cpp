// SPDX-License-Identifier: MIT
// A program of the CUDA runtime API, built as `nvcc -cudart shared` does, with libnonans preloaded:
// its launches go through the library's own cuGetProcAddress requests, not through symbols of the
// program.
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "process.hpp"
#include "support/catch.hpp"

using nonans::test::Finished;
using nonans::test::Scratch;

namespace {

struct Run {
  Scratch scratch;
  std::string events = (scratch.path() / "events.jsonl").string();

  Finished with(std::map<std::string, std::string> environment) const {
    environment["LD_LIBRARY_PATH"] = NONANS_SOFT_DEVICE;
    environment["NONANS_EVENTS"] = events;
    return nonans::test::run({LOSSES_PROGRAM}, environment);
  }
  std::vector<nlohmann::json> read_events() const {
    std::vector<nlohmann::json> out;
    std::ifstream file(events);
    for (std::string line; std::getline(file, line);) out.push_back(nlohmann::json::parse(line));
    return out;
  }
};

}  // namespace

TEST_CASE("without the library the program has its NaN") {
  const Run run;
  const Finished done = run.with({});
  CHECK(done.exit_code == 0);
  CHECK(done.out == "1 of 1024 losses are not finite; the first is 0.693147; cudaSuccess\n");
}

TEST_CASE("the NaN of a runtime program is found, named and repaired") {
  const Run run;
  const Finished done = run.with({{"LD_PRELOAD", NONANS_LIBRARY}});
  CHECK(done.exit_code == 0);
  CHECK(done.out == "0 of 1024 losses are not finite; the first is 0.693147; cudaSuccess\n");
  const auto events = run.read_events();
  REQUIRE(events.size() == 1);
  CHECK(events[0]["kernel"] == "losses(float const*, float*, int)");
  CHECK(events[0]["arg"] == 1);
  CHECK(events[0]["first_index"] == 77);
  CHECK(events[0]["origin"] == "origin");
  CHECK(events[0]["resolution"] == "repaired");
  CHECK(events[0]["repaired"] == 1);
}

TEST_CASE("observing reports the NaN of a runtime program and leaves it") {
  const Run run;
  const Finished done = run.with({{"LD_PRELOAD", NONANS_LIBRARY}, {"NONANS_MODE", "observe"}});
  CHECK(done.exit_code == 0);
  CHECK(done.out == "1 of 1024 losses are not finite; the first is 0.693147; cudaSuccess\n");
  const auto events = run.read_events();
  REQUIRE(events.size() == 1);
  CHECK(events[0]["nan"] == 1);
  CHECK(events[0]["resolution"] == "would_repair");
}
