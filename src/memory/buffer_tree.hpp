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

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include "memory/buffer_registry.hpp"

namespace nonans::memory::tree {

inline constexpr uint32_t kFanout = 32;

inline constexpr uint64_t kUnused = UINT64_MAX;

struct alignas(64) Node {
  uint32_t height = 0;
  uint32_t count = 0;
  uint64_t keys[kFanout];  // from count on: kUnused

  Node() { std::fill(std::begin(keys), std::end(keys), kUnused); }
};
struct Inner : Node {
  const Node* children[kFanout] = {};
};
// What is read of one entry lies together: a look-up among a million buffers finds nothing in the
// cache, and each line that it has to fetch costs as much as all of its instructions.
struct Leaf : Node {
  struct Row {
    uint64_t size = 0;
    uint64_t context = 0;
    uint64_t generation = 0;
    uint64_t owner = 0;
    int32_t device = 0;
    BufferKind kind = {};
    Sharing sharing = {};
    Sharing owner_sharing = {};
  };
  Row rows[kFanout] = {};

  Buffer at(uint32_t i) const {
    const Row& row = rows[i];
    return {.base = keys[i],
            .size = row.size,
            .kind = row.kind,
            .context = row.context,
            .device = row.device,
            .generation = row.generation,
            .owner = row.owner,
            .sharing = row.sharing,
            .owner_sharing = row.owner_sharing};
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
