// SPDX-License-Identifier: MIT
// Arithmetic on Polynomial (profile.hpp) as registers do it: modulo 2^bits.
//
// Why no wrap check is needed here. A register of w bits that was computed by add, sub, mul, shl
// and mad holds the value of the polynomial modulo 2^w, whatever wrapped on the way: those
// operations are ring operations. The polynomial and the register part ways only where a register
// is *read as a number*: widened to 64 bits, compared, shifted right. There, and only there, a
// requirement is noted (values.hpp) and checked at launch.
//
// Coefficients are kept in the signed range of w bits: 0xfffffffc in a 32-bit register is -4.
// Terms are sorted and unique, so equal polynomials compare equal. More than kMaxTerms terms or a
// degree over 4: nullopt.
#pragma once

#include <optional>
#include <string>

#include "analyze/profile.hpp"

namespace nonans::analyze {

inline constexpr size_t kMaxTerms = 16;

bool same_terms(const Polynomial& a, const Polynomial& b);  // ignores bits and is_signed

Polynomial constant_polynomial(int64_t value);
Polynomial symbol_polynomial(const SymbolRef& symbol);
bool is_constant(const Polynomial& p);

std::optional<Polynomial> add(const Polynomial& a, const Polynomial& b, unsigned bits);
std::optional<Polynomial> subtract(const Polynomial& a, const Polynomial& b, unsigned bits);
std::optional<Polynomial> multiply(const Polynomial& a, const Polynomial& b, unsigned bits);
Polynomial scale(const Polynomial& p, int64_t factor, unsigned bits);

// The same residue with coefficients in the signed range of `bits`.
Polynomial reduce(const Polynomial& p, unsigned bits);

// Every 4-byte parameter read with this sign. The same residue modulo 2^32.
Polynomial with_param_sign(const Polynomial& p, bool is_signed);

// Every coefficient and the constant are multiples of 2^k.
bool divisible_by_power(const Polynomial& p, unsigned k);
Polynomial divide_by_power(const Polynomial& p, unsigned k);

// Without the term 1 * symbol; the caller made sure it is there.
Polynomial without_symbol(const Polynomial& p, const SymbolRef& symbol);

bool mentions(const Polynomial& p, Symbol symbol);
bool mentions(const Polynomial& p, const SymbolRef& symbol);
// Of parameters, ntid, nctaid and derived numbers only: alike in all threads, known at launch.
bool is_uniform(const Polynomial& p);
// The polynomial with `symbol` - 1, or 0, in place of `symbol`. nullopt where it occurs squared.
std::optional<Polynomial> one_earlier(const Polynomial& p, const SymbolRef& symbol);
Polynomial at_zero(const Polynomial& p, const SymbolRef& symbol);

SymbolRef loop_symbol(size_t index);
SymbolRef derived_symbol(size_t index);

// For diagnostics and tests: "4*ctaid.x*ntid.x + 4*tid.x + param[24]:s4".
std::string to_string(const Polynomial& p);

}  // namespace nonans::analyze
