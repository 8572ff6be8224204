// SPDX-License-Identifier: MIT
#include "chapters.hpp"

#include <algorithm>
#include <array>

#include "catalogue.hpp"
#include "image/ptx/ast.hpp"

namespace softgpu::tools {
namespace {

namespace ptx = nonans::image::ptx;

struct Titled {
  std::string_view title;
  std::string_view opcodes;
};
constexpr std::array<Titled, kChapters> kTitled = {{
    {"Integer arithmetic",
     "mul24 mad24 sad div rem popc clz bfind fns brev bfe bfi bmsk szext dp4a dp2a"},
    {"Extended-precision integer arithmetic", "addc subc madc"},
    {"Floating-point arithmetic",
     "rcp sqrt rsqrt sin cos lg2 ex2 tanh copysign testp add sub mul mad fma div abs neg min max"},
    {"Half-precision arithmetic", ""},
    {"Mixed-precision arithmetic", ""},
    {"Comparison and selection", "set setp selp slct"},
    {"Logic and shift", "and or xor not cnot lop3 shf shl shr"},
    {"Data movement",
     "mov shfl prmt ld ldu st prefetch prefetchu applypriority discard createpolicy isspacep cvta "
     "mapa getctarank multimem"},
    {"Asynchronous copies", "cp"},
    {"Conversion", "cvt"},
    {"Texture and surface", "tex tld4 txq istypep suld sust sured suq"},
    {"Control flow", "bra brx call ret exit"},
    {"Parallel synchronisation and communication",
     "bar barrier membar fence atom red vote match activemask redux griddepcontrol elect mbarrier "
     "tensormap clusterlaunchcontrol"},
    {"Matrix multiply-accumulate", "wmma mma ldmatrix stmatrix movmatrix wgmma tcgen05"},
    {"Stack manipulation", "stacksave stackrestore alloca"},
    {"Video",
     "vadd vsub vabsdiff vmin vmax vshl vshr vmad vset vadd2 vsub2 vavrg2 vabsdiff2 vmin2 vmax2 "
     "vset2 vadd4 vsub4 vavrg4 vabsdiff4 vmin4 vmax4 vset4"},
    {"Miscellaneous", "brkpt nanosleep pmevent trap setmaxnreg"},
    {"Other", ""},
}};

// Described once for each kind of number.
constexpr std::string_view kDivided = "add sub mul mad fma div abs neg min max";

bool lists(std::string_view words, std::string_view word) {
  for (const std::string& each : split(words, ' ')) {
    if (each == word) return true;
  }
  return false;
}

Chapter chapter_of(ptx::Type type) {
  switch (type) {
    case ptx::Type::f32:
    case ptx::Type::f64:
    case ptx::Type::f32x2:
      return Chapter::floating;
    case ptx::Type::f16:
    case ptx::Type::f16x2:
    case ptx::Type::bf16:
    case ptx::Type::bf16x2:
      return Chapter::half;
    default:
      return Chapter::integer;
  }
}

}  // namespace

std::string_view title_of(Chapter chapter) {
  return kTitled[static_cast<unsigned>(chapter)].title;
}

std::vector<Placed> place(std::span<const std::string> tokens) {
  const std::vector<std::string> all(tokens.begin(), tokens.end());
  const std::string& op = all.front();
  if (!lists(kDivided, op)) {
    for (unsigned c = 0; c < kChapters; ++c) {
      if (lists(kTitled[c].opcodes, op)) return {{static_cast<Chapter>(c), all}};
    }
    return {{Chapter::other, all}};
  }
  if (std::find(all.begin(), all.end(), ".cc") != all.end()) return {{Chapter::extended, all}};
  // The group of types decides; two such groups make a form of mixed precision.
  size_t types = 0, group = 0;
  for (size_t i = 1; i < all.size(); ++i) {
    if (!ptx::type_from_suffix(split(all[i], '|').front())) continue;
    ++types;
    group = i;
  }
  if (types == 0) return {{Chapter::other, all}};
  if (types > 1) return {{Chapter::mixed, all}};
  std::vector<Placed> placed;
  for (Chapter chapter : {Chapter::integer, Chapter::floating, Chapter::half}) {
    std::string kept;
    for (const std::string& suffix : split(all[group], '|')) {
      if (chapter_of(ptx::type_from_suffix(suffix).value_or(ptx::Type::none)) != chapter) continue;
      kept += (kept.empty() ? "" : "|") + suffix;
    }
    if (kept.empty()) continue;
    placed.push_back({chapter, all});
    placed.back().tokens[group] = kept;
  }
  return placed;
}

}  // namespace softgpu::tools
