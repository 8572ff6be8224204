// SPDX-License-Identifier: MIT
// Mappings, and who can reach memory, by what cuda.h says of cuMemCreate, cuMemMap, cuMemSetAccess,
// cuMemRelease, cuMemPoolSetAccess and cuCtxEnablePeerAccess.
#include "memory/virtual_memory.hpp"

#include "memory/reach.hpp"
#include "support/catch.hpp"

using namespace nonans::memory;
using Access = VirtualMemory::Access;

namespace {

constexpr uint64_t kPage = 0x200000, kA = 0x7000000000, kB = 0x7100000000;

struct Scene {
  BufferRegistry buffers;
  VirtualMemory vm{buffers};

  void map(uint64_t at, uint64_t handle, int32_t device = 0) {
    vm.created(handle, {.device = device});
    vm.mapped(at, kPage, 0, handle);
  }
  void allow(uint64_t at, int32_t device, Access right = Access::read_write, uint64_t pages = 1) {
    vm.access(at, pages * kPage, VirtualMemory::on_device(device), right);
  }
  Sharing sharing(uint64_t at) const { return buffers.find(at)->shared_with(); }
};

}  // namespace

TEST_CASE("a mapping is a buffer of its allocation's device, closed until access is given") {
  Scene s;
  s.map(kA, 1, 3);
  REQUIRE(s.buffers.find(kA + kPage - 1)->kind == BufferKind::mapped);
  REQUIRE(s.buffers.find(kA)->device == 3);
  REQUIRE(s.buffers.find(kA)->context == 0);
  REQUIRE(s.sharing(kA) == kNoAccess);
  s.allow(kA, 3, Access::read);
  REQUIRE(s.sharing(kA) == kNoAccess);
  s.allow(kA, 3);
  REQUIRE(s.sharing(kA) == 0);
  REQUIRE(s.buffers.find(kA)->repairable());
  s.allow(kA, 3, Access::none);
  REQUIRE(s.sharing(kA) == kNoAccess);
}

TEST_CASE("access of another device, of the host, and taken back") {
  Scene s;
  s.map(kA, 1);
  s.allow(kA, 0);
  const Access right = GENERATE(Access::read, Access::read_write);
  s.allow(kA, 1, right);
  REQUIRE(s.sharing(kA) == kPeers);
  s.allow(kA, 70, right);
  s.allow(kA, 1, Access::none);
  REQUIRE(s.sharing(kA) == kPeers);  // which devices beyond 63 are left is not kept
  s.vm.access(kA, kPage, VirtualMemory::kHost, right);
  REQUIRE(s.sharing(kA) == (kPeers | kHostReaches));

  s.map(kB, 2);
  s.allow(kB, 0);
  s.allow(kB, 1, right);
  s.allow(kB, 1, Access::none);
  REQUIRE(s.sharing(kB) == 0);
}

TEST_CASE("pieces mapped one behind the other are one buffer; access decides apart") {
  Scene s;
  for (uint64_t i = 0; i < 4; ++i) s.map(kA + i * kPage, 10 + i);
  s.allow(kA, 0, Access::read_write, 4);
  REQUIRE(s.buffers.size() == 1);
  REQUIRE(s.buffers.find(kA + 3 * kPage)->base == kA);
  s.allow(kA + kPage, 1);
  REQUIRE(s.sharing(kA) == 0);
  REQUIRE(s.sharing(kA + kPage) == kPeers);
  REQUIRE(s.sharing(kA + 2 * kPage) == 0);
  const auto gone = s.vm.unmapping(kA + 2 * kPage, kPage);
  REQUIRE_FALSE(s.buffers.find(kA + 2 * kPage));
  REQUIRE(s.buffers.find(kA + 3 * kPage)->size == kPage);
  s.vm.put_back(gone);  // the driver refused
  REQUIRE(s.buffers.find(kA + 3 * kPage)->base == kA + 2 * kPage);
  REQUIRE(s.sharing(kA + 2 * kPage) == 0);
  // Mappings of two devices, neighbours by chance.
  s.map(kA + 4 * kPage, 20, 1);
  s.allow(kA + 4 * kPage, 1);
  REQUIRE(s.buffers.find(kA + 4 * kPage)->base == kA + 4 * kPage);
}

TEST_CASE("two mappings of the same bytes are aliases while both are there") {
  Scene s;
  s.vm.created(1, {.device = 0});
  s.vm.mapped(kA, 2 * kPage, 0, 1);
  s.vm.mapped(kB, kPage, kPage, 1);
  s.allow(kA, 0, Access::read_write, 2);
  s.allow(kB, 0);
  REQUIRE(s.sharing(kA) == kAliased);
  REQUIRE(s.sharing(kB) == kAliased);
  s.vm.unmapping(kA, 2 * kPage);
  REQUIRE(s.sharing(kB) == 0);
  s.vm.mapped(kA, kPage, 0, 1);  // the other half
  s.allow(kA, 0);
  REQUIRE(s.sharing(kA) == 0);
  REQUIRE(s.sharing(kB) == 0);
}

TEST_CASE("exported or bound to a multicast object: at once, at every address") {
  Scene s;
  s.map(kA, 1);
  s.allow(kA, 0);
  s.vm.share_handle(1, kExported);
  REQUIRE(s.sharing(kA) == kExported);
  s.vm.unmapping(kA, kPage);
  s.vm.mapped(kB, kPage, 0, 1);
  s.allow(kB, 0);
  REQUIRE(s.sharing(kB) == kExported);
  s.map(kA, 2);
  s.allow(kA, 0);
  s.vm.share(kA + 1, kA + 2, kMulticast);
  s.allow(kA, 0);  // said again
  REQUIRE(s.sharing(kA) == kMulticast);
}

