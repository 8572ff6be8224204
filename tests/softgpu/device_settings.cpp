// SPDX-License-Identifier: MIT
// What the environment says about devices: SOFTGPU_DEVICES, SOFTGPU_CC, SOFTGPU_MEMORY and
// CUDA_VISIBLE_DEVICES. Each case is a process of its own. Expectations from the CUDA C++
// Programming Guide: "CUDA Environment Variables", "Technical Specifications per Compute
// Capability".
#include <sys/wait.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <string>

#include "support/catch.hpp"

namespace {

std::string probe(const std::string& mode, const std::string& environment) {
  const std::string command = "env -u CUDA_VISIBLE_DEVICES -u SOFTGPU_DEVICES " + environment +
                              " timeout 20 " SOFTGPU_DEVICE_PROBE " " + mode + " 2>&1";
  FILE* const pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string out;
  std::array<char, 256> block{};
  while (std::fgets(block.data(), block.size(), pipe)) out += block.data();
  const int status = pclose(pipe);
  INFO(out);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
  return out;
}

// The bus numbers of the devices that there are, in their order.
std::string buses(const std::string& environment) {
  const std::string all = probe("list", "SOFTGPU_DEVICES=4 " + environment);
  if (all.starts_with("no device")) return all;
  std::string out;
  for (size_t at = 0; at < all.size(); at = all.find('\n', at) + 1) out += all.substr(at + 5, 3);
  return out;
}

}  // namespace

TEST_CASE("there are as many devices as asked for, each of the size asked for") {
  CHECK(probe("list", "") == "0000:50:00.0 8589934592 9.0\n");
  CHECK(probe("list", "SOFTGPU_DEVICES=2 SOFTGPU_MEMORY=1M SOFTGPU_CC=8.6") ==
        "0000:50:00.0 1048576 8.6\n0000:51:00.0 1048576 8.6\n");
}

TEST_CASE("settings that mean nothing are told, with what would") {
  const std::string out = probe("list", "SOFTGPU_DEVICES=17 SOFTGPU_CC=8.1 SOFTGPU_MEMORY=-1");
  CHECK(
      out.find("softgpu: SOFTGPU_DEVICES=17 is not understood (1 to 16); the default is used\n") !=
      std::string::npos);
  CHECK(out.find("softgpu: SOFTGPU_CC=8.1 is not understood (a compute capability: 5.0, ") !=
        std::string::npos);
  CHECK(out.find("softgpu: SOFTGPU_MEMORY=-1 is not understood (") != std::string::npos);
  CHECK(out.ends_with("\n0000:50:00.0 8589934592 9.0\n"));
  for (const char* const wrong : {"0", "2x", "two", "-1", "99999999999999999999"})
    CHECK(probe("list", std::string("SOFTGPU_DEVICES=") + wrong).starts_with("softgpu: "));
}

TEST_CASE("CUDA_VISIBLE_DEVICES picks devices and orders them, up to the first that is none") {
  CHECK(buses("") == "50:51:52:53:");
  CHECK(buses("CUDA_VISIBLE_DEVICES=2,0") == "52:50:");
  CHECK(buses("CUDA_VISIBLE_DEVICES=1,4,2") == "51:");
  CHECK(buses("CUDA_VISIBLE_DEVICES=1,-1,2") == "51:");
  CHECK(buses("CUDA_VISIBLE_DEVICES=1,x") == "51:");
  CHECK(buses("'CUDA_VISIBLE_DEVICES=3, 1'") == "53:51:");
  const std::string none = "no device 100 3\n";  // NO_DEVICE, then NOT_INITIALIZED
  CHECK(buses("CUDA_VISIBLE_DEVICES=") == none);
  CHECK(buses("CUDA_VISIBLE_DEVICES=-1") == none);
  CHECK(buses("CUDA_VISIBLE_DEVICES=4") == none);
  CHECK(buses("CUDA_VISIBLE_DEVICES=1,1") == none);
}

