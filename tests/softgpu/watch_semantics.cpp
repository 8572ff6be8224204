// SPDX-License-Identifier: MIT
// Programs that are correct by the programming model (watch_kernels.cu) compute the same in the
// plain order, in random ones, with weak memory and with both; and the checkers have nothing to
// say about them.
#include <numeric>

#include "harness.hpp"
#include "observe/init_check.hpp"
#include "observe/race_check.hpp"

using namespace softgpu::test;
using softgpu::engine::Modes;

namespace {

std::string name_of(const Modes& modes) {
  return (modes.schedule ? "seed " + std::to_string(*modes.schedule) : std::string("plain")) +
         (modes.weak ? ", weak" : "");
}

// `body(device)` in every mode, then watched by each checker.
template <class F>
void in_every_mode(F body, const char* path = SOFTGPU_WATCH_KERNELS) {
  std::vector<Modes> all{{}, {.schedule = {}, .weak = true}};
  for (const uint64_t seed : {1, 2, 3, 4, 5, 6}) {
    all.push_back({.schedule = seed, .weak = seed % 2 == 0});
  }
  for (const Modes& modes : all) {
    INFO(name_of(modes));
    Device device;
    device.load_file(path);
    device.modes = modes;
    body(device);
  }
  std::vector<std::string> reports;
  const auto sink = [&](const std::string& line) { reports.push_back(line); };
  softgpu::observe::RaceCheck race(sink);
  softgpu::observe::InitCheck init(sink);
  for (softgpu::engine::Observer* const checker :
       {static_cast<softgpu::engine::Observer*>(&race),
        static_cast<softgpu::engine::Observer*>(&init)}) {
    for (const Modes& modes : {Modes{}, Modes{.schedule = 7, .weak = false}}) {
      Device device;
      device.load_file(path);
      device.modes = modes;
      device.observer = checker;
      body(device);
      INFO((reports.empty() ? "" : reports[0]));
      CHECK(reports.empty());
    }
  }
}

std::vector<int> counted(size_t n) {
  std::vector<int> values(n);
  for (size_t i = 0; i < n; ++i) values[i] = static_cast<int>(i * 37 % 101);
  return values;
}

}  // namespace

TEST_CASE("lanes of a warp that fight for a lock all get it") {
  in_every_mode([](Device& device) {
    const uint64_t lock = device.upload(std::vector<int>(1));
    const uint64_t counter = device.upload(std::vector<int>(1));
    device.run("spin_lock", {2}, {64}, lock, counter, 2);
    CHECK(device.download<int>(counter, 1)[0] == 2 * 64 * 2);
  });
}

TEST_CASE("a producer block and a consumer block hand a buffer to and fro") {
  in_every_mode([](Device& device) {
    const int rounds = 6;
    const uint64_t buffer = device.upload(std::vector<int>(64));
    const uint64_t turn = device.upload(std::vector<int>(1));
    const uint64_t out = device.upload(std::vector<int>(64 * rounds));
    device.run("producer_consumer", {2}, {64}, buffer, turn, out, rounds);
    const auto got = device.download<int>(out, 64 * rounds);
    size_t wrong = 0;
    for (int i = 0; i < 64 * rounds; ++i) {
      wrong += got[static_cast<size_t>(i)] != i / 64 * 1000 + i % 64 ? 1 : 0;
    }
    CHECK(wrong == 0);
  });
}

TEST_CASE("a scan with decoupled look-back") {
  in_every_mode([](Device& device) {
    const uint32_t tiles = 24;
    const auto in = counted(tiles * 128);
    const uint64_t out = device.upload(std::vector<int>(in.size()));
    const auto zeros = [&] { return device.upload(std::vector<int>(tiles)); };
    device.run("scan_lookback", {tiles}, {128}, device.upload(in), out, zeros(), zeros(), zeros(),
               zeros());
    std::vector<int> want(in.size());
    std::partial_sum(in.begin(), in.end(), want.begin());
    CHECK(device.download<int>(out, in.size()) == want);
  });
}

TEST_CASE("named barriers between warps, while threads exit") {
  in_every_mode([](Device& device) {
    const int rounds = 6;
    const uint64_t out = device.upload(std::vector<int>(64 * rounds, -1));
    device.run("named_barriers", {1}, {160}, out, rounds);
    const auto got = device.download<int>(out, 64 * rounds);
    for (int r = 0; r < rounds; ++r) {
      for (int i = 0; i < 64; ++i) {
        const int want = r > rounds / 2 && i >= 48 ? -1 : r * 100 + i;
        CHECK(got[static_cast<size_t>(r * 64 + i)] == want);
      }
    }
  });
}

TEST_CASE("shuffles in divergent branches") {
  std::vector<int> want(32);
  for (int t = 0; t < 32; ++t) want[static_cast<size_t>(t)] = t * 3;
  for (int r = 0; r < 4; ++r) {
    std::vector<int> odd = want;
    for (int t = 1; t < 32; t += 2) {
      for (int i = 0; i < t; ++i) odd[static_cast<size_t>(t)] ^= i;
    }
    std::vector<int> next(32);
    for (size_t t = 0; t < 32; ++t) {
      next[t] = t % 2 == 0 ? want[t] + want[(t + 2) % 32] : odd[t] - odd[t ^ 2];
    }
    for (size_t t = 0; t < 32; ++t) want[t] = next[t] + next[t < 31 ? t + 1 : t];
  }
  in_every_mode([&](Device& device) {
    const uint64_t out = device.upload(std::vector<int>(32));
    device.run("divergent_shuffles", {1}, {32}, out);
    CHECK(device.download<int>(out, 32) == want);
  });
}

