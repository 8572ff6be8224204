// SPDX-License-Identifier: MIT
// Statements of a function body: instructions, labels, scopes, local declarations (PTX
// ISA 4.2, 4.3, 11.3).
#include <limits>

#include "image/ptx/parser.hpp"

namespace nonans::image::ptx {
namespace {

// Indices of instructions, registers and labels are 32 bits wide.
constexpr size_t kMostInstructions = std::numeric_limits<uint32_t>::max() - 1;

}  // namespace

void Parser::declare_parameters(std::vector<Variable>& variables, Symbol::Kind kind) {
  for (size_t i = 0; i < variables.size(); ++i) {
    const Variable& variable = variables[i];
    if (variable.name == "_") continue;
    const bool fresh =
        variable.space == Space::reg
            ? body_->names.declare_register(variable.name, variable.type,
                                            static_cast<uint8_t>(variable.vector))
            : body_->names.declare(variable.name, {kind, 1, static_cast<uint32_t>(i), 0});
    if (!fresh) throw Failure{variable.at, "a second parameter named " + quote(variable.name)};
  }
}

void Parser::parse_body(Function& function) {
  Body body(function, made_);
  body_ = &body;
  const Token open = token_;
  expect('{', "to begin a function body");
  body.names.open_scope();
  declare_parameters(function.returns, Symbol::Kind::result);
  declare_parameters(function.params, Symbol::Kind::param);

  for (;;) {
    if (token_.is('}')) {
      body.names.close_scope();
      if (body.names.depth() == 0) break;
      advance();
    } else if (token_.is('{')) {
      if (body.names.depth() >= kDeepestScope) fail("scopes nested too deeply");
      body.names.open_scope();
      advance();
    } else if (token_.kind == Token::Kind::end) {
      throw Failure{open.at, "the body of " + quote(function.name) + " does not end"};
    } else {
      parse_statement();
    }
  }
  resolve_pending();
  body_ = nullptr;
  advance();
}

void Parser::parse_statement() {
  if (token_.kind == Token::Kind::dotted) {
    parse_body_directive();
  } else if (token_.kind == Token::Kind::word && lexer_.followed_by(':')) {
    parse_label();
  } else if (token_.kind == Token::Kind::word || token_.is('@')) {
    parse_instruction();
  } else if (token_.mark == two_marks('@', '@')) {
    skip_line();
  } else {
    fail_expected("an instruction, a label or a directive");
  }
}

void Parser::parse_body_directive() {
  const Token word = token_;
  advance();
  if (word.text == ".reg") return parse_registers();
  if (word.text == ".loc") return parse_loc();
  if (word.text == ".local") return parse_local_variables(Space::local);
  if (word.text == ".shared") return parse_local_variables(Space::shared);
  if (word.text == ".param") return parse_local_variables(Space::param);
  if (word.text == ".const") return parse_local_variables(Space::constant);
  if (word.text == ".global") return parse_local_variables(Space::global);
  if (word.text == ".pragma") return skip_pragma();
  if (word.text == ".file") return parse_file_directive();
  if (word.text == ".section") return skip_section();
  throw Failure{word.at, "unknown directive " + quote(word.text) + " in a function body"};
}

void Parser::parse_label() {
  const Token name = token_;
  advance();
  advance();  // the ':'
  Label label;
  if (accept_dotted(".branchtargets")) {
    label = {Label::Kind::target_list, static_cast<uint32_t>(body_->function.target_lists.size())};
    parse_branch_targets(name.text);
  } else if (accept_dotted(".calltargets")) {
    label = {Label::Kind::target_list, static_cast<uint32_t>(body_->function.target_lists.size())};
    parse_call_targets(name.text);
  } else if (accept_dotted(".callprototype")) {
    label = {Label::Kind::prototype, static_cast<uint32_t>(body_->function.prototypes.size())};
    parse_prototype(name.text);
  } else {
    label = {Label::Kind::code, static_cast<uint32_t>(body_->function.body.size())};
  }
  if (!body_->names.declare_label(name.text, label)) {
    throw Failure{name.at, "label " + quote(name.text) + " stands twice in one scope"};
  }
}

// .loc 1 12 5 {, function_name $L__info_string0 {+ 8}, inlined_at 1 30 3}
void Parser::parse_loc() {
  body_->source.file = parse_count("the file of .loc");
  body_->source.line = parse_count("the line of .loc");
  parse_count("the column of .loc");
  while (accept(',')) {
    if (token_.is_word("function_name")) {
      advance();
      expect_word("a label after function_name");
      if (accept('+')) parse_unsigned("the offset of a function name");
    } else if (token_.is_word("inlined_at")) {
      advance();
      parse_count("the file of inlined_at");
      parse_count("the line of inlined_at");
      parse_count("the column of inlined_at");
    } else {
      fail_expected("'function_name' or 'inlined_at'");
    }
  }
}

// .reg .b32 %r<100>, x; the names of a range are made when they are mentioned
void Parser::parse_registers() {
  const Declared declared = parse_declared(Space::reg);
  const auto vector = static_cast<uint8_t>(declared.base.vector);
  do {
    const Token name = token_;
    expect_word("the name of a register");
    bool fresh;
    if (accept('<')) {
      const Position at = token_.at;
      const Constant count = parse_unary();  // not an expression: '>' closes the range
      if (!count.is_integer() || count.bits > std::numeric_limits<uint32_t>::max()) {
        throw Failure{at, "a count of registers must be an integer of at most 32 bits"};
      }
      expect('>', "after a count of registers");
      fresh = body_->names.declare_range(name.text, static_cast<uint32_t>(count.bits),
                                         declared.base.type, vector);
    } else {
      fresh = body_->names.declare_register(name.text, declared.base.type, vector);
    }
    if (!fresh) throw Failure{name.at, "register " + quote(name.text) + " is declared twice"};
  } while (accept(','));
  expect(';', "after a register declaration");
}

void Parser::parse_local_variables(Space space) {
  const Declared declared = parse_declared(space);
  do {
    const bool may_initialise = space == Space::constant || space == Space::global;
    Variable variable = parse_declarator(declared, may_initialise);
    check_complete(variable);
    auto& variables = body_->function.variables;
    const auto index = static_cast<uint32_t>(variables.size());
    if (!body_->names.declare(variable.name, {Symbol::Kind::variable, 1, index, 0})) {
      throw Failure{variable.at, "variable " + quote(variable.name) + " is declared twice"};
    }
    variables.push_back(std::move(variable));
  } while (accept(','));
  expect(';', "after a variable declaration");
}

void Parser::parse_guard(Guard& guard) {
  expect('@', "to begin a guard");
  guard.present = true;
  guard.negated = accept('!');
  const Token name = token_;
  expect_word("a predicate register");
  const auto symbol = body_->names.find(name.text);
  if (!symbol) throw Failure{name.at, "undefined predicate " + quote(name.text)};
  if (symbol->kind != Symbol::Kind::reg || symbol->vector != 1 ||
      body_->function.registers[symbol->index].type != Type::pred) {
    throw Failure{name.at, quote(name.text) + " is not a predicate register"};
  }
  guard.reg = symbol->index;
}

void Parser::parse_instruction() {
  auto& instructions = body_->function.body;
  if (instructions.size() >= kMostInstructions) fail("too many instructions in one function");
  Instruction instruction;
  instruction.source = body_->source;
  if (token_.is('@')) parse_guard(instruction.guard);
  instruction.at = token_.at;
  instruction.op = expect_word("an instruction");
  while (token_.kind == Token::Kind::dotted) {
    instruction.mods.push_back(token_.text);
    advance();
  }
  const bool is_call = instruction.op == "call";
  while (!token_.is(';')) {
    const Position at = token_.at;
    instruction.operands.push_back(parse_operand(is_call));
    if (instruction.operands.back().kind == Operand::Kind::symbol) {
      body_->pending.push_back({body_->names.scope(), static_cast<uint32_t>(instructions.size()),
                                static_cast<uint32_t>(instruction.operands.size() - 1), at});
    }
    if (token_.is('|') && instruction.operands.size() == 1) {
      instruction.pipe = true;
      advance();
    } else if (!accept(',')) {
      break;
    } else if (token_.is(';')) {
      fail_expected("an operand after ','");
    }
  }
  if (!token_.is(';')) {
    fail("expected ';' after the operands of " + quote(instruction.spelling()) + ", found " +
         describe(token_));
  }
  advance();
  instructions.push_back(std::move(instruction));
}

// All labels of the body are known now.
void Parser::resolve_pending() {
  Function& function = body_->function;
  for (const Body::Pending& pending : body_->pending) {
    Operand& operand = function.body[pending.instruction].operands[pending.operand];
    const Label* label = body_->names.find_label(operand.text, pending.scope);
    if (label == nullptr) throw Failure{pending.at, "undefined name " + quote(operand.text)};
    operand.target = label->index;
    if (label->kind == Label::Kind::code) operand.kind = Operand::Kind::label;
  }
  for (const Body::PendingTarget& pending : body_->pending_targets) {
    const Label* label = body_->names.find_label(pending.name, pending.scope);
    if (label == nullptr || label->kind != Label::Kind::code) {
      throw Failure{pending.at, "undefined label " + quote(pending.name)};
    }
    function.target_lists[pending.list].targets.push_back(label->index);
  }
}

}  // namespace nonans::image::ptx
