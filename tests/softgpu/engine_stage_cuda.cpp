// SPDX-License-Identifier: MIT
// Pipelines and barriers of libcu++ and cooperative groups, as nvcc compiles them for sm_80 (waits
// that poll) and sm_90 (waits that suspend): stage_async.cu.

#include "harness.hpp"

using namespace softgpu::test;

namespace {

const char* const kImages[] = {SOFTGPU_STAGE_SM80, SOFTGPU_STAGE_SM90};

}  // namespace

TEST_CASE("a pipeline of three stages delivers every tile") {
  for (const char* image : kImages) {
    Device device;
    device.load_file(image);
    const int tiles = 7;
    const uint32_t blocks = 5;
    std::vector<float> in(blocks * tiles * 128);
    for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i) * 0.5F;
    const uint64_t out = device.upload(std::vector<float>(in.size()));
    device.run("scale_pipeline", {blocks}, {128}, device.upload(in), out, tiles);
    const auto got = device.download<float>(out, in.size());
    size_t wrong = 0;
    for (size_t i = 0; i < in.size(); ++i) {
      wrong += got[i] != 2.0F * in[i / 128 * 128 + 127 - i % 128] ? 1 : 0;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("a barrier object keeps all warps of a block in step") {
  for (const char* image : kImages) {
    Device device;
    device.load_file(image);
    const uint32_t threads = 160;
    const int rounds = 9;
    const uint64_t out = device.upload(std::vector<uint32_t>(3 * threads));
    device.run("barrier_rounds", {3}, {threads}, out, rounds);
    const auto got = device.download<uint32_t>(out, 3 * threads);
    for (uint32_t i = 0; i < got.size(); ++i) {
      CHECK(got[i] == (i % threads + 33 * rounds) % threads + rounds);
    }
  }
}

TEST_CASE("a group copies any number of elements together") {
  for (const char* image : kImages) {
    for (const int n : {1, 3, 32, 61, 256}) {
      Device device;
      device.load_file(image);
      device.dynamic_shared = 1024;
      std::vector<int> in(static_cast<size_t>(2 * n));
      for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<int>(i * i % 97);
      const uint64_t out = device.upload(std::vector<int>(2 * 64));
      device.run("group_copy", {2}, {64}, device.upload(in), out, n);
      const auto got = device.download<int>(out, 2 * 64);
      for (int block = 0; block < 2; ++block) {
        int sum = 0;
        for (int i = 0; i < n; ++i) sum += in[static_cast<size_t>(block * n + i)];
        for (int t = 0; t < 64; ++t) CHECK(got[static_cast<size_t>(block * 64 + t)] == sum + t);
      }
    }
  }
}
