// SPDX-License-Identifier: MIT
// The instruction table: no form is claimed by two rows, no row is dead.
#include <set>
#include <string>
#include <vector>

#include "engine/form.hpp"
#include "engine/ops/isa.hpp"
#include "support/catch.hpp"

using softgpu::engine::all_rows;
using softgpu::engine::Row;
using softgpu::engine::Table;

namespace {

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts(1);
  for (char c : text) {
    if (c == by) {
      parts.emplace_back();
    } else {
      parts.back().push_back(c);
    }
  }
  return parts;
}

struct Instance {
  std::vector<std::string> mods;
};

// The shortest form of a row and, for each group, one form with each of its alternatives.
std::vector<Instance> instances(const Row& row) {
  const std::vector<std::string> tokens = split(row.form, ' ');
  std::vector<std::vector<std::string>> choices;  // per group; "" = left out
  for (size_t i = 1; i < tokens.size(); ++i) {
    std::string token = tokens[i];
    const bool optional = token.front() == '{';
    if (optional) token = token.substr(1, token.size() - 2);
    std::vector<std::string> alternatives = split(token, '|');
    if (optional) alternatives.insert(alternatives.begin(), "");
    choices.push_back(alternatives);
  }
  std::vector<Instance> all;
  const auto make = [&](size_t group, size_t alternative) {
    Instance instance;
    for (size_t g = 0; g < choices.size(); ++g) {
      const std::string& mod = choices[g][g == group ? alternative : 0];
      if (!mod.empty()) instance.mods.push_back(mod);
    }
    all.push_back(instance);
  };
  make(choices.size(), 0);
  for (size_t g = 0; g < choices.size(); ++g) {
    for (size_t a = 1; a < choices[g].size(); ++a) make(g, a);
  }
  return all;
}

// Numbers of operands a row takes; a row that binds by itself is tried with what its opcode usually
// has.
std::vector<unsigned> operand_counts(const Row& row) {
  if (row.operands[0] == '\0') return {0, 1, 2, 3, 4, 5, 6};
  unsigned least = 0, most = 0;
  for (const std::string& token : split(row.operands, ' ')) {
    ++most;
    if (token != "q" && token.back() != '?') ++least;
  }
  std::vector<unsigned> counts;
  for (unsigned n = least; n <= most; ++n) counts.push_back(n);
  return counts;
}

}  // namespace

TEST_CASE("every form of every row is found, and found in that row") {
  size_t rows = 0, forms = 0;
  for (const auto& table : all_rows()) {
    for (const Row& row : table) {
      ++rows;
      const std::string op = split(row.form, ' ')[0];
      size_t alive = 0;
      for (const Instance& instance : instances(row)) {
        std::vector<std::string_view> mods(instance.mods.begin(), instance.mods.end());
        for (unsigned operands : operand_counts(row)) {
          const auto form = Table::get().match(op, mods, operands);
          std::string spelling = op;
          for (const auto& mod : mods) spelling += mod;
          INFO(spelling << " with " << operands << " operands, row: " << row.form);
          REQUIRE(form);
          CHECK(form->row == &row);
          ++forms;
          if (row.select == nullptr || row.select(*form) != nullptr) ++alive;
        }
      }
      INFO(row.form);
      CHECK(alive > 0);
    }
  }
  CHECK(rows > 150);
  CHECK(forms > rows);
}

TEST_CASE("modifiers that do not belong to a form are not accepted") {
  const auto matches = [](const char* op, std::vector<std::string_view> mods, unsigned operands) {
    return Table::get().match(op, mods, operands).has_value();
  };
  CHECK(matches("add", {".rn", ".f32"}, 3));
  CHECK(!matches("add", {".rn", ".rz", ".f32"}, 3));
  CHECK(!matches("add", {".rn", ".s32"}, 3));
  CHECK(!matches("add", {".f32"}, 2));
  CHECK(!matches("add", {}, 3));
  CHECK(!matches("add", {".f32", ".f32"}, 3));
  CHECK(matches("cvt", {".rn", ".f32", ".f64"}, 2));
  CHECK(!matches("cvt", {".rn", ".f64", ".f32"}, 2));  // widening takes no rounding
  CHECK(!matches("fma", {".f32"}, 4));                 // the rounding is not optional
}
