// SPDX-License-Identifier: MIT
// Scopes are kept as one table with a list of what to put back: opening a scope is free, which
// matters because compilers open one around every call. Labels may be used before they stand, so
// they are kept by (scope, name) and looked up when the body is complete.
#include "image/ptx/names.hpp"

namespace nonans::image::ptx {
namespace {

constexpr uint32_t kNoParent = ~uint32_t{0};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

template <typename Table, typename UndoList>
void put_back(Table& table, UndoList& undo, size_t length) {
  while (undo.size() > length) {
    auto& last = undo.back();
    if (last.before) {
      table[last.name] = *last.before;
    } else {
      table.erase(last.name);
    }
    undo.pop_back();
  }
}

}  // namespace

void Names::open_scope() {
  const auto id = static_cast<uint32_t>(parents_.size());
  parents_.push_back(open_.empty() ? kNoParent : open_.back().id);
  open_.push_back({id, named_undo_.size(), range_undo_.size()});
}

void Names::close_scope() {
  put_back(named_, named_undo_, open_.back().named_undo);
  put_back(ranges_, range_undo_, open_.back().range_undo);
  open_.pop_back();
}

bool Names::declare(std::string_view name, Symbol symbol) {
  symbol.depth = depth();
  auto [at, fresh] = named_.try_emplace(name, symbol);
  if (fresh) {
    named_undo_.push_back({name, std::nullopt});
    return true;
  }
  if (at->second.depth == symbol.depth) return false;
  named_undo_.push_back({name, at->second});
  at->second = symbol;
  return true;
}

uint32_t Names::add_registers(std::string_view name, Type type, uint8_t vector) {
  const auto first = static_cast<uint32_t>(registers_.size());
  if (vector == 1) {
    registers_.push_back({name, type});
    return first;
  }
  for (uint8_t i = 0; i < vector; ++i) {
    made_.push_back(std::make_unique<std::string>(std::string(name) + '.' + "xyzw"[i & 3]));
    registers_.push_back({*made_.back(), type});
  }
  return first;
}

bool Names::declare_register(std::string_view name, Type type, uint8_t vector) {
  if (is_digit(name.back())) {
    const Element element = find_element(name);
    if (element.range != nullptr && element.range->depth == depth()) return false;
  }
  const auto next = static_cast<uint32_t>(registers_.size());
  if (!declare(name, {Symbol::Kind::reg, vector, next, 0})) return false;
  add_registers(name, type, vector);
  return true;
}

bool Names::declare_range(std::string_view prefix, uint32_t count, Type type, uint8_t vector) {
  const Range range{next_range_++, count, depth(), type, vector};
  auto [at, fresh] = ranges_.try_emplace(prefix, range);
  if (is_digit(prefix.back())) prefix_ends_in_digit_ = true;
  if (fresh) {
    range_undo_.push_back({prefix, std::nullopt});
    return true;
  }
  if (at->second.depth == range.depth) return false;
  range_undo_.push_back({prefix, at->second});
  at->second = range;
  return true;
}

Names::Element Names::find_element(std::string_view name) const {
  size_t digits = name.size();
  while (digits > 0 && is_digit(name[digits - 1])) --digits;
  Element best;
  // `%r1<20>` holds %r15 as `%r<20>` does: only when such a prefix exists are the other ways to cut
  // tried.
  const size_t last_cut = prefix_ends_in_digit_ ? name.size() - 1 : digits;
  for (size_t cut = digits; cut <= last_cut && cut < name.size(); ++cut) {
    const std::string_view number = name.substr(cut);
    if (cut == 0 || number.size() > 10 || (number.size() > 1 && number[0] == '0')) continue;
    const auto range = ranges_.find(name.substr(0, cut));
    if (range == ranges_.end()) continue;
    uint64_t value = 0;
    for (char c : number) value = value * 10 + static_cast<uint64_t>(c - '0');
    if (value >= range->second.count) continue;
    if (best.range != nullptr && best.range->depth >= range->second.depth) continue;
    best = {&range->second, static_cast<uint32_t>(value)};
  }
  return best;
}

Symbol Names::mention(const Element& element, std::string_view name) {
  const Range& range = *element.range;
  const uint64_t key = uint64_t{range.id} << 32 | element.number;
  const auto [at, fresh] = range_registers_.try_emplace(key, 0);
  if (fresh) at->second = add_registers(name, range.type, range.vector);
  return {Symbol::Kind::reg, range.vector, at->second, range.depth};
}

std::optional<Symbol> Names::find(std::string_view name) {
  std::optional<Symbol> found;
  if (const auto named = named_.find(name); named != named_.end()) found = named->second;
  // Most bodies name few things and number the rest; a name of the innermost scope cannot be
  // hidden.
  if (is_digit(name.back()) && !(found && found->depth == depth())) {
    const Element element = find_element(name);
    if (element.range != nullptr && (!found || element.range->depth > found->depth)) {
      found = mention(element, name);
    }
  }
  return found;
}

bool Names::declare_label(std::string_view name, Label label) {
  return labels_.try_emplace({scope(), name}, label).second;
}

const Label* Names::find_label(std::string_view name, uint32_t scope) const {
  for (; scope != kNoParent; scope = parents_[scope]) {
    if (const auto at = labels_.find({scope, name}); at != labels_.end()) return &at->second;
  }
  return nullptr;
}

}  // namespace nonans::image::ptx
