// SPDX-License-Identifier: MIT
// Modules, variables, parameters, functions: PTX ISA 9.0, sections 5.4, 7 and 11. Sizes of
// initialised data were compared with the .nv.global.init section that ptxas 13.0 writes.
#include "parse_text.hpp"

using namespace image_test;
using ptx::Linkage;
using ptx::Space;
using ptx::Type;

namespace {

std::vector<int> bytes_of(const ptx::Variable& variable) {
  std::vector<int> out;
  for (std::byte b : variable.init) out.push_back(std::to_integer<int>(b));
  return out;
}

ptx::Variable variable(const std::string& declaration) {
  static std::vector<ptx::Module> kept;  // a Variable's name points into its module's text
  kept.push_back(parsed(kHeader + declaration));
  REQUIRE_FALSE(kept.back().variables.empty());
  return kept.back().variables.back();
}

}  // namespace

TEST_CASE("the header of a module") {
  const ptx::Module module = parsed(
      "// a comment first\n.version 8.4\n.target sm_90a, texmode_independent, debug\n"
      ".address_size 64\n.file 1 \"a b.cu\", 1234, 567\n");
  CHECK(module.version_major == 8);
  CHECK(module.version_minor == 4);
  CHECK(module.target == "sm_90a");
  CHECK(module.address_size == 64);
  REQUIRE(module.files.size() == 1);
  CHECK(module.files[0].index == 1);
  CHECK(module.files[0].path == "a b.cu");
}

TEST_CASE("a text ends at its first NUL") {
  const std::string text = kHeader + std::string("\0 garbage {", 11);
  CHECK(parsed(text).functions.empty());
}

TEST_CASE("a module keeps its names after the caller's text is gone and after a move") {
  auto text = std::make_unique<std::string>(in_kernel(".reg .v2 .b32 v; mov.b32 s, v.y;"));
  ptx::Module first = parsed(*text);
  text.reset();
  const ptx::Module second = std::move(first);
  CHECK(second.functions[0].name == "k");
  CHECK(second.functions[0].registers.back().name == "v.y");
  CHECK(second.find_function("k") == &second.functions[0]);
  CHECK(second.find_function("l") == nullptr);
}

TEST_CASE("variables: space, type, alignment, size, linkage") {
  const ptx::Variable plain = variable(".global .u32 x;");
  CHECK(plain.space == Space::global);
  CHECK(plain.type == Type::u32);
  CHECK(plain.size == 4);
  CHECK(plain.align == 4);
  CHECK(plain.init.empty());
  CHECK(plain.linkage == Linkage::none);

  const ptx::Variable array = variable(".visible .const .align 16 .b8 x[3][5];");
  CHECK(array.space == Space::constant);
  CHECK(array.linkage == Linkage::visible);
  CHECK(array.align == 16);
  CHECK(array.size == 15);
  CHECK(array.dims == std::vector<uint64_t>{3, 5});

  const ptx::Variable vector = variable(".weak .global .v4 .f32 x[2];");
  CHECK(vector.vector == 4);
  CHECK(vector.size == 32);
  CHECK(vector.align == 16);
  CHECK(vector.linkage == Linkage::weak);

  const ptx::Variable dynamic = variable(".extern .shared .align 8 .b8 x[];");
  CHECK(dynamic.space == Space::shared);
  CHECK(dynamic.linkage == Linkage::extern_);
  CHECK(dynamic.size == 0);
  CHECK(dynamic.dims == std::vector<uint64_t>{0});

  CHECK(variable(".common .global .b64 x;").linkage == Linkage::common);
  CHECK(variable(".global .texref t;").type == Type::texref);
  CHECK(variable(".global .surfref t;").type == Type::surfref);
  CHECK(variable(".global .samplerref t = { addr_mode_0 = wrap, filter_mode = linear };").type ==
        Type::samplerref);
  CHECK(variable(".tex .u32 t;").space == Space::tex);
  CHECK(variable(".global .b8 x[2+2*3];").size == 8);
}

TEST_CASE("attributes before and after the space") {
  CHECK(variable(".global .attribute(.managed) .align 4 .u32 x;").managed);
  CHECK(variable(".attribute(.managed) .global .u32 x;").managed);
  CHECK_FALSE(variable(".global .attribute(.unified(19,95)) .f32 x;").managed);
}

