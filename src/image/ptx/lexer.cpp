// SPDX-License-Identifier: MIT
#include "image/ptx/lexer.hpp"

#include <array>

namespace nonans::image::ptx {
namespace {

enum : uint8_t { kWord = 1, kDigit = 2, kBlank = 4, kWordStart = 8 };

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> classes{};
  for (int c = 'a'; c <= 'z'; ++c) classes[static_cast<size_t>(c)] = kWord | kWordStart;
  for (int c = 'A'; c <= 'Z'; ++c) classes[static_cast<size_t>(c)] = kWord | kWordStart;
  for (int c = '0'; c <= '9'; ++c) classes[static_cast<size_t>(c)] = kWord | kDigit;
  classes['_'] = classes['$'] = kWord | kWordStart;
  for (char c : {' ', '\t', '\r', '\v', '\f'}) classes[static_cast<unsigned char>(c)] = kBlank;
  return classes;
}
constexpr std::array<uint8_t, 256> kClasses = make_classes();

bool is(char c, uint8_t wanted) {
  return (kClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

}  // namespace

Lexer::Lexer(std::string_view text)
    : at_(text.data()), end_(text.data() + text.size()), line_start_(text.data()) {}

Position Lexer::here() const {
  return {line_, static_cast<uint32_t>(at_ - line_start_) + 1};
}

bool Lexer::followed_by(char c) const {
  Lexer ahead = *this;
  ahead.skip_blanks();
  return ahead.at_ < ahead.end_ && *ahead.at_ == c;
}

void Lexer::skip_line() {
  while (at_ < end_ && *at_ != '\n') ++at_;
}

void Lexer::skip_block_comment() {
  const Position start = here();
  at_ += 2;
  while (at_ < end_) {
    if (*at_ == '*' && at_[1] == '/') {
      at_ += 2;
      return;
    }
    if (*at_ == '\n') {
      ++line_;
      line_start_ = at_ + 1;
    }
    ++at_;
  }
  throw Failure{start, "this /* comment does not end"};
}

void Lexer::skip_blanks() {
  while (at_ < end_) {
    if (is(*at_, kBlank)) {
      ++at_;
    } else if (*at_ == '\n') {
      ++line_;
      line_start_ = ++at_;
    } else if (*at_ == '/' && at_[1] == '/') {
      skip_line();
    } else if (*at_ == '/' && at_[1] == '*') {
      skip_block_comment();
    } else {
      return;
    }
  }
}

Token Lexer::word() {
  Token token;
  token.kind = Token::Kind::word;
  token.at = here();
  const char* start = at_++;
  while (is(*at_, kWord)) ++at_;
  token.text = {start, static_cast<size_t>(at_ - start)};
  return token;
}

// `.shared::cta` and `.L2::128B` are one modifier: `::` joins, a single ':' does not.
Token Lexer::dotted() {
  Token token;
  token.kind = Token::Kind::dotted;
  token.at = here();
  const char* start = at_++;
  for (;;) {
    while (is(*at_, kWord)) ++at_;
    if (*at_ != ':' || at_[1] != ':' || !is(at_[2], kWord)) break;
    at_ += 2;
  }
  token.text = {start, static_cast<size_t>(at_ - start)};
  return token;
}

Token Lexer::number() {
  Token token;
  token.kind = Token::Kind::number;
  token.at = here();
  const char* start = at_;
  const bool prefixed =
      *at_ == '0' && (at_[1] == 'x' || at_[1] == 'X' || at_[1] == 'f' || at_[1] == 'F' ||
                      at_[1] == 'd' || at_[1] == 'D' || at_[1] == 'b' || at_[1] == 'B');
  bool exponent = false;
  for (;; ++at_) {
    if (is(*at_, kWord)) {
      exponent = !prefixed && (*at_ == 'e' || *at_ == 'E');
    } else if (!prefixed && *at_ == '.') {
      exponent = false;
    } else if (exponent && (*at_ == '+' || *at_ == '-')) {
      exponent = false;
    } else {
      break;
    }
  }
  token.text = {start, static_cast<size_t>(at_ - start)};
  return token;
}

Token Lexer::quoted() {
  Token token;
  token.kind = Token::Kind::text;
  token.at = here();
  const char* start = ++at_;
  while (at_ < end_ && *at_ != '"' && *at_ != '\n') at_ += (*at_ == '\\' && at_ + 1 < end_) ? 2 : 1;
  if (at_ >= end_ || *at_ != '"') throw Failure{token.at, "this string does not end on its line"};
  token.text = {start, static_cast<size_t>(at_ - start)};
  ++at_;
  return token;
}

Token Lexer::mark() {
  Token token;
  token.kind = Token::Kind::mark;
  token.at = here();
  const char first = *at_;
  const char second = at_[1];  // the NUL behind the text at worst
  const bool doubled = second == first && (first == '<' || first == '>' || first == '&' ||
                                           first == '|' || first == '=' || first == '@');
  const bool compared =
      second == '=' && (first == '<' || first == '>' || first == '=' || first == '!');
  const size_t length = doubled || compared ? 2 : 1;
  token.mark = length == 2 ? two_marks(first, second) : static_cast<unsigned char>(first);
  token.text = {at_, length};
  at_ += length;
  return token;
}

Token Lexer::next() {
  skip_blanks();
  if (at_ >= end_) {
    Token token;
    token.at = here();
    return token;
  }
  const char c = *at_;
  if (is(c, kWordStart) || (c == '%' && is(at_[1], kWord))) return word();
  if (c == '.' && is(at_[1], kWord)) return dotted();
  if (is(c, kDigit)) return number();
  if (c == '"') return quoted();
  return mark();
}

std::string quote(std::string_view text) {
  constexpr size_t kLongest = 48;
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "'";
  for (char c : text.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  if (text.size() > kLongest) out += "…";
  return out + "'";
}

std::string describe(const Token& token) {
  if (token.kind == Token::Kind::end) return "the end of the text";
  if (token.kind == Token::Kind::text) return "string " + quote(token.text);
  return quote(token.text);
}

}  // namespace nonans::image::ptx
