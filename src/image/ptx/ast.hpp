// SPDX-License-Identifier: MIT
// A PTX module as values: what the parser gives, what the software device and the kernel analysis
// read.
//
//   auto parsed = ptx::parse(text, "kernel.ptx");
//   if (!parsed) return fail(parsed.error().to_string());        // "kernel.ptx:12:7: unknown
//   directive '.foo'" for (const ptx::Function& f : parsed->functions)
//     for (const ptx::Instruction& i : f.body)
//       if (i.op == "st" && i.has(".global")) …
//
// Names are resolved by the parser: a register operand is an index into Function::registers, a
// branch target an index into Function::body, a symbol an index into Module::variables /
// Module::functions or Function::variables. Scopes (`{ }` with their own .reg, .param and labels)
// are flattened; a register of an inner scope is one more register of the function.
// Function::registers holds the registers that are mentioned, in order of first mention:
// `.reg .b32 %r<4000000>` costs nothing by itself. A vector register `.reg .v4 .f32 v` is four
// registers v.x … v.w: `v` as an operand is the vector {v.x, v.y, v.z, v.w}, `v.x` (or `v.r`) is a
// plain register.
//
// Opcodes are NOT interpreted here: `op` is the word before the first dot and `mods` the rest, each
// with its dot, exactly as written ("cvt", {".rn", ".f16", ".f32"}). The parser accepts any opcode;
// who executes or analyses decides what it knows.
//
// Ownership: a Module owns its text; every string_view points into it and lives as long as the
// Module. Moving a Module keeps the views valid. Values, no locks: safe to read from many threads.
// Source: PTX ISA 9.0, sections 4 (syntax), 5 (state spaces, types, variables), 6 (operands), 11
// (directives).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nonans::image::ptx {

struct Position {
  uint32_t line = 0;    // 1-based
  uint32_t column = 0;  // 1-based, in bytes
};

// Where an instruction came from in the program's own source: the last `.loc` before it; file 0 =
// unknown.
struct SourceLine {
  uint32_t file = 0;  // index as given by `.file`
  uint32_t line = 0;
};

struct Error {
  std::string file;
  Position at;
  std::string reason;
  std::string to_string() const;  // "file:line:column: reason"
};

// State spaces a variable or register can live in (5.1). `generic` is the absence of one.
enum class Space : uint8_t { generic, reg, sreg, constant, global, local, param, shared, tex };

// Fundamental and packed types (5.2). Sizes in bits by bits_of(); pred is 1.
enum class Type : uint8_t {
  none,
  pred,
  b8,
  b16,
  b32,
  b64,
  b128,
  u8,
  u16,
  u32,
  u64,
  s8,
  s16,
  s32,
  s64,
  f16,
  f16x2,
  bf16,
  bf16x2,
  tf32,
  f32,
  f64,
  e4m3,
  e5m2,
  e4m3x2,
  e5m2x2,
  u16x2,
  s16x2,
  // Element types of matrix instructions and of narrow conversions (9.7.9.21, 9.7.15): never the
  // type of a register or a variable.
  b1,
  u4,
  s4,
  e2m1,
  e2m3,
  e3m2,
  ue8m0,
  e2m1x2,
  e2m3x2,
  e3m2x2,
  ue8m0x2,
  e4m3x4,
  e5m2x4,
  e2m1x4,
  e2m3x4,
  e3m2x4,
  f32x2,
  texref,
  samplerref,
  surfref,
};
unsigned bits_of(Type type);
// Types that no register or variable can have: tf32, the 8-bit and narrower floats, packs of them.
bool only_in_instructions(Type type);
// ".f16x2" -> f16x2; nullopt for a suffix that is no type.
std::optional<Type> type_from_suffix(std::string_view suffix);
std::string_view name_of(Type type);
std::string_view name_of(Space space);

struct Register {
  std::string_view name;  // "%r12" for an element of `%r<20>`
  Type type = Type::none;
};

enum class Linkage : uint8_t { none, extern_, visible, weak, common };

// A relocation inside an initialiser: the 8 bytes at `offset` (or fewer, with mask()) hold the
// address of a symbol.
struct InitReloc {
  uint64_t offset = 0;
  uint32_t width = 8;       // bytes
  uint32_t byte_index = 0;  // for mask operators 0xff, 0xff00 …: which byte of the address
  std::string_view symbol;
  int64_t addend = 0;
  bool generic = false;  // generic(symbol): the generic address
};

// A variable of any space: module globals, .shared, .const, locals, and parameters.
struct Variable {
  std::string_view name;
  Space space = Space::generic;
  Type type = Type::none;
  uint32_t vector = 1;         // 1, 2, 4
  std::vector<uint64_t> dims;  // array dimensions; an unsized one is 0
  uint64_t size = 0;           // bytes; 0 for `extern .shared x[]`
  uint32_t align = 1;          // bytes
  Linkage linkage = Linkage::none;
  std::vector<std::byte> init;  // the first init.size() (<= size) bytes; all that follows is zero
  std::vector<InitReloc> relocs;
  Position at;
  // Kernel parameters only:
  uint64_t offset = 0;      // in the parameter block
  bool is_pointer = false;  // `.ptr`
  Space pointer_space = Space::generic;
  uint32_t pointer_align = 0;
  bool managed = false;  // `.attribute(.managed)`: a __managed__ variable
};

