// SPDX-License-Identifier: MIT
// Which chapter of the PTX ISA a form belongs to.
//
//   place({"add", "{.ftz}", ".f32|.f16"})   // {{floating, {"add","{.ftz}",".f32"}}, {half, …}}
//
// Most opcodes have one chapter. The arithmetic ones (add, fma, min …) are described once for each
// kind of number, so their forms are divided by type.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace softgpu::tools {

// In the order of the ISA's chapter 9.7; `other` holds what no chapter is known for.
enum class Chapter : unsigned char {
  integer,
  extended,
  floating,
  half,
  mixed,
  comparison,
  logic,
  movement,
  async_copy,
  conversion,
  texture,
  control,
  synchronisation,
  matrix,
  stack,
  video,
  misc,
  other,
};
inline constexpr unsigned kChapters = static_cast<unsigned>(Chapter::other) + 1;
std::string_view title_of(Chapter chapter);

struct Placed {
  Chapter chapter;
  std::vector<std::string> tokens;  // opcode, then groups as in Row::form
};
// `tokens`: the words of Row::form.
std::vector<Placed> place(std::span<const std::string> tokens);

}  // namespace softgpu::tools
