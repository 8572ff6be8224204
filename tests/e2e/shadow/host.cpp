// SPDX-License-Identifier: MIT
// A program that opens its plugins with RTLD_DEEPBIND, as some do to keep the plugins' libraries
// apart from its own. What a plugin calls is looked for in its own libraries first, and so its
// dlsym is libc's.
//
//   shadow_host PLUGIN ARGUMENTS…
#include <dlfcn.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  void* plugin = dlopen(argv[1], RTLD_NOW | RTLD_DEEPBIND);
  void* entry = plugin != nullptr ? dlsym(plugin, "plugin_main") : nullptr;
  if (entry == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 2;
  }
  return reinterpret_cast<int (*)(int, char**)>(entry)(argc - 1, argv + 1);
}
