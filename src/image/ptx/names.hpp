// SPDX-License-Identifier: MIT
// The names of one function body: registers, variables, parameters, labels, in nested scopes.
//
//   Names names(registers, made_names);
//   names.open_scope();
//   names.declare_range("%r", 100, Type::b32, 1);            // .reg .b32 %r<100>;
//   if (auto found = names.find("%r12")) use(found->index);  // %r12 becomes a register now
//
// A register of a range becomes an entry of Function::registers when it is first mentioned, so a
// body costs memory in proportion to its text and not to the numbers in it. Not thread-safe; lives
// as long as one body is parsed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "image/ptx/ast.hpp"

namespace nonans::image::ptx {

using MadeNames = std::vector<std::unique_ptr<std::string>>;

// What a name stands for inside a body.
struct Symbol {
  enum class Kind : uint8_t { reg, variable, param, result };
  Kind kind = Kind::reg;
  uint8_t vector = 1;  // registers: elements; index is the first of so many
  uint32_t index = 0;  // into registers, variables, params or returns
  uint32_t depth = 0;  // of the scope that declares it; set by Names
};

// What stands before a ':'.
struct Label {
  enum class Kind : uint8_t { code, target_list, prototype };
  Kind kind = Kind::code;
  uint32_t index = 0;  // into body, target_lists or prototypes
};

class Names {
 public:
  Names(std::vector<Register>& registers, MadeNames& made) : registers_(registers), made_(made) {}

  void open_scope();
  void close_scope();
  uint32_t depth() const { return static_cast<uint32_t>(open_.size()); }
  // Identifies the innermost open scope for find_label, also after it is closed.
  uint32_t scope() const { return open_.back().id; }

  // False if this scope has the name already.
  bool declare(std::string_view name, Symbol symbol);
  bool declare_register(std::string_view name, Type type, uint8_t vector);
  bool declare_range(std::string_view prefix, uint32_t count, Type type, uint8_t vector);
  std::optional<Symbol> find(std::string_view name);

  bool declare_label(std::string_view name, Label label);
  // Looks in `scope`, then in the scopes around it.
  const Label* find_label(std::string_view name, uint32_t scope) const;

 private:
  struct Range {
    uint32_t id, count, depth;
    Type type;
    uint8_t vector;
  };
  template <typename T>
  struct Undo {
    std::string_view name;
    std::optional<T> before;
  };
  struct Open {
    uint32_t id;
    size_t named_undo, range_undo;  // lengths of the undo lists when the scope was opened
  };
  struct LabelKey {
    uint32_t scope;
    std::string_view name;
    bool operator==(const LabelKey&) const = default;
  };
  struct LabelHash {
    size_t operator()(const LabelKey& key) const {
      return std::hash<std::string_view>()(key.name) ^ (key.scope * size_t{0x9E3779B97F4A7C15});
    }
  };

  // `%r12` of `%r<20>`; range is null if no range holds the name.
  struct Element {
    const Range* range = nullptr;
    uint32_t number = 0;
  };
  Element find_element(std::string_view name) const;
  Symbol mention(const Element& element, std::string_view name);
  uint32_t add_registers(std::string_view name, Type type, uint8_t vector);

  std::vector<Register>& registers_;
  MadeNames& made_;
  std::unordered_map<std::string_view, Symbol> named_;
  std::unordered_map<std::string_view, Range> ranges_;
  std::unordered_map<uint64_t, uint32_t> range_registers_;  // range id << 32 | number -> register
  std::unordered_map<LabelKey, Label, LabelHash> labels_;
  std::vector<Undo<Symbol>> named_undo_;
  std::vector<Undo<Range>> range_undo_;
  std::vector<Open> open_;
  std::vector<uint32_t> parents_;  // by scope id
  uint32_t next_range_ = 0;
  bool prefix_ends_in_digit_ = false;
};

}  // namespace nonans::image::ptx