TEST_CASE("several variables in one declaration") {
  const ptx::Module module = parsed(kHeader + ".global .b32 x, y[2], z = 5;");
  REQUIRE(module.variables.size() == 3);
  CHECK(module.variables[1].size == 8);
  CHECK(bytes_of(module.variables[2]) == std::vector<int>{5, 0, 0, 0});
}

TEST_CASE("initialisers: values") {
  CHECK(bytes_of(variable(".global .b8 x = 300;")) == std::vector<int>{44});
  CHECK(bytes_of(variable(".global .s16 x = -2;")) == std::vector<int>{0xfe, 0xff});
  CHECK(bytes_of(variable(".global .f32 x = 1.0;")) == std::vector<int>{0, 0, 0x80, 0x3f});
  CHECK(bytes_of(variable(".global .f32 x = 0f3f800000;")) == std::vector<int>{0, 0, 0x80, 0x3f});
  CHECK(bytes_of(variable(".global .f64 x = 0f3f800000;")) ==
        std::vector<int>{0, 0, 0, 0, 0, 0, 0xf0, 0x3f});
  CHECK(bytes_of(variable(".global .b32 x = 1.0;")) == std::vector<int>{0, 0, 0x80, 0x3f});
  CHECK(bytes_of(variable(".global .b8 x[2] = {1+1, 0x10};")) == std::vector<int>{2, 16});
}

TEST_CASE("initialisers: what is not written is zero, and rows are packed as ptxas packs them") {
  const ptx::Variable partial = variable(".global .b8 x[5] = {1, 2};");
  CHECK(partial.size == 5);
  CHECK(bytes_of(partial) == std::vector<int>{1, 2});
  const ptx::Variable rows = variable(".global .b8 x[3][2] = {{1,2},{3},{4,5}};");
  CHECK(rows.size == 6);
  CHECK(bytes_of(rows) == std::vector<int>{1, 2, 3, 4, 5});
  CHECK(bytes_of(variable(".global .v2 .b8 x[2] = {{1,2},{3,4}};")) ==
        std::vector<int>{1, 2, 3, 4});
  CHECK(bytes_of(variable(".global .b8 x[2] = {};")).empty());
  const ptx::Variable open = variable(".global .b16 x[] = {1,2,3};");
  CHECK(open.dims == std::vector<uint64_t>{3});
  CHECK(open.size == 6);
  CHECK(variable(".global .b8 x[][2] = {{1},{3,4},{5}};").size == 6);
}

TEST_CASE("an enormous array with one value costs nothing") {
  const ptx::Variable huge = variable(".global .b8 x[1<<60] = {7};");
  CHECK(huge.size == uint64_t{1} << 60);
  CHECK(huge.init.size() == 1);
}

TEST_CASE("initialisers: addresses") {
  const ptx::Module module = parsed(kHeader + R"(
    .global .b32 a[4];
    .func f() { ret; }
    .global .u64 p[4] = {a, a+8, generic(a)+4, f};
    .global .u8 q[10] = {1, 0xFF(a), 0xFF00(a), 0xFF00000000000000(generic(a)+4)};)");
  const auto& p = module.variables[1];
  REQUIRE(p.relocs.size() == 4);
  CHECK(p.relocs[0].symbol == "a");
  CHECK(p.relocs[0].width == 8);
  CHECK(p.relocs[1].offset == 8);
  CHECK(p.relocs[1].addend == 8);
  CHECK_FALSE(p.relocs[1].generic);
  CHECK(p.relocs[2].generic);
  CHECK(p.relocs[2].addend == 4);
  CHECK(p.relocs[3].symbol == "f");
  const auto& q = module.variables[2];
  REQUIRE(q.relocs.size() == 3);
  CHECK(q.relocs[0].offset == 1);
  CHECK(q.relocs[0].width == 1);
  CHECK(q.relocs[0].byte_index == 0);
  CHECK(q.relocs[1].byte_index == 1);
  CHECK(q.relocs[2].byte_index == 7);
  CHECK(q.relocs[2].addend == 4);
}

