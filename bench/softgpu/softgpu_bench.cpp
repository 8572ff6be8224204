// SPDX-License-Identifier: MIT
// How fast the engine of the software device executes.
//
// Each benchmark launches one kernel of kernels.cu over and over and reports, from the engine's own
// counters,
//   threads/s   active-thread instructions a second (a warp instruction with n lanes active counts
//   n) warps/s     warp instructions a second active      lanes active in a warp instruction, on
//   average
// in wall time. SOFTGPU_THREADS sets how many cores it may use; scripts/bench-softgpu.sh runs it on
// one and on two.
#include <benchmark/benchmark.h>

#include <vector>

#include "device.hpp"

namespace {

using bench::Device;
using softgpu::engine::counters;

constexpr uint32_t kBlocks = 32;  // enough for a few cores
constexpr uint32_t kThreads = 128;

template <class Launch>
void measure(benchmark::State& state, Launch launch) {
  launch();  // first touch of memory, caches
  const uint64_t threads = counters().thread_instructions, warps = counters().instructions;
  for (auto _ : state) launch();
  const double executed = static_cast<double>(counters().thread_instructions - threads);
  const double issued = static_cast<double>(counters().instructions - warps);
  using benchmark::Counter;
  state.counters["threads/s"] = Counter(executed, Counter::kIsRate);
  state.counters["warps/s"] = Counter(issued, Counter::kIsRate);
  state.counters["active"] = issued > 0 ? executed / issued : 0;
}

Device& device() {
  static Device shared(SOFTGPU_BENCH_PTX);
  return shared;
}
uint64_t buffer(uint64_t bytes) {
  return device().allocate(bytes);
}
uint64_t random_words(size_t count) {
  std::vector<uint32_t> values(count);
  uint32_t state = 1;
  for (uint32_t& v : values) v = state = state * 1664525U + 1013904223U;
  const uint64_t address = buffer(count * 4);
  device().fill(address, values);
  return address;
}

// f16 values from -1 to 1.
uint64_t random_halves(size_t count) {
  std::vector<uint16_t> values(count);
  uint32_t state = 7;
  for (uint16_t& v : values) {
    state = state * 1664525U + 1013904223U;
    v = static_cast<uint16_t>(0x2c00U + (state >> 20 & 0xfffU) + (state >> 16 & 0x8000U));
  }
  const uint64_t address = buffer(count * 2);
  device().fill(address, values);
  return address;
}

// Kernels that take an output of one word a thread and a number of rounds.
void rounds(benchmark::State& state, const char* kernel, int count) {
  const uint64_t out = buffer(kBlocks * kThreads * 4);
  measure(state, [&] { device().run(kernel, {kBlocks}, {kThreads}, out, count); });
}

void copy(benchmark::State& state, const char* kernel, uint32_t element) {
  constexpr uint32_t kBytes = 1U << 20;
  const uint64_t in = buffer(kBytes), out = buffer(kBytes);
  const uint64_t before = counters().bytes_read + counters().bytes_written;
  measure(state, [&] {
    device().run(kernel, {kBlocks}, {kThreads}, in, out, static_cast<int>(kBytes / element));
  });
  state.counters["bytes/s"] = benchmark::Counter(
      static_cast<double>(counters().bytes_read + counters().bytes_written - before),
      benchmark::Counter::kIsRate);
}

void transpose(benchmark::State& state) {
  constexpr int kWidth = 512;
  const uint64_t in = buffer(kWidth * kWidth * 4), out = buffer(kWidth * kWidth * 4);
  measure(state, [&] {
    device().run("transpose", {kWidth / kThreads, 16}, {kThreads}, in, out, kWidth);
  });
}

void reduction(benchmark::State& state) {
  const uint64_t in = buffer(256 * 4), out = buffer(kBlocks * 4);
  measure(state, [&] { device().run("reduce_shared", {kBlocks}, {256}, in, out, 20); });
}

void histogram(benchmark::State& state) {
  constexpr int kCount = 1 << 17;
  const uint64_t in = random_words(kCount), bins = buffer(64 * 4);
  measure(state, [&] { device().run("histogram", {kBlocks}, {kThreads}, in, bins, kCount); });
}

void gemm(benchmark::State& state) {
  constexpr int kSize = 256;
  const uint64_t a = buffer(kSize * kSize * 4), b = buffer(kSize * kSize * 4),
                 c = buffer(kSize * kSize * 4);
  measure(state, [&] {
    device().run("gemm_registers", {kSize / 64, kSize / 64}, {64}, a, b, c, kSize);
  });
}

// The multiply-adds of a tensor core are not instructions of their own: counted apart.
void gemm_mma(benchmark::State& state) {
  constexpr int kSize = 256;
  const uint64_t a = random_halves(kSize * kSize), b = random_halves(kSize * kSize);
  const uint64_t c = buffer(kSize * kSize * 4);
  measure(state, [&] {
    device().run("gemm_mma", {kSize / 64, kSize / 64}, {128}, a, b, c, kSize);
  });
  state.counters["multiply-adds/s"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * kSize * kSize * kSize, benchmark::Counter::kIsRate);
}

void empty(benchmark::State& state, uint32_t blocks) {
  measure(state, [&] { device().run("empty", {blocks}, {kThreads}); });
}

void add(const char* name, void (*run)(benchmark::State&)) {
  benchmark::RegisterBenchmark(name, run)->MeasureProcessCPUTime()->UseRealTime();
}

}  // namespace

int main(int argc, char** argv) {
  add("fma", [](benchmark::State& s) { rounds(s, "fma_loop", 500); });
  add("integers", [](benchmark::State& s) { rounds(s, "integer_mix", 100); });
  add("special functions", [](benchmark::State& s) { rounds(s, "special_functions", 50); });
  add("divergent loop", [](benchmark::State& s) { rounds(s, "divergent_loop", 200); });
  add("one lane", [](benchmark::State& s) { rounds(s, "one_lane", 1000); });
  add("copy, words", [](benchmark::State& s) { copy(s, "copy_words", 4); });
  add("copy, vectors", [](benchmark::State& s) { copy(s, "copy_vectors", 16); });
  add("transpose", transpose);
  add("reduction, barriers", reduction);
  add("histogram, atomics", histogram);
  add("matrix product, registers", gemm);
  add("matrix product, mma.sync", gemm_mma);
  add("empty kernel, 1 block", [](benchmark::State& s) { empty(s, 1); });
  add("empty kernel, 64 blocks", [](benchmark::State& s) { empty(s, 64); });
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
