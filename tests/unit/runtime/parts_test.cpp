// SPDX-License-Identifier: MIT
// The small parts behind the launch hook: step counter, handle map, argument block, stream slots.
#include <atomic>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "interpose/runtime/argument_block.hpp"
#include "interpose/runtime/handle_map.hpp"
#include "interpose/runtime/node_slots.hpp"
#include "interpose/runtime/step_counter.hpp"
#include "interpose/runtime/stream_slots.hpp"
#include "support/catch.hpp"

using namespace nonans;
using namespace nonans::interpose;

// ---- steps --------------------------------------------------------------------------------------

TEST_CASE("steps: without an optimiser there are none") {
  StepCounter steps;
  for (int i = 0; i < 10; ++i) REQUIRE(steps.on_launch(false) == 0);
  REQUIRE(steps.ended() == 0);
}

TEST_CASE("steps: the launch after the optimiser's opens the next one") {
  StepCounter steps;
  steps.announce_optimiser();
  for (uint32_t step = 1; step <= 5; ++step) {
    for (int i = 0; i < 4; ++i) REQUIRE(steps.on_launch(false) == step);
    for (int i = 0; i < 3; ++i) REQUIRE(steps.on_launch(true) == step);
    REQUIRE(steps.ended() == step - 1);
  }
}

TEST_CASE("steps: an optimiser's launch counts even if it was not announced") {
  StepCounter steps;
  REQUIRE(steps.on_launch(false) == 0);
  REQUIRE(steps.on_launch(true) == 1);
  REQUIRE(steps.on_launch(false) == 2);
}

TEST_CASE("steps: of several threads that open the next step only one does") {
  StepCounter steps;
  for (uint32_t round = 0; round < 200; ++round) {
    steps.on_launch(true);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) threads.emplace_back([&] { steps.on_launch(false); });
    for (std::thread& thread : threads) thread.join();
    REQUIRE(steps.ended() == round + 1);
  }
}

// ---- handles ------------------------------------------------------------------------------------

TEST_CASE("handles: found, replaced, forgotten, and found again under the same number") {
  HandleMap<int> map;
  int a = 1, b = 2;
  REQUIRE(map.find(0x1000) == nullptr);
  map.set(0x1000, &a);
  REQUIRE(map.find(0x1000) == &a);
  map.set(0x1000, &b);
  REQUIRE(map.find(0x1000) == &b);
  map.forget(0x1000);
  REQUIRE(map.find(0x1000) == nullptr);
  map.forget(0x2000);
  map.set(0x1000, &a);
  REQUIRE(map.find(0x1000) == &a);
  map.set(0, &a);
  REQUIRE(map.find(0) == nullptr);
}

TEST_CASE("handles: many, while readers look") {
  constexpr uint64_t kCount = 20000;
  HandleMap<uint64_t> map;
  std::vector<uint64_t> values(kCount);
  std::atomic<uint64_t> written{0}, wrong{0};
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    uint64_t i = 0;
    while (!stop.load()) {
      const uint64_t known = written.load(std::memory_order_acquire);
      if (known == 0) continue;
      i = (i * 6364136223846793005u + 1) % known;
      const uint64_t* value = map.find((i + 1) * 16);
      if (value != &values[i]) ++wrong;
    }
  });
  for (uint64_t i = 0; i < kCount; ++i) {
    map.set((i + 1) * 16, &values[i]);
    written.store(i + 1, std::memory_order_release);
  }
  stop = true;
  reader.join();
  REQUIRE(wrong.load() == 0);
  for (uint64_t i = 0; i < kCount; ++i) REQUIRE(map.find((i + 1) * 16) == &values[i]);
}

TEST_CASE("handles: a program that makes and forgets them for ever does not fill the table") {
  HandleMap<int> map;
  int value = 0;
  for (uint64_t i = 1; i < 200000; ++i) {
    map.set(i * 8, &value);
    map.forget(i * 8);
  }
  map.set(8, &value);
  REQUIRE(map.find(8) == &value);
  REQUIRE(map.capacity() <= 1024);
}

// ---- arguments ----------------------------------------------------------------------------------

namespace {

// (ptr 8 @0, u32 4 @8, struct 24 @16)
analyze::KernelProfile three_parameters() {
  analyze::KernelProfile profile;
  const uint64_t layout[][2] = {{0, 8}, {8, 4}, {16, 24}};
  for (const auto& [offset, size] : layout) {
    image::ptx::Variable param;
    param.offset = offset;
    param.size = size;
    profile.params.push_back(param);
  }
  profile.param_bytes = 40;
  return profile;
}

}  // namespace

