// SPDX-License-Identifier: MIT
// program_cub: algorithms of CUB and Thrust, held against the standard library.
//
//   program_cub                               # all parts, up to 50000 elements
//   program_cub --only scan --size 1000000    # reduce, scan, radix, merge, select or thrust
//   program_cub --skip merge                  # all but one
//
// Results are exact: sums are of whole numbers that stay exact, and the sorts are stable.
#include "cases.hpp"
#include "support/program.hpp"

void Results::tell(const std::string& what, std::size_t size, const std::string& bits, bool good) {
  std::printf("%s, %zu: %s %s\n", what.c_str(), size, bits.c_str(), good ? "ok" : "WRONG");
  failed += good ? 0 : 1;
}

int main(int argc, char** argv) {
  program::Options options(argc, argv);
  const auto size = static_cast<std::size_t>(options.number("--size", 50000));
  const std::string only = options.text("--only", ""), skip = options.text("--skip", "");
  options.finish();

  struct Part {
    const char* name;
    void (*run)(Results&, std::size_t);
  };
  constexpr Part kParts[] = {{"reduce", reduce_cases},    {"scan", scan_cases},
                             {"radix", radix_sort_cases}, {"merge", merge_sort_cases},
                             {"select", select_cases},    {"thrust", thrust_cases}};
  Results results;
  bool found = false;
  for (const Part& part : kParts) {
    if ((!only.empty() && only != part.name) || skip == part.name) continue;
    found = true;
    program::Timer timer(nullptr);
    part.run(results, size);
    std::fprintf(stderr, "  %s: %.1f ms\n", part.name, static_cast<double>(timer.stop()));
  }
  if (!found || size == 0) {
    std::fprintf(stderr, "no part is called '%s', or there is nothing to do\n", only.c_str());
    return 2;
  }
  std::printf("%s\n", results.failed == 0 ? "all as the standard library has it" : "WRONG");
  return results.failed == 0 ? 0 : 1;
}
