// SPDX-License-Identifier: MIT
// What a hook costs the host. scripts/bench-hooks.sh runs it and takes the differences.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "scene.hpp"

using nonans::bench::direct;
using nonans::bench::Scene;
using nonans::bench::trampoline;
using nonans::bench::watch_nothing;

namespace {

// The call alone, its arguments ready.
void call(benchmark::State& state, nonans::bench::Launch through) {
  void* params[] = {nullptr};
  for (auto _ : state) {
    benchmark::DoNotOptimize(through(nullptr, 1, 1, 1, 1, 1, 1, 0, nullptr, params, nullptr));
  }
}
void direct_call(benchmark::State& state) {
  call(state, direct);
}
void switched_off(benchmark::State& state) {
  watch_nothing(true);
  call(state, trampoline);
}
void before_a_context(benchmark::State& state) {
  watch_nothing(false);
  call(state, trampoline);
}

Scene& scene_of(int64_t buffers) {
  static std::unique_ptr<Scene> scene;
  static int64_t present = 0;
  if (present != buffers) {
    scene.reset();
    scene = std::make_unique<Scene>(static_cast<size_t>(buffers));
    present = buffers;
  }
  return *scene;
}

void lookup(benchmark::State& state) {
  Scene& scene = scene_of(state.range(0));
  for (int i = 0; i < 100'000; ++i) scene.look_up();
  for (auto _ : state) benchmark::DoNotOptimize(scene.look_up());
}

// Each look-up timed by itself, the two readings of the clock included.
void lookup_p99(benchmark::State& state) {
  Scene& scene = scene_of(state.range(0));
  for (int i = 0; i < 100'000; ++i) scene.look_up();
  std::vector<double> times;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(scene.look_up());
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    times.push_back(took.count());
  }
  const auto p99 = times.begin() + static_cast<std::ptrdiff_t>(times.size() * 99 / 100);
  std::nth_element(times.begin(), p99, times.end());
  state.counters["p99_ns"] = *p99;
}

// All of it: the launch, the look-ups, the plan, the launch of the scan.
void watched_launch(benchmark::State& state) {
  Scene& scene = scene_of(state.range(0));
  for (int i = 0; i < 10'000; ++i) scene.launch(trampoline);
  const uint64_t before = Scene::scans();
  for (auto _ : state) benchmark::DoNotOptimize(scene.launch(trampoline));
  state.counters["scans"] =
      static_cast<double>(Scene::scans() - before) / static_cast<double>(state.iterations());
}

}  // namespace

// In this order: once a scene was made the process has a runtime.
BENCHMARK(direct_call);
BENCHMARK(switched_off);
BENCHMARK(before_a_context);
BENCHMARK(lookup)->Arg(10'000);
BENCHMARK(watched_launch)->Arg(10'000);
BENCHMARK(lookup)->Arg(1'000'000);
BENCHMARK(lookup_p99)->Arg(1'000'000)->Iterations(200'000);

BENCHMARK_MAIN();
