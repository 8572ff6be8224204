// SPDX-License-Identifier: MIT
// Operands (PTX ISA 6): registers, constants, names, vectors, addresses, lists.
#include "image/ptx/parser.hpp"
#include "image/ptx/special_registers.hpp"

namespace nonans::image::ptx {
namespace {

// .x .y .z .w, or their colour names
int component_from(std::string_view suffix) {
  if (suffix.size() != 2) return -1;
  const size_t xyzw = std::string_view("xyzw").find(suffix[1]);
  if (xyzw != std::string_view::npos) return static_cast<int>(xyzw);
  const size_t rgba = std::string_view("rgba").find(suffix[1]);
  return rgba == std::string_view::npos ? -1 : static_cast<int>(rgba);
}

// What the video instructions select in a register: .b0, .h1, .b3210
bool is_selector(std::string_view suffix) {
  if (suffix.size() < 3 || suffix.size() > 6 || (suffix[1] != 'b' && suffix[1] != 'h'))
    return false;
  return suffix.find_first_not_of("01234567", 2) == std::string_view::npos;
}

std::string_view joined(std::string_view first, std::string_view last) {
  return {first.data(), static_cast<size_t>(last.data() + last.size() - first.data())};
}

}  // namespace

bool Parser::name_follows(const Token& token) const {
  return token.kind == Token::Kind::word && token.text != "WARP_SZ";
}

// `lists`: parentheses are call arguments and not a constant expression.
Operand Parser::parse_operand(bool lists) {
  const char* start = token_.text.data();
  if (name_follows(token_)) return parse_name();
  Operand operand;
  if (token_.is('[')) {
    operand = parse_address();
  } else if (accept('{')) {
    operand = parse_group('}', Operand::Kind::vector);
  } else if (lists && accept('(')) {
    operand = parse_group(')', Operand::Kind::list);
  } else if ((token_.is('!') || token_.is('-')) && name_follows(peek())) {
    operand = parse_negated();
  } else {
    operand = parse_constant_operand();
  }
  operand.text = {start, static_cast<size_t>(previous_end_ - start)};
  return operand;
}

Operand Parser::parse_negated() {
  advance();
  const Position at = token_.at;
  Operand operand = parse_name();
  if (operand.kind != Operand::Kind::reg) {
    throw Failure{at, "only a register can be negated, not " + quote(operand.text)};
  }
  operand.negated = true;
  return operand;
}

Operand Parser::parse_constant_operand() {
  const Constant value = parse_constant();
  Operand operand;
  operand.bits = value.bits;
  operand.is_unsigned = value.kind == Constant::Kind::u64;
  operand.kind = value.is_integer()                  ? Operand::Kind::integer
                 : value.kind == Constant::Kind::f32 ? Operand::Kind::f32_bits
                                                     : Operand::Kind::f64_bits;
  return operand;
}

// A name that nothing declares yet comes back as Kind::symbol.
Operand Parser::parse_name() {
  Operand operand;
  operand.text = token_.text;
  const std::string_view name = token_.text;
  advance();
  if (name == "_") {
    operand.kind = Operand::Kind::sink;
    return operand;
  }
  if (const auto symbol = body_->names.find(name)) {
    if (symbol->kind == Symbol::Kind::reg) {
      operand.kind = Operand::Kind::reg;
      operand.reg = symbol->index;
      if (token_.kind == Token::Kind::dotted || symbol->vector > 1) {
        parse_register_suffix(operand, *symbol);
      }
      return operand;
    }
    operand.kind = Operand::Kind::variable;
    operand.variable = symbol->index;
    operand.variable_is_local = symbol->kind == Symbol::Kind::variable;
    operand.variable_is_param = symbol->kind == Symbol::Kind::param;
    operand.variable_is_return = symbol->kind == Symbol::Kind::result;
    parse_variable_offset(operand);
  } else if (is_special_register(name)) {
    operand.kind = Operand::Kind::special;
    parse_special_suffix(operand);
  } else if (const auto variable = variables_.find(name); variable != variables_.end()) {
    operand.kind = Operand::Kind::variable;
    operand.variable = variable->second;
    parse_variable_offset(operand);
  } else if (const auto function = functions_.find(name); function != functions_.end()) {
    operand.kind = Operand::Kind::function;
    operand.function = function->second;
  } else {
    operand.kind = Operand::Kind::symbol;
  }
  return operand;
}

void Parser::parse_register_suffix(Operand& operand, const Symbol& symbol) {
  if (symbol.vector == 1) {
    if (!is_selector(token_.text)) {
      fail("register " + quote(operand.text) + " has no part " + quote(token_.text));
    }
    operand.component = token_.text[1];
    operand.text = joined(operand.text, token_.text);
    advance();
    return;
  }
  if (token_.kind == Token::Kind::dotted) {
    const int component = component_from(token_.text);
    if (component < 0 || component >= symbol.vector) {
      fail("vector register " + quote(operand.text) + " has no component " + quote(token_.text));
    }
    operand.reg = symbol.index + static_cast<uint32_t>(component);
    operand.text = joined(operand.text, token_.text);
    advance();
    return;
  }
  operand.kind = Operand::Kind::vector;
  operand.reg = 0;
  for (uint32_t i = 0; i < symbol.vector; ++i) {
    Operand element;
    element.kind = Operand::Kind::reg;
    element.reg = symbol.index + i;
    element.text = body_->function.registers[element.reg].name;
    operand.elements.push_back(element);
  }
}

void Parser::parse_special_suffix(Operand& operand) {
  if (token_.kind != Token::Kind::dotted) return;
  const int component = has_components(operand.text) ? component_from(token_.text) : -1;
  if (component < 0) {
    fail("special register " + quote(operand.text) + " has no component " + quote(token_.text));
  }
  operand.component = "xyzw"[component];
  advance();
}

// `x + 4` counts bytes; `x[2]` counts scalars of x, however many dimensions x has.
void Parser::parse_variable_offset(Operand& operand) {
  if (token_.is('+')) {
    operand.offset = parse_offset();
  } else if (accept('[')) {
    const uint64_t scalar = bits_of(variable_of(operand).type) / 8;
    operand.offset = static_cast<int64_t>(static_cast<uint64_t>(parse_offset()) * scalar);
    expect(']', "after an index");
  }
}

const Variable& Parser::variable_of(const Operand& operand) const {
  const Function& function = body_->function;
  if (operand.variable_is_local) return function.variables[operand.variable];
  if (operand.variable_is_param) return function.params[operand.variable];
  if (operand.variable_is_return) return function.returns[operand.variable];
  return module_.variables[operand.variable];
}

Operand Parser::parse_group(char closing, Operand::Kind kind) {
  const Deeper deeper(*this);
  Operand group;
  group.kind = kind;
  if (accept(closing)) return group;
  do {
    const Token first = token_;
    group.elements.push_back(parse_operand(false));
    if (group.elements.back().kind == Operand::Kind::symbol) {
      throw Failure{first.at, "undefined name " + quote(first.text)};
    }
  } while (accept(','));
  expect(closing, kind == Operand::Kind::vector ? "to close a vector" : "to close a list");
  return group;
}

// [%rd1+8], [x-4], [0x100], [map, {c0, c1}]; `.unified` may follow.
Operand Parser::parse_address() {
  const Deeper deeper(*this);
  expect('[', "to begin an address");
  const Token first = token_;
  Operand base = parse_operand(false);
  Operand address;
  address.kind = Operand::Kind::address;
  switch (base.kind) {
    case Operand::Kind::reg:
      address.base_kind = Operand::Base::reg;
      address.reg = base.reg;
      if (token_.is('+')) address.offset = parse_offset();
      break;
    case Operand::Kind::variable:
      address.base_kind = Operand::Base::variable;
      address.variable = base.variable;
      address.variable_is_local = base.variable_is_local;
      address.variable_is_param = base.variable_is_param;
      address.variable_is_return = base.variable_is_return;
      address.offset = base.offset;
      break;
    case Operand::Kind::integer:
      address.base_kind = Operand::Base::immediate;
      address.bits = base.bits;
      break;
    case Operand::Kind::symbol:
      throw Failure{first.at, "undefined name " + quote(first.text)};
    default:
      throw Failure{first.at, quote(base.text) + " cannot be the base of an address"};
  }
  if (token_.is(',')) address.elements.push_back(base);
  while (accept(',')) {
    const Token part = token_;
    address.elements.push_back(parse_operand(false));
    if (address.elements.back().kind == Operand::Kind::symbol) {
      throw Failure{part.at, "undefined name " + quote(part.text)};
    }
  }
  expect(']', "to close an address");
  accept_dotted(".unified");
  return address;
}

}  // namespace nonans::image::ptx
