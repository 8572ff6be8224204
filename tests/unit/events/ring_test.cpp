// SPDX-License-Identifier: MIT
// The protocol of resolve/scan_abi.h from the host's side, the device's side played by the test.
#include "events/ring.hpp"

#include <atomic>
#include <memory>
#include <random>
#include <thread>

#include "support/catch.hpp"

using nonans::events::RingReader;

namespace {

constexpr uint64_t kN = NN_RING_RECORDS;

std::unique_ptr<nn_ring_host> empty_ring() {
  return std::make_unique<nn_ring_host>();
}

void publish(nn_ring_host& ring, uint64_t ticket) {
  nn_record& r = ring.records[ticket % kN];
  r.launch_id = ticket;
  r.elements = ~ticket;
  __atomic_store_n(&r.sequence, ticket + 1, __ATOMIC_RELEASE);
}

}  // namespace

TEST_CASE("ring: records come in the order of their tickets and give their places back") {
  auto ring = empty_ring();
  RingReader reader(ring.get());
  nn_record r;
  CHECK_FALSE(reader.next(r));
  publish(*ring, 1);  // 0 is still being written
  CHECK_FALSE(reader.next(r));
  publish(*ring, 0);
  REQUIRE(reader.next(r));
  CHECK(r.launch_id == 0);
  CHECK(ring->tail == 1);
  REQUIRE(reader.next(r));
  CHECK(r.launch_id == 1);
  CHECK_FALSE(reader.next(r));
  CHECK(reader.damaged() == 0);
}

TEST_CASE("ring: many laps lose nothing while the reader keeps up") {
  auto ring = empty_ring();
  RingReader reader(ring.get());
  uint64_t seen = 0;
  for (uint64_t ticket = 0; ticket < 3 * kN + 5; ++ticket) {
    publish(*ring, ticket);
    if (ticket % 100 != 99) continue;
    for (nn_record r; reader.next(r); ++seen) REQUIRE(r.launch_id == seen);
  }
  for (nn_record r; reader.next(r); ++seen) REQUIRE(r.launch_id == seen);
  CHECK(seen == 3 * kN + 5);
}

TEST_CASE("ring: writer and reader on two threads") {
  auto ring = empty_ring();
  const uint64_t total = 20 * kN;
  std::thread device([&] {
    for (uint64_t ticket = 0; ticket < total; ++ticket) {
      while (ticket - __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) >= kN)
        std::this_thread::yield();
      publish(*ring, ticket);
    }
  });
  RingReader reader(ring.get());
  uint64_t wrong = 0;
  for (uint64_t seen = 0; seen < total;) {
    nn_record r;
    if (!reader.next(r)) continue;
    wrong += r.launch_id != seen || r.elements != ~seen;
    ++seen;
  }
  device.join();
  CHECK(wrong == 0);
  CHECK(reader.damaged() == 0);
}

TEST_CASE("ring: a damaged place is passed over once a later record is there") {
  auto ring = empty_ring();
  RingReader reader(ring.get());
  nn_record r;
  publish(*ring, 0);
  publish(*ring, 1);
  ring->records[1].sequence = 0xdeadbeef;
  REQUIRE(reader.next(r));
  CHECK_FALSE(reader.next(r));
  publish(*ring, 2);
  REQUIRE(reader.next(r));
  CHECK(r.launch_id == 2);
  CHECK(reader.damaged() == 1);
}

TEST_CASE("ring: a ticket that was never filled holds up the rest only until the ring closes") {
  auto ring = empty_ring();
  RingReader reader(ring.get());
  nn_record r;
  publish(*ring, 1);
  CHECK_FALSE(reader.next(r));
  REQUIRE(reader.next_final(r));
  CHECK(r.launch_id == 1);
  CHECK(reader.damaged() == 1);
  CHECK_FALSE(reader.next_final(r));
}

TEST_CASE("ring: whatever stands in the memory, reading ends and stays inside") {
  std::mt19937_64 random(1);
  for (int round = 0; round < 50; ++round) {
    auto ring = empty_ring();
    auto* words = reinterpret_cast<uint64_t*>(ring.get());
    for (size_t i = 0; i < sizeof(nn_ring_host) / 8; ++i)
      words[i] = round % 2 ? random() : random() % (2 * kN);
    ring->capacity = 0;
    RingReader reader(ring.get());
    size_t count = 0;
    for (nn_record r; reader.next_final(r);) REQUIRE(++count <= kN);
  }
}
