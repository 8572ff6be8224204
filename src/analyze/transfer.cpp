// SPDX-License-Identifier: MIT
#include "analyze/transfer.hpp"

#include <algorithm>
#include <string_view>

namespace nonans::analyze {
namespace {

using Kind = Alternative::Kind;

Alternative of_kind(Kind kind) {
  Alternative a;
  a.kind = kind;
  return a;
}
Alternative exact(Polynomial p, Needs needs) {
  return exact_value(std::move(p), std::move(needs))[0];
}
Alternative exact_or(std::optional<Polynomial> p, Needs needs, unsigned bits) {
  return p ? exact(std::move(*p), std::move(needs)) : unknown_value(bits)[0];
}

bool is_number(const Alternative& a) {
  return a.kind == Kind::exact && is_constant(a.poly);
}

std::optional<Symbol> symbol_of(std::string_view name, char component) {
  if (component < 'x' || component > 'z') return std::nullopt;
  const auto axis = static_cast<unsigned>(component - 'x');
  const auto nth = [axis](Symbol first) {
    return static_cast<Symbol>(static_cast<unsigned>(first) + axis);
  };
  if (name.starts_with("%tid")) return nth(Symbol::tid_x);
  if (name.starts_with("%ctaid")) return nth(Symbol::ctaid_x);
  if (name.starts_with("%ntid")) return nth(Symbol::ntid_x);
  if (name.starts_with("%nctaid")) return nth(Symbol::nctaid_x);
  return std::nullopt;
}

}  // namespace

Value Transfer::operand(size_t index, unsigned bits) {
  if (index >= node_.instruction->operands.size()) return unknown_value(bits);
  return a_.operand(node_, node_.instruction->operands[index], bits);
}

Value Transfer::combine(const Value& x, const Value& y, unsigned bits,
                        Alt (Transfer::*op)(const Alt&, const Alt&, unsigned)) {
  Value result;
  for (const Alt& a : x)
    for (const Alt& b : y) result = a_.join(result, {(this->*op)(a, b, bits)}, false);
  return result;
}

Value Transfer::map(const Value& x, unsigned bits, Alt (Transfer::*op)(const Alt&, unsigned)) {
  Value result;
  for (const Alt& a : x) result = a_.join(result, {(this->*op)(a, bits)}, false);
  return result;
}

uint32_t Transfer::root_of(const Alt& x) const {
  if (x.kind == Kind::rooted) return x.root;
  return x.kind == Kind::exact ? a_.root_of(x.poly) : kNone;
}

// The sum of two addresses or numbers of which at least one is not exact.
Alternative Transfer::combine_pointers(const Alt& x, const Alt& y) const {
  if (x.kind == Kind::any || y.kind == Kind::any) return of_kind(Kind::any);
  const bool x_elsewhere = x.kind == Kind::foreign || x.kind == Kind::module;
  const bool y_elsewhere = y.kind == Kind::foreign || y.kind == Kind::module;
  const uint32_t rx = root_of(x), ry = root_of(y);
  if (x_elsewhere || y_elsewhere) {
    if ((x_elsewhere && y_elsewhere) || rx != kNone || ry != kNone) return of_kind(Kind::any);
    Alt moved = x_elsewhere ? x : y;
    moved.poly = {};
    if (moved.variable == kParameterBlock) moved.variable = kNone;
    return moved;
  }
  if (rx == ValueAnalysis::kAmbiguous || ry == ValueAnalysis::kAmbiguous) return of_kind(Kind::any);
  if (rx == kNone && ry == kNone) return of_kind(Kind::integer);
  uint32_t root = rx == kNone ? ry : rx;
  if (rx != kNone && ry != kNone) {
    // Two 8-byte parameters: one is the pointer, the other a distance, if the code tells which.
    const bool px = a_.is_pointer_parameter(rx), py = a_.is_pointer_parameter(ry);
    if (px == py) return of_kind(Kind::any);
    root = px ? rx : ry;
  }
  Alt r = of_kind(Kind::rooted);
  r.root = static_cast<uint16_t>(root);
  return r;
}

Alternative Transfer::add(const Alt& x, const Alt& y, unsigned bits) {
  if (x.kind == Kind::exact && y.kind == Kind::exact)
    return exact_or(analyze::add(x.poly, y.poly, bits), unite(x.needs, y.needs), bits);
  if (x.kind == Kind::foreign && x.variable == kParameterBlock && is_number(y)) {
    Alt moved = x;
    moved.poly.constant += y.poly.constant;
    return moved;
  }
  return combine_pointers(x, y);
}

Alternative Transfer::subtract(const Alt& x, const Alt& y, unsigned bits) {
  if (x.kind == Kind::exact && y.kind == Kind::exact)
    return exact_or(analyze::subtract(x.poly, y.poly, bits), unite(x.needs, y.needs), bits);
  // Minus an address is no address; minus a number is one like plus.
  if (y.kind == Kind::integer || (y.kind == Kind::exact && root_of(y) == kNone))
    return combine_pointers(x, y);
  return bits >= 64 ? of_kind(Kind::any) : of_kind(Kind::integer);
}

Alternative Transfer::multiply(const Alt& x, const Alt& y, unsigned bits) {
  if (is_number(y) && y.poly.constant == 1) return x;
  if (is_number(x) && x.poly.constant == 1) return y;
  if (x.kind == Kind::exact && y.kind == Kind::exact)
    return exact_or(analyze::multiply(x.poly, y.poly, bits), unite(x.needs, y.needs), bits);
  // A pointer times a number that may be 1 is still a pointer; times a constant it is none.
  const auto harmless = [&](const Alt& a) {
    return is_number(a) || a.kind == Kind::integer ||
           (a.kind == Kind::exact && root_of(a) == kNone);
  };
  if (is_number(x) || is_number(y) || (harmless(x) && harmless(y))) return of_kind(Kind::integer);
  return unknown_value(bits)[0];
}

Alternative Transfer::shift_left(const Alt& x, const Alt& y, unsigned bits) {
  if (!is_number(y))
    return bits >= 64 && root_of(x) != kNone ? of_kind(Kind::any) : unknown_value(bits)[0];
  const auto by = static_cast<uint64_t>(y.poly.constant);
  if (by >= bits) return exact({}, {});
  if (by == 0) return x;
  if (x.kind != Kind::exact) return of_kind(Kind::integer);
  return exact(scale(x.poly, static_cast<int64_t>(1ull << by), bits), x.needs);
}

Alternative Transfer::bit_and(const Alt& x, const Alt& y, unsigned bits) {
  if (is_number(x) && !is_number(y)) return bit_and(y, x, bits);
  if (is_number(x)) return exact(constant_polynomial(x.poly.constant & y.poly.constant), {});
  if (!is_number(y)) return unknown_value(bits)[0];
  const int64_t mask = y.poly.constant;
  if (mask == -1) return x;
  if (mask == UINT32_MAX) return read_as(cut(x, 32), 32, false);
  if (mask >= 0 && mask <= UINT32_MAX) return of_kind(Kind::integer);
  // Aligning down: still inside what the pointer points to, but nobody knows where.
  return combine_pointers(x, of_kind(Kind::integer));
}

// `or` of bits that are known to be zero is an addition: nvcc writes i * 4 + 3 so.
Alternative Transfer::bit_or(const Alt& x, const Alt& y, unsigned bits) {
  if (is_number(x) && !is_number(y)) return bit_or(y, x, bits);
  if (is_number(x)) return exact(constant_polynomial(x.poly.constant | y.poly.constant), {});
  if (x.kind == Kind::exact && is_number(y) && y.poly.constant >= 0) {
    unsigned k = 0;
    while (k < 62 && (y.poly.constant >> k) != 0) ++k;
    if (divisible_by_power(x.poly, k)) return add(x, y, bits);
  }
  return bits >= 64 ? of_kind(Kind::any) : of_kind(Kind::integer);
}

Alternative Transfer::negate(const Alt& x, unsigned bits) {
  return subtract(exact({}, {}), x, bits);
}

Alternative Transfer::complement(const Alt& x, unsigned bits) {
  return subtract(exact(constant_polynomial(-1), {}), x, bits);
}

// The register, `bits` wide, read as a number: exact only where the polynomial lies in range, which
// becomes a requirement.
Alternative Transfer::read_as(const Alt& x, unsigned bits, bool is_signed) {
  if (x.kind == Kind::foreign) return x;
  if (x.kind != Kind::exact) return of_kind(Kind::integer);
  Polynomial p = reduce(x.poly, bits);
  if (is_constant(p)) {
    if (!is_signed && bits < 64 && p.constant < 0) p.constant += static_cast<int64_t>(1ull << bits);
    return exact(std::move(p), {});
  }
  if (bits == 32) p = with_param_sign(p, is_signed);
  p.bits = static_cast<uint8_t>(bits);
  p.is_signed = is_signed;
  Needs needs = unite(x.needs, {a_.require(p)});
  if (needs.size() > kMaxTerms) return of_kind(Kind::integer);
  return exact(std::move(p), std::move(needs));
}
Alternative Transfer::read_signed(const Alt& x, unsigned bits) {
  return read_as(x, bits, true);
}
Alternative Transfer::read_unsigned(const Alt& x, unsigned bits) {
  return read_as(x, bits, false);
}

Alternative Transfer::cut(const Alt& x, unsigned bits) {
  if (x.kind == Kind::foreign) return x;
  if (x.kind != Kind::exact) return of_kind(Kind::integer);
  return exact(reduce(x.poly, bits), x.needs);
}

Value Transfer::widening_multiply() {
  const ptx::Type type = node_.opcode.type;
  const unsigned bits = ptx::bits_of(type);
  const auto read = is_signed_integer(type) ? &Transfer::read_signed : &Transfer::read_unsigned;
  const Value product = combine(map(operand(1, bits), bits, read),
                                map(operand(2, bits), bits, read), 2 * bits, &Transfer::multiply);
  if (node_.instruction->op == "mul") return product;
  return combine(product, operand(3, 2 * bits), 2 * bits, &Transfer::add);
}

Value Transfer::convert(unsigned bits) {
  const ptx::Type to = node_.opcode.first_type, from = node_.opcode.type;
  const unsigned source = ptx::bits_of(from), target = ptx::bits_of(to);
  const ptx::Instruction& i = *node_.instruction;
  if (is_float(to) || is_float(from) || i.has(".sat") || source == 0 || target == 0)
    return {of_kind(Kind::integer)};
  const Value v = operand(1, source);
  if (source == 64 && target == 64) return v;
  if (target > source)
    return map(v, source,
               is_signed_integer(from) ? &Transfer::read_signed : &Transfer::read_unsigned);
  if (bits <= target) return map(v, target, &Transfer::cut);
  // The register is wider than the type: it holds the number extended by the sign of the result
  // type.
  return map(v, target, is_signed_integer(to) ? &Transfer::read_signed : &Transfer::read_unsigned);
}

Value Transfer::shift_right(unsigned bits) {
  const ptx::Type type = node_.opcode.type;
  const unsigned width = ptx::bits_of(type);
  const Value by = operand(2, 32);
  const Value x = map(operand(1, width), width,
                      is_signed_integer(type) ? &Transfer::read_signed : &Transfer::read_unsigned);
  if (x.size() == 1 && x[0].kind == Kind::exact && by.size() == 1 && is_number(by[0])) {
    const auto k = static_cast<uint64_t>(by[0].poly.constant);
    if (k < width && divisible_by_power(x[0].poly, static_cast<unsigned>(k)))
      return {exact(divide_by_power(x[0].poly, static_cast<unsigned>(k)), x[0].needs)};
    if (k < width) return derived(Derived::Op::shift_right, x, by, width, is_signed_integer(type));
  }
  return {bits >= 64 && x.size() == 1 && x[0].kind == Kind::any ? of_kind(Kind::any)
                                                                : of_kind(Kind::integer)};
}

// A number all threads share, made by an operation that is no polynomial and whose result is no
// pointer.
Value Transfer::derived(Derived::Op op, const Value& x, const Value& y, unsigned bits,
                        bool is_signed) {
  if (x.empty() || y.empty()) return {};
  for (const Value* v : {&x, &y})
    if (v->size() != 1 || (*v)[0].kind != Kind::exact || !is_uniform((*v)[0].poly))
      return {of_kind(Kind::integer)};
  Derived d;
  d.op = op;
  const auto side = [&](const Alt& a) {
    Polynomial p = reduce(a.poly, bits);
    p.bits = static_cast<uint8_t>(bits);
    p.is_signed = is_signed;
    return p;
  };
  d.left = side(x[0]);
  d.right = side(y[0]);
  return a_.derive(std::move(d), unite(x[0].needs, y[0].needs));
}

Value Transfer::load(unsigned bits, size_t element) {
  const ptx::Type type = node_.opcode.type;
  const unsigned size = ptx::bits_of(type) / 8;
  if (is_float(type)) return {of_kind(Kind::integer)};
  if (node_.opcode.space != ptx::Space::param) return unknown_value(size >= 8 ? 64 : 32);
  const Value address = a_.address_of(node_, node_.instruction->operands.back());
  if (address.empty()) return {};
  if (address.size() != 1 || address[0].kind != Kind::foreign ||
      address[0].variable != kParameterBlock || !is_constant(address[0].poly) || size == 0 ||
      size > 8)
    return unknown_value(size >= 8 ? 64 : 32);
  if (element > 7) return unknown_value(bits);
  const int64_t offset = address[0].poly.constant + static_cast<int64_t>(element * size);
  if (offset < 0 || static_cast<uint64_t>(offset) + size > a_.program_.entry->param_bytes ||
      offset > UINT16_MAX)
    return unknown_value(bits);
  SymbolRef symbol;
  symbol.symbol = Symbol::param;
  symbol.offset = static_cast<uint16_t>(offset);
  symbol.bytes = static_cast<uint8_t>(size);
  symbol.is_signed = size >= 4 || is_signed_integer(type);
  return exact_value(symbol_polynomial(symbol));
}

Value Transfer::special(const ptx::Operand& operand) const {
  if (const auto symbol = symbol_of(operand.text, operand.component)) {
    SymbolRef s;
    s.symbol = *symbol;
    return exact_value(symbol_polynomial(s));
  }
  return {of_kind(Kind::integer)};
}

Value Transfer::move(unsigned bits, size_t element) {
  const ptx::Operand& source = node_.instruction->operands[1];
  const ptx::Operand& target = node_.instruction->operands[0];
  if (target.kind == ptx::Operand::Kind::vector) {
    // Taking a register apart: only the low part follows from the whole.
    const Value whole = operand(1, ptx::bits_of(node_.opcode.type));
    const bool low = element == 0 && !target.elements.empty() &&
                     target.elements[0].kind == ptx::Operand::Kind::reg;
    return low ? map(whole, bits, &Transfer::cut) : unknown_value(bits);
  }
  switch (source.kind) {
    case ptx::Operand::Kind::special:
      return special(source);
    case ptx::Operand::Kind::vector:
      return unknown_value(bits);
    case ptx::Operand::Kind::f32_bits:
    case ptx::Operand::Kind::f64_bits:
      return {of_kind(Kind::integer)};
    default:
      return operand(1, bits);
  }
}

Value Transfer::result(unsigned bits, size_t element) {
  const ptx::Instruction& i = *node_.instruction;
  const std::string_view op = i.op;
  const Opcode& o = node_.opcode;
  if (!o.known || o.effect == Effect::call) return unknown_value(bits);
  if (node_.slot_move) {
    if (o.effect != Effect::load) return operand(1, bits);
    const uint32_t slot = node_.uses.back().value;
    return slot == kNone ? unknown_value(bits) : a_.values_[slot];
  }
  if (o.effect == Effect::load) return load(bits, element);
  if (o.effect != Effect::none) return unknown_value(bits);
  if (is_float(o.type) && op != "mov" && op != "selp") return {of_kind(Kind::integer)};
  // A type this table does not know (.f32x2, .u8x4): nothing is certain, whatever the opcode.
  if (i.operands.size() < 2 || o.type == ptx::Type::none) return unknown_value(bits);

  if (op == "mov") return move(bits, element);
  if (op == "cvt") return convert(bits);
  if (op == "cvta") {
    const Value v = operand(1, bits);
    if (!i.has(".to")) {
      if (o.space == ptx::Space::global || v.size() == 0) return v;
      const bool all_foreign =
          std::all_of(v.begin(), v.end(), [](const Alt& a) { return a.kind == Kind::foreign; });
      return all_foreign ? v : Value{of_kind(Kind::foreign)};
    }
    if (o.space == ptx::Space::global) return v;
    return {of_kind(Kind::foreign)};
  }
  const bool wide = i.has(".wide");
  if ((op == "mul" || op == "mad") && wide) return widening_multiply();
  if (op == "mul" && (i.has(".lo") || !i.has(".hi")))
    return combine(operand(1, bits), operand(2, bits), bits, &Transfer::multiply);
  if (op == "mad" && i.has(".lo"))
    return combine(combine(operand(1, bits), operand(2, bits), bits, &Transfer::multiply),
                   operand(3, bits), bits, &Transfer::add);
  if (i.has(".sat") || i.has(".cc")) return unknown_value(bits);
  if (op == "add") return combine(operand(1, bits), operand(2, bits), bits, &Transfer::add);
  if (op == "sub") return combine(operand(1, bits), operand(2, bits), bits, &Transfer::subtract);
  if (op == "shl") return combine(operand(1, bits), operand(2, 32), bits, &Transfer::shift_left);
  if (op == "shr") return shift_right(bits);
  if (op == "and") {
    const Value simple = combine(operand(1, bits), operand(2, bits), bits, &Transfer::bit_and);
    const bool number = simple.size() == 1 && simple[0].kind == Kind::integer;
    return number ? derived(Derived::Op::bit_and, operand(1, bits), operand(2, bits), bits, true)
                  : simple;
  }
  if (op == "or") return combine(operand(1, bits), operand(2, bits), bits, &Transfer::bit_or);
  if (op == "neg") return map(operand(1, bits), bits, &Transfer::negate);
  if (op == "not") return map(operand(1, bits), bits, &Transfer::complement);
  if (op == "selp") return a_.join(operand(1, bits), operand(2, bits), false);
  const bool by_sign = is_signed_integer(o.type);
  if (op == "div")
    return derived(Derived::Op::divide, operand(1, bits), operand(2, bits), bits, by_sign);
  if (op == "rem")
    return derived(Derived::Op::remainder, operand(1, bits), operand(2, bits), bits, by_sign);
  if (op == "min" || op == "max") {
    const Value x = operand(1, bits), y = operand(2, bits);
    const auto may_point = [&](const Alt& a) { return a.kind == Kind::any || root_of(a) != kNone; };
    if (i.has(".relu") || std::any_of(x.begin(), x.end(), may_point) ||
        std::any_of(y.begin(), y.end(), may_point))
      return unknown_value(bits);
    return derived(op == "min" ? Derived::Op::minimum : Derived::Op::maximum, x, y, bits, by_sign);
  }
  const bool index = op == "clz" || op == "popc" || op == "bfind" || op == "activemask" ||
                     op == "vote" || op == "redux" || op == "match" || op == "set";
  return index ? Value{of_kind(Kind::integer)} : unknown_value(bits);
}

}  // namespace nonans::analyze
