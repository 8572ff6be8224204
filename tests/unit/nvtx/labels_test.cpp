// SPDX-License-Identifier: MIT
#include "nvtx/labels.hpp"

#include <atomic>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "nvtx/label_cache.hpp"
#include "nvtx/names.hpp"
#include "nvtx/range_stack.hpp"
#include "nvtx/thread_ranges.hpp"
#include "support/catch.hpp"

using namespace nonans::nvtx;

namespace {

std::string path_of(const RangeStack& stack, size_t room = 232) {
  std::vector<char> text(room);
  return std::string(stack.path(text));
}

template <typename Cache>
std::string text_of(const Cache& cache, uint32_t label) {
  char text[Cache::kText];
  return std::string(text, cache.read(label, text));
}

}  // namespace

// nvtxRangePushA: "The 0 based level of range being started"; nvtxRangePop: the level of the range
// being ended, negative on error.
TEST_CASE("ranges: push and pop give back levels from 0") {
  RangeStack stack;
  CHECK(stack.pop(0) < 0);
  CHECK(stack.push(0, "outer") == 0);
  CHECK(stack.push(0, "inner") == 1);
  CHECK(path_of(stack) == "outer / inner");
  CHECK(stack.pop(0) == 1);
  CHECK(stack.pop(0) == 0);
  CHECK(stack.pop(0) < 0);
  CHECK(path_of(stack) == "");
}

TEST_CASE("ranges: each domain nests by itself") {
  RangeStack stack;
  CHECK(stack.push(0, "layer") == 0);
  CHECK(stack.push(7, "library") == 0);
  CHECK(stack.push(0, "op") == 1);
  CHECK(path_of(stack) == "layer / library / op");
  CHECK(stack.pop(7) == 0);
  CHECK(path_of(stack) == "layer / op");
  CHECK(stack.pop(7) < 0);
  CHECK(stack.push(7, "again") == 0);
  CHECK(path_of(stack) == "layer / op / again");
  CHECK(stack.pop(0) == 1);
  CHECK(stack.pop(0) == 0);
  CHECK(path_of(stack) == "again");
}

TEST_CASE("ranges: a range without a name counts and is not shown") {
  RangeStack stack;
  stack.push(0, "a");
  CHECK(stack.push(0, "") == 1);
  stack.push(0, "b");
  CHECK(path_of(stack) == "a / b");
  CHECK(stack.pop(0) == 2);
  CHECK(stack.pop(0) == 1);
  CHECK(path_of(stack) == "a");
}

TEST_CASE("ranges: what is too long loses its outer end, whole names at a time") {
  RangeStack stack;
  for (const char* name : {"one", "two", "three", "four"}) stack.push(0, name);
  CHECK(path_of(stack, 40) == "one / two / three / four");
  CHECK(path_of(stack, 18) == "\xe2\x80\xa6 / three / four");
  CHECK(path_of(stack, 17) == "\xe2\x80\xa6 / four");
  RangeStack names;
  names.push(0, std::string(119, 'x') + "\xc3\xa9");  // é would be cut in two
  CHECK(path_of(names) == std::string(119, 'x'));
}

TEST_CASE("ranges: beyond the room they are counted, and all can be closed again") {
  RangeStack stack;
  const int many = 3 * static_cast<int>(RangeStack::kRanges);
  for (int i = 0; i < many; ++i) REQUIRE(stack.push(0, std::string(100, 'n')) == i);
  CHECK(path_of(stack).size() <= 232);
  for (int i = many; i-- > 0;) REQUIRE(stack.pop(0) == i);
  CHECK(stack.pop(0) < 0);
  stack.push(0, "fresh");
  CHECK(path_of(stack) == "fresh");
}

TEST_CASE("labels: equal text has an equal label, other text another") {
  const auto cache = std::make_unique<LabelCache<64>>();
  const uint32_t a = cache->label_of("layer3 / softmax", false);
  const uint32_t b = cache->label_of("layer4 / softmax", false);
  CHECK(a != 0);
  CHECK(b != 0);
  CHECK(a != b);
  CHECK(cache->label_of("layer3 / softmax", false) == a);
  CHECK(text_of(*cache, a) == "layer3 / softmax");
  CHECK(text_of(*cache, b) == "layer4 / softmax");
  CHECK(text_of(*cache, 0) == "");
  CHECK(text_of(*cache, 0xffffffff) == "");
  CHECK(text_of(*cache, a + 0x10000) == "");
}

