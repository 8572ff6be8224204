// SPDX-License-Identifier: MIT
// Puts the passes together: program -> cfg -> ssa -> values -> types, hazards, intent -> accesses
// -> profile.
#include "analyze/profile.hpp"

#include <algorithm>
#include <set>

#include "analyze/access.hpp"
#include "analyze/loops.hpp"
#include "analyze/merge.hpp"

namespace nonans::analyze {
namespace {

void add_conditions(const KernelFacts& facts, std::vector<FoundAccess>& found,
                    std::vector<Access>& out) {
  for (FoundAccess& f : found) {
    f.access.conditions_known = f.literals_complete;
    for (const Literal& l : f.literals)
      if (!expand(facts.values, l.predicate, l.value, f.access.conditions))
        f.access.conditions_known = false;
    attach_loops(facts, f);
    out.push_back(std::move(f.access));
  }
  merge_unknown_places(out);
}

bool is_float_type(ElementType t) {
  return t != ElementType::unknown && t != ElementType::integer;
}

// Two or more float buffers that are read and written, a square root and a division by it.
bool looks_like_optimiser(const KernelProfile& p) {
  const bool root = p.hazards & (kSqrt | kRsqrt);
  const bool division = p.hazards & (kDivision | kRsqrt);
  std::set<uint16_t> in_place;
  for (const Access& w : p.writes)
    if (is_float_type(w.type) && w.kind != AccessKind::atomic && w.kind != AccessKind::reduction)
      for (const Access& r : p.reads)
        if (r.param_offset == w.param_offset) in_place.insert(w.param_offset);
  return root && division && in_place.size() >= 2;
}

void give_up(KernelProfile& profile, std::string why) {
  profile.writes.clear();
  profile.reads.clear();
  profile.tensor_stores.clear();
  profile.tensor_loads.clear();
  profile.complete_writes = profile.complete_reads = profile.optimiser_like = false;
  profile.publishes = true;  // unknown code may
  profile.unknown.push_back(std::move(why));
}

void analyse(const image::ptx::Module& module, const image::ptx::Function& entry,
             Clock::time_point deadline, KernelProfile& profile) {
  Program program = flatten(module, entry);
  if (program.too_big)
    return give_up(profile, "the kernel is too big or jumps through a table without targets");
  if (program.nodes.empty()) {
    profile.complete_writes = profile.complete_reads = true;
    return;
  }
  const auto late = [&] { return Clock::now() > deadline; };
  const Cfg cfg(program);
  if (late()) return give_up(profile, "the analysis took too long");
  const Ssa ssa = build_ssa(program, cfg);
  if (late()) return give_up(profile, "the analysis took too long");
  ValueAnalysis values(program, cfg, ssa, deadline);
  if (values.timed_out()) return give_up(profile, "the analysis took too long");
  const Elements elements(program, cfg, ssa, values, deadline);
  const Hazards hazards = find_hazards(program, cfg, ssa, deadline);
  const std::vector<Intent> intent = find_intent(program, cfg, ssa, deadline);
  const std::vector<Path> paths = find_paths(program, cfg);
  if (late()) return give_up(profile, "the analysis took too long");

  const KernelFacts facts{program, cfg, values, paths, elements, hazards, intent};
  FoundAccesses found = find_accesses(facts);
  merge(found.writes);
  merge(found.reads);
  add_conditions(facts, found.writes, profile.writes);
  add_conditions(facts, found.reads, profile.reads);
  profile.tensor_stores = std::move(found.tensor_stores);
  profile.tensor_loads = std::move(found.tensor_loads);
  profile.complete_writes = found.complete_writes;
  profile.complete_reads = found.complete_reads;
  profile.publishes = found.publishes;
  profile.unknown = std::move(found.unknown);
  profile.hazards = hazards.of_kernel;
  profile.optimiser_like = looks_like_optimiser(profile);
  if (late()) give_up(profile, "the analysis took too long");
}

}  // namespace

unsigned size_of(ElementType type) {
  switch (type) {
    case ElementType::e4m3:
    case ElementType::e5m2:
      return 1;
    case ElementType::f16:
    case ElementType::bf16:
      return 2;
    case ElementType::f32:
      return 4;
    case ElementType::f64:
      return 8;
    default:
      return 0;
  }
}

const char* name_of(ElementType type) {
  static constexpr const char* kNames[] = {"unknown", "f16",  "bf16", "f32",
                                           "f64",     "e4m3", "e5m2", "integer"};
  return kNames[static_cast<size_t>(type)];
}

std::vector<KernelProfile> profile_ptx(const image::ptx::Module& module, unsigned budget_ms) {
  std::vector<KernelProfile> profiles;
  for (const image::ptx::Function& f : module.functions) {
    if (!f.is_entry || f.is_declaration) continue;
    KernelProfile& profile = profiles.emplace_back();
    profile.name = f.name;
    profile.param_bytes = f.param_bytes;
    for (const image::ptx::Variable& p : f.params) {
      profile.params.push_back(p);
      profile.params.back().name = {};  // the profile outlives the module's text
    }
    analyse(module, f, Clock::now() + std::chrono::milliseconds(budget_ms), profile);
  }
  return profiles;
}

}  // namespace nonans::analyze
