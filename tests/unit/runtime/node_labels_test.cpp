// SPDX-License-Identifier: MIT
#include "interpose/graphs/node_labels.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "support/catch.hpp"

using nonans::interpose::graphs::NodeLabels;

namespace {

CUgraphNode node(uint64_t number) {
  return reinterpret_cast<CUgraphNode>(0x100000 + 48 * number);
}

}  // namespace

TEST_CASE("node labels: what was set is found until it is forgotten") {
  const auto labels = std::make_unique<NodeLabels>();
  CHECK(labels->empty());
  for (uint32_t i = 0; i < 5000; ++i) REQUIRE(labels->set(node(i), i + 1));
  for (uint32_t i = 0; i < 5000; i += 2) labels->forget(node(i));
  for (uint32_t i = 0; i < 5000; ++i) REQUIRE(labels->find(node(i)) == (i % 2 ? i + 1 : 0));
  REQUIRE(labels->set(node(7), 99));
  CHECK(labels->find(node(7)) == 99);
  for (uint32_t i = 0; i < 5000; ++i) labels->forget(node(i));
  CHECK(labels->empty());
  CHECK(labels->find(node(7)) == 0);
}

TEST_CASE("node labels: a full table refuses, and takes again what was forgotten") {
  const auto labels = std::make_unique<NodeLabels>();
  std::vector<uint64_t> stands;
  uint64_t refused = 0;
  for (uint64_t i = 0; i < 2 * NodeLabels::kPlaces; ++i) {
    if (labels->set(node(i), 1))
      stands.push_back(i);
    else
      ++refused;
  }
  CHECK(stands.size() <= NodeLabels::kPlaces);
  CHECK(stands.size() > NodeLabels::kPlaces / 2);
  CHECK(refused != 0);
  for (const uint64_t i : stands) REQUIRE(labels->find(node(i)) == 1);
  labels->forget(node(stands[0]));
  CHECK(labels->set(node(stands[0]), 2));
}

TEST_CASE("node labels: threads that capture at once keep theirs") {
  const auto labels = std::make_unique<NodeLabels>();
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (uint32_t round = 0; round < 20; ++round) {
        for (uint32_t i = 0; i < 500; ++i)
          if (!labels->set(node(4 * i + t), round + t + 1)) ++wrong;
        for (uint32_t i = 0; i < 500; ++i) {
          if (labels->find(node(4 * i + t)) != round + t + 1) ++wrong;
          labels->forget(node(4 * i + t));
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong.load() == 0);
  CHECK(labels->empty());
}
