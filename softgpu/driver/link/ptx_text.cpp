// SPDX-License-Identifier: MIT
#include "driver/link/ptx_text.hpp"

#include <charconv>

namespace softgpu::driver {
namespace {

using ptx::Token;

uint32_t number(std::string_view digits) {
  uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

class Splitter {
 public:
  explicit Splitter(PtxText& text) : text_(text), tokens_(text.tokens) {}

  void run() {
    while (!at_end()) directive();
  }

 private:
  const Token& now() const { return tokens_[at_]; }
  bool at_end() const { return now().kind == Token::Kind::end; }
  bool is_dotted(std::string_view word) const { return now().is_dotted(word); }
  void step() {
    if (!at_end()) ++at_;
  }

  void directive() {
    if (now().mark == ptx::two_marks('@', '@')) return skip_line();
    if (is_dotted(".version")) {
      step();
      const std::string_view version = now().text;
      const size_t dot = std::min(version.find('.'), version.size() - 1);
      text_.version_major = number(version.substr(0, dot));
      text_.version_minor = number(version.substr(dot + 1));
      return step();
    }
    if (is_dotted(".target")) {
      step();
      text_.target = now().text;
      for (step(); now().is(','); step()) step();
      return;
    }
    if (is_dotted(".address_size")) return step(), step();
    if (is_dotted(".file")) return file();
    if (is_dotted(".section")) {
      while (!at_end() && !now().is('{')) step();
      return skip_braces();
    }
    PtxItem item;
    item.first = at_;
    if (is_dotted(".pragma")) return statement(item);
    if (is_dotted(".alias")) {
      step();
      item.kind = PtxItem::Kind::alias;
      item.is_definition = true;
      item.name = now().text;
      return statement(item);
    }
    linkage(item);
    if (is_dotted(".attribute")) attribute();
    if (is_dotted(".entry") || is_dotted(".func")) return function(item);
    variables(item);
  }

  // .file 1 "path" {, time, size}
  void file() {
    step();
    const uint32_t index = number(now().text);
    step();
    text_.files.push_back({index, now().text});
    for (step(); now().is(','); step()) step();
  }

  void linkage(PtxItem& item) {
    for (;; step()) {
      if (is_dotted(".visible")) {
        if (item.linkage != ptx::Linkage::weak) item.linkage = ptx::Linkage::visible;
      } else if (is_dotted(".extern")) {
        item.linkage = ptx::Linkage::extern_;
      } else if (is_dotted(".weak")) {
        item.linkage = ptx::Linkage::weak;
      } else if (is_dotted(".common")) {
        item.linkage = ptx::Linkage::common;
      } else {
        break;
      }
    }
    item.stem = at_;
  }

  // .func (results) name (parameters) directives ; or { body }
  void function(PtxItem& item) {
    item.kind = PtxItem::Kind::function;
    item.is_entry = is_dotted(".entry");
    for (step(); !at_end() && now().kind != Token::Kind::word;)
      if (now().is('('))
        skip_parentheses();
      else
        step();
    item.name = now().text;
    while (!at_end() && !now().is(';') && !now().is('{')) {
      if (is_dotted(".pragma"))
        while (!at_end() && !now().is(';')) step();
      step();
    }
    item.head = at_;
    item.is_definition = now().is('{');
    if (item.is_definition)
      skip_braces();
    else
      step();
    item.last = at_;
    text_.items.push_back(item);
  }

  // .global .align 4 .u32 a = 1, b[2] = {1, 2}; gives one item for each of a and b.
  void variables(PtxItem item) {
    item.kind = PtxItem::Kind::variable;
    item.is_definition = item.linkage != ptx::Linkage::extern_;
    item.is_dynamic_shared = !item.is_definition && is_dotted(".shared");
    while (!at_end() && now().kind != Token::Kind::word)
      if (now().is('('))
        skip_parentheses();
      else
        step();
    item.stem_last = at_;
    for (;;) {
      item.declarator = at_;
      item.name = now().text;
      while (!at_end() && !now().is('=') && !now().is(',') && !now().is(';')) step();
      item.head = at_;
      while (!at_end() && !now().is(',') && !now().is(';')) {
        if (now().is('{'))
          skip_braces();
        else if (now().is('('))
          skip_parentheses();
        else
          step();
      }
      const bool more = now().is(',');
      step();
      item.last = at_;
      text_.items.push_back(item);
      if (!more || at_end()) return;
    }
  }

  void attribute() {
    step();
    if (now().is('(')) skip_parentheses();
  }

  void statement(PtxItem& item) {
    while (!at_end() && !now().is(';')) step();
    step();
    item.stem = item.first;
    item.last = at_;
    text_.items.push_back(item);
  }

  void skip_line() {
    const uint32_t line = now().at.line;
    while (!at_end() && now().at.line == line) step();
  }
  void skip_parentheses() { skip_balanced('(', ')'); }
  void skip_braces() { skip_balanced('{', '}'); }
  void skip_balanced(char open, char close) {
    size_t depth = 0;
    for (; !at_end(); step()) {
      if (now().is(open)) ++depth;
      if (now().is(close) && --depth == 0) return step();
    }
  }

  PtxText& text_;
  const std::vector<Token>& tokens_;
  size_t at_ = 0;
};

}  // namespace

size_t PtxText::offset_of(size_t token) const {
  const Token& t = tokens[token];
  if (t.kind == Token::Kind::end) return source->size();
  const auto at = static_cast<size_t>(t.text.data() - source->data());
  return t.kind == Token::Kind::text ? at - 1 : at;  // the quote before it
}

size_t PtxText::offset_behind(size_t token) const {
  const Token& t = tokens[token];
  if (t.kind == Token::Kind::end) return source->size();
  return offset_of(token) + t.text.size() + (t.kind == Token::Kind::text ? 2 : 0);
}

PtxText split(std::string name, std::string source) {
  source.resize(std::min(source.find('\0'), source.size()));
  PtxText text;
  text.name = std::move(name);
  text.source = std::make_shared<const std::string>(std::move(source));
  ptx::Lexer lexer(*text.source);
  do text.tokens.push_back(lexer.next());
  while (text.tokens.back().kind != Token::Kind::end);
  Splitter(text).run();
  return text;
}

}  // namespace softgpu::driver
