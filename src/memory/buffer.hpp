// SPDX-License-Identifier: MIT
// A live range of device memory: where it is, whose it is, and who else can reach it.
//
//   Buffer b{.base = ptr, .size = bytes, .kind = BufferKind::device, .context = ctx, .device = 0};
//   if (b.shared_with() == 0) …nobody but this context's own work can change it…
//
// Who else can reach it decides whether it may be repaired: what a peer, another process, a
// multicast store or a second address may write at any moment cannot be proven to hold what the
// launch wrote. Such memory is left alone (DESIGN: "When a byte may be repaired").
#pragma once

#include <cstdint>

namespace nonans::memory {

enum class BufferKind : uint8_t {
  device,    // cuMemAlloc: plain memory of one context: may be repaired by its launches
  pool,      // stream-ordered: plain memory of one device: may be repaired by its launches
  managed,   // moves between host and devices
  host,      // pinned or registered host memory
  imported,  // of another process: IPC, an imported pool or allocation handle
  mapped,    // VMM mapping: plain memory of one device
  module,    // a module's own variables
  external,  // of another API: external memory, graphics resources
  graph,     // of a graph's allocation node: backed while the graph runs, by one device
};

// Bit set.
using Sharing = uint8_t;
inline constexpr Sharing kPeers = 1;         // other devices may read or write it
inline constexpr Sharing kExported = 2;      // another process was given a handle to it
inline constexpr Sharing kMulticast = 4;     // a multicast object writes it
inline constexpr Sharing kAliased = 8;       // it stands at another address as well
inline constexpr Sharing kHostReaches = 16;  // the host may read or write it
inline constexpr Sharing kNoAccess = 32;     // mapped, and its own device may not write it

inline constexpr int32_t kUnknownDevice = -1;

struct Buffer {
  uint64_t base = 0;
  uint64_t size = 0;
  BufferKind kind = BufferKind::device;
  uint64_t context = 0;             // CUcontext as a number; 0 = unknown, or of no context
  int32_t device = kUnknownDevice;  // the CUdevice in whose memory it is; of no meaning for host
  uint64_t generation = 0;          // unique per add(), set by the registry
  // What it came from, if that is not the context: a pool, a graph, an external memory object or
  // graphics resource, as a number.
  uint64_t owner = 0;
  Sharing sharing = 0;        // of this range
  Sharing owner_sharing = 0;  // of all that its home holds; set by the registry

  uint64_t end() const { return base + size; }
  // Where sharing is decided for many at once: a pool's access list, a context's peers.
  uint64_t home() const { return owner != 0 ? owner : context; }
  Sharing shared_with() const { return static_cast<Sharing>(sharing | owner_sharing); }
  // Memory that a proof may let us change, provided that the launch owns it.
  bool repairable() const {
    return (kind == BufferKind::device || kind == BufferKind::pool || kind == BufferKind::mapped ||
            kind == BufferKind::graph) &&
           shared_with() == 0;
  }
};

}  // namespace nonans::memory
