// SPDX-License-Identifier: MIT
// What every program here needs: options, checked calls, inputs that are the same everywhere, and a
// fingerprint of results.
//
//   Options options(argc, argv);
//   const int rows = options.number("--rows", 256);     // asked for once each, before finish()
//   const bool causal = options.flag("--causal");
//   options.finish();                                   // an option nobody asked for stops the
//   program CHECK_CUDA(cudaMalloc(&pointer, bytes));            // an error names file and line and
//   exits with 2 std::printf("%s\n", fingerprint(result).c_str());   // equal bits, equal text
//
// Results go to stdout, which is the same in each run; times go to stderr. Exit code 0: everything
// agrees with the host; 1: it does not; 2: a CUDA call failed or an option was wrong.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#define CHECK_CUDA(call) ::program::check((call), #call, __FILE__, __LINE__)

namespace program {

inline void check(cudaError_t error, const char* call, const char* file, int line) {
  if (error == cudaSuccess) return;
  std::fprintf(stderr, "%s:%d: %s: %s (%s)\n", file, line, call, cudaGetErrorName(error),
               cudaGetErrorString(error));
  std::exit(2);
}

class Options {
 public:
  Options(int argc, char** argv) : words_(argv + 1, argv + argc) {}

  bool flag(const char* name) {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (words_[i] != name) continue;
      words_.erase(words_.begin() + static_cast<std::ptrdiff_t>(i));
      return true;
    }
    return false;
  }
  std::string text(const char* name, const std::string& otherwise) {
    for (std::size_t i = 0; i + 1 < words_.size(); ++i) {
      if (words_[i] != name) continue;
      const std::string value = words_[i + 1];
      const auto at = words_.begin() + static_cast<std::ptrdiff_t>(i);
      words_.erase(at, at + 2);
      return value;
    }
    return otherwise;
  }
  int number(const char* name, int otherwise) {
    const std::string value = text(name, std::to_string(otherwise));
    char* end = nullptr;
    const long parsed = std::strtol(value.c_str(), &end, 10);
    if (value.empty() || *end != '\0' || parsed < 0 || parsed > 1 << 30) {
      std::fprintf(stderr, "%s takes a number, not '%s'\n", name, value.c_str());
      std::exit(2);
    }
    return static_cast<int>(parsed);
  }
  void finish() const {
    if (words_.empty()) return;
    std::fprintf(stderr, "unknown option '%s'\n", words_.front().c_str());
    std::exit(2);
  }

 private:
  std::vector<std::string> words_;
};

// SplitMix64 (Steele, Lea, Flood 2014): small, and the same on every host, unlike the
// distributions of <random>.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  // In [-1, 1), a multiple of 2^-23.
  float signed_unit() {
    return static_cast<float>(static_cast<std::int32_t>(bits() >> 40) - (1 << 23)) * 0x1p-23F;
  }

 private:
  std::uint64_t state_;
};

// FNV-1a over the bytes of a result.
template <typename T>
std::string fingerprint(const std::vector<T>& values) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::uint64_t hash = 0xCBF29CE484222325U;
  const auto* bytes = reinterpret_cast<const unsigned char*>(values.data());
  for (std::size_t i = 0; i < values.size() * sizeof(T); ++i) {
    hash = (hash ^ bytes[i]) * 0x100000001B3U;
  }
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

// Device memory that is freed with its owner. Contents are not initialised.
template <typename T>
class DeviceArray {
 public:
  explicit DeviceArray(std::size_t count) : count_(count) {
    CHECK_CUDA(cudaMalloc(reinterpret_cast<void**>(&data_), (count ? count : 1) * sizeof(T)));
  }
  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
    copy_from(values);
  }
  ~DeviceArray() { cudaFree(data_); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  T* data() const { return data_; }
  std::size_t size() const { return count_; }
  void copy_from(const std::vector<T>& values) {
    CHECK_CUDA(cudaMemcpy(data_, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice));
  }
  std::vector<T> to_host() const {
    std::vector<T> values(count_);
    CHECK_CUDA(cudaMemcpy(values.data(), data_, count_ * sizeof(T), cudaMemcpyDeviceToHost));
    return values;
  }

 private:
  T* data_ = nullptr;
  std::size_t count_;
};

// Milliseconds between two points of a stream.
class Timer {
 public:
  explicit Timer(cudaStream_t stream) : stream_(stream) {
    CHECK_CUDA(cudaEventCreate(&begin_));
    CHECK_CUDA(cudaEventCreate(&end_));
    CHECK_CUDA(cudaEventRecord(begin_, stream_));
  }
  ~Timer() {
    cudaEventDestroy(begin_);
    cudaEventDestroy(end_);
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  float stop() {
    float milliseconds = 0;
    CHECK_CUDA(cudaEventRecord(end_, stream_));
    CHECK_CUDA(cudaEventSynchronize(end_));
    CHECK_CUDA(cudaEventElapsedTime(&milliseconds, begin_, end_));
    return milliseconds;
  }

 private:
  cudaStream_t stream_;
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
};

}  // namespace program
