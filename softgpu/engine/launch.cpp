// SPDX-License-Identifier: MIT
// A grid: which block runs next, on which thread.
//
// A thread takes a block and runs it for a slice. A block that is not done then goes to the end of
// a queue, and the thread takes turns between that queue and blocks that have not started. So
// blocks that wait for each other make progress whatever the number of host threads, as long as all
// of them fit into what may be resident; a block that waits only for lower-numbered ones (decoupled
// look-back) always does. A cooperative launch starts every block before any gets a second slice.
//
// In a random order (Modes::schedule) slices are short, and both the block that starts next and the
// one that goes on are drawn. Two bounds keep the promise above: a block starts at most kWindow
// places early, the lowest one after at most kWindow others, and the block that waits longest goes
// on every kOldest-th time. New blocks join a crowd rarely: if each waits for the one before it,
// few of many would be the right one to draw.
#include <xmmintrin.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <mutex>
#include <new>
#include <utility>

#include "fault.hpp"
#include "graph_conditions.hpp"
#include "grid_workspace.hpp"
#include "pool.hpp"
#include "scheduler.hpp"
#include "watch.hpp"

namespace softgpu::engine {
namespace {

constexpr u64 kSlice = 1U << 20;     // warp instructions; polls count for more
constexpr u32 kMostResident = 2048;  // blocks that have started and are not done
constexpr u32 kWindow = 64;          // in a random order: how far ahead a block may start
constexpr u32 kOldest = 8;
constexpr u32 kCrowd = 64;          // of blocks that are not done; more start rarely
constexpr u32 kRandomSlice = 4096;  // warp instructions at most

Counters& mutable_counters() {
  static Counters all;
  return all;
}

class Grid final : public Job {
 public:
  Grid(const Kernel& kernel, const Launch& launch, AddressSpace& space, GraphConditions* conditions)
      : kernel_(kernel), launch_(launch) {
    params_.resize((launch.params.size() + 15) / 8);
    std::copy(launch.params.begin(), launch.params.end(),
              reinterpret_cast<std::byte*>(params_.data()));
    launch_.params = {reinterpret_cast<const std::byte*>(params_.data()), launch.params.size()};
    info_.kernel = &kernel_;
    info_.launch = &launch_;
    info_.code = kernel.impl->code;
    info_.space = &space;
    total_ = u64{launch.grid.x} * launch.grid.y * launch.grid.z;
    if (GridWatch::needed(launch_)) {
      watch_ = std::make_unique<GridWatch>(kernel_, launch_, *info_.code);
      info_.watch = watch_.get();
    }
    info_.conditions = conditions;
    if (launch.cooperative) {
      info_.workspace = space.allocate(kGridWorkspaceBytes);
      if (info_.workspace == 0) throw std::bad_alloc();
    }
  }

  void help(uint32_t index) override {
    // Whatever the program did to its thread's rounding or flushing, kernels start from IEEE
    // defaults.
    const unsigned mxcsr = _mm_getcsr();
    _mm_setcsr(0x1f80);
    Worker worker;
    worker.index = index;
    worker.count = worker_count();
    if (watch_) worker.locate_rest = &locate_watched;
    try {
      while (std::unique_ptr<Block> block = take()) run(std::move(block), worker);
    } catch (FaultSignal& signal) {
      fail(std::move(signal.fault));
    } catch (const std::bad_alloc&) {
      Fault fault;
      fault.kernel = kernel_.name;
      fault.message = "the host has no memory for the blocks of kernel " + kernel_.name;
      fail(std::move(fault));
    }
    _mm_setcsr(mxcsr);
    Counters& all = mutable_counters();
    all.instructions.fetch_add(worker.instructions, std::memory_order_relaxed);
    all.thread_instructions.fetch_add(worker.thread_instructions, std::memory_order_relaxed);
    all.bytes_read.fetch_add(worker.bytes_read, std::memory_order_relaxed);
    all.bytes_written.fetch_add(worker.bytes_written, std::memory_order_relaxed);
  }

