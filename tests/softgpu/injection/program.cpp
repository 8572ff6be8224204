// SPDX-License-Identifier: MIT
// Initialises the driver twice, and says so.
#include <cuda.h>

#include <cstdio>

int main() {
  for (int i = 0; i < 2; ++i) std::printf("cuInit %d\n", static_cast<int>(cuInit(0)));
}
