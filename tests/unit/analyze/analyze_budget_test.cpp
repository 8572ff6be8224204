// SPDX-License-Identifier: MIT
// The time that an analysis may take is its own, not that of whatever else runs on the machine.
#include <thread>

#include "analyze/values.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using nonans::analyze::Clock;

TEST_CASE("waiting for a processor does not use up an analysis's time") {
  const Clock::time_point before = Clock::now();
  // While another thread works, this one stands still: as on a machine that has no processor free.
  std::thread other([] {
    const Clock::time_point start = Clock::now();
    while (Clock::now() - start < 60ms) {
    }
  });
  other.join();
  CHECK(Clock::now() - before < 30ms);
}

TEST_CASE("working uses up an analysis's time") {
  const Clock::time_point before = Clock::now();
  const auto wall = std::chrono::steady_clock::now();
  while (Clock::now() - before < 10ms) REQUIRE(std::chrono::steady_clock::now() - wall < 60s);
}