TEST_CASE("arguments: kernelParams are laid out as the device sees them") {
  uint64_t pointer = 0x1122334455667788;
  uint32_t number = 7;
  char structure[24];
  std::memset(structure, 'x', sizeof structure);
  void* params[] = {&pointer, &number, structure};
  const ArgumentBlock block(three_parameters(), params, nullptr);
  REQUIRE(block.ok());
  REQUIRE(block.bytes().size() == 40);
  REQUIRE(std::memcmp(block.bytes().data(), &pointer, 8) == 0);
  REQUIRE(std::memcmp(block.bytes().data() + 8, &number, 4) == 0);
  REQUIRE(std::memcmp(block.bytes().data() + 16, structure, 24) == 0);
}

TEST_CASE("arguments: extra is used where it stands") {
  std::byte buffer[40] = {};
  size_t size = sizeof buffer;
  void* extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, buffer, CU_LAUNCH_PARAM_BUFFER_SIZE, &size,
                   CU_LAUNCH_PARAM_END};
  const ArgumentBlock block(three_parameters(), nullptr, extra);
  REQUIRE(block.ok());
  REQUIRE(block.bytes().data() == buffer);
  size = 39;
  REQUIRE_FALSE(ArgumentBlock(three_parameters(), nullptr, extra).ok());
  size = 40;
  extra[0] = reinterpret_cast<void*>(uintptr_t{9});
  REQUIRE_FALSE(ArgumentBlock(three_parameters(), nullptr, extra).ok());
}

TEST_CASE("arguments: none at all, too many, and null") {
  REQUIRE(ArgumentBlock(analyze::KernelProfile{}, nullptr, nullptr).ok());
  REQUIRE_FALSE(ArgumentBlock(three_parameters(), nullptr, nullptr).ok());
  analyze::KernelProfile huge = three_parameters();
  huge.param_bytes = 32765;
  uint64_t pointer = 0;
  char structure[24] = {};
  void* params[] = {&pointer, &pointer, structure};
  REQUIRE_FALSE(ArgumentBlock(huge, params, nullptr).ok());
  params[1] = nullptr;
  REQUIRE_FALSE(ArgumentBlock(three_parameters(), params, nullptr).ok());
}

// cuda.h, cuLaunchKernel: 4,096 bytes of parameters, and 32,764 since CUDA 12.1.
TEST_CASE("arguments: as many bytes as a launch may have") {
  analyze::KernelProfile profile;
  profile.param_bytes = 32764;
  profile.params.resize(2);
  profile.params[0].size = 32756;
  profile.params[1].offset = 32756;
  profile.params[1].size = 8;
  std::vector<char> structure(32756, 'x');
  uint64_t pointer = 0x7000;
  void* params[] = {structure.data(), &pointer};
  {
    std::vector<std::unique_ptr<ArgumentBlock>> held;
    for (int i = 0; i < 8; ++i) {
      held.push_back(std::make_unique<ArgumentBlock>(profile, params, nullptr));
      REQUIRE(held.back()->ok());
      REQUIRE(held.back()->bytes().size() == 32764);
      REQUIRE(std::memcmp(held.back()->bytes().data() + 32756, &pointer, 8) == 0);
      REQUIRE(held.back()->bytes().data() != held.front()->bytes().data() + (i == 0 ? 1 : 0));
    }
    // All buffers are in use: not understood, and no allocation.
    REQUIRE_FALSE(ArgumentBlock(profile, params, nullptr).ok());
  }
  REQUIRE(ArgumentBlock(profile, params, nullptr).ok());
}

// ---- streams ------------------------------------------------------------------------------------

using api::StreamFlavour;

namespace {
CUstream stream(uint64_t number) {
  return reinterpret_cast<CUstream>(number);
}
}  // namespace

TEST_CASE("streams: which of them are one") {
  REQUIRE(stream_key(nullptr, StreamFlavour::legacy) ==
          stream_key(CU_STREAM_LEGACY, StreamFlavour::legacy));
  REQUIRE(stream_key(nullptr, StreamFlavour::per_thread) ==
          stream_key(CU_STREAM_PER_THREAD, StreamFlavour::legacy));
  REQUIRE(stream_key(nullptr, StreamFlavour::legacy) !=
          stream_key(nullptr, StreamFlavour::per_thread));
  REQUIRE(stream_key(stream(0x5000), StreamFlavour::legacy) ==
          stream_key(stream(0x5000), StreamFlavour::per_thread));
  uint64_t other = 0;
  std::thread([&] { other = stream_key(nullptr, StreamFlavour::per_thread); }).join();
  REQUIRE(other != stream_key(nullptr, StreamFlavour::per_thread));
}

