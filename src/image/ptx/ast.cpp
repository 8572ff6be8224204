// SPDX-License-Identifier: MIT
#include "image/ptx/ast.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace nonans::image::ptx {
namespace {

struct TypeRow {
  Type type;
  std::string_view name;
  unsigned bits;
};

// In the order of the enumeration; .pred counts as one bit, opaque references are 64-bit handles.
constexpr std::array kTypes = {
    TypeRow{Type::none, "", 0},
    TypeRow{Type::pred, "pred", 1},
    TypeRow{Type::b8, "b8", 8},
    TypeRow{Type::b16, "b16", 16},
    TypeRow{Type::b32, "b32", 32},
    TypeRow{Type::b64, "b64", 64},
    TypeRow{Type::b128, "b128", 128},
    TypeRow{Type::u8, "u8", 8},
    TypeRow{Type::u16, "u16", 16},
    TypeRow{Type::u32, "u32", 32},
    TypeRow{Type::u64, "u64", 64},
    TypeRow{Type::s8, "s8", 8},
    TypeRow{Type::s16, "s16", 16},
    TypeRow{Type::s32, "s32", 32},
    TypeRow{Type::s64, "s64", 64},
    TypeRow{Type::f16, "f16", 16},
    TypeRow{Type::f16x2, "f16x2", 32},
    TypeRow{Type::bf16, "bf16", 16},
    TypeRow{Type::bf16x2, "bf16x2", 32},
    TypeRow{Type::tf32, "tf32", 32},
    TypeRow{Type::f32, "f32", 32},
    TypeRow{Type::f64, "f64", 64},
    TypeRow{Type::e4m3, "e4m3", 8},
    TypeRow{Type::e5m2, "e5m2", 8},
    TypeRow{Type::e4m3x2, "e4m3x2", 16},
    TypeRow{Type::e5m2x2, "e5m2x2", 16},
    TypeRow{Type::u16x2, "u16x2", 32},
    TypeRow{Type::s16x2, "s16x2", 32},
    TypeRow{Type::b1, "b1", 1},
    TypeRow{Type::u4, "u4", 4},
    TypeRow{Type::s4, "s4", 4},
    TypeRow{Type::e2m1, "e2m1", 4},
    TypeRow{Type::e2m3, "e2m3", 6},
    TypeRow{Type::e3m2, "e3m2", 6},
    TypeRow{Type::ue8m0, "ue8m0", 8},
    TypeRow{Type::e2m1x2, "e2m1x2", 8},
    TypeRow{Type::e2m3x2, "e2m3x2", 16},
    TypeRow{Type::e3m2x2, "e3m2x2", 16},
    TypeRow{Type::ue8m0x2, "ue8m0x2", 16},
    TypeRow{Type::e4m3x4, "e4m3x4", 32},
    TypeRow{Type::e5m2x4, "e5m2x4", 32},
    TypeRow{Type::e2m1x4, "e2m1x4", 16},
    TypeRow{Type::e2m3x4, "e2m3x4", 32},
    TypeRow{Type::e3m2x4, "e3m2x4", 32},
    TypeRow{Type::f32x2, "f32x2", 64},
    TypeRow{Type::texref, "texref", 64},
    TypeRow{Type::samplerref, "samplerref", 64},
    TypeRow{Type::surfref, "surfref", 64},
};

constexpr bool in_order() {
  for (size_t i = 0; i < kTypes.size(); ++i) {
    if (static_cast<size_t>(kTypes[i].type) != i) return false;
  }
  return true;
}
static_assert(in_order(), "kTypes is indexed by Type");

constexpr std::array<std::string_view, 9> kSpaces = {
    "generic", "reg", "sreg", "const", "global", "local", "param", "shared", "tex"};

}  // namespace

std::string Error::to_string() const {
  return file + ':' + std::to_string(at.line) + ':' + std::to_string(at.column) + ": " + reason;
}

unsigned bits_of(Type type) {
  return kTypes[static_cast<size_t>(type)].bits;
}

bool only_in_instructions(Type type) {
  return type == Type::tf32 || (type >= Type::e4m3 && type <= Type::f32x2);
}

std::string_view name_of(Type type) {
  return kTypes[static_cast<size_t>(type)].name;
}

std::string_view name_of(Space space) {
  return kSpaces[static_cast<size_t>(space)];
}

std::optional<Type> type_from_suffix(std::string_view suffix) {
  if (suffix.size() < 2 || suffix[0] != '.') return std::nullopt;
  suffix.remove_prefix(1);
  const auto row = std::find_if(kTypes.begin(), kTypes.end(),
                                [&](const TypeRow& candidate) { return candidate.name == suffix; });
  if (row == kTypes.end()) return std::nullopt;
  return row->type;
}

bool Instruction::has(std::string_view mod) const {
  return std::find(mods.begin(), mods.end(), mod) != mods.end();
}

std::string Instruction::spelling() const {
  std::string out(op);
  for (std::string_view mod : mods) out += mod;
  return out;
}

const Function* Module::find_function(std::string_view wanted) const {
  const auto at = std::find_if(functions.begin(), functions.end(),
                               [&](const Function& f) { return f.name == wanted; });
  return at == functions.end() ? nullptr : &*at;
}

const Variable* Module::find_variable(std::string_view wanted) const {
  const auto at = std::find_if(variables.begin(), variables.end(),
                               [&](const Variable& v) { return v.name == wanted; });
  return at == variables.end() ? nullptr : &*at;
}

}  // namespace nonans::image::ptx