TEST_CASE("warp-synchronous reductions through shared memory") {
  in_every_mode([](Device& device) {
    const auto in = counted(4 * 256);
    const uint64_t out = device.upload(std::vector<int>(32));
    device.run("warp_reduce", {4}, {256}, device.upload(in), out);
    const auto got = device.download<int>(out, 32);
    for (size_t w = 0; w < 32; ++w) {
      const auto first = in.begin() + static_cast<std::ptrdiff_t>(w * 32);
      CHECK(got[w] == std::accumulate(first, first + 32, 0));
    }
  });
}

TEST_CASE("votes belong to each warp of a block of 1,024") {
  in_every_mode([](Device& device) {
    const uint64_t out = device.upload(std::vector<uint32_t>(2048));
    device.run("ballots", {2}, {1024}, out);
    const auto got = device.download<uint32_t>(out, 2048);
    for (uint32_t i = 0; i < 2048; ++i) {
      const uint32_t warp = i % 1024 / 32;
      uint32_t want = 0;
      for (uint32_t l = 0; l < 32; ++l) {
        want |= (warp * 32 + l) % 3 == 0 || warp == 7 ? 1U << l : 0;
      }
      want += (warp == 500 / 32 ? 1 : 0) + (warp == 7 ? 2 : 0);
      REQUIRE(got[i] == want);
    }
  });
}

TEST_CASE("a cooperative launch meets at a barrier of all blocks") {
  in_every_mode([](Device& device) {
    const uint32_t blocks = 10;
    const int rounds = 7;
    std::vector<int> start(2 * blocks * 32);
    for (size_t i = 0; i < blocks * 32; ++i) start[i] = static_cast<int>(i);
    const uint64_t values = device.upload(start);
    device.cooperative = true;
    device.run("grid_exchange", {blocks}, {32}, values, device.upload(std::vector<uint32_t>(1)),
               rounds);
    const auto got = device.download<int>(values, start.size());
    for (uint32_t b = 0; b < blocks; ++b) {
      for (uint32_t t = 0; t < 32; ++t) {
        const uint32_t from = (b + static_cast<uint32_t>(rounds)) % blocks * 32 + t;
        REQUIRE(got[blocks * 32 * (rounds % 2) + b * 32 + t] == static_cast<int>(from) + rounds);
      }
    }
  });
}

TEST_CASE("the last block sums what the others left behind a fence") {
  in_every_mode([](Device& device) {
    const auto in = counted(20 * 64);
    const uint64_t out = device.upload(std::vector<int>(1));
    device.run("last_block_sum", {20}, {64}, device.upload(in), device.upload(std::vector<int>(20)),
               device.upload(std::vector<uint32_t>(1)), out, 1);
    CHECK(device.download<int>(out, 1)[0] == std::accumulate(in.begin(), in.end(), 0));
  });
}

TEST_CASE("weak memory: without the fence the last block misses what the others left") {
  Device device;
  device.load_file(SOFTGPU_WATCH_KERNELS);
  device.modes.weak = true;
  const auto in = counted(20 * 64);
  const uint64_t out = device.upload(std::vector<int>(1));
  device.run("last_block_sum", {20}, {64}, device.upload(in), device.upload(std::vector<int>(20)),
             device.upload(std::vector<uint32_t>(1)), out, 0);
  CHECK(device.download<int>(out, 1)[0] != std::accumulate(in.begin(), in.end(), 0));
}

TEST_CASE("a pipeline of asynchronous copies") {
  in_every_mode([](Device& device) {
    const int tiles = 9;
    const auto in = counted(64 * tiles);
    const uint64_t out = device.upload(std::vector<int>(64));
    device.run("copy_pipeline", {1}, {64}, device.upload(in), out, tiles);
    const auto got = device.download<int>(out, 64);
    for (size_t t = 0; t < 64; ++t) {
      int want = 0;
      for (size_t i = 0; i < tiles; ++i) want += in[i * 64 + (t + 17) % 64];
      CHECK(got[t] == want);
    }
  });
}

TEST_CASE("a tiled matrix product and a histogram") {
  in_every_mode(
      [](Device& device) {
        const uint32_t n = 40;
        std::vector<float> a(n * n), b(n * n);
        for (size_t i = 0; i < a.size(); ++i) {
          a[i] = static_cast<float>(i % 7);
          b[i] = static_cast<float>(i % 5);
        }
        const uint64_t c = device.upload(std::vector<float>(n * n));
        device.run("gemm_tiled", {3, 3}, {16, 16}, device.upload(a), device.upload(b), c, n);
        const auto got = device.download<float>(c, n * n);
        size_t wrong = 0;
        for (size_t row = 0; row < n; ++row) {
          for (size_t column = 0; column < n; ++column) {
            float sum = 0;
            for (size_t k = 0; k < n; ++k) sum += a[row * n + k] * b[k * n + column];
            wrong += got[row * n + column] != sum ? 1 : 0;
          }
        }
        CHECK(wrong == 0);
        std::vector<uint8_t> bytes(3000);
        for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 11);
        const uint64_t bins = device.upload(std::vector<uint32_t>(256));
        device.run("histogram", {3}, {64}, device.upload(bytes), bins, 3000);
        std::vector<uint32_t> want(256);
        for (const uint8_t v : bytes) ++want[v];
        CHECK(device.download<uint32_t>(bins, 256) == want);
      },
      SOFTGPU_ENGINE_KERNELS);
}