TEST_CASE("a released handle's number comes back for other memory") {
  Scene s;
  s.map(kA, 1);
  s.allow(kA, 0);
  s.vm.releasing(1);
  REQUIRE_FALSE(s.vm.knows(1));
  s.map(kB, 1, 2);
  s.vm.share_handle(1, kExported);
  REQUIRE(s.sharing(kA) == 0);
  REQUIRE((s.sharing(kB) & kExported) != 0);
  // A handle got back from an address stands for what is there.
  s.vm.retained(7, kA + 5);
  s.vm.retained(7, kA);
  s.vm.releasing(7);
  s.vm.share_handle(7, kMulticast);
  REQUIRE(s.sharing(kA) == kMulticast);
  const auto last = s.vm.releasing(7);
  REQUIRE_FALSE(s.vm.knows(7));
  s.vm.put_back(last);  // refused
  REQUIRE(s.vm.knows(7));
  REQUIRE(s.vm.releasing(99) == nullptr);
}

TEST_CASE("unknown handles: mapped memory of which nothing is known is left alone") {
  Scene s;
  s.vm.mapped(kA, kPage, 0, 99);
  s.allow(kA, 0);
  REQUIRE(s.buffers.find(kA)->device == kUnknownDevice);
  REQUIRE_FALSE(s.buffers.find(kA)->repairable());
}

TEST_CASE("nothing is kept of what is unmapped and released") {
  Scene s;
  for (uint64_t i = 0; i < 10000; ++i) {
    s.map(kA, i);
    s.allow(kA, 0);
    s.vm.releasing(i);
    s.vm.unmapping(kA, kPage);
  }
  REQUIRE(s.vm.mappings() == 0);
  REQUIRE(s.vm.handles() == 0);
  REQUIRE(s.buffers.size() == 0);
}

TEST_CASE("a pool that other devices were given access to") {
  BufferRegistry buffers;
  Pools pools(buffers);
  constexpr uint64_t kPool = 0x90;
  pools.created(kPool, 0);
  const auto add = [&](uint64_t at) {
    buffers.add({.base = at,
                 .size = 64,
                 .kind = BufferKind::pool,
                 .device = 0,
                 .owner = pools.id_of(kPool)});
  };
  add(kA);
  pools.access(kPool, 0, true);
  REQUIRE(buffers.find(kA)->repairable());
  pools.access(kPool, 1, true);
  pools.access(kPool, 2, true);
  REQUIRE(buffers.find(kA)->shared_with() == kPeers);
  pools.access(kPool, 2, false);
  REQUIRE(buffers.find(kA)->shared_with() == kPeers);
  pools.access(kPool, Pools::kHost, true);
  REQUIRE(buffers.find(kA)->shared_with() == (kPeers | kHostReaches));
  pools.access(kPool, 1, false);
  REQUIRE(buffers.find(kA)->shared_with() == kHostReaches);

  auto taken = pools.take(kPool);
  REQUIRE(taken);
  pools.put_back(kPool, *taken);  // the destruction was refused
  add(kB);
  REQUIRE(buffers.find(kB)->shared_with() == kHostReaches);
  taken = pools.take(kPool);
  pools.forget(*taken);
  REQUIRE(buffers.find(kA)->shared_with() == kHostReaches);  // lives on
  pools.created(kPool, 0);                                   // the handle again
  add(kB);
  REQUIRE(buffers.find(kB)->shared_with() == 0);
  pools.access(kPool, 1, true);
  REQUIRE(buffers.find(kA)->shared_with() == kHostReaches);
  REQUIRE(buffers.find(kB)->shared_with() == kPeers);
}

TEST_CASE("a pool of which nothing is known: whoever is given access may be another device") {
  BufferRegistry buffers;
  Pools pools(buffers);
  REQUIRE(pools.id_of(0) == 0);
  REQUIRE(pools.device_of(0x91) == kUnknownDevice);
  buffers.add({.base = kA, .size = 64, .kind = BufferKind::pool, .owner = pools.id_of(0x91)});
  pools.access(0x91, 0, true);
  REQUIRE(buffers.find(kA)->shared_with() == kPeers);
}

TEST_CASE("peer access is one way, and ends with either context") {
  BufferRegistry buffers;
  PeerAccess peers(buffers);
  constexpr uint64_t kOne = 0xc1, kTwo = 0xc2, kThree = 0xc3;
  buffers.add({.base = kA, .size = 64, .context = kOne, .device = 0});
  buffers.add({.base = kB, .size = 64, .context = kTwo, .device = 1});
  peers.enabled(kOne, kTwo);  // kernels of One reach Two's memory
  REQUIRE(buffers.find(kA)->shared_with() == 0);
  REQUIRE(buffers.find(kB)->shared_with() == kPeers);
  peers.enabled(kThree, kTwo);
  peers.disabled(kOne, kTwo);
  REQUIRE(buffers.find(kB)->shared_with() == kPeers);
  peers.context_gone(kThree);
  REQUIRE(buffers.find(kB)->shared_with() == 0);
  peers.disabled(kOne, kTwo);  // not enabled
  REQUIRE(buffers.find(kB)->shared_with() == 0);
}
