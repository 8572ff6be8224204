// SPDX-License-Identifier: MIT
#include "observe/init_check.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <vector>

namespace softgpu::observe {
namespace {

using engine::AccessEvent;
using engine::AccessSpace;

// One bit for each byte. Words are atomic: blocks on several threads write one allocation.
using Word = std::atomic<uint64_t>;

// Bits of word `word` for the bytes [begin, end).
uint64_t bits_in(uint64_t word, uint64_t begin, uint64_t end) {
  const uint64_t first = std::max(begin, word * 64), last = std::min(end, word * 64 + 64);
  const uint64_t count = last - first;
  return (count == 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1) << (first % 64);
}

// Pages come when something of them is written: a pool of gigabytes costs little.
class Bitmap {
 public:
  explicit Bitmap(uint64_t bytes) : pages_((bytes + kPageBytes - 1) / kPageBytes), bytes_(bytes) {}
  ~Bitmap() {
    for (auto& page : pages_) delete page.load();
  }
  Bitmap(const Bitmap&) = delete;
  Bitmap& operator=(const Bitmap&) = delete;

  void set(uint64_t begin, uint64_t end) {
    end = std::min(end, bytes_);
    for (uint64_t word = begin / 64; word * 64 < end; ++word) {
      page_of(word).words[word % kPageWords].fetch_or(bits_in(word, begin, end),
                                                      std::memory_order_relaxed);
    }
  }
  // The first byte of [begin, end) that is not set.
  std::optional<uint64_t> first_clear(uint64_t begin, uint64_t end) const {
    end = std::min(end, bytes_);
    for (uint64_t word = begin / 64; word * 64 < end; ++word) {
      const Page* const page = pages_[word / kPageWords].load(std::memory_order_acquire);
      const uint64_t have =
          page ? page->words[word % kPageWords].load(std::memory_order_relaxed) : 0;
      const uint64_t missing = bits_in(word, begin, end) & ~have;
      if (missing != 0) return word * 64 + static_cast<uint64_t>(__builtin_ctzll(missing));
    }
    return std::nullopt;
  }

 private:
  static constexpr uint64_t kPageWords = 1024, kPageBytes = kPageWords * 64;
  struct Page {
    Word words[kPageWords] = {};
  };
  Page& page_of(uint64_t word) {
    std::atomic<Page*>& slot = pages_[word / kPageWords];
    Page* page = slot.load(std::memory_order_acquire);
    if (page) return *page;
    auto fresh = std::make_unique<Page>();
    if (slot.compare_exchange_strong(page, fresh.get(), std::memory_order_acq_rel)) {
      return *fresh.release();
    }
    return *page;
  }

  std::vector<std::atomic<Page*>> pages_;
  uint64_t bytes_;
};

struct Region {
  Region(uint64_t at, uint64_t bytes) : address(at), size(bytes), written(bytes) {}
  uint64_t address, size;
  Bitmap written;
  bool holds(uint64_t at) const { return at - address < size; }
};
using RegionPtr = std::shared_ptr<Region>;

}  // namespace

class GlobalShadow {
 public:
  void add(uint64_t address, uint64_t size) {
    auto region = std::make_shared<Region>(address, size);
    const std::unique_lock lock(mutex_);
    remove_under_lock(address, size);
    regions_[address] = std::move(region);
  }
  void remove(uint64_t address, uint64_t size) {
    const std::unique_lock lock(mutex_);
    remove_under_lock(address, size);
  }
  // nullptr: not tracked.
  RegionPtr find(uint64_t address) const {
    const std::shared_lock lock(mutex_);
    auto after = regions_.upper_bound(address);
    if (after == regions_.begin()) return nullptr;
    const RegionPtr& region = std::prev(after)->second;
    return region->holds(address) ? region : nullptr;
  }

 private:
  void remove_under_lock(uint64_t address, uint64_t size) {
    auto at = regions_.upper_bound(address);
    if (at != regions_.begin() && std::prev(at)->second->holds(address)) --at;
    while (at != regions_.end() && at->first < address + size) at = regions_.erase(at);
  }
  mutable std::shared_mutex mutex_;
  std::map<uint64_t, RegionPtr> regions_;
};

namespace {

class InLaunch final : public engine::LaunchObserver {
 public:
  InLaunch(const engine::LaunchInfo& info, GlobalShadow& global, const Sink& sink)
      : kernel_(info.kernel.name),
        shape_(info.launch.block),
        module_(info.module),
        global_(global),
        sink_(sink) {}

