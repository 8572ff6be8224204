// SPDX-License-Identifier: MIT
// What the environment says about devices: SOFTGPU_DEVICES, SOFTGPU_CC, SOFTGPU_MEMORY and
// CUDA_VISIBLE_DEVICES. Each case is a process of its own. Expectations from the CUDA C++
// Programming Guide: "CUDA Environment Variables", "Technical Specifications per Compute
// Capability".
#include <sys/wait.h>

#include <array>
#include <cstdio>
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
