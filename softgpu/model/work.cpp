// SPDX-License-Identifier: MIT
#include "model/work.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_map>
#include <vector>

#include "model/h100.hpp"
#include "observe/interval_set.hpp"

namespace softgpu::model {
namespace {

using engine::ptx::Instruction;
using engine::ptx::Type;

constexpr uint64_t kSector = 32;

std::vector<Type> types_of(const Instruction& i) {
  std::vector<Type> out;
  for (const std::string_view mod : i.mods)
    if (const auto type = nonans::image::ptx::type_from_suffix(mod)) out.push_back(*type);
  return out;
}

bool is_one_of(std::string_view op, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), op) != names.end();
}

// m, n and k of a modifier like ".m16n8k16"; 0 if it is none.
uint64_t volume_of(std::string_view mod) {
  if (!mod.starts_with(".m")) return 0;
  mod.remove_prefix(2);
  uint64_t volume = 1;
  for (const char next : {'n', 'k', '\0'}) {
    uint64_t size = 0;
    const auto [end, error] = std::from_chars(mod.data(), mod.data() + mod.size(), size);
    if (error != std::errc{}) return 0;
    mod.remove_prefix(static_cast<size_t>(end - mod.data()));
    volume *= size;
    if (next == '\0') return mod.empty() ? volume : 0;
    if (mod.empty() || mod.front() != next) return 0;
    mod.remove_prefix(1);
  }
  return 0;
}

Matrix matrix_of(Type type) {
  switch (type) {
    case Type::f16:
    case Type::bf16:
      return Matrix::half;
    case Type::tf32:
      return Matrix::tf32;
    case Type::f64:
      return Matrix::double_;
    default:  // fp8 and integers; narrower ones at the same rate
      return Matrix::byte;
  }
}

}  // namespace

uint64_t matrix_operations(const Instruction& i, Matrix& type) {
  if (i.op != "mma" && !(i.op == "wmma" && i.has(".mma"))) return 0;
  uint64_t volume = 0;
  for (const std::string_view mod : i.mods) volume = std::max(volume, volume_of(mod));
  // d, a, b, c; wmma names d and c only when the factors are f16.
  const std::vector<Type> types = types_of(i);
  type = types.size() >= 4 ? matrix_of(types[1]) : Matrix::half;
  return 2 * volume;
}

Unit unit_of(const Instruction& i) {
  if (is_one_of(i.op, {"rcp", "rsqrt", "sqrt", "sin", "cos", "lg2", "ex2", "tanh", "div", "rem"}))
    return Unit::special;
  if (is_one_of(i.op, {"shfl", "redux", "match"})) return Unit::shuffle;
  const std::vector<Type> types = types_of(i);
  const auto wide = [](Type t) { return nonans::image::ptx::bits_of(t) == 64; };
  if (i.op == "cvt")
    return std::any_of(types.begin(), types.end(), wide) ? Unit::convert_wide : Unit::convert;
  if (!is_one_of(i.op,
                 {"add",  "sub",  "mul",   "mad",      "fma",  "neg",   "abs",   "min",  "max",
                  "set",  "setp", "selp",  "slct",     "sad",  "mul24", "mad24", "addc", "subc",
                  "madc", "popc", "clz",   "bfind",    "brev", "bfe",   "bfi",   "bmsk", "dp2a",
                  "dp4a", "and",  "or",    "xor",      "not",  "cnot",  "lop3",  "shf",  "shl",
                  "shr",  "prmt", "testp", "copysign", "fns",  "szext"}))
    return Unit::other;
  if (types.empty()) return Unit::integer;
  switch (types.back()) {
    case Type::f64:
      return Unit::double_;
    case Type::f32:
    case Type::f32x2:
    case Type::f16:
    case Type::f16x2:
    case Type::bf16:
    case Type::bf16x2:
      return Unit::single;
    default:
      return Unit::integer;
  }
}

class WorkCounter::InLaunch final : public engine::LaunchObserver {
 public:
  explicit InLaunch(WorkCounter& counter) : counter_(counter) {}
  ~InLaunch() override {
    Work& work = counter_.work_;
    work.global_bytes = sectors_.bytes();
    for (const auto& [instruction, executed] : executed_) {
      work.warp_instructions += executed.warps;
      Matrix type{};
      if (const uint64_t operations = matrix_operations(*instruction, type); operations != 0)
        work.matrix[static_cast<size_t>(type)] += operations * executed.warps;
      else
        work.threads[static_cast<size_t>(unit_of(*instruction))] += executed.threads;
    }
  }

  std::unique_ptr<engine::BlockObserver> begin(const engine::BlockInfo& block) override {
    return std::make_unique<InBlock>(*this, block);
  }

 private:
  struct Executed {
    uint64_t warps = 0, threads = 0;
  };
  using Counts = std::unordered_map<const Instruction*, Executed>;

  class InBlock final : public engine::BlockObserver {
   public:
    InBlock(InLaunch& launch, const engine::BlockInfo& block)
        : launch_(launch), of_warp_((block.threads + 31) / 32) {}
    ~InBlock() override {
      const std::lock_guard lock(launch_.mutex_);
      launch_.sectors_.add(sectors_);
      launch_.counter_.work_.shared_bytes += shared_bytes_;
      ++launch_.counter_.work_.blocks;
      for (const auto& [instruction, executed] : executed_) {
        Executed& all = launch_.executed_[instruction];
        all.warps += executed.warps;
        all.threads += executed.threads;
      }
    }

    void instruction(const engine::InstructionEvent& e) override {
      ++of_warp_[e.warp];
      if (e.mask == 0) return;
      Executed& executed = executed_[&e.instruction];
      ++executed.warps;
      executed.threads += static_cast<uint64_t>(__builtin_popcount(e.mask));
    }

    void access(const engine::AccessEvent& a) override {
      const auto lanes = static_cast<uint64_t>(__builtin_popcount(a.mask));
      if (a.space == engine::AccessSpace::shared) shared_bytes_ += lanes * a.size;
      if (a.space != engine::AccessSpace::global) return;
      for (uint32_t rest = a.mask; rest != 0; rest &= rest - 1) {
        const uint64_t address = a.address[__builtin_ctz(rest)];
        const uint64_t first = address / kSector * kSector;
        const uint64_t end = (address + a.size + kSector - 1) / kSector * kSector;
        if (first == last_first_ && end == last_end_) continue;
        last_first_ = first;
        last_end_ = end;
        sectors_.add(first, end - first);
      }
    }

    // A warp issues one instruction a cycle, and nothing makes it wait.
    bool time(uint32_t warp, engine::WarpTime& out) const override {
      out.cycles = of_warp_[warp];
      out.nanoseconds =
          launch_.counter_.start_ +
          static_cast<uint64_t>(static_cast<double>(out.cycles) * (1e9 / h100::kClock));
      return true;
    }

   private:
    InLaunch& launch_;
    std::vector<uint64_t> of_warp_;  // instructions so far
    Counts executed_;
    observe::IntervalSet sectors_;
    uint64_t last_first_ = 0, last_end_ = 0;
    uint64_t shared_bytes_ = 0;
  };

  WorkCounter& counter_;
  std::mutex mutex_;
  Counts executed_;
  observe::IntervalSet sectors_;
};

std::unique_ptr<engine::LaunchObserver> WorkCounter::begin(const engine::LaunchInfo&) {
  return std::make_unique<InLaunch>(*this);
}

}  // namespace softgpu::model
