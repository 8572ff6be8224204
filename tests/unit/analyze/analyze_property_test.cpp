// SPDX-License-Identifier: MIT
// evaluate() against brute force: random accesses over small launches, every thread run by hand
// with registers that wrap at their width. The bytes written must lie within may, contain must, and
// equal must where the extent is exact.
#include <algorithm>
#include <optional>
#include <random>
#include <set>

#include "support/catch.hpp"
#include "unit/analyze/samples.hpp"

using namespace nonans;
using namespace nonans::analyze;
using namespace nonans::test;

namespace {

using Random = std::mt19937_64;

int64_t pick(Random& r, int64_t low, int64_t high) {
  return std::uniform_int_distribution<int64_t>(low, high)(r);
}

// What a register of the polynomial's width holds, read with its sign.
int64_t machine_value(const Polynomial& p, const LaunchShape& s, const uint32_t (&tid)[3],
                      const uint32_t (&ctaid)[3], uint64_t iteration = 0) {
  uint64_t sum = static_cast<uint64_t>(p.constant);
  for (const Term& t : p.terms) {
    uint64_t product = static_cast<uint64_t>(t.coefficient);
    for (unsigned i = 0; i < t.degree; ++i) {
      const auto n = static_cast<unsigned>(t.factors[i].symbol);
      uint64_t v = 0;
      if (t.factors[i].symbol == Symbol::param) {
        int32_t value;
        std::memcpy(&value, s.params.data() + t.factors[i].offset, 4);
        v = static_cast<uint64_t>(int64_t{value});
      } else if (t.factors[i].symbol == Symbol::loop) {
        v = iteration;
      } else {
        const uint32_t* of[] = {tid, ctaid, s.block, s.grid};
        v = of[n / 3][n % 3];
      }
      product *= v;
    }
    sum += product;
  }
  if (p.bits < 64) {
    const uint64_t mask = (1ull << p.bits) - 1, sign = 1ull << (p.bits - 1);
    sum &= mask;
    if (p.is_signed) sum = (sum ^ sign) - sign;
  }
  return static_cast<int64_t>(sum);
}

bool holds(int64_t a, int64_t b, Compare op) {
  switch (op) {
    case Compare::lt:
      return a < b;
    case Compare::le:
      return a <= b;
    case Compare::gt:
      return a > b;
    case Compare::ge:
      return a >= b;
    case Compare::eq:
      return a == b;
    case Compare::ne:
      return a != b;
  }
  return false;
}

SymbolRef symbol(Symbol s) {
  SymbolRef r;
  r.symbol = s;
  return r;
}
SymbolRef parameter(uint16_t offset) {
  SymbolRef r;
  r.symbol = Symbol::param;
  r.offset = offset;
  r.bytes = 4;
  r.is_signed = true;
  return r;
}
Term term(int64_t c, std::initializer_list<SymbolRef> factors) {
  Term t;
  t.coefficient = c;
  for (const SymbolRef& f : factors) t.factors[t.degree++] = f;
  return t;
}
Symbol axis(Symbol first, unsigned d) {
  return static_cast<Symbol>(static_cast<unsigned>(first) + d);
}

// scale * (ctaid.d * ntid.d + tid.d), or another tile width, or one of the two alone; times a
// parameter now and then.
void add_index(Random& r, Polynomial& p, unsigned d) {
  const int64_t c = pick(r, 0, 5) == 0 ? -pick(r, 1, 3) : pick(r, 1, 3);
  const SymbolRef t = symbol(axis(Symbol::tid_x, d)), b = symbol(axis(Symbol::ctaid_x, d)),
                  n = symbol(axis(Symbol::ntid_x, d));
  const bool times = pick(r, 0, 2) == 0;
  const SymbolRef by = parameter(static_cast<uint16_t>(8 + 4 * pick(r, 0, 2)));
  switch (pick(r, 0, 5)) {
    case 0:
      p.terms.push_back(term(c, {t}));
      break;
    case 1:
      p.terms.push_back(term(c, {b}));
      break;
    case 2:
      p.terms.push_back(term(c, {t}));
      p.terms.push_back(term(c * pick(r, 1, 4), {b}));
      break;
    default:
      p.terms.push_back(times ? term(c, {t, by}) : term(c, {t}));
      p.terms.push_back(times ? term(c, {b, n, by}) : term(c, {b, n}));
  }
}

Polynomial random_index(Random& r) {
  Polynomial p;
  p.bits = static_cast<uint8_t>(pick(r, 0, 3) == 0 ? 8 : 32);
  p.is_signed = pick(r, 0, 2) != 0;
  const auto axes = pick(r, 1, 2);
  for (int64_t i = 0; i < axes; ++i) add_index(r, p, static_cast<unsigned>(i));
  p.constant = pick(r, 0, 2) == 0 ? pick(r, -6, 6) : 0;
  return p;
}

struct Case {
  Access access;
  Polynomial index;  // the machine address is root + scale * index + shift
  int64_t scale = 1, shift = 0;
};

// Makes the index rise or fall by a step in a loop that goes on while a comparison holds.
void add_loop(Random& r, Case& c) {
  const SymbolRef counter = symbol(Symbol::loop);
  const bool grid = pick(r, 0, 1) == 0;
  int64_t step = pick(r, 0, 3) == 0 ? -pick(r, 1, 4) : pick(r, 1, 4);
  const Term growth = grid ? term(step, {symbol(Symbol::ntid_x), symbol(Symbol::nctaid_x), counter})
                           : term(step, {counter});
  c.index.terms.push_back(growth);
  Term scaled = growth;
  scaled.coefficient *= c.scale;
  c.access.offset.terms.push_back(scaled);
  c.access.no_wrap[0] = c.index;
  Condition q;
  q.op = step > 0 ? Compare::lt : Compare::gt;
  if (pick(r, 0, 3) == 0)
    q.op = pick(r, 0, 1) == 0 ? Compare::ne : static_cast<Compare>(pick(r, 0, 3));
  if (pick(r, 0, 3) != 0 && q.op != Compare::ne) {
    q.left = c.index;
  } else {
    q.left.bits = pick(r, 0, 3) == 0 ? 8 : 32;
    q.left.constant = pick(r, 0, 20);
    q.left.terms.push_back(term(pick(r, 0, 3) == 0 ? 1 : -pick(r, 1, 3), {counter}));
  }
  q.right.bits = q.left.bits;
  q.right.is_signed = q.left.is_signed;
  if (pick(r, 0, 1) == 0) {
    q.right.terms.push_back(term(1, {parameter(static_cast<uint16_t>(8 + 4 * pick(r, 0, 2)))}));
  } else {
    q.right.constant = pick(r, -6, 30);
  }
  Loop loop;
  loop.continues.push_back(q);
  loop.guarded = pick(r, 0, 1) == 0;
  c.access.loops.push_back(loop);
}

Case random_case(Random& r) {
  Case c;
  c.index = random_index(r);
  c.access.width = static_cast<uint8_t>(1 << pick(r, 0, 3));
  c.scale = pick(r, 0, 3) == 0 ? pick(r, 1, 9) : c.access.width;
  c.shift = pick(r, 0, 2) == 0 ? pick(r, -8, 40) : 0;
  Access& a = c.access;
  a.offset = c.index;
  for (Term& t : a.offset.terms) t.coefficient *= c.scale;
  a.offset.constant = a.offset.constant * c.scale + c.shift;
  a.offset.bits = 64;
  a.offset.is_signed = true;
  a.offset_known = a.conditions_known = true;
  a.no_wrap.push_back(c.index);
  const auto conditions = pick(r, 0, 3);
  for (int64_t n = 0; n < conditions; ++n) {
    Condition k;
    k.op = static_cast<Compare>(pick(r, 0, 7) == 0 ? pick(r, 4, 5) : pick(r, 0, 3));
    if (pick(r, 0, 2) == 0) k.op = Compare::lt;
    if (pick(r, 0, 3) == 0) {
      k.left = c.index;
    } else {
      add_index(r, k.left, static_cast<unsigned>(n % 2));
      k.left.bits = pick(r, 0, 5) == 0 ? 8 : 32;
      k.left.is_signed = pick(r, 0, 2) != 0;
    }
    k.right.bits = k.left.bits;
    k.right.is_signed = k.left.is_signed;
    if (pick(r, 0, 1) == 0) {
      k.right.terms.push_back(term(1, {parameter(static_cast<uint16_t>(8 + 4 * pick(r, 0, 2)))}));
    } else {
      k.right.constant = pick(r, 0, 12);
    }
    a.conditions.push_back(k);
  }
  if (pick(r, 0, 2) == 0) add_loop(r, c);
  return c;
}

// nullopt: some thread is still running after a thousand iterations.
std::optional<std::set<int64_t>> written(const Case& c, const LaunchShape& s) {
  std::set<int64_t> bytes;
  uint32_t t[3], b[3];
  const auto all_hold = [&](const std::vector<Condition>& conditions, uint64_t iteration) {
    return std::all_of(conditions.begin(), conditions.end(), [&](const Condition& k) {
      return holds(machine_value(k.left, s, t, b, iteration),
                   machine_value(k.right, s, t, b, iteration), k.op);
    });
  };
  for (b[2] = 0; b[2] < s.grid[2]; ++b[2])
    for (b[1] = 0; b[1] < s.grid[1]; ++b[1])
      for (b[0] = 0; b[0] < s.grid[0]; ++b[0])
        for (t[2] = 0; t[2] < s.block[2]; ++t[2])
          for (t[1] = 0; t[1] < s.block[1]; ++t[1])
            for (t[0] = 0; t[0] < s.block[0]; ++t[0]) {
              if (!all_hold(c.access.conditions, 0)) continue;
              const Loop* loop = c.access.loops.empty() ? nullptr : &c.access.loops[0];
              if (loop && loop->guarded && !all_hold(loop->continues, 0)) continue;
              for (uint64_t j = 0;; ++j) {
                if (j == 1000) return std::nullopt;
                if (j > 0 && (!loop || !all_hold(loop->continues, j))) break;
                const int64_t at = c.scale * machine_value(c.index, s, t, b, j) + c.shift;
                for (int64_t i = 0; i < c.access.width; ++i) bytes.insert(at + i);
              }
            }
  return bytes;
}

}  // namespace

