// SPDX-License-Identifier: MIT
// `nonans run --shadow` on the software device: an overflow is found and repaired in a program that
// dlsym interposition cannot reach, and in those that it can.
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "process.hpp"
#include "support/catch.hpp"

using nlohmann::json;
using nonans::test::Finished;
using nonans::test::Scratch;

namespace {

constexpr unsigned kInf = 0x7f800000, kMax = 0x7f7fffff;

struct Run {
  Finished done;
  std::vector<json> events;
  std::vector<unsigned> out;  // what the scenario's output buffer held in the end
};

Run run_under(std::vector<std::string> flags, const std::vector<std::string>& program) {
  const Scratch scratch;
  const std::string path = (scratch.path() / "events.jsonl").string();
  std::vector<std::string> command = {NONANS_COMMAND, "run", "--device", "soft", "--events", path};
  command.insert(command.end(), flags.begin(), flags.end());
  command.push_back("--");
  command.insert(command.end(), program.begin(), program.end());
  Run run{nonans::test::run(command), {}, {}};
  INFO("stdout: " << run.done.out << "stderr: " << run.done.err);
  REQUIRE(run.done.exit_code == 0);
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) run.events.push_back(json::parse(line));
  std::istringstream lines(run.done.out);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name >> std::hex;
    if (name != "out") continue;
    for (unsigned value; words >> value;) run.out.push_back(value);
  }
  REQUIRE(run.out.size() > 200);
  return run;
}

const std::vector<std::string> kPlugin = {SHADOW_HOST, SHADOW_PLUGIN, PTX_IMAGE, "overflow"};
const std::vector<std::string> kProgram = {RESOLVE_PROGRAM, PTX_IMAGE, "overflow"};

void check_repaired(const Run& run) {
  INFO(run.done.err);
  CHECK(run.out[5] == kMax);
  CHECK(run.out[77] == kMax);
  CHECK(run.out[200] == kMax);
  REQUIRE(run.events.size() == 1);
  CHECK(run.events[0]["kernel"] == "square");
  CHECK(run.events[0]["resolution"] == "repaired");
  CHECK(run.events[0]["pos_inf"] == 3);
}

}  // namespace

#ifndef __SANITIZE_ADDRESS__  // which refuses RTLD_DEEPBIND
TEST_CASE(
    "a plugin opened with RTLD_DEEPBIND passes by the preload, and is repaired under the shadow") {
  const Run past = run_under({}, kPlugin);
  CHECK(past.out[5] == kInf);
  CHECK(past.events.empty());
  check_repaired(run_under({"--shadow"}, kPlugin));
}
#endif

TEST_CASE("a program that asks dlsym is repaired under the shadow as under the preload") {
  check_repaired(run_under({}, kProgram));
  check_repaired(run_under({"--shadow"}, kProgram));
}

TEST_CASE("the shadow opens the driver that NONANS_DRIVER names") {
  const Run run = run_under({"--shadow", "--driver", SOFTGPU_LIBRARY}, kProgram);
  check_repaired(run);
}

TEST_CASE("under the shadow modes mean what they mean: off is silent, observe changes nothing") {
  const Run off = run_under({"--shadow", "--mode", "off"}, kProgram);
  const Run observed = run_under({"--shadow", "--mode", "observe"}, kProgram);
  CHECK(off.out[5] == kInf);
  CHECK(observed.out == off.out);
  CHECK(observed.events.size() == 1);
}
