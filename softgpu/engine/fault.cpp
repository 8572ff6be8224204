// SPDX-License-Identifier: MIT
#include "fault.hpp"

#include <cstdio>

namespace softgpu::engine {
namespace {

std::string triple(const Dim3& d) {
  return "(" + std::to_string(d.x) + "," + std::to_string(d.y) + "," + std::to_string(d.z) + ")";
}
std::string hex(u64 value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}
std::string base_name(std::string_view path) {
  const size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

// ", kernel saxpy, block (3,0,0) thread (7,0,0), ptx line 41 (saxpy.cu:9)"
std::string where(const Fault& fault, const ptx::Module& module) {
  std::string text = ", kernel " + fault.kernel + ", block " + triple(fault.block) + " thread " +
                     triple(fault.thread) + ", ptx line " + std::to_string(fault.at.line);
  if (fault.source.file == 0) return text;
  std::string file = "file " + std::to_string(fault.source.file);
  for (const ptx::SourceFile& known : module.files) {
    if (known.index == fault.source.file) file = base_name(known.path);
  }
  return text + " (" + file + ":" + std::to_string(fault.source.line) + ")";
}

Fault describe(const Warp& w, const Op& op, u32 lane, FaultKind kind) {
  const Block& block = *w.block;
  const Code& code = *block.grid->code;
  Fault fault;
  fault.kind = kind;
  fault.kernel = block.grid->kernel->name;
  const ptx::Instruction* instruction = code.origins[op.origin].instruction;
  fault.instruction = instruction->spelling();
  fault.at = instruction->at;
  fault.source = instruction->source;
  fault.block = block.index;
  fault.thread = {w.tid[0][lane], w.tid[1][lane], w.tid[2][lane]};
  return fault;
}

}  // namespace

void raise(const Warp& w, const Op& op, u32 lane, FaultKind kind, std::string what) {
  Fault fault = describe(w, op, lane, kind);
  fault.message = std::move(what) + where(fault, w.block->grid->code->module);
  throw FaultSignal{std::move(fault)};
}

void raise_access(const Warp& w, const Op& op, u32 lane, FaultKind kind, const Access& access) {
  Fault fault = describe(w, op, lane, kind);
  fault.address = access.address;
  fault.size = access.size;
  fault.is_write = access.is_write;
  fault.message =
      (kind == FaultKind::misaligned_address ? "misaligned address: " : "illegal address: ") +
      fault.instruction + " of " + std::to_string(access.size) + " bytes at " +
      hex(access.address) + where(fault, w.block->grid->code->module);
  throw FaultSignal{std::move(fault)};
}

void raise_deadlock(const Block& block) {
  for (const Warp& w : block.warps) {
    for (const Fragment& fragment : w.fragments) {
      // At a barrier a fragment already stands behind the instruction it waits for.
      const Op& op = block.grid->code->ops[fragment.pc - (fragment.wait == Wait::barrier ? 1 : 0)];
      const u32 lane = static_cast<u32>(__builtin_ctz(fragment.mask));
      const std::string spelling = block.grid->code->origins[op.origin].instruction->spelling();
      raise(w, op, lane, FaultKind::deadlock,
            "deadlock: every thread of the block waits, the first at " + spelling);
    }
  }
  throw FaultSignal{};
}

void raise_unsupported(Warp& w, const Op& op, u32 mask) {
  raise(w, op, static_cast<u32>(__builtin_ctz(mask)), FaultKind::unsupported,
        w.block->grid->code->unsupported[op.aux]);
}

}  // namespace softgpu::engine