  // Nobody helps any more: observers hear the end, weak memory becomes visible.
  std::optional<Fault> end() {
    suspended_.clear();
    spare_.clear();
    watch_.reset();
    if (info_.workspace != 0) info_.space->release(std::exchange(info_.workspace, 0));
    return fault_;
  }
  u64 blocks() const { return total_; }

 private:
  // The next block to run; nullptr when there is nothing to take: every other block that is not
  // done is in the hands of a thread that will go on with it.
  std::unique_ptr<Block> take() {
    std::unique_lock lock(mutex_);
    if (info_.stop.load(std::memory_order_relaxed)) return nullptr;
    const bool may_start = next_ < total_ && (launch_.cooperative || resident_ < kMostResident);
    const bool random = watch_ && watch_->random;
    const bool turn = random ? watch_->order.one_in(resident_ < kCrowd ? 2 : 256) : turn_;
    const bool start = may_start && (suspended_.empty() || launch_.cooperative || turn);
    turn_ = !turn_;
    std::unique_ptr<Block> block;
    if (!start) {
      if (suspended_.empty()) return nullptr;
      const bool oldest = !random || watch_->order.one_in(kOldest);
      const size_t which = oldest ? 0 : watch_->order.below(static_cast<u32>(suspended_.size()));
      block = std::move(suspended_[which]);
      suspended_.erase(suspended_.begin() + static_cast<std::ptrdiff_t>(which));
      return block;
    }
    const u64 linear = random ? draw() : next_;
    ++next_;
    ++resident_;
    if (!spare_.empty()) {
      block = std::move(spare_.back());
      spare_.pop_back();
    }
    lock.unlock();
    return prepare(std::move(block), linear);
  }

  // The next block in a random order: `ahead_` holds those that may start now, lowest first.
  u64 draw() {
    while (ahead_.size() < kWindow && drawn_ < total_) ahead_.push_back(drawn_++);
    const bool lowest = ++passed_ >= kWindow;
    const size_t which = lowest ? 0 : watch_->order.below(static_cast<u32>(ahead_.size()));
    if (which == 0) passed_ = 0;
    const u64 linear = ahead_[which];
    ahead_.erase(ahead_.begin() + static_cast<std::ptrdiff_t>(which));
    return linear;
  }

  void run(std::unique_ptr<Block> block, Worker& worker) {
    u64 slice = kSlice;
    if (block->watch && block->watch->random) slice = 1 + block->watch->order.below(kRandomSlice);
    const bool finished = run_block(*block, worker, slice) == BlockState::finished;
    if (finished) block->watch.reset();
    const std::lock_guard lock(mutex_);
    if (finished) {
      --resident_;
      spare_.push_back(std::move(block));
    } else {
      suspended_.push_back(std::move(block));
    }
  }

  void fail(Fault fault) {
    const std::lock_guard lock(mutex_);
    if (!fault_) {
      fault_ = std::move(fault);
      if (watch_) {
        for (const auto& observer : watch_->observers) observer->exception(*fault_);
      }
    }
    info_.stop.store(true, std::memory_order_relaxed);
  }

