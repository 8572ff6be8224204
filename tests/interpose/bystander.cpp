// SPDX-License-Identifier: MIT
// A program that has nothing to do with CUDA, built with a sanitizer: its runtime calls our dlsym
// before the C library is ready, to find the functions it replaces.
#include <dlfcn.h>

#include <cstdio>
#include <string>
#include <thread>

int main() {
  std::string text = "not a word";
  std::thread([&text] { text += " from us"; }).join();
  std::printf("%s, dlsym %s\n", text.c_str(),
              dlsym(RTLD_DEFAULT, "strcmp") != nullptr ? "works" : "fails");
  return 0;
}
