// SPDX-License-Identifier: MIT
// Reading dynamic symbol tables ourselves, against what the loader says.
#include "interpose/elf_symbols.hpp"

#include <dlfcn.h>

#include <string>

#include "support/catch.hpp"

using nonans::interpose::find_symbol;
using nonans::interpose::soname;

namespace {
const link_map* map_of(void* handle) {
  link_map* map = nullptr;
  REQUIRE(handle != nullptr);
  REQUIRE(dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0);
  return map;
}
}  // namespace

TEST_CASE("a symbol is found where the loader finds it") {
  void* libc = dlopen("libc.so.6", RTLD_LAZY);
  const link_map* map = map_of(libc);
  // pthread_cond_wait has had two versions since 2.3.2: the default one is wanted, as dlsym gives
  // it. dlsym itself has a version of libdl's time and one of 2.34.
  for (const char* name : {"getpid", "strtol", "pthread_cond_wait", "realpath", "dlopen"}) {
    INFO(name);
    CHECK(find_symbol(map->l_addr, map->l_ld, name) == dlsym(libc, name));
  }
  CHECK(find_symbol(map->l_addr, map->l_ld, "no_such_symbol_anywhere") == nullptr);
  CHECK(find_symbol(map->l_addr, map->l_ld, "") == nullptr);
  CHECK(find_symbol(map->l_addr, map->l_ld, "environ") == nullptr);  // data, not a function
  CHECK(std::string(soname(map->l_addr, map->l_ld)) == "libc.so.6");
}

TEST_CASE("a library with the older hash table alone is searched as well") {
  void* library = dlopen(SYSV_HASH_LIBRARY, RTLD_LAZY);
  const link_map* map = map_of(library);
  CHECK(find_symbol(map->l_addr, map->l_ld, "cudaMalloc") == dlsym(library, "cudaMalloc"));
  CHECK(find_symbol(map->l_addr, map->l_ld, "cudaFree") == nullptr);
  CHECK(soname(map->l_addr, map->l_ld) == nullptr);
}

TEST_CASE("an object without tables holds nothing") {
  const ElfW(Dyn) empty[] = {{DT_NULL, {0}}};
  CHECK(find_symbol(0, empty, "getpid") == nullptr);
  CHECK(find_symbol(0, nullptr, "getpid") == nullptr);
  CHECK(soname(0, empty) == nullptr);
}
