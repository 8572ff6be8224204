// SPDX-License-Identifier: MIT
// What observers and weak memory need to know of each instruction, read from its modifiers.
#include <algorithm>

#include "watch.hpp"

namespace softgpu::engine {
namespace {

InstructionFacts facts_of(const ptx::Instruction& i) {
  InstructionFacts facts;
  const bool fences = i.op == "fence" || i.op == "membar";
  facts.atomic =
      i.op == "atom" || i.op == "red" || i.op == "mbarrier" || (i.op == "cp" && i.has(".mbarrier"));
  facts.async = (i.op == "cp" && !facts.atomic && (i.has(".async") || i.has(".bulk"))) ||
                (i.op == "st" && (i.has(".async") || i.has(".bulk")));
  facts.stores = i.op == "st" && !facts.async;
  facts.read_only = i.has(".nc") || i.has(".const") || i.op == "ldu";
  facts.block_scope = i.has(".cta");
  if (i.has(".acq_rel")) {
    facts.order = AccessOrder::acq_rel;
  } else if (i.has(".acquire")) {
    facts.order = AccessOrder::acquire;
  } else if (i.has(".release")) {
    facts.order = AccessOrder::release;
  } else if (fences || i.op == "mbarrier") {
    facts.order = AccessOrder::acq_rel;
  } else if (facts.atomic || i.has(".relaxed") || i.has(".volatile") || i.has(".mmio")) {
    facts.order = AccessOrder::relaxed;
  }
  return facts;
}

// The Op of [begin, end), one instruction's, at which it happens: the branch, the barrier, the
// meeting of lanes, else the first. A jump that only leads to the next block of the layout is not
// the instruction's own.
size_t where_told(const Code& code, size_t begin, size_t end) {
  const ptx::Instruction& i = *code.origins[code.ops[begin].origin].instruction;
  for (size_t at = begin; at < end; ++at) {
    const Flow flow = code.ops[at].flow;
    if (flow != Flow::next && (flow != Flow::branch || i.op == "bra")) return at;
  }
  return begin;
}

std::shared_ptr<const Facts> make(const Code& code) {
  auto facts = std::make_shared<Facts>();
  for (const Origin& origin : code.origins) {
    const ptx::Instruction& i = *origin.instruction;
    facts->of.push_back(facts_of(i));
    if ((i.op == "shfl" || i.op == "vote") && !i.has(".sync")) facts->may_split = false;
  }
  facts->tells.assign(code.ops.size(), 0);
  for (size_t begin = 0; begin < code.ops.size();) {
    const u32 origin = code.ops[begin].origin;
    size_t end = begin;
    while (end < code.ops.size() && code.ops[end].origin == origin) ++end;
    // What takes parameters into registers stands before the first instruction, under its name.
    const bool prologue = end < code.ops.size() && code.origins[code.ops[end].origin].instruction ==
                                                       code.origins[origin].instruction;
    if (!prologue) facts->tells[where_told(code, begin, end)] = 1;
    begin = end;
  }
  return facts;
}

}  // namespace

const Facts& facts_of(const Code& code) {
  std::call_once(code.facts_once, [&] { code.facts = make(code); });
  return *code.facts;
}

}  // namespace softgpu::engine
