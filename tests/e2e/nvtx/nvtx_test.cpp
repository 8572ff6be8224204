// SPDX-License-Identifier: MIT
// Names from NVTX to the events file: a program and a library, each with NVIDIA's headers compiled
// in, run with the library preloaded.
#include <fstream>
#include <nlohmann/json.hpp>
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

  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const json& event : events) found.push_back(event.at("nvtx"));
    return found;
  }
};

Run run(std::vector<std::string> command, std::map<std::string, std::string> environment = {}) {
  const Scratch scratch;
  const std::string path = (scratch.path() / "events.jsonl").string();
  environment.emplace("LD_LIBRARY_PATH", SOFTGPU_FOLDER);
  environment.emplace("LD_PRELOAD", NONANS_LIBRARY);
  environment.emplace("NONANS_EVENTS", path);
  Run run{nonans::test::run(command, environment), {}};
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) run.events.push_back(json::parse(line));
  INFO("stdout: " << run.done.out << "stderr: " << run.done.err);
  REQUIRE(run.done.exit_code == 0);
  return run;
}

}  // namespace

TEST_CASE("an event names the NVTX ranges that were open on the thread that launched") {
  const Run watched = run({NVTX_PROGRAM, PTX_IMAGE});
  const std::string library =
      "gr\xc3\xb6\xc3\x9f"
      "e";
  CHECK(watched.names() == std::vector<std::string>{
                               "",
                               "layer3",
                               "layer3 / softmax",
                               "layer3 / softmax / " + library,
                               "layer3 / softmax / " + library + " / inner",
                               "layer3 / softmax / inner",
                               "",
                               "worker",
                               "",
                               "",
                           });
  CHECK(watched.done.out == "push 0\npush 1\nlibrary 0\npush 2\nlibrary 0\npop 2\npop 1\npop 0\n");
  CHECK(watched.done.err.find("step 1, square: 3 of") != std::string::npos);
}

TEST_CASE("ranges that were opened before CUDA was used count") {
  const Run watched = run({NVTX_PROGRAM, PTX_IMAGE, "early"});
  REQUIRE(watched.names().size() == 10);
  CHECK(watched.names()[0] == "program");
  CHECK(watched.names()[2] == "program / layer3 / softmax");
  CHECK(watched.done.err.find("step 1, in program, square: 3 of") != std::string::npos);
}

TEST_CASE("a replay has the names that were in force when its kernel was captured") {
  const Run watched = run({NVTX_PROGRAM, PTX_IMAGE, "captured"});
  CHECK(watched.names() ==
        std::vector<std::string>{"layer3", "layer3 / softmax", "layer3", "layer3 / softmax"});
}

TEST_CASE("another NVTX tool keeps its place") {
  // A path that leads nowhere: NVTX then does nothing, as the program would see without us.
  const Run watched = run({NVTX_PROGRAM, PTX_IMAGE}, {{"NVTX_INJECTION64_PATH", "/nowhere.so"}});
  CHECK(watched.names() == std::vector<std::string>(10));
  CHECK(watched.done.out.find("push -2\n") == 0);  // NVTX_NO_PUSH_POP_TRACKING
}

TEST_CASE("a process that does not want the library does not hear of NVTX either") {
  const Run off = run({NVTX_PROGRAM, PTX_IMAGE}, {{"NONANS_MODE", "off"}});
  CHECK(off.done.out.find("push -2\n") == 0);
  CHECK(off.done.err == "");
  const Run shell =
      run({"/bin/sh", "-c", "echo ${NVTX_INJECTION64_PATH-unset}"}, {{"NONANS_MODE", "off"}});
  CHECK(shell.done.out == "unset\n");
}

TEST_CASE("a child that lost the preload but not the variable runs as without us") {
  const Run child = run({"/usr/bin/env", "-u", "LD_PRELOAD", NVTX_PROGRAM, PTX_IMAGE});
  CHECK(child.done.out.find("push -2\n") == 0);
  CHECK(child.done.err == "");
  CHECK(child.events.empty());
}
