// SPDX-License-Identifier: MIT
#include "events/sinks.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/catch.hpp"

using namespace nonans::events;
using nonans::DebugLevel;
namespace fs = std::filesystem;

namespace {

struct Folder {
  Folder() {
    char name[] = "/tmp/nonans-test-XXXXXX";
    path = mkdtemp(name);
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

struct Said {
  std::vector<std::string> lines;
  Say say() {
    return [this](std::string_view line) { lines.emplace_back(line); };
  }
};

Event event(uint64_t ordinal, const char* kernel = "k") {
  Event e;
  e.ordinal = ordinal;
  e.kernel = e.kernel_symbol = kernel;
  e.arg = 1;
  e.nan = 1;
  e.elements = 10;
  e.origin = Origin::origin;
  e.resolution = Resolution::repaired;
  e.repaired = 1;
  e.fill = "0";
  e.time_unix_ns = 5'000'000'000u;
  return e;
}

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("jsonl: folders and file appear at the first event, one line each") {
  const Folder folder;
  const fs::path path = folder.path / "a/b/events.jsonl";
  Said said;
  JsonlSink sink(path, said.say());
  CHECK_FALSE(fs::exists(folder.path / "a"));
  sink.on_event(event(1));
  sink.on_event(event(2));
  const auto lines = lines_of(path);
  REQUIRE(lines.size() == 2);
  Event back;
  std::string error;
  CHECK(from_json_line(lines[1], back, error));
  CHECK(back.ordinal == 2);
  CHECK(sink.written() == 2);
  CHECK(said.lines.empty());
}

TEST_CASE("jsonl: two writers of one file append, neither overwrites") {
  const Folder folder;
  const fs::path path = folder.path / "events.jsonl";
  Said said;
  JsonlSink one(path, said.say()), two(path, said.say());
  for (int i = 0; i < 10; ++i) {
    one.on_event(event(1));
    two.on_event(event(2));
  }
  CHECK(lines_of(path).size() == 20);
}

TEST_CASE("jsonl: a full disk is said once and counted") {
  Said said;
  JsonlSink sink("/dev/full", said.say());
  for (int i = 0; i < 5; ++i) sink.on_event(event(1));
  CHECK(sink.lost() == 5);
  CHECK(sink.written() == 0);
  REQUIRE(said.lines.size() == 1);
  CHECK(said.lines[0].starts_with("nonans: cannot write /dev/full: No space left on device"));
}

TEST_CASE("jsonl: a folder that cannot be made is said once and not tried again") {
  const Folder folder;
  std::ofstream(folder.path / "file") << "x";
  Said said;
  JsonlSink sink(folder.path / "file/events.jsonl", said.say());
  sink.on_event(event(1));
  fs::remove(folder.path / "file");
  sink.on_event(event(2));
  CHECK(sink.lost() == 2);
  CHECK_FALSE(fs::exists(folder.path / "file"));
  REQUIRE(said.lines.size() == 1);
  CHECK(said.lines[0].find("Not a directory") != std::string::npos);
}

TEST_CASE("jsonl: a read-only folder is said once") {
  if (geteuid() == 0) return;  // root may write anywhere; the case above covers the path for it
  const Folder folder;
  fs::create_directory(folder.path / "locked");
  chmod((folder.path / "locked").c_str(), 0500);
  Said said;
  JsonlSink sink(folder.path / "locked/new/events.jsonl", said.say());
  sink.on_event(event(1));
  CHECK(sink.lost() == 1);
  REQUIRE(said.lines.size() == 1);
  CHECK(said.lines[0].find("Permission denied") != std::string::npos);
}

TEST_CASE("jsonl: a link planted in a shared folder is not followed") {
  const Folder folder;
  std::ofstream(folder.path / "precious") << "precious\n";
  fs::create_symlink(folder.path / "precious", folder.path / "events.jsonl");
  Said said;
  JsonlSink sink(folder.path / "events.jsonl", said.say());
  sink.on_event(event(1));
  CHECK(sink.lost() == 1);
  CHECK(lines_of(folder.path / "precious") == std::vector<std::string>{"precious"});
}

TEST_CASE("notices: the first of each kernel, argument, class and outcome, at once") {
  Said said;
  NoticeSink sink(DebugLevel::warn, said.say());
  sink.on_event(event(1));
  sink.on_event(event(2));
  CHECK(said.lines.size() == 1);
  CHECK(said.lines[0] == to_sentence(event(1)));
  sink.on_event(event(3, "other"));
  Event other_class = event(4);
  other_class.pos_inf = 1;
  sink.on_event(other_class);
  Event other_outcome = event(5);
  other_outcome.resolution = Resolution::refused;
  sink.on_event(other_outcome);
  CHECK(said.lines.size() == 4);
}

TEST_CASE("notices: what was passed on is in the file, not on the screen, unless asked for") {
  Event passed_on = event(1, "later");
  passed_on.origin = Origin::propagated;
  passed_on.resolution = Resolution::observed;
  const auto lines_at = [&](DebugLevel level) {
    Said said;
    NoticeSink sink(level, said.say());
    sink.on_event(event(1));
    sink.on_event(passed_on);
    sink.on_event(passed_on);
    return said.lines.size();
  };
  CHECK(lines_at(DebugLevel::off) == 0);
  CHECK(lines_at(DebugLevel::warn) == 1);
  CHECK(lines_at(DebugLevel::info) == 2);
  CHECK(lines_at(DebugLevel::trace) == 3);
}

TEST_CASE(
    "notices: the first of all is said even when its origin is not known, unless it was meant") {
  Event first = event(1);
  first.origin = Origin::intended;
  first.resolution = Resolution::observed;
  Said said;
  NoticeSink sink(DebugLevel::warn, said.say());
  sink.on_event(first);
  CHECK(said.lines.empty());
  first.origin = Origin::unknown;
  sink.on_event(first);
  CHECK(said.lines.size() == 1);
}

TEST_CASE("notices: a flood is held back and counted") {
  Said said;
  NoticeSink sink(DebugLevel::trace, said.say());
  for (uint64_t i = 0; i < 1000; ++i) sink.on_event(event(i));
  CHECK(said.lines.size() == 10);
  Event later = event(1001);
  later.time_unix_ns += 2'000'000'000u;
  sink.on_event(later);
  REQUIRE(said.lines.size() == 12);
  CHECK(said.lines[10] == "nonans: 990 more in the second before; all are in the events file");
}
