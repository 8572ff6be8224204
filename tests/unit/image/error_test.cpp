// SPDX-License-Identifier: MIT
// Bad texts: the first error, where it is, in words; and never a crash, a hang or more memory than
// the text deserves.
#include "parse_text.hpp"

using namespace image_test;

TEST_CASE("an error says file, line, column and reason") {
  const ptx::Result result = ptx::parse(kHeader + ".foo;", "kernel.ptx");
  REQUIRE_FALSE(static_cast<bool>(result));
  CHECK(result.error().to_string() == "kernel.ptx:4:1: unknown directive '.foo'");
  CHECK(result.error().at.line == 4);
  CHECK(result.error().at.column == 1);
}

TEST_CASE("what a module must begin with") {
  const std::string wanted = "expected '.version' at the beginning of a PTX text, found ";
  CHECK(error_of("") == "1:1: " + wanted + "the end of the text");
  CHECK(error_of("hello") == "1:1: " + wanted + "'hello'");
  CHECK(error_of(".version x") == "1:10: expected a version such as 8.4, found 'x'");
  CHECK(error_of(".version 8") == "1:10: expected a version such as 8.4, found '8'");
  CHECK(error_of(".version 8.4 .entry") ==
        "1:14: expected '.target' after .version, found '.entry'");
  CHECK(error_of(".version 8.4 .target sm_90 .address_size 16") ==
        "1:42: the address size must be 32 or 64");
}

TEST_CASE("what can be wrong with a module") {
  const auto error = [](const std::string& text) { return error_of(kHeader + text); };
  CHECK(error("x") == "4:1: expected a directive, found 'x'");
  CHECK(error(";") == "4:1: expected a directive, found ';'");
  CHECK(error(".visible x") == "4:10: expected a function or a variable, found 'x'");
  CHECK(error(".reg .b32 r;") == "4:1: '.reg' is allowed inside functions only");
  CHECK(error(".global x;") == "4:9: expected a type, found 'x'");
  CHECK(error(".global .b32 .u32 x;") == "4:14: a second type '.u32' in one declaration");
  CHECK(error(".global .q32 x;") == "4:9: unknown word '.q32' in a declaration");
  CHECK(error(".global .pred x;") ==
        "4:15: a .pred variable can only be a register, not in .global");
  CHECK(error(".global .align 3 .b8 x;") == "4:16: an alignment must be a power of two");
  CHECK(error(".global .b8 x[];") == "4:13: array 'x' has no size");
  CHECK(error(".global .b8 x[0];") == "4:13: array 'x' has no size");
  CHECK(error(".global .b8 x[-1];") ==
        "4:15: an array dimension must be an integer of zero or more");
  CHECK(error(".global .b8 x[4][];") ==
        "4:19: only the first dimension of an array may be left open");
  CHECK(error(".global .b64 x[1<<40][1<<40];") ==
        "4:14: array 'x' is larger than the address space");
  CHECK(error(".global .b32 x") ==
        "4:15: expected ';' after a variable declaration, found the end of the text");
  CHECK(error(".global .b32 x<4>;") ==
        "4:15: only registers can be declared as a range; write out the variables of 'x'");
  CHECK(error(".global .attribute(.other) .b32 x;") == "4:20: unknown attribute '.other'");
  CHECK(error(".entry k(.param .v2 .b32 x) { ret; }") ==
        "4:26: a .param variable cannot be a vector");
  CHECK(error(".entry k(.b32 x) { ret; }") == "4:10: expected '.param' or '.reg', found '.b32'");
  CHECK(error(".entry k() .foo { ret; }") == "4:12: unknown directive '.foo' of a function");
  CHECK(error(".entry k() .maxntid 1,2,3,4 { ret; }") == "4:27: more than three dimensions");
  CHECK(error(".entry k() ret;") ==
        "4:12: expected '{', ';' or a directive of the function, found 'ret'");
  CHECK(error(".entry k() { ret;") == "4:12: the body of 'k' does not end");
  CHECK(error(".section .debug_str { { }") == "4:21: this section does not end");
  CHECK(error(".file x") == "4:7: expected a constant, found 'x'");
  CHECK(error(".alias a, b;") == "4:8: undefined function 'a'");
  CHECK(error(".func a() { ret; } .func b() { ret; } .alias a, b;") ==
        "4:46: an alias must be declared and have no body of its own");
  CHECK(error("/* no end") == "4:1: this /* comment does not end");
  CHECK(error(".file 1 \"a\n\"") == "4:9: this string does not end on its line");
  CHECK(error("\x01") == "4:1: expected a directive, found '\\x01'");
}

