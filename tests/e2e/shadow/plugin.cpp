// SPDX-License-Identifier: MIT
// The program of the preloaded runs as a plugin, for host.cpp to open.
#define main resolve_main
#include "../resolve/program.cpp"
#undef main

extern "C" [[gnu::visibility("default")]] int plugin_main(int argc, char** argv) {
  return resolve_main(argc, argv);
}
