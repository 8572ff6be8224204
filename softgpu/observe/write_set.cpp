// SPDX-License-Identifier: MIT
#include "observe/write_set.hpp"

namespace softgpu::observe {
namespace {

using engine::AccessEvent;

class InLaunch final : public engine::LaunchObserver {
 public:
  InLaunch(const engine::LaunchInfo& info, const std::function<void(LaunchBytes&&)>& done)
      : done_(done) {
    bytes_.kernel = info.kernel.name;
    bytes_.grid = info.launch.grid;
    bytes_.block = info.launch.block;
    bytes_.grid_id = info.launch.grid_id;
  }
  ~InLaunch() override { done_(std::move(bytes_)); }

  std::unique_ptr<engine::BlockObserver> begin(const engine::BlockInfo&) override {
    return std::make_unique<InBlock>(*this);
  }
  void exception(const engine::Fault& fault) override {
    const std::lock_guard lock(mutex_);
    bytes_.fault = fault.message;
  }

 private:
  class InBlock final : public engine::BlockObserver {
   public:
    explicit InBlock(InLaunch& launch) : launch_(launch) {}
    ~InBlock() override {
      const std::lock_guard lock(launch_.mutex_);
      launch_.bytes_.written.add(written_);
      launch_.bytes_.read.add(read_);
    }
    void access(const AccessEvent& a) override {
      if (a.space != engine::AccessSpace::global) return;
      if (a.writes()) add(a, written_);
      if (a.reads()) add(a, read_);
    }

   private:
    static void add(const AccessEvent& a, IntervalSet& to) {
      for (uint32_t rest = a.mask; rest != 0; rest &= rest - 1) {
        to.add(a.address[__builtin_ctz(rest)], a.size);
      }
    }
    InLaunch& launch_;
    IntervalSet written_, read_;
  };

  const std::function<void(LaunchBytes&&)>& done_;
  std::mutex mutex_;
  LaunchBytes bytes_;
};

}  // namespace

std::unique_ptr<engine::LaunchObserver> LaunchBytesObserver::begin(
    const engine::LaunchInfo& launch) {
  return std::make_unique<InLaunch>(launch, done_);
}

WriteSet::WriteSet()
    : LaunchBytesObserver([this](LaunchBytes&& bytes) {
        const std::lock_guard lock(mutex_);
        launches_.push_back(std::move(bytes));
      }) {}

}  // namespace softgpu::observe
