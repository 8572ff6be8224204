// SPDX-License-Identifier: MIT
#include "watch.hpp"

#include <atomic>
#include <cstring>

namespace softgpu::engine {
namespace {

// Observers are added while programs start and never go: readers need no lock.
constexpr size_t kMostObservers = 16;
struct Registry {
  std::mutex mutex;
  Observer* all[kMostObservers] = {};
  std::atomic<size_t> count{0};
};
Registry& registry() {
  static Registry* const known = new Registry;  // launches may outlive main
  return *known;
}

MemorySpace space_of(MemorySpace named, u64 address, u64& offset) {
  offset = address;
  if (named != MemorySpace::generic) return named;
  const u64 window = (address >> kWindowShift) << kWindowShift;
  const MemorySpace space = window == kSharedWindow  ? MemorySpace::shared
                            : window == kLocalWindow ? MemorySpace::local
                            : window == kParamWindow ? MemorySpace::param
                                                     : MemorySpace::global;
  if (space != MemorySpace::global) offset = address - window;
  return space;
}

AccessKind kind_of(const InstructionFacts& facts, bool is_write) {
  if (facts.atomic) return AccessKind::atomic;
  if (facts.async) return is_write ? AccessKind::async_write : AccessKind::async_read;
  return is_write ? AccessKind::write : AccessKind::read;
}

// What a st is about to store, lane by lane.
struct Stored {
  std::byte bytes[kLanes][kLineBytes];
  const std::byte* lane[kLanes];

  void read(const Warp& w, const Op& op, u32 mask, u32 size) {
    const u32 element = size / op.count;
    const u32 slot = element <= 4 ? 4 : element;
    for (u32 rest = mask; rest != 0; rest &= rest - 1) {
      const u32 l = static_cast<u32>(__builtin_ctz(rest));
      lane[l] = bytes[l];
      for (u32 e = 0; e < op.count; ++e) {
        std::memcpy(bytes[l] + e * element, w.at<const std::byte>(op.o[e]) + l * slot, element);
      }
    }
  }
};

constexpr MemorySpace kSpaces[] = {MemorySpace::global, MemorySpace::shared, MemorySpace::local,
                                   MemorySpace::param};
constexpr AccessSpace kTold[] = {AccessSpace::global, AccessSpace::shared, AccessSpace::local,
                                 AccessSpace::param};

void tell_access(const Warp& w, const Op& op, u32 mask, const Extent& extent,
                 const InstructionFacts& facts, const Located& at) {
  u64 offsets[kLanes] = {};
  u32 in[4] = {};
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const u32 l = static_cast<u32>(__builtin_ctz(rest));
    const MemorySpace space = space_of(extent.space, at.address[l], offsets[l]);
    for (u32 s = 0; s < 4; ++s) in[s] |= space == kSpaces[s] ? 1U << l : 0;
  }
  Stored stored;
  const bool has_data = extent.is_write && facts.stores && extent.size <= kLineBytes;
  if (has_data) stored.read(w, op, mask, extent.size);
  for (u32 s = 0; s < 4; ++s) {
    if (in[s] == 0) continue;
    const AccessEvent event{.instruction = *w.block->grid->code->origins[op.origin].instruction,
                            .warp = w.index,
                            .space = kTold[s],
                            .kind = kind_of(facts, extent.is_write),
                            .order = facts.order,
                            .size = extent.size,
                            .mask = in[s],
                            .address = offsets,
                            .host = at.host,
                            .stored = has_data ? stored.lane : nullptr};
    for (const auto& observer : w.block->watch->observers) observer->access(event);
  }
}

void synchronize(WeakView& view, const InstructionFacts& facts) {
  if (facts.block_scope) return;
  if (facts.order == AccessOrder::release || facts.order == AccessOrder::acq_rel) view.publish();
  if (facts.order == AccessOrder::acquire || facts.order == AccessOrder::acq_rel) view.forget();
}

// A store of a vector with sinks ("_") is the stores of its other elements.
bool has_sinks(const Op& op, const InstructionFacts& facts) {
  for (u32 e = 0; facts.stores && e < op.count; ++e) {
    if (op.o[e] == kNoOperand) return true;
  }
  return false;
}
void tell_elements(const Warp& w, const Op& op, u32 mask, const Extent& extent,
                   const InstructionFacts& facts, const Located& at) {
  const u32 size = extent.size / op.count;
  for (u32 e = 0; e < op.count; ++e) {
    if (op.o[e] == kNoOperand) continue;
    Op element = op;
    element.o[0] = op.o[e];
    element.count = 1;
    Located there;
    for (u32 l = 0; l < kLanes; ++l) {
      there.address[l] = at.address[l] + e * size;
      there.host[l] = (mask & (1U << l)) != 0 ? at.host[l] + e * size : nullptr;
    }
    tell_access(w, element, mask, {extent.space, size, size, true}, facts, there);
  }
}
std::byte* store_elements(WeakView& view, const Op& op, std::byte* memory, u32 size) {
  std::byte* place = memory;
  for (u32 e = 0; e < op.count; ++e) {
    const u32 offset = e * (size / op.count);
    if (op.o[e] != kNoOperand) place = view.store(memory + offset, size / op.count) - offset;
  }
  return place;
}

// Where a global access of one lane goes under weak memory.
std::byte* weak_place(WeakView& view, const Op& op, const InstructionFacts& facts,
                      std::byte* memory, const Extent& extent) {
  const u32 size = extent.size;
  const bool in_line =
      size <= kLineBytes && reinterpret_cast<uintptr_t>(memory) % kLineBytes + size <= kLineBytes;
  if (facts.order != AccessOrder::weak || facts.async || !in_line) {
    view.drop(memory, size);
    return memory;
  }
  if (extent.is_write && has_sinks(op, facts)) return store_elements(view, op, memory, size);
  if (extent.is_write) return view.store(memory, size);
  return facts.read_only ? view.load_read_only(memory, size) : view.load(memory, size);
}

const ptx::Instruction& instruction_of(const Warp& w, const Op& op) {
  return *w.block->grid->code->origins[op.origin].instruction;
}

}  // namespace

