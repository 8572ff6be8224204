// SPDX-License-Identifier: MIT
// The words of checkers' reports.
#pragma once

#include <functional>
#include <string>

#include "engine/observer.hpp"

namespace softgpu::observe {

// Takes one report, a line without its end. Called from any thread, one report at a time for each
// checker.
using Sink = std::function<void(const std::string&)>;

// "st.shared.u32 at ptx line 24 (demo.cu:9)"
std::string describe(const engine::ptx::Instruction& instruction,
                     const engine::ptx::Module& module);
// Thread `linear` of a block of that shape: "thread (3,0,0)"
std::string describe_thread(uint32_t linear, const engine::Dim3& shape);
std::string describe_block(const engine::Dim3& index);
std::string hex(uint64_t value);

}  // namespace softgpu::observe