  std::unique_ptr<engine::BlockObserver> begin(const engine::BlockInfo& block) override {
    return std::make_unique<InBlock>(*this, block);
  }
  void allocated(uint64_t address, uint64_t size) override { global_.add(address, size); }

 private:
  class InBlock final : public engine::BlockObserver {
   public:
    InBlock(InLaunch& launch, const engine::BlockInfo& block)
        : launch_(launch),
          block_(block),
          shared_(block.shared_bytes),
          local_(uint64_t{block.threads} * block.stack_bytes) {}

    void access(const AccessEvent& a) override {
      if (a.space == AccessSpace::param) return;
      for (uint32_t rest = a.mask; rest != 0; rest &= rest - 1) {
        const auto lane = static_cast<uint32_t>(__builtin_ctz(rest));
        const uint32_t thread = a.warp * 32 + lane;
        uint64_t base = 0;
        Bitmap* const written = bitmap_for(a, a.address[lane], thread, base);
        if (!written) continue;
        const uint64_t begin = a.address[lane] - base, end = begin + a.size;
        if (a.reads() && !a.instruction.has(".param")) {
          if (const auto missing = written->first_clear(begin, end)) {
            launch_.report(a, block_, thread, *missing + base);
          }
        }
        if (a.writes()) written->set(begin, end);
      }
    }

   private:
    // Offset o of the bitmap is the byte at address base + o.
    Bitmap* bitmap_for(const AccessEvent& a, uint64_t address, uint32_t thread, uint64_t& base) {
      if (a.space == AccessSpace::shared) return &shared_;
      if (a.space == AccessSpace::local) {
        base = 0 - uint64_t{thread} * block_.stack_bytes;
        return &local_;
      }
      if (!region_ || !region_->holds(address)) region_ = launch_.global_.find(address);
      if (!region_) return nullptr;
      base = region_->address;
      return &region_->written;
    }
    InLaunch& launch_;
    engine::BlockInfo block_;
    Bitmap shared_, local_;
    RegionPtr region_;  // the one met last
  };

  void report(const AccessEvent& a, const engine::BlockInfo& block, uint32_t thread,
              uint64_t byte) {
    const std::lock_guard lock(mutex_);
    if (!reported_.insert(&a.instruction).second) return;
    const char* const space = a.space == AccessSpace::shared  ? "shared"
                              : a.space == AccessSpace::local ? "local"
                                                              : "global";
    sink_("uninitialised read: " + describe(a.instruction, module_) + " reads " +
          std::to_string(a.size) + " bytes of " + space + " memory, kernel " + kernel_ + ", " +
          describe_block(block.index) + " " + describe_thread(thread, shape_) +
          "; nobody has written the byte at " + hex(byte));
  }

  std::string kernel_;
  engine::Dim3 shape_;
  const engine::ptx::Module& module_;
  GlobalShadow& global_;
  const Sink& sink_;
  std::mutex mutex_;
  std::set<const void*> reported_;
};

}  // namespace

InitCheck::InitCheck(Sink sink)
    : sink_(std::move(sink)), global_(std::make_unique<GlobalShadow>()) {}
InitCheck::~InitCheck() = default;

std::unique_ptr<engine::LaunchObserver> InitCheck::begin(const engine::LaunchInfo& launch) {
  return std::make_unique<InLaunch>(launch, *global_, sink_);
}
void InitCheck::allocated(uint64_t address, uint64_t size) {
  global_->add(address, size);
}
void InitCheck::released(uint64_t address, uint64_t size) {
  global_->remove(address, size);
}
void InitCheck::written(uint64_t address, uint64_t size) {
  while (size > 0) {
    const RegionPtr region = global_->find(address);
    if (!region) return;
    const uint64_t offset = address - region->address;
    const uint64_t here = std::min(size, region->size - offset);
    region->written.set(offset, offset + here);
    address += here;
    size -= here;
  }
}

}  // namespace softgpu::observe
