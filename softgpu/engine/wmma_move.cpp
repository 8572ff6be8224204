// SPDX-License-Identifier: MIT
// wmma.load and wmma.store (ISA 9.7.14.4): a matrix of rows or columns in memory to or from the
// tiles of matrix.hpp. Each lane fetches its own elements, a register at a time where they lie side
// by side, so that bounds and observers see every byte that is touched and no other.
#include <cstring>

#include "emitter.hpp"
#include "matrix.hpp"
#include "memory.hpp"
#include "ops/isa.hpp"

namespace softgpu::engine {
namespace {

using ptx::Type;

// Where the elements of a fragment lie in memory; in Code::lists as words.
struct FragmentPlan {
  u32 bits;          // of an element; b1: 32, its words
  u32 tiles;         // different ones; registers beyond them repeat the fragment
  u32 per_tile;      // elements a lane has of one tile
  u32 along;         // 1: the elements of a lane lie side by side in memory
  u32 registers;     // in all
  u32 unit;          // elements of one access
  u32 step_bits;     // what a step is counted in; b1: 1
  u32 default_step;  // between rows (or columns)
  u32 step;          // slot with the program's own, or kNoOperand
  u32 outer[kFragmentRegisters], inner[kFragmentRegisters];  // of a tile's first element
  u32 slots[kFragmentRegisters];
};
static_assert(sizeof(FragmentPlan) % sizeof(u32) == 0);

// Where the matrix starts, and bits from one row (or column) to the next; the same in all lanes
// unless the program is wrong.
struct Start {
  u64 base[kLanes], pitch[kLanes];
};

// The bytes of one access of each lane: elements from `first` on of tile `t`.
void locate_unit(Warp& w, const Op& op, const FragmentPlan& p, const Start& origin, u32 t,
                 u32 first, bool is_write, Located& at) {
  u64 outer[kLanes], inner[kLanes];
  for (u32 l = 0; l < kLanes; ++l) {
    outer[l] = p.outer[t] + l / 4;
    inner[l] = p.inner[t] + l % 4 * p.per_tile + first;
  }
  const u64* across = p.along != 0 ? outer : inner;
  const u64* beside = p.along != 0 ? inner : outer;
  for (u32 l = 0; l < kLanes; ++l) {
    at.address[l] = origin.base[l] + ((across[l] * origin.pitch[l] + beside[l] * p.bits) >> 3);
  }
  const u32 size = p.unit * p.bits / 8;
  locate_at(w, op, kAllLanes, {static_cast<MemorySpace>(op.small), size, size, is_write}, at);
}

template <bool IsStore, class F>
void each_unit(Warp& w, const Op& op, u32 mask, F f) {
  require_whole_warp(w, op, mask);
  const auto& p =
      *reinterpret_cast<const FragmentPlan*>(w.block->grid->code->lists[op.o[0]].data());
  // Copies: a destination may be the register of the address or of the step.
  Op addressing = op;
  addressing.o[kAddress] = op.o[kWaitingAddress];
  Start origin;
  addresses_of(w, addressing, origin.base);
  for (u32 l = 0; l < kLanes; ++l) {
    const u64 step = p.step != kNoOperand ? w.at<const u32>(p.step)[l] : p.default_step;
    origin.pitch[l] = step * p.step_bits;
  }
  u64& bytes = IsStore ? w.worker->bytes_written : w.worker->bytes_read;
  for (u32 t = 0; t < p.tiles; ++t) {
    for (u32 first = 0; first < p.per_tile; first += p.unit) {
      Located at;
      locate_unit(w, op, p, origin, t, first, IsStore, at);
      bytes += u64{kLanes} * p.unit * p.bits / 8;
      f(p, t, first, at);
    }
  }
}

template <class T>
T read(const std::byte* host) {
  return __atomic_load_n(reinterpret_cast<const T*>(host), __ATOMIC_RELAXED);
}
template <class T>
void write(std::byte* host, T value) {
  __atomic_store_n(reinterpret_cast<T*>(host), value, __ATOMIC_RELAXED);
}

// T: what one access moves. 64-bit and 32-bit elements have a register each.
template <class T>
void load_fragment(Warp& w, const Op& op, u32 mask) {
  u64 loaded[2 * kFragmentRegisters][kLanes] = {};
  each_unit<false>(w, op, mask, [&](const FragmentPlan& p, u32 t, u32 first, const Located& at) {
    const u32 bit = p.bits < 32 ? first * p.bits : 0;
    u64* to = loaded[p.bits < 32 ? t : t * p.per_tile + first];
    for (u32 l = 0; l < kLanes; ++l) to[l] |= u64{read<T>(at.host[l])} << bit;
  });
  const auto& p =
      *reinterpret_cast<const FragmentPlan*>(w.block->grid->code->lists[op.o[0]].data());
  const u32 different = p.bits < 32 ? p.tiles : p.tiles * p.per_tile;
  for (u32 r = 0; r < p.registers; ++r) {
    for (u32 l = 0; l < kLanes; ++l) {
      if constexpr (sizeof(T) == 8) {
        w.at<u64>(p.slots[r])[l] = loaded[r % different][l];
      } else {
        w.at<u32>(p.slots[r])[l] = static_cast<u32>(loaded[r % different][l]);
      }
    }
  }
}
template <class T>
void store_fragment(Warp& w, const Op& op, u32 mask) {
  each_unit<true>(w, op, mask, [&](const FragmentPlan& p, u32 t, u32 first, const Located& at) {
    const u32 bit = p.bits < 32 ? first * p.bits : 0;
    const u32 slot = p.slots[p.bits < 32 ? t : t * p.per_tile + first];
    for (u32 l = 0; l < kLanes; ++l) {
      if constexpr (sizeof(T) == 8) {
        write<T>(at.host[l], w.at<const u64>(slot)[l]);
      } else {
        write<T>(at.host[l], static_cast<T>(w.at<const u32>(slot)[l] >> bit));
      }
    }
  });
}

Handler fragment_body(u32 bits, bool is_store) {
  switch (bits) {
    case 8:
      return is_store ? nullptr : &load_fragment<u8>;
    case 16:
      return is_store ? &store_fragment<u16> : &load_fragment<u16>;
    case 32:
      return is_store ? &store_fragment<u32> : &load_fragment<u32>;
    default:
      return is_store ? &store_fragment<u64> : &load_fragment<u64>;
  }
}

struct FragmentShape {
  u32 outer, inner;
  bool inner_is_row;  // .row: elements along `inner` lie side by side
};

// Tiles in the order of matrix.hpp.
void place_tiles(FragmentPlan& p, const FragmentShape& shape, bool is_b, bool is_accumulator) {
  const u32 width = 4 * p.per_tile;
  const u32 rows = shape.outer / 8, columns = shape.inner / width;
  const u32 at_once = is_b || rows < 2 ? 1 : 2;
  p.tiles = 0;
  for (u32 i = 0; i < rows * columns; ++i) {
    u32 row = 0, column = 0;
    if (is_accumulator) {
      row = i % rows;
      column = i / rows;
    } else {
      row = i / (at_once * columns) * at_once + i % at_once;
      column = i / at_once % columns;
    }
    p.outer[p.tiles] = row * 8;
    p.inner[p.tiles] = column * width;
    ++p.tiles;
  }
}

// mods: .load|.store, the matrix, .sync, .aligned, the layout, the shape, the space, the type
bool emit_fragment(Emitter& e, const Form& f, Op& op) {
  const bool is_store = f.has(".store");
  const auto& operands = e.instruction().operands;
  if (operands.size() != 2 && operands.size() != 3) {
    return e.refuse("two or three operands are expected");
  }
  const MatrixShape shape = shape_of(f.mods[5]);
  const Type type = f.type(0);
  const bool is_a = f.has(".a"), is_b = f.has(".b"), is_row = f.has(".row");
  FragmentPlan p{};
  p.bits = type == Type::b1 ? 32 : ptx::bits_of(type);
  const u32 k = type == Type::b1 ? shape.k / 32 : shape.k;
  FragmentShape extent{shape.m, shape.n, is_row};
  if (is_a) extent = {shape.m, k, is_row};
  if (is_b) extent = {shape.n, k, !is_row};
  p.per_tile = is_a || is_b ? (p.bits < 32 ? 32 / p.bits : 1) : 2;
  place_tiles(p, extent, is_b, !is_a && !is_b);
  p.along = extent.inner_is_row ? 1 : 0;
  // Elements that share a register and lie side by side move together.
  p.unit = p.along != 0 && p.bits < 32 ? p.per_tile : 1;
  p.step_bits = ptx::bits_of(type);
  p.default_step = (p.along != 0 ? extent.inner : extent.outer) * (p.bits / p.step_bits);
  p.registers = p.bits < 32 ? p.tiles : p.tiles * p.per_tile;
  if ((is_a || is_b) && type == Type::f16) p.registers = kFragmentRegisters;
  if (!bind_matrix_address(e, f, operands[is_store ? 0 : 1], op)) return false;
  p.step = kNoOperand;
  if (operands.size() == 3) {
    p.step = e.source_of(operands[2], Type::u32);
    if (p.step == kNoOperand) return false;
  }
  const Element each = type == Type::f64   ? Element::f64
                       : type == Type::f32 ? Element::f32
                       : type == Type::s32 ? Element::s32
                                           : Element::none;
  if (!bind_fragment(e, operands[is_store ? 1 : 0], each, p.registers, !is_store, p.slots)) {
    return false;
  }
  op.o[0] = static_cast<u32>(e.code().lists.size());
  std::vector<u32> words(sizeof p / sizeof(u32));
  std::memcpy(words.data(), &p, sizeof p);
  e.code().lists.push_back(std::move(words));
  op.run = fragment_body(p.unit * p.bits, is_store);
  e.append(op);
  return true;
}

#define SOFTGPU_SYNC " .sync .aligned "
#define SOFTGPU_SPACE " {.global|.shared|.shared::cta} "
#define SOFTGPU_LOAD "wmma .load "
#define SOFTGPU_WIDE_SHAPES ".m16n16k16|.m32n8k16|.m8n32k16"

constexpr Row kRows[] = {
    {SOFTGPU_LOAD ".a|.b" SOFTGPU_SYNC ".row|.col " SOFTGPU_WIDE_SHAPES SOFTGPU_SPACE
                  ".f16|.bf16|.s8|.u8",
     "", nullptr, emit_fragment},
    {SOFTGPU_LOAD ".a|.b" SOFTGPU_SYNC ".row|.col .m16n16k8" SOFTGPU_SPACE ".tf32", "", nullptr,
     emit_fragment},
    {SOFTGPU_LOAD ".a|.b" SOFTGPU_SYNC ".row|.col .m8n8k4" SOFTGPU_SPACE ".f64", "", nullptr,
     emit_fragment},
    {SOFTGPU_LOAD ".a" SOFTGPU_SYNC ".row .m8n8k32" SOFTGPU_SPACE ".s4|.u4", "", nullptr,
     emit_fragment},
    {SOFTGPU_LOAD ".b" SOFTGPU_SYNC ".col .m8n8k32" SOFTGPU_SPACE ".s4|.u4", "", nullptr,
     emit_fragment},
    {SOFTGPU_LOAD ".a" SOFTGPU_SYNC ".row .m8n8k128" SOFTGPU_SPACE ".b1", "", nullptr,
     emit_fragment},
    {SOFTGPU_LOAD ".b" SOFTGPU_SYNC ".col .m8n8k128" SOFTGPU_SPACE ".b1", "", nullptr,
     emit_fragment},
    {SOFTGPU_LOAD ".c" SOFTGPU_SYNC ".row|.col " SOFTGPU_WIDE_SHAPES SOFTGPU_SPACE ".f16|.f32|.s32",
     "", nullptr, emit_fragment},
    {SOFTGPU_LOAD ".c" SOFTGPU_SYNC ".row|.col .m16n16k8" SOFTGPU_SPACE ".f32", "", nullptr,
     emit_fragment},
    {SOFTGPU_LOAD ".c" SOFTGPU_SYNC ".row|.col .m8n8k4" SOFTGPU_SPACE ".f64", "", nullptr,
     emit_fragment},
    {SOFTGPU_LOAD ".c" SOFTGPU_SYNC ".row|.col .m8n8k32|.m8n8k128" SOFTGPU_SPACE ".s32", "",
     nullptr, emit_fragment},
    {"wmma .store .d" SOFTGPU_SYNC ".row|.col " SOFTGPU_WIDE_SHAPES SOFTGPU_SPACE ".f16|.f32|.s32",
     "", nullptr, emit_fragment},
    {"wmma .store .d" SOFTGPU_SYNC ".row|.col .m16n16k8" SOFTGPU_SPACE ".f32", "", nullptr,
     emit_fragment},
    {"wmma .store .d" SOFTGPU_SYNC ".row|.col .m8n8k4" SOFTGPU_SPACE ".f64", "", nullptr,
     emit_fragment},
    {"wmma .store .d" SOFTGPU_SYNC ".row|.col .m8n8k32|.m8n8k128" SOFTGPU_SPACE ".s32", "", nullptr,
     emit_fragment},
};

}  // namespace

std::span<const Row> rows_wmma_moves() {
  return kRows;
}

}  // namespace softgpu::engine
