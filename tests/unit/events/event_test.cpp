// SPDX-License-Identifier: MIT
#include "events/event.hpp"

#include <fstream>
#include <sstream>

#include "events/names.hpp"
#include "support/catch.hpp"

using namespace nonans::events;

namespace {

Event example() {
  Event e;
  e.ordinal = 3;
  e.step = 412;
  e.launch = 10412;
  e.time_unix_ns = 1'700'000'000'123'456'789u;
  e.kernel = "gemm_bias_relu_f16";
  e.kernel_symbol = "gemm_bias_relu_f16";
  e.arg = 4;
  e.type = "f16";
  e.kind = Kind::overflow;
  e.severity = Severity::warning;
  e.origin = Origin::origin;
  e.resolution = Resolution::repaired;
  e.pos_inf = 3;
  e.repaired = 3;
  e.elements = 131072;
  e.first_index = 77;
  e.first_address = 0xfedcba9876543210u;
  e.first_value = "+Inf";
  e.fill = "65504";
  return e;
}

}  // namespace

TEST_CASE("event: a line of JSON holds every field and gives it back") {
  Event e = example();
  e.nan = 1;
  e.neg_inf = UINT64_MAX;
  e.reason = "because \"so\"\nand so";
  e.dirty_inputs = {0, 7};
  e.captured = true;
  e.replay = 9;
  e.source = "train.cu:41";
  e.nvtx = "layer3 / softmax";
  const std::string line = to_json_line(e);
  CHECK(line.find('\n') == line.size() - 1);
  CHECK(line.starts_with("{\"schema\":1,"));
  CHECK(line.find("\"kind\":\"overflow\"") != std::string::npos);
  CHECK(line.find("\"first_address\":\"0xfedcba9876543210\"") != std::string::npos);

  Event back;
  std::string error;
  REQUIRE(from_json_line(line, back, error));
  CHECK(to_json_line(back) == line);
  CHECK(back.time_unix_ns == e.time_unix_ns);
  CHECK(back.neg_inf == UINT64_MAX);
  CHECK(back.reason == e.reason);
  CHECK(back.nvtx == "layer3 / softmax");
  CHECK(back.dirty_inputs == e.dirty_inputs);
  CHECK(back.first_address == e.first_address);
  CHECK(back.resolution == Resolution::repaired);
}

TEST_CASE("event: a symbol that is not UTF-8 still makes a valid line") {
  Event e = example();
  e.kernel = "bad\xff\xfename";
  Event back;
  std::string error;
  REQUIRE(from_json_line(to_json_line(e), back, error));
  CHECK(back.kernel.starts_with("bad"));
  CHECK(back.kernel.ends_with("name"));
}

TEST_CASE("event: a bad line is refused with its reason and changes nothing") {
  const struct {
    const char* line;
    const char* says;
  } cases[] = {
      {"", "parse error"},
      {"{\"schema\":1", "parse error"},
      {"[]", "not a JSON object"},
      {"{}", "schema 0"},
      {"{\"schema\":2}", "schema 2, this program reads 1"},
      {"{\"schema\":1,\"kind\":\"boom\"}", "field \"kind\": no such value: boom"},
      {"{\"schema\":1,\"step\":\"x\"}", "field \"step\""},
      {"{\"schema\":1,\"step\":-1}", "field \"step\": not a whole number"},
      {"{\"schema\":1,\"first_address\":\"17\"}", "field \"first_address\": not an address"},
      {"{\"schema\":1,\"first_address\":\"0xfffffffffffffffff\"}", ""},
  };
  for (const auto& c : cases) {
    INFO(c.line);
    Event e = example();
    std::string error;
    CHECK_FALSE(from_json_line(c.line, e, error));
    CHECK(error.find(c.says) != std::string::npos);
    CHECK_FALSE(error.empty());
    CHECK(e.launch == 10412);
  }
}

