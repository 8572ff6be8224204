// SPDX-License-Identifier: MIT
// What observers are told: which events, in which order, how often; and that they change nothing.
#include <map>
#include <mutex>
#include <set>

#include "engine/observer.hpp"
#include "harness.hpp"

using namespace softgpu::test;
using namespace softgpu::engine;

namespace {

// Writes every event down, by block.
struct Recorder : Observer {
  std::mutex mutex;
  std::map<uint64_t, std::vector<std::string>> blocks;
  std::vector<std::string> launches, faults;
  std::set<uint64_t> ended;

  struct InBlock : BlockObserver {
    Recorder& r;
    uint64_t linear;
    std::vector<std::string> events;
    InBlock(Recorder& recorder, uint64_t block) : r(recorder), linear(block) {}
    ~InBlock() override {
      const std::lock_guard lock(r.mutex);
      r.blocks[linear] = events;
      r.ended.insert(linear);
    }
    void instruction(const InstructionEvent& e) override {
      events.push_back("i " + std::to_string(e.warp) + " " + e.instruction.spelling() + " " +
                       std::to_string(__builtin_popcount(e.active)) + "/" +
                       std::to_string(__builtin_popcount(e.mask)));
    }
    void access(const AccessEvent& a) override {
      const char* const kinds[] = {"read", "write", "atomic", "async_read", "async_write"};
      const char* const spaces[] = {"global", "shared", "local", "param"};
      events.push_back("a " + std::to_string(a.warp) + " " + spaces[static_cast<size_t>(a.space)] +
                       " " + kinds[static_cast<size_t>(a.kind)] + " " + std::to_string(a.size) +
                       " " + std::to_string(__builtin_popcount(a.mask)) + " " +
                       std::to_string(a.address[__builtin_ctz(a.mask)] & 0xfffU));
    }
    void barrier_arrive(const BarrierEvent& e) override {
      events.push_back("arrive " + std::to_string(e.warp) + " " + std::to_string(e.number) + " " +
                       std::to_string(__builtin_popcount(e.mask)) + (e.waits ? " waits" : ""));
    }
    void barrier_release(const BarrierEvent& e) override {
      events.push_back("release " + std::to_string(e.number));
    }
    void fence(const InstructionEvent& e) override {
      events.push_back("fence " + std::to_string(e.warp));
    }
  };
  struct InLaunch : LaunchObserver {
    Recorder& r;
    explicit InLaunch(Recorder& recorder) : r(recorder) {}
    ~InLaunch() override { r.launches.push_back("end"); }
    std::unique_ptr<BlockObserver> begin(const BlockInfo& b) override {
      return std::make_unique<InBlock>(r, b.linear);
    }
    void exception(const Fault& f) override { r.faults.push_back(f.message); }
  };
  std::unique_ptr<LaunchObserver> begin(const LaunchInfo& l) override {
    launches.push_back("begin " + l.kernel.name);
    return std::make_unique<InLaunch>(*this);
  }
};

std::string kernel(const std::string& body) {
  return ".version 8.0\n.target sm_90\n.address_size 64\n"
         ".visible .entry k(.param .u64 p)\n{\n"
         "  .reg .pred %p<4>; .reg .b32 %r<9>; .reg .b64 %rd<8>; .shared .align 8 .b8 s[256];\n"
         "  ld.param.u64 %rd1, [p];\n" +
         body + "  ret;\n}\n";
}

}  // namespace

TEST_CASE("events of a block come in the order of execution, each once") {
  Device device;
  device.load(
      kernel("  mov.u32 %r1, %tid.x;\n"
             "  setp.lt.u32 %p1, %r1, 4;\n"
             "  @%p1 st.shared.u32 [s+8], %r1;\n"
             "  bar.sync 0;\n"
             "  membar.gl;\n"
             "  @!%p1 bra OUT;\n"
             "  ld.shared.v2.u32 {%r2, %r3}, [s+8];\n"
             "  atom.global.add.u32 %r4, [%rd1+4], 1;\n"
             "OUT:\n"));
  const uint64_t p = device.upload(std::vector<uint32_t>(4));
  Recorder recorder;
  device.observer = &recorder;
  device.run("k", {3}, {32}, p);
  CHECK(recorder.launches == std::vector<std::string>{"begin k", "end"});
  const std::vector<std::string> expected{
      "i 0 ld.param.u64 32/32",
      "a 0 param read 8 32 0",
      "i 0 mov.u32 32/32",
      "i 0 setp.lt.u32 32/32",
      "i 0 st.shared.u32 32/4",
      "a 0 shared write 4 4 8",
      "i 0 bar.sync 32/32",
      "arrive 0 0 32 waits",
      "release 0",
      "i 0 membar.gl 32/32",
      "fence 0",
      "i 0 bra 32/28",
      "i 0 ld.shared.v2.u32 4/4",
      "a 0 shared read 8 4 8",
      "i 0 atom.global.add.u32 4/4",
      "a 0 global atomic 4 4 4",
      "i 0 ret 32/32",
  };
  REQUIRE(recorder.blocks.size() == 3);
  for (const auto& [block, events] : recorder.blocks) CHECK(events == expected);
  CHECK(device.download<uint32_t>(p, 2)[1] == 12);
}

