// SPDX-License-Identifier: MIT
#include "observe/report.hpp"

#include <cstdio>

namespace softgpu::observe {
namespace {

std::string triple(uint32_t x, uint32_t y, uint32_t z) {
  return "(" + std::to_string(x) + "," + std::to_string(y) + "," + std::to_string(z) + ")";
}

}  // namespace

std::string describe(const engine::ptx::Instruction& instruction,
                     const engine::ptx::Module& module) {
  std::string text = instruction.spelling() + " at ptx line " + std::to_string(instruction.at.line);
  if (instruction.source.file == 0) return text;
  std::string file = "file " + std::to_string(instruction.source.file);
  for (const auto& known : module.files) {
    if (known.index != instruction.source.file) continue;
    const size_t slash = known.path.rfind('/');
    file = known.path.substr(slash == std::string_view::npos ? 0 : slash + 1);
  }
  return text + " (" + file + ":" + std::to_string(instruction.source.line) + ")";
}

std::string describe_thread(uint32_t linear, const engine::Dim3& shape) {
  return "thread " +
         triple(linear % shape.x, linear / shape.x % shape.y, linear / shape.x / shape.y);
}

std::string describe_block(const engine::Dim3& index) {
  return "block " + triple(index.x, index.y, index.z);
}

std::string hex(uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace softgpu::observe
