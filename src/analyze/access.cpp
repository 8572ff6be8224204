// SPDX-License-Identifier: MIT
#include "analyze/access.hpp"

#include <algorithm>

namespace nonans::analyze {
namespace {

using Kind = Alternative::Kind;

constexpr size_t kMaxReasons = 16;

class Finder {
 public:
  explicit Finder(const KernelFacts& facts) : f_(facts) {}

  FoundAccesses run() {
    for (uint32_t b : f_.cfg.order)
      for (uint32_t n = f_.cfg.blocks[b].first; n < f_.cfg.blocks[b].last; ++n)
        visit(f_.program.nodes[n], b);
    return std::move(found_);
  }

 private:
  void visit(const Node& node, uint32_t block) {
    const Opcode& o = node.opcode;
    const ptx::Instruction& i = *node.instruction;
    found_.publishes |= o.publishes;
    if (!o.known) {
      nobody_knows(node, "unknown instruction '" + i.spelling() + "'");
      return;
    }
    integer_load_ = false;
    switch (o.effect) {
      case Effect::none:
        if (i.op == "tex" || i.op == "tld4" || i.op == "suld")
          incomplete(found_.complete_reads, node, i.spelling() + " reads a texture or surface");
        break;
      case Effect::fence:
        break;
      case Effect::call:
        visit_call(node);
        break;
      case Effect::writes_unknown:
        if (i.op == "cp" && i.has(".tensor")) return tensor(node, 0, true);
        nobody_knows(node, i.spelling() + " is not followed");
        break;
      case Effect::load:
        if (o.space == ptx::Space::global || o.space == ptx::Space::generic)
          memory(node, block, 1, false);
        break;
      case Effect::matrix_load:
        if (o.space == ptx::Space::global || o.space == ptx::Space::generic)
          memory(node, block, 1, false);
        break;
      case Effect::async_copy:
        if (i.has(".tensor")) return tensor(node, 1, false);
        memory(node, block, 1, false);
        break;
      case Effect::atomic:
      case Effect::reduction:
        if (o.space != ptx::Space::global && o.space != ptx::Space::generic) break;
        memory(node, block, o.effect == Effect::atomic ? 1 : 0, false);
        memory(node, block, o.effect == Effect::atomic ? 1 : 0, true);
        break;
      case Effect::store:
      case Effect::matrix_store:
        if (o.space == ptx::Space::global || o.space == ptx::Space::generic)
          memory(node, block, 0, true);
        break;
    }
  }

  void visit_call(const Node& node) {
    for (const ptx::Operand& o : node.instruction->operands) {
      if (o.kind != ptx::Operand::Kind::function ||
          o.function >= f_.program.module->functions.size())
        continue;
      const auto name = f_.program.module->functions[o.function].name;
      if (is_harmless_call(name)) return;
      nobody_knows(node, "call of '" + std::string(name) + "' is not followed");
      return;
    }
    nobody_knows(node, "indirect call");
  }

  void memory(const Node& node, uint32_t block, size_t address_at, bool write) {
    const ptx::Instruction& i = *node.instruction;
    // A load of which no float is made brings no non-finite value in, wherever it reads.
    if (!write && node.opcode.effect == Effect::load)
      integer_load_ = f_.elements.loaded(node) == ElementType::integer;
    else
      integer_load_ = false;
    bool& complete = write ? found_.complete_writes : found_.complete_reads;
    if (address_at >= i.operands.size()) {
      incomplete(complete, node, "no address in " + i.spelling());
      return;
    }
    const Value address = f_.values.address_of(node, i.operands[address_at]);
    if (address.empty())
      return incomplete(complete, node, i.spelling() + " through an unknown pointer");
    for (const Alternative& a : address) alternative(node, block, a, address.size() == 1, write);
  }

  // A copy between shared memory and the tensor that a map describes. A reduction reads the tensor
  // too. Loads that are understood leave `complete_reads` false all the same, see profile.hpp.
  void tensor(const Node& node, size_t map_at, bool write) {
    const ptx::Instruction& i = *node.instruction;
    const bool reduction = i.has(".reduce");
    if (!write || reduction)
      incomplete(found_.complete_reads, node, i.spelling() + " reads through a tensor map");
    const Value maps =
        map_at < i.operands.size() ? f_.values.address_of(node, i.operands[map_at]) : Value{};
    const bool known =
        !maps.empty() && std::all_of(maps.begin(), maps.end(), [&](const Alternative& map) {
          return map.kind == Kind::foreign && map.variable == kParameterBlock &&
                 is_constant(map.poly) && holds_map(map.poly.constant);
        });
    if (!known) {
      if (write)
        incomplete(found_.complete_writes, node,
                   i.spelling() + " through a tensor map that is no parameter");
      return;
    }
    std::vector<TensorAccess>& list = write ? found_.tensor_stores : found_.tensor_loads;
    for (const Alternative& map : maps) {
      const auto offset = static_cast<uint16_t>(map.poly.constant);
      const auto same = std::find_if(list.begin(), list.end(), [&](const TensorAccess& a) {
        return a.param_offset == offset && a.reduction == reduction;
      });
      if (same == list.end()) list.push_back({offset, param_index(offset), reduction, i.at.line});
    }
  }

  // Does a whole map stand there, inside one parameter?
  bool holds_map(int64_t offset) const {
    if (offset < 0 || offset > UINT16_MAX) return false;
    const int16_t index = param_index(static_cast<uint32_t>(offset));
    if (index < 0) return false;
    const ptx::Variable& param = f_.program.entry->params[static_cast<size_t>(index)];
    return static_cast<uint64_t>(offset) + TensorAccess::kMapBytes <= param.offset + param.size;
  }