TEST_CASE("initialisers that are refused") {
  const auto error = [](const std::string& text) { return error_of(kHeader + text); };
  CHECK(error(".global .b8 x[2] = {1,2,3};") == "4:25: more than 2 values in a row of 'x'");
  CHECK(error(".global .b8 x[2][2] = {1,2};") ==
        "4:24: expected '{' to begin an initialiser, found '1'");
  CHECK(error(".global .b8 x[2] = {1,};") == "4:23: expected a constant, found '}'");
  CHECK(error(".global .v2 .b8 x = {1};") == "4:23: a vector of 'x' needs 2 values");
  CHECK(error(".global .f32 x = 1;") == "4:18: an integer cannot initialise a .f32 variable");
  CHECK(error(".global .s32 x = 1.0;") ==
        "4:18: a floating value cannot initialise a .s32 variable");
  CHECK(error(".global .f16 x = 0x3c00;") == "4:18: a .f16 variable takes no initialiser");
  CHECK(error(".global .u64 x = nowhere;") == "4:18: undefined name 'nowhere'");
  CHECK(error(".shared .b32 x = 1;") == "4:16: a variable in .shared takes no initialiser");
  CHECK(error(".global .u8 x[2] = {0xFFFF(x)};") ==
        "4:21: the mask '0xFFFF' must select one byte: 0xFF, 0xFF00, …");
}

TEST_CASE("kernel parameters lie one behind the other at their alignment") {
  const ptx::Module module = parsed(kHeader + R"(
    .entry k(.param .u8 a, .param .u64 .ptr .global .align 16 b, .param .b16 c,
             .param .align 64 .b8 d[128], .param .f32 e, .param .align 1 .b8 f[3]) { ret; })");
  const ptx::Function& k = module.functions[0];
  CHECK(k.is_entry);
  std::vector<uint64_t> offsets;
  for (const auto& param : k.params) offsets.push_back(param.offset);
  CHECK(offsets == std::vector<uint64_t>{0, 8, 16, 64, 192, 196});
  CHECK(k.param_bytes == 199);
  CHECK_FALSE(k.params[0].is_pointer);
  CHECK(k.params[1].is_pointer);
  CHECK(k.params[1].pointer_space == Space::global);
  CHECK(k.params[1].pointer_align == 16);
  CHECK(k.params[1].align == 8);
  CHECK(k.params[3].align == 64);
  CHECK(parsed(kHeader + ".entry k { ret; }").functions[0].param_bytes == 0);
  CHECK(parsed(kHeader + ".entry k() { ret; }").functions[0].params.empty());
}

TEST_CASE("directives of functions") {
  const ptx::Module module = parsed(kHeader + R"(
    .entry a() .maxntid 256 .minnctapersm 2 .maxnreg 64 .pragma "nounroll"; { ret; }
    .entry b() .reqntid 8,4,2 .reqnctapercluster 2,1 .explicitcluster .maxclusterrank 8 { ret; }
    .entry c() .maxntid 16, 16, 1 .blocksareclusters { ret; }
    .func d() .noreturn { trap; }
    .extern .func (.param .b32 r) e(.param .b64 x) .abi_preserve 10;)");
  const auto& f = module.functions;
  CHECK((f[0].maxntid[0] == 256 && f[0].maxntid[1] == 1 && f[0].maxntid[2] == 1));
  CHECK(f[0].minnctapersm == 2);
  CHECK(f[0].maxnreg == 64);
  CHECK(f[0].reqntid[0] == 0);
  CHECK((f[1].reqntid[0] == 8 && f[1].reqntid[1] == 4 && f[1].reqntid[2] == 2));
  CHECK((f[1].reqnctapercluster[0] == 2 && f[1].reqnctapercluster[2] == 1));
  CHECK(f[1].maxclusterrank == 8);
  CHECK((f[2].maxntid[1] == 16 && f[2].maxntid[2] == 1));
  CHECK(f[3].noreturn);
  CHECK_FALSE(f[3].is_entry);
  CHECK(f[4].is_declaration);
  CHECK(f[4].linkage == Linkage::extern_);
  REQUIRE(f[4].returns.size() == 1);
}

