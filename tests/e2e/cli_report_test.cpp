// SPDX-License-Identifier: MIT
// `nonans report` on good, bad and missing files.
#include <nlohmann/json.hpp>

#include "events/event.hpp"
#include "process.hpp"
#include "support/catch.hpp"

using namespace nonans::events;
using nonans::test::Finished;
using nonans::test::run;
using nonans::test::Scratch;

namespace {

Event event(const std::string& kernel, uint64_t step, Origin origin, Resolution resolution) {
  Event e;
  e.kernel = e.kernel_symbol = kernel;
  e.step = step;
  e.launch = step * 20;
  e.arg = 3;
  e.type = "f16";
  e.kind = Kind::overflow;
  e.origin = origin;
  e.resolution = resolution;
  e.pos_inf = 2;
  e.repaired = resolution == Resolution::repaired ? 2 : 0;
  e.elements = 2048;
  e.fill = resolution == Resolution::repaired ? "65504" : "";
  e.reason = resolution == Resolution::refused ? "the values were not finite before" : "";
  return e;
}

// A value that came from elsewhere, then two born in gemm, then one that relu passed on.
std::string three_kernels() {
  return to_json_line(event("copy", 4, Origin::unknown, Resolution::observed)) +
         to_json_line(event("gemm", 5, Origin::origin, Resolution::repaired)) +
         to_json_line(event("relu", 5, Origin::propagated, Resolution::refused)) +
         to_json_line(event("gemm", 9, Origin::origin, Resolution::repaired));
}

Finished report(const std::string& file, bool json = false) {
  std::vector<std::string> command = {NONANS_COMMAND, "report", file};
  if (json) command.push_back("--json");
  return run(command);
}

// The words of the line that begins with `word`.
std::vector<std::string> row(const std::string& text, const std::string& word) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(word)) continue;
    std::istringstream words(line);
    return {std::istream_iterator<std::string>(words), {}};
  }
  return {};
}

}  // namespace

TEST_CASE("report counts events by kernel, in order of appearance") {
  Scratch scratch;
  Finished done = report(scratch.write("events.jsonl", three_kernels()));
  INFO(done.out);
  CHECK(done.exit_code == 0);
  CHECK(done.err.empty());
  CHECK(done.out.find("4 events\n8 non-finite values, 4 of them repaired\n") != std::string::npos);
  using Words = std::vector<std::string>;
  CHECK(row(done.out, "kernel") ==
        Words{"kernel", "events", "origins", "repaired", "refused", "observed", "steps"});
  CHECK(row(done.out, "copy") == Words{"copy", "1", "0", "0", "0", "1", "4"});
  CHECK(row(done.out, "gemm") == Words{"gemm", "2", "2", "2", "0", "0", "5-9"});
  CHECK(row(done.out, "relu") == Words{"relu", "1", "0", "0", "1", "0", "5"});
  CHECK(done.out.find("1 times: the values were not finite before") != std::string::npos);
}

TEST_CASE("report names the first event whose value was born there, not the first event") {
  Scratch scratch;
  Finished done = report(scratch.write("events.jsonl", three_kernels()));
  size_t heading = done.out.find("first origin:");
  REQUIRE(heading != std::string::npos);
  std::string sentence = done.out.substr(heading, done.out.find("kernel  ") - heading);
  CHECK(sentence.find("step 5, gemm: 2 of 2,048 values") != std::string::npos);
  CHECK(sentence.find("65504") != std::string::npos);
}

TEST_CASE("report says so when no origin is known") {
  Scratch scratch;
  Finished done = report(scratch.write(
      "events.jsonl", to_json_line(event("copy", 4, Origin::unknown, Resolution::observed))));
  CHECK(done.exit_code == 0);
  CHECK(done.out.find("none: no event says that its kernel made the value") != std::string::npos);
}

TEST_CASE("report counts what observe would have repaired") {
  Scratch scratch;
  Finished done = report(scratch.write(
      "events.jsonl", to_json_line(event("gemm", 4, Origin::origin, Resolution::would_repair))));
  CHECK(done.out.find("1 events would have been repaired in mode resolve") != std::string::npos);
}

TEST_CASE("report names bad lines and loses no good one") {
  Scratch scratch;
  std::string first = to_json_line(event("gemm", 5, Origin::origin, Resolution::repaired));
  std::string cut = first.substr(0, first.size() / 2) + "\n";
  std::string path = scratch.write(
      "events.jsonl", cut + first + "not json\n\n" + first + "{\"schema\":99}\n" + cut);
  Finished done = report(path);
  INFO(done.out << done.err);
  CHECK(done.exit_code == 1);
  CHECK(done.out.find("2 events, 4 lines not understood") != std::string::npos);
  for (const char* number : {":1: ", ":3: ", ":6: ", ":7: "})
    CHECK(done.err.find(path + number) != std::string::npos);
  CHECK(done.err.find(path + ":2: ") == std::string::npos);
  CHECK(done.err.find("schema 99") != std::string::npos);
}

TEST_CASE("report reads a last line without its end") {
  Scratch scratch;
  std::string line = to_json_line(event("gemm", 5, Origin::origin, Resolution::repaired));
  line.pop_back();
  Finished done = report(scratch.write("events.jsonl", line));
  CHECK(done.exit_code == 0);
  CHECK(done.out.find("1 events") != std::string::npos);
}

TEST_CASE("report on an empty file") {
  Scratch scratch;
  Finished done = report(scratch.write("events.jsonl", ""));
  CHECK(done.exit_code == 0);
  CHECK(done.out.find("0 events") != std::string::npos);
}

TEST_CASE("report on what cannot be read") {
  Scratch scratch;
  std::string missing = (scratch.path() / "none.jsonl").string();
  Finished done = report(missing);
  CHECK(done.exit_code == 1);
  CHECK(done.err == "nonans: " + missing + ": No such file or directory\n");
  done = report(scratch.path().string());
  CHECK(done.exit_code == 1);
  CHECK(done.err.find("Is a directory") != std::string::npos);
}

TEST_CASE("report --json holds the same as the text") {
  Scratch scratch;
  Finished done = report(scratch.write("events.jsonl", three_kernels() + "broken\n"), true);
  CHECK(done.exit_code == 1);
  nlohmann::json json = nlohmann::json::parse(done.out);
  CHECK(json["events"] == 4);
  CHECK(json["first_origin"]["kernel"] == "gemm");
  CHECK(json["first_origin"]["step"] == 5);
  REQUIRE(json["kernels"].size() == 3);
  CHECK(json["kernels"][1]["kernel"] == "gemm");
  CHECK(json["kernels"][1]["repaired"] == 2);
  CHECK(json["kernels"][1]["values_repaired"] == 4);
  CHECK(json["kernels"][2]["refused"] == 1);
  REQUIRE(json["bad_lines"].size() == 1);
  CHECK(json["bad_lines"][0]["line"] == 5);
}