TEST_CASE("an instruction of several lanes in turn is told once, its lanes add up") {
  Device device;
  // Lanes arrive at the shuffle in two groups; a branch by index goes three ways.
  device.load(
      kernel("  mov.u32 %r1, %tid.x;\n  setp.lt.u32 %p1, %r1, 10;\n  @%p1 bra GO;\n"
             "  add.u32 %r2, %r1, 1;\nGO:\n"
             "  shfl.sync.idx.b32 %r3, %r1, 0, 31, 0xffffffff;\n"
             "  rem.u32 %r4, %r1, 3;\n"
             "  ts: .branchtargets A, B, C;\n  brx.idx %r4, ts;\n"
             "A: add.u32 %r5, %r1, 1;\nB: add.u32 %r5, %r1, 1;\nC: add.u32 %r5, %r1, 1;\n"));
  Recorder recorder;
  device.observer = &recorder;
  device.run("k", {1}, {32}, uint64_t{0});
  std::map<std::string, std::pair<int, uint32_t>> seen;
  for (const std::string& e : recorder.blocks.at(0)) {
    if (!e.starts_with("i ")) continue;
    const size_t name = e.find(' ', 2) + 1, count = e.rfind('/') + 1;
    auto& [times, lanes] = seen[e.substr(name, e.find(' ', name) - name)];
    ++times;
    lanes += static_cast<uint32_t>(std::stoul(e.substr(count)));
  }
  CHECK(seen.at("shfl.sync.idx.b32") == std::pair(1, 32U));
  CHECK(seen.at("brx.idx").second == 32);
  CHECK(seen.at("add.u32").second == 22 + 11 + 22 + 32);
  CHECK(seen.at("ret") == std::pair(1, 32U));
}

TEST_CASE("generic accesses are told by the space they reach") {
  Device device;
  device.load(
      kernel("  mov.u32 %r1, %tid.x;\n  and.b32 %r2, %r1, 1;\n"
             "  setp.eq.u32 %p1, %r2, 0;\n  mov.u64 %rd2, s;\n"
             "  cvta.shared.u64 %rd2, %rd2;\n  selp.b64 %rd3, %rd1, %rd2, %p1;\n"
             "  st.u16 [%rd3+2], 7;\n"));
  const uint64_t p = device.upload(std::vector<uint32_t>(4));
  Recorder recorder;
  device.observer = &recorder;
  device.run("k", {1}, {32}, p);
  std::vector<std::string> writes;
  for (const std::string& e : recorder.blocks.at(0)) {
    if (e.find(" write ") != std::string::npos) writes.push_back(e);
  }
  CHECK(writes == std::vector<std::string>{"a 0 global write 2 16 2", "a 0 shared write 2 16 2"});
}

TEST_CASE("a fault is told once, and the access that faults is not") {
  Device device;
  device.load(kernel("  st.global.u32 [%rd1], 1;\n"));
  Recorder recorder;
  device.observer = &recorder;
  const auto fault = device.try_run("k", {8}, {32}, uint64_t{64});
  REQUIRE(fault);
  CHECK(recorder.faults == std::vector<std::string>{fault->message});
  CHECK(recorder.launches.back() == "end");
  for (const auto& [block, events] : recorder.blocks) {
    for (const std::string& e : events) CHECK(!e.starts_with("a 0 global"));
  }
}

TEST_CASE("parameters of calls that are copied are writes of the callee's stack") {
  Device device;
  device.load(
      ".version 8.0\n.target sm_90\n.address_size 64\n"
      ".func (.param .b32 r) twice(.param .b32 x) {\n  .reg .b32 %r<3>;\n"
      "  ld.param.u32 %r1, [x];\n  add.u32 %r2, %r1, %r1;\n  st.param.b32 [r], %r2;\n  ret;\n}\n"
      ".visible .entry k(.param .u64 p)\n{\n  .reg .b32 %r<4>; .reg .b64 %rd<2>;\n"
      "  ld.param.u64 %rd1, [p];\n  mov.u32 %r1, 21;\n  {\n  .param .b32 a; .param .b32 b;\n"
      "  st.param.b32 [a], %r1;\n  call (b), twice, (a);\n  ld.param.b32 %r2, [b];\n  }\n"
      "  st.global.u32 [%rd1], %r2;\n  ret;\n}\n");
  const uint64_t p = device.upload(std::vector<uint32_t>(1));
  Recorder recorder;
  device.observer = &recorder;
  device.run("k", {1}, {1}, p);
  CHECK(device.download<uint32_t>(p, 1)[0] == 42);
  size_t written = 0, read = 0;
  for (const std::string& e : recorder.blocks.at(0)) {
    written += e.starts_with("a 0 local write 4 1") ? 1 : 0;
    read += e.starts_with("a 0 local read 4 1") ? 1 : 0;
  }
  CHECK(written == 4);  // a, its copy, r, its copy
  CHECK(read == 2);
}

TEST_CASE("an observer that wants no block still hears the launch end") {
  struct Quiet : Observer {
    int ended = 0;
    struct InLaunch : LaunchObserver {
      int& ended;
      explicit InLaunch(int& e) : ended(e) {}
      ~InLaunch() override { ++ended; }
    };
    std::unique_ptr<LaunchObserver> begin(const LaunchInfo&) override {
      return std::make_unique<InLaunch>(ended);
    }
  } quiet;
  Device device;
  device.load(kernel("  st.global.u32 [%rd1], 1;\n"));
  const uint64_t p = device.upload(std::vector<uint32_t>(1));
  device.observer = &quiet;
  device.run("k", {100}, {64}, p);
  CHECK(quiet.ended == 1);
  CHECK(device.download<uint32_t>(p, 1)[0] == 1);
}
