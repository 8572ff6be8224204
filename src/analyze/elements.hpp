// SPDX-License-Identifier: MIT
// Which element type a store stores and a load loads, by def-use; never by width, never by the
// suffix of the access.
//
// Why not the suffix: copying fp16 or packed int4 data through float4 is everyday code, and nvcc
// stores float constants as u32. What counts is who made the value, and who uses it:
//   a stored value    every definition that can reach it must be the result of arithmetic of one
//   float type. Zeros and
//                     float literals are neutral, plain copies say nothing, bit operations say
//                     nothing.
//   a loaded value    some instruction uses it as that float type, none as another.
// A register counts as "of type f16" when every lane of it is: 16 bits or a pair in 32 make no
// difference. Values that pass through a shared or local variable get the union of everything
// stored to that variable. `integer` means: made by integer arithmetic from things that are not the
// bits of a float.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "analyze/forward.hpp"
#include "analyze/values.hpp"

namespace nonans::analyze {

class Elements {
 public:
  Elements(const Program& program, const Cfg& cfg, const Ssa& ssa, ValueAnalysis& values,
           Clock::time_point deadline);

  ElementType stored(const Node& node) const;   // st, atom, red, wmma.store
  bool stores_neutral(const Node& node) const;  // st of zeros and float literals only
  ElementType loaded(const Node& node) const;   // ld, ldu, wmma.load

 private:
  using Tags = uint16_t;
  enum : Tags {
    kF16 = 1,
    kBf16 = 2,
    kF32 = 4,
    kF64 = 8,
    kE4m3 = 16,
    kE5m2 = 32,
    kFloats = 63,
    kInteger = 64,  // integer arithmetic
    kZero = 128,
    kFloatLiteral = 256,  // 0f3F800000
    kNumber = 512,        // an integer immediate; may be the bits of a float
    kRaw = 1024,          // from memory or a parameter, nobody says what
    kBits = 2048,         // made by bit operations, or unknown
  };
  static Tags tag_of(ptx::Type type);
  static unsigned lane_bytes(Tags tag);
  static Tags part(Tags tags, unsigned bytes, unsigned whole);
  unsigned bytes_of(const Node& node, const ptx::Operand& operand, unsigned otherwise) const;
  static ElementType resolve(Tags tags, unsigned element_bytes);

  void find_uses(Clock::time_point deadline);
  bool use_step(const Node& node);
  Tags operand_use(const Node& node, size_t index);
  Tags definition(const Node& node, size_t def, const std::vector<Tags>& facts);
  Tags operand_tags(const Node& node, const ptx::Operand& operand,
                    const std::vector<Tags>& facts) const;
  Tags arithmetic(const Node& node, const std::vector<Tags>& facts) const;
  Tags bit_operation(const Node& node, const std::vector<Tags>& facts) const;
  Tags permute(const Node& node, const std::vector<Tags>& facts) const;
  Tags loaded_tags(const Node& node, size_t def);
  void store_to_cells(const Node& node, const std::vector<Tags>& facts);
  uint32_t cell_of(const Node& node, const ptx::Operand& address, bool& elsewhere);

  const Program& program_;
  const Cfg& cfg_;
  const Ssa& ssa_;
  ValueAnalysis& values_;
  std::vector<Tags> uses_;          // how a value is used
  std::vector<Tags> facts_;         // how it was made
  std::map<uint32_t, Tags> cells_;  // per shared or local variable; kNone: somewhere
  std::map<uint32_t, Tags> cell_uses_;
  bool cells_changed_ = false;
};

}  // namespace nonans::analyze
