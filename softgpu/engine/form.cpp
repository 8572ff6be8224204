// SPDX-License-Identifier: MIT
#include "form.hpp"

#include <algorithm>

#include "ops/isa.hpp"

namespace softgpu::engine {
namespace {

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(by), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace

bool Form::has(std::string_view mod) const {
  return std::find(mods.begin(), mods.end(), mod) != mods.end();
}

int Form::which(std::initializer_list<std::string_view> choices) const {
  int index = 0;
  for (std::string_view choice : choices) {
    if (has(choice)) return index;
    ++index;
  }
  return -1;
}

Rounding Form::rounding() const {
  if (has(".rz") || has(".rzi")) return Rounding::rz;
  if (has(".rm") || has(".rmi")) return Rounding::rm;
  if (has(".rp") || has(".rpi")) return Rounding::rp;
  if (has(".rna")) return Rounding::rna;
  return Rounding::rn;
}

bool is_signed_type(ptx::Type type) {
  return type == ptx::Type::s8 || type == ptx::Type::s16 || type == ptx::Type::s32 ||
         type == ptx::Type::s64;
}

bool is_float_type(ptx::Type type) {
  return type == ptx::Type::f16 || type == ptx::Type::bf16 || type == ptx::Type::f32 ||
         type == ptx::Type::f64 || type == ptx::Type::tf32 || type == ptx::Type::f32x2;
}

const Table& Table::get() {
  static const Table table;
  return table;
}

Table::Table() {
  for (std::span<const Row> rows : all_rows()) add(rows);
  std::sort(by_op_.begin(), by_op_.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
}

void Table::add(std::span<const Row> rows) {
  for (const Row& row : rows) {
    std::vector<std::string_view> tokens = split(row.form, ' ');
    Entry entry;
    entry.row = &row;
    if (row.operands[0] != '\0') {
      entry.most = 0;
      for (std::string_view token : split(row.operands, ' ')) {
        ++entry.most;
        if (token != "q" && token.back() != '?') ++entry.least;
      }
    }
    for (size_t i = 1; i < tokens.size(); ++i) {
      std::string_view token = tokens[i];
      const bool optional = token.front() == '{';
      if (optional) token = token.substr(1, token.size() - 2);
      entry.groups.push_back({optional, split(token, '|')});
    }
    auto at = std::find_if(by_op_.begin(), by_op_.end(),
                           [&](const auto& e) { return e.first == tokens[0]; });
    if (at == by_op_.end()) at = by_op_.insert(by_op_.end(), {tokens[0], {}});
    at->second.push_back(std::move(entry));
  }
}

bool Table::knows(std::string_view op) const {
  return std::any_of(by_op_.begin(), by_op_.end(), [&](const auto& e) { return e.first == op; });
}

std::optional<Form> Table::match(std::string_view op, std::span<const std::string_view> mods,
                                 unsigned operands) const {
  const auto at =
      std::lower_bound(by_op_.begin(), by_op_.end(), op,
                       [](const auto& e, std::string_view name) { return e.first < name; });
  if (at == by_op_.end() || at->first != op) return std::nullopt;
  for (const Entry& entry : at->second) {
    if (operands < entry.least || operands > entry.most) continue;
    Form form;
    form.row = entry.row;
    form.mods.resize(entry.groups.size());
    bool fits = true;
    size_t after_types = 0;  // types stand in order: cvt.f32.f64 is not cvt.f64.f32
    for (std::string_view mod : mods) {
      const bool is_type = ptx::type_from_suffix(mod).has_value();
      size_t g = is_type ? after_types : 0;
      for (; g < entry.groups.size(); ++g) {
        const auto& alternatives = entry.groups[g].alternatives;
        if (form.mods[g].empty() &&
            std::find(alternatives.begin(), alternatives.end(), mod) != alternatives.end()) {
          form.mods[g] = mod;
          if (is_type) after_types = g + 1;
          break;
        }
      }
      if (g == entry.groups.size()) {
        fits = false;
        break;
      }
    }
    for (size_t g = 0; fits && g < entry.groups.size(); ++g) {
      if (form.mods[g].empty()) {
        fits = entry.groups[g].optional;
      } else if (const auto type = ptx::type_from_suffix(form.mods[g])) {
        form.types.push_back(*type);
      }
    }
    if (fits) return form;
  }
  return std::nullopt;
}

}  // namespace softgpu::engine
