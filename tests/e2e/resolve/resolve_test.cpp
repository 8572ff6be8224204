// SPDX-License-Identifier: MIT
// From the preload to the repaired buffer: real kernels on the software device, in a program that
// knows nothing of us. Each scenario is also run without the library: what must be left alone is
// compared with that, bit by bit.
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "process.hpp"
#include "support/catch.hpp"

using nlohmann::json;
using nonans::test::Finished;
using nonans::test::Scratch;

namespace {

constexpr unsigned long long kMaxF32 = 0x7f7fffff, kInfF32 = 0x7f800000;

struct Run {
  Finished done;
  std::vector<json> events;
  // The values of the n-th line that begins with `name`.
  std::vector<unsigned long long> values(const std::string& name, size_t n = 0) const {
    std::istringstream lines(done.out);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string first;
      words >> first;
      if (first != name || n-- != 0) continue;
      std::vector<unsigned long long> found;
      words >> std::hex;
      for (unsigned long long value; words >> value;) found.push_back(value);
      return found;
    }
    return {};
  }
};

Run run_program(const std::string& image, const std::string& scenario, bool preload,
                std::map<std::string, std::string> environment = {}) {
  const Scratch scratch;
  environment.emplace("LD_LIBRARY_PATH", SOFTGPU_FOLDER);
  const std::string path = (scratch.path() / "events.jsonl").string();
  if (preload) {
    environment.emplace("LD_PRELOAD", NONANS_LIBRARY);
    environment.emplace("NONANS_EVENTS", path);
  }
  Run run{nonans::test::run({RESOLVE_PROGRAM, image, scenario}, environment), {}};
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) run.events.push_back(json::parse(line));
  INFO("stdout: " << run.done.out << "stderr: " << run.done.err);
  REQUIRE(run.done.exit_code == 0);
  return run;
}

Run watched(const std::string& scenario, std::map<std::string, std::string> environment = {}) {
  return run_program(PTX_IMAGE, scenario, true, std::move(environment));
}
Run alone(const std::string& scenario) {
  return run_program(PTX_IMAGE, scenario, false);
}

bool has_event(const Run& run, const std::string& kernel, const std::string& resolution,
               const std::string& origin) {
  return std::any_of(run.events.begin(), run.events.end(), [&](const json& event) {
    return event["kernel"] == kernel && event["resolution"] == resolution &&
           event["origin"] == origin;
  });
}
std::string all_events(const Run& run) {
  std::string text;
  for (const json& event : run.events) text += event.dump() + "\n";
  return text + run.done.err;
}

// What should come out: the values without us, with those at `at` replaced.
std::vector<unsigned long long> with(std::vector<unsigned long long> values, std::vector<size_t> at,
                                     unsigned long long by) {
  for (const size_t i : at) values.at(i) = by;
  return values;
}

}  // namespace

TEST_CASE(
    "an overflow from finite inputs becomes the largest finite value, and nothing else changes") {
  const Run plain = alone("overflow");
  REQUIRE(plain.values("out").at(5) == kInfF32);
  const Run run = watched("overflow");
  INFO(all_events(run));
  CHECK(run.values("out") == with(plain.values("out"), {5, 77, 200}, kMaxF32));
  CHECK(run.values("in") == plain.values("in"));
  REQUIRE(run.events.size() == 1);
  const json& event = run.events[0];
  CHECK(event["kernel"] == "square");
  CHECK(event["arg"] == 0);
  CHECK(event["type"] == "f32");
  CHECK(event["origin"] == "origin");
  CHECK(event["resolution"] == "repaired");
  CHECK(event["pos_inf"] == 3);
  CHECK(event["nan"] == 0);
  CHECK(event["first_index"] == 5);
  CHECK(event["elements"] == 256);
}

TEST_CASE(
    "what is said: one line at the first context, one at the first find, a summary at the end") {
  const Run run = watched("overflow");
  INFO(run.done.err);
  CHECK(run.done.err.rfind("nonans 0.1.0: mode resolve, driver ", 0) == 0);
  CHECK(run.done.err.find("square") != std::string::npos);
  CHECK(run.done.err.find("1 launch: 1 scanned") != std::string::npos);
  const Run quiet = watched("overflow", {{"NONANS_QUIET", "1"}, {"NONANS_DEBUG", "off"}});
  CHECK(quiet.done.err == "");
  CHECK(quiet.values("out") == run.values("out"));
}

