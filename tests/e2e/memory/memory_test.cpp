// SPDX-License-Identifier: MIT
// What is repaired and what is left alone, by the kind of memory, on the software device.
#include <map>
#include <string>
#include <utility>

#include "process.hpp"
#include "support/catch.hpp"

namespace {

nonans::test::Finished run(const std::string& kind, bool preload) {
  std::map<std::string, std::string> environment = {{"LD_LIBRARY_PATH", SOFTGPU_FOLDER},
                                                    {"SOFTGPU_DEVICES", "2"}};
  const nonans::test::Scratch scratch;
  if (preload) {
    environment["LD_PRELOAD"] = NONANS_LIBRARY;
    environment["NONANS_EVENTS"] = (scratch.path() / "events.jsonl").string();
  }
  auto done = nonans::test::run({MEMORY_PROGRAM, PTX_IMAGE, kind}, environment);
  INFO(kind << "\n" << done.out << done.err);
  REQUIRE(done.exit_code == 0);
  return done;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("memory of this context and mappings of this device are repaired") {
  const std::string kind = GENERATE("plain", "mapped");
  REQUIRE(has(run(kind, false).out, "7f800000"));
  const auto done = run(kind, true);
  INFO(done.err);
  CHECK_FALSE(has(done.out, "7f800000"));
  CHECK(has(done.out, "7f7fffff"));
}

TEST_CASE("memory that others reach is left as it is, and the summary says why") {
  const auto [kind, words] = GENERATE(
      std::pair<std::string, std::string>("mapped-peer", "memory that other devices can reach"),
      std::pair<std::string, std::string>("peer", "memory that other devices can reach"),
      std::pair<std::string, std::string>("mapped-exported", "memory given to another process"),
      std::pair<std::string, std::string>("ipc", "memory given to another process"),
      std::pair<std::string, std::string>("mapped-twice", "memory mapped at two addresses"));
  const auto plain = run(kind, false);
  REQUIRE(has(plain.out, "7f800000"));
  const auto done = run(kind, true);
  INFO(done.err);
  CHECK(done.out == plain.out);
  CHECK(has(done.err, "outputs left alone: 1 launch into " + words + "\n"));
}