bool observe(Observer* observer) {
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  const size_t count = known.count.load(std::memory_order_relaxed);
  if (count == kMostObservers) return false;
  known.all[count] = observer;
  known.count.store(count + 1, std::memory_order_release);
  return true;
}

std::span<Observer* const> observers() {
  const Registry& known = registry();
  return {known.all, known.count.load(std::memory_order_acquire)};
}

u64 Random::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  u64 z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

bool GridWatch::needed(const Launch& launch) {
  return launch.observer != nullptr || launch.modes.weak || launch.modes.schedule ||
         !engine::observers().empty();
}

GridWatch::GridWatch(const Kernel& kernel, const Launch& launch, const Code& code)
    : facts(facts_of(code)) {
  const LaunchInfo info{kernel, launch, code.module};
  const auto ask = [&](Observer* observer) {
    if (auto in_launch = observer->begin(info)) observers.push_back(std::move(in_launch));
  };
  if (launch.observer != nullptr) ask(launch.observer);
  for (Observer* observer : engine::observers()) ask(observer);
  if (launch.modes.weak) weak = std::make_unique<WeakMemory>();
  random = launch.modes.schedule.has_value();
  // Launches of one program differ, and do so in the same way each time it runs.
  seed = launch.modes.schedule.value_or(0) * 0x2545f4914f6cdd1dULL + launch.grid_id;
  order = Random(seed);
}

BlockWatch::BlockWatch(GridWatch& grid_watch, const Block& block)
    : grid(grid_watch), random(grid_watch.random) {
  const BlockInfo info{block.index, block.linear, block.threads,
                       static_cast<u32>(block.shared.size()), block.stack_bytes};
  for (const auto& observer : grid.observers) {
    if (auto in_block = observer->begin(info)) observers.push_back(std::move(in_block));
  }
  if (grid.weak) weak = std::make_unique<WeakView>();
  order = Random(Random(grid.seed ^ (block.linear + 1)).next());
}

BlockWatch::~BlockWatch() {
  if (weak) grid.weak->end_of(*weak);
}

void locate_watched(Warp& w, const Op& op, u32 mask, const Extent& extent, Located& at) {
  locate_each(w, op, mask, extent, at);
  BlockWatch& watch = *w.block->watch;
  const InstructionFacts& facts = watch.grid.facts.of[op.origin];
  if (!watch.observers.empty()) {
    const bool parts = extent.is_write && has_sinks(op, facts);
    (parts ? tell_elements : tell_access)(w, op, mask, extent, facts, at);
  }
  if (!watch.weak) return;
  bool synchronized = false;
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const u32 l = static_cast<u32>(__builtin_ctz(rest));
    u64 offset = 0;
    if (space_of(extent.space, at.address[l], offset) != MemorySpace::global) continue;
    if (!synchronized) synchronize(*watch.weak, facts);
    synchronized = true;
    at.host[l] = weak_place(*watch.weak, op, facts, at.host[l], extent);
  }
}

void before_host_reads(Warp& w, std::byte* host, u32 size) {
  if (w.block->watch->weak) w.block->watch->weak->drop(host, size);
}

void tell_instruction(Warp& w, const Op& op, u32 active, u32 mask) {
  const InstructionEvent event{instruction_of(w, op), w.index, active, mask};
  for (const auto& observer : w.block->watch->observers) observer->instruction(event);
}

void tell_arrive(Warp& w, const Op& op, u32 mask, u32 number, bool waits, u32 expected) {
  if (!w.block->watch) return;
  const BarrierEvent event{&instruction_of(w, op), number, w.index, mask, waits, expected};
  for (const auto& observer : w.block->watch->observers) observer->barrier_arrive(event);
}

void tell_release(Block& block, u32 number) {
  if (!block.watch) return;
  const BarrierEvent event{nullptr, number, 0, 0, false, 0};
  for (const auto& observer : block.watch->observers) observer->barrier_release(event);
}

void tell_fence(Warp& w, const Op& op, u32 mask) {
  if (!w.block->watch) return;
  BlockWatch& watch = *w.block->watch;
  if (watch.weak) synchronize(*watch.weak, watch.grid.facts.of[op.origin]);
  const InstructionEvent event{instruction_of(w, op), w.index, mask, mask};
  for (const auto& observer : watch.observers) observer->fence(event);
}

void tell_copied(Warp& w, const Op& op, u32 lane, u32 base, const std::vector<CallSlot>& slots) {
  if (!w.block->watch || w.block->watch->observers.empty()) return;
  for (const CallSlot& slot : slots) {
    u64 address[kLanes] = {};
    const std::byte* host[kLanes] = {};
    address[lane] = base + slot.offset;
    host[lane] = w.block->stack(w, lane) + address[lane];
    const AccessEvent event{.instruction = instruction_of(w, op),
                            .warp = w.index,
                            .space = AccessSpace::local,
                            .kind = AccessKind::write,
                            .order = AccessOrder::weak,
                            .size = slot.size,
                            .mask = 1U << lane,
                            .address = address,
                            .host = host,
                            .stored = nullptr};
    for (const auto& observer : w.block->watch->observers) observer->access(event);
  }
}

}  // namespace softgpu::engine
