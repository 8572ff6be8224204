// SPDX-License-Identifier: MIT
#include "cupti/observer.hpp"

#include "support/catch.hpp"

using namespace nonans::cupti;

namespace {

const CUcontext kOne = reinterpret_cast<CUcontext>(1), kTwo = reinterpret_cast<CUcontext>(2);

bool always() noexcept {
  return true;
}
bool never() noexcept {
  return false;
}

}  // namespace

TEST_CASE("launches, graph launches and images are counted") {
  Observer observer(&always);
  observer.launched(false);
  observer.launched(false);
  observer.launched(true);
  observer.image_shown(kOne, 1, "code", 4);
  CHECK(observer.summary() ==
        "2 launches, 1 graph launch, 1 image (4 bytes), 0 allocations (at most 0 bytes live)");
}

TEST_CASE("what was live at the same time is known, whatever way it ended") {
  Observer observer(&always);
  observer.allocated({0x1000, 100, Memory::device, kOne, nullptr, false});
  observer.allocated({0x2000, 50, Memory::pool, kTwo, nullptr, false});
  observer.freeing(0x1000);
  observer.freeing(0x1000);  // twice, or never seen: nothing to take off
  observer.allocated({0x1000, 60, Memory::device, kOne, nullptr, false});
  observer.allocated({0x1000, 70, Memory::device, kOne, nullptr, false});  // its free was not seen
  CHECK(observer.summary() ==
        "0 launches, 0 graph launches, 0 images (0 bytes), 4 allocations (at most 150 bytes live)");
  observer.context_going(kOne);
  observer.allocated({0x3000, 101, Memory::device, kTwo, nullptr, false});
  CHECK(observer.summary() ==
        "0 launches, 0 graph launches, 0 images (0 bytes), 5 allocations (at most 151 bytes live)");
}

TEST_CASE("at the end of the process nothing is counted any more") {
  CHECK(Observer(&always).concerned());
  CHECK_FALSE(Observer(&never).concerned());
}
