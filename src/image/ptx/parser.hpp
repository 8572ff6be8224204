// SPDX-License-Identifier: MIT
// The recursive-descent parser behind ptx::parse(). Internal: use ast.hpp.
//
// Its bodies are in parse_module.cpp (directives of a module), parse_function.cpp (heads and
// directives of functions), parse_body.cpp (statements), parse_operand.cpp, parse_variable.cpp
// (declarations), parse_initializer.cpp and parse_constant.cpp. Every function begins with token_
// on the first token of its construct and ends with token_ behind the last. Failure is thrown and
// caught in parse().
//
// Recursion: only operands, expressions and initialisers recurse, at most kDeepest levels together;
// scopes are a list.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "image/ptx/ast.hpp"
#include "image/ptx/constant.hpp"
#include "image/ptx/lexer.hpp"
#include "image/ptx/names.hpp"

namespace nonans::image::ptx {

class Parser {
 public:
  Parser(Module& module, MadeNames& made);
  void parse_module();

 private:
  static constexpr uint32_t kDeepest = 64;
  static constexpr uint32_t kDeepestScope = 256;
  static constexpr uint64_t kLargestArray = uint64_t{1} << 62;  // bytes

  // One body while it is parsed.
  struct Body {
    Body(Function& f, MadeNames& made) : function(f), names(f.registers, made) {}
    Function& function;
    Names names;
    SourceLine source;
    // A name nobody knew when it was read: a label further down, a target list or a prototype.
    struct Pending {
      uint32_t scope, instruction, operand;
      Position at;
    };
    std::vector<Pending> pending;
    struct PendingTarget {
      uint32_t scope, list;
      std::string_view name;
      Position at;
    };
    std::vector<PendingTarget> pending_targets;
  };

  // A declaration's words before the name: space, type, .align, .ptr …
  struct Declared {
    Variable base;
    bool has_align = false;
  };

  // Tokens.
  void advance();
  Token peek() const;
  bool accept(char mark);
  bool accept_dotted(std::string_view word);
  void expect(char mark, const char* where);
  std::string_view expect_word(const char* what);
  [[noreturn]] void fail(std::string reason) const { throw Failure{token_.at, std::move(reason)}; }
  [[noreturn]] void fail_expected(const char* what) const;

  // parse_module.cpp
  void parse_header();
  void parse_module_directive();
  void parse_file_directive();
  void skip_section();
  void parse_alias();
  void parse_linked(Linkage linkage, bool managed);
  void parse_module_variables(Space space, Linkage linkage, bool managed);
  void add_module_variable(Variable variable);
  void skip_pragma();
  void skip_line();
  Linkage parse_linkage();

  // parse_function.cpp
  void parse_function(bool is_entry, Linkage linkage);
  void parse_parameters(std::vector<Variable>& into, const char* what);
  void parse_function_directives(Function& function);
  void parse_up_to_three(uint32_t (&into)[3]);
  uint32_t parse_count(const char* what);
  void lay_out_parameters(Function& function);
  Function& function_named(std::string_view name, bool is_entry, Position at);

  // parse_body.cpp
  void parse_body(Function& function);
  void declare_parameters(std::vector<Variable>& variables, Symbol::Kind kind);
  void parse_statement();
  void parse_body_directive();
  void parse_label();
  void parse_loc();
  void parse_registers();
  void parse_local_variables(Space space);
  void parse_branch_targets(std::string_view name);
  void parse_call_targets(std::string_view name);
  void parse_prototype(std::string_view name);
  void parse_guard(Guard& guard);
  void parse_instruction();
  void resolve_pending();

  // parse_operand.cpp
  Operand parse_operand(bool lists);
  Operand parse_name();
  void parse_register_suffix(Operand& operand, const Symbol& symbol);
  void parse_special_suffix(Operand& operand);
  void parse_variable_offset(Operand& operand);
  const Variable& variable_of(const Operand& operand) const;
  Operand parse_group(char closing, Operand::Kind kind);
  Operand parse_address();
  Operand parse_negated();
  Operand parse_constant_operand();
  bool name_follows(const Token& token) const;

  // parse_variable.cpp
  Declared parse_declared(Space space);
  void parse_attribute(Variable& variable);
  Variable parse_declarator(const Declared& declared, bool may_initialise);
  void parse_dimensions(Variable& variable);
  void set_size(Variable& variable, Position at);
  void check_complete(const Variable& variable) const;

  // parse_initializer.cpp
  void parse_initializer(Variable& variable);
  uint64_t parse_braces(Variable& variable, size_t level);
  void parse_element(Variable& variable);
  void parse_symbol_element(Variable& variable, InitReloc reloc);
  void store(Variable& variable, const Constant& value, Position where);

  // parse_constant.cpp
  Constant parse_constant();
  Constant parse_binary(int weakest);
  Constant parse_unary();
  uint64_t parse_unsigned(const char* what);
  int64_t parse_offset();

  // Counts the recursion; a text nested deeper than kDeepest is refused.
  class Deeper {
   public:
    explicit Deeper(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > kDeepest) parser_.fail("nested too deeply");
    }
    ~Deeper() { --parser_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    Parser& parser_;
  };

  Module& module_;
  MadeNames& made_;
  Lexer lexer_;
  Token token_;
  const char* previous_end_ = nullptr;  // behind the token before token_
  uint32_t depth_ = 0;
  Body* body_ = nullptr;
  std::unordered_map<std::string_view, uint32_t> functions_;
  std::unordered_map<std::string_view, uint32_t> variables_;
};

}  // namespace nonans::image::ptx
