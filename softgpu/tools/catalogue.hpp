// SPDX-License-Identifier: MIT
// What the instruction table of the engine holds, for people and scripts.
//
//   supports("add.rn.ftz.f32", 3)   // true: a row of the table takes it and has a body for it
//   supports("add.rn.ftz.f32", {})  // with any number of operands
//   markdown()                      // the tables of docs/softgpu.md
//
// Everything is read from the table at run time (engine/form.hpp); nothing is listed twice.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace softgpu::tools {

std::vector<std::string> split(std::string_view text, char by);  // leaves out empty parts

// A row that binds its operands by itself counts by its grammar.
bool supports(std::string_view spelling, std::optional<unsigned> operands);

struct TableRow {
  std::string form, operands;
};
std::vector<TableRow> rows();  // as written, without the engine's own building blocks

// One table per chapter of the ISA.
std::string markdown();
// Opcodes of the table that no chapter is known for (chapters.cpp).
std::vector<std::string> without_chapter();

// The part of a page between the marks that markdown() fills; nullopt if the marks are not there.
struct Page {
  std::string before, generated, after;
};
std::optional<Page> generated_part(std::string_view page);

}  // namespace softgpu::tools
