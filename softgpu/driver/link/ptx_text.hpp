// SPDX-License-Identifier: MIT
// A PTX text as the directives of its outermost level, for a linker: what each one is called, who
// else may mean it, and where it stands.
//
//   PtxText text = split("kernel.ptx", source);      // `source` has been parsed without an error
//   for (const PtxItem& item : text.items)
//     if (item.is_definition && item.is_global()) …  // text.slice(item.first, item.last)
//
// Ownership: tokens refer to `source`, which the PtxText shares; moving it keeps them valid.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "image/ptx/lexer.hpp"

namespace softgpu::driver {

namespace ptx = nonans::image::ptx;

struct PtxItem {
  enum class Kind : uint8_t { function, variable, alias, other };
  Kind kind = Kind::other;
  ptx::Linkage linkage = ptx::Linkage::none;
  bool is_entry = false;
  bool is_definition = false;      // a body; a variable that is not .extern; an alias
  bool is_dynamic_shared = false;  // .extern .shared: the block's own memory, never undefined
  std::string_view name;
  // Tokens [first, last) with linkage words and the final mark; of several variables in one
  // declaration each has it whole: [first, stem_last) is what stands before the first name.
  size_t first = 0, last = 0;
  size_t stem = 0, stem_last = 0;  // behind the linkage words; variables: up to the first name
  size_t declarator = 0;           // variables: the name
  size_t head = 0;  // functions: '{' or ';'. Variables: what follows name and dimensions

  // Other inputs of a link can mean it: everything but private functions and variables.
  bool is_global() const { return is_entry || linkage != ptx::Linkage::none; }
};

struct PtxText {
  std::string name;  // for messages
  std::shared_ptr<const std::string> source;
  std::vector<ptx::Token> tokens;  // the last one is Kind::end
  std::vector<PtxItem> items;      // without .version, .target, .address_size, .file and .section
  uint32_t version_major = 0, version_minor = 0;
  std::string_view target;
  struct File {
    uint32_t index = 0;
    std::string_view path;
  };
  std::vector<File> files;

  size_t offset_of(size_t token) const;      // of its first byte; of the end for the last token
  size_t offset_behind(size_t token) const;  // of the byte behind it
};

// Visits the words of an item that may be names of the module: all but the opcodes of a body, which
// a variable may be called like. visit(index of the token, word)
template <typename Visit>
void each_name(const PtxText& text, const PtxItem& item, Visit&& visit) {
  const bool has_body = item.kind == PtxItem::Kind::function && item.is_definition;
  bool begins = false;  // a statement of the body
  for (size_t i = item.first; i < item.last; ++i) {
    const ptx::Token& t = text.tokens[i];
    const bool in_body = has_body && i > item.head;
    if (in_body && t.is_dotted(".loc")) {  // ends with its line
      while (i + 1 < item.last && text.tokens[i + 1].at.line == t.at.line) ++i;
      begins = true;
      continue;
    }
    if (in_body && begins && t.is('@')) {  // @p or @!p: the opcode is still to come
      i += text.tokens[i + 1].is('!') ? 2 : 1;
      continue;
    }
    const bool is_label = text.tokens[i + 1].is(':');
    if (t.kind == ptx::Token::Kind::word && (!in_body || !begins || is_label)) visit(i, t.text);
    begins = t.is(';') || t.is('{') || t.is('}') || t.is(':');
  }
}

// The text must be one that ptx::parse() accepts.
PtxText split(std::string name, std::string source);

}  // namespace softgpu::driver