TEST_CASE("a program without non-finite values sees no difference") {
  const Run run = watched("integers");
  CHECK(run.done.out == alone("integers").done.out);
  CHECK(run.events.empty());
}

TEST_CASE("0/0 becomes zero") {
  const Run run = watched("zero-by-zero");
  INFO(all_events(run));
  CHECK(run.values("out") == with(alone("zero-by-zero").values("out"), {3}, 0));
  CHECK(has_event(run, "quotient", "repaired", "origin"));
}

TEST_CASE("a double overflow becomes the largest double") {
  const Run run = watched("double");
  INFO(all_events(run));
  CHECK(run.values("out") == with(alone("double").values("out"), {255}, 0x7fefffffffffffff));
}

TEST_CASE("minus infinity stays") {
  const Run run = watched("negative-overflow");
  INFO(all_events(run));
  CHECK(run.done.out == alone("negative-overflow").done.out);
  CHECK(run.events.size() == 1);
}

TEST_CASE("each of two devices is repaired by itself") {
  const std::map<std::string, std::string> two{{"SOFTGPU_DEVICES", "2"}};
  const Run plain = run_program(PTX_IMAGE, "two-devices", false, two);
  const Run run = watched("two-devices", two);
  INFO(all_events(run));
  REQUIRE(plain.values("first").at(5) == kInfF32);
  REQUIRE(plain.values("second").at(5) == kInfF32);
  CHECK(run.values("first") == with(plain.values("first"), {5, 77, 200}, kMaxF32));
  CHECK(run.values("second") == with(plain.values("second"), {5, 77, 200}, kMaxF32));
  CHECK(std::count_if(run.events.begin(), run.events.end(),
                      [](const json& e) { return e["resolution"] == "repaired"; }) == 6);
}

TEST_CASE("memory of another device is left alone, and the summary says so") {
  const std::string scenario = GENERATE("peer-memory", "peer-pool");
  const std::map<std::string, std::string> two{{"SOFTGPU_DEVICES", "2"}};
  const Run plain = run_program(PTX_IMAGE, scenario, false, two);
  const Run run = watched(scenario, two);
  INFO(scenario << "\n" << all_events(run));
  REQUIRE(plain.values("into").at(5) == kInfF32);
  CHECK(run.values("into") == plain.values("into"));
  // Nobody can say whether what was read there stood there before: not proven to be the origin.
  CHECK(run.values("from") == plain.values("from"));
  CHECK(run.values("own") == with(plain.values("own"), {5, 77, 200}, kMaxF32));
  CHECK(run.done.err.find("outputs left alone: 1 launch into memory of another device\n") !=
        std::string::npos);
}

TEST_CASE("a pointer that the launch does not follow is not followed by us") {
  const auto [scenario, owner] = GENERATE(
      std::pair<std::string, std::string>("other-device-not-followed", "another device"),
      std::pair<std::string, std::string>("other-context-not-followed", "another context"));
  const std::map<std::string, std::string> two{{"SOFTGPU_DEVICES", "2"}};
  const Run plain = run_program(PTX_IMAGE, scenario, false, two);
  const Run run = watched(scenario, two);
  INFO(all_events(run));
  REQUIRE(plain.values("own").at(5) == kInfF32);
  CHECK(run.values("own") == with(plain.values("own"), {5, 77, 200}, kMaxF32));
  // What a launch may write counts, whether it does or not.
  CHECK(run.done.err.find("outputs left alone: 1 launch into memory of " + owner + "\n") !=
        std::string::npos);
}

