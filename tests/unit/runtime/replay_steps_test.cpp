// SPDX-License-Identifier: MIT
// Which step a replay was part of: from the launches of the graph, in few words.
#include <vector>

#include "interpose/graphs/replay_steps.hpp"
#include "support/catch.hpp"

using nonans::interpose::graphs::ReplaySteps;

namespace {

void note(ReplaySteps& steps, const std::vector<uint32_t>& each) {
  for (const uint32_t step : each) steps.note(step);
}

}  // namespace

TEST_CASE("each replay has the step of its launch") {
  const std::vector<std::vector<uint32_t>> programs = {
      {1},       {1, 1, 1},          {1, 2, 3, 4},          {5, 5, 6, 6, 7, 7},
      {1, 3, 5}, {1, 2, 2, 3, 4, 4}, {1, 1, 2, 3, 4, 4, 9}, {7, 1, 1},
  };
  for (const auto& each : programs) {
    ReplaySteps steps;
    note(steps, each);
    for (size_t i = 0; i < each.size(); ++i) {
      CAPTURE(each, i);
      CHECK(steps.at(static_cast<uint32_t>(i + 1)) == each[i]);
    }
  }
}

TEST_CASE("what was never launched, or long ago in a restless program, is not known") {
  ReplaySteps steps;
  CHECK(steps.at(0) == 0);
  CHECK(steps.at(1) == 0);
  for (uint32_t i = 1; i <= 1000; ++i) steps.note(i * 5);  // a run of its own for each launch
  CHECK(steps.at(1) == 0);
  CHECK(steps.at(1000) == 5000);
  CHECK(steps.at(990) == 4950);
  CHECK(steps.at(1001) == 0);
  CHECK(steps.launches() == 1000);
}

TEST_CASE("a program in its stride is known for ever") {
  ReplaySteps steps;
  for (uint32_t i = 1; i <= 100000; ++i) steps.note(i + 3);
  CHECK(steps.at(1) == 4);
  CHECK(steps.at(1000) == 1003);
  CHECK(steps.at(100000) == 100003);
}
