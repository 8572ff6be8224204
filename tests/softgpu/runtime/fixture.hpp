// SPDX-License-Identifier: MIT
// What the runtime's tests share.
//
//   Buffer<float> values(256);                      // device memory, freed at the end
//   values.fill({1, 2, 3});                         // from the host
//   CHECK(values.read()[2] == 3);                   // to the host
//   OK(cudaDeviceSynchronize());                    // cudaSuccess, or the test ends here
#pragma once

#include <cuda_runtime_api.h>

#include <vector>

#include "kernels.hpp"
#include "support/catch.hpp"

#define OK(call) REQUIRE(cudaGetErrorName(call) == std::string("cudaSuccess"))
// An error, which is then also the thread's last one; reading that clears it.
#define FAILS(call, error)                    \
  do {                                        \
    CHECK((call) == (error));                 \
    CHECK(cudaPeekAtLastError() == (error));  \
    CHECK(cudaGetLastError() == (error));     \
    CHECK(cudaGetLastError() == cudaSuccess); \
  } while (false)

template <typename T>
class Buffer {
 public:
  explicit Buffer(size_t count) : count_(count) {
    void* memory = nullptr;
    OK(cudaMalloc(&memory, count * sizeof(T)));
    data_ = static_cast<T*>(memory);
    OK(cudaMemset(data_, 0, count * sizeof(T)));
  }
  ~Buffer() { cudaFree(data_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  T* get() const { return data_; }
  void fill(const std::vector<T>& from) const {
    OK(cudaMemcpy(data_, from.data(), from.size() * sizeof(T), cudaMemcpyHostToDevice));
  }
  std::vector<T> read() const {
    std::vector<T> out(count_);
    OK(cudaMemcpy(out.data(), data_, count_ * sizeof(T), cudaMemcpyDeviceToHost));
    return out;
  }

 private:
  size_t count_;
  T* data_ = nullptr;
};

// A kernel that runs on a stream until it is let go: what is behind it on the stream cannot have
// run.
class Held {
 public:
  explicit Held(cudaStream_t stream);
  ~Held() { let_go(); }
  void let_go() { *flag_ = 1; }

 private:
  volatile int* flag_;
};
