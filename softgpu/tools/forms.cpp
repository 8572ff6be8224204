// SPDX-License-Identifier: MIT
// softgpu-forms: tells what the instruction table of the software device holds.
//
//   printf 'add.rn.ftz.f32\t3\ntex.2d.v4.f32.f32\n' | softgpu-forms --check
//   add.rn.ftz.f32      yes
//   tex.2d.v4.f32.f32   no
//
// --check reads one form a line, optionally followed by a tab and the number of operands, and
// answers after a tab. Exit code: 0 done, 1 the page differs from the table, 2 bad arguments or
// input.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "catalogue.hpp"

namespace {

namespace tools = softgpu::tools;

int fail(const std::string& why) {
  std::fprintf(stderr, "softgpu-forms: %s\n", why.c_str());
  return 2;
}

int check() {
  std::string line;
  for (unsigned number = 1; std::getline(std::cin, line); ++number) {
    if (line.empty()) continue;
    const size_t tab = line.find('\t');
    const std::string form = line.substr(0, tab);
    std::optional<unsigned> operands;
    if (tab != std::string::npos) {
      unsigned value = 0;
      const char* first = line.data() + tab + 1;
      const char* last = line.data() + line.size();
      const auto [end, error] = std::from_chars(first, last, value);
      if (error != std::errc() || end != last) {
        return fail("line " + std::to_string(number) + ": '" + std::string(first, last) +
                    "' is not a number of operands");
      }
      operands = value;
    }
    std::printf("%s\t%s\n", form.c_str(), tools::supports(form, operands) ? "yes" : "no");
  }
  return 0;
}

int rows() {
  for (const tools::TableRow& row : tools::rows()) {
    std::printf("%s\t%s\n", row.form.c_str(), row.operands.c_str());
  }
  return 0;
}

int page(const std::string& path, bool update) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.good() && text.empty()) return fail("cannot read " + path);
  const auto part = tools::generated_part(text);
  if (!part) return fail(path + " has no marks for the generated part");
  const auto lost = tools::without_chapter();
  if (!lost.empty()) {
    std::string names;
    for (const std::string& op : lost) names += " " + op;
    std::fprintf(stderr,
                 "softgpu-forms: opcodes without a chapter:%s; add them to "
                 "softgpu/tools/chapters.cpp\n",
                 names.c_str());
    return 1;
  }
  const std::string wanted = "\n" + tools::markdown() + "\n";
  if (part->generated == wanted) return 0;
  if (update) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << part->before << wanted << part->after;
    return out.flush() ? 0 : fail("cannot write " + path);
  }
  const size_t same = static_cast<size_t>(
      std::mismatch(wanted.begin(), wanted.end(), part->generated.begin(), part->generated.end())
          .first -
      wanted.begin());
  const size_t line = static_cast<size_t>(
      std::count(part->before.begin(), part->before.end(), '\n') +
      std::count(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(same), '\n') + 1);
  std::fprintf(stderr,
               "softgpu-forms: %s:%zu: differs from the instruction table; renew it with "
               "softgpu-forms --update %s\n",
               path.c_str(), line, path.c_str());
  return 1;
}

constexpr char kUsage[] =
    "usage: softgpu-forms --check            forms on stdin, one a line: yes or no for each\n"
    "       softgpu-forms --rows             the instruction table, one row a line\n"
    "       softgpu-forms --markdown         the tables of docs/softgpu.md\n"
    "       softgpu-forms --verify FILE      does FILE hold these tables?\n"
    "       softgpu-forms --update FILE      put them there\n";

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (argc == 2 && what == "--check") return check();
  if (argc == 2 && what == "--rows") return rows();
  if (argc == 2 && what == "--markdown") {
    std::fputs(tools::markdown().c_str(), stdout);
    return 0;
  }
  if (argc == 3 && what == "--verify") return page(argv[2], false);
  if (argc == 3 && what == "--update") return page(argv[2], true);
  const bool help = argc == 2 && (what == "--help" || what == "-h");
  std::fputs(kUsage, help ? stdout : stderr);
  return help ? 0 : 2;
}
