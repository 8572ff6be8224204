// SPDX-License-Identifier: MIT
// A B-tree of buffers that is never changed, only replaced along one path.
//
//   Retired old;
//   const Node* next = tree::insert(root, buffer, old);   // shares all nodes but the path with
//   `root` …publish next; free `old` when no reader is left…
//
// Why: a launch hook looks addresses up while other threads allocate. A reader that has loaded a
// root sees one consistent registry for as long as it wants, without a lock. A change copies the
// nodes from the root to one leaf: with 32 entries a node that is 4 or 5 nodes and about 4 KiB at a
// million buffers, about a microsecond.
//
// Node layout: `keys[i]` is the lowest base address below entry i; keys ascend. A leaf (height 0)
// holds the buffers themselves. Ranges never overlap (BufferRegistry sees to it), so the last key
// <= address names the only candidate.
#pragma once

#include <cstdint>
#include <vector>

#include "memory/buffer_registry.hpp"

namespace nonans::memory::tree {

inline constexpr uint32_t kFanout = 32;

struct Node {
  uint32_t height = 0;
  uint32_t count = 0;
  uint64_t keys[kFanout] = {};
};
struct Inner : Node {
  const Node* children[kFanout] = {};
};
struct Leaf : Node {
  uint64_t sizes[kFanout] = {};
  uint64_t contexts[kFanout] = {};
  uint64_t generations[kFanout] = {};
  uint64_t owners[kFanout] = {};
  int32_t devices[kFanout] = {};
  BufferKind kinds[kFanout] = {};
  Sharing sharings[kFanout] = {};
  Sharing owner_sharings[kFanout] = {};

  Buffer at(uint32_t i) const {
    return {.base = keys[i],
            .size = sizes[i],
            .kind = kinds[i],
            .context = contexts[i],
            .device = devices[i],
            .generation = generations[i],
            .owner = owners[i],
            .sharing = sharings[i],
            .owner_sharing = owner_sharings[i]};
  }
};

// `retired` gets the nodes that fell out of the tree; the caller frees them with destroy().
// All of these may throw std::bad_alloc; the tree under `root` stays whole then, and `retired`
// means nothing.
const Node* insert(const Node* root, const Buffer& buffer,
                   Retired& retired);                                  // base not in the tree
const Node* erase(const Node* root, uint64_t base, Retired& retired);  // base in the tree
const Node* replace(const Node* root, const Buffer& buffer,
                    Retired& retired);  // its base in the tree
const Node* build(const std::vector<Buffer>& sorted);

// The range with the highest base <= address, or the lowest base > address. False if there is none.
bool at_or_below(const Node* root, uint64_t address, Buffer& out) noexcept;
bool above(const Node* root, uint64_t address, Buffer& out) noexcept;

void collect(const Node* root, std::vector<Buffer>& out);
void retire_all(const Node* root, Retired& retired);
size_t bytes_of(const Node* root) noexcept;   // of all nodes
void destroy(const Node* node) noexcept;      // one node
void destroy_all(const Node* root) noexcept;  // the whole tree

}  // namespace nonans::memory::tree