TEST_CASE("may contains what is written, must lies within it, exact is equal") {
  Random r(20261122);
  constexpr uint64_t kRoot = 0x100000;
  unsigned known = 0, exact = 0, wrong = 0, several_rows = 0, loops = 0, exact_loops = 0;
  constexpr unsigned kCases = 60000;
  for (unsigned n = 0; n < kCases; ++n) {
    const Case c = random_case(r);
    Arguments a;
    a.pointer(kRoot);
    for (int i = 0; i < 3; ++i) a.i32(static_cast<int32_t>(pick(r, -1, 12)));
    const auto extent = [&](int64_t most) { return static_cast<uint32_t>(pick(r, 1, most)); };
    const LaunchShape s = a.launch({extent(4), extent(3), 1}, {extent(6), extent(3), 1});
    const auto bytes = written(c, s);
    if (!bytes) continue;
    const std::set<int64_t>& truth = *bytes;
    loops += !c.access.loops.empty();
    const Extent e = evaluate(c.access, s);
    if (e.may.known) {
      ++known;
      for (int64_t byte : truth) {
        const uint64_t at = kRoot + static_cast<uint64_t>(byte);
        if (at < e.may.begin || at >= e.may.end) ++wrong;
      }
    }
    if (e.must.known) {
      std::set<int64_t> claimed;
      for (uint64_t row = 0; row < e.must.rows; ++row)
        for (uint64_t i = 0; i < e.must.row_bytes; ++i)
          claimed.insert(static_cast<int64_t>(e.must.base + row * e.must.pitch + i - kRoot));
      for (int64_t byte : claimed) wrong += !truth.contains(byte);
      if (e.exact) {
        ++exact;
        exact_loops += !c.access.loops.empty();
        several_rows += e.must.rows > 1;
        wrong += claimed != truth;
        wrong += claimed.size() != e.must.bytes();  // rows do not overlap
      }
    }
    if (wrong) {
      INFO("case " << n);
      REQUIRE(wrong == 0);
    }
  }
  // The test says something only if most cases are decided.
  CHECK(known > kCases / 2);
  CHECK(exact > kCases / 4);
  CHECK(several_rows > kCases / 50);
  CHECK(loops > kCases / 8);
  CHECK(exact_loops > loops / 8);
}
