// SPDX-License-Identifier: MIT
// A random walk through the driver API that writes down all it is told.
//
//   World world(image, seed);
//   edit_graph(world);
//
// Two runs with one seed make the same calls, so they must write the same lines, whoever else is in
// the process.
//
// What a graph runs in no particular order must give the same bytes in every order: each call of a
// kernel, copy or fill that is made up here writes to a slot of its own, and reads only what nobody
// writes.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "preloaded/walk/transcript.hpp"

struct Random {
  uint64_t state;
  explicit Random(uint64_t seed) : state(seed * 0x9e3779b97f4a7c15u + 1) {}
  uint64_t next() {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state * 0x2545f4914f6cdd1du >> 16;
  }
  unsigned below(size_t n) { return static_cast<unsigned>(next() % n); }
  bool one_in(unsigned n) { return below(n) == 0; }
};

// One launch with its arguments. Copies point into themselves, so params() is asked for each use.
struct Call {
  CUfunction function = nullptr;
  unsigned grid = 4, block = 64;
  unsigned count = 0;                    // arguments
  std::array<uint64_t, 5> values{};      // or one structure of 24 bytes
  std::vector<unsigned> sizes, offsets;  // for `extra`
  std::array<void*, 5> pointers{};
  void** params() {
    for (unsigned i = 0; i < count; ++i) pointers[i] = &values[i];
    return pointers.data();
  }
  // The arguments as one block.
  std::vector<char> block_of_arguments() const;
  CUDA_KERNEL_NODE_PARAMS node() {
    return {function, grid, 1, 1, block, 1, 1, 0, params(), nullptr, nullptr, nullptr};
  }
};

struct GraphOf {
  CUgraph handle = nullptr;
  bool own = false;          // may be destroyed
  CUgraph inside = nullptr;  // of a body: the graph of its node
  std::vector<CUgraphNode> nodes;
};
struct ExecOf {
  CUgraphExec handle = nullptr;
  CUgraph graph = nullptr;
};

class World : public Transcript {
 public:
  static constexpr int kN = 256;
  static constexpr size_t kSlots = 3000;
  World(const char* image_path, uint64_t seed);

  Random random;
  CUcontext context = nullptr;
  CUdevice device = 0;
  std::vector<CUstream> streams;  // the first is the legacy one
  std::vector<CUevent> events;
  std::vector<GraphOf> graphs;
  std::vector<ExecOf> execs;
  std::string image;

  CUfunction function(const char* which) { return functions_.at(which); }
  // A call that writes a slot of its own.
  Call call();
  CUdeviceptr slot();
  CUdeviceptr input() const { return input_; }
  // Of all slots, once everything is done.
  void fingerprint();
  CUstream stream() { return streams[random.below(streams.size())]; }
  std::atomic<unsigned> host_calls{0};
  static void count_host_call(void* world) { ++static_cast<World*>(world)->host_calls; }

 private:
  std::map<std::string, CUfunction> functions_;
  std::vector<CUdeviceptr> slots_;
  size_t used_ = 0;
  CUdeviceptr input_ = 0;
};

uint64_t fingerprint_of(const void* bytes, size_t size, uint64_t so_far = 0xcbf29ce484222325u);

// The parts of a walk, each one step. They leave nothing on the streams.
void edit_graph(World& world);     // nodes and edges come and go
void query_graphs(World& world);   // everything a graph says of itself
void run_graph(World& world);      // instantiate, update, enable, launch
void capture_graph(World& world);  // a stream's work becomes a graph
void use_memory(World& world);     // allocations, copies, fills, pools, host memory
void use_streams(World& world);    // launches, streams, events, modules
