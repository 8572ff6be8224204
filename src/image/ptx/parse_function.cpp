// SPDX-License-Identifier: MIT
// Heads of functions and kernels, their directives (PTX ISA 11.1, 11.4), and the lists that calls
// refer to.
#include <limits>

#include "image/ptx/parser.hpp"

namespace nonans::image::ptx {

// ( .param .u64 .ptr .global .align 16 a, .param .align 8 .b8 b[64] ), ( .reg .u32 r )
void Parser::parse_parameters(std::vector<Variable>& into, const char* what) {
  expect('(', what);
  if (accept(')')) return;
  do {
    Space space = Space::param;
    if (accept_dotted(".reg")) {
      space = Space::reg;
    } else if (!accept_dotted(".param")) {
      fail_expected("'.param' or '.reg'");
    }
    into.push_back(parse_declarator(parse_declared(space), false));
    if (space == Space::param && into.back().vector > 1) {
      throw Failure{into.back().at, "a .param variable cannot be a vector"};
    }
  } while (accept(','));
  expect(')', "after the parameters");
}

uint32_t Parser::parse_count(const char* what) {
  const Position at = token_.at;
  const uint64_t value = parse_unsigned(what);
  if (value > std::numeric_limits<uint32_t>::max()) {
    throw Failure{at, std::string(what) + " is larger than 32 bits"};
  }
  return static_cast<uint32_t>(value);
}

// A kernel's parameters lie in one block, in order, each at its own alignment; no padding follows
// the last.
void Parser::lay_out_parameters(Function& function) {
  uint64_t end = 0;
  for (Variable& param : function.params) {
    check_complete(param);
    const uint64_t align = param.align == 0 ? 1 : param.align;
    param.offset = (end + align - 1) / align * align;
    end = param.offset + param.size;
    if (end > kLargestArray) throw Failure{param.at, "the parameters are larger than memory"};
  }
  function.param_bytes = end;
}

// The function of that name, new or declared before.
Function& Parser::function_named(std::string_view name, bool is_entry, Position at) {
  if (variables_.contains(name)) {
    throw Failure{at, quote(name) + " is already the name of a variable"};
  }
  const auto [found, fresh] =
      functions_.try_emplace(name, static_cast<uint32_t>(module_.functions.size()));
  if (fresh) {
    Function& function = module_.functions.emplace_back();
    function.name = name;
    function.is_entry = is_entry;
    function.is_declaration = true;
    return function;
  }
  Function& function = module_.functions[found->second];
  if (function.is_entry != is_entry) {
    throw Failure{at, quote(name) + " is declared both as .entry and as .func"};
  }
  return function;
}

void Parser::parse_function(bool is_entry, Linkage linkage) {
  Function head;
  head.linkage = linkage;
  head.is_entry = is_entry;
  head.is_declaration = true;
  if (accept_dotted(".attribute")) {
    Variable ignored;  // .unified(…): an identity across devices, which nothing here refers to
    parse_attribute(ignored);
  }
  if (!is_entry && token_.is('(')) parse_parameters(head.returns, "to begin the results");
  head.at = token_.at;
  head.name = expect_word("the name of a function");
  if (token_.is('(')) parse_parameters(head.params, "to begin the parameters");
  parse_function_directives(head);
  if (is_entry) lay_out_parameters(head);

  Function& function = function_named(head.name, is_entry, head.at);
  if (accept(';')) {
    if (function.is_declaration) function = std::move(head);
    return;
  }
  if (!function.is_declaration) {
    throw Failure{head.at, "function " + quote(head.name) + " is defined twice"};
  }
  if (!token_.is('{')) fail_expected("'{', ';' or a directive of the function");
  head.is_declaration = false;
  head.noreturn |= function.noreturn;
  if (head.linkage == Linkage::none && function.linkage != Linkage::extern_) {
    head.linkage = function.linkage;
  }
  function = std::move(head);
  parse_body(function);
}

void Parser::parse_up_to_three(uint32_t (&into)[3]) {
  for (uint32_t& value : into) value = 1;
  for (size_t i = 0; i < 3; ++i) {
    into[i] = parse_count("a count of threads or blocks");
    if (!accept(',')) return;
  }
  fail("more than three dimensions");
}

void Parser::parse_function_directives(Function& function) {
  while (token_.kind == Token::Kind::dotted) {
    const Token word = token_;
    advance();
    if (word.text == ".maxntid") {
      parse_up_to_three(function.maxntid);
    } else if (word.text == ".reqntid") {
      parse_up_to_three(function.reqntid);
    } else if (word.text == ".reqnctapercluster") {
      parse_up_to_three(function.reqnctapercluster);
    } else if (word.text == ".minnctapersm" || word.text == ".maxnctapersm") {
      const uint32_t count = parse_count("a count of blocks");
      if (word.text == ".minnctapersm") function.minnctapersm = count;
    } else if (word.text == ".maxnreg") {
      function.maxnreg = parse_count("a count of registers");
    } else if (word.text == ".maxclusterrank") {
      function.maxclusterrank = parse_count("a count of blocks");
    } else if (word.text == ".abi_preserve" || word.text == ".abi_preserve_control") {
      parse_count("a count of registers");
    } else if (word.text == ".noreturn") {
      function.noreturn = true;
    } else if (word.text == ".attribute") {
      Variable ignored;
      parse_attribute(ignored);
    } else if (word.text == ".pragma") {
      skip_pragma();
    } else if (word.text != ".explicitcluster" && word.text != ".blocksareclusters") {
      throw Failure{word.at, "unknown directive " + quote(word.text) + " of a function"};
    }
  }
}

// name: .branchtargets L0, L1;
void Parser::parse_branch_targets(std::string_view name) {
  const auto list = static_cast<uint32_t>(body_->function.target_lists.size());
  body_->function.target_lists.push_back({name, {}, {}});
  do {
    const Position at = token_.at;
    const std::string_view target = expect_word("a label");
    body_->pending_targets.push_back({body_->names.scope(), list, target, at});
  } while (accept(','));
  expect(';', "after .branchtargets");
}

// name: .calltargets f, g;
void Parser::parse_call_targets(std::string_view name) {
  TargetList list;
  list.name = name;
  do {
    list.functions.push_back(expect_word("the name of a function"));
  } while (accept(','));
  expect(';', "after .calltargets");
  body_->function.target_lists.push_back(std::move(list));
}

// name: .callprototype (.param .b32 _) _ (.param .b64 _) .noreturn;
void Parser::parse_prototype(std::string_view name) {
  Prototype prototype;
  prototype.name = name;
  if (token_.is('(')) parse_parameters(prototype.returns, "to begin the results");
  expect_word("'_'");
  if (token_.is('(')) parse_parameters(prototype.params, "to begin the parameters");
  Function ignored;  // .noreturn and .abi_preserve say nothing that a caller here needs
  parse_function_directives(ignored);
  expect(';', "after .callprototype");
  body_->function.prototypes.push_back(std::move(prototype));
}

}  // namespace nonans::image::ptx
