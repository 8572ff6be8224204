// SPDX-License-Identifier: MIT
// The walk with and without the library: the same lines. More seeds than these:
//
//   NONANS_WALK_SEEDS=500 walk_test
#include <cstdlib>
#include <regex>
#include <sstream>

#include "e2e/process.hpp"
#include "support/catch.hpp"

using nonans::test::Finished;
using nonans::test::Scratch;

namespace {

unsigned seeds() {
  const char* const wanted = std::getenv("NONANS_WALK_SEEDS");
  return wanted ? static_cast<unsigned>(std::atoi(wanted)) : 5;
}

Finished walk(const std::string& family, unsigned seed, const std::string& mode) {
  const Scratch scratch;
  std::map<std::string, std::string> environment{{"LD_LIBRARY_PATH", SOFTGPU_FOLDER}};
  if (!mode.empty()) {
    environment["LD_PRELOAD"] = NONANS_LIBRARY;
    environment["NONANS_MODE"] = mode;
    environment["NONANS_EVENTS"] = (scratch.path() / "events.jsonl").string();
  }
  Finished done = nonans::test::run({WALK_PROGRAM, WALK_IMAGE, family, std::to_string(seed), "300"},
                                    environment);
  INFO(done.err);
  REQUIRE(done.exit_code == 0);
  return done;
}

// Where two transcripts part, with the lines that led there.
std::string first_difference(const std::string& a, const std::string& b) {
  std::istringstream left(a), right(b);
  std::string before, l, r;
  for (size_t line = 1;; ++line) {
    const bool more = static_cast<bool>(std::getline(left, l));
    if (more != static_cast<bool>(std::getline(right, r)) || l != r)
      return "line " + std::to_string(line) + "\n" + before + "alone:   " + l + "\nwatched: " + r;
    if (!more) return "";
    before = (before.size() > 600 ? before.substr(before.size() - 600) : before) + l + "\n";
  }
}

void compare(const std::string& family, const std::string& mode) {
  unsigned long long scanned = 0;
  for (unsigned seed = 1; seed <= seeds(); ++seed) {
    INFO("seed " << seed);
    const Finished alone = walk(family, seed, ""), watched = walk(family, seed, mode);
    CHECK(first_difference(alone.out, watched.out) == "");
    CHECK(alone.err == "");
    std::smatch found;
    CHECK(watched.err.find("no non-finite value was found") != std::string::npos);
    if (std::regex_search(watched.err, found, std::regex("launch(?:es)?: ([0-9,]+) scanned")))
      scanned += std::stoull(found[1].str());
  }
  CHECK(scanned > 0);
}

}  // namespace

TEST_CASE(
    "memory, streams, events and modules are to a program what they are without us: observe") {
  compare("plain", "observe");
}
TEST_CASE(
    "memory, streams, events and modules are to a program what they are without us: resolve") {
  compare("plain", "resolve");
}
TEST_CASE("graphs and captures are to a program what they are without us: observe") {
  compare("graphs", "observe");
}
TEST_CASE("graphs and captures are to a program what they are without us: resolve") {
  compare("graphs", "resolve");
}
