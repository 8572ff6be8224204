// SPDX-License-Identifier: MIT
// What an access needs to know of the loops and derived numbers its polynomials mention.
//
// The counter j of a loop counts finished iterations. For an iteration j ≥ 1 the branch back to the
// head was taken at the end of iteration j - 1; so the condition of that branch, written for j - 1,
// holds for every j ≥ 1 that runs. nvcc turns `for (i = g; i < n; i += s)` into  if (g < n) do { …
// } while ((i += s) < n)  : the condition of the branch written for j - 1 is g + j*s < n, and for j
// = 0 it is the guard before the loop. Then, and where the body is one straight piece that ends the
// loop itself, the iterations are exactly the j ≥ 0 with g + j*s < n.
#pragma once

#include "analyze/access.hpp"

namespace nonans::analyze {

// Renumbers the symbols of `found`, whose conditions are complete, and fills its loops and derived
// numbers. Where a loop has no usable condition the offset becomes unknown.
void attach_loops(const KernelFacts& facts, FoundAccess& found);

}  // namespace nonans::analyze
