// SPDX-License-Identifier: MIT
// PTX text -> profile -> extents at a launch. Whatever the text, the analysis ends, and what it
// claims is consistent: must lies within may.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "analyze/profile.hpp"

using namespace nonans;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto module =
      image::ptx::parse(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz");
  if (!module) return 0;
  std::byte params[256];
  for (size_t i = 0; i < sizeof params; ++i)
    params[i] = static_cast<std::byte>(size ? data[i % size] ^ i : 0);
  for (const analyze::KernelProfile& profile : analyze::profile_ptx(*module)) {
    for (const auto* list : {&profile.writes, &profile.reads}) {
      for (const analyze::Access& access : *list) {
        analyze::LaunchShape shape;
        for (unsigned d = 0; d < 3; ++d) {
          std::memcpy(&shape.grid[d], params + 64 + 4 * d, 4);
          shape.block[d] = std::to_integer<uint32_t>(params[80 + d]);
        }
        shape.params = params;
        const analyze::Extent e = evaluate(access, shape);
        if (!e.must.known || e.must.rows == 0) continue;
        const uint64_t end = e.must.base + (e.must.rows - 1) * e.must.pitch + e.must.row_bytes;
        if (!e.may.known || e.must.base < e.may.begin || end > e.may.end) std::abort();
      }
    }
  }
  return 0;
}
