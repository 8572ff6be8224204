// SPDX-License-Identifier: MIT
#include "analyze/cfg.hpp"

#include <algorithm>

namespace nonans::analyze {
namespace {

// Post-order of a graph from `root`, without recursion: hostile code nests as deep as it likes.
template <typename Successors>
std::vector<uint32_t> post_order(uint32_t root, size_t count, Successors successors) {
  std::vector<uint32_t> result;
  std::vector<bool> seen(count);
  std::vector<std::pair<uint32_t, size_t>> stack{{root, 0}};
  seen[root] = true;
  while (!stack.empty()) {
    auto& [block, next] = stack.back();
    const auto& list = successors(block);
    if (next == list.size()) {
      result.push_back(block);
      stack.pop_back();
      continue;
    }
    const uint32_t to = list[next++];
    if (!seen[to]) {
      seen[to] = true;
      stack.emplace_back(to, 0);
    }
  }
  return result;
}

// Walks both up the tree until they meet; `rank` falls towards the root.
uint32_t meet(uint32_t a, uint32_t b, const std::vector<uint32_t>& parent,
              const std::vector<uint32_t>& rank) {
  while (a != b) {
    while (rank[a] > rank[b]) a = parent[a];
    while (rank[b] > rank[a]) b = parent[b];
  }
  return a;
}

// Immediate dominators over blocks in reverse post-order; `predecessors(b)` lists them.
template <typename Predecessors>
std::vector<uint32_t> dominator_tree(const std::vector<uint32_t>& order,
                                     const std::vector<uint32_t>& rank, Predecessors predecessors) {
  std::vector<uint32_t> parent(rank.size(), kNone);
  const uint32_t root = order.front();
  parent[root] = root;
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 1; i < order.size(); ++i) {
      uint32_t best = kNone;
      for (uint32_t p : predecessors(order[i])) {
        if (rank[p] == kNone || parent[p] == kNone) continue;
        best = best == kNone ? p : meet(p, best, parent, rank);
      }
      if (best != kNone && parent[order[i]] != best) {
        parent[order[i]] = best;
        changed = true;
      }
    }
  }
  parent[root] = kNone;
  return parent;
}

}  // namespace

Cfg::Cfg(const Program& program) {
  split(program);
  order_blocks();
  find_dominators();
  find_postdominators();
  find_loops();
}

void Cfg::split(const Program& program) {
  const size_t n = program.nodes.size();
  std::vector<bool> leader(n + 1);
  leader[0] = true;
  for (size_t i = 0; i < n; ++i) {
    const Node& node = program.nodes[i];
    if (node.flow == Flow::next) continue;
    leader[i + 1] = true;
    for (uint32_t t : node.targets)
      if (t < n) leader[t] = true;
  }
  block_of.resize(n);
  for (size_t i = 0; i < n; ++i) {
    if (leader[i]) blocks.emplace_back().first = static_cast<uint32_t>(i);
    block_of[i] = static_cast<uint32_t>(blocks.size() - 1);
    blocks.back().last = static_cast<uint32_t>(i + 1);
  }
  blocks.emplace_back();
  blocks.back().first = blocks.back().last = static_cast<uint32_t>(n);

  const auto block_at = [&](uint32_t node) { return node < n ? block_of[node] : exit(); };
  for (uint32_t b = 0; b + 1 < blocks.size(); ++b) {
    const Node& node = program.nodes[blocks[b].last - 1];
    auto& out = blocks[b].successors;
    const uint32_t next = block_at(blocks[b].last);
    switch (node.flow) {
      case Flow::next:
        out.push_back({next, Edge::When::always});
        break;
      case Flow::jump:
      case Flow::exit:
        for (uint32_t t : node.targets) out.push_back({block_at(t), Edge::When::always});
        if (node.targets.empty()) out.push_back({exit(), Edge::When::unknown});
        break;
      case Flow::branch: {
        const bool known = node.branch_reg != kNone;
        for (uint32_t t : node.targets)
          out.push_back({block_at(t), known ? Edge::When::taken : Edge::When::unknown});
        if (known) out.push_back({next, Edge::When::not_taken});
        if (known && out.size() == 2 && out[0].to == out[1].to) out = {{next, Edge::When::always}};
        break;
      }
      case Flow::stop:
        break;
    }
    std::vector<uint32_t> seen;  // a block enters each list once
    for (const Edge& e : out)
      if (std::find(seen.begin(), seen.end(), e.to) == seen.end()) {
        seen.push_back(e.to);
        blocks[e.to].predecessors.push_back(b);
      }
  }
}