TEST_CASE("streams: one slot each until there are none, and again after the idle ones went") {
  StreamSlots slots;
  std::vector<StreamSlot*> taken;
  for (uint64_t i = 1; i <= StreamSlots::kCount; ++i) {
    taken.push_back(slots.acquire(i * 16));
    REQUIRE(taken.back() != nullptr);
    REQUIRE(slots.acquire(i * 16) == taken.back());
    REQUIRE(slots.index_of(*taken.back()) == i - 1);
  }
  REQUIRE(slots.acquire(0x999990) == nullptr);
  std::vector<uint32_t> limbo;
  slots.release(16, true, [&](uint32_t i) { limbo.push_back(i); });
  REQUIRE(limbo.empty());
  REQUIRE(slots.acquire(0x999990) == taken[0]);
  slots.release(32, false, [&](uint32_t i) { limbo.push_back(i); });
  REQUIRE(limbo == std::vector<uint32_t>{1});
  REQUIRE(slots.acquire(0x888880) == nullptr);  // what runs there may still count in it
  slots.reclaim(1);
  REQUIRE(slots.acquire(0x888880) == taken[1]);
}

TEST_CASE("streams: launches that overlap know it, whoever came first") {
  StreamSlots slots;
  StreamSlot& slot = *slots.acquire(16);
  {
    StreamSlot::Launch alone(slot);
    REQUIRE_FALSE(alone.raced());
  }
  StreamSlot::Launch first(slot);
  {
    StreamSlot::Launch second(slot);
    REQUIRE(second.raced());
    REQUIRE(first.raced());
  }
  REQUIRE(first.raced());  // it came between, even if it is over
}

TEST_CASE("streams: threads that launch on one stream at once never all believe to be alone") {
  StreamSlots slots;
  StreamSlot& slot = *slots.acquire(16);
  std::atomic<int> inside{0}, wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20000; ++i) {
        StreamSlot::Launch launch(slot);
        const bool others = inside.fetch_add(1) != 0;
        if (others && !launch.raced()) ++wrong;
        inside.fetch_sub(1);
      }
    });
  for (std::thread& thread : threads) thread.join();
  REQUIRE(wrong.load() == 0);
}

// ---- slots of graph nodes -----------------------------------------------------------------------

TEST_CASE("node slots: none overlap, and what came back is used again") {
  NodeSlots slots;
  slots.open(4096, 1000);
  std::vector<std::pair<uint64_t, uint64_t>> taken;
  for (uint32_t n = 1; uint64_t slot = slots.take(n % 3 + 1); ++n)
    taken.emplace_back(slot, slot + NN_SLOT_BYTES(n % 3 + 1));
  REQUIRE(taken.size() > 8);
  for (size_t i = 0; i < taken.size(); ++i) {
    REQUIRE(taken[i].first >= 4096);
    REQUIRE(taken[i].second <= 5096);
    REQUIRE(taken[i].first % 16 == 0);
    for (size_t j = 0; j < i; ++j)
      REQUIRE((taken[i].first >= taken[j].second || taken[j].first >= taken[i].second));
  }
  const uint64_t two = taken[0].first;
  REQUIRE(taken[0].second - two == NN_SLOT_BYTES(2));
  slots.give_back(two, 2);
  REQUIRE(slots.take(2) == two);
  REQUIRE(slots.take(NN_MAX_OUTPUTS) == 0);
}

TEST_CASE("node slots: a size that no scan has is refused") {
  NodeSlots slots;
  slots.open(4096, 1 << 20);
  REQUIRE(slots.take(0) == 0);
  REQUIRE(slots.take(NN_MAX_OUTPUTS + 1) == 0);
  slots.give_back(0, 1);
  slots.give_back(4096, 0);
  REQUIRE(slots.take(1) != 0);
}

TEST_CASE("node slots: before the device memory is there, there are none") {
  NodeSlots slots;
  REQUIRE(slots.take(1) == 0);
}

TEST_CASE("node slots: threads that take and give back never share one") {
  NodeSlots slots;
  slots.open(16, 8 * NN_SLOT_BYTES(1));
  std::atomic<int> in_use[8] = {};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20000; ++i) {
        const uint64_t slot = slots.take(1);
        if (slot == 0) continue;
        std::atomic<int>& mine = in_use[(slot - 16) / NN_SLOT_BYTES(1)];
        if (mine.fetch_add(1) != 0) ++wrong;
        mine.fetch_sub(1);
        slots.give_back(slot, 1);
      }
    });
  for (std::thread& thread : threads) thread.join();
  REQUIRE(wrong.load() == 0);
  REQUIRE(slots.lost() == 0);
}
