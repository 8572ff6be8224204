// SPDX-License-Identifier: MIT
// The registry against a plain ordered map, in one thread and in several.
#include "memory/buffer_registry.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "support/catch.hpp"

using nonans::memory::Buffer;
using nonans::memory::BufferKind;
using nonans::memory::BufferRegistry;

namespace memory = nonans::memory;

namespace {

// What the registry promises, in the simplest form.
class Model {
 public:
  void add(const Buffer& buffer) {
    for (auto it = live_.begin(); it != live_.end();) {
      const bool overlaps = it->second.base < buffer.end() && buffer.base < it->second.end();
      it = overlaps ? live_.erase(it) : std::next(it);
    }
    live_[buffer.base] = buffer;
  }
  bool remove(uint64_t base) { return live_.erase(base) == 1; }
  const Buffer* find(uint64_t address) const {
    auto it = live_.upper_bound(address);
    if (it == live_.begin()) return nullptr;
    const Buffer& buffer = std::prev(it)->second;
    return address < buffer.end() ? &buffer : nullptr;
  }
  uint64_t bytes() const {
    uint64_t sum = 0;
    for (const auto& [base, buffer] : live_) sum += buffer.size;
    return sum;
  }
  std::map<uint64_t, Buffer> live_;
};

void require_same(const BufferRegistry& registry, const Model& model, uint64_t address) {
  const auto found = registry.find(address);
  const Buffer* expected = model.find(address);
  REQUIRE(found.has_value() == (expected != nullptr));
  if (!expected) return;
  REQUIRE(found->base == expected->base);
  REQUIRE(found->size == expected->size);
  REQUIRE(found->context == expected->context);
  REQUIRE(found->kind == expected->kind);
  REQUIRE(found->device == expected->device);
}

}  // namespace

TEST_CASE("a range is found from its first to its last byte and nowhere else") {
  BufferRegistry registry;
  REQUIRE_FALSE(registry.find(0x1000));
  registry.add({.base = 0x1000, .size = 0x100, .kind = BufferKind::managed, .context = 7});
  REQUIRE(registry.find(0x1000)->kind == BufferKind::managed);
  REQUIRE(registry.find(0x10ff)->context == 7);
  REQUIRE_FALSE(registry.find(0xfff));
  REQUIRE_FALSE(registry.find(0x1100));
  REQUIRE(registry.size() == 1);
  REQUIRE(registry.bytes() == 0x100);
  REQUIRE(registry.remove(0x1000));
  REQUIRE_FALSE(registry.remove(0x1000));
  REQUIRE_FALSE(registry.find(0x1000));
  REQUIRE(registry.bytes() == 0);
}

TEST_CASE("an address inside a range is not its base") {
  BufferRegistry registry;
  registry.add({.base = 0x1000, .size = 0x100});
  REQUIRE_FALSE(registry.remove(0x1010));
  REQUIRE(registry.find(0x1010));
}

TEST_CASE("new memory at an old address is a new buffer") {
  BufferRegistry registry;
  registry.add({.base = 0x1000, .size = 0x100});
  const uint64_t first = registry.find(0x1000)->generation;
  registry.remove(0x1000);
  registry.add({.base = 0x1000, .size = 0x100});
  REQUIRE(registry.find(0x1000)->generation != first);
}

TEST_CASE("a range that overlaps live ones replaces them all") {
  BufferRegistry registry;
  for (uint64_t i = 0; i < 100; ++i)
    registry.add({.base = 0x1000 + i * 0x10, .size = 0x10, .context = 1});
  registry.add({.base = 0x1008, .size = 0x100, .context = 2});  // cuts 17 of them
  REQUIRE(registry.size() == 100 - 17 + 1);
  REQUIRE_FALSE(registry.find(0x1007));  // its range began below and is gone with the rest
  REQUIRE(registry.find(0x1008)->context == 2);
  REQUIRE(registry.find(0x1107)->context == 2);
  REQUIRE_FALSE(registry.find(0x1108));
  REQUIRE(registry.find(0x1110)->context == 1);
}

