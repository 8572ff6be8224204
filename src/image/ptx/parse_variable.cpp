// SPDX-License-Identifier: MIT
// Declarations of variables and parameters (PTX ISA 5.4), without their initialisers.
#include <bit>

#include "image/ptx/parser.hpp"

namespace nonans::image::ptx {
namespace {

std::optional<Space> pointer_space_from(std::string_view word) {
  if (word == ".global") return Space::global;
  if (word == ".const") return Space::constant;
  if (word == ".shared") return Space::shared;
  if (word == ".local") return Space::local;
  if (word == ".param") return Space::param;
  return std::nullopt;
}

uint32_t vector_from(std::string_view word) {
  if (word == ".v2") return 2;
  if (word == ".v4") return 4;
  return 0;
}

// Bytes of one scalar of the type; a predicate lives in registers only.
uint32_t scalar_bytes(Type type) {
  return bits_of(type) / 8;
}

}  // namespace

// `.attribute(.managed)`, `.attribute(.unified(19, 95))`, several with commas.
void Parser::parse_attribute(Variable& variable) {
  expect('(', "after .attribute");
  do {
    if (accept_dotted(".managed")) {
      variable.managed = true;
    } else if (accept_dotted(".unified")) {
      expect('(', "after .unified");
      parse_unsigned("a part of a unified address");
      expect(',', "between the parts of a unified address");
      parse_unsigned("a part of a unified address");
      expect(')', "after a unified address");
    } else {
      fail("unknown attribute " + describe(token_));
    }
  } while (accept(','));
  expect(')', "after .attribute");
}

// The words between the space and the name, in any order, as ptxas takes them.
Parser::Declared Parser::parse_declared(Space space) {
  Declared declared;
  Variable& base = declared.base;
  base.space = space;
  while (token_.kind == Token::Kind::dotted) {
    const Token word = token_;
    advance();
    if (const auto type = type_from_suffix(word.text)) {
      if (base.type != Type::none) {
        throw Failure{word.at, "a second type " + quote(word.text) + " in one declaration"};
      }
      if (only_in_instructions(*type)) {
        throw Failure{word.at, "type " + quote(word.text) + " may only be used in instructions"};
      }
      base.type = *type;
    } else if (const uint32_t elements = vector_from(word.text)) {
      base.vector = elements;
    } else if (word.text == ".align") {
      const Position at = token_.at;
      const Constant value = parse_unary();
      if (!value.is_integer() || !std::has_single_bit(value.bits) || value.bits > (1u << 30)) {
        throw Failure{at, "an alignment must be a power of two"};
      }
      const auto align = static_cast<uint32_t>(value.bits);
      (base.is_pointer ? base.pointer_align : base.align) = align;
      if (!base.is_pointer) declared.has_align = true;
    } else if (word.text == ".ptr") {
      base.is_pointer = true;
    } else if (const auto pointed = pointer_space_from(word.text); pointed && base.is_pointer) {
      base.pointer_space = *pointed;
    } else if (word.text == ".attribute") {
      parse_attribute(base);
    } else {
      throw Failure{word.at, "unknown word " + quote(word.text) + " in a declaration"};
    }
  }
  if (base.type == Type::none) fail_expected("a type");
  if (base.type == Type::pred && space != Space::reg) {
    fail("a .pred variable can only be a register, not in ." + std::string(name_of(space)));
  }
  if (!declared.has_align && base.type != Type::pred) {
    base.align = scalar_bytes(base.type) * base.vector;
  }
  return declared;
}

void Parser::parse_dimensions(Variable& variable) {
  while (accept('[')) {
    if (accept(']')) {
      if (!variable.dims.empty()) fail("only the first dimension of an array may be left open");
      variable.dims.push_back(0);
      continue;
    }
    variable.dims.push_back(parse_unsigned("an array dimension"));
    expect(']', "after an array dimension");
    if (variable.dims.size() > kDeepest) fail("an array of too many dimensions");
  }
}

void Parser::set_size(Variable& variable, Position at) {
  uint64_t size = uint64_t{scalar_bytes(variable.type)} * variable.vector;
  bool empty = false;
  for (uint64_t dim : variable.dims) {
    empty |= dim == 0;
    if (size == 0 || dim == 0) continue;
    if (dim > kLargestArray / size) {
      throw Failure{at, "array " + quote(variable.name) + " is larger than the address space"};
    }
    size *= dim;
  }
  variable.size = empty ? 0 : size;
}

void Parser::check_complete(const Variable& variable) const {
  for (uint64_t dim : variable.dims) {
    if (dim == 0) throw Failure{variable.at, "array " + quote(variable.name) + " has no size"};
  }
}

Variable Parser::parse_declarator(const Declared& declared, bool may_initialise) {
  Variable variable = declared.base;
  variable.at = token_.at;
  variable.name = expect_word("a name");
  parse_dimensions(variable);
  set_size(variable, variable.at);
  if (token_.is('<') && variable.space != Space::reg) {
    fail("only registers can be declared as a range; write out the variables of " +
         quote(variable.name));
  }
  if (!token_.is('=')) return variable;
  if (!may_initialise) {
    fail("a variable in ." + std::string(name_of(variable.space)) + " takes no initialiser");
  }
  advance();
  parse_initializer(variable);
  return variable;
}

}  // namespace nonans::image::ptx
