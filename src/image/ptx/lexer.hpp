// SPDX-License-Identifier: MIT
// PTX text to tokens.
//
//   Lexer lexer(text);
//   for (Token t = lexer.next(); t.kind != Token::Kind::end; t = lexer.next()) …
//
// `text` must be followed by a NUL that is not part of it (as in std::string) and must outlive the
// tokens. A Lexer is three words: copying one is how the parser looks ahead. Throws Failure for a
// comment or a string that does not end; any other byte becomes a punctuation token, and the parser
// says that it does not belong there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "image/ptx/ast.hpp"

namespace nonans::image::ptx {

// What stops the parser; parse() turns it into an Error.
struct Failure {
  Position at;
  std::string reason;
};

struct Token {
  enum class Kind : uint8_t {
    end,
    word,    // add, %r1, $L__BB0_1, sm_90a
    dotted,  // .global, .v4, .shared::cta, .16x64b: with the dot
    number,  // 12, 0x1fU, 0f3F800000, 1.5e-3: not yet read
    text,    // "…", without the quotes
    mark,    // punctuation; `mark` holds one or two characters, first in the low byte
  };
  Kind kind = Kind::end;
  uint16_t mark = 0;
  std::string_view text;
  Position at;

  bool is(char c) const { return mark == static_cast<unsigned char>(c); }
  bool is_word(std::string_view w) const { return kind == Kind::word && text == w; }
  bool is_dotted(std::string_view w) const { return kind == Kind::dotted && text == w; }
};

constexpr uint16_t two_marks(char first, char second) {
  return static_cast<uint16_t>(static_cast<unsigned char>(first) |
                               static_cast<unsigned char>(second) << 8);
}

class Lexer {
 public:
  explicit Lexer(std::string_view text);
  Token next();
  // Is `c` the next byte that is neither blank nor comment?
  bool followed_by(char c) const;
  // Everything up to the end of the current line is passed over.
  void skip_line();

 private:
  void skip_blanks();
  void skip_block_comment();
  Position here() const;
  Token word();
  Token dotted();
  Token number();
  Token quoted();
  Token mark();

  const char* at_;
  const char* end_;
  const char* line_start_;
  uint32_t line_ = 1;
};

// How a message names a token: "'foo'", "end of text", "byte 0x01".
std::string describe(const Token& token);
// 'text' in quotes, cut after 48 characters, unprintable bytes as \xNN.
std::string quote(std::string_view text);

}  // namespace nonans::image::ptx
