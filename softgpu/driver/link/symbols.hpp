// SPDX-License-Identifier: MIT
// Which definition each name means when several PTX texts are linked, and which private names have
// to give way.
//
//   const Symbols symbols(inputs);
//   if (!symbols.errors().empty()) …            // "undefined reference to 'f' in 'a.ptx'\n…"
//   if (symbols.counts(input, item)) …          // its definition is the one that the result has
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "driver/link/ptx_text.hpp"

namespace softgpu::driver {

class Symbols {
 public:
  using Renamed = std::unordered_map<std::string_view, std::string>;

  explicit Symbols(const std::vector<PtxText>& inputs);

  const std::string& errors() const { return errors_; }
  // New names of private functions and variables of an input.
  const Renamed& renamed(size_t input) const { return renamed_[input]; }
  // False for a definition that another input's definition of the name takes the place of.
  bool counts(size_t input, const PtxItem& item) const;

 private:
  // Which input defines a name, by linkage.
  struct Symbol {
    std::optional<size_t> strong, weak, common;
    uint64_t common_size = 0;
    std::optional<size_t> definition() const { return strong ? strong : weak ? weak : common; }
  };

  void collect(size_t input);
  void define(size_t input, const PtxItem& item);
  void find_undefined(size_t input);
  void rename_private();
  void complain(const std::string& what);

  const std::vector<PtxText>& inputs_;
  std::unordered_map<std::string_view, Symbol> symbols_;
  // Of each input: what defines a name there. For an alias, its declaration.
  std::vector<std::unordered_map<std::string_view, const PtxItem*>> defined_;
  std::vector<Renamed> renamed_;
  std::string errors_;
};

}  // namespace softgpu::driver