TEST_CASE("CUDA_VISIBLE_DEVICES takes UUIDs, as short as they are unique") {
  CHECK(buses("CUDA_VISIBLE_DEVICES=GPU-746f6674-6770-5500-8000-000000000002") == "51:");
  CHECK(buses("CUDA_VISIBLE_DEVICES=GPU-76,GPU-736F") == "53:50:");
  CHECK(buses("CUDA_VISIBLE_DEVICES=GPU-76,GPU-7") == "53:");  // GPU-7 could be any
  CHECK(buses("CUDA_VISIBLE_DEVICES=0,GPU-99") == "50:");
}

TEST_CASE("a context has at most eight peers") {
  CHECK(probe("peers", "SOFTGPU_MEMORY=64M SOFTGPU_DEVICES=9") == "8 0\n");
  CHECK(probe("peers", "SOFTGPU_MEMORY=64M SOFTGPU_DEVICES=16") == "8 711\n");  // TOO_MANY_PEERS
}

TEST_CASE("modelled times are the same in each run, however blocks and streams are scheduled") {
  const std::string once = probe("clock", "SOFTGPU_CLOCK=model SOFTGPU_THREADS=1");
  CHECK(std::count(once.begin(), once.end(), '\n') == 8);
  for (const char* const other : {"SOFTGPU_THREADS=1", "SOFTGPU_THREADS=4", "SOFTGPU_SCHED=3",
                                  "SOFTGPU_SCHED=4 SOFTGPU_THREADS=3"})
    CHECK(probe("clock", std::string("SOFTGPU_CLOCK=model ") + other) == once);
  CHECK(probe("clock", "SOFTGPU_CLOCK=wall") != once);
}

TEST_CASE("a trace under the modelled clock has its times, and says what they are") {
  const std::string file = "softgpu_clock_" + std::to_string(getpid()) + ".json";
  probe("clock", "SOFTGPU_CLOCK=model SOFTGPU_TRACE=" + file);
  std::ifstream in(file);
  size_t kernels = 0, copies = 0, fills = 0, other = 0;
  for (std::string line; std::getline(in, line);) {
    const bool timed = line.find("_us\":") != std::string::npos;
    CHECK(timed == (line.find("\"modelled\":") != std::string::npos));
    if (!timed) continue;
    CHECK(line.find("\"device\":\"NVIDIA H100 SXM5\"") != std::string::npos);
    (line.starts_with("{\"modelled\":\"kernel\"") ? kernels
     : line.starts_with("{\"modelled\":\"copy\"") ? copies
     : line.starts_with("{\"modelled\":\"fill\"") ? fills
                                                  : other) += 1;
  }
  std::remove(file.c_str());
  CHECK(kernels == 8);
  CHECK(copies == 4);
  CHECK(fills == 1);
  CHECK(other == 0);
}

TEST_CASE("a clock that there is not is told, and the model's capability") {
  CHECK(probe("list", "SOFTGPU_CLOCK=sun") ==
        "softgpu: SOFTGPU_CLOCK=sun is not understood (wall or model); the default is used\n"
        "0000:50:00.0 8589934592 9.0\n");
  CHECK(probe("list", "SOFTGPU_CLOCK=model SOFTGPU_CC=8.0")
            .starts_with("softgpu: SOFTGPU_CLOCK=model imitates an H100, which is 9.0"));
}

TEST_CASE("limits are those of the compute capability") {
  CHECK(probe("limits", "SOFTGPU_CC=9.0") ==
        "threads 2048 blocks 32 shared 232448 of 233472 registers 65536 ratio 2\n");
  CHECK(probe("limits", "SOFTGPU_CC=8.6") ==
        "threads 1536 blocks 16 shared 101376 of 102400 registers 65536 ratio 64\n");
  CHECK(probe("limits", "SOFTGPU_CC=7.5") ==
        "threads 1024 blocks 16 shared 65536 of 65536 registers 65536 ratio 32\n");
  CHECK(probe("limits", "SOFTGPU_CC=5.3") ==
        "threads 2048 blocks 32 shared 49152 of 65536 registers 32768 ratio 32\n");
}
