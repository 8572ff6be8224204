// SPDX-License-Identifier: MIT
#include "driver/link/ptx_linker.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "driver/link/symbols.hpp"

namespace softgpu::driver {
namespace {

using Kind = PtxItem::Kind;
using ptx::Token;

// `length` bytes at `offset` of an input become `by`.
struct Edit {
  size_t offset = 0, length = 0;
  std::string by;
};

uint32_t number(std::string_view digits) {
  uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// sm_90 < sm_90a < sm_100
std::pair<uint32_t, std::string_view> age_of(std::string_view target) {
  target.remove_prefix(std::min(target.find_first_of("0123456789"), target.size()));
  const size_t digits = std::min(target.find_first_not_of("0123456789"), target.size());
  return {number(target.substr(0, digits)), target.substr(digits)};
}

std::string edited(const PtxText& text, size_t begin, size_t end, const std::vector<Edit>& edits) {
  std::string out;
  for (const Edit& e : edits) {
    if (e.offset < begin || e.offset + e.length > end) continue;
    out.append(*text.source, begin, e.offset - begin).append(e.by);
    begin = e.offset + e.length;
  }
  return out.append(*text.source, begin, end - begin);
}

void limit_registers(const PtxText& text, const PtxItem& item, unsigned most,
                     std::vector<Edit>& out) {
  if (most == 0 || !item.is_entry || !item.is_definition) return;
  for (size_t i = item.first; i < item.head; ++i)
    if (text.tokens[i].is_dotted(".maxnreg")) return;
  out.push_back({text.offset_of(item.head), 0, ".maxnreg " + std::to_string(most) + "\n"});
}

// .loc file line column {, function_name label, inlined_at …}: the file gets its new number; what
// refers to labels of .debug_str goes, for that section does.
void renumber_lines(const PtxText& text, const PtxItem& item, uint32_t files,
                    std::vector<Edit>& out) {
  for (size_t i = item.head; i + 3 < item.last; ++i) {
    const Token& t = text.tokens[i];
    if (!t.is_dotted(".loc")) continue;
    size_t last = i + 3;
    while (last + 1 < item.last && text.tokens[last + 1].at.line == t.at.line) ++last;
    const size_t from = text.offset_of(i + 1);
    out.push_back({from, text.offset_behind(last) - from,
                   std::to_string(files + number(text.tokens[i + 1].text)) + " " +
                       std::string(text.tokens[i + 2].text) + " " +
                       std::string(text.tokens[i + 3].text)});
    i = last;
  }
}

// Writes one input behind the others.
class Writer {
 public:
  Writer(const PtxText& text, size_t input, unsigned max_registers, const Symbols& symbols,
         uint32_t files, std::string& out)
      : text_(text),
        input_(input),
        max_registers_(max_registers),
        symbols_(symbols),
        files_(files),
        out_(out) {}

  void write(const PtxItem& item) {
    const std::vector<Edit> edits = edits_of(item);
    const auto slice = [&](size_t first, size_t last) {
      if (first >= last) return std::string();
      return edited(text_, text_.offset_of(first), text_.offset_behind(last - 1), edits);
    };
    // A definition that does not count leaves a declaration: what follows may use the name.
    const bool declare = item.is_definition && !symbols_.counts(input_, item);
    if (declare && (item.kind == Kind::alias || item.is_entry)) return;
    const std::string external = declare ? ".extern " : "";
    const size_t first = declare ? item.stem : item.first;
    if (item.kind == Kind::variable) {
      const size_t last = declare ? item.head : item.last - 1;
      out_ += external + slice(first, item.stem_last) + ' ' + slice(item.declarator, last) + ";\n";
    } else if (declare) {
      out_ += external + slice(first, item.head) + ";\n";
    } else {
      out_ += slice(first, item.last) + '\n';
    }
  }

 private:
  std::vector<Edit> edits_of(const PtxItem& item) const {
    std::vector<Edit> out;
    const Symbols::Renamed& renamed = symbols_.renamed(input_);
    if (!renamed.empty())
      each_name(text_, item, [&](size_t token, std::string_view name) {
        if (const auto by = renamed.find(name); by != renamed.end())
          out.push_back({text_.offset_of(token), name.size(), by->second});
      });
    if (item.kind == Kind::function && item.is_definition) {
      limit_registers(text_, item, max_registers_, out);
      renumber_lines(text_, item, files_, out);
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Edit& a, const Edit& b) { return a.offset < b.offset; });
    return out;
  }

  const PtxText& text_;
  size_t input_;
  unsigned max_registers_;
  const Symbols& symbols_;
  uint32_t files_;
  std::string& out_;
};

std::string header(const std::vector<PtxText>& inputs) {
  std::pair<uint32_t, uint32_t> version;
  std::string_view target = inputs.front().target;
  for (const PtxText& text : inputs) {
    version = std::max(version, {text.version_major, text.version_minor});
    if (age_of(text.target) > age_of(target)) target = text.target;
  }
  return ".version " + std::to_string(version.first) + "." + std::to_string(version.second) +
         "\n.target " + std::string(target) + "\n.address_size 64\n";
}

}  // namespace

void PtxLinker::add(std::string name, std::string source, unsigned max_registers) {
  inputs_.push_back(split(std::move(name), std::move(source)));
  max_registers_.push_back(max_registers);
}

LinkedPtx PtxLinker::link() const {
  const Symbols symbols(inputs_);
  if (!symbols.errors().empty()) return {{}, symbols.errors()};
  LinkedPtx linked;
  if (inputs_.size() == 1) {  // nothing to merge: lines keep their numbers, comments their place
    const PtxText& text = inputs_.front();
    std::vector<Edit> edits;
    for (const PtxItem& item : text.items)
      limit_registers(text, item, max_registers_.front(), edits);
    linked.text = edited(text, 0, text.source->size(), edits);
    return linked;
  }
  linked.text = header(inputs_);
  uint32_t files = 0;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    uint32_t highest = 0;
    for (const PtxText::File& file : inputs_[i].files) {
      linked.text +=
          ".file " + std::to_string(files + file.index) + " \"" + std::string(file.path) + "\"\n";
      highest = std::max(highest, file.index);
    }
    Writer writer(inputs_[i], i, max_registers_[i], symbols, files, linked.text);
    for (const PtxItem& item : inputs_[i].items) writer.write(item);
    files += highest;
  }
  return linked;
}

}  // namespace softgpu::driver
