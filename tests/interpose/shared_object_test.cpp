// SPDX-License-Identifier: MIT
// What libnonans.so brings into a stranger's process: its exports, its needs, its constructors.
// Read with readelf and nm.
#include <cstdio>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "support/catch.hpp"

namespace {

std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  for (size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, got);
  REQUIRE(pclose(pipe) == 0);
  return output;
}

const std::string kLibrary = NONANS_LIBRARY;

}  // namespace

TEST_CASE("libnonans.so exports what the version script names, and nothing else") {
  std::set<std::string> allowed;
  std::ifstream script(HOOKED_LIST);
  for (std::string line; std::getline(script, line);) {
    std::smatch m;
    if (std::regex_match(line, m, std::regex(R"( +([A-Za-z_]\w*);)"))) allowed.insert(m[1]);
  }
  REQUIRE(allowed.size() > 50);
  std::istringstream symbols(output_of("nm -D --defined-only '" + kLibrary + "'"));
  std::set<std::string> exported;
  for (std::string address, type, name; symbols >> address >> type >> name;) {
    INFO(name);
    bool ours = name.starts_with("nonans_") || name.starts_with("InitializeInjection");
    CHECK((ours || allowed.count(name) == 1));
    exported.insert(name);
  }
  for (const std::string& name : allowed) {
    INFO(name << " is in the version script");
    CHECK(exported.count(name) == 1);
  }
}

#ifdef NONANS_SHIPPED
TEST_CASE("libnonans.so needs the C library and the loader only, of glibc 2.35 at most") {
  std::string dynamic = output_of("readelf -dW '" + kLibrary + "'");
  std::regex needed(R"(\(NEEDED\)\s+Shared library: \[([^\]]+)\])");
  for (auto m = std::sregex_iterator(dynamic.begin(), dynamic.end(), needed);
       m != std::sregex_iterator(); ++m) {
    std::string library = (*m)[1];
    INFO(library);
    CHECK(std::regex_match(library,
                           std::regex(R"((libc|libm|libdl|libpthread|librt)\.so\.\d|ld-linux.*)")));
  }
  std::string versions = output_of("readelf -VW '" + kLibrary + "'");
  std::regex version(R"(GLIBC_(\d+)\.(\d+))");
  int seen = 0;
  for (auto m = std::sregex_iterator(versions.begin(), versions.end(), version);
       m != std::sregex_iterator(); ++m) {
    INFO(m->str());
    ++seen;
    CHECK((std::stoi((*m)[1]) == 2 && std::stoi((*m)[2]) <= 35));
  }
  CHECK(seen > 0);
}
#endif

TEST_CASE("libnonans.so stays mapped, binds at load, and its stack is not executable") {
  std::string dynamic = output_of("readelf -dW '" + kLibrary + "'");
  CHECK(dynamic.find("NODELETE") != std::string::npos);
  CHECK(dynamic.find("BIND_NOW") != std::string::npos);
  CHECK(dynamic.find("TEXTREL") == std::string::npos);
  std::string segments = output_of("readelf -lW '" + kLibrary + "'");
  CHECK(std::regex_search(segments, std::regex(R"(GNU_STACK.*\bRW\b)")));
}