TEST_CASE("what can be wrong with a body") {
  const auto error = [](const std::string& text) { return error_of(in_kernel(text)); };
  CHECK(error("add.s32 s, s, 1\nret;") ==
        "7:1: expected ';' after the operands of 'add.s32', found 'ret'");
  CHECK(error("add.s32 s, s,;") == "6:14: expected an operand after ',', found ';'");
  CHECK(error(";") == "6:1: expected an instruction, a label or a directive, found ';'");
  CHECK(error("@q { ret; }") == "6:4: expected an instruction, found '{'");
  CHECK(error(".foo x;") == "6:1: unknown directive '.foo' in a function body");
  CHECK(error("bra nowhere;") == "6:5: undefined name 'nowhere'");
  CHECK(error("t: .branchtargets nowhere;") == "6:19: undefined label 'nowhere'");
  CHECK(error(".reg .b32 %x<2+2>;") == "6:15: expected '>' after a count of registers, found '+'");
  CHECK(error(".reg .b32 %x<99999999999>;") ==
        "6:14: a count of registers must be an integer of at most 32 bits");
  CHECK(error(".loc 1 2") == "7:1: expected a constant, found '}'");
  CHECK(error("setp.eq.s32 %p1, %p2|q, s, 1;") ==
        "6:21: expected ';' after the operands of 'setp.eq.s32', found '|'");
}

TEST_CASE("deep nesting is refused before the stack ends") {
  const auto many = [](const std::string& s) {
    std::string out;
    for (int i = 0; i < 100000; ++i) out += s;
    return out;
  };
  for (const std::string& text :
       {in_kernel("mov.b32 s, " + many("(") + "1;"), in_kernel("mov.b32 s, " + many("-") + "1;"),
        in_kernel("mov.b32 s, " + many("1?") + "1;"), in_kernel("mov.b32 s, " + many("{") + "1;"),
        in_kernel("ld.b32 s, " + many("[") + "1;"),
        kHeader + ".global .b8 x" + many("[1]") + " = " + many("{") + "1;"}) {
    const std::string error = error_of(text);
    CAPTURE(text.substr(0, 200), error);
    CHECK((error.find("nested too deeply") != std::string::npos ||
           error.find("too many dimensions") != std::string::npos));
  }
  CHECK(error_of(in_kernel(many("{"))).find("scopes nested too deeply") != std::string::npos);
}

TEST_CASE("long chains of operators and long bodies are fine") {
  std::string sum = "0";
  std::string body;
  for (int i = 0; i < 20000; ++i) {
    sum += "+1";
    body += "{ .reg .b32 t; add.s32 t, s, " + std::to_string(i) + "; }\n";
  }
  const Kernel kernel("mov.b32 s, " + sum + ";" + body);
  CHECK(kernel.operand(0, 1).bits == 20000);
  CHECK(kernel.function().body.size() == 20001);
}

TEST_CASE("every prefix of a good text gives a module or an error with a position") {
  const std::string text = in_kernel(R"(
    .shared .b32 tile[4]; .reg .v2 .b32 v;
    // a comment
    @!q bra L; /* another */
    ld.global.v2.b32 v, [%rd1+(4*2)];
    { .param .b32 t; st.param.b32 [t], 0x1F; call (s), k, (t); }
    T: .branchtargets L; brx.idx s, T;
    L: setp.eq.and.f32 %p1|%p2, %f1, 0f3F800000, !q;
    .loc 1 2 3
    ret;)");
  for (size_t length = 0; length < text.size(); ++length) {
    const ptx::Result result = ptx::parse(text.substr(0, length));
    if (result) continue;
    CHECK(result.error().at.line > 0);
    CHECK(result.error().at.column > 0);
    CHECK_FALSE(result.error().reason.empty());
  }
  CHECK(static_cast<bool>(ptx::parse(text)));
}

TEST_CASE("every single byte changed gives a module or an error") {
  const std::string text = in_kernel("@q ld.global.b32 s, [%rd1+8];\n{ L: bra L; }\nret;");
  for (size_t at = 0; at < text.size(); ++at) {
    for (char c : {'\0', '\x01', '\xff', '{', '}', '(', ';', '"', '%', '.', '<', '9', '\n', '@'}) {
      std::string changed = text;
      changed[at] = c;
      const ptx::Result result = ptx::parse(changed);
      if (!result) CHECK(result.error().at.line > 0);
    }
  }
}
