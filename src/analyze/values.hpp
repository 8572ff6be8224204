// SPDX-License-Identifier: MIT
// What every register of a kernel can hold, found by abstract interpretation over SSA values.
//
//   ValueAnalysis values(program, cfg, ssa, deadline);
//   const Value& address = values.address_of(node, operand);
//
// A value is a set of alternatives, all of which must be reckoned with. One alternative is
//   exact    the polynomial modulo 2^width (pointer parameters are symbols like any other)
//   rooted   some address computed from the pointer parameter at `root`, offset unknown
//   integer  a number that is no pointer: loop counters, loaded 32-bit data, products
//   foreign  an address or offset in shared, local or parameter space: never global memory
//   module   an address inside a variable of the module
//   any      everything else; a pointer loaded from memory is one
// Joins keep alternatives apart, they never pick. At loop heads an exact value that changes gives
// up its offset, which bounds the number of steps.
//
// A value that a loop changes by the same amount each time is `first + counter * step` with the
// counter of the loop as a symbol: init, step and the value at the back edge must agree, which is
// the induction. Any other value that changes in a loop gives up its offset.
//
// Requirements. `mul.wide.s32 %rd, %r, 4` reads %r as a signed number. The polynomial of %rd is
// right only where that of %r lies in the signed 32-bit range; that requirement is put in a pool
// and its index travels with the value (`needs`). evaluate() checks it for the launch at hand.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <vector>

#include "analyze/cfg.hpp"
#include "analyze/polynomial.hpp"
#include "analyze/program.hpp"
#include "analyze/ssa.hpp"

namespace nonans::analyze {

// CPU time of the calling thread. What is known of a kernel must not depend on how busy the machine
// is: measured by the wall, a loaded host would call kernels unknown that an idle one can repair.
struct Clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;
  static time_point now() noexcept {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
};

using Needs = std::vector<uint32_t>;  // sorted indices into the pool of requirements

struct Alternative {
  enum class Kind : uint8_t { exact, rooted, integer, foreign, module, any } kind = Kind::any;
  uint16_t root = 0;  // rooted: offset of the pointer in the argument block
  uint32_t variable =
      kNone;        // module, foreign: which variable (index | kFunctionVariable), kNone unknown
  Polynomial poly;  // exact; foreign parameter addresses: the offset
  Needs needs;      // exact

  bool operator==(const Alternative& o) const {
    return kind == o.kind && root == o.root && variable == o.variable && needs == o.needs &&
           same_terms(poly, o.poly);
  }
};
inline constexpr uint32_t kFunctionVariable = 1u << 31;
inline constexpr uint32_t kParameterBlock =
    kFunctionVariable - 1;  // foreign: the entry's own parameters
inline constexpr size_t kMaxAlternatives = 4;

// Empty: not reached yet.
using Value = std::vector<Alternative>;

Value exact_value(Polynomial p, Needs needs = {});
Value unknown_value(unsigned bits);  // any for 64 bits, integer below: half a pointer is none

// The truth of a predicate register, as far as it is a comparison of exact values.
struct Truth {
  enum class Kind : uint8_t {
    unreached,
    unknown,
    constant,
    compare,
    conjunction,
    disjunction,
    negation
  };
  Kind kind = Kind::unreached;
  bool constant = false;
  // compare: all of comparisons[compare, compare + count) hold; `inverted`: not all of them do.
  uint32_t compare = kNone, count = 1;
  bool inverted = false;
  uint32_t left = kNone, right = kNone;  // SSA values of predicates
  bool operator==(const Truth&) const = default;
};

struct Comparison {
  Compare op = Compare::lt;
  Polynomial left, right;  // with bits and sign
  Needs needs;
};

Needs unite(const Needs& a, const Needs& b);

class ValueAnalysis {
 public:
  ValueAnalysis(const Program& program, const Cfg& cfg, const Ssa& ssa, Clock::time_point deadline);

  bool timed_out() const { return timed_out_; }
  const Value& value(uint32_t ssa_value) const;  // unknown for kNone
  const Truth& truth(uint32_t ssa_value) const;

  Value operand(const Node& node, const ptx::Operand& operand, unsigned bits);
  // Base plus offset of `[base + offset]`, as a 64-bit (or, for 32-bit windows, foreign) value.
  Value address_of(const Node& node, const ptx::Operand& operand);

  // The pointer parameter an exact polynomial starts from: its one 8-byte parameter with
  // coefficient 1, or the one of several that the code calls a pointer (cvta.to.global, .ptr).
  // kNone: none; kAmbiguous: cannot be told.
  static constexpr uint32_t kAmbiguous = kNone - 1;
  uint32_t root_of(const Polynomial& p) const;
  bool is_pointer_parameter(uint32_t offset) const;

  std::vector<Polynomial> requirements;
  std::vector<Comparison> comparisons;
  std::vector<uint32_t> loop_headers;  // blocks; index = that of the loop's symbol
  struct DerivedNumber {
    Derived number;
    Needs needs;
  };
  std::vector<DerivedNumber> derived;

 private:
  friend class Transfer;
  void find_pointer_parameters();
  size_t element_of(const Node& node, uint32_t reg) const;
  bool step_phi(const Phi& phi);
  bool step_node(uint32_t index);
  Value induction(uint32_t header, const Value& first, const Value& now, const Value& again,
                  unsigned bits);
  Value loop_value(const Phi& phi, unsigned bits);
  bool store(uint32_t ssa_value, Value value);
  bool store_truth(uint32_t ssa_value, Truth truth);
  Value join(const Value& a, const Value& b, bool widen) const;
  Alternative widened(const Alternative& a) const;
  uint32_t require(Polynomial p);
  Value derive(Derived number, Needs needs);
  uint32_t intern(std::vector<Comparison> together);

  const Program& program_;
  const Cfg& cfg_;
  const Ssa& ssa_;
  std::vector<Value> values_;
  std::vector<Truth> truths_;
  std::vector<uint32_t> definition_;  // per value: the node that makes it, kNone for phis
  std::vector<uint8_t> changes_;
  std::vector<uint16_t> pointers_;  // argument-block offsets
  Value unknown64_, unknown32_;
  Truth unknown_truth_;
  bool timed_out_ = false;
};

}  // namespace nonans::analyze