void Cfg::order_blocks() {
  std::vector<std::vector<uint32_t>> next(blocks.size());
  for (size_t b = 0; b < blocks.size(); ++b)
    for (const Edge& e : blocks[b].successors) next[b].push_back(e.to);
  order = post_order(0, blocks.size(),
                     [&](uint32_t b) -> const std::vector<uint32_t>& { return next[b]; });
  std::reverse(order.begin(), order.end());
  for (size_t i = 0; i < order.size(); ++i) blocks[order[i]].order = static_cast<uint32_t>(i);
  for (uint32_t b : order)
    for (uint32_t p : blocks[b].predecessors)
      if (blocks[p].order != kNone && blocks[p].order >= blocks[b].order)
        blocks[b].retreating_in = true;
}

void Cfg::find_dominators() {
  std::vector<uint32_t> rank(blocks.size());
  for (size_t b = 0; b < blocks.size(); ++b) rank[b] = blocks[b].order;
  const auto parent = dominator_tree(order, rank, [&](uint32_t b) -> const std::vector<uint32_t>& {
    return blocks[b].predecessors;
  });
  for (size_t b = 0; b < blocks.size(); ++b) blocks[b].dominator = parent[b];
}

void Cfg::find_postdominators() {
  std::vector<std::vector<uint32_t>> next(blocks.size());
  for (size_t b = 0; b < blocks.size(); ++b)
    if (blocks[b].order != kNone)
      for (const Edge& e : blocks[b].successors) next[b].push_back(e.to);
  auto reversed = post_order(
      exit(), blocks.size(),
      [&](uint32_t b) -> const std::vector<uint32_t>& { return blocks[b].predecessors; });
  std::reverse(reversed.begin(), reversed.end());
  post_order_.assign(blocks.size(), kNone);
  for (size_t i = 0; i < reversed.size(); ++i) post_order_[reversed[i]] = static_cast<uint32_t>(i);
  const auto parent = dominator_tree(
      reversed, post_order_, [&](uint32_t b) -> const std::vector<uint32_t>& { return next[b]; });
  for (size_t b = 0; b < blocks.size(); ++b) blocks[b].postdominator = parent[b];
}

void Cfg::find_loops() {
  for (uint32_t header : order) {
    if (!blocks[header].retreating_in) continue;
    // Everything that reaches a retreating edge into the header without passing it.
    std::vector<bool> inside(blocks.size());
    std::vector<uint32_t> work;
    inside[header] = true;
    for (uint32_t p : blocks[header].predecessors)
      if (blocks[p].order != kNone && blocks[p].order >= blocks[header].order && !inside[p]) {
        inside[p] = true;
        work.push_back(p);
      }
    while (!work.empty()) {
      const uint32_t b = work.back();
      work.pop_back();
      if (!dominates(header, b)) continue;
      for (uint32_t p : blocks[b].predecessors)
        if (blocks[p].order != kNone && !inside[p]) {
          inside[p] = true;
          work.push_back(p);
        }
    }
    for (size_t b = 0; b < blocks.size(); ++b)
      if (inside[b]) ++blocks[b].loop_depth;
    loops_[header] = std::move(inside);
  }
}

bool Cfg::in_loop(uint32_t header, uint32_t b) const {
  const auto loop = loops_.find(header);
  return loop != loops_.end() && loop->second[b];
}

bool Cfg::dominates(uint32_t a, uint32_t b) const {
  while (b != kNone && blocks[b].order > blocks[a].order) b = blocks[b].dominator;
  return a == b;
}

bool Cfg::postdominates(uint32_t a, uint32_t b) const {
  if (post_order_[a] == kNone || post_order_[b] == kNone) return false;
  while (b != kNone && post_order_[b] > post_order_[a]) b = blocks[b].postdominator;
  return a == b;
}

}  // namespace nonans::analyze
