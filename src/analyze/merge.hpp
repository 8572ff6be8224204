// SPDX-License-Identifier: MIT
// Accesses that are one shape told once:
//   the same bytes under the same literals (or both with an unknown offset)     one of them
//   the same bytes under literals that differ in the sign of one                one, without that
//   literal neighbouring bytes under the same literals (an unrolled loop)               one, wider
// Types must agree, else the merged one has none.
#pragma once

#include <vector>

#include "analyze/access.hpp"

namespace nonans::analyze {

void merge(std::vector<FoundAccess>& accesses);

// The same for finished accesses whose offset got lost on the way.
void merge_unknown_places(std::vector<Access>& accesses);

}  // namespace nonans::analyze
