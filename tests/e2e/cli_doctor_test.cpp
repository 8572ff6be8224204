// SPDX-License-Identifier: MIT
// `nonans doctor` where there is no driver. What it says where there is one is tested on the
// software device.
#include "process.hpp"
#include "support/catch.hpp"

using nonans::test::Finished;
using nonans::test::run;
using nonans::test::Scratch;

namespace {

// A libcuda.so.1 that cannot be loaded, so that the result is the same on a machine with a driver.
Finished doctor_without_driver(const Scratch& scratch,
                               std::map<std::string, std::string> environment = {}) {
  scratch.write("broken/libcuda.so.1", "not a library");
  environment["LD_LIBRARY_PATH"] = (scratch.path() / "broken").string();
  return run({NONANS_COMMAND, "doctor", "--device", "gpu"}, environment);
}

}  // namespace

TEST_CASE("doctor says that there is no driver, and why") {
  Scratch scratch;
  Finished done = doctor_without_driver(scratch);
  INFO(done.out);
  CHECK(done.exit_code == 1);
  CHECK(done.out.find("driver     none: ") != std::string::npos);
  CHECK(done.out.find("libcuda.so.1: file too short") != std::string::npos);
  CHECK(done.out.find("active     not known") != std::string::npos);
  CHECK(done.out.find("self-test  NOT run") != std::string::npos);
  CHECK(done.out.find(NONANS_LIBRARY) != std::string::npos);
}

TEST_CASE("doctor points at settings that switch things off, and at misspelt ones") {
  Scratch scratch;
  CHECK(
      doctor_without_driver(scratch, {{"NONANS_MODE", "off"}}).out.find("NONANS_MODE=off is set") !=
      std::string::npos);
  CHECK(doctor_without_driver(scratch, {{"NONANS_MODE", "observe"}})
            .out.find("NONANS_MODE=observe is set") != std::string::npos);
  CHECK(doctor_without_driver(scratch, {{"NONANS_MOED", "off"}})
            .out.find("did you mean NONANS_MODE?") != std::string::npos);
}

TEST_CASE("doctor says where events would go") {
  Scratch scratch;
  CHECK(doctor_without_driver(scratch, {{"NONANS_EVENTS", "/data/%p.jsonl"}})
            .out.find("events     /data/%p.jsonl") != std::string::npos);
  CHECK(doctor_without_driver(scratch, {{"XDG_STATE_HOME", "/state"}})
            .out.find("events     /state/nonans/") != std::string::npos);
}
