// SPDX-License-Identifier: MIT
// Initialisers of variables (PTX ISA 5.4.4): values in nested braces, and addresses of symbols.
//
// The rules are those of ptxas, which are not C's. Braces nest exactly as deep as the variable has
// dimensions, a vector being one more. Values follow each other without gaps even where a row is
// short, and zero fills the end:
//   .global .b8 a[2][3] = {{1}, {2}};          bytes 1 2 0 0 0 0
// So an initialiser never needs more memory than its text. A floating type takes floating values; a
// .b type takes both. An address may be spread over bytes with a mask, because packed structures
// hold unaligned pointers:
//   .global .u8 p[8] = {0xFF(x), 0xFF00(x), 0xFF0000(x), …};    byte k of the address of x
#include <bit>
#include <cstring>

#include "image/ptx/parser.hpp"

namespace nonans::image::ptx {
namespace {

bool is_opaque(Type type) {
  return type == Type::texref || type == Type::samplerref || type == Type::surfref;
}

bool is_untyped(Type type) {
  return name_of(type).starts_with('b');
}

// How deep the braces nest.
size_t levels_of(const Variable& variable) {
  return variable.dims.size() + (variable.vector > 1 ? 1 : 0);
}

}  // namespace

void Parser::parse_initializer(Variable& variable) {
  if (variable.type == Type::f16 || variable.type == Type::f16x2) {
    fail("a ." + std::string(name_of(variable.type)) + " variable takes no initialiser");
  }
  if (is_opaque(variable.type)) {  // { addr_mode_0 = wrap, … }: how to sample; the host decides
    expect('{', "to begin the properties of a texture, sampler or surface");
    while (!token_.is('}')) {
      if (token_.kind == Token::Kind::end) fail_expected("'}'");
      advance();
    }
    advance();
    return;
  }
  if (levels_of(variable) == 0) return parse_element(variable);
  const uint64_t rows = parse_braces(variable, 0);
  if (!variable.dims.empty() && variable.dims[0] == 0) {
    variable.dims[0] = rows;
    set_size(variable, variable.at);
  }
}

// The values of one brace, or its rows; gives their number.
uint64_t Parser::parse_braces(Variable& variable, size_t level) {
  const Deeper deeper(*this);
  expect('{', "to begin an initialiser");
  const bool is_vector = level == variable.dims.size();
  const uint64_t room = is_vector ? variable.vector : variable.dims[level];
  const bool open = !is_vector && level == 0 && room == 0;
  uint64_t count = 0;
  if (!token_.is('}')) {
    do {
      if (!open && count == room) {
        fail("more than " + std::to_string(room) + " values in a row of " + quote(variable.name));
      }
      if (level + 1 < levels_of(variable)) {
        parse_braces(variable, level + 1);
      } else {
        parse_element(variable);
      }
      ++count;
    } while (accept(','));
  }
  if (is_vector && count != room) {
    fail("a vector of " + quote(variable.name) + " needs " + std::to_string(room) + " values");
  }
  expect('}', "to close an initialiser");
  return count;
}

void Parser::parse_element(Variable& variable) {
  const Position where = token_.at;
  InitReloc reloc;
  reloc.offset = variable.init.size();
  reloc.width = bits_of(variable.type) / 8;
  if (token_.kind == Token::Kind::word && token_.text != "WARP_SZ") {
    parse_symbol_element(variable, reloc);
  } else if (token_.kind == Token::Kind::number && peek().is('(')) {
    const Constant mask = read_number(token_);
    const int shift = std::countr_zero(mask.bits);
    if (!mask.is_integer() || mask.bits == 0 || shift % 8 != 0 || mask.bits >> shift != 0xff) {
      fail("the mask " + quote(token_.text) + " must select one byte: 0xFF, 0xFF00, …");
    }
    advance();
    expect('(', "after a mask");
    reloc.width = 1;
    reloc.byte_index = static_cast<uint32_t>(shift / 8);
    parse_symbol_element(variable, reloc);
    expect(')', "after a masked address");
  } else {
    store(variable, parse_constant(), where);
  }
}

// name, name + 4, generic(name), generic(name) + 4
void Parser::parse_symbol_element(Variable& variable, InitReloc reloc) {
  if (token_.is_word("generic") && peek().is('(')) {
    advance();
    advance();
    reloc.generic = true;
  }
  const Token name = token_;
  reloc.symbol = expect_word("the name of a variable or function");
  if (!variables_.contains(name.text) && !functions_.contains(name.text)) {
    throw Failure{name.at, "undefined name " + quote(name.text)};
  }
  if (reloc.generic) expect(')', "after generic(name");
  if (token_.is('+')) reloc.addend = parse_offset();
  variable.init.resize(variable.init.size() + bits_of(variable.type) / 8);
  variable.relocs.push_back(reloc);
}

void Parser::store(Variable& variable, const Constant& value, Position where) {
  uint64_t bits = value.bits;
  const bool floating = variable.type == Type::f32 || variable.type == Type::f64;
  if (floating == value.is_integer() && !is_untyped(variable.type)) {
    throw Failure{where, std::string(floating ? "an integer" : "a floating value") +
                             " cannot initialise a ." + std::string(name_of(variable.type)) +
                             " variable"};
  }
  const bool narrow = variable.type == Type::f32 || variable.type == Type::b32;
  if (narrow && value.kind == Constant::Kind::f64) {
    bits = std::bit_cast<uint32_t>(static_cast<float>(value.as_double()));
  } else if (variable.type == Type::f64 && value.kind == Constant::Kind::f32) {
    bits = std::bit_cast<uint64_t>(value.as_double());
  }
  const size_t at = variable.init.size();
  const size_t width = bits_of(variable.type) / 8;
  variable.init.resize(at + width);
  std::memcpy(variable.init.data() + at, &bits, std::min<size_t>(width, sizeof bits));
}

}  // namespace nonans::image::ptx
