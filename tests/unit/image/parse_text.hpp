// SPDX-License-Identifier: MIT
// Short cuts of the parser's tests: a text around the lines of interest.
#pragma once

#include <string>

#include "image/ptx/ast.hpp"
#include "support/catch.hpp"

namespace image_test {

using namespace nonans::image;

// Three lines, so that what follows begins on line 4.
inline const std::string kHeader = ".version 9.0\n.target sm_90a\n.address_size 64\n";

inline std::string in_kernel(const std::string& body) {
  return kHeader +
         ".visible .entry k(.param .u64 p0, .param .b32 p1) {\n"
         ".reg .b32 %r<100>, s; .reg .b64 %rd<10>; .reg .f32 %f<10>; .reg .pred %p<4>, q;\n" +
         body + "\n}\n";
}

inline ptx::Module parsed(const std::string& text) {
  ptx::Result result = ptx::parse(text, "t.ptx");
  INFO((result ? std::string() : result.error().to_string()));
  REQUIRE(static_cast<bool>(result));
  return std::move(*result);
}

// "line:column: reason" of the error that must come.
inline std::string error_of(const std::string& text) {
  const ptx::Result result = ptx::parse(text, "t.ptx");
  if (result) return "no error";
  CHECK(result.error().file == "t.ptx");
  return result.error().to_string().substr(std::string("t.ptx:").size());
}

// The kernel of in_kernel(body). Keeps the module alive.
struct Kernel {
  ptx::Module module;
  explicit Kernel(const std::string& body) : module(parsed(in_kernel(body))) {}
  const ptx::Function& function() const { return module.functions.back(); }
  const ptx::Instruction& operator[](size_t i) const {
    REQUIRE(i < function().body.size());
    return function().body[i];
  }
  const ptx::Operand& operand(size_t instruction, size_t i) const {
    REQUIRE(i < (*this)[instruction].operands.size());
    return (*this)[instruction].operands[i];
  }
  std::string register_name(const ptx::Operand& o) const {
    REQUIRE(o.reg < function().registers.size());
    return std::string(function().registers[o.reg].name);
  }
};

}  // namespace image_test
