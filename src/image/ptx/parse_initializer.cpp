// SPDX-License-Identifier: MIT
// Initialisers of variables (PTX ISA 5.4.4): values in nested braces, and addresses of symbols.
//
// Only the bytes that are written out are stored (zero follows), so `x[1 << 40] = {1}` needs four
// bytes of memory. Nested braces begin at a row of the array, as in C:
//   .global .b8 a[2][3] = {{1}, {2}};          bytes 1 0 0 2
// An address may be spread over bytes with a mask, because packed structures need unaligned
// pointers:
//   .global .b8 p[8] = {0xFF(x), 0xFF00(x), 0xFF0000(x), …};    byte k of the address of x
#include <bit>
#include <cstring>

#include "image/ptx/parser.hpp"

namespace nonans::image::ptx {
namespace {

bool is_opaque(Type type) {
  return type == Type::texref || type == Type::samplerref || type == Type::surfref;
}

// Bytes of one element of the array at nesting `level`; the innermost is a scalar of the vector.
uint64_t stride_of(const Variable& variable, size_t level) {
  uint64_t stride = bits_of(variable.type) / 8;
  if (level < variable.dims.size()) stride *= variable.vector;
  for (size_t i = level + 1; i < variable.dims.size(); ++i) stride *= variable.dims[i];
  return stride;
}

}  // namespace

void Parser::parse_initializer(Variable& variable) {
  if (is_opaque(variable.type)) {  // { addr_mode_0 = wrap, … }: how to sample; the host decides
    expect('{', "to begin the properties of a texture, sampler or surface");
    while (!token_.is('}')) {
      if (token_.kind == Token::Kind::end) fail_expected("'}'");
      advance();
    }
    advance();
    return;
  }
  uint64_t at = 0;
  if (token_.is('{')) {
    parse_braces(variable, 0, at);
  } else {
    parse_element(variable, at);
  }
  if (!variable.dims.empty() && variable.dims[0] == 0) {
    const uint64_t row = stride_of(variable, 0);
    variable.dims[0] = row == 0 ? 0 : (at + row - 1) / row;
    set_size(variable, variable.at);
  }
}

void Parser::parse_braces(Variable& variable, size_t level, uint64_t& at) {
  const Deeper deeper(*this);
  expect('{', "to begin an initialiser");
  const uint64_t stride = stride_of(variable, level);
  const uint64_t base = at;
  while (!token_.is('}')) {
    if (token_.is('{')) {
      if (stride == 0) fail("a braced row in an array of size zero");
      const uint64_t rows_done = (at - base + stride - 1) / stride;
      at = base + rows_done * stride;
      uint64_t inner = at;
      parse_braces(variable, level + 1, inner);
      if (inner - at > stride || stride > kLargestArray - at)
        fail("too many values in one row of " + quote(variable.name));
      at += stride;
    } else {
      parse_element(variable, at);
    }
    if (!accept(',')) break;
  }
  expect('}', "to close an initialiser");
}

void Parser::parse_element(Variable& variable, uint64_t& at) {
  const uint64_t width = bits_of(variable.type) / 8;
  const bool open = !variable.dims.empty() && variable.dims[0] == 0;
  if (!open && (at > variable.size || width > variable.size - at)) {
    fail("more values than " + quote(variable.name) + " has elements");
  }
  const Position where = token_.at;
  InitReloc reloc;
  reloc.offset = at;
  reloc.width = static_cast<uint32_t>(width);
  if (token_.kind == Token::Kind::word && token_.text != "WARP_SZ") {
    parse_symbol_element(variable, reloc, at);
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
    parse_symbol_element(variable, reloc, at);
    expect(')', "after a masked address");
  } else {
    store(variable, parse_constant(), at, where);
  }
  at += width;
}

// name, name + 4, generic(name), generic(name) + 4
void Parser::parse_symbol_element(Variable& variable, InitReloc reloc, uint64_t at) {
  if (token_.is_word("generic") && peek().is('(')) {
    advance();
    advance();
    reloc.generic = true;
  }
  reloc.symbol = expect_word("the name of a variable or function");
  if (token_.is('+') || token_.is('-')) reloc.addend = parse_offset();
  if (reloc.generic) expect(')', "after generic(name");
  if (token_.is('+') || token_.is('-')) {  // wraps like an address
    reloc.addend = static_cast<int64_t>(static_cast<uint64_t>(reloc.addend) +
                                        static_cast<uint64_t>(parse_offset()));
  }
  make_room(variable, at, bits_of(variable.type) / 8);
  variable.relocs.push_back(reloc);
}

// Rows left half empty are the only way to ask for more memory than there is text: what they skip
// is bounded.
void Parser::make_room(Variable& variable, uint64_t at, uint64_t width) {
  constexpr uint64_t kMostSkipped = uint64_t{64} << 20;
  if (at > variable.init.size()) {
    skipped_ += at - variable.init.size();
    if (at - variable.init.size() > kMostSkipped || skipped_ > kMostSkipped) {
      fail("the initialisers of this module skip more than 64 MiB");
    }
  }
  if (variable.init.size() < at + width) variable.init.resize(at + width);
}

void Parser::store(Variable& variable, const Constant& value, uint64_t at, Position where) {
  uint64_t bits = value.bits;
  const size_t width = bits_of(variable.type) / 8;
  const bool floating = variable.type == Type::f32 || variable.type == Type::f64;
  if (variable.type == Type::f32 && value.kind != Constant::Kind::f32) {
    bits = std::bit_cast<uint32_t>(static_cast<float>(value.as_double()));
  } else if (variable.type == Type::f64 && value.kind != Constant::Kind::f64) {
    bits = std::bit_cast<uint64_t>(value.as_double());
  } else if (!floating && !value.is_integer()) {
    throw Failure{where, "a floating value cannot initialise a ." +
                             std::string(name_of(variable.type)) + " variable"};
  }
  make_room(variable, at, width);
  std::memcpy(variable.init.data() + at, &bits, std::min<size_t>(width, sizeof bits));
}

}  // namespace nonans::image::ptx