TEST_CASE("empty ranges and ranges beyond the address space are not taken") {
  BufferRegistry registry;
  registry.add({.base = 0x1000, .size = 0});
  registry.add({.base = UINT64_MAX - 10, .size = 100});
  REQUIRE(registry.size() == 0);
}

TEST_CASE("a context takes its ranges along, and only its own") {
  BufferRegistry registry;
  for (uint64_t i = 0; i < 5000; ++i)
    registry.add({.base = i * 0x1000, .size = 0x800, .context = i % 3});
  registry.remove_context(1);
  for (uint64_t i = 0; i < 5000; ++i)
    REQUIRE(registry.find(i * 0x1000 + 5).has_value() == (i % 3 != 1));
  REQUIRE(registry.bytes() == registry.size() * 0x800);
  registry.clear();
  REQUIRE(registry.size() == 0);
  REQUIRE_FALSE(registry.find(0x2000));
}

TEST_CASE("a view keeps showing the state it was taken in") {
  BufferRegistry registry;
  registry.add({.base = 0x1000, .size = 0x100});
  {
    const BufferRegistry::View before = registry.view();
    registry.remove(0x1000);
    for (uint64_t i = 1; i < 2000; ++i) registry.add({.base = i * 0x10000, .size = 0x100});
    REQUIRE(before.find(0x1080));
    REQUIRE_FALSE(before.find(0x10000));
  }
  REQUIRE_FALSE(registry.find(0x1080));
  REQUIRE(registry.find(0x10000));
}

TEST_CASE("random histories agree with an ordered map") {
  const uint32_t seed = GENERATE(1u, 2u, 3u, 4u);
  std::mt19937_64 random(seed);
  BufferRegistry registry;
  Model model;
  // A small address space: overlaps and reuse happen all the time. Seeds alternate between growing
  // and shrinking.
  for (int step = 0; step < 20000; ++step) {
    const bool growing = (step / 4000) % 2 == 0;
    const uint64_t dice = random() % 10;
    if (dice < (growing ? 7u : 3u)) {
      Buffer buffer{.base = random() % 200000,
                    .size = 1 + random() % 60,
                    .context = random() % 5,
                    .device = static_cast<int32_t>(random() % 3) - 1};
      registry.add(buffer);
      model.add(buffer);
    } else if (!model.live_.empty()) {
      auto it = model.live_.lower_bound(random() % 200000);
      if (it == model.live_.end()) it = model.live_.begin();
      const uint64_t base = it->first;
      REQUIRE(registry.remove(base) == model.remove(base));
    }
    require_same(registry, model, random() % 200100);
    if (step % 500 == 0) {
      REQUIRE(registry.size() == model.live_.size());
      REQUIRE(registry.bytes() == model.bytes());
      for (const auto& [base, buffer] : model.live_)
        require_same(registry, model, base + buffer.size - 1);
    }
  }
  while (!model.live_.empty()) {
    REQUIRE(registry.remove(model.live_.begin()->first));
    model.live_.erase(model.live_.begin());
  }
  REQUIRE(registry.size() == 0);
}

TEST_CASE("sharing: of a range, and of all that a context or a pool holds, now and later") {
  BufferRegistry registry;
  constexpr uint64_t kContext = 0xc0, kPool = 0x9001;
  registry.add({.base = 0x1000, .size = 0x100, .context = kContext});
  registry.add({.base = 0x2000, .size = 0x100, .context = kContext});
  registry.add({.base = 0x3000,
                .size = 0x100,
                .kind = BufferKind::pool,
                .context = kContext,
                .owner = kPool});
  const uint64_t generation = registry.find(0x1000)->generation;
  const auto sharing = [&](uint64_t at) { return registry.find(at)->shared_with(); };

  registry.share(0x10ff, 0x2000, memory::kExported);  // one byte of the first, none of the second
  REQUIRE(sharing(0x1000) == memory::kExported);
  REQUIRE(sharing(0x2000) == 0);
  REQUIRE(registry.find(0x1000)->generation == generation);
  REQUIRE_FALSE(registry.find(0x1000)->repairable());

  registry.share_home(kContext, memory::kPeers);
  REQUIRE(sharing(0x1000) == (memory::kExported | memory::kPeers));
  REQUIRE(sharing(0x2000) == memory::kPeers);
  REQUIRE(sharing(0x3000) == 0);  // a pool has an access list of its own
  registry.add({.base = 0x4000, .size = 0x100, .context = kContext});
  REQUIRE(sharing(0x4000) == memory::kPeers);
  registry.share_home(kContext, 0);
  REQUIRE(sharing(0x1000) == memory::kExported);
  REQUIRE(sharing(0x4000) == 0);

  registry.share_home(kPool, memory::kPeers);
  REQUIRE(sharing(0x3000) == memory::kPeers);
  registry.forget_home(kPool);  // destroyed: what was allocated from it lives on, as it is
  REQUIRE(sharing(0x3000) == memory::kPeers);
  REQUIRE(registry.sharing_of_home(kPool) == 0);
  registry.share_home(kContext, memory::kPeers);
  registry.remove_context(kContext);
  REQUIRE(registry.size() == 0);
  registry.add({.base = 0x1000, .size = 0x100, .context = kContext});
  REQUIRE(sharing(0x1000) == 0);
}

