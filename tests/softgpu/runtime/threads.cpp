// SPDX-License-Identifier: MIT
// Many threads at once, and the default stream of each.
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "fixture.hpp"

extern "C" cudaError_t cudaStreamSynchronize_ptsz(cudaStream_t stream);
extern "C" cudaError_t cudaMemcpyAsync_ptsz(void* to, const void* from, size_t size,
                                            cudaMemcpyKind kind, cudaStream_t stream);

TEST_CASE("threads start the runtime together and work side by side") {
  OK(cudaDeviceReset());
  constexpr int kThreads = 8, kRounds = 20;
  std::vector<float> results(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([t, &results] {
      void* memory = nullptr;
      if (cudaMalloc(&memory, 64 * sizeof(float)) != cudaSuccess) return;
      cudaMemset(memory, 0, 64 * sizeof(float));
      for (int i = 0; i < kRounds; ++i)
        kernels::add(static_cast<float*>(memory), 64, static_cast<float>(t), 1, 64);
      cudaMemcpy(&results[static_cast<size_t>(t)], memory, sizeof(float), cudaMemcpyDeviceToHost);
      cudaFree(memory);
    });
  for (std::thread& t : threads) t.join();
  for (int t = 0; t < kThreads; ++t)
    CHECK(results[static_cast<size_t>(t)] == static_cast<float>(t * kRounds));
}

TEST_CASE("a thread's default stream does not wait for the others'") {
  Buffer<float> values(64);
  kernels::add_per_thread(values.get(), 64, 0);  // loads the code, which waits for the device
  OK(cudaDeviceSynchronize());
  Held held(cudaStreamPerThread);
  std::thread([&values] {
    kernels::add_per_thread(values.get(), 64, 4);
    CHECK(cudaStreamSynchronize_ptsz(nullptr) == cudaSuccess);
    float result = 0;
    CHECK(cudaMemcpyAsync_ptsz(&result, values.get(), sizeof result, cudaMemcpyDeviceToHost,
                               nullptr) == cudaSuccess);
    CHECK(cudaStreamSynchronize_ptsz(nullptr) == cudaSuccess);
    CHECK(result == 4);
  }).join();
  kernels::add_per_thread(values.get(), 64, 1);  // behind the held kernel
  CHECK(cudaStreamQuery(cudaStreamPerThread) == cudaErrorNotReady);
  cudaGetLastError();
  held.let_go();
  OK(cudaStreamSynchronize(cudaStreamPerThread));
  CHECK(values.read()[0] == 5);
}

TEST_CASE("a child of a process that used the device is told that it cannot") {
  OK(cudaFree(nullptr));
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    void* memory = nullptr;
    _exit(cudaMalloc(&memory, 4) == cudaErrorInitializationError ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}
