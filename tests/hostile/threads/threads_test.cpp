// SPDX-License-Identifier: MIT
// Many threads at once, without a race detector: results, and no lock held during a driver call.
#include <cstdio>

#include "report.hpp"
#include "support/catch.hpp"

using hostile::Ran;
using hostile::run_faulty;

namespace {

constexpr const char* kRounds = "4";

long repaired_in(const Ran& ran) {
  long launches = 0, repaired = 0, wrong = 0;
  REQUIRE(std::sscanf(ran.done.out.c_str(), "%ld launches, %ld repaired, %ld wrong", &launches,
                      &repaired, &wrong) == 3);
  CHECK(launches > 500);
  CHECK(wrong == 0);
  return repaired;
}

}  // namespace

TEST_CASE("16 threads with 4 streams each, and contexts that come and go") {
  const Ran ran = run_faulty({MANY_THREADS, PTX_IMAGE, kRounds});
  INFO(ran.text());
  CHECK(ran.done.exit_code == 0);
  // Each of the 328 times that a value is looked at, replays of graphs included.
  CHECK(repaired_in(ran) == 328);
  CHECK(ran.all("locked ") == 0);
  CHECK(ran.all("live ") == 0);
}

TEST_CASE("16 threads with 4 streams each, observed") {
  const Ran ran =
      run_faulty({MANY_THREADS, PTX_IMAGE, kRounds}, {.environment = {{"NONANS_MODE", "observe"}}});
  INFO(ran.text());
  CHECK(ran.done.exit_code == 0);
  CHECK(repaired_in(ran) == 0);
  CHECK(ran.all("locked ") == 0);
  CHECK(ran.all("live ") == 0);
}
