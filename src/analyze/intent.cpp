// SPDX-License-Identifier: MIT
#include "analyze/intent.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace nonans::analyze {
namespace {

using Kind = ptx::Operand::Kind;

constexpr size_t kMaxParams = 8;
constexpr uint32_t kNan = 1, kPosInf = 2, kNegInf = 4;

struct Format {
  ElementType type;
  unsigned bits, exponent_bits;
};
constexpr Format kFormats[] = {{ElementType::f16, 16, 5}, {ElementType::bf16, 16, 8},
                               {ElementType::f32, 32, 8}, {ElementType::f64, 64, 11},
                               {ElementType::e4m3, 8, 4}, {ElementType::e5m2, 8, 5}};
constexpr size_t kFormatCount = std::size(kFormats);

uint32_t lane_class(uint64_t bits, const Format& f) {
  const uint64_t mask = f.bits == 64 ? ~0ull : (1ull << f.bits) - 1;
  bits &= mask;
  const unsigned mantissa_bits = f.bits - 1 - f.exponent_bits;
  const uint64_t exponent = (bits >> mantissa_bits) & ((1ull << f.exponent_bits) - 1);
  const uint64_t mantissa = bits & ((1ull << mantissa_bits) - 1);
  if (exponent != (1ull << f.exponent_bits) - 1) return 0;
  if (f.type == ElementType::e4m3) return mantissa == 7 ? kNan : 0;
  if (mantissa != 0) return kNan;
  return bits >> (f.bits - 1) ? kNegInf : kPosInf;
}

uint32_t constant_classes(uint64_t bits, unsigned width) {
  uint32_t all = 0;
  for (size_t k = 0; k < kFormatCount; ++k)
    for (unsigned at = 0; at + kFormats[k].bits <= width; at += kFormats[k].bits)
      all |= lane_class(bits >> at, kFormats[k]) << (3 * k);
  return all;
}

// Keeps of every format the given classes only.
uint32_t keep(uint32_t classes, uint32_t which) {
  uint32_t mask = 0;
  for (size_t k = 0; k < kFormatCount; ++k) mask |= which << (3 * k);
  return classes & mask;
}

uint32_t of_format(uint32_t classes, ptx::Type type) {
  const ElementType wanted = type == ptx::Type::f64                               ? ElementType::f64
                             : type == ptx::Type::f32 || type == ptx::Type::tf32  ? ElementType::f32
                             : type == ptx::Type::f16 || type == ptx::Type::f16x2 ? ElementType::f16
                             : type == ptx::Type::bf16 || type == ptx::Type::bf16x2
                                 ? ElementType::bf16
                             : type == ptx::Type::e4m3x2 ? ElementType::e4m3
                             : type == ptx::Type::e5m2x2 ? ElementType::e5m2
                                                         : ElementType::unknown;
  for (size_t k = 0; k < kFormatCount; ++k)
    if (kFormats[k].type == wanted) return (classes >> (3 * k)) & 7;
  return 0;
}

uint32_t to_format(uint32_t lanes, ptx::Type type) {
  uint32_t all = 0;
  for (size_t k = 0; k < kFormatCount; ++k)
    if (of_format(7u << (3 * k), type)) all |= lanes << (3 * k);
  return all;
}

// The parameter a plain `ld.param` of the entry reads.
Intent loaded_param(const Program& program, const Node& node) {
  Intent result;
  const ptx::Operand& address = node.instruction->operands.back();
  const unsigned bytes = ptx::bits_of(node.opcode.type) / 8;
  if (program.frames[node.frame].caller != kNone || !address.variable_is_param ||
      address.kind != Kind::address || address.base_kind != ptx::Operand::Base::variable ||
      address.variable >= program.entry->params.size() || node.opcode.vector != 1)
    return result;
  const int64_t offset =
      static_cast<int64_t>(program.entry->params[address.variable].offset) + address.offset;
  if (offset >= 0 && offset <= UINT16_MAX && bytes >= 1 && bytes <= 8)
    result.params.push_back({static_cast<uint16_t>(offset), static_cast<uint8_t>(bytes), false});
  return result;
}

Intent extremum(const Node& node, const Intent& a, const Intent& b) {
  Intent both = a;
  both |= b;
  const bool is_max = node.instruction->op == "max";
  const uint32_t passes = (is_max ? kPosInf : kNegInf) | (node.instruction->has(".NaN") ? kNan : 0);
  both.classes = keep(a.classes | b.classes, passes) | (a.classes & b.classes);
  return both;
}

// A literal with its sign turned is a literal still; a parameter is not the parameter any more.
Intent sign_changed(const Node& node, const Intent& source) {
  Intent result;
  const uint32_t lanes = of_format(source.classes, node.opcode.type);
  const bool absolute = node.instruction->op == "abs";
  uint32_t turned = lanes & kNan;
  if (lanes & kNegInf) turned |= kPosInf;
  if (lanes & kPosInf) turned |= absolute ? kPosInf : kNegInf;
  result.classes = to_format(turned, node.opcode.type);
  return result;
}

Intent converted(const Node& node, Intent source) {
  const Opcode& o = node.opcode;
  if (!is_float(o.first_type) || !is_float(o.type)) {
    // An integer conversion moves the bits of what fits.
    return is_float(o.first_type) || is_float(o.type) ? Intent{} : source;
  }
  source.classes = to_format(of_format(source.classes, o.type), o.first_type);
  for (Intent::Param& p : source.params) p.narrowed = true;
  return source;
}

}  // namespace

