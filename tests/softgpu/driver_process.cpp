// SPDX-License-Identifier: MIT
// The driver at the edges of a process: before cuInit, after exit, across fork. Each case is a
// process of its own.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

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
  const Outcome bad = probe("settings", "SOFTGPU_MEMORY=lots SOFTGPU_CC=9 SOFTGPU_THREADS=2x");
  CHECK(bad.output.find("softgpu: SOFTGPU_THREADS=2x is not understood") != std::string::npos);
  CHECK(bad.output.find("softgpu: SOFTGPU_MEMORY=lots is not understood") != std::string::npos);
  CHECK(bad.output.find("softgpu: SOFTGPU_CC=9 is not understood") != std::string::npos);
  CHECK(bad.output.find("8589934592 9.0") != std::string::npos);
}

TEST_CASE("CUDA_MODULE_LOADING decides whether functions are loaded before their first use") {
  CHECK(probe("loading").output == "lazy unloaded\n");
  CHECK(probe("loading", "CUDA_MODULE_LOADING=LAZY").output == "lazy unloaded\n");
  CHECK(probe("loading", "CUDA_MODULE_LOADING=EAGER").output == "eager loaded\n");
  const Outcome wrong = probe("loading", "CUDA_MODULE_LOADING=NEVER");
  CHECK(wrong.output.find("softgpu: CUDA_MODULE_LOADING=NEVER is not understood") == 0);
  CHECK(wrong.output.find("lazy unloaded") != std::string::npos);
}

TEST_CASE("checkers report on stderr and change no result") {
  const std::string results = "0 0\n0 0\n0 700\n";
  CHECK(probe("watched").output.ends_with(results));
  const Outcome o = probe("watched", "SOFTGPU_CHECK=init,race");
  CHECK(o.status == 0);
  const auto count = [&](const std::string& what) {
    size_t n = 0;
    for (size_t at = o.output.find(what); at != std::string::npos; at = o.output.find(what, at + 1))
      ++n;
    return n;
  };
  CHECK(count("softgpu: race: shared memory at 0x0, kernel late") == 3);  // once a launch
  CHECK(count("softgpu: uninitialised read: ld.global.u32") == 1);        // the second launch
  const Outcome wrong = probe("watched", "SOFTGPU_CHECK=init,rice SOFTGPU_BOUNDS=near");
  CHECK(wrong.status == 0);
  CHECK(wrong.output.find("softgpu: SOFTGPU_CHECK: there is no checker 'rice' (race, init)\n") !=
        std::string::npos);
  CHECK(wrong.output.find("softgpu: SOFTGPU_BOUNDS=near is not understood (exact or page)") !=
        std::string::npos);
  CHECK(wrong.output.find("uninitialised read") != std::string::npos);
}

TEST_CASE("with bounds of pages, a read behind an allocation goes through as on hardware") {
  CHECK(probe("watched", "SOFTGPU_BOUNDS=page").output == "0 0\n0 0\n0 0\n");
  CHECK(probe("watched", "SOFTGPU_BOUNDS=exact").output.ends_with("0 0\n0 0\n0 700\n"));
}

TEST_CASE("a trace has a line for each launch with the bytes it wrote and read") {
  const std::string file = "softgpu_trace_" + std::to_string(getpid()) + ".json";
  CHECK(probe("watched", "SOFTGPU_TRACE=" + file).status == 0);
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::remove(file.c_str());
  REQUIRE(lines.size() == 3);
  const auto number_after = [](const std::string& text, const std::string& what) {
    const size_t at = text.find(what);
    REQUIRE(at != std::string::npos);
    return std::stoull(text.substr(at + what.size()));
  };
  const auto written = number_after(lines[0], "\"written\":[[");
  CHECK(number_after(lines[0], "\"read\":[[") == written);
  CHECK(number_after(lines[1], "\"read\":[[") == written + 32);
  CHECK(lines[0].find("\"written\":[[" + std::to_string(written) + ",4]]") != std::string::npos);
  CHECK(lines[0].find("\"kernel\":\"late\"") != std::string::npos);
  CHECK(lines[0].find("\"block\":[32,1,1]") != std::string::npos);
  CHECK(lines[1].find("fault") == std::string::npos);
  CHECK(lines[2].find("\"fault\":\"illegal address") != std::string::npos);
  const Outcome nowhere = probe("watched", "SOFTGPU_TRACE=/no/such/folder/x");
  CHECK(nowhere.output.find("softgpu: SOFTGPU_TRACE=/no/such/folder/x cannot be written") !=
        std::string::npos);
}

TEST_CASE("a seed draws the order of streams, the same each time, and keeps each stream in order") {
  std::set<std::string> seen;
  for (int seed = 1; seed <= 6; ++seed) {
    const std::string environment = "SOFTGPU_THREADS=1 SOFTGPU_SCHED=" + std::to_string(seed);
    const Outcome o = probe("order", environment);
    REQUIRE(o.status == 0);
    std::istringstream words(o.output);
    std::vector<int> at(16, -1);
    int number = 0;
    for (int place = 0; words >> number; ++place) at[static_cast<size_t>(number)] = place;
    for (size_t s = 0; s < 8; ++s) {
      CHECK(at[s] >= 0);
      CHECK(at[s] < at[s + 8]);
    }
    CHECK(probe("order", environment).output == o.output);
    seen.insert(o.output);
  }
  CHECK(seen.size() >= 3);
  const Outcome wrong = probe("order", "SOFTGPU_SCHED=often");
  CHECK(wrong.status == 0);
  CHECK(wrong.output.find("softgpu: SOFTGPU_SCHED=often is not understood") != std::string::npos);
}
