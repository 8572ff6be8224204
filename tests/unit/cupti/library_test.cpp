// SPDX-License-Identifier: MIT
// Finding a libcupti, and telling one that is of use from one that is not.
#include "cupti/library.hpp"

#include <dlfcn.h>

#include "support/catch.hpp"

using namespace nonans::cupti;

namespace {

struct Opened {
  void* handle;
  explicit Opened(const std::string& kind)
      : handle(dlopen((FAKE_CUPTI "/" + kind + "/libcupti.so.12").c_str(), RTLD_NOW | RTLD_LOCAL)) {
    REQUIRE(handle != nullptr);
  }
  ~Opened() { dlclose(handle); }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
};

}  // namespace

// First: the tests after it leave copies mapped.
TEST_CASE("without a mapped copy there is none, and no reason for it") {
  std::string why = "something";
  CHECK_FALSE(mapped_library(why));
  CHECK(why.empty());
  CHECK(mapped_handle() == nullptr);
}

TEST_CASE("what is missing or too old is said by name") {
  std::string why;
  CHECK_FALSE(library_in(Opened("lame").handle, why));
  CHECK(why == "it has no cuptiEnableCallback");
  CHECK_FALSE(library_in(Opened("old").handle, why));
  CHECK(why == "its version 17 is older than that of CUDA 12.0");
  CHECK_FALSE(library_in(Opened("broken").handle, why));
  CHECK(why == "its version 0 is older than that of CUDA 12.0");
}

TEST_CASE("a copy is found by being mapped, and stays mapped when the program closes it") {
  objects_were_added();
  CHECK_FALSE(objects_were_added());
  std::string why;
  {
    const Opened good("good");
    CHECK(objects_were_added());
    const std::optional<Library> found = mapped_library(why);
    REQUIRE(found);
    CHECK(found->version == 28);
    CHECK(found->subscribe_v2 == nullptr);
    CHECK(reinterpret_cast<void*>(found->subscribe) == dlsym(good.handle, "cuptiSubscribe"));
  }
  REQUIRE(mapped_library(why));
  // The mapped one goes before any that the loader would find.
  CHECK(load_library(13000, why));
}

TEST_CASE("libcupti is told from its neighbours by the name of the file") {
  const auto named = [](const char* path) {
    link_map map{};
    map.l_name = const_cast<char*>(path);
    return is_cupti(&map);
  };
  CHECK(named("/usr/local/cuda/extras/CUPTI/lib64/libcupti.so.13"));
  CHECK(named("libcupti.so.2025.3.0"));
  CHECK(named("/site-packages/torch.libs/libcupti-8f3a0d11.so.12"));
  CHECK_FALSE(named("/usr/lib/libcupti_helper.so"));
  CHECK_FALSE(named("/opt/libcupti.so.13/libother.so"));
  CHECK_FALSE(named("/usr/lib/libcuda.so.1"));
  CHECK_FALSE(named(""));
  CHECK_FALSE(is_cupti(nullptr));
}
