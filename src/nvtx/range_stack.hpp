// SPDX-License-Identifier: MIT
// The open push/pop ranges of one thread, innermost last.
//
//   RangeStack stack;
//   stack.push(domain, "layer3");   // 0: the level within the domain, which NVTX gives back
//   stack.push(domain, "softmax");  // 1
//   char text[232];
//   stack.path(text)                // "layer3 / softmax"
//   stack.pop(domain);              // 1
//
// Each NVTX domain nests by itself: a pop ends the innermost open range of its own domain, even if
// one of another domain was opened later (nvtxDomainRangePop). Names are shown in the order in
// which the ranges were opened, whatever their domain.
//
// Bounded: 256 ranges and 4 KiB of names. What is opened beyond that is counted, so that levels
// and pops stay right, and has no name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace nonans::nvtx {

class RangeStack {
 public:
  static constexpr size_t kRanges = 256;
  static constexpr size_t kBytes = 4096;
  static constexpr size_t kName = 120;  // bytes of one name that are kept

  // Level of the range, from 0, within its domain.
  int push(uint32_t domain, std::string_view name) noexcept;
  // Level of the range that ended; kNoRange if none was open in the domain.
  int pop(uint32_t domain) noexcept;
  // Outermost name first. What does not fit is left out from the outer end and shown as "…".
  std::string_view path(std::span<char> room) const noexcept;

  // The label of the path as it stands, kept by the caller; 0 after each push and pop.
  uint32_t label = 0;

  // What nvtxRangePop returns where there is nothing to pop: any negative value (nvToolsExt.h).
  static constexpr int kNoRange = -1;

 private:
  struct Range {
    uint32_t domain;
    uint16_t begin, size;  // of its name in names_
  };
  int level_above(uint32_t domain) const noexcept;

  uint32_t count_ = 0;
  uint32_t beyond_ = 0;  // opened when there was no room for them
  Range ranges_[kRanges];
  char names_[kBytes];
};

}  // namespace nonans::nvtx
