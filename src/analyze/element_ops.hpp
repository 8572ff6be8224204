// SPDX-License-Identifier: MIT
// Families of opcodes as the type inference sees them (elements.hpp).
#pragma once

#include <algorithm>
#include <string_view>

#include "analyze/opcode.hpp"

namespace nonans::analyze {

template <size_t N>
bool is_one_of(std::string_view op, const std::string_view (&list)[N]) {
  return std::find(std::begin(list), std::end(list), op) != std::end(list);
}

// Operations on numbers. For integers they fall in two: `kSums` are also what bit tricks on floats
// are made of (rounding to bf16 adds to the bits, ldexp adds to the exponent), the rest nobody does
// to the bits of a float.
inline constexpr std::string_view kSums[] = {"add", "sub", "min",  "max", "neg",
                                             "abs", "sad", "addc", "subc"};
inline constexpr std::string_view kArithmetic[] = {
    "mul",   "fma",  "mad",  "div",      "rcp",  "sqrt",  "rsqrt",      "ex2",  "lg2",
    "sin",   "cos",  "tanh", "copysign", "rem",  "mul24", "mad24",      "popc", "clz",
    "bfind", "dp2a", "dp4a", "madc",     "vote", "match", "activemask", "redux"};
inline constexpr std::string_view kBitOperations[] = {"and",  "or",   "xor",  "not",  "shl",
                                                      "shr",  "lop3", "bfe",  "bfi",  "shf",
                                                      "prmt", "brev", "cnot", "szext"};
inline constexpr std::string_view kCompares[] = {"setp", "set", "testp"};

// Two type suffixes that differ and are not a conversion: a mixed form without a rule here.
inline bool mixed(const Opcode& o) {
  return o.first_type != o.type;
}

inline unsigned type_suffixes(const ptx::Instruction& i) {
  return static_cast<unsigned>(std::count_if(i.mods.begin(), i.mods.end(), [](std::string_view m) {
    return ptx::type_from_suffix(m).has_value();
  }));
}

inline const ptx::Operand* shuffled(const ptx::Instruction& i) {
  const size_t n = i.pipe ? 2 : 1;
  return n < i.operands.size() ? &i.operands[n] : nullptr;
}

// The n-th type suffix (mma names D, A, B, C).
inline ptx::Type nth_type(const ptx::Instruction& i, unsigned n) {
  for (std::string_view m : i.mods)
    if (const auto t = ptx::type_from_suffix(m); t && n-- == 0) return *t;
  return ptx::Type::none;
}

inline bool is_matrix_product(const ptx::Instruction& i) {
  return i.op == "mma" || (i.op == "wmma" && i.has(".mma")) ||
         (i.op == "wgmma" && i.has(".mma_async"));
}

}  // namespace nonans::analyze
