// SPDX-License-Identifier: MIT
// What a launch did, as far as its time is modelled: counted by an observer (engine/observer.hpp).
//
//   WorkCounter counter(start);                  // seconds on the model's clock
//   launch.observer = &counter;
//   engine::run(kernel, launch, space);
//   const Work& work = counter.work();           // complete when run() has returned
//
// The counts do not depend on the order in which blocks and warps run, so the same launch on the
// same data counts the same, unless the program itself takes another way (polling, look-back).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

#include "engine/observer.hpp"

namespace softgpu::model {

// What executes an instruction. `other` costs its issue only.
enum class Unit : uint8_t {
  single,
  double_,
  integer,
  special,
  convert,
  convert_wide,
  shuffle,
  other
};
inline constexpr size_t kUnits = 8;
enum class Matrix : uint8_t { half, tf32, byte, double_ };
inline constexpr size_t kMatrices = 4;

struct Work {
  uint64_t blocks = 0;
  uint64_t warp_instructions = 0;
  std::array<uint64_t, kUnits> threads{};    // thread instructions of each unit
  std::array<uint64_t, kMatrices> matrix{};  // multiplications and additions, by type of factors
  uint64_t shared_bytes = 0;
  uint64_t global_bytes = 0;  // in sectors of 32 bytes, each counted once however often it is used
};

// An instruction by its opcode and modifiers.
Unit unit_of(const engine::ptx::Instruction& instruction);
// Multiplications and additions of one execution by a warp; 0 for what is no matrix product.
uint64_t matrix_operations(const engine::ptx::Instruction& instruction, Matrix& type);

class WorkCounter final : public engine::Observer {
 public:
  // `start`: what %globaltimer reads when the launch begins, in nanoseconds.
  explicit WorkCounter(uint64_t start) : start_(start) {}
  std::unique_ptr<engine::LaunchObserver> begin(const engine::LaunchInfo& launch) override;
  const Work& work() const { return work_; }

 private:
  class InLaunch;
  uint64_t start_;
  Work work_;
};

}  // namespace softgpu::model
