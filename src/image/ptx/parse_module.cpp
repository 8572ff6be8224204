// SPDX-License-Identifier: MIT
// The outermost level of a module (PTX ISA 11.1, 11.5, 11.6), and the way in.
#include <limits>
#include <new>
#include <stdexcept>

#include "image/ptx/parser.hpp"

namespace nonans::image::ptx {

Parser::Parser(Module& module, MadeNames& made)
    : module_(module), made_(made), lexer_(*module.text) {
  advance();
}

void Parser::advance() {
  previous_end_ = token_.text.data() + token_.text.size();
  token_ = lexer_.next();
}

Token Parser::peek() const {
  Lexer ahead = lexer_;
  return ahead.next();
}

bool Parser::accept(char mark) {
  if (!token_.is(mark)) return false;
  advance();
  return true;
}

bool Parser::accept_dotted(std::string_view word) {
  if (!token_.is_dotted(word)) return false;
  advance();
  return true;
}

void Parser::expect(char mark, const char* where) {
  if (accept(mark)) return;
  fail(std::string("expected '") + mark + "' " + where + ", found " + describe(token_));
}

std::string_view Parser::expect_word(const char* what) {
  if (token_.kind != Token::Kind::word) fail_expected(what);
  const std::string_view word = token_.text;
  advance();
  return word;
}

void Parser::fail_expected(const char* what) const {
  fail(std::string("expected ") + what + ", found " + describe(token_));
}

void Parser::skip_line() {
  lexer_.skip_line();
  advance();
}

void Parser::parse_module() {
  parse_header();
  while (token_.kind != Token::Kind::end) {
    if (token_.mark == two_marks('@', '@')) {  // old DWARF: @@DWARF .byte …
      skip_line();
    } else if (token_.kind == Token::Kind::dotted) {
      parse_module_directive();
    } else {
      fail_expected("a directive");
    }
  }
}

// .version 9.0  .target sm_90a {, …}  {.address_size 64}
void Parser::parse_header() {
  if (!accept_dotted(".version")) fail_expected("'.version' at the beginning of a PTX text");
  const Token version = token_;
  const size_t dot = version.text.find('.');
  if (version.kind != Token::Kind::number || dot == std::string_view::npos) {
    fail_expected("a version such as 8.4");
  }
  const auto part = [&](std::string_view digits) {
    Token token = version;
    token.text = digits;
    const Constant value = digits.empty() ? Constant{} : read_number(token);
    if (digits.empty() || !value.is_integer() || value.bits > 1000) {
      fail_expected("a version such as 8.4");
    }
    return static_cast<uint32_t>(value.bits);
  };
  module_.version_major = part(version.text.substr(0, dot));
  module_.version_minor = part(version.text.substr(dot + 1));
  advance();
  if (!accept_dotted(".target")) fail_expected("'.target' after .version");
  module_.target = expect_word("a target such as sm_90");
  while (accept(',')) expect_word("a target or a texturing mode");
}

Linkage Parser::parse_linkage() {
  Linkage linkage = Linkage::none;
  for (;;) {
    if (accept_dotted(".visible")) {
      linkage = linkage == Linkage::weak ? linkage : Linkage::visible;
    } else if (accept_dotted(".extern")) {
      linkage = Linkage::extern_;
    } else if (accept_dotted(".weak")) {
      linkage = Linkage::weak;
    } else if (accept_dotted(".common")) {
      linkage = Linkage::common;
    } else {
      return linkage;
    }
  }
}

void Parser::parse_module_directive() {
  if (accept_dotted(".file")) return parse_file_directive();
  if (accept_dotted(".section")) return skip_section();
  if (accept_dotted(".pragma")) return skip_pragma();
  if (accept_dotted(".alias")) return parse_alias();
  if (accept_dotted(".address_size")) {
    const Position at = token_.at;
    module_.address_size = parse_count("the address size");
    if (module_.address_size != 32 && module_.address_size != 64) {
      throw Failure{at, "the address size must be 32 or 64"};
    }
    return;
  }
  const Linkage linkage = parse_linkage();
  Variable attributes;
  if (accept_dotted(".attribute")) parse_attribute(attributes);
  parse_linked(linkage, attributes.managed);
}

void Parser::parse_linked(Linkage linkage, bool managed) {
  const Token word = token_;
  if (accept_dotted(".entry")) return parse_function(true, linkage);
  if (accept_dotted(".func")) return parse_function(false, linkage);
  if (accept_dotted(".global")) return parse_module_variables(Space::global, linkage, managed);
  if (accept_dotted(".const")) return parse_module_variables(Space::constant, linkage, managed);
  if (accept_dotted(".shared")) return parse_module_variables(Space::shared, linkage, managed);

  if (accept_dotted(".tex")) return parse_module_variables(Space::tex, linkage, managed);
  if (word.is_dotted(".reg") || word.is_dotted(".param") || word.is_dotted(".local")) {
    fail(quote(word.text) + " is allowed inside functions only");
  }
  if (word.kind == Token::Kind::dotted) fail("unknown directive " + quote(word.text));
  fail_expected("a function or a variable");
}

// .file 1 "path" {, timestamp, size}
void Parser::parse_file_directive() {
  SourceFile file;
  file.index = parse_count("the index of .file");
  if (token_.kind != Token::Kind::text) fail_expected("a path in quotes");
  file.path = token_.text;
  advance();
  while (accept(',')) parse_unsigned("the time or size of a file");
  module_.files.push_back(file);
}

// .section .debug_info { … }: DWARF, of no interest here; braces inside nest.
void Parser::skip_section() {
  if (token_.kind != Token::Kind::dotted && token_.kind != Token::Kind::word) {
    fail_expected("the name of a section");
  }
  advance();
  const Position at = token_.at;
  if (!token_.is('{')) fail_expected("'{' to begin a section");
  for (uint64_t open = 0;; advance()) {
    if (token_.kind == Token::Kind::end) throw Failure{at, "this section does not end"};
    if (token_.is('{')) ++open;
    if (token_.is('}') && --open == 0) break;
  }
  advance();
}

// .pragma "nounroll", "…";
void Parser::skip_pragma() {
  do {
    if (token_.kind != Token::Kind::text) fail_expected("a pragma in quotes");
    advance();
  } while (accept(','));
  expect(';', "after .pragma");
}

// .alias name, other;
void Parser::parse_alias() {
  const auto declared_function = [&](const char* what) {
    const Token name = token_;
    expect_word(what);
    const auto found = functions_.find(name.text);
    if (found == functions_.end()) throw Failure{name.at, "undefined function " + quote(name.text)};
    return found->second;
  };
  const Position at = token_.at;
  const uint32_t alias = declared_function("the alias");
  expect(',', "between an alias and its function");
  const uint32_t aliasee = declared_function("the function that the alias stands for");
  expect(';', "after .alias");
  if (!module_.functions[alias].is_declaration || alias == aliasee) {
    throw Failure{at, "an alias must be declared and have no body of its own"};
  }
  module_.functions[alias].alias_of = aliasee;
}

void Parser::parse_module_variables(Space space, Linkage linkage, bool managed) {
  const Declared declared = parse_declared(space);
  do {
    const bool may_initialise = space == Space::global || space == Space::constant;
    Variable variable = parse_declarator(declared, may_initialise);
    variable.linkage = linkage;
    variable.managed |= managed;
    if (linkage != Linkage::extern_) check_complete(variable);
    add_module_variable(std::move(variable));
  } while (accept(','));
  expect(';', "after a variable declaration");
}

// An `.extern` declaration may come before or after the definition, and more than once.
void Parser::add_module_variable(Variable variable) {
  if (functions_.contains(variable.name)) {
    throw Failure{variable.at, quote(variable.name) + " is already the name of a function"};
  }
  const auto [found, fresh] =
      variables_.try_emplace(variable.name, static_cast<uint32_t>(module_.variables.size()));
  if (fresh) {
    module_.variables.push_back(std::move(variable));
    return;
  }
  Variable& before = module_.variables[found->second];
  if (variable.linkage == Linkage::extern_) return;
  if (before.linkage != Linkage::extern_) {
    throw Failure{variable.at, "variable " + quote(variable.name) + " is defined twice"};
  }
  before = std::move(variable);
}

Result parse(std::string_view text, std::string name) {
  Error error;
  try {
    text = text.substr(0, text.find('\0'));
    Module module;
    module.name = name;
    error.file = std::move(name);
    if (text.size() > std::numeric_limits<uint32_t>::max()) {
      error.reason = "a PTX text of more than 4 GiB";
      return error;
    }
    module.text = std::make_shared<const std::string>(text);
    auto made = std::make_shared<MadeNames>();
    Parser(module, *made).parse_module();
    module.made_names = std::move(made);
    return module;
  } catch (Failure& failure) {
    error.at = failure.at;
    error.reason = std::move(failure.reason);
  } catch (const std::bad_alloc&) {
    error.reason = "out of memory";
  } catch (const std::length_error&) {
    error.reason = "out of memory";
  }
  return error;
}

}  // namespace nonans::image::ptx
