// SPDX-License-Identifier: MIT
//   walk_program IMAGE plain|graphs SEED STEPS
#include <cstring>
#include <iostream>

#include "world.hpp"

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: walk_program IMAGE plain|graphs SEED STEPS\n";
    return 2;
  }
  World world(argv[1], std::strtoull(argv[3], nullptr, 10));
  const bool graphs = std::strcmp(argv[2], "graphs") == 0;
  const unsigned long steps = std::strtoul(argv[4], nullptr, 10);
  for (unsigned long i = 0; i < steps; ++i) {
    std::cout << "\n-- " << i;
    if (!graphs) {
      world.random.one_in(2) ? use_memory(world) : use_streams(world);
      continue;
    }
    switch (world.random.below(9)) {
      case 8:
        use_streams(world);
        break;
      case 0:
        capture_graph(world);
        break;
      case 1:
        query_graphs(world);
        break;
      case 2:
      case 3:
      case 4:
        edit_graph(world);
        break;
      default:
        run_graph(world);
    }
  }
  world.fingerprint();
  std::cout << "\nend" << std::endl;
}
