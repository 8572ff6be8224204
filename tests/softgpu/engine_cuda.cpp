// SPDX-License-Identifier: MIT
// Kernels that nvcc compiled (engine_kernels.cu) against the same computation on the host.
#include <bit>
#include <cmath>
#include <random>

#include "harness.hpp"

using namespace softgpu::test;

namespace {

std::vector<float> random_floats(size_t n, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<float> values(n);
  for (float& v : values) v = static_cast<float>(generator() % 2001) / 500.0F - 2.0F;
  return values;
}

}  // namespace

TEST_CASE("a tiled matrix product is bit for bit the host's chain of fma") {
  Device device;
  device.load_file(SOFTGPU_ENGINE_KERNELS);
  const uint32_t n = 75;
  const auto a = random_floats(n * n, 1), b = random_floats(n * n, 2);
  const uint64_t c = device.upload(std::vector<float>(n * n));
  device.run("gemm_tiled", {(n + 15) / 16, (n + 15) / 16}, {16, 16}, device.upload(a),
             device.upload(b), c, n);
  const auto got = device.download<float>(c, n * n);
  size_t wrong = 0;
  for (uint32_t row = 0; row < n; ++row) {
    for (uint32_t column = 0; column < n; ++column) {
      float sum = 0;
      for (uint32_t k = 0; k < n; ++k) sum = std::fma(a[row * n + k], b[k * n + column], sum);
      wrong += got[row * n + column] != sum ? 1 : 0;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("softmax by rows sums to one and follows the host") {
  Device device;
  device.load_file(SOFTGPU_ENGINE_KERNELS);
  const uint32_t rows = 40, columns = 100;
  const auto in = random_floats(rows * columns, 3);
  const uint64_t out = device.upload(std::vector<float>(rows * columns));
  device.run("softmax_rows", {rows}, {32}, device.upload(in), out, columns);
  const auto got = device.download<float>(out, rows * columns);
  for (uint32_t r = 0; r < rows; ++r) {
    double sum = 0;
    for (uint32_t c = 0; c < columns; ++c)
      sum += std::exp(static_cast<double>(in[r * columns + c]));
    double worst = 0;
    for (uint32_t c = 0; c < columns; ++c) {
      const double want = std::exp(static_cast<double>(in[r * columns + c])) / sum;
      worst = std::max(worst, std::fabs(got[r * columns + c] - want) / want);
    }
    CHECK(worst < 1e-5);
  }
}

TEST_CASE("a histogram with atomics in shared and global memory") {
  Device device;
  device.load_file(SOFTGPU_ENGINE_KERNELS);
  std::mt19937 generator(4);
  std::vector<uint8_t> in(50000);
  std::vector<uint32_t> want(256);
  for (uint8_t& v : in) {
    v = static_cast<uint8_t>(generator() % 256 * (generator() % 256) / 256);
    ++want[v];
  }
  const uint64_t bins = device.upload(std::vector<uint32_t>(256));
  device.run("histogram", {13}, {192}, device.upload(in), bins, static_cast<uint32_t>(in.size()));
  CHECK(device.download<uint32_t>(bins, 256) == want);
}

TEST_CASE("halves, divergent loops, switches and 64-bit arithmetic together") {
  Device device;
  device.load_file(SOFTGPU_ENGINE_KERNELS);
  const uint32_t n = 500;
  std::vector<uint16_t> h(n), b(n);
  std::vector<int64_t> v(n);
  std::vector<double> want(n);
  for (uint32_t i = 0; i < n; ++i) {
    const float x =
        0.125F * static_cast<float>(i % 64) - 4.0F;  // exact in both formats, as are the squares
    h[i] = std::bit_cast<uint16_t>(static_cast<_Float16>(x));
    b[i] = static_cast<uint16_t>(std::bit_cast<uint32_t>(x) >> 16);
    v[i] = 1 + static_cast<int64_t>(i) * 1234567;
    const float half_square = static_cast<float>(static_cast<_Float16>(x * x + 1.0F));
    double r = half_square + 5.0F;
    float square = x * x;  // to bf16, nearest even
    uint32_t bits = std::bit_cast<uint32_t>(square);
    bits = (bits + 0x7fffU + ((bits >> 16) & 1U)) & 0xffff0000U;
    r += std::bit_cast<float>(bits);
    const int64_t y0 = v[i];
    int64_t steps = 0;
    for (int64_t y = y0; y > 1; ++steps) y = y % 2 == 0 ? y / 2 : 3 * y + 1;
    const double d = static_cast<double>(y0);
    switch (i % 5) {
      case 0:
        r += std::sqrt(d);
        break;
      case 1:
        r -= d / 3.0;
        break;
      case 2:
        r *= static_cast<double>(y0 % 7);
        break;
      case 3:
        r += std::popcount(static_cast<uint64_t>(y0)) + std::countl_zero(static_cast<uint64_t>(y0));
        break;
      default:
        r = -r;
        break;
    }
    want[i] = r + static_cast<double>(steps);
  }
  const uint64_t out = device.upload(std::vector<double>(n));
  device.run("mixed", {4}, {128}, device.upload(h), device.upload(b), device.upload(v), out, n);
  const auto got = device.download<double>(out, n);
  for (uint32_t i = 0; i < n; ++i) {
    INFO(i);
    CHECK(got[i] == want[i]);
  }
}
