// SPDX-License-Identifier: MIT
#include "analyze/polynomial.hpp"

#include <algorithm>
#include <tuple>

namespace nonans::analyze {
namespace {

int64_t wrap(uint64_t value, unsigned bits) {
  if (bits >= 64 || bits == 0) return static_cast<int64_t>(value);
  const uint64_t sign = 1ull << (bits - 1);
  const uint64_t low = value & ((1ull << bits) - 1);
  return static_cast<int64_t>((low ^ sign) - sign);
}

auto key(const SymbolRef& s) {
  return std::tuple(s.symbol, s.offset, s.bytes, s.is_signed);
}

bool factors_less(const Term& a, const Term& b) {
  if (a.degree != b.degree) return a.degree < b.degree;
  return std::lexicographical_compare(
      a.factors, a.factors + a.degree, b.factors, b.factors + b.degree,
      [](const SymbolRef& x, const SymbolRef& y) { return key(x) < key(y); });
}

bool same_factors(const Term& a, const Term& b) {
  return a.degree == b.degree && std::equal(a.factors, a.factors + a.degree, b.factors);
}

// Sorts, adds up equal monomials, reduces, drops zeros.
std::optional<Polynomial> normalised(Polynomial p, unsigned bits) {
  for (Term& t : p.terms)
    std::sort(t.factors, t.factors + t.degree,
              [](const SymbolRef& x, const SymbolRef& y) { return key(x) < key(y); });
  std::sort(p.terms.begin(), p.terms.end(), factors_less);
  size_t kept = 0;
  for (size_t i = 0; i < p.terms.size();) {
    Term sum = p.terms[i];
    uint64_t coefficient = 0;
    for (; i < p.terms.size() && same_factors(sum, p.terms[i]); ++i)
      coefficient += static_cast<uint64_t>(p.terms[i].coefficient);
    sum.coefficient = wrap(coefficient, bits);
    if (sum.coefficient != 0) p.terms[kept++] = sum;
  }
  p.terms.resize(kept);
  p.constant = wrap(static_cast<uint64_t>(p.constant), bits);
  if (p.terms.size() > kMaxTerms) return std::nullopt;
  return p;
}

const char* axis_name(Symbol s) {
  static constexpr const char* kNames[] = {"tid.x",    "tid.y",    "tid.z",  "ctaid.x", "ctaid.y",
                                           "ctaid.z",  "ntid.x",   "ntid.y", "ntid.z",  "nctaid.x",
                                           "nctaid.y", "nctaid.z", "param",  "loop",    "derived"};
  return kNames[static_cast<size_t>(s)];
}

}  // namespace

bool same_terms(const Polynomial& a, const Polynomial& b) {
  return a.constant == b.constant && std::equal(a.terms.begin(), a.terms.end(), b.terms.begin(),
                                                b.terms.end(), [](const Term& x, const Term& y) {
                                                  return x.coefficient == y.coefficient &&
                                                         same_factors(x, y);
                                                });
}

Polynomial constant_polynomial(int64_t value) {
  Polynomial p;
  p.constant = value;
  return p;
}

Polynomial symbol_polynomial(const SymbolRef& symbol) {
  Polynomial p;
  Term t;
  t.coefficient = 1;
  t.degree = 1;
  t.factors[0] = symbol;
  p.terms.push_back(t);
  return p;
}

bool is_constant(const Polynomial& p) {
  return p.terms.empty();
}

std::optional<Polynomial> add(const Polynomial& a, const Polynomial& b, unsigned bits) {
  Polynomial sum;
  sum.terms.reserve(a.terms.size() + b.terms.size());
  sum.terms = a.terms;
  sum.terms.insert(sum.terms.end(), b.terms.begin(), b.terms.end());
  sum.constant =
      static_cast<int64_t>(static_cast<uint64_t>(a.constant) + static_cast<uint64_t>(b.constant));
  return normalised(std::move(sum), bits);
}

std::optional<Polynomial> subtract(const Polynomial& a, const Polynomial& b, unsigned bits) {
  return add(a, scale(b, -1, bits), bits);
}

std::optional<Polynomial> multiply(const Polynomial& a, const Polynomial& b, unsigned bits) {
  Polynomial product;
  const auto times = [](int64_t x, int64_t y) {
    return static_cast<int64_t>(static_cast<uint64_t>(x) * static_cast<uint64_t>(y));
  };
  if ((a.terms.size() + 1) * (b.terms.size() + 1) > 4 * kMaxTerms) return std::nullopt;
  for (const Term& x : a.terms) {
    for (const Term& y : b.terms) {
      if (x.degree + y.degree > 4) return std::nullopt;
      Term t = x;
      t.coefficient = times(x.coefficient, y.coefficient);
      std::copy(y.factors, y.factors + y.degree, t.factors + x.degree);
      t.degree = static_cast<uint8_t>(x.degree + y.degree);
      product.terms.push_back(t);
    }
  }
  for (Term t : a.terms) {
    t.coefficient = times(t.coefficient, b.constant);
    product.terms.push_back(t);
  }
  for (Term t : b.terms) {
    t.coefficient = times(t.coefficient, a.constant);
    product.terms.push_back(t);
  }
  product.constant = times(a.constant, b.constant);
  return normalised(std::move(product), bits);
}

Polynomial scale(const Polynomial& p, int64_t factor, unsigned bits) {
  Polynomial result = p;
  for (Term& t : result.terms)
    t.coefficient =
        static_cast<int64_t>(static_cast<uint64_t>(t.coefficient) * static_cast<uint64_t>(factor));
  result.constant =
      static_cast<int64_t>(static_cast<uint64_t>(p.constant) * static_cast<uint64_t>(factor));
  return *normalised(std::move(result), bits);
}

Polynomial reduce(const Polynomial& p, unsigned bits) {
  return *normalised(p, bits);
}

Polynomial with_param_sign(const Polynomial& p, bool is_signed) {
  Polynomial result = p;
  for (Term& t : result.terms)
    for (unsigned i = 0; i < t.degree; ++i)
      if (t.factors[i].symbol == Symbol::param && t.factors[i].bytes == 4)
        t.factors[i].is_signed = is_signed;
  return *normalised(std::move(result), 64);
}

bool divisible_by_power(const Polynomial& p, unsigned k) {
  if (k >= 63) return false;
  const uint64_t mask = (1ull << k) - 1;
  if (static_cast<uint64_t>(p.constant) & mask) return false;
  return std::none_of(p.terms.begin(), p.terms.end(), [mask](const Term& t) {
    return static_cast<uint64_t>(t.coefficient) & mask;
  });
}

Polynomial divide_by_power(const Polynomial& p, unsigned k) {
  Polynomial result = p;
  const int64_t divisor = int64_t{1} << k;
  for (Term& t : result.terms) t.coefficient /= divisor;
  result.constant /= divisor;
  return result;
}

Polynomial without_symbol(const Polynomial& p, const SymbolRef& symbol) {
  Polynomial result = p;
  std::erase_if(result.terms,
                [&](const Term& t) { return t.degree == 1 && t.factors[0] == symbol; });
  return result;
}

bool mentions(const Polynomial& p, Symbol symbol) {
  for (const Term& t : p.terms)
    for (unsigned i = 0; i < t.degree; ++i)
      if (t.factors[i].symbol == symbol) return true;
  return false;
}

bool mentions(const Polynomial& p, const SymbolRef& symbol) {
  return std::any_of(p.terms.begin(), p.terms.end(), [&](const Term& t) {
    return std::find(t.factors, t.factors + t.degree, symbol) != t.factors + t.degree;
  });
}

bool is_uniform(const Polynomial& p) {
  for (const Term& t : p.terms)
    for (unsigned i = 0; i < t.degree; ++i)
      if (t.factors[i].symbol < Symbol::ntid_x || t.factors[i].symbol == Symbol::loop) return false;
  return true;
}

std::optional<Polynomial> one_earlier(const Polynomial& p, const SymbolRef& symbol) {
  Polynomial slope;  // what one step adds
  for (const Term& t : p.terms) {
    const auto times = std::count(t.factors, t.factors + t.degree, symbol);
    if (times == 0) continue;
    if (times > 1) return std::nullopt;
    Term rest = t;
    rest.degree = static_cast<uint8_t>(std::remove(rest.factors, rest.factors + t.degree, symbol) -
                                       rest.factors);
    if (rest.degree == 0) {
      slope.constant += rest.coefficient;
    } else {
      slope.terms.push_back(rest);
    }
  }
  auto result = subtract(p, slope, 64);
  if (result) {
    result->bits = p.bits;
    result->is_signed = p.is_signed;
  }
  return result;
}

Polynomial at_zero(const Polynomial& p, const SymbolRef& symbol) {
  Polynomial result = p;
  std::erase_if(result.terms, [&](const Term& t) {
    return std::find(t.factors, t.factors + t.degree, symbol) != t.factors + t.degree;
  });
  return result;
}

SymbolRef loop_symbol(size_t index) {
  SymbolRef s;
  s.symbol = Symbol::loop;
  s.offset = static_cast<uint16_t>(index);
  return s;
}

SymbolRef derived_symbol(size_t index) {
  SymbolRef s = loop_symbol(index);
  s.symbol = Symbol::derived;
  return s;
}

std::string to_string(const Polynomial& p) {
  std::string text;
  for (const Term& t : p.terms) {
    if (!text.empty()) text += " + ";
    if (t.coefficient != 1) text += std::to_string(t.coefficient) + "*";
    for (unsigned i = 0; i < t.degree; ++i) {
      const SymbolRef& s = t.factors[i];
      if (i) text += "*";
      text += axis_name(s.symbol);
      if (s.symbol == Symbol::loop || s.symbol == Symbol::derived)
        text += "[" + std::to_string(s.offset) + "]";
      if (s.symbol == Symbol::param)
        text += "[" + std::to_string(s.offset) + "]:" + (s.is_signed ? "s" : "u") +
                std::to_string(s.bytes);
    }
  }
  if (p.constant != 0 || text.empty()) {
    if (!text.empty()) text += " + ";
    text += std::to_string(p.constant);
  }
  return text;
}

}  // namespace nonans::analyze
