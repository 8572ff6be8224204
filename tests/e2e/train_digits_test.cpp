// SPDX-License-Identifier: MIT
// The promise, on a real training program that knows nothing of NoNans: it dies of an fp16 overflow
// without the library and does not with it; looking changes nothing; and where nothing is to be
// repaired, not one bit differs.
#include <fstream>
#include <nlohmann/json.hpp>

#include "cuda_device.hpp"
#include "events/event.hpp"
#include "support/catch.hpp"

using namespace nonans::test;
using nonans::events::Event;
using nonans::events::Origin;
using nonans::events::Resolution;

namespace {

// With these the activations outgrow fp16 within the first steps; see docs/sweep.md.
const std::vector<std::string> kDying = {"--lr", "0.03", "--seed", "4", "--steps", "40"};
const std::vector<std::string> kSafe = {"--lr", "0.003", "--seed", "4", "--steps", "12"};

struct Training {
  Finished process;
  nlohmann::json result;
  std::string weights;
  std::vector<Event> events;

  bool finite() const { return result["finite"]; }
  // 0: none.
  int first_nonfinite_step() const {
    return result["first_nonfinite_step"].is_null() ? 0 : result["first_nonfinite_step"].get<int>();
  }
  const Event* first_origin() const {
    for (const Event& event : events) {
      if (event.origin == Origin::origin) return &event;
    }
    return nullptr;
  }
  size_t count(Resolution resolution) const {
    return static_cast<size_t>(std::count_if(
        events.begin(), events.end(), [&](const Event& e) { return e.resolution == resolution; }));
  }
};

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Training train(const std::string& mode, std::vector<std::string> arguments,
               const std::vector<std::string>& more = {},
               const std::map<std::string, std::string>& settings = {}) {
  Scratch scratch;
  auto file = [&](const char* name) { return (scratch.path() / name).string(); };
  std::vector<std::string> command = {
      TRAIN_DIGITS, "--data",     TRAIN_DIGITS_DATA, "--log-every",  "1",
      "--json",     file("json"), "--save-weights",  file("weights")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.insert(command.end(), more.begin(), more.end());
  auto environment = on_device(mode);
  environment.insert(settings.begin(), settings.end());
  environment["NONANS_EVENTS"] = file("events");
  Training training{
      .process = run(command, environment), .result = {}, .weights = {}, .events = {}};
  INFO(training.process.err);
  REQUIRE(training.process.exit_code == 0);
  training.result = nlohmann::json::parse(content(file("json")));
  training.weights = content(file("weights"));
  std::istringstream lines(content(file("events")));
  for (std::string line; std::getline(lines, line);) {
    Event event;
    std::string error;
    REQUIRE(nonans::events::from_json_line(line, event, error));
    training.events.push_back(event);
  }
  return training;
}

}  // namespace

TEST_CASE(
    "a run that dies of an overflow finishes under the library, whichever way its kernels are "
    "shipped") {
  const std::vector<std::string> image = {"--image", GENERATE("fatbin", "ptx")};
  Training alone = train("", kDying, image);
  REQUIRE_FALSE(alone.finite());
  REQUIRE(alone.first_nonfinite_step() > 1);

  Training repaired = train("resolve", kDying, image);
  INFO(repaired.process.err);
  CHECK(repaired.finite());
  CHECK(repaired.count(Resolution::repaired) >= 1);
  REQUIRE(repaired.first_origin() != nullptr);
  const Event& origin = *repaired.first_origin();
  CHECK(origin.kernel == "gemm_bias_relu_f16");
  CHECK(origin.step == static_cast<uint64_t>(alone.first_nonfinite_step()));
  CHECK(origin.arg == 3);
  CHECK(origin.type == "f16");
  CHECK(origin.pos_inf >= 1);
  CHECK(origin.nan + origin.neg_inf == 0);
  CHECK(origin.fill == "65504");
}

TEST_CASE(
    "images and buffers from CUPTI alone, or from hooks alone, are enough to repair the run") {
  const std::vector<std::string> image = {"--image", "ptx"};
  const Training both = train("resolve", kDying, image);
  const std::string source = GENERATE("hooks", "cupti");
  const Training one =
      train("resolve", kDying, image, {{"NONANS_SOURCES", source}, {"NONANS_DEBUG", "info"}});
  INFO(one.process.err);
  CHECK(one.finite());
  CHECK(one.weights == both.weights);
  CHECK(one.events.size() == both.events.size());
  const bool from_cupti = one.process.err.find("; from it 1 image and ") != std::string::npos;
  CHECK(from_cupti == (source == "cupti"));
}

TEST_CASE("observe changes nothing and says what would have been repaired") {
  Training alone = train("", kDying);
  Training observed = train("observe", kDying);
  CHECK(observed.process.out == alone.process.out);  // every loss, to the last digit printed
  CHECK(observed.first_nonfinite_step() == alone.first_nonfinite_step());
  CHECK(observed.count(Resolution::repaired) == 0);
  CHECK(observed.count(Resolution::would_repair) >= 1);
  REQUIRE(observed.first_origin() != nullptr);
  CHECK(observed.first_origin()->kernel == "gemm_bias_relu_f16");
}

TEST_CASE(
    "without a non-finite value the weights are bit-identical, in every mode, pooled or not") {
  const std::vector<std::string> pool =
      GENERATE(std::vector<std::string>{}, std::vector<std::string>{"--pool"});
  Training alone = train("", kSafe, pool);
  REQUIRE(alone.finite());
  for (const char* mode : {"off", "observe", "resolve"}) {
    Training with = train(mode, kSafe, pool);
    CHECK(with.weights == alone.weights);
    CHECK(with.process.out == alone.process.out);
    CHECK(with.events.empty());
  }
}

TEST_CASE("switched off, the library says nothing and repairs nothing") {
  Training alone = train("", kDying);
  Training off = train("off", kDying);
  CHECK(off.process.out == alone.process.out);
  CHECK(off.process.err == alone.process.err);
  CHECK(off.events.empty());
}
