// SPDX-License-Identifier: MIT
// ld, st, ldu, cvta, isspacep (ISA 9.7.9). Cache and eviction hints, prefetch sizes and cache
// policies change nothing.
#include <string>

#include "emitter.hpp"
#include "memory.hpp"
#include "ops/isa.hpp"

namespace softgpu::engine {
namespace {

using ptx::Type;
using Kind = ptx::Operand::Kind;

// The bodies for elements of `bits` (ops/access.cpp); nullptr if there is none.
Handler load_of(Emitter& e, unsigned bits) {
  const std::string suffix = ".b" + std::to_string(bits);
  return e.body("$load", {suffix}, 2);
}
Handler store_of(Emitter& e, unsigned bits, bool sinks = false) {
  const std::string suffix = ".b" + std::to_string(bits);
  return sinks ? e.body("$store", {".sinks", suffix}, 2) : e.body("$store", {suffix}, 2);
}

// Loads that look at other threads' writes are what a spinning thread executes.
constexpr u8 kPollWeight = 64;

bool emit_access(Emitter& e, const Form& f, bool is_store) {
  const auto& operands = e.instruction().operands;
  const size_t expected = f.has(".L2::cache_hint") ? 3 : 2;
  if (operands.size() != expected) return e.refuse("wrong number of operands");
  const ptx::Operand& address = operands[is_store ? 0 : 1];
  const ptx::Operand& data = operands[is_store ? 1 : 0];
  Op op;
  if (!set_memory_operand(e, f, address, op)) return false;
  if (is_store && op.small == static_cast<u8>(MemorySpace::param)) {
    return e.refuse("a parameter of a kernel cannot be written");
  }
  const Type type = f.type(0);
  const u8 vector = f.has(".v8") ? 8 : (f.has(".v4") ? 4 : (f.has(".v2") ? 2 : 1));
  op.count = vector;
  std::vector<ptx::Operand> elements;
  if (data.kind == Kind::vector) {
    elements = data.elements;
  } else {
    elements.push_back(data);
  }
  const unsigned bits = ptx::bits_of(type);
  if (elements.size() != vector || bits * vector > 256) {
    return e.refuse("the vector does not fit the form");
  }
  bool sinks = false;
  for (u8 i = 0; i < vector; ++i) {
    // Loads have a scratch slot for what nobody wants; a store leaves the bytes as they are.
    const bool sink = elements[i].kind == Kind::sink;
    if (sink && is_store && bits * vector != 256) {
      return e.refuse("_ as a source stands only in a vector of 256 bits");
    }
    sinks = sinks || sink;
    if (sink && is_store) continue;
    op.o[i] =
        is_store ? e.source_of(elements[i], type, true) : e.destination_of(elements[i], type, true);
    if (op.o[i] == kNoOperand) return false;
  }
  op.run = is_store ? store_of(e, bits, sinks) : load_of(e, bits);
  if (op.run == nullptr) return false;
  const bool polls = f.has(".volatile") || f.has(".relaxed") || f.has(".acquire") || f.has(".mmio");
  if (!is_store && polls) op.weight = kPollWeight;
  e.append(op);
  return true;
}
bool emit_load(Emitter& e, const Form& f, Op&) {
  return emit_access(e, f, false);
}
bool emit_store(Emitter& e, const Form& f, Op&) {
  return emit_access(e, f, true);
}

// cvta adds the window of the space, cvta.to removes it; global (and const) addresses are generic
// already.
bool emit_cvta(Emitter& e, const Form& f, Op& op) {
  const auto& operands = e.instruction().operands;
  if (operands.size() != 2) return e.refuse("two operands are expected");
  const u64 window = f.has(".shared") || f.has(".shared::cta") || f.has(".shared::cluster")
                         ? kSharedWindow
                     : f.has(".local")                           ? kLocalWindow
                     : f.has(".param") || f.has(".param::entry") ? kParamWindow
                                                                 : 0;
  const Type type = f.type(0);
  const u64 step = f.has(".to") ? 0 - window : window;
  op.run = e.body("add", {".u64"}, 3);
  op.o[1] = e.source_of(operands[1], type);
  op.o[2] = e.constant(Type::u64, step);
  op.o[0] = e.destination_of(operands[0], type);
  if (op.o[0] == kNoOperand || op.o[1] == kNoOperand) return false;
  e.append(op);
  return true;
}

// isspacep: op.imm names the window; op.o[2], where there is one, tells which addresses are
// constants'. Those lie in global memory here, but the ISA's windows exclude each other. op.small:
// those and no others are asked for.
void is_space_body(Warp& w, const Op& op, u32 mask) {
  u32 r = 0;
  for (u32 l = 0; l < kLanes; ++l) {
    const u64 window = (w.at<const u64>(op.o[1])[l] >> kWindowShift) << kWindowShift;
    const bool global = window == 0 || window >= kCodeWindow;
    if (op.imm == 0 ? global : window == op.imm) r |= 1U << l;
  }
  if (op.o[2] != kNoOperand) {
    const u32 constants = w.predicate(op.o[2]);
    r = op.small != 0 ? constants : r & ~constants;
  }
  u32& d = w.predicate(op.o[0]);
  d = (d & ~mask) | (r & mask);
}
// A predicate that holds where the address in `slot` is that of a .const variable of the module.
u32 is_constant(Emitter& e, u32 slot) {
  u32 result = kFalsePredicate;
  const auto& variables = e.module().variables;
  for (size_t i = 0; i < variables.size(); ++i) {
    if (variables[i].space != ptx::Space::constant) continue;
    Op offset;
    offset.run = e.body("sub", {".u64"}, 3);
    offset.o[0] = e.scratch(SlotClass::wide);
    offset.o[1] = slot;
    offset.o[2] = e.constant(Type::u64, e.placement().module[i].value);
    e.append(offset);
    Op inside;
    inside.run = e.body("setp", {".lt", ".or", ".u64"}, 4);
    inside.small = 2;  // .or
    inside.o[0] = e.scratch(SlotClass::predicate);
    inside.o[1] = kNoOperand;
    inside.o[2] = offset.o[0];
    inside.o[3] = e.constant(Type::u64, variables[i].size);
    inside.o[4] = result;
    e.append(inside);
    result = inside.o[0];
  }
  return result;
}
bool emit_is_space(Emitter& e, const Form& f, Op& op) {
  op.imm = f.has(".local")                             ? kLocalWindow
           : f.has(".param") || f.has(".param::entry") ? kParamWindow
           : f.has(".global") || f.has(".const")       ? 0
                                                       : kSharedWindow;
  op.small = f.has(".const") ? 1 : 0;
  op.o[2] = op.imm == 0 ? is_constant(e, op.o[1]) : kNoOperand;
  return true;
}

// The forms of ISA 9.7.9.8 to 9.7.9.11, line by line. A vector has at most 128 bits, but 256 in
// global memory for 32- and 64-bit types; only there is an L2 eviction priority.
#define SOFTGPU_8_TO_64 ".b8|.b16|.b32|.b64|.u8|.u16|.u32|.u64|.s8|.s16|.s32|.s64|.f32|.f64"
#define SOFTGPU_SCALAR SOFTGPU_8_TO_64 "|.b128"
#define SOFTGPU_EACH_128(form, emit)                                                               \
  {form " " SOFTGPU_SCALAR, "", nullptr, emit}, {form " .v2 " SOFTGPU_8_TO_64, "", nullptr, emit}, \
  {                                                                                                \
    form " .v4 .b8|.b16|.b32|.u8|.u16|.u32|.s8|.s16|.s32|.f32", "", nullptr, emit                  \
  }
#define SOFTGPU_EACH_256(form, emit)                      \
  {form " .v8 .b32|.u32|.s32|.f32", "", nullptr, emit}, { \
    form " .v4 .b64|.u64|.s64|.f64", "", nullptr, emit    \
  }
#define SOFTGPU_L1 \
  ".L1::evict_normal|.L1::evict_unchanged|.L1::evict_first|.L1::evict_last|.L1::no_allocate"
#define SOFTGPU_L2 " {.L2::evict_normal|.L2::evict_first|.L2::evict_last}"
#define SOFTGPU_POLICY " {.L2::cache_hint}"
#define SOFTGPU_PREFETCH " {.L2::64B|.L2::128B|.L2::256B}"
#define SOFTGPU_SHARED " .shared|.shared::cta|.shared::cluster"
#define SOFTGPU_SCOPES " .cta|.cluster|.gpu|.sys"
#define SOFTGPU_LD_TAIL SOFTGPU_POLICY SOFTGPU_PREFETCH " {.unified}"

constexpr Row kRows[] = {
    SOFTGPU_EACH_128("ld {.weak} {.global} {.ca|.cg|.cs|.lu|.cv}" SOFTGPU_LD_TAIL, emit_load),
    SOFTGPU_EACH_128("ld {.weak}" SOFTGPU_SHARED
                     "|.local|.const|.param|.param::entry|.param::func {.ca|.cg|.cs|.lu|.cv}",
                     emit_load),
    SOFTGPU_EACH_128("ld {.weak} {.global} " SOFTGPU_L1 SOFTGPU_LD_TAIL, emit_load),
    SOFTGPU_EACH_256("ld {.weak} {.global} .ca|.cg|.cs|.lu|.cv" SOFTGPU_LD_TAIL, emit_load),
    SOFTGPU_EACH_256("ld {.weak} {.global} {" SOFTGPU_L1 "}" SOFTGPU_L2 SOFTGPU_LD_TAIL, emit_load),
    SOFTGPU_EACH_128("ld .volatile {.global}" SOFTGPU_PREFETCH, emit_load),
    SOFTGPU_EACH_256("ld .volatile {.global}" SOFTGPU_PREFETCH, emit_load),
    SOFTGPU_EACH_128("ld .volatile" SOFTGPU_SHARED, emit_load),
    SOFTGPU_EACH_128("ld .relaxed|.acquire" SOFTGPU_SCOPES " {.global} {" SOFTGPU_L1
                     "}" SOFTGPU_POLICY SOFTGPU_PREFETCH,
                     emit_load),
    SOFTGPU_EACH_256("ld .relaxed|.acquire" SOFTGPU_SCOPES " {.global} {" SOFTGPU_L1
                     "}" SOFTGPU_L2 SOFTGPU_POLICY SOFTGPU_PREFETCH,
                     emit_load),
    SOFTGPU_EACH_128("ld .relaxed|.acquire" SOFTGPU_SCOPES SOFTGPU_SHARED, emit_load),
    {"ld .mmio .relaxed .sys {.global} " SOFTGPU_SCALAR, "", nullptr, emit_load},
    SOFTGPU_EACH_128("ld .global {.ca|.cg|.cs} .nc" SOFTGPU_POLICY SOFTGPU_PREFETCH, emit_load),
    SOFTGPU_EACH_128("ld .global .nc " SOFTGPU_L1 SOFTGPU_POLICY SOFTGPU_PREFETCH, emit_load),
    SOFTGPU_EACH_256("ld .global .ca|.cg|.cs .nc" SOFTGPU_POLICY SOFTGPU_PREFETCH, emit_load),
    SOFTGPU_EACH_256("ld .global .nc {" SOFTGPU_L1 "}" SOFTGPU_L2 SOFTGPU_POLICY SOFTGPU_PREFETCH,
                     emit_load),
    SOFTGPU_EACH_128("ldu {.global}", emit_load),
    SOFTGPU_EACH_128("st {.weak} {.global} {.wb|.cg|.cs|.wt}" SOFTGPU_POLICY, emit_store),
    SOFTGPU_EACH_128("st {.weak}" SOFTGPU_SHARED "|.local|.param|.param::func {.wb|.cg|.cs|.wt}",
                     emit_store),
    SOFTGPU_EACH_128("st {.weak} {.global} " SOFTGPU_L1 SOFTGPU_POLICY, emit_store),
    SOFTGPU_EACH_256("st {.weak} {.global} .wb|.cg|.cs|.wt" SOFTGPU_POLICY, emit_store),
    SOFTGPU_EACH_256("st {.weak} {.global} {" SOFTGPU_L1 "}" SOFTGPU_L2 SOFTGPU_POLICY, emit_store),
    SOFTGPU_EACH_128("st .volatile {.global|.shared|.shared::cta|.shared::cluster}", emit_store),
    SOFTGPU_EACH_256("st .volatile {.global}", emit_store),
    SOFTGPU_EACH_128("st .relaxed|.release" SOFTGPU_SCOPES " {.global} {" SOFTGPU_L1
                     "}" SOFTGPU_POLICY,
                     emit_store),
    SOFTGPU_EACH_256("st .relaxed|.release" SOFTGPU_SCOPES " {.global} {" SOFTGPU_L1
                     "}" SOFTGPU_L2 SOFTGPU_POLICY,
                     emit_store),
    SOFTGPU_EACH_128("st .relaxed|.release" SOFTGPU_SCOPES SOFTGPU_SHARED, emit_store),
    {"st .mmio .relaxed .sys {.global} " SOFTGPU_SCALAR, "", nullptr, emit_store},
    {"cvta {.to} .global|.shared|.shared::cta|.shared::cluster|.local|.const|.param|.param::entry "
     ".u64",
     "", nullptr, emit_cvta},
    {"isspacep .global|.shared|.shared::cta|.shared::cluster|.local|.const|.param|.param::entry",
     "d.pred s.u64", [](const Form&) -> Handler { return &is_space_body; }, emit_is_space},
};

}  // namespace

namespace {

Op local_access(Emitter& e, u32 offset, Handler body, u32 data) {
  Op address;
  address.run = e.body("$local_address", {".b64"}, 1);
  address.o[0] = e.scratch(SlotClass::wide);
  address.imm = offset;
  e.append(address);
  Op op;
  op.run = body;
  op.o[0] = data;
  op.o[kAddress] = address.o[0];
  op.address_is_wide = true;
  op.small = static_cast<u8>(MemorySpace::local);
  return op;
}

}  // namespace

bool store_local(Emitter& e, u32 offset, u32 source, ptx::Type type) {
  const Handler body = store_of(e, ptx::bits_of(type));
  if (body == nullptr) return false;
  e.append(local_access(e, offset, body, source));
  return true;
}
bool load_local(Emitter& e, u32 destination, u32 offset, ptx::Type type) {
  const Handler body = load_of(e, ptx::bits_of(type));
  if (body == nullptr) return false;
  e.append(local_access(e, offset, body, destination));
  return true;
}

bool set_memory_operand(Emitter& e, const Form& f, const ptx::Operand& address, Op& op) {
  ptx::Space named = ptx::Space::generic;
  if (address.kind != Kind::address) return e.refuse("an address is expected");
  if (!e.address_of(address, op, named)) return false;
  MemorySpace space = MemorySpace::generic;
  if (f.has(".global") || f.has(".const")) space = MemorySpace::global;
  if (f.has(".shared") || f.has(".shared::cta") || f.has(".shared::cluster")) {
    space = MemorySpace::shared;
  }
  if (f.has(".local") || f.has(".param::func")) space = MemorySpace::local;
  if (f.has(".param") || f.has(".param::entry")) {
    space = e.source().is_entry ? MemorySpace::param : MemorySpace::local;
  }
  // A variable knows where it lives: .param variables of a function are in its local frame.
  if (named == ptx::Space::local) space = MemorySpace::local;
  if (named == ptx::Space::param) space = MemorySpace::param;
  if (named == ptx::Space::shared) space = MemorySpace::shared;
  if (named == ptx::Space::global) space = MemorySpace::global;
  op.small = static_cast<u8>(space);
  op.aux = e.next_cache_slot();
  return true;
}

std::span<const Row> rows_memory() {
  return kRows;
}

}  // namespace softgpu::engine