TEST_CASE("memory that the host sees as well is left alone, and the summary says so") {
  const auto [scenario, words] =
      GENERATE(std::pair<std::string, std::string>("managed", "managed memory"),
               std::pair<std::string, std::string>("host-mapped", "host memory"));
  const Run plain = alone(scenario);
  REQUIRE(plain.values("out").at(5) == kInfF32);
  const Run run = watched(scenario);
  INFO(all_events(run));
  CHECK(run.done.out == plain.done.out);
  CHECK(run.done.err.find("outputs left alone: 1 launch into " + words + "\n") !=
        std::string::npos);
}

TEST_CASE("fp16 is left alone until an optimiser has ended a step, then saturated") {
  const Run plain = alone("half");
  const Run run = watched("half");
  INFO(all_events(run));
  CHECK(run.values("first") == plain.values("first"));
  CHECK(run.values("w") == plain.values("w"));
  CHECK(run.values("second") == with(plain.values("second"), {9}, 0x7bff));
  REQUIRE(run.events.size() == 2);
  CHECK(run.events[0]["step"] == 1);
  CHECK(run.events[1]["step"] == 2);
}

TEST_CASE("observe changes nothing and says what it would have done") {
  for (const char* scenario : {"overflow", "zero-by-zero", "half", "pool"}) {
    const Run run = watched(scenario, {{"NONANS_MODE", "observe"}});
    INFO(scenario << all_events(run));
    CHECK(run.done.out == alone(scenario).done.out);
    CHECK_FALSE(run.events.empty());
    CHECK(std::none_of(run.events.begin(), run.events.end(),
                       [](const json& e) { return e["resolution"] == "repaired"; }));
  }
  CHECK(has_event(watched("overflow", {{"NONANS_MODE", "observe"}}), "square", "would_repair",
                  "origin"));
}

TEST_CASE("off is silent and does nothing") {
  const Run run = watched("overflow", {{"NONANS_MODE", "off"}});
  CHECK(run.done.out == alone("overflow").done.out);
  CHECK(run.done.err.empty());
  CHECK(run.events.empty());
}

TEST_CASE("what is not proven is reported and left as it is") {
  const std::string scenario = GENERATE("in-place", "propagated");
  const Run run = watched(scenario);
  INFO(all_events(run));
  CHECK(run.done.out == alone(scenario).done.out);
  REQUIRE(run.events.size() == 1);
  CHECK(run.events[0]["origin"] == (scenario == "propagated" ? "propagated" : "unknown"));
}

TEST_CASE("what the caller asked for is information, not a fault") {
  const Run run = watched("intended");
  INFO(all_events(run));
  CHECK(run.done.out == alone("intended").done.out);
  for (const json& event : run.events) CHECK(event["origin"] == "intended");
}

TEST_CASE("a store through an index from memory is not repaired, and the summary says so") {
  const Run run = watched("scatter");
  INFO(all_events(run));
  CHECK(run.done.out == alone("scatter").done.out);
  CHECK(run.done.err.find("1 with an output that could not be looked at") != std::string::npos);
}

TEST_CASE("what lies behind the launch's last element is not touched, whatever it holds") {
  const Run run = watched("short-write");
  INFO(all_events(run));
  CHECK(run.values("out") == with(alone("short-write").values("out"), {5, 77}, kMaxF32));
}

TEST_CASE("in a pool the neighbours stay bit-identical") {
  const Run plain = alone("pool");
  const Run run = watched("pool");
  INFO(all_events(run));
  // Reads and writes of this kernel are known to the byte, so that one allocation for all is no
  // obstacle.
  CHECK(run.values("pool") == with(plain.values("pool"), {256 + 5, 256 + 77, 256 + 200}, kMaxF32));
}

TEST_CASE("every way to launch is followed") {
  const std::string scenario = GENERATE("extra", "launch-ex", "many-streams");
  const Run run = watched(scenario);
  INFO(all_events(run));
  CHECK(run.values("out") == with(alone(scenario).values("out"), {5, 77, 200}, kMaxF32));
}

TEST_CASE("memory that was freed and handed out again is watched like new") {
  const Run run = watched("reused");
  INFO(all_events(run));
  for (const char* name : {"first", "second"})
    CHECK(run.values(name) == with(alone("reused").values(name), {5, 77, 200}, kMaxF32));
}