TEST_CASE("event: fields this program does not know, and fields that are missing, are no error") {
  Event e;
  std::string error;
  REQUIRE(from_json_line(R"({"schema":1,"kernel":"k","layer":"blocks.3","arg":2})", e, error));
  CHECK(e.kernel == "k");
  CHECK(e.arg == 2);
  CHECK(e.kind == Kind::unknown);
}

TEST_CASE("event: every word of the schema reads back as itself") {
  for (int i = 0; i <= int(Kind::unknown); ++i) {
    Kind kind{};
    CHECK(from_name(name_of(static_cast<Kind>(i)), kind));
    CHECK(kind == static_cast<Kind>(i));
  }
  for (int i = 0; i <= int(Origin::unknown); ++i) {
    Origin origin{};
    CHECK(from_name(name_of(static_cast<Origin>(i)), origin));
    CHECK(origin == static_cast<Origin>(i));
  }
  Kind kind{};
  CHECK_FALSE(from_name("", kind));
}

TEST_CASE("event: docs/events.md is the list of fields") {
  std::ifstream file(NONANS_SOURCE_DIR "/docs/events.md");
  std::stringstream text;
  text << file.rdbuf();
  CHECK(text.str() == events_markdown());
}

TEST_CASE("sentence: what the first origin says") {
  CHECK(to_sentence(example()) ==
        "nonans: step 412, gemm_bias_relu_f16: 3 of 131,072 values of argument 4 became +Inf "
        "(inputs finite); set to 65504");
}

TEST_CASE("sentence: the innermost range names the operator") {
  Event e = example();
  e.nvtx = "layer3 / softmax";
  CHECK(to_sentence(e).starts_with("nonans: step 412, in softmax, gemm_bias_relu_f16: 3 of"));
  e.nvtx = "forward";
  CHECK(to_sentence(e).starts_with("nonans: step 412, in forward, gemm_bias_relu_f16: 3 of"));
}

TEST_CASE("sentence: observe mode says what would have been done") {
  Event e = example();
  e.resolution = Resolution::would_repair;
  CHECK(to_sentence(e).ends_with("became +Inf (inputs finite); would be set to 65504"));
}

TEST_CASE("sentence: a refusal says why") {
  Event e = example();
  e.resolution = Resolution::refused;
  e.reason = "more than one value in eight";
  e.fill.clear();
  CHECK(to_sentence(e).ends_with(
      "became +Inf (inputs finite); not repaired: more than one value in eight"));
}

TEST_CASE("sentence: several classes are counted apart, and so is what was left") {
  Event e = example();
  e.nan = 2;
  e.neg_inf = 1000;
  e.repaired = 5;
  e.fill = "0 for NaN, 65504 for +Inf";
  CHECK(to_sentence(e).ends_with(
      "1,005 of 131,072 values of argument 4 became non-finite (2 NaN, 3 +Inf, 1,000 -Inf) (inputs "
      "finite); 5 set to 0 for NaN, 65504 for +Inf"));
}

TEST_CASE("sentence: only an origin became; the others are") {
  Event e = example();
  e.resolution = Resolution::observed;
  e.origin = Origin::propagated;
  e.dirty_inputs = {0, 2, 3};
  CHECK(to_sentence(e).ends_with("are +Inf (from arguments 0, 2 and 3, not finite before)"));
  e.origin = Origin::unknown;
  e.pos_inf = 1;
  e.elements = 1;
  CHECK(to_sentence(e).ends_with(
      "1 of 1 value of argument 4 is +Inf (where it comes from is not known)"));
}

TEST_CASE("sentence: a demangled name loses its parameter list and keeps its brackets") {
  Event e = example();
  e.kernel = "void (anonymous namespace)::scale<(int)4>(float*, int (*)(int))";
  e.step = 0;
  CHECK(to_sentence(e).starts_with(
      "nonans: launch 10,412, void (anonymous namespace)::scale<(int)4>: 3 of"));
  e.captured = true;
  e.launch = 0;
  e.replay = 1000;
  e.kernel = "(odd)";
  CHECK(to_sentence(e).starts_with("nonans: graph replay 1,000, (odd): 3 of"));
}