  void alternative(const Node& node, uint32_t block, const Alternative& a, bool only, bool write) {
    const std::string spelling = node.instruction->spelling();
    bool& complete = write ? found_.complete_writes : found_.complete_reads;
    uint32_t root = kNone;
    switch (a.kind) {
      case Kind::foreign:
        return;  // shared, local or parameter memory
      case Kind::module: {
        const auto& variables = f_.program.module->variables;
        const std::string name =
            a.variable < variables.size() ? std::string(variables[a.variable].name) : "?";
        return incomplete(complete, node, spelling + " to the module's variable '" + name + "'");
      }
      case Kind::exact:
        root = f_.values.root_of(a.poly);
        break;
      case Kind::rooted:
        root = a.root;
        break;
      case Kind::integer:
      case Kind::any:
        break;
    }
    if (root == kNone || root == ValueAnalysis::kAmbiguous)
      return incomplete(complete, node, spelling + " through a pointer that is no parameter's");

    FoundAccess found;
    Access& access = found.access;
    access.param_offset = static_cast<uint16_t>(root);
    access.param_index = param_index(root);
    if (a.kind == Kind::exact) {
      SymbolRef pointer;
      pointer.symbol = Symbol::param;
      pointer.offset = access.param_offset;
      pointer.bytes = 8;
      pointer.is_signed = true;
      access.offset = without_symbol(a.poly, pointer);
      access.offset_known = true;
      for (uint32_t n : a.needs) access.no_wrap.push_back(f_.values.requirements[n]);
    }
    describe(node, write, access);
    found.neutral = write && f_.elements.stores_neutral(node);
    found.block = block;
    found.literals = f_.paths[block].literals;
    found.literals_complete = f_.paths[block].complete && only;
    if (node.guarded) {
      const ptx::Guard& g = node.instruction->guard;
      const uint32_t reg = f_.program.frames[node.frame].register_base + g.reg;
      found.literals.push_back({used_value(node, reg), !g.negated, block});
    }
    // Compare-and-swap writes or does not; asynchronous copies may read less; matrix tiles have
    // their own layout.
    const Effect e = node.opcode.effect;
    if (node.instruction->has(".cas") || e == Effect::async_copy) found.literals_complete = false;
    if (e == Effect::matrix_store || e == Effect::matrix_load) {
      access.offset_known = false;
      access.offset = {};
      access.no_wrap.clear();
    }
    (write ? found_.writes : found_.reads).push_back(std::move(found));
  }

  void describe(const Node& node, bool write, Access& access) const {
    const Opcode& o = node.opcode;
    const ptx::Instruction& i = *node.instruction;
    const unsigned bytes = std::max(8u, ptx::bits_of(o.type)) / 8;
    const bool pair = (o.effect == Effect::atomic || o.effect == Effect::reduction) && o.vector > 1;
    access.width = static_cast<uint8_t>(bytes * o.vector);
    access.kind = o.effect == Effect::atomic       ? AccessKind::atomic
                  : o.effect == Effect::reduction  ? AccessKind::reduction
                  : i.has(".volatile")             ? AccessKind::volatile_
                  : o.effect == Effect::async_copy ? AccessKind::bulk
                  : o.vector > 1 || pair           ? AccessKind::vector
                                                   : AccessKind::plain;
    if (o.effect == Effect::async_copy) {
      const bool sized = i.operands.size() > 2 &&
                         i.operands[2].kind == ptx::Operand::Kind::integer &&
                         i.operands[2].bits <= 16;
      access.width = sized ? static_cast<uint8_t>(i.operands[2].bits) : 0;
      if (!sized) access.offset_known = false;
    } else if (write) {
      access.type = f_.elements.stored(node);
    } else if (o.effect == Effect::atomic || o.effect == Effect::reduction) {
      access.type = f_.elements.stored(node);
    } else {
      access.type = f_.elements.loaded(node);
    }
    const unsigned element = size_of(access.type);
    access.element_bytes = static_cast<uint8_t>(element ? element : bytes);
    access.line = i.at.line;
    access.source = i.source;
    if (!write || i.operands.empty()) return;
    const ptx::Operand& data = o.effect == Effect::atomic && i.operands.size() > 2 ? i.operands[2]
                               : i.operands.size() > 1                             ? i.operands[1]
                                                                                   : i.operands[0];
    access.hazards = f_.hazards.of_operand(f_.program, node, data);
    if (o.effect == Effect::atomic || o.effect == Effect::reduction) {
      if (i.has(".add") && is_float(o.type)) access.hazards |= kFloatAdd | kAccumulate;
    } else {
      apply_intent(intent_of(f_.program, node, data, f_.intent), access);
    }
  }

  int16_t param_index(uint32_t offset) const {
    const auto& params = f_.program.entry->params;
    for (size_t n = 0; n < params.size(); ++n)
      if (offset >= params[n].offset && offset < params[n].offset + params[n].size)
        return static_cast<int16_t>(n);
    return -1;
  }

  void nobody_knows(const Node& node, const std::string& why) {
    incomplete(found_.complete_writes, node, why);
    found_.complete_reads = false;
  }

  void incomplete(bool& flag, const Node& node, const std::string& why) {
    if (integer_load_ && &flag == &found_.complete_reads) return;
    flag = false;
    std::string text = "line " + std::to_string(node.instruction->at.line) + ": " + why;
    if (found_.unknown.size() < kMaxReasons &&
        std::find(found_.unknown.begin(), found_.unknown.end(), text) == found_.unknown.end())
      found_.unknown.push_back(std::move(text));
  }

  const KernelFacts& f_;
  FoundAccesses found_;
  bool integer_load_ = false;
};

}  // namespace

FoundAccesses find_accesses(const KernelFacts& facts) {
  return Finder(facts).run();
}

}  // namespace nonans::analyze
