// SPDX-License-Identifier: MIT
// Names and scopes: PTX ISA 9.0, sections 4.4, 5.4.5 and the scoping rules of 4.3; each case was
// held against ptxas.
#include "parse_text.hpp"

using namespace image_test;
using Kind = ptx::Operand::Kind;

TEST_CASE("registers of a range exist when they are mentioned") {
  const Kernel kernel(".reg .b32 %huge<4294967295>; mov.b32 %huge4294967294, %huge7;");
  const auto& registers = kernel.function().registers;
  // s and q of the test's head are declared by name; of all ranges only two are mentioned.
  CHECK(registers.size() == 4);
  CHECK(kernel.register_name(kernel.operand(0, 0)) == "%huge4294967294");
  CHECK(registers[kernel.operand(0, 1).reg].type == ptx::Type::b32);
}

TEST_CASE("the numbers of a range end before its count and have no leading zeros") {
  CHECK(error_of(in_kernel("mov.b32 s, %r100;")) == "6:12: undefined name '%r100'");
  CHECK(error_of(in_kernel("mov.b32 s, %r007;")) == "6:12: undefined name '%r007'");
  CHECK(error_of(in_kernel("mov.b32 s, %r;")) == "6:12: undefined name '%r'");
  CHECK(error_of(in_kernel(".reg .b32 %x<0>; mov.b32 s, %x0;")) == "6:29: undefined name '%x0'");
  CHECK(error_of(in_kernel("mov.b32 s, %r99999999999999999999;")) ==
        "6:12: undefined name '%r99999999999999999999'");
}

TEST_CASE("a range whose name ends in a digit") {
  const Kernel kernel(
      ".reg .b64 %r1x; { .reg .b64 %z1<5>; .reg .b32 %z<3>; mov.b64 %z14, %z14; "
      "mov.b32 %z2, %z2; }");
  CHECK(kernel.function().registers[kernel.operand(0, 0).reg].type == ptx::Type::b64);
  CHECK(kernel.function().registers[kernel.operand(1, 0).reg].type == ptx::Type::b32);
}

TEST_CASE("an inner name hides an outer one until its scope ends") {
  const Kernel kernel(R"(
    mov.b32 s, %r5;
    { .reg .b64 s, %r<10>; mov.b64 s, %r5;
      { .reg .f32 %r5; mov.f32 %r5, %r5; mov.b64 s, %r6; } mov.b64 s, %r5; }
    mov.b32 s, %r5;)");
  const auto type = [&](size_t i, size_t o) {
    return kernel.function().registers[kernel.operand(i, o).reg].type;
  };
  CHECK(type(0, 0) == ptx::Type::b32);
  CHECK(type(0, 1) == ptx::Type::b32);
  CHECK(type(1, 0) == ptx::Type::b64);
  CHECK(type(1, 1) == ptx::Type::b64);
  CHECK(type(2, 1) == ptx::Type::f32);
  CHECK(type(3, 1) == ptx::Type::b64);
  CHECK(kernel.operand(4, 1).reg == kernel.operand(1, 1).reg);
  CHECK(kernel.operand(5, 1).reg == kernel.operand(0, 1).reg);
  CHECK(kernel.operand(5, 0).reg == kernel.operand(0, 0).reg);
}

TEST_CASE("the same names in scopes beside each other are different things") {
  const Kernel kernel(R"(
    { .param .b32 t; st.param.b32 [t], s; }
    { .param .b64 t; st.param.b64 [t], %rd1; }
    { .reg .pred p; @p bra L; L: }
    { .reg .pred p; @p bra L; L: })");
  CHECK(kernel.function().variables.size() == 2);
  CHECK(kernel.operand(0, 0).variable == 0);
  CHECK(kernel.operand(1, 0).variable == 1);
  CHECK(kernel[2].guard.reg != kernel[3].guard.reg);
  CHECK(kernel.operand(2, 0).target == 3);
  CHECK(kernel.operand(3, 0).target == 4);
}

TEST_CASE("labels are seen from inner scopes, not from outer ones") {
  const Kernel kernel("{ bra OUT; } ret; OUT: ret;");
  CHECK(kernel.operand(0, 0).target == 2);
  CHECK(error_of(in_kernel("bra IN; { IN: ret; }")) == "6:5: undefined name 'IN'");
  const Kernel nearest("{ bra L; L: ret; } L: ret;");
  CHECK(nearest.operand(0, 0).target == 1);
}

TEST_CASE("a name is declared once per scope") {
  CHECK(error_of(in_kernel(".reg .b32 s;")) == "6:11: register 's' is declared twice");
  CHECK(error_of(in_kernel(".reg .b32 %r<3>;")) == "6:11: register '%r' is declared twice");
  CHECK(error_of(in_kernel(".reg .b32 %r3;")) == "6:11: register '%r3' is declared twice");
  CHECK(error_of(in_kernel(".reg .b32 p0;")) == "6:11: register 'p0' is declared twice");
  CHECK(error_of(in_kernel(".shared .b32 s;")) == "6:14: variable 's' is declared twice");
  CHECK(error_of(in_kernel("L: ret; L: ret;")) == "6:9: label 'L' stands twice in one scope");
  CHECK(error_of(kHeader + ".global .b32 g; .global .b32 g;") ==
        "4:30: variable 'g' is defined twice");
  CHECK(error_of(kHeader + ".func f() { ret; } .func f() { ret; }") ==
        "4:26: function 'f' is defined twice");
  CHECK(error_of(kHeader + ".func f() { ret; } .global .b32 f;") ==
        "4:33: 'f' is already the name of a function");
  CHECK(error_of(kHeader + ".global .b32 f; .func f() { ret; }") ==
        "4:23: 'f' is already the name of a variable");
  CHECK(error_of(kHeader + ".func f(); .entry f() { ret; }") ==
        "4:19: 'f' is declared both as .entry and as .func");
  CHECK(error_of(kHeader + ".entry k(.param .b32 x, .param .b32 x) { ret; }") ==
        "4:37: a second parameter named 'x'");
}