TEST_CASE("labels: an old one is nobody's, never another's; lasting ones stay") {
  const auto cache = std::make_unique<LabelCache<4>>();
  const uint32_t kept = cache->label_of("in a graph", true);
  const uint32_t old = cache->label_of("once", false);
  std::set<uint32_t> seen{kept, old};
  for (int step = 0; step < 1000; ++step) {
    const std::string text = "step " + std::to_string(step);
    const uint32_t label = cache->label_of(text, false);
    REQUIRE(label != 0);
    REQUIRE(seen.insert(label).second);
    REQUIRE(text_of(*cache, label) == text);
  }
  CHECK(text_of(*cache, kept) == "in a graph");
  CHECK(text_of(*cache, old) == "");
  CHECK_FALSE(cache->holds(old));
  CHECK(cache->holds(kept));
}

TEST_CASE("labels: lasting ones leave room for the others") {
  const auto cache = std::make_unique<LabelCache<1>>();
  for (int i = 0; i < 100; ++i) REQUIRE(cache->label_of("graph " + std::to_string(i), true) != 0);
  const uint32_t label = cache->label_of("now", false);
  CHECK(label != 0);
  CHECK(text_of(*cache, label) == "now");
  int kept = 0;
  for (int i = 0; i < 6; ++i) kept += cache->label_of("graph " + std::to_string(i), true) != 0;
  CHECK(kept == 6);
}

TEST_CASE("labels: what is read while others write is whole or nothing") {
  const auto cache = std::make_unique<LabelCache<1>>();
  std::atomic<bool> stop{false};
  std::atomic<uint32_t> latest{0};
  std::vector<std::thread> writers;
  for (int t = 0; t < 3; ++t)
    writers.emplace_back([&, t] {
      for (int i = 0; !stop; ++i)
        latest = cache->label_of(std::string(200, static_cast<char>('a' + (i + t) % 26)), false);
    });
  size_t read = 0, torn = 0;
  while (read < 20000) {
    const std::string text = text_of(*cache, latest);
    if (text.empty()) continue;
    ++read;
    torn += text != std::string(200, text[0]);
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
  CHECK(torn == 0);
}

TEST_CASE("labels: a thread's own ranges, from push to text") {
  CHECK(current_label() == 0);
  push_range(0, "main");
  push_range(0, "softmax");
  const uint32_t label = current_label();
  CHECK(label_text(label) == "main / softmax");
  CHECK(current_label() == label);
  CHECK(lasting_label() == label);
  std::thread([&] {
    CHECK(current_label() == 0);
    CHECK(pop_range(0) < 0);
    push_range(3, "worker");
    CHECK(label_text(current_label()) == "worker");
  }).join();
  CHECK(pop_range(0) == 1);
  CHECK(label_text(current_label()) == "main");
  CHECK(pop_range(0) == 0);
  CHECK(current_label() == 0);
  CHECK(label_text(label) == "main / softmax");
}

TEST_CASE("names: equal text, equal handle") {
  Names names;
  CHECK(names.string("a") == names.string("a"));
  CHECK(names.string("a") != names.string("b"));
  CHECK(names.string("a")->text == "a");
  CHECK(names.domain("x") == names.domain("x"));
  CHECK(names.domain("x")->id != names.domain("y")->id);
  CHECK(names.domain("x")->id != 0);
}

TEST_CASE("names: bounded, and a handle all the same") {
  Names names;
  for (size_t i = 0; i < Names::kStrings; ++i) names.string("s" + std::to_string(i));
  const String* more = names.string("one more");
  REQUIRE(more != nullptr);
  CHECK(more->text.empty());
  CHECK(names.string("s5")->text == "s5");
  for (size_t i = 0; i < Names::kDomains; ++i) names.domain("d" + std::to_string(i));
  CHECK(names.domain("one more") == names.domain("and more"));
}

// RFC 3629.
TEST_CASE("names: wide text becomes UTF-8") {
  char room[16];
  CHECK(to_utf8(L"a\u00e9\u20ac\U0001d11e", room, sizeof room) ==
        "a\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e");
  CHECK(to_utf8(L"\u20ac\u20ac", room, 5) == "\xe2\x82\xac");
  const wchar_t bad[] = {static_cast<wchar_t>(0xd800), static_cast<wchar_t>(0x110000), 0};
  CHECK(to_utf8(bad, room, sizeof room) == "\xef\xbf\xbd\xef\xbf\xbd");
}
