// SPDX-License-Identifier: MIT
#include "layout.hpp"

#include <algorithm>

namespace softgpu::engine {
namespace {

using Kind = ptx::Operand::Kind;

bool ends_block(const ptx::Instruction& i) {
  return i.op == "bra" || i.op == "brx" || i.op == "ret" || i.op == "exit" || i.op == "trap";
}

std::vector<u32> targets_of(const ptx::Function& function, const ptx::Instruction& instruction) {
  std::vector<u32> targets;
  if (instruction.op != "bra" && instruction.op != "brx") return targets;
  for (const ptx::Operand& operand : instruction.operands) {
    if (operand.kind == Kind::label) targets.push_back(operand.target);
    if (operand.kind == Kind::symbol && operand.target < function.target_lists.size()) {
      const auto& list = function.target_lists[operand.target].targets;
      targets.insert(targets.end(), list.begin(), list.end());
    }
  }
  return targets;
}

std::vector<BasicBlock> find_blocks(const ptx::Function& function) {
  const u32 count = static_cast<u32>(function.body.size());
  std::vector<bool> leader(count + 1, false);
  leader[0] = true;
  leader[count] = true;  // room for a label at the very end; what falls off the end returns
  for (u32 i = 0; i < count; ++i) {
    for (u32 target : targets_of(function, function.body[i]))
      leader[std::min(target, count)] = true;
    if (ends_block(function.body[i])) leader[i + 1] = true;
  }
  std::vector<BasicBlock> blocks;
  std::vector<u32> block_at(count + 1, 0);
  for (u32 i = 0; i <= count; ++i) {
    if (leader[i]) {
      if (!blocks.empty()) blocks.back().end = i;
      blocks.push_back({i, i, false, {}});
    }
    block_at[i] = static_cast<u32>(blocks.size() - 1);
  }
  blocks.back().end = count;
  for (u32 b = 0; b < blocks.size(); ++b) {
    BasicBlock& block = blocks[b];
    if (block.begin == block.end) continue;
    const ptx::Instruction& last = function.body[block.end - 1];
    block.falls_through = !ends_block(last) || last.guard.present;
    for (u32 target : targets_of(function, last)) {
      block.successors.push_back(block_at[std::min(target, count)]);
    }
    if (block.falls_through) block.successors.push_back(b + 1);
    std::sort(block.successors.begin(), block.successors.end(), std::greater<>());
    block.successors.erase(std::unique(block.successors.begin(), block.successors.end()),
                           block.successors.end());
  }
  return blocks;
}

// Depth-first walk without recursion: calls `back_edge` for each, gives the post-order.
template <class F>
std::vector<u32> walk(const std::vector<BasicBlock>& blocks, F back_edge) {
  enum : u8 { unseen, open, done };
  std::vector<u8> state(blocks.size(), unseen);
  std::vector<std::pair<u32, size_t>> stack{{0, 0}};
  std::vector<u32> post;
  state[0] = open;
  while (!stack.empty()) {
    auto& [block, next] = stack.back();
    if (next == blocks[block].successors.size()) {
      state[block] = done;
      post.push_back(block);
      stack.pop_back();
      continue;
    }
    const u32 successor = blocks[block].successors[next++];
    if (state[successor] == open) back_edge(block, successor);
    if (state[successor] == unseen) {
      state[successor] = open;
      stack.push_back({successor, 0});
    }
  }
  return post;
}

// The natural loops: for each header, the blocks that reach a back edge to it without passing it.
std::vector<std::vector<bool>> find_loops(const std::vector<BasicBlock>& blocks) {
  std::vector<std::vector<u32>> tails(blocks.size());
  walk(blocks, [&](u32 from, u32 to) { tails[to].push_back(from); });
  std::vector<std::vector<u32>> predecessors(blocks.size());
  for (u32 b = 0; b < blocks.size(); ++b) {
    for (u32 s : blocks[b].successors) predecessors[s].push_back(b);
  }
  std::vector<std::vector<bool>> loops;
  for (u32 header = 0; header < blocks.size(); ++header) {
    if (tails[header].empty()) continue;
    std::vector<bool> in(blocks.size(), false);
    in[header] = true;
    std::vector<u32> todo = tails[header];
    while (!todo.empty()) {
      const u32 block = todo.back();
      todo.pop_back();
      if (in[block]) continue;
      in[block] = true;
      todo.insert(todo.end(), predecessors[block].begin(), predecessors[block].end());
    }
    loops.push_back(std::move(in));
  }
  return loops;
}

}  // namespace

Layout lay_out(const ptx::Function& function) {
  Layout layout{find_blocks(function), {}};
  std::vector<BasicBlock>& blocks = layout.blocks;
  const std::vector<std::vector<bool>> loops = find_loops(blocks);
  for (u32 b = 0; b < blocks.size(); ++b) {
    const auto loops_left = [&](u32 successor) {
      return std::count_if(loops.begin(), loops.end(),
                           [&](const auto& loop) { return loop[b] && !loop[successor]; });
    };
    std::stable_sort(blocks[b].successors.begin(), blocks[b].successors.end(),
                     [&](u32 x, u32 y) { return loops_left(x) > loops_left(y); });
  }
  layout.order = walk(blocks, [](u32, u32) {});
  std::reverse(layout.order.begin(), layout.order.end());
  std::vector<bool> placed(blocks.size(), false);
  for (u32 b : layout.order) placed[b] = true;
  for (u32 b = 0; b < blocks.size(); ++b) {
    if (!placed[b]) layout.order.push_back(b);
  }
  return layout;
}

}  // namespace softgpu::engine
