// SPDX-License-Identifier: MIT
// `softgpu info`: what it says is what a program would find.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "e2e/process.hpp"
#include "support/catch.hpp"

using nlohmann::json;
using nonans::test::Finished;
using nonans::test::run;
using nonans::test::Scratch;

namespace {

const std::string kSoftgpu = SOFTGPU_COMMAND;

json info(const std::map<std::string, std::string>& environment, int exit_code = 0) {
  const Finished done = run({kSoftgpu, "info", "--json"}, environment);
  INFO(done.err);
  CHECK(done.exit_code == exit_code);
  return json::parse(done.out);
}

json variable(const json& report, const std::string& name) {
  for (const json& v : report["variables"])
    if (v["name"] == name) return v;
  return {};
}

}  // namespace

TEST_CASE("info tells the device that a program finds") {
  const json report =
      info({{"SOFTGPU_CC", "8.6"}, {"SOFTGPU_MEMORY", "1G"}, {"SOFTGPU_THREADS", "3"}});
  CHECK(report["threads"] == 3);
  CHECK(report["driver_version"] == 13000);
  REQUIRE(report["devices"].size() == 1);
  const json& device = report["devices"][0];
  CHECK(device["compute_capability"] == "8.6");
  CHECK(device["memory"] == 1 << 30);
  CHECK(device["pci"] == "0000:50:00.0");
  CHECK(device["uuid"].get<std::string>().size() == 40);
  CHECK(report["libraries"]["libcuda.so.1"] == std::string(SOFTGPU_FOLDER) + "/libcuda.so.1");
  CHECK(variable(report, "SOFTGPU_CC")["valid"] == true);
  CHECK(variable(report, "SOFTGPU_MEMORY")["value"] == "1G");
}

TEST_CASE("info tells of the devices that CUDA_VISIBLE_DEVICES leaves") {
  const json report = info({{"SOFTGPU_DEVICES", "3"}, {"CUDA_VISIBLE_DEVICES", "2,0"}});
  REQUIRE(report["devices"].size() == 2);
  CHECK(report["devices"][0]["pci"] == "0000:52:00.0");
  CHECK(report["devices"][1]["pci"] == "0000:50:00.0");
}

TEST_CASE("info tells every device, and whose time it keeps") {
  CHECK(info({})["clock"] == "wall clock");
  const json report = info({{"SOFTGPU_DEVICES", "2"}, {"SOFTGPU_CLOCK", "model"}});
  CHECK(report["clock"] == "modelled: NVIDIA H100 SXM5");
  REQUIRE(report["devices"].size() == 2);
  CHECK(report["devices"][1]["pci"] == "0000:51:00.0");
  CHECK(report["devices"][1]["multiprocessors"] == 132);
  CHECK(report["devices"][0]["uuid"] != report["devices"][1]["uuid"]);
}

TEST_CASE("info tells what is wrong with a variable, and says so in its exit code") {
  const json report =
      info({{"SOFTGPU_CC", "9"}, {"SOFTGPU_MEMROY", "1G"}, {"SOFTGPU_BOUNDS", "page"}}, 1);
  CHECK(variable(report, "SOFTGPU_CC")["valid"] == false);
  CHECK(variable(report, "SOFTGPU_CC")["problem"].get<std::string>().starts_with("SOFTGPU_CC=9 "));
  CHECK(variable(report, "SOFTGPU_MEMROY")["problem"] ==
        "SOFTGPU_MEMROY is no variable of this device");
  CHECK(variable(report, "SOFTGPU_BOUNDS")["valid"] == true);
  CHECK(report["devices"][0]["compute_capability"] == "9.0");  // the default
}

TEST_CASE("what the device remarks about a value that it takes is a note, and no error") {
  const Finished done = run({kSoftgpu, "info", "--clock", "model", "--cc", "8.0"});
  CHECK(done.exit_code == 0);
  CHECK(done.out.find("\nnote       SOFTGPU_CLOCK=model") != std::string::npos);
  CHECK(done.out.find("BAD") == std::string::npos);
  CHECK(run({kSoftgpu, "run", "--clock", "model", "--cc", "8.0", "--", "true"}).exit_code == 0);
  CHECK(run({kSoftgpu, "run", "--clock", "sundial", "--", "true"}).exit_code == 2);
}

TEST_CASE("info leaves the trace of an earlier run alone") {
  const Scratch scratch;
  const std::string trace = scratch.write("trace.jsonl", "{}\n");
  CHECK(variable(info({{"SOFTGPU_TRACE", trace}}), "SOFTGPU_TRACE")["valid"] == true);
  std::ifstream in(trace);
  CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == "{}\n");
  const json bad = info({{"SOFTGPU_TRACE", "/nonexistent/trace"}}, 1);
  CHECK(variable(bad, "SOFTGPU_TRACE")["valid"] == false);
}

TEST_CASE("info says it in words too") {
  const Finished done = run({kSoftgpu, "info", "--memory", "1536M", "--cc", "7.5"});
  CHECK(done.exit_code == 0);
  CHECK(done.out.find("CUDA 13.0") != std::string::npos);
  CHECK(done.out.find("compute capability 7.5, 1536 MiB") != std::string::npos);
  CHECK(done.out.find(std::string(SOFTGPU_FOLDER) + "/libcuda.so.1") != std::string::npos);
  const Finished bad = run({kSoftgpu, "info", "--bounds", "loose"});
  CHECK(bad.exit_code == 1);
  CHECK(bad.out.find("BAD: SOFTGPU_BOUNDS=loose") != std::string::npos);
}
