// SPDX-License-Identifier: MIT
#include "analyze/opcode.hpp"

#include <algorithm>
#include <string_view>

namespace nonans::analyze {
namespace {

using namespace std::string_view_literals;

// Write their first operand and touch no memory but shared, constant, parameter or texture memory.
constexpr std::string_view kComputes[] = {
    "abs"sv,   "activemask"sv, "add"sv,      "addc"sv,         "alloca"sv,    "and"sv,
    "bfe"sv,   "bfi"sv,        "bfind"sv,    "bmsk"sv,         "brev"sv,      "clz"sv,
    "cnot"sv,  "copysign"sv,   "cos"sv,      "createpolicy"sv, "cvt"sv,       "cvta"sv,
    "div"sv,   "dp2a"sv,       "dp4a"sv,     "elect"sv,        "ex2"sv,       "fma"sv,
    "fns"sv,   "getctarank"sv, "isspacep"sv, "istypep"sv,      "ldmatrix"sv,  "lg2"sv,
    "lop3"sv,  "mad"sv,        "mad24"sv,    "madc"sv,         "mapa"sv,      "match"sv,
    "max"sv,   "min"sv,        "mma"sv,      "mov"sv,          "movmatrix"sv, "mul"sv,
    "mul24"sv, "neg"sv,        "not"sv,      "or"sv,           "popc"sv,      "prmt"sv,
    "rcp"sv,   "redux"sv,      "rem"sv,      "rsqrt"sv,        "sad"sv,       "selp"sv,
    "set"sv,   "setp"sv,       "shf"sv,      "shfl"sv,         "shl"sv,       "shr"sv,
    "sin"sv,   "slct"sv,       "sqrt"sv,     "stacksave"sv,    "sub"sv,       "subc"sv,
    "suq"sv,   "szext"sv,      "tanh"sv,     "testp"sv,        "tex"sv,       "tld4"sv,
    "txq"sv,   "vote"sv,       "xor"sv,
};
static_assert(std::is_sorted(std::begin(kComputes), std::end(kComputes)));

// No result in a register, no write to global memory.
constexpr std::string_view kSilent[] = {
    "applypriority"sv, "bar"sv,      "barrier"sv,        "bra"sv,      "brkpt"sv,
    "brx"sv,           "exit"sv,     "griddepcontrol"sv, "mbarrier"sv, "nanosleep"sv,
    "pmevent"sv,       "prefetch"sv, "prefetchu"sv,      "ret"sv,      "setmaxnreg"sv,
    "stackrestore"sv,  "stmatrix"sv, "trap"sv,
};
static_assert(std::is_sorted(std::begin(kSilent), std::end(kSilent)));

template <size_t N>
bool listed(const std::string_view (&table)[N], std::string_view op) {
  return std::binary_search(std::begin(table), std::end(table), op);
}

bool first_operand_is_address(const ptx::Instruction& i) {
  return !i.operands.empty() && i.operands[0].kind == ptx::Operand::Kind::address;
}

void read_modifiers(const ptx::Instruction& i, Opcode& o) {
  for (std::string_view mod : i.mods) {
    if (const auto type = ptx::type_from_suffix(mod)) {
      if (o.first_type == ptx::Type::none) o.first_type = *type;
      o.type = *type;
    } else if (mod == ".v2") {
      o.vector = 2;
    } else if (mod == ".v4") {
      o.vector = 4;
    } else if (mod == ".v8") {
      o.vector = 8;
    } else if (mod == ".global") {
      o.space = ptx::Space::global;
    } else if (mod == ".local") {
      o.space = ptx::Space::local;
    } else if (mod == ".const") {
      o.space = ptx::Space::constant;
    } else if (mod.starts_with(".param")) {
      o.space = ptx::Space::param;
    } else if (mod.starts_with(".shared")) {
      o.space = ptx::Space::shared;
    }
  }
}

void memory(const ptx::Instruction& i, Opcode& o, Effect effect, uint8_t destinations) {
  o.known = true;
  o.effect = effect;
  o.destinations = destinations;
  if (effect == Effect::load || effect == Effect::matrix_load) return;
  const bool watched = o.space == ptx::Space::global || o.space == ptx::Space::generic;
  o.publishes = watched && (i.has(".release") || i.has(".acq_rel") || i.has(".volatile") ||
                            i.has(".mmio") || i.has(".sys"));
}

// cp.async and its bulk forms. The destination is the first space named; the group forms and
// prefetches name none of ours.
void asynchronous(const ptx::Instruction& i, Opcode& o) {
  if (!i.has(".async")) return;  // not known
  o.known = true;
  if (i.has(".commit_group") || i.has(".wait_group") || i.has(".wait_all") || i.has(".prefetch"))
    return;
  for (std::string_view mod : i.mods) {
    if (mod.starts_with(".shared") || mod == ".global") {
      o.effect = mod == ".global" ? Effect::writes_unknown : Effect::async_copy;
      return;
    }
  }
}

}  // namespace

bool is_float(ptx::Type type) {
  switch (type) {
    case ptx::Type::f16:
    case ptx::Type::f16x2:
    case ptx::Type::bf16:
    case ptx::Type::bf16x2:
    case ptx::Type::tf32:
    case ptx::Type::f32:
    case ptx::Type::f64:
    case ptx::Type::e4m3:
    case ptx::Type::e5m2:
    case ptx::Type::e4m3x2:
    case ptx::Type::e5m2x2:
    case ptx::Type::e2m1:
    case ptx::Type::e2m3:
    case ptx::Type::e3m2:
    case ptx::Type::ue8m0:
    case ptx::Type::e2m1x2:
    case ptx::Type::e2m3x2:
    case ptx::Type::e3m2x2:
    case ptx::Type::ue8m0x2:
    case ptx::Type::e4m3x4:
    case ptx::Type::e5m2x4:
    case ptx::Type::e2m1x4:
    case ptx::Type::e2m3x4:
    case ptx::Type::e3m2x4:
    case ptx::Type::f32x2:
      return true;
    default:
      return false;
  }
}

bool is_signed_integer(ptx::Type type) {
  return type == ptx::Type::s8 || type == ptx::Type::s16 || type == ptx::Type::s32 ||
         type == ptx::Type::s64;
}

namespace {

Opcode look_up(const ptx::Instruction& i) {
  Opcode o;
  read_modifiers(i, o);
  const std::string_view op = i.op;
  const uint8_t joined = i.pipe ? 2 : 1;
  if (listed(kComputes, op)) {
    o.known = true;
    o.destinations = joined;
  } else if (op == "ld" || op == "ldu") {
    memory(i, o, Effect::load, 1);
  } else if (op == "st") {
    memory(i, o, i.has(".async") || i.has(".bulk") ? Effect::writes_unknown : Effect::store, 0);
  } else if (op == "atom") {
    memory(i, o, Effect::atomic, 1);
  } else if (op == "red") {
    memory(i, o, i.has(".async") ? Effect::writes_unknown : Effect::reduction, 0);
  } else if (op == "membar" || op == "fence") {
    o.known = true;
    o.effect = Effect::fence;
    // Device-scope fences (`__threadfence`) order the blocks of one launch among each other, as
    // every reduction with a last block does. Only the system scope speaks to somebody outside.
    o.publishes = i.has(".sys");
  } else if (op == "wmma") {
    if (i.has(".store")) {
      memory(i, o, Effect::matrix_store, 0);
    } else if (i.has(".load")) {
      memory(i, o, Effect::matrix_load, 1);
    } else {
      o.known = i.has(".mma");
      o.destinations = 1;
    }
  } else if (op == "wgmma") {
    o.known = true;
    o.destinations = i.has(".mma_async") ? 1 : 0;
  } else if (op == "cp") {
    asynchronous(i, o);
  } else if (op == "call") {
    o.known = true;
    o.effect = Effect::call;
  } else if (listed(kSilent, op)) {
    o.known = true;
    const bool returns = (op == "bar" || op == "barrier") ? i.has(".red")
                         : op == "mbarrier"               ? !first_operand_is_address(i)
                                                          : false;
    o.destinations = returns ? 1 : 0;
  } else if (op == "sust" || op == "sured" || op == "multimem") {
    o.known = true;
    o.effect = Effect::writes_unknown;
    o.destinations = i.has(".ld_reduce") ? 1 : 0;
    o.publishes = op == "multimem";
  } else if (op == "suld") {
    o.known = true;
    o.destinations = 1;
  }
  return o;
}

// Operands without which the rest of the analysis could not say what is read or written.
size_t least_operands(const Opcode& o) {
  switch (o.effect) {
    case Effect::load:
    case Effect::store:
    case Effect::atomic:
    case Effect::reduction:
    case Effect::matrix_load:
    case Effect::matrix_store:
    case Effect::async_copy:
      return 2;
    default:
      return o.destinations;
  }
}

}  // namespace

Opcode classify(const ptx::Instruction& i) {
  const Opcode o = look_up(i);
  return i.operands.size() < least_operands(o) ? Opcode{} : o;
}

}  // namespace nonans::analyze
