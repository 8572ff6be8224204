// SPDX-License-Identifier: MIT
// The parser on what nvcc writes for sample.cu; expectations come from the CUDA source.
#include <algorithm>

#include "parse_text.hpp"
#include "sample_files.hpp"

using namespace image_test;

namespace {

const ptx::Function& function(const ptx::Module& module, std::string_view name) {
  const ptx::Function* found = module.find_function(name);
  REQUIRE(found != nullptr);
  return *found;
}

bool uses(const ptx::Function& f, std::string_view spelling) {
  return std::any_of(f.body.begin(), f.body.end(), [&](const ptx::Instruction& i) {
    return i.spelling().find(spelling) != std::string::npos;
  });
}

// Every index that the parser gives must be one; returns how many operands it looked at.
size_t check_indices(const ptx::Module& module, const ptx::Function& f, const ptx::Operand& o) {
  using Kind = ptx::Operand::Kind;
  size_t seen = 1;
  bool good = true;
  const bool on_register =
      o.kind == Kind::reg || (o.kind == Kind::address && o.base_kind == ptx::Operand::Base::reg);
  const bool on_variable = o.kind == Kind::variable ||
                           (o.kind == Kind::address && o.base_kind == ptx::Operand::Base::variable);
  if (on_register) good = o.reg < f.registers.size();
  if (on_variable) {
    const auto& table = o.variable_is_local    ? f.variables
                        : o.variable_is_param  ? f.params
                        : o.variable_is_return ? f.returns
                                               : module.variables;
    good = o.variable < table.size();
  }
  if (o.kind == Kind::function) good = o.function < module.functions.size();
  if (o.kind == Kind::label) good = o.target <= f.body.size();
  if (o.kind == Kind::symbol) {
    good = o.target < f.target_lists.size() || o.target < f.prototypes.size();
  }
  if (!good) FAIL("bad index in operand " << o.text << " of " << f.name);
  for (const ptx::Operand& element : o.elements) seen += check_indices(module, f, element);
  return seen;
}

}  // namespace

TEST_CASE("nvcc's texts parse, and every index is one") {
  for (const std::string name :
       {"sm_75.ptx", "sm_90_lineinfo.ptx", "sm_90_debug.ptx", "sm_120_rdc.ptx"}) {
    CAPTURE(name);
    const ptx::Module module = parsed(sample(name));
    size_t operands = 0;
    for (const ptx::Function& f : module.functions) {
      for (const ptx::Instruction& i : f.body) {
        if (i.guard.present && i.guard.reg >= f.registers.size()) FAIL("bad guard in " << f.name);
        for (const ptx::Operand& o : i.operands) operands += check_indices(module, f, o);
      }
    }
    CHECK(operands > 1000);
  }
}

TEST_CASE("axpy as nvcc writes it") {
  const ptx::Module module = parsed(sample("sm_75.ptx"));
  CHECK(module.target == "sm_75");
  CHECK(module.version_major == 9);
  const ptx::Function& axpy = function(module, "axpy");
  CHECK(axpy.is_entry);
  CHECK(axpy.linkage == ptx::Linkage::visible);
  REQUIRE(axpy.params.size() == 4);
  CHECK(axpy.params[0].type == ptx::Type::f32);
  CHECK(axpy.params[1].offset == 8);
  CHECK(axpy.params[3].offset == 24);
  CHECK(axpy.param_bytes == 28);
  CHECK(uses(axpy, "fma.rn.f32"));
  CHECK(uses(axpy, "st.global.f32"));
  CHECK(axpy.body.back().op == "ret");
}

TEST_CASE("what the CUDA source says can be found in the module") {
  const ptx::Module module = parsed(sample("sm_75.ptx"));
  const ptx::Function& everything = function(module, "everything");
  CHECK(everything.maxntid[0] == 256);
  CHECK(everything.minnctapersm == 2);
  CHECK(everything.params.back().size == 16);
  CHECK(uses(everything, "shfl.sync.bfly.b32"));
  CHECK(everything.target_lists.size() + everything.prototypes.size() >= 1);
  const auto shared = std::find_if(everything.variables.begin(), everything.variables.end(),
                                   [](const auto& v) { return v.space == ptx::Space::shared; });
  REQUIRE(shared != everything.variables.end());
  CHECK(shared->size == 1024);
  CHECK(function(module, "vprintf").is_declaration);
  CHECK(function(module, "malloc").is_declaration);

  const ptx::Variable* table = module.find_variable("table");
  REQUIRE(table != nullptr);
  CHECK(table->space == ptx::Space::constant);
  CHECK(table->size == 16);
  CHECK(table->init.size() == 16);
  const ptx::Variable* managed = module.find_variable("shared_with_host");
  REQUIRE(managed != nullptr);
  CHECK(managed->managed);
  const ptx::Variable* record = module.find_variable("record");
  REQUIRE(record != nullptr);
  REQUIRE(record->relocs.size() == 1);
  CHECK(record->relocs[0].symbol == "counter");
  CHECK(record->relocs[0].offset == 8);
  CHECK(record->relocs[0].generic);
  CHECK(module.find_variable("unary_functions")->relocs.size() == 2);

  const ptx::Function& vectors = function(module, "vectors");
  CHECK(uses(vectors, "ld.global.v4.f32"));
  CHECK(vectors.variables.at(0).space == ptx::Space::local);
  CHECK(vectors.variables.at(0).size == 320);
  CHECK(uses(function(module, "matrices"), "wmma.mma.sync"));
  CHECK(uses(function(module, "textures"), "tex.2d.v4.f32.f32"));
}

TEST_CASE("with -lineinfo an instruction leads to its line in the CUDA source") {
  const ptx::Module module = parsed(sample("sm_90_lineinfo.ptx"));
  const std::string source = "sample.cu";
  uint32_t file = 0;
  for (const ptx::SourceFile& f : module.files) {
    if (f.path.ends_with(source)) file = f.index;
  }
  REQUIRE(file != 0);
  const ptx::Function& axpy = function(module, "axpy");
  const auto store = std::find_if(axpy.body.begin(), axpy.body.end(),
                                  [](const ptx::Instruction& i) { return i.op == "st"; });
  REQUIRE(store != axpy.body.end());
  CHECK(store->source.file == file);
  CHECK(store->source.line == 36);
}
