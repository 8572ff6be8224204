// SPDX-License-Identifier: MIT
// Tokens: PTX ISA 9.0, sections 4.1 to 4.4.
#include "image/ptx/lexer.hpp"

#include <vector>

#include "parse_text.hpp"

using nonans::image::ptx::Lexer;
using nonans::image::ptx::Token;

namespace {

// The tokens point into the text.
std::vector<Token> tokens_of(const std::string& text) {
  std::vector<Token> tokens;
  Lexer lexer(text);
  for (Token t = lexer.next(); t.kind != Token::Kind::end; t = lexer.next()) tokens.push_back(t);
  return tokens;
}

std::string spelled(const std::string& text) {
  std::string out;
  for (const Token& token : tokens_of(text)) out += std::string(token.text) + "|";
  return out;
}

}  // namespace

TEST_CASE("words, modifiers, numbers and marks are told apart") {
  CHECK(spelled("ld.global.nc.v4.f32 {%f1,_},[%rd1+-8];") ==
        "ld|.global|.nc|.v4|.f32|{|%f1|,|_|}|,|[|%rd1|+|-|8|]|;|");
  CHECK(spelled("@!%p bra $L__BB0_1;") == "@|!|%p|bra|$L__BB0_1|;|");
  CHECK(spelled("mov.u32 r,%tid.x;") == "mov|.u32|r|,|%tid|.x|;|");
}

TEST_CASE("modifiers may hold '::' and begin with a digit") {
  CHECK(spelled("st.shared::cta.b32") == "st|.shared::cta|.b32|");
  CHECK(spelled("ld.L2::cache_hint.L2::128B") == "ld|.L2::cache_hint|.L2::128B|");
  CHECK(spelled("tcgen05.ld.16x256b.x1") == "tcgen05|.ld|.16x256b|.x1|");
  CHECK(spelled("tex.2d.v4") == "tex|.2d|.v4|");
}

TEST_CASE("a label's ':' is its own token") {
  CHECK(spelled("L1:L2: ret;") == "L1|:|L2|:|ret|;|");
}

TEST_CASE("numbers end where they end") {
  CHECK(spelled("1.5e-3+2") == "1.5e-3|+|2|");
  CHECK(spelled("0x1e-1") == "0x1e|-|1|");
  CHECK(spelled("0f3e800000-1") == "0f3e800000|-|1|");
  CHECK(spelled("%r<100>;") == "%r|<|100|>|;|");
}

TEST_CASE("comments separate and vanish") {
  CHECK(spelled("a/* x ** / */b // c\nd") == "a|b|d|");
  CHECK(spelled("a//") == "a|");
  CHECK(spelled("/**/a") == "a|");
}

TEST_CASE("positions count lines and bytes from one") {
  const auto tokens = tokens_of("a\n  b /* \n */ c\r\n\td");
  REQUIRE(tokens.size() == 4);
  CHECK((tokens[0].at.line == 1 && tokens[0].at.column == 1));
  CHECK((tokens[1].at.line == 2 && tokens[1].at.column == 3));
  CHECK((tokens[2].at.line == 3 && tokens[2].at.column == 5));
  CHECK((tokens[3].at.line == 4 && tokens[3].at.column == 2));
}

TEST_CASE("strings keep what stands between the quotes") {
  const std::string text = R"(.file 1 "a \" b//c")";
  const auto tokens = tokens_of(text);
  REQUIRE(tokens.size() == 3);
  CHECK(tokens[2].kind == Token::Kind::text);
  CHECK(tokens[2].text == R"(a \" b//c)");
}

TEST_CASE("messages show unprintable and long tokens readably") {
  using nonans::image::ptx::quote;
  CHECK(quote("add") == "'add'");
  CHECK(quote(std::string("a\x01\xff")) == "'a\\x01\\xff'");
  CHECK(quote(std::string(100, 'x')) == "'" + std::string(48, 'x') + "…'");
}
