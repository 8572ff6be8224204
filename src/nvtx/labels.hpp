// SPDX-License-Identifier: MIT
// What the program calls the work at hand: the names of its open NVTX ranges, as a small number
// that fits into a scan's parameters.
//
//   nvtxRangePushA("layer3"); nvtxRangePushA("softmax");         // the application
//   scan.label = nvtx::current_label();                          // launch hook
//   label_text(record.label) == "layer3 / softmax"               // drain thread, later
//
// Names are unbounded (a range per step, sequence numbers in operator names) while a launch may not
// allocate and a record is small. So labels live in a cache of fixed size: one that has not been
// asked for in a while makes room for new text, and its old number is then nobody's. A number is
// thus good for "soon", which is what the drain needs; what is replayed for ever asks for
// lasting_label().
//
// 0 is no label: no range is open on this thread, or no room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nonans::nvtx {

// Of the calling thread. No lock, no allocation, no system call. [launch]
uint32_t current_label() noexcept;
// The same for a node of a graph: its number stays good, as long as there is room (three quarters
// of the cache may last). [launch]
uint32_t lasting_label() noexcept;

// "outer / inner"; empty for 0, for a number that was given up, and for one that was never given.
// Any thread; may throw std::bad_alloc.
std::string label_text(uint32_t label);

// What separates the names of a label's ranges.
inline constexpr std::string_view kLabelSeparator = " / ";

}  // namespace nonans::nvtx
