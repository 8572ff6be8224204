// SPDX-License-Identifier: MIT
// The driver at the edges of a process: before cuInit, after exit, across fork. Each case is a
// process of its own.
#include <sys/wait.h>

#include "softgpu/driver_fixture.hpp"

namespace {

struct Outcome {
  int status = -1;
  std::string output;  // stdout and stderr
};

Outcome probe(const std::string& mode, const std::string& environment = "") {
  // A probe that hangs is a failure, not a wait.
  const std::string command =
      environment + " timeout 20 " SOFTGPU_DRIVER_PROBE " " + mode + " 2>&1";
  FILE* const pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Outcome out;
  char block[256];
  while (std::fgets(block, sizeof block, pipe)) out.output += block;
  const int status = pclose(pipe);
  out.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return out;
}

}  // namespace

TEST_CASE("a process with work in flight exits at once and cleanly") {
  CHECK(probe("exit-with-work").status == 0);
}

TEST_CASE("calls after the end of the driver are told so") {
  const Outcome o = probe("calls-after-exit");
  CHECK(o.status == 0);
  CHECK(o.output == "4 4\n");  // DEINITIALIZED
}

TEST_CASE("calls before cuInit are told so") {
  const Outcome o = probe("before-init");
  CHECK(o.status == 0);
  CHECK(o.output == "3 3\n");  // NOT_INITIALIZED
}

TEST_CASE("a child that forks before cuInit has a device of its own") {
  CHECK(probe("fork-before-init").status == 0);
}

TEST_CASE("a child forked with work in flight is refused and does not hang") {
  CHECK(probe("fork-with-work").status == 0);
}

TEST_CASE("dlclose with work in flight is harmless") {
  CHECK(probe("dlclose").status == 0);
}

TEST_CASE("the device is what the environment says") {
  CHECK(probe("settings").output == "8589934592 9.0\n");
  CHECK(probe("settings", "SOFTGPU_CC=8.0 SOFTGPU_MEMORY=3G").output == "3221225472 8.0\n");
  CHECK(probe("settings", "SOFTGPU_MEMORY=512MiB").output == "536870912 9.0\n");
  const Outcome bad = probe("settings", "SOFTGPU_MEMORY=lots SOFTGPU_CC=9");
  CHECK(bad.output.find("softgpu: SOFTGPU_MEMORY=lots is not understood") != std::string::npos);
  CHECK(bad.output.find("softgpu: SOFTGPU_CC=9 is not understood") != std::string::npos);
  CHECK(bad.output.find("8589934592 9.0") != std::string::npos);
}