Intent& Intent::operator|=(const Intent& o) {
  classes |= o.classes;
  many |= o.many;
  for (const Param& p : o.params)
    if (std::find(params.begin(), params.end(), p) == params.end()) params.push_back(p);
  std::sort(params.begin(), params.end(), [](const Param& a, const Param& b) {
    return std::tuple(a.offset, a.bytes, a.narrowed) < std::tuple(b.offset, b.bytes, b.narrowed);
  });
  if (params.size() > kMaxParams) {
    params.clear();
    many = true;
  }
  if (many) params.clear();
  return *this;
}

Intent intent_of(const Program& program, const Node& node, const ptx::Operand& o,
                 const std::vector<Intent>& facts) {
  Intent all;
  switch (o.kind) {
    case Kind::reg: {
      const uint32_t v = used_value(node, program.reg_of(node, o));
      return v == kNone ? all : facts[v];
    }
    case Kind::integer:
      all.classes = constant_classes(o.bits, std::max(8u, ptx::bits_of(node.opcode.type)));
      return all;
    case Kind::f32_bits:
      all.classes = constant_classes(o.bits, 32);
      return all;
    case Kind::f64_bits:
      all.classes = constant_classes(o.bits, 64);
      return all;
    case Kind::vector:
      for (const ptx::Operand& e : o.elements) all |= intent_of(program, node, e, facts);
      return all;
    default:
      return all;
  }
}

namespace {

bool touches_scratch(const Node& node) {
  const ptx::Space space = node.opcode.space;
  return space == ptx::Space::shared || space == ptx::Space::local || space == ptx::Space::generic;
}

std::vector<Intent> propagate_intent(const Program& program, const Cfg& cfg, const Ssa& ssa,
                                     Clock::time_point deadline, const Intent& scratch) {
  return propagate<Intent>(
      program, cfg, ssa, deadline,
      [&](const Node& node, size_t def, const std::vector<Intent>& facts) -> Intent {
        const ptx::Instruction& i = *node.instruction;
        const auto& o = i.operands;
        if (program.registers[node.defs[def].reg] == ptx::Type::pred || o.size() < 2) return {};
        if (node.slot_move) {
          if (node.opcode.effect == Effect::store) return intent_of(program, node, o[1], facts);
          const uint32_t slot = node.uses.back().value;
          return slot == kNone ? Intent{} : facts[slot];
        }
        if (node.opcode.effect == Effect::load && node.opcode.space == ptx::Space::param)
          return loaded_param(program, node);
        if (node.opcode.effect == Effect::load) return touches_scratch(node) ? scratch : Intent{};
        if (node.opcode.effect != Effect::none) return {};
        if (i.op == "mov") return intent_of(program, node, o[1], facts);
        if (i.op == "shfl")
          return intent_of(program, node, o[i.pipe && o.size() > 2 ? 2 : 1], facts);
        if ((i.op == "selp" || i.op == "prmt") && o.size() >= 3) {
          Intent both = intent_of(program, node, o[1], facts);
          both |= intent_of(program, node, o[2], facts);
          return both;
        }
        if ((i.op == "max" || i.op == "min") && o.size() >= 3)
          return extremum(node, intent_of(program, node, o[1], facts),
                          intent_of(program, node, o[2], facts));
        if (i.op == "neg" || i.op == "abs")
          return sign_changed(node, intent_of(program, node, o[1], facts));
        if (i.op == "cvt") {
          Intent all;
          for (size_t n = 1; n < o.size(); ++n)
            all |= converted(node, intent_of(program, node, o[n], facts));
          return all;
        }
        return {};
      });
}

}  // namespace

// What is kept in shared or local memory for a while stays what it was: one pot for all of it,
// which can only add intent.
std::vector<Intent> find_intent(const Program& program, const Cfg& cfg, const Ssa& ssa,
                                Clock::time_point deadline) {
  Intent scratch;
  while (true) {
    std::vector<Intent> facts = propagate_intent(program, cfg, ssa, deadline, scratch);
    Intent next = scratch;
    for (uint32_t b : cfg.order)
      for (uint32_t n = cfg.blocks[b].first; n < cfg.blocks[b].last; ++n) {
        const Node& node = program.nodes[n];
        if (node.opcode.effect == Effect::store && touches_scratch(node) &&
            node.instruction->operands.size() == 2)
          next |= intent_of(program, node, node.instruction->operands[1], facts);
      }
    if (next == scratch || Clock::now() > deadline) return facts;
    scratch = std::move(next);
  }
}

void apply_intent(const Intent& intent, Access& access) {
  uint32_t classes = 0;
  for (size_t k = 0; k < kFormatCount; ++k)
    if (access.type == kFormats[k].type || access.type == ElementType::unknown)
      classes |= (intent.classes >> (3 * k)) & 7;
  access.immediate_nan |= intent.many || (classes & kNan);
  access.immediate_pos_inf |= intent.many || (classes & kPosInf);
  access.immediate_neg_inf |= intent.many || (classes & kNegInf);
  for (const Intent::Param& p : intent.params) {
    const ElementType type = p.narrowed ? (p.bytes == 8   ? ElementType::f64
                                           : p.bytes == 4 ? ElementType::f32
                                                          : ElementType::unknown)
                                        : access.type;
    if (type == ElementType::unknown || size_of(type) != p.bytes) continue;
    if (access.float_param_type != ElementType::unknown && access.float_param_type != type) {
      // Parameters of two types reach it: the launch cannot say which class is meant, so every
      // class may be.
      access.immediate_nan = access.immediate_pos_inf = access.immediate_neg_inf = true;
      continue;
    }
    access.float_param_type = type;
    access.float_params.push_back(p.offset);
  }
}

}  // namespace nonans::analyze
