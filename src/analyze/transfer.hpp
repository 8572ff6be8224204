// SPDX-License-Identifier: MIT
// What one instruction makes of the values of its operands (values.hpp). Each opcode computes the
// exact polynomial where it can prove it, and otherwise the most that is certain; an opcode without
// a rule gives an unknown value.
#pragma once

#include "analyze/values.hpp"

namespace nonans::analyze {

class Transfer {
 public:
  Transfer(ValueAnalysis& analysis, const Node& node) : a_(analysis), node_(node) {}

  // The value the instruction gives its destination register, which is `bits` wide. `element`:
  // which of a vector.
  Value result(unsigned bits, size_t element);
  // The same for a predicate. `second`: the q of `p|q`.
  Truth truth(bool second);

 private:
  using Alt = Alternative;
  Value operand(size_t index, unsigned bits);
  Value combine(const Value& x, const Value& y, unsigned bits,
                Alt (Transfer::*op)(const Alt&, const Alt&, unsigned));
  Value map(const Value& x, unsigned bits, Alt (Transfer::*op)(const Alt&, unsigned));
  Alt add(const Alt& x, const Alt& y, unsigned bits);
  Alt subtract(const Alt& x, const Alt& y, unsigned bits);
  Alt multiply(const Alt& x, const Alt& y, unsigned bits);
  Alt shift_left(const Alt& x, const Alt& y, unsigned bits);
  Alt bit_and(const Alt& x, const Alt& y, unsigned bits);
  Alt bit_or(const Alt& x, const Alt& y, unsigned bits);
  Alt negate(const Alt& x, unsigned bits);
  Alt complement(const Alt& x, unsigned bits);
  Alt read_signed(const Alt& x, unsigned bits);
  Alt read_unsigned(const Alt& x, unsigned bits);
  Alt read_as(const Alt& x, unsigned bits, bool is_signed);
  Alt cut(const Alt& x, unsigned bits);
  Alt combine_pointers(const Alt& x, const Alt& y) const;
  uint32_t root_of(const Alt& x) const;

  Value widening_multiply();
  Value convert(unsigned bits);
  Value shift_right(unsigned bits);
  Value load(unsigned bits, size_t element);
  Value move(unsigned bits, size_t element);
  bool compare_parts(const Node& node, const ptx::Operand& left, const Value& right, Compare op,
                     std::vector<Comparison>& out, unsigned depth);
  Value derived(Derived::Op op, const Value& x, const Value& y, unsigned bits, bool is_signed);
  Value special(const ptx::Operand& operand) const;

  ValueAnalysis& a_;
  const Node& node_;
};

}  // namespace nonans::analyze