  std::unique_ptr<Block> prepare(std::unique_ptr<Block> block, u64 linear) {
    if (!block) block = std::make_unique<Block>();
    Block& b = *block;
    const Dim3& grid = launch_.grid;
    b.grid = &info_;
    b.linear = static_cast<u32>(linear);
    b.index = {static_cast<u32>(linear % grid.x), static_cast<u32>(linear / grid.x % grid.y),
               static_cast<u32>(linear / grid.x / grid.y)};
    const Dim3& shape = launch_.block;
    b.threads = shape.x * shape.y * shape.z;
    b.live_threads = b.threads;
    const u32 shared = launch_.dynamic_shared == 0
                           ? kernel_.static_shared
                           : dynamic_shared_start(kernel_.static_shared) + launch_.dynamic_shared;
    b.shared.assign(shared, std::byte{0});
    b.open_shared = watch_ ? 0 : shared;
    b.stack_bytes = kernel_.impl->stack_bytes;
    const u32 warps = (b.threads + kLanes - 1) / kLanes;
    if (b.stack_bytes != 0) {
      b.local.reset(
          static_cast<std::byte*>(std::calloc(static_cast<size_t>(warps) * kLanes, b.stack_bytes)));
      if (!b.local) throw std::bad_alloc();
    }
    b.barriers = {};
    b.cluster.arrived.assign(warps, 0);
    b.cluster.outstanding.assign(warps, 0);
    b.async_copies.reset();
    b.warps.resize(warps);
    for (u32 i = 0; i < warps; ++i) prepare(b, b.warps[i], i);
    if (watch_) b.watch = std::make_shared<BlockWatch>(*watch_, b);
    return block;
  }

  void prepare(Block& block, Warp& w, u32 index) {
    const Code& code = *info_.code;
    const u32 function = kernel_.impl->function;
    w.block = &block;
    w.index = index;
    const u32 threads = std::min(kLanes, block.threads - index * kLanes);
    w.present = threads == kLanes ? kAllLanes : (1U << threads) - 1;
    w.live = w.present;
    w.next_penalty = 0;
    if (w.frames.empty()) {
      const Dim3& shape = launch_.block;
      for (u32 l = 0; l < kLanes; ++l) {
        const u32 t = index * kLanes + l;
        w.tid[0][l] = t % shape.x;
        w.tid[1][l] = t / shape.x % shape.y;
        w.tid[2][l] = t / shape.x / shape.y;
      }
      w.fragments.reserve(kLanes + 1);
      w.frame_for(function, 0, code);
    } else {
      // Of an earlier block of this launch: the threads have the same indices in every block, but
      // its registers must not show. Undefined ones read as zero, every time.
      for (const std::unique_ptr<Frame>& frame : w.frames) {
        std::memset(frame->allocated, 0, sizeof frame->allocated);
        std::memset(frame->registers.get() + kCarryPredicate, 0,
                    code.functions[frame->function].frame_bytes - kCarryPredicate);
      }
    }
    w.base[1] = const_cast<std::byte*>(code.constants.data());
    w.fragments.clear();
    w.fragments.push_back(
        {code.functions[function].entry, w.present, w.frame_for(function, 0, code)});
  }

  const Kernel& kernel_;
  Launch launch_;
  std::vector<u64> params_;  // aligned copy of the parameter block
  RunningGrid info_;
  u64 total_ = 0;
  std::unique_ptr<GridWatch> watch_;

  std::mutex mutex_;
  u64 next_ = 0;  // how many blocks have started: without a random order, the next one
  std::vector<u64> ahead_;
  u64 drawn_ = 0;
  u32 passed_ = 0;
  u32 resident_ = 0;  // started and not finished
  bool turn_ = false;
  std::deque<std::unique_ptr<Block>> suspended_;
  std::vector<std::unique_ptr<Block>> spare_;
  std::optional<Fault> fault_;
};

}  // namespace

std::optional<Fault> run(const Kernel& kernel, const Launch& launch, AddressSpace& space) {
  return run(kernel, launch, space, nullptr);
}

std::optional<Fault> run(const Kernel& kernel, const Launch& launch, AddressSpace& space,
                         GraphConditions* conditions) {
  const auto grid = std::make_shared<Grid>(kernel, launch, space, conditions);
  if (grid->blocks() == 1) {
    grid->help(0);  // nothing to share: do not wake anybody
  } else {
    run_job(grid);
  }
  mutable_counters().launches.fetch_add(1, std::memory_order_relaxed);
  return grid->end();
}

const Counters& counters() {
  return mutable_counters();
}

}  // namespace softgpu::engine
