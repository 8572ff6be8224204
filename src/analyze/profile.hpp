// SPDX-License-Identifier: MIT
// What static analysis knows of a kernel, and what that means for one launch.
//
//   std::vector<KernelProfile> profiles = analyze::profile_ptx(module);
//   LaunchShape shape{.grid = {98, 1, 1}, .block = {256, 1, 1}, .params = argument_block};
//   for (const Access& w : profile.writes) {
//     Extent e = analyze::evaluate(w, shape);   // ≤ 200 ns, no allocation
//     if (e.may.known) …look at [e.may.begin, e.may.end)…;  if (e.must.known) …may repair inside
//     e.must…
//   }
//
// Two sets, never confused: *may* is a superset of the bytes the launch writes (for looking),
// *must* a subset (for repairing). Whatever the analysis cannot prove is `known = false`, never a
// guess. Values; immutable once made; evaluate() is thread-safe, allocates nothing, never throws.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "image/ptx/ast.hpp"

namespace nonans::analyze {

enum class ElementType : uint8_t {
  unknown = 0,
  f16,
  bf16,
  f32,
  f64,
  e4m3,
  e5m2,
  integer,  // proven not to be floating point
};
unsigned size_of(ElementType type);  // bytes; 0 for unknown and integer
const char* name_of(ElementType type);

// What can make a non-finite value in this kernel (bit set).
enum Hazard : uint32_t {
  kDivision = 1u << 0,  // div, rcp
  kRsqrt = 1u << 1,
  kSqrt = 1u << 2,
  kExp = 1u << 3,
  kLog = 1u << 4,
  kPow = 1u << 5,
  kNarrowing = 1u << 6,   // cvt to a narrower float
  kAccumulate = 1u << 7,  // fma/add chains in a loop, mma
  kFloatAdd = 1u << 8,
  kFloatMul = 1u << 9,
  kTrig = 1u << 10,
};

// Symbols an address or a bound may depend on. `param` carries which bytes of the argument block.
enum class Symbol : uint8_t {
  tid_x,
  tid_y,
  tid_z,
  ctaid_x,
  ctaid_y,
  ctaid_z,
  ntid_x,
  ntid_y,
  ntid_z,
  nctaid_x,
  nctaid_y,
  nctaid_z,
  param,
  loop,    // how many iterations of a loop are finished; `offset` = index in Access::loops
  derived  // a number that is no polynomial; `offset` = index in Access::derived
};

struct SymbolRef {
  Symbol symbol = Symbol::tid_x;
  uint16_t offset = 0;     // param: byte offset in the argument block; loop, derived: index
  uint8_t bytes = 0;       // param: 1, 2, 4, 8
  bool is_signed = false;  // param: how the value is widened to 64 bits
  bool operator==(const SymbolRef&) const = default;
};

// coefficient * product(symbols); degree ≤ 4.
struct Term {
  int64_t coefficient = 0;
  uint8_t degree = 0;
  SymbolRef factors[4];
};

// A sum of terms over the mathematical integers. `bits` and `is_signed` say how the machine reads
// it: the register holds the value modulo 2^bits, so it is the value itself only where that lies in
// the range of the type. Whoever relies on the value checks that for the launch at hand (no-wrap),
// else the result is unknown.
struct Polynomial {
  std::vector<Term> terms;
  int64_t constant = 0;
  uint8_t bits = 64;
  bool is_signed = true;
};

enum class Compare : uint8_t { lt, le, gt, ge, eq, ne };

// The access happens only where `left OP right` holds.
struct Condition {
  Polynomial left, right;  // with the width and sign of the comparison
  Compare op = Compare::lt;
  std::vector<Polynomial>
      no_wrap;  // what must lie in its own width and sign for left and right to mean what they say
};

// A loop the access depends on. Iteration j ≥ 1 runs only where all of `continues` hold for the
// loop's counter = j.
struct Loop {
  std::vector<Condition> continues;
  bool guarded = false;  // they also hold for j = 0 wherever the loop is entered
};

// What every thread computes alike, from parameters and the shape of the launch, but by no
// polynomial: K & 3, n / 4. Both sides as the machine reads them: modulo 2^bits, with their sign.
struct Derived {
  enum class Op : uint8_t { bit_and, divide, remainder, shift_right, minimum, maximum };
  Op op = Op::bit_and;
  Polynomial left, right;  // over parameters, ntid, nctaid and earlier entries
};

enum class AccessKind : uint8_t { plain, atomic, reduction, volatile_, vector, bulk };

// One static load or store (or several that were proven to be one shape).
struct Access {
  uint16_t param_offset =
      0;  // where in the argument block the root pointer stands (by-value structs included)
  int16_t param_index = -1;  // which parameter holds it
  Polynomial offset;         // bytes added to the root pointer
  std::vector<Condition> conditions;
  bool offset_known = false;  // false: the root is known, where in it is not
  bool conditions_known =
      false;          // false: executed under conditions the analysis could not express (no must)
  uint8_t width = 0;  // bytes per thread and execution (vector width included)
  uint8_t element_bytes = 0;  // bytes of one element of a vector
  ElementType type = ElementType::unknown;
  AccessKind kind = AccessKind::plain;
  // Set when a non-finite constant (immediate, or a float parameter by def-use) can reach this
  // store through moves and selects only: intent. One flag per class.
  bool immediate_nan = false, immediate_pos_inf = false, immediate_neg_inf = false;
  std::vector<uint16_t>
      float_params;  // argument-block offsets of float parameters that reach it unchanged
  ElementType float_param_type = ElementType::unknown;
  uint32_t hazards = 0;  // hazards on the value's own def-use chain
  uint32_t line = 0;     // PTX line
  image::ptx::SourceLine source;
  std::vector<Polynomial>
      no_wrap;  // what must lie in its own width and sign for `offset` to mean what it says
  std::vector<Loop> loops;  // outer and earlier ones first
  std::vector<Derived> derived;
};

// A cp.async.bulk.tensor through the tensor map (a CUtensorMap by value) that stands at
// `param_offset` of the argument block. Which memory that is, only the one who saw the map encoded
// can say.
struct TensorAccess {
  static constexpr unsigned kMapBytes = 128;
  uint16_t param_offset = 0;
  int16_t param_index = -1;
  bool reduction = false;  // cp.reduce.async.bulk.tensor: the old value goes into the new one
  uint32_t line = 0;       // PTX line, of the first of several
};

struct KernelProfile {
  std::string name;
  std::vector<image::ptx::Variable> params;  // offset, size (names dropped)
  uint64_t param_bytes = 0;
  std::vector<Access> writes, reads;
  std::vector<TensorAccess> tensor_stores, tensor_loads;
  uint32_t hazards = 0;
  // Every global store resolved to a root in `writes`, or to a map in `tensor_stores`: all places
  // are known only if those maps are.
  bool complete_writes = false;
  // Every global load that a float can come from resolved to a root in `reads`. Never with loads
  // through tensor maps: a map's type is no proof of what the bytes are.
  bool complete_reads = false;
  bool publishes =
      false;  // release, volatile or system-scope stores, fences: others may be looking
  bool optimiser_like =
      false;  // updates two or more float buffers in place with a square root and a division
  std::vector<std::string>
      unknown;  // why, one line each: "line 41: st.global through a pointer loaded from memory"
};

struct LaunchShape {
  uint32_t grid[3] = {1, 1, 1};
  uint32_t block[3] = {1, 1, 1};
  std::span<const std::byte> params;  // the argument block in device layout
};

// [begin, end) of device addresses.
struct Interval {
  bool known = false;
  uint64_t begin = 0, end = 0;
};

// A set of equally spaced rows of bytes: row r covers [base + r*pitch, base + r*pitch + row_bytes).
struct Rows {
  bool known = false;
  uint64_t base = 0;
  uint64_t rows = 0;
  uint64_t row_bytes = 0;
  uint64_t pitch = 0;
  uint64_t bytes() const { return rows * row_bytes; }
};

struct Extent {
  uint64_t root = 0;  // the pointer's value in this launch
  Interval may;
  Rows must;           // every byte of it is written by the launch
  bool exact = false;  // must covers all that is written
};

Extent evaluate(const Access& access, const LaunchShape& shape) noexcept;

// Profiles of every entry of a module. CPU only, no I/O. Never throws on odd code: the kernel's
// profile says why. Stops a kernel after `budget_ms` of CPU time and marks it unknown.
std::vector<KernelProfile> profile_ptx(const image::ptx::Module& module, unsigned budget_ms = 20);

}  // namespace nonans::analyze
