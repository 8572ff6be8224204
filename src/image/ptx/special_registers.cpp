// SPDX-License-Identifier: MIT
#include "image/ptx/special_registers.hpp"

#include <algorithm>
#include <array>

namespace nonans::image::ptx {
namespace {

constexpr std::array<std::string_view, 8> kVectors = {
    "%tid",       "%ntid",       "%ctaid",         "%nctaid",
    "%clusterid", "%nclusterid", "%cluster_ctaid", "%cluster_nctaid",
};

constexpr std::array<std::string_view, 29> kScalars = {
    "%laneid",
    "%warpid",
    "%nwarpid",
    "%smid",
    "%nsmid",
    "%gridid",
    "%is_explicit_cluster",
    "%cluster_ctarank",
    "%cluster_nctarank",
    "%lanemask_eq",
    "%lanemask_le",
    "%lanemask_lt",
    "%lanemask_ge",
    "%lanemask_gt",
    "%clock",
    "%clock_hi",
    "%clock64",
    "%globaltimer",
    "%globaltimer_lo",
    "%globaltimer_hi",
    "%total_smem_size",
    "%aggr_smem_size",
    "%dynamic_smem_size",
    "%current_graph_exec",
    "%reserved_smem_offset_begin",
    "%reserved_smem_offset_end",
    "%reserved_smem_offset_cap",
    "%reserved_smem_offset_0",
    "%reserved_smem_offset_1",
};

// name = stem + number below `count` without leading zeros + tail
bool is_numbered(std::string_view name, std::string_view stem, unsigned count,
                 std::string_view tail) {
  if (!name.starts_with(stem) || !name.ends_with(tail)) return false;
  if (name.size() <= stem.size() + tail.size()) return false;
  name.remove_prefix(stem.size());
  name.remove_suffix(tail.size());
  if (name.size() > 2 || (name.size() == 2 && name[0] == '0')) return false;
  unsigned value = 0;
  for (char c : name) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value < count;
}

}  // namespace

bool has_components(std::string_view special_register) {
  return std::find(kVectors.begin(), kVectors.end(), special_register) != kVectors.end();
}

bool is_special_register(std::string_view name) {
  if (name.empty() || name[0] != '%') return false;
  return has_components(name) ||
         std::find(kScalars.begin(), kScalars.end(), name) != kScalars.end() ||
         is_numbered(name, "%envreg", 32, "") || is_numbered(name, "%pm", 8, "") ||
         is_numbered(name, "%pm", 8, "_64");
}

}  // namespace nonans::image::ptx