TEST_CASE("what was taken for a release that the driver refused is put back as it was") {
  BufferRegistry registry;
  registry.add({.base = 0x1000, .size = 0x100, .context = 1, .device = 2, .sharing = 1});
  const Buffer before = *registry.find(0x1000);
  const auto taken = registry.take(0x1000);
  REQUIRE(taken);
  REQUIRE_FALSE(registry.find(0x1000));
  REQUIRE_FALSE(registry.take(0x1000));
  registry.put_back(*taken);
  REQUIRE(registry.find(0x1000)->generation == before.generation);
  REQUIRE(registry.find(0x1000)->sharing == 1);
  REQUIRE(registry.bytes() == 0x100);
}

TEST_CASE("mappings that meet are one buffer, and come apart where one is taken out") {
  BufferRegistry registry;
  const auto mapping = [](uint64_t base, uint64_t size, memory::Sharing sharing = 0) {
    return Buffer{
        .base = base, .size = size, .kind = BufferKind::mapped, .device = 0, .sharing = sharing};
  };
  registry.map(mapping(0x1000, 0x1000));
  registry.map(mapping(0x3000, 0x1000));
  REQUIRE(registry.size() == 2);
  registry.map(mapping(0x2000, 0x1000));
  REQUIRE(registry.size() == 1);
  REQUIRE(registry.find(0x2800)->base == 0x1000);
  REQUIRE(registry.find(0x2800)->size == 0x3000);

  registry.map(mapping(0x4000, 0x1000, memory::kPeers));  // not alike
  REQUIRE(registry.size() == 2);
  registry.map(mapping(0x2000, 0x1000, memory::kPeers));  // the middle, shared from now on
  REQUIRE(registry.size() == 4);
  REQUIRE(registry.find(0x1fff)->sharing == 0);
  REQUIRE(registry.find(0x2000)->sharing == memory::kPeers);
  REQUIRE(registry.find(0x3000)->sharing == 0);

  const std::vector<Buffer> gone = registry.unmap(0x1800, 0x3800);
  REQUIRE(gone.size() == 3);
  REQUIRE(registry.find(0x17ff)->end() == 0x1800);
  REQUIRE_FALSE(registry.find(0x1800));
  REQUIRE_FALSE(registry.find(0x37ff));
  REQUIRE(registry.find(0x3800)->end() == 0x4000);
  for (const Buffer& piece : gone) registry.map(piece);
  REQUIRE(registry.bytes() == 0x4000);
  REQUIRE(registry.find(0x1fff)->base == 0x1000);
  REQUIRE(registry.find(0x2000)->sharing == memory::kPeers);
  // Memory of another sort next to it stays apart.
  registry.add({.base = 0x5000, .size = 0x1000, .device = 0});
  registry.map(mapping(0x6000, 0x1000));
  REQUIRE(registry.find(0x5000)->size == 0x1000);
}

