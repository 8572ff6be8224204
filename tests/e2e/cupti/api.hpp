// SPDX-License-Identifier: MIT
// libcupti as the program reaches it: linked (CUPTI_LINKED), or opened by name as it goes along.
//
//   Api api = open_cupti("libcupti.so.13");
//   api.Subscribe(&handle, callback, nullptr);
//
// unseen(): an entry found past every dlsym override, as a program that walks symbol tables itself
// would find it.
#pragma once

#include <cupti.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

#define CUPTI_FUNCTIONS(X) \
  X(Subscribe)             \
  X(Unsubscribe)           \
  X(Finalize)              \
  X(EnableCallback)        \
  X(ActivityEnable)        \
  X(ActivityDisable) X(ActivityRegisterCallbacks) X(ActivityFlushAll) X(ActivityGetNextRecord)

struct Api {
#define MEMBER(name) decltype(&::cupti##name) name = nullptr;
  CUPTI_FUNCTIONS(MEMBER)
#undef MEMBER
};

inline Api open_cupti([[maybe_unused]] const char* library) {
  Api api;
#ifdef CUPTI_LINKED
#define FIND(name) api.name = &::cupti##name;
  CUPTI_FUNCTIONS(FIND)
#undef FIND
#else
  void* const handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    std::fprintf(stderr, "program: %s\n", dlerror());
    std::exit(3);
  }
#define FIND(name) api.name = reinterpret_cast<decltype(api.name)>(dlsym(handle, "cupti" #name));
  CUPTI_FUNCTIONS(FIND)
#undef FIND
#endif
  return api;
}

inline void* unseen(const char* library, const char* name) {
  void* const libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
  void* const handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  using Look = void* (*)(void*, const char*);
  const auto look = libc ? reinterpret_cast<Look>(dlsym(libc, "dlsym")) : nullptr;
  void* const found = look && handle ? look(handle, name) : nullptr;
  if (!found) {
    std::fprintf(stderr, "program: no %s in %s\n", name, library);
    std::exit(3);
  }
  return found;
}
