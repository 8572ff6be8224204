// SPDX-License-Identifier: MIT
#include "memory/buffer_tree.hpp"

#include <algorithm>
#include <utility>

namespace nonans::memory::tree {
namespace {

// A child with fewer entries joins its neighbour when both fit well into one node; without this,
// freeing most of a million buffers would leave a million nearly empty leaves.
constexpr uint32_t kSparse = kFanout / 4;
constexpr uint32_t kJoinLimit = kFanout * 3 / 4;

const Inner& inner(const Node* node) {
  return *static_cast<const Inner*>(node);
}
const Leaf& leaf(const Node* node) {
  return *static_cast<const Leaf*>(node);
}

// Index of the last key <= address, or -1. Without a branch on what is compared and without waiting
// for one key to know which is next: addresses come in no order, so that a guess is wrong half of
// the time, and among many buffers each line of the node may have to be fetched. Unused keys are
// above every address, but for the last address there is.
int32_t last_at_or_below(const Node* node, uint64_t address) noexcept {
  constexpr uint32_t kGroup = 8;
  uint32_t group = 0;
  for (uint32_t i = kGroup; i < kFanout; i += kGroup) group += node->keys[i] <= address;
  const uint64_t* keys = node->keys + group * kGroup;
  uint32_t below = group * kGroup;
  for (uint32_t i = 0; i < kGroup; ++i) below += keys[i] <= address;
  return static_cast<int32_t>(std::min(below, node->count)) - 1;
}

void copy_entry(Leaf& to, uint32_t at, const Leaf& from, uint32_t i) {
  to.keys[at] = from.keys[i];
  to.rows[at] = from.rows[i];
}
void copy_entry(Inner& to, uint32_t at, const Inner& from, uint32_t i) {
  to.keys[at] = from.keys[i];
  to.children[at] = from.children[i];
}

void set_entry(Leaf& to, uint32_t at, const Buffer& buffer) {
  to.keys[at] = buffer.base;
  to.rows[at] = {.size = buffer.size,
                 .context = buffer.context,
                 .generation = buffer.generation,
                 .owner = buffer.owner,
                 .device = buffer.device,
                 .kind = buffer.kind,
                 .sharing = buffer.sharing,
                 .owner_sharing = buffer.owner_sharing};
}
void set_entry(Inner& to, uint32_t at, const Node* child) {
  to.keys[at] = child->keys[0];
  to.children[at] = child;
}

// A new node with the entries [first, last) of `from`.
template <typename N>
N* slice(const N& from, uint32_t first, uint32_t last) {
  N* made = new N;
  made->height = from.height;
  for (uint32_t i = first; i < last; ++i) copy_entry(*made, made->count++, from, i);
  return made;
}

template <typename N, typename Entry>
void put(N& node, uint32_t at, const Entry& entry) {
  for (uint32_t i = node.count; i > at; --i) copy_entry(node, i, node, i - 1);
  set_entry(node, at, entry);
  ++node.count;
}

template <typename N>
void drop(N& node, uint32_t at) {
  for (uint32_t i = at; i + 1 < node.count; ++i) copy_entry(node, i, node, i + 1);
  node.keys[--node.count] = kUnused;
}

using Pair =
    std::pair<const Node*, const Node*>;  // second: the new right neighbour after a split, or null

// A copy of `node` with `entry` at `at`, in two halves if it was full.
template <typename N, typename Entry>
Pair with_entry(const N& node, uint32_t at, const Entry& entry) {
  if (node.count < kFanout) {
    N* made = slice(node, 0, node.count);
    put(*made, at, entry);
    return {made, nullptr};
  }
  // Ascending addresses are the common case: fill nodes when the new entry is the last one.
  const uint32_t middle = at == kFanout ? kFanout : kFanout / 2;
  N* left = slice(node, 0, middle);
  N* right = slice(node, middle, kFanout);
  if (at >= middle)
    put(*right, at - middle, entry);
  else
    put(*left, at, entry);
  return {left, right};
}

Pair insert_below(const Node* node, const Buffer& buffer, Retired& retired) {
  retired.push_back(node);
  const int32_t i = last_at_or_below(node, buffer.base);
  if (node->height == 0) return with_entry(leaf(node), static_cast<uint32_t>(i + 1), buffer);
  const uint32_t child = static_cast<uint32_t>(std::max(i, 0));
  const auto [left, right] = insert_below(inner(node).children[child], buffer, retired);
  if (!right) {
    Inner* made = slice(inner(node), 0, node->count);
    set_entry(*made, child, left);
    return {made, nullptr};
  }
  Inner replaced = inner(node);
  set_entry(replaced, child, left);
  return with_entry(replaced, child + 1, right);
}

template <typename N>
const Node* joined(const N& left, const N& right) {
  N* made = slice(left, 0, left.count);
  for (uint32_t i = 0; i < right.count; ++i) copy_entry(*made, made->count++, right, i);
  return made;
}

// Joins child `at` of `node` with its right neighbour if one of them is sparse and both fit.
void join_if_sparse(Inner& node, uint32_t at, Retired& retired) {
  if (at + 1 >= node.count) return;
  const Node* left = node.children[at];
  const Node* right = node.children[at + 1];
  if (std::min(left->count, right->count) >= kSparse || left->count + right->count > kJoinLimit)
    return;
  retired.push_back(left);
  retired.push_back(right);
  const Node* both =
      left->height == 0 ? joined(leaf(left), leaf(right)) : joined(inner(left), inner(right));
  set_entry(node, at, both);
  drop(node, at + 1);
}

// Null when nothing is left below.
const Node* erase_below(const Node* node, uint64_t base, Retired& retired) {
  retired.push_back(node);
  const uint32_t i = static_cast<uint32_t>(last_at_or_below(node, base));
  if (node->height == 0) {
    if (node->count == 1) return nullptr;
    Leaf* made = slice(leaf(node), 0, node->count);
    drop(*made, i);
    return made;
  }
  const Node* child = erase_below(inner(node).children[i], base, retired);
  if (!child && node->count == 1) return nullptr;
  Inner* made = slice(inner(node), 0, node->count);
  if (child) {
    set_entry(*made, i, child);
    join_if_sparse(*made, i, retired);
    if (i > 0) join_if_sparse(*made, i - 1, retired);
  } else {
    drop(*made, i);
  }
  return made;
}

}  // namespace

const Node* insert(const Node* root, const Buffer& buffer, Retired& retired) {
  if (!root) {
    Leaf* made = new Leaf;
    put(*made, 0, buffer);
    return made;
  }
  const auto [left, right] = insert_below(root, buffer, retired);
  if (!right) return left;
  Inner* made = new Inner;
  made->height = left->height + 1;
  put(*made, 0, left);
  put(*made, 1, right);
  return made;
}

const Node* erase(const Node* root, uint64_t base, Retired& retired) {
  const Node* next = erase_below(root, base, retired);
  while (next && next->height > 0 && next->count == 1) {
    retired.push_back(next);
    next = inner(next).children[0];
  }
  return next;
}

const Node* replace(const Node* node, const Buffer& buffer, Retired& retired) {
  retired.push_back(node);
  const uint32_t i = static_cast<uint32_t>(last_at_or_below(node, buffer.base));
  if (node->height == 0) {
    Leaf* made = slice(leaf(node), 0, node->count);
    set_entry(*made, i, buffer);
    return made;
  }
  const Node* child = replace(inner(node).children[i], buffer, retired);
  Inner* made = slice(inner(node), 0, node->count);
  set_entry(*made, i, child);
  return made;
}

const Node* build(const std::vector<Buffer>& sorted) {
  // Three quarters full: the next insertions split nothing.
  constexpr uint32_t kFill = kFanout * 3 / 4;
  std::vector<const Node*> level;
  for (size_t i = 0; i < sorted.size();) {
    Leaf* made = new Leaf;
    while (i < sorted.size() && made->count < kFill) put(*made, made->count, sorted[i++]);
    level.push_back(made);
  }
  while (level.size() > 1) {
    std::vector<const Node*> parents;
    for (size_t i = 0; i < level.size();) {
      Inner* made = new Inner;
      made->height = level[i]->height + 1;
      while (i < level.size() && made->count < kFill) put(*made, made->count, level[i++]);
      parents.push_back(made);
    }
    level = std::move(parents);
  }
  return level.empty() ? nullptr : level[0];
}

bool at_or_below(const Node* node, uint64_t address, Buffer& out) noexcept {
  if (!node) return false;
  for (;;) {
    const int32_t i = last_at_or_below(node, address);
    if (i < 0) return false;
    if (node->height == 0) {
      out = leaf(node).at(static_cast<uint32_t>(i));
      return true;
    }
    node = inner(node).children[i];
  }
}

bool above(const Node* node, uint64_t address, Buffer& out) noexcept {
  // The lowest key beyond the address on the way down is where the successor stands if the leaf has
  // none.
  const Node* later = nullptr;
  while (node && node->height > 0) {
    const int32_t i = last_at_or_below(node, address);
    const uint32_t next = static_cast<uint32_t>(i + 1);
    if (next < node->count) later = inner(node).children[next];
    node = i < 0 ? nullptr : inner(node).children[i];
  }
  if (node) {
    const uint32_t next = static_cast<uint32_t>(last_at_or_below(node, address) + 1);
    if (next < node->count) {
      out = leaf(node).at(next);
      return true;
    }
  }
  if (!later) return false;
  while (later->height > 0) later = inner(later).children[0];
  out = leaf(later).at(0);
  return true;
}

void collect(const Node* node, std::vector<Buffer>& out) {
  if (!node) return;
  for (uint32_t i = 0; i < node->count; ++i) {
    if (node->height == 0)
      out.push_back(leaf(node).at(i));
    else
      collect(inner(node).children[i], out);
  }
}

void retire_all(const Node* node, Retired& retired) {
  if (!node) return;
  retired.push_back(node);
  if (node->height == 0) return;
  for (uint32_t i = 0; i < node->count; ++i) retire_all(inner(node).children[i], retired);
}

size_t bytes_of(const Node* node) noexcept {
  if (!node) return 0;
  if (node->height == 0) return sizeof(Leaf);
  size_t sum = sizeof(Inner);
  for (uint32_t i = 0; i < node->count; ++i) sum += bytes_of(inner(node).children[i]);
  return sum;
}

void destroy(const Node* node) noexcept {
  if (node->height == 0)
    delete static_cast<const Leaf*>(node);
  else
    delete static_cast<const Inner*>(node);
}

void destroy_all(const Node* node) noexcept {
  if (!node) return;
  if (node->height > 0)
    for (uint32_t i = 0; i < node->count; ++i) destroy_all(inner(node).children[i]);
  destroy(node);
}

}  // namespace nonans::memory::tree
