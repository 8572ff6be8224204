// SPDX-License-Identifier: MIT
// Every way to launch a kernel, with the library preloaded: the scan follows, and repairs.
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

struct Run {
  Finished done;
  std::vector<json> events;

  // The bits of the n-th value of the buffer that the program printed.
  std::string value(size_t n) const {
    std::istringstream words(done.out.substr(done.out.find("out")));
    std::string word;
    for (words >> word; n-- > 0;) words >> word;
    words >> word;
    return word;
  }
};

Run run(const std::string& way, bool preload = true) {
  const Scratch scratch;
  const std::string path = (scratch.path() / "events.jsonl").string();
  std::map<std::string, std::string> environment = {{"LD_LIBRARY_PATH", SOFTGPU_FOLDER}};
  if (way.starts_with("green")) environment.emplace("SOFTGPU_CLOCK", "model");  // 132 SMs
  if (preload) {
    environment.emplace("LD_PRELOAD", NONANS_LIBRARY);
    environment.emplace("NONANS_EVENTS", path);
  }
  Run run{nonans::test::run({LAUNCH_PROGRAM, LAUNCH_IMAGE, way}, environment), {}};
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) run.events.push_back(json::parse(line));
  INFO("stdout: " << run.done.out << "stderr: " << run.done.err);
  REQUIRE(run.done.exit_code == 0);
  return run;
}

const std::string kInf = "7f800000", kMax = "7f7fffff";  // of f32

}  // namespace

TEST_CASE("whichever function launches it, an overflow is found and repaired") {
  for (const char* way :
       {"kernel", "kernel-ptsz", "kernel-ex-ptsz", "cooperative", "grid", "grid-async", "launch",
        "cukernel", "cukernel-ex", "large", "attributes", "green-stream", "green-current"}) {
    INFO(way);
    const Run plain = run(way, false);
    REQUIRE(plain.value(5) == kInf);
    const Run watched = run(way);
    INFO(watched.done.err);
    CHECK(watched.value(5) == kMax);
    CHECK(watched.value(77) == kMax);
    CHECK(watched.value(200) == kMax);
    CHECK(watched.value(4) == plain.value(4));
    REQUIRE(watched.events.size() == 1);
    CHECK(watched.events[0]["resolution"] == "repaired");
    CHECK(watched.events[0]["pos_inf"] == 3);
    CHECK(watched.done.err.find("nonans: 1 launch: 1 scanned") != std::string::npos);
  }
}

TEST_CASE("a function that was never announced launches as ever") {
  const Run watched = run("unannounced");
  INFO(watched.done.err);
  CHECK((watched.value(5) == kInf || watched.value(5) == kMax));
  CHECK(watched.value(4) == run("unannounced", false).value(4));
  CHECK(watched.done.err.find("nonans: 1 launch: ") != std::string::npos);
}

TEST_CASE("kernels of collective communication are left alone, and counted") {
  const Run watched = run("nccl");
  INFO(watched.done.err);
  CHECK(watched.done.out == run("nccl", false).done.out);
  CHECK(watched.events.empty());
  CHECK(watched.done.err.find("left alone: 2 launches of kernels that wait for other devices") !=
        std::string::npos);
}

TEST_CASE("of two kernels with programmatic launch, the second reads what was repaired") {
  const Run watched = run("dependent");
  INFO(watched.done.err);
  CHECK(watched.value(5) == kMax);
  CHECK(watched.done.err.find("nonans: 2 launches: 2 scanned") != std::string::npos);
  REQUIRE(watched.events.size() == 2);
  for (const json& event : watched.events) CHECK(event["origin"] == "origin");
}
