// SPDX-License-Identifier: MIT
#include "observe/race_check.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "observe/clocks.hpp"

namespace softgpu::observe {
namespace {

using engine::AccessEvent;
using engine::AccessKind;
using engine::AccessOrder;
using engine::AccessSpace;
using engine::ptx::Instruction;

constexpr size_t kMostHanded = 4096;

// Lanes of a warp that touched bytes of a word in one epoch, by one instruction.
struct Mark {
  const Instruction* instruction = nullptr;
  uint32_t warp = 0, lanes = 0, epoch = 0;
  uint8_t bytes = 0;  // of the word's four
  bool strong = false;
  uint64_t event = 0;  // number of the access event that added to it last
};
struct WordMarks {
  std::vector<Mark> writes, reads;
};

class InLaunch final : public engine::LaunchObserver {
 public:
  InLaunch(const engine::LaunchInfo& info, const Sink& sink)
      : kernel_(info.kernel.name), shape_(info.launch.block), module_(info.module), sink_(sink) {}
  std::unique_ptr<engine::BlockObserver> begin(const engine::BlockInfo& block) override;

  void report(const engine::Dim3& block, uint64_t address, const Instruction& first,
              uint32_t first_thread, const Instruction& second, uint32_t second_thread) {
    const std::lock_guard lock(mutex_);
    if (!reported_.insert(std::minmax(&first, &second)).second) return;
    sink_("race: shared memory at " + hex(address) + ", kernel " + kernel_ + ", " +
          describe_block(block) + ": " + describe(first, module_) + " by " +
          describe_thread(first_thread, shape_) + " and " + describe(second, module_) + " by " +
          describe_thread(second_thread, shape_) + "; nothing orders them");
  }

 private:
  std::string kernel_;
  engine::Dim3 shape_;
  const engine::ptx::Module& module_;
  const Sink& sink_;
  std::mutex mutex_;
  std::set<std::pair<const Instruction*, const Instruction*>> reported_;
};

class InBlock final : public engine::BlockObserver {
 public:
  InBlock(InLaunch& launch, const engine::BlockInfo& block)
      : launch_(launch),
        block_(block),
        clocks_(block.threads),
        words_((block.shared_bytes + 3) / 4) {}

  void instruction(const engine::InstructionEvent& e) override {
    running_ = &e.instruction;
    running_warp_ = e.warp;
    running_lanes_ = e.mask;
    if (e.mask == 0) return;
    if (e.instruction.op == "bar" && e.instruction.has(".warp")) {
      clocks_.meet(e.warp, e.mask);
    } else if (e.instruction.op == "exit" || e.instruction.op == "ret") {
      clocks_.give(e.warp, e.mask, gone_);
    }
  }

  void barrier_arrive(const engine::BarrierEvent& e) override {
    Meeting& meeting = meetings_[e.number % meetings_.size()];
    clocks_.give(e.warp, e.mask, meeting.clock);
    meeting.of_all = e.expected == 0;
    if (e.waits) meeting.waiting.push_back({e.warp, e.mask});
  }
  void barrier_release(const engine::BarrierEvent& e) override {
    Meeting meeting = std::exchange(meetings_[e.number % meetings_.size()], {});
    for (const auto& [warp, lanes] : meeting.waiting) {
      clocks_.take(warp, lanes, meeting.clock);
      if (meeting.of_all) clocks_.take(warp, lanes, gone_);
    }
  }

  void access(const AccessEvent& a) override {
    if (a.space != AccessSpace::shared && a.space != AccessSpace::global) return;
    ++event_;
    const bool strong = a.kind == AccessKind::atomic || a.order != AccessOrder::weak;
    if (a.space == AccessSpace::shared) {
      for (uint32_t rest = a.mask; rest != 0; rest &= rest - 1) {
        check(a, static_cast<uint32_t>(__builtin_ctz(rest)), strong);
      }
    }
    if (strong) exchange(a);
    if (a.kind == AccessKind::async_write && running_ != nullptr && running_->op == "mbarrier") {
      // Who finds the mbarrier complete knows of the copies that completed it.
      clocks_.give(a.warp, a.mask, *latest_);
      clocks_.take(running_warp_, running_lanes_, *latest_);
    }
  }

 private:
  struct Meeting {
    bool of_all = false;
    Clock clock;
    std::vector<std::pair<uint32_t, uint32_t>> waiting;  // warp, lanes
  };

  // The word's history passes knowledge on.
  void exchange(const AccessEvent& a) {
    for (uint32_t rest = a.mask; rest != 0; rest &= rest - 1) {
      const uint32_t lane = static_cast<uint32_t>(__builtin_ctz(rest));
      const uint64_t key = a.address[lane] | (a.space == AccessSpace::shared ? 1ULL << 63 : 0);
      Clock& clock = handed_by(key);
      latest_ = &clock;
      if (a.reads()) clocks_.take(a.warp, 1U << lane, clock);
      if (a.writes()) clocks_.give(a.warp, 1U << lane, clock);
    }
  }

  // Beyond kMostHanded addresses all share one history, which orders more than there is.
  Clock& handed_by(uint64_t key) {
    if (handed_.size() < kMostHanded) return handed_[key];
    const auto known = handed_.find(key);
    return known == handed_.end() ? handed_rest_ : known->second;
  }

