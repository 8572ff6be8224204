// SPDX-License-Identifier: MIT
#include "observe/clocks.hpp"

#include <algorithm>

namespace softgpu::observe {

Clocks::Clocks(uint32_t threads)
    : threads_(threads), epochs_((threads + 31) / 32, 1), seen_(threads) {}

void Clocks::join(std::vector<uint32_t>& into, const Clock& from) {
  if (!from) return;
  for (size_t i = 0; i < into.size(); ++i) into[i] = std::max(into[i], (*from)[i]);
}

void Clocks::give(uint32_t warp, uint32_t lanes, Clock& into) {
  auto fresh = into ? std::make_shared<std::vector<uint32_t>>(*into)
                    : std::make_shared<std::vector<uint32_t>>(threads_);
  const std::vector<uint32_t>* last = nullptr;  // lanes that met share a clock
  for (uint32_t rest = lanes; rest != 0; rest &= rest - 1) {
    const uint32_t thread = warp * 32 + static_cast<uint32_t>(__builtin_ctz(rest));
    const Clock& known = seen_[thread];
    if (known && known != into && known.get() != last) join(*fresh, known);
    last = known.get();
  }
  for (uint32_t rest = lanes; rest != 0; rest &= rest - 1) {
    (*fresh)[warp * 32 + static_cast<uint32_t>(__builtin_ctz(rest))] = epochs_[warp];
  }
  into = std::move(fresh);
  ++epochs_[warp];
}

void Clocks::take(uint32_t warp, uint32_t lanes, const Clock& from) {
  if (!from) return;
  Clock before, after;  // lanes that shared a clock share the new one
  for (uint32_t rest = lanes; rest != 0; rest &= rest - 1) {
    Clock& known = seen_[warp * 32 + static_cast<uint32_t>(__builtin_ctz(rest))];
    if (!after || known != before) {
      before = known;
      if (known && known != from) {
        auto fresh = std::make_shared<std::vector<uint32_t>>(*from);
        join(*fresh, known);
        after = std::move(fresh);
      } else {
        after = from;
      }
    }
    known = after;
  }
}

void Clocks::meet(uint32_t warp, uint32_t lanes) {
  Clock together;
  give(warp, lanes, together);
  take(warp, lanes, together);
}

}  // namespace softgpu::observe
