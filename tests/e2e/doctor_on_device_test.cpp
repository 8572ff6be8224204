// SPDX-License-Identifier: MIT
// `nonans doctor` where there is a CUDA device.
#include "cuda_device.hpp"
#include "support/catch.hpp"

using namespace nonans::test;

TEST_CASE("doctor finds the device, is active in a child and repairs a NaN there") {
  Finished done = run({NONANS_COMMAND, "doctor", "--device", device_name()});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(done.out.find("libcuda.so.1") != std::string::npos);
  CHECK(done.out.find("compute capability ") != std::string::npos);
  CHECK(done.out.find(": loads\n") != std::string::npos);
  CHECK(done.out.find("active     yes") != std::string::npos);
  CHECK(done.out.find("self-test  ok: a kernel divided 0 by 0: 1 NaN seen, repaired to 0") !=
        std::string::npos);
}

TEST_CASE("doctor leaves no events behind") {
  Scratch scratch;
  run({NONANS_COMMAND, "doctor", "--device", device_name()},
      {{"XDG_STATE_HOME", scratch.path().string()}});
  CHECK(std::filesystem::is_empty(scratch.path()));
}
