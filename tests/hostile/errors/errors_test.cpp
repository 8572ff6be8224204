// SPDX-License-Identifier: MIT
// What the program is told when the driver refuses its calls, and that the tools of this folder
// see what they are there to see.
#include <cstdio>

#include "api/function.hpp"
#include "report.hpp"
#include "support/catch.hpp"

using hostile::Ran;
using hostile::run_faulty;

TEST_CASE("each hooked function fails with each documented error: the program sees exactly that") {
  const Ran ran = run_faulty({HOOKED_ERRORS, PTX_IMAGE});
  INFO(ran.text());
  CHECK(ran.done.exit_code == 0);
  int functions = 0, documented = 0;
  long calls = 0;
  REQUIRE(std::sscanf(ran.done.out.c_str(), "%d functions, %d with documented errors, %ld calls",
                      &functions, &documented, &calls) == 3);
  CHECK(functions == nonans::api::kHookCount);
  CHECK(documented > functions * 9 / 10);
  CHECK(calls > 10 * functions);
  CHECK(ran.all("locked ") == 0);
  CHECK(ran.all("made ") > calls);
}

TEST_CASE("without the library the same program finds that nothing is routed or repaired") {
  const Ran ran = run_faulty({HOOKED_ERRORS, PTX_IMAGE}, {.preload = ""});
  INFO(ran.text());
  CHECK(ran.done.exit_code == 1);
  CHECK(ran.done.out.find("cuMemAlloc_v2 is not routed") != std::string::npos);
  CHECK(ran.done.out.find("nothing is repaired to begin with") != std::string::npos);
  // The driver tells whose calls these are.
  CHECK(ran.all("made ") > 0);
  for (const auto& [name, count] : ran.report) {
    INFO(name << " " << count);
    CHECK(name.find(" library") == std::string::npos);
  }
}

TEST_CASE("a driver function that is called with a lock held is seen") {
  const Ran ran = run_faulty({LOCK_PROGRAM}, {.preload = LOCK_WATCH " " LOCK_HOLDER});
  INFO(ran.text());
  CHECK(ran.done.exit_code == 0);
  CHECK(ran.said("locked cuDriverGetVersion") == 1);
  CHECK(ran.said("locked cuInit") == 0);
}

TEST_CASE("a plan from the environment reaches the call it names") {
  const Ran ran =
      run_faulty({HOOKED_ERRORS, PTX_IMAGE}, {.plan = "cuModuleLoadData application 1 before 200"});
  INFO(ran.text());
  CHECK(ran.done.exit_code == 4);
  CHECK(ran.done.err.find("program: module: error 200") != std::string::npos);
  CHECK(ran.said("refused") == 1);
}