TEST_CASE("threads with streams of their own") {
  const Run plain = alone("threads");
  const Run run = watched("threads");
  INFO(all_events(run));
  for (size_t t = 0; t < 8; ++t)
    CHECK(run.values("out", t) == with(plain.values("out", t), {t}, kMaxF32));
}

TEST_CASE("a context that goes and comes back is watched again, and its events are not lost") {
  const Run run = watched("contexts");
  INFO(all_events(run));
  for (size_t n = 0; n < 3; ++n)
    CHECK(run.values("out", n) == with(alone("contexts").values("out", n), {5, 77, 200}, kMaxF32));
  CHECK(run.events.size() == 3);
}

TEST_CASE("images with machine code beside the PTX, and compressed ones") {
  for (const char* image : {FAT_IMAGE, LZ4_IMAGE, ZSTD_IMAGE}) {
    const Run run = run_program(image, "overflow", true);
    INFO(image << all_events(run));
    CHECK(run.values("out").at(5) == kMaxF32);
  }
}

TEST_CASE("machine code of another architecture than the PTX: looked at, nothing proven") {
  const Run run = run_program(MIXED_IMAGE, "overflow", true);
  INFO(all_events(run));
  CHECK(run.values("out").at(5) == kInfF32);
  REQUIRE(run.events.size() == 1);
  CHECK(run.events[0]["resolution"] != "repaired");
}

TEST_CASE("broken images: the program gets the driver's answer") {
  const Scratch scratch;
  const std::string image = GENERATE(
      std::string("not an image"),
      std::string(".version 8.0\n.target sm_75\n.address_size 64\n.visible .entry square(\n"),
      std::string(".version 8.0\n.target sm_75\n.address_size 64\n.visible .entry square() { "
                  "frobnicate.f32 %f1; ret; }\n"),
      std::string("\x50\xed\x55\xba\x01\x00\x10\x00\xff\xff\xff\x7f\x00\x00\x00\x00", 16));
  const std::string path = scratch.write("image", image);
  CHECK(run_program(path, "overflow", true).done.out ==
        run_program(path, "overflow", false).done.out);
}

TEST_CASE("events that cannot be written: the program goes on, one line says why") {
  const Run run = watched("overflow", {{"NONANS_EVENTS", "/proc/nonans/events.jsonl"}});
  INFO(run.done.err);
  CHECK(run.values("out").at(5) == kMaxF32);
  CHECK(run.done.err.find("/proc/nonans") != std::string::npos);
}

TEST_CASE("no scan kernel that loads: the program runs as without us, one line says why") {
  // Compute capability 5.0 is older than everything in the library; the program brings PTX for it.
  const Scratch scratch;
  const std::string image = scratch.write("old.ptx", R"(.version 7.0
.target sm_50
.address_size 64
.visible .entry square(.param .u64 out, .param .u64 in, .param .u32 n) {
  .reg .f32 %f<3>; .reg .b32 %r<4>; .reg .b64 %rd<6>;
  ld.param.u64 %rd1, [out];
  ld.param.u64 %rd2, [in];
  mov.u32 %r1, %ctaid.x;
  mov.u32 %r2, %tid.x;
  mad.lo.u32 %r3, %r1, 64, %r2;
  mul.wide.u32 %rd3, %r3, 4;
  add.u64 %rd4, %rd1, %rd3;
  add.u64 %rd5, %rd2, %rd3;
  ld.global.f32 %f1, [%rd5];
  mul.f32 %f2, %f1, %f1;
  st.global.f32 [%rd4], %f2;
  ret;
}
)");
  const Run plain = run_program(image, "overflow", false, {{"SOFTGPU_CC", "5.0"}});
  REQUIRE(plain.values("out").at(5) == kInfF32);
  const Run run = run_program(image, "overflow", true, {{"SOFTGPU_CC", "5.0"}});
  INFO(run.done.err);
  CHECK(run.done.out == plain.done.out);
  CHECK(std::count(run.done.err.begin(), run.done.err.end(), '\n') == 1);
  CHECK(run.done.err.find("runs unwatched") != std::string::npos);
}
