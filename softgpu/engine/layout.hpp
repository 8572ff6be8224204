// SPDX-License-Identifier: MIT
// The order in which basic blocks lie in memory.
//
// When the lanes of a warp part, the scheduler always runs the fragment with the smallest program
// counter. That brings lanes together again at the earliest point only if "smaller" means "earlier
// in the control flow", and if a loop's body comes before what follows the loop: lanes that left
// must wait until the last one has left.
//
//        header ──► after      A plain depth-first numbering may put `after` before `body`; then
//         │  ▲                 lanes that leave run to the end of the kernel on their own, one
//         ▼  │                 after the other, and every convergence behind the loop is lost.
//        body
//
// So: reverse post-order of a depth-first walk that visits the successor that leaves the most loops
// first (first visited = last in reverse post-order), and among equals the one that is written
// later.
#pragma once

#include <vector>

#include "code.hpp"

namespace softgpu::engine {

struct BasicBlock {
  u32 begin = 0, end = 0;       // instructions of the function's body
  bool falls_through = false;   // into the block that is written next
  std::vector<u32> successors;  // indices of blocks in the order of writing
};

struct Layout {
  std::vector<BasicBlock>
      blocks;              // in the order of writing; the last may be empty (a label at the end)
  std::vector<u32> order;  // what lies first, second …; unreachable blocks at the end
};

Layout lay_out(const ptx::Function& function);

}  // namespace softgpu::engine