// Special registers (section 10) are kept by name: "%tid", with the component if any.
struct Operand {
  enum class Kind : uint8_t {
    none,
    reg,       // reg
    special,   // text = "%tid", component 'x','y','z','w' or 0
    integer,   // bits (two's complement, sign-extended), is_unsigned for a U suffix
    f32_bits,  // 0fXXXXXXXX: bits
    f64_bits,  // 0dXXXXXXXXXXXXXXXX or a decimal: bits of the double
    variable,  // a symbol used as a value (mov): variable + offset
    function,  // a function's name
    label,     // target
    address,   // [base + offset]: base_kind tells which. Of several parts, [map, {c0, c1}], base is
               // the first and `elements` holds all of them, the first included
    vector,    // {a, b, c, d}
    list,      // (a, b): call arguments or results
    sink,      // _
    symbol,  // a branch or call target list, or a call prototype, named by `text`; `target` is its
             // index in Function::target_lists or Function::prototypes
  };
  enum class Base : uint8_t { none, reg, variable, immediate };

  Kind kind = Kind::none;
  Base base_kind = Base::none;  // address
  bool negated = false;         // !%p or -%r / -imm for float immediates already folded into bits
  bool is_unsigned = false;
  bool variable_is_local = false;   // variable indexes Function::variables, else Module::variables
  bool variable_is_param = false;   // variable indexes Function::params
  bool variable_is_return = false;  // variable indexes Function::returns
  char component = 0;  // special, and video-style selectors on registers (%r.h0 keeps `text`)
  uint32_t reg = 0;    // reg, or address base
  uint32_t variable = 0;
  uint32_t function = 0;
  uint32_t target = 0;    // label: index into Function::body (its size for a label at the very end)
  uint64_t bits = 0;      // immediates; address with Base::immediate
  int64_t offset = 0;     // address, variable
  std::string_view text;  // as written
  std::vector<Operand> elements;  // vector, list; for tensor addresses the parts inside [ ]
};

struct Guard {
  bool present = false;
  bool negated = false;
  uint32_t reg = 0;
};

struct Instruction {
  Guard guard;
  std::string_view op;                 // "ld"
  std::vector<std::string_view> mods;  // {".global", ".nc", ".v4", ".f32"}
  std::vector<Operand> operands;  // in order of writing; `%p|%q` gives two operands and pipe = true
  bool pipe = false;              // the first two operands were joined by '|'
  Position at;
  SourceLine source;

  bool has(std::string_view mod) const;
  std::string spelling() const;  // "ld.global.nc.v4.f32"
};

// `.branchtargets`, `.calltargets`, `.callprototype` of a function, by label name.
struct TargetList {
  std::string_view name;
  std::vector<uint32_t> targets;            // branch targets: indices into body
  std::vector<std::string_view> functions;  // call targets: names
};
struct Prototype {
  std::string_view name;
  std::vector<Variable> returns;
  std::vector<Variable> params;
};

// One per name: a declaration that is followed by its definition becomes the definition. Parameters
// and results of a .func that are in the .reg space stand in params / returns and, when mentioned,
// as registers of the same name.
struct Function {
  std::string_view name;
  bool is_entry = false;
  bool is_declaration = false;  // no body
  Linkage linkage = Linkage::none;
  std::vector<Variable> params;  // offsets set for entries
  std::vector<Variable> returns;
  uint64_t param_bytes = 0;  // entries: size of the parameter block
  std::vector<Register> registers;
  std::vector<Variable> variables;  // function-scope .local, .shared, .param, .const …
  std::vector<Instruction> body;
  std::vector<TargetList> target_lists;
  std::vector<Prototype> prototypes;
  // Performance directives; 0 = not given.
  uint32_t maxntid[3] = {0, 0, 0};
  uint32_t reqntid[3] = {0, 0, 0};
  uint32_t minnctapersm = 0, maxnreg = 0, maxclusterrank = 0;
  uint32_t reqnctapercluster[3] = {0, 0, 0};
  bool noreturn = false;
  Position at;
  // `.alias name, other;`: this declaration stands for Module::functions[alias_of].
  static constexpr uint32_t kNoAlias = ~uint32_t{0};
  uint32_t alias_of = kNoAlias;
};

struct SourceFile {
  uint32_t index = 0;
  std::string_view path;
};

struct Module {
  std::shared_ptr<const std::string> text;  // what every string_view points into
  std::string name;                         // file name for messages
  // Spellings that stand nowhere in the text ("v.x" of `.reg .v4 .f32 v`) are kept here.
  std::shared_ptr<const std::vector<std::unique_ptr<std::string>>> made_names;
  uint32_t version_major = 0, version_minor = 0;
  std::string_view target;  // "sm_90a"
  uint32_t address_size = 64;
  std::vector<Variable> variables;
  std::vector<Function> functions;
  std::vector<SourceFile> files;

  const Function* find_function(std::string_view name) const;
  const Variable* find_variable(std::string_view name) const;
};

// A Module or the first error. `text` may hold a trailing NUL; anything after the first NUL is
// ignored.
class Result {
 public:
  Result(Module m) : module_(std::move(m)) {}
  Result(Error e) : error_(std::move(e)) {}
  explicit operator bool() const { return module_.has_value(); }
  Module& operator*() { return *module_; }
  const Module& operator*() const { return *module_; }
  Module* operator->() { return &*module_; }
  const Module* operator->() const { return &*module_; }
  const Error& error() const { return error_; }

 private:
  std::optional<Module> module_;
  Error error_;
};

// Parses PTX ISA up to 9.0. Never throws on bad input, never recurses without bound, needs memory
// linear in the text. `name` is used in messages only.
Result parse(std::string_view text, std::string name = "ptx");

}  // namespace nonans::image::ptx
