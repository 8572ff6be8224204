// SPDX-License-Identifier: MIT
#include "driver/link/symbols.hpp"

#include <unordered_set>

#include "engine/builtins.hpp"

namespace softgpu::driver {
namespace {

using Kind = PtxItem::Kind;
using ptx::Linkage;

std::string quoted(std::string_view name) {
  return "'" + std::string(name) + "'";
}

uint64_t size_of(const PtxText& text, std::string_view name) {
  const auto parsed = ptx::parse(*text.source);
  const ptx::Variable* const variable = parsed ? parsed->find_variable(name) : nullptr;
  return variable ? variable->size : 0;
}

}  // namespace

Symbols::Symbols(const std::vector<PtxText>& inputs)
    : inputs_(inputs), defined_(inputs.size()), renamed_(inputs.size()) {
  for (size_t i = 0; i < inputs.size(); ++i) collect(i);
  for (size_t i = 0; i < inputs.size(); ++i) find_undefined(i);
  rename_private();
}

void Symbols::complain(const std::string& what) {
  if (!errors_.empty()) errors_ += '\n';
  errors_ += what;
}

void Symbols::collect(size_t input) {
  std::unordered_set<std::string_view> aliases;
  for (const PtxItem& item : inputs_[input].items)
    if (item.kind == Kind::alias) aliases.insert(item.name);
  for (const PtxItem& item : inputs_[input].items) {
    if (item.kind != Kind::function && item.kind != Kind::variable) continue;
    if (!item.is_definition && !aliases.contains(item.name)) continue;
    const bool fresh = defined_[input].emplace(item.name, &item).second;
    if (fresh && item.is_global()) define(input, item);
  }
}

void Symbols::define(size_t input, const PtxItem& item) {
  Symbol& symbol = symbols_[item.name];
  if (item.linkage == Linkage::weak) {
    if (!symbol.weak) symbol.weak = input;
  } else if (item.linkage == Linkage::common) {
    const uint64_t size = size_of(inputs_[input], item.name);
    if (!symbol.common || size > symbol.common_size) {
      symbol.common = input;
      symbol.common_size = size;
    }
  } else if (symbol.strong) {
    complain("multiple definition of " + quoted(item.name) + " in " + quoted(inputs_[input].name) +
             ", first defined in " + quoted(inputs_[*symbol.strong].name));
  } else {
    symbol.strong = input;
  }
}

// Only a name that is used is missed: headers declare more than a program calls.
void Symbols::find_undefined(size_t input) {
  const PtxText& text = inputs_[input];
  std::unordered_set<std::string_view> missing;
  for (const PtxItem& item : text.items) {
    if (item.kind != Kind::function && item.kind != Kind::variable) continue;
    if (item.is_definition || item.is_dynamic_shared || engine::is_builtin(item.name)) continue;
    if (!defined_[input].contains(item.name) && !symbols_.contains(item.name))
      missing.insert(item.name);
  }
  if (missing.empty()) return;
  for (const PtxItem& item : text.items) {
    if (!item.is_definition) continue;
    each_name(text, item, [&](size_t, std::string_view name) {
      if (missing.erase(name) != 0)
        complain("undefined reference to " + quoted(name) + " in " + quoted(text.name));
    });
  }
}

// A private name that another input uses for anything at all becomes name$2, name$3, …
void Symbols::rename_private() {
  constexpr size_t kEverybody = ~size_t{0};
  std::unordered_map<std::string_view, size_t> holder;
  std::unordered_set<std::string> taken;
  for (const PtxText& text : inputs_)
    for (const PtxItem& item : text.items) {
      taken.emplace(item.name);
      if (item.is_global()) holder[item.name] = kEverybody;
    }
  for (size_t i = 0; i < inputs_.size(); ++i)
    for (const auto& [name, item] : defined_[i]) {
      if (item->is_global() || holder.try_emplace(name, i).second) continue;
      size_t n = i + 1;
      std::string fresh;
      do fresh = std::string(name) + "$" + std::to_string(n++);
      while (!taken.insert(fresh).second);
      renamed_[i].emplace(name, std::move(fresh));
    }
}

bool Symbols::counts(size_t input, const PtxItem& item) const {
  const auto defined = defined_[input].find(item.name);
  if (defined == defined_[input].end() || !defined->second->is_global()) return true;
  const auto symbol = symbols_.find(item.name);
  return symbol == symbols_.end() || symbol->second.definition() == input;
}

}  // namespace softgpu::driver
