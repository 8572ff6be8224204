// SPDX-License-Identifier: MIT
// Kernels that nvcc compiled (matrix_kernels.cu) against the same products on the host. Inputs are
// small integers: all sums are exact.

#include "matrix_harness.hpp"

using namespace softgpu::test;

namespace {

std::vector<int> small_integers(size_t n, uint64_t seed) {
  Numbers numbers(seed);
  std::vector<int> values(n);
  for (int& v : values) v = static_cast<int>(numbers.between(-8, 8));
  return values;
}
// Codes of integers of magnitude at most 8.
uint16_t half_of(int value) {
  float x = static_cast<float>(value);
  uint32_t bits = 0;
  std::memcpy(&bits, &x, 4);
  return static_cast<uint16_t>(
      value == 0 ? 0U : ((bits >> 16) & 0x8000U) | (((bits & 0x7fffffffU) - (112U << 23)) >> 13));
}
uint16_t bfloat_of(int value) {
  float x = static_cast<float>(value);
  uint32_t bits = 0;
  std::memcpy(&bits, &x, 4);
  return static_cast<uint16_t>(bits >> 16);
}
template <class T, class F>
std::vector<T> converted(const std::vector<int>& values, F f) {
  std::vector<T> out;
  for (int v : values) out.push_back(f(v));
  return out;
}
// b by rows, or by columns (the transpose).
std::vector<int> product(const std::vector<int>& a, const std::vector<int>& b, size_t n,
                         bool b_by_columns) {
  std::vector<int> c(n * n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      for (size_t k = 0; k < n; ++k) {
        c[i * n + j] += a[i * n + k] * (b_by_columns ? b[j * n + k] : b[k * n + j]);
      }
    }
  }
  return c;
}

}  // namespace

TEST_CASE("nvcuda::wmma with half and float") {
  Device device;
  device.load_file(SOFTGPU_MATRIX_KERNELS);
  const uint32_t n = 48;
  const auto a = small_integers(n * n, 1), b = small_integers(n * n, 2);
  const uint64_t c = device.upload(std::vector<float>(n * n));
  device.run("wmma_gemm", {n / 16, n / 16}, {32}, device.upload(converted<uint16_t>(a, half_of)),
             device.upload(converted<uint16_t>(b, half_of)), c, n);
  const auto got = device.download<float>(c, n * n);
  const auto expected = product(a, b, n, false);
  for (size_t i = 0; i < n * n; ++i) REQUIRE(got[i] == static_cast<float>(2 * expected[i]));
}

TEST_CASE("nvcuda::wmma with signed char and int, through shared memory") {
  Device device;
  device.load_file(SOFTGPU_MATRIX_KERNELS);
  const uint32_t n = 32;
  const auto a = small_integers(n * n, 3), b = small_integers(n * n, 4);
  const uint64_t c = device.upload(std::vector<int>(n * n));
  const auto byte = [](int v) { return static_cast<int8_t>(v); };
  device.run("wmma_bytes", {n / 16, n / 16}, {32}, device.upload(converted<int8_t>(a, byte)),
             device.upload(converted<int8_t>(b, byte)), c, n);
  CHECK(device.download<int>(c, n * n) == product(a, b, n, true));
}

TEST_CASE("nvcuda::wmma with double") {
  Device device;
  device.load_file(SOFTGPU_MATRIX_KERNELS);
  const uint32_t n = 24;
  const auto a = small_integers(n * n, 5), b = small_integers(n * n, 6);
  const uint64_t c = device.upload(std::vector<double>(n * n));
  const auto wide = [](int v) { return static_cast<double>(v); };
  device.run("wmma_double", {n / 8, n / 8}, {32}, device.upload(converted<double>(a, wide)),
             device.upload(converted<double>(b, wide)), c, n);
  const auto expected = product(a, b, n, true);
  CHECK(device.download<double>(c, n * n) == converted<double>(expected, wide));
}

TEST_CASE("ldmatrix and mma.sync: a tiled product of bf16") {
  Device device;
  device.load_file(SOFTGPU_MATRIX_KERNELS);
  const uint32_t n = 128;
  const auto a = small_integers(n * n, 7), b = small_integers(n * n, 8);
  const uint64_t c = device.upload(std::vector<float>(n * n));
  device.run("mma_gemm", {n / 64, n / 64}, {128}, device.upload(converted<uint16_t>(a, bfloat_of)),
             device.upload(converted<uint16_t>(b, bfloat_of)), c, n);
  const auto got = device.download<float>(c, n * n);
  const auto expected = product(a, b, n, false);
  for (size_t i = 0; i < n * n; ++i) REQUIRE(got[i] == static_cast<float>(expected[i]));
}
