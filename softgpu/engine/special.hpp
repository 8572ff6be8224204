// SPDX-License-Identifier: MIT
// Special registers (ISA section 10). Clusters are trivial: one block each.
#pragma once

#include <optional>
#include <string_view>

#include "code.hpp"

namespace softgpu::engine {

struct Special {
  Handler body = nullptr;  // o[0] = value; Op::imm = argument
  u64 argument = 0;
  bool wide = false;  // 64 bits
};

std::optional<Special> find_special(std::string_view name, char component);

// o[0] = (64 bits) Op::imm + where dynamic shared memory starts in the running kernel.
Handler dynamic_shared_address();

}  // namespace softgpu::engine