  void check(const AccessEvent& a, uint32_t lane, bool strong) {
    const uint64_t begin = a.address[lane], end = begin + a.size;
    for (uint64_t word = begin / 4; word * 4 < end && word < words_.size(); ++word) {
      uint8_t bytes = 0;
      for (uint64_t b = std::max(begin, word * 4); b < std::min(end, word * 4 + 4); ++b) {
        bytes = static_cast<uint8_t>(bytes | 1U << (b % 4));
      }
      WordMarks& marks = words_[word];
      const Mark mark{&a.instruction, a.warp, 1U << lane, clocks_.epoch(a.warp),
                      bytes,          strong, event_};
      for (const Mark& before : marks.writes) compare(a, lane, word, before, mark);
      if (a.writes()) {
        for (const Mark& before : marks.reads) compare(a, lane, word, before, mark);
        // Whoever conflicts with what was there conflicts with this, or has been reported.
        cover(marks.writes, bytes);
        cover(marks.reads, bytes);
        add(marks.writes, mark);
      } else {
        forget_known(marks.reads, a.warp * 32 + lane, bytes);
        add(marks.reads, mark);
      }
    }
  }

  void compare(const AccessEvent& a, uint32_t lane, uint64_t word, const Mark& before,
               const Mark& now) {
    const uint8_t common = before.bytes & now.bytes;
    if (common == 0 || (before.strong && now.strong)) return;
    const uint32_t thread = a.warp * 32 + lane;
    for (uint32_t rest = before.lanes; rest != 0; rest &= rest - 1) {
      const uint32_t other = before.warp * 32 + static_cast<uint32_t>(__builtin_ctz(rest));
      if (clocks_.knows(thread, other, before.epoch)) continue;
      if (same_value(a, lane, word, common, before)) continue;
      launch_.report(block_.index, word * 4 + static_cast<uint64_t>(__builtin_ctz(common)),
                     *before.instruction, other, a.instruction, thread);
      return;
    }
  }

  // A store of what is there already, or of what another lane stores by the same instruction.
  bool same_value(const AccessEvent& a, uint32_t lane, uint64_t word, uint8_t bytes,
                  const Mark& before) const {
    const auto& writes = words_[word].writes;
    const bool both_write =
        std::any_of(writes.begin(), writes.end(), [&](const Mark& m) { return &m == &before; });
    if (!both_write || a.stored == nullptr) return false;
    for (uint32_t b = 0; b < 4; ++b) {
      if ((bytes & (1U << b)) == 0) continue;
      const uint64_t at = word * 4 + b;
      const std::byte mine = a.stored[lane][at - a.address[lane]];
      std::byte theirs = a.host[lane][at - a.address[lane]];
      if (before.event == event_) {
        for (uint32_t rest = before.lanes & a.mask; rest != 0; rest &= rest - 1) {
          const int other = __builtin_ctz(rest);
          if (at - a.address[other] < a.size) theirs = a.stored[other][at - a.address[other]];
        }
      }
      if (mine != theirs) return false;
    }
    return true;
  }

  static void cover(std::vector<Mark>& marks, uint8_t bytes) {
    for (Mark& m : marks) m.bytes = static_cast<uint8_t>(m.bytes & ~bytes);
    std::erase_if(marks, [](const Mark& m) { return m.bytes == 0; });
  }
  // Reads that the reading thread knows of add nothing: what is ordered behind it is behind them.
  void forget_known(std::vector<Mark>& reads, uint32_t thread, uint8_t bytes) const {
    std::erase_if(reads, [&](const Mark& m) {
      if ((m.bytes & ~bytes) != 0 || m.warp * 32 == (thread & ~31U)) return false;
      for (uint32_t rest = m.lanes; rest != 0; rest &= rest - 1) {
        const uint32_t of = m.warp * 32 + static_cast<uint32_t>(__builtin_ctz(rest));
        if (!clocks_.knows(thread, of, m.epoch)) return false;
      }
      return true;
    });
    std::erase_if(reads, [&](const Mark& m) {  // of the own warp: earlier epochs likewise
      return m.warp == thread / 32 && (m.bytes & ~bytes) == 0 && m.lanes == 1U << (thread % 32) &&
             m.epoch < clocks_.epoch(m.warp);
    });
  }
  static void add(std::vector<Mark>& marks, const Mark& mark) {
    for (Mark& m : marks) {
      if (m.warp == mark.warp && m.epoch == mark.epoch && m.instruction == mark.instruction &&
          m.bytes == mark.bytes && m.strong == mark.strong) {
        m.lanes |= mark.lanes;
        m.event = mark.event;
        return;
      }
    }
    marks.push_back(mark);
  }

  InLaunch& launch_;
  engine::BlockInfo block_;
  Clocks clocks_;
  std::vector<WordMarks> words_;
  std::array<Meeting, 17> meetings_;
  Clock gone_;                                  // what threads that have exited did
  std::unordered_map<uint64_t, Clock> handed_;  // by address: atomics and strong accesses
  Clock handed_rest_;
  Clock* latest_ = &gone_;  // the entry of handed_ that was used last
  uint64_t event_ = 0;
  const Instruction* running_ = nullptr;
  uint32_t running_warp_ = 0, running_lanes_ = 0;
};

std::unique_ptr<engine::BlockObserver> InLaunch::begin(const engine::BlockInfo& block) {
  if (block.shared_bytes == 0) return nullptr;
  return std::make_unique<InBlock>(*this, block);
}

}  // namespace

std::unique_ptr<engine::LaunchObserver> RaceCheck::begin(const engine::LaunchInfo& launch) {
  return std::make_unique<InLaunch>(launch, sink_);
}

}  // namespace softgpu::observe
