// SPDX-License-Identifier: MIT
// Basic blocks of a Program, dominators, post-dominators, loops.
//
// Post-dominance stands on one fact about kernels: what is asked is which bytes a *finished* launch
// wrote. A loop that never ends, or a trap, is no way to the end of the thread, so it does not
// count as a path: a store behind a loop is as unconditional as the loop itself. Source: Cooper,
// Harvey, Kennedy, "A Simple, Fast Dominance Algorithm" (2001).
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "analyze/program.hpp"

namespace nonans::analyze {

struct Edge {
  uint32_t to = kNone;
  enum class When : uint8_t { always, taken, not_taken, unknown } when = When::always;
};

struct Block {
  uint32_t first = 0, last = 0;  // nodes [first, last)
  std::vector<Edge> successors;
  std::vector<uint32_t> predecessors;
  uint32_t order = kNone;          // position in reverse post-order; kNone: not reachable
  uint32_t dominator = kNone;      // immediate; kNone for the entry
  uint32_t postdominator = kNone;  // immediate; kNone where no path leads to the exit
  uint32_t loop_depth = 0;
  bool retreating_in = false;  // some edge into it comes from a block at or behind it in the order
};

class Cfg {
 public:
  explicit Cfg(const Program& program);

  std::vector<Block> blocks;       // the last one is the exit: no nodes
  std::vector<uint32_t> order;     // reachable blocks in reverse post-order
  std::vector<uint32_t> block_of;  // per node
  uint32_t exit() const { return static_cast<uint32_t>(blocks.size()) - 1; }

  bool in_loop(uint32_t header, uint32_t b) const;   // the header itself is
  bool dominates(uint32_t a, uint32_t b) const;      // reflexive
  bool postdominates(uint32_t a, uint32_t b) const;  // reflexive; false where b never ends

 private:
  void split(const Program& program);
  void order_blocks();
  void find_dominators();
  void find_postdominators();
  void find_loops();

  std::map<uint32_t, std::vector<bool>> loops_;  // by header: which blocks are inside
  std::vector<uint32_t>
      post_order_;  // of the reversed graph: position per block, kNone = not reached
};

}  // namespace nonans::analyze