TEST_CASE("the memory that the registry takes is that of its live ranges") {
  BufferRegistry registry;
  constexpr uint64_t kCount = 100000;
  std::vector<uint64_t> order(kCount);
  for (uint64_t i = 0; i < kCount; ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), std::mt19937_64(7));
  for (const uint64_t i : order) registry.add({.base = (i + 1) * 512, .size = 500});
  const size_t full = registry.memory();
  WARN("bytes per buffer: " << full / kCount);
  REQUIRE(full < kCount * 128);
  // A million allocations and releases later.
  std::mt19937_64 random(8);
  for (int i = 0; i < 1000000; ++i) {
    const uint64_t at = (random() % kCount + 1) * 512;
    if (!registry.remove(at)) registry.add({.base = at, .size = 1 + random() % 512});
  }
  REQUIRE(registry.memory() < 2 * full);
  for (const uint64_t i : order) registry.remove((i + 1) * 512);
  REQUIRE(registry.memory() == 0);
}

TEST_CASE("a million buffers: every one found, insertion and removal stay cheap") {
  constexpr uint64_t kCount = 1000000;
  BufferRegistry registry;
  std::vector<uint64_t> order(kCount);
  for (uint64_t i = 0; i < kCount; ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), std::mt19937_64(5));
  const auto begin = std::chrono::steady_clock::now();
  for (const uint64_t i : order) registry.add({.base = (i + 1) * 512, .size = 500});
  REQUIRE(registry.size() == kCount);
  std::mt19937_64 random(6);
  for (int i = 0; i < 100000; ++i) {
    const uint64_t at = random() % kCount + 1;
    REQUIRE(registry.find(at * 512 + 499)->base == at * 512);
    REQUIRE_FALSE(registry.find(at * 512 + 500));
  }
  for (const uint64_t i : order) registry.remove((i + 1) * 512);
  REQUIRE(registry.size() == 0);
  // Anything that touches all buffers for one change would take hours here.
  REQUIRE(std::chrono::steady_clock::now() - begin < std::chrono::seconds(90));
}

TEST_CASE("readers see whole buffers and never one that was removed, while writers work") {
  // Slot s is a range at (s + 1) * 0x1000, added again and again; `context` counts how often, and
  // the size follows from it, so that a mixture of two versions shows.
  constexpr uint64_t kSlots = 512;
  constexpr int kRounds = 20000;
  BufferRegistry registry;
  std::vector<std::atomic<uint64_t>> gone(kSlots);  // versions up to this one are removed for good
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> found{0}, torn{0}, stale{0};

  std::vector<std::thread> readers;
  for (int r = 0; r < 3; ++r)
    readers.emplace_back([&, r] {
      std::mt19937_64 random(static_cast<uint64_t>(r));
      while (!stop.load(std::memory_order_relaxed)) {
        const uint64_t slot = random() % kSlots;
        const uint64_t removed = gone[slot].load(std::memory_order_acquire);
        const auto buffer = registry.find((slot + 1) * 0x1000);
        if (!buffer) continue;
        found.fetch_add(1, std::memory_order_relaxed);
        if (buffer->base != (slot + 1) * 0x1000 || buffer->size != 1 + buffer->context % 0x1000)
          torn.fetch_add(1, std::memory_order_relaxed);
        if (buffer->context <= removed) stale.fetch_add(1, std::memory_order_relaxed);
      }
    });
  std::vector<std::thread> writers;
  for (uint64_t w = 0; w < 2; ++w)
    writers.emplace_back([&, w] {
      std::mt19937_64 random(100 + w);
      std::vector<uint64_t> version(kSlots, 0);
      std::vector<bool> live(kSlots, false);
      for (int i = 0; i < kRounds; ++i) {
        const uint64_t slot = (random() % (kSlots / 2)) * 2 + w;  // writers own alternate slots
        const uint64_t base = (slot + 1) * 0x1000;
        if (live[slot]) {
          registry.remove(base);
          gone[slot].store(version[slot], std::memory_order_release);
        } else {
          ++version[slot];
          registry.add(
              {.base = base, .size = 1 + version[slot] % 0x1000, .context = version[slot]});
        }
        live[slot] = !live[slot];
      }
    });
  for (std::thread& writer : writers) writer.join();
  while (found.load() == 0) std::this_thread::yield();
  stop = true;
  for (std::thread& reader : readers) reader.join();
  REQUIRE(torn.load() == 0);
  REQUIRE(stale.load() == 0);
}
