// SPDX-License-Identifier: MIT
// The instruction table: one Row for each family of forms.
//
//   {"add {.rn|.rz|.rm|.rp} {.ftz} {.sat} .f32", "d0 s0 s0", select_add_f32}
//
// `form` is the opcode and then groups of modifiers: in braces if optional, alternatives separated
// by '|'. Each modifier of an instruction must fit one group that nothing filled before; every
// group without braces must be filled. Groups that hold types give Form::type(0), type(1) … in the
// order of the row.
//
// `operands` tells how the operands bind, in the order of writing: 'd' a destination, 's' a source;
// then what type: a digit = type(digit), 'w' + digit = twice as wide, or ".u32" and the like.
// Suffixes: '~' the register may be wider than the type (sources are truncated, destinations
// extended by the type's sign), '?' may be absent. Alone, 'q' is the second half of a destination
// p|q, if there, and 'i' an immediate, which goes to Op::imm.
//
// Rows are plain constant data: the tables of the bodies are compiled once for each instruction set
// (ops/isa.hpp).
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "code.hpp"

namespace softgpu::engine {

struct Form;
class Emitter;

struct Row {
  const char* form = nullptr;
  const char* operands = "";
  // The body for this form; nullptr = the combination does not exist.
  Handler (*select)(const Form&) = nullptr;
  // What follows after the operands were bound into `op` (flow, small, side tables), or the whole
  // emission when the row has no operand string. False: refused (the emitter has the reason or the
  // form is unsupported).
  bool (*emit)(Emitter&, const Form&, Op& op) = nullptr;
};

struct Form {
  const Row* row = nullptr;
  std::vector<std::string_view> mods;  // by group; empty where an optional group was not used
  std::vector<ptx::Type> types;

  bool has(std::string_view mod) const;
  ptx::Type type(unsigned i) const { return i < types.size() ? types[i] : ptx::Type::none; }
  Rounding rounding() const;
  // Index among `choices` of the one that is present; -1 if none.
  int which(std::initializer_list<std::string_view> choices) const;
};

class Table {
 public:
  // The table for this machine, built on first use.
  static const Table& get();
  std::optional<Form> match(std::string_view op, std::span<const std::string_view> mods,
                            unsigned operands) const;
  bool knows(std::string_view op) const;

 private:
  struct Group {
    bool optional = false;
    std::vector<std::string_view> alternatives;
  };
  struct Entry {
    const Row* row = nullptr;
    std::vector<Group> groups;
    unsigned least = 0, most = ~0U;  // operands
  };
  Table();
  void add(std::span<const Row> rows);
  std::vector<std::pair<std::string_view, std::vector<Entry>>> by_op_;  // sorted by opcode
};

bool is_signed_type(ptx::Type type);
bool is_float_type(ptx::Type type);

}  // namespace softgpu::engine