TEST_CASE("a declaration becomes its definition and keeps its place") {
  const ptx::Module module = parsed(kHeader + R"(
    .func (.param .b32 r) later(.param .b32 x);
    .entry k() { .reg .b32 a; { .param .b32 t; .param .b32 u; call (u), later, (t); } ret; }
    .func (.param .b32 r) later(.param .b32 y) { ret; })");
  REQUIRE(module.functions.size() == 2);
  const ptx::Function& later = module.functions[0];
  CHECK_FALSE(later.is_declaration);
  CHECK(later.params[0].name == "y");
  CHECK(module.functions[1].body[0].operands[1].function == 0);
}

TEST_CASE("an alias stands for another function") {
  const ptx::Module module = parsed(kHeader + R"(
    .func real() { ret; }
    .func other();
    .alias other, real;
    .entry k() { call other; ret; })");
  CHECK(module.functions[1].alias_of == 0);
  CHECK(module.functions[0].alias_of == ptx::Function::kNoAlias);
  CHECK(module.functions[2].body[0].operands[0].function == 1);
}

TEST_CASE("parameters in registers") {
  const ptx::Module module =
      parsed(kHeader + ".func (.reg .b32 r) f(.reg .b32 a) { mov.b32 r, a; ret; }");
  const ptx::Function& f = module.functions[0];
  CHECK(f.params[0].space == Space::reg);
  CHECK(f.body[0].operands[0].kind == ptx::Operand::Kind::reg);
  CHECK(f.registers[f.body[0].operands[0].reg].name == "r");
  CHECK(f.registers[f.body[0].operands[1].reg].name == "a");
}

TEST_CASE("parameters and results of a function are told apart") {
  const ptx::Module module = parsed(kHeader + R"(
    .func (.param .b32 out) f(.param .b32 in) { .reg .b32 a;
      ld.param.b32 a, [in]; st.param.b32 [out], a; ret; })");
  const auto& body = module.functions[0].body;
  CHECK(body[0].operands[1].variable_is_param);
  CHECK_FALSE(body[0].operands[1].variable_is_return);
  CHECK(body[1].operands[0].variable_is_return);
}

TEST_CASE("an external variable and its definition are one") {
  const ptx::Module module = parsed(
      kHeader + ".extern .global .b32 x; .visible .global .b32 x = 3; .extern .global .b32 x;");
  REQUIRE(module.variables.size() == 1);
  CHECK(module.variables[0].init.size() == 4);
  CHECK(module.find_variable("x")->linkage == Linkage::visible);
}

TEST_CASE("debug sections and old DWARF lines are passed over") {
  const ptx::Module module = parsed(kHeader + R"(
    @@DWARF .byte 0x12, { unbalanced
    .section .debug_info { .b32 1 ; { .b8 2 } $L: .b64 .debug_abbrev, "}" }
    .section .debug_macinfo { }
    .pragma "x", "y";
    .entry k() { ret; })");
  CHECK(module.functions.size() == 1);
}

TEST_CASE("every type has its name and size") {
  CHECK(ptx::type_from_suffix(".bf16x2") == Type::bf16x2);
  CHECK(ptx::bits_of(Type::bf16x2) == 32);
  CHECK(ptx::type_from_suffix(".b128") == Type::b128);
  CHECK(ptx::bits_of(Type::pred) == 1);
  CHECK_FALSE(ptx::type_from_suffix(".v4").has_value());
  CHECK_FALSE(ptx::type_from_suffix("f32").has_value());
  CHECK_FALSE(ptx::type_from_suffix(".").has_value());
  CHECK(ptx::name_of(Type::e5m2x2) == "e5m2x2");
  CHECK(ptx::name_of(Space::constant) == "const");
}

TEST_CASE("types of instructions only are no types of registers or variables") {
  for (const char* type : {"tf32", "e4m3", "e5m2x2", "u16x2", "e2m1x2", "ue8m0x2", "f32x2", "b1"}) {
    CHECK(ptx::type_from_suffix(std::string(".") + type).has_value());
    const std::string text =
        std::string(".version 9.0\n.target sm_100a\n.address_size 64\n.global .") + type + " x;\n";
    const auto parsed = ptx::parse(text, "t.ptx");
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().to_string() ==
          std::string("t.ptx:4:9: type '.") + type + "' may only be used in instructions");
  }
}
