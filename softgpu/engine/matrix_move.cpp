// SPDX-License-Identifier: MIT
// Matrices between memory and the registers of a warp: ldmatrix, stmatrix, movmatrix and wmma.load,
// wmma.store (ISA 9.7.14.3, 9.7.14.5).
//
// ldmatrix and stmatrix take the address of each row of 16 bytes from one lane: the i-th row of the
// j-th matrix from lane j * rows + i. What a lane gets (q = lane % 4, g = lane / 4):
//   m8n8 .b16            the 4 bytes 4q … of row g: a tile of matrix.hpp
//   m8n8 .trans .b16     elements 2q and 2q + 1 of column g
//   m16n16 .trans .b8    two registers: rows 4q … 4q + 3 of column g, and of column g + 8
//   m8n16 .b8x16…        the 4 elements 4q … of row g, each widened to a byte
//   m16n8 .trans .b8     (stmatrix) rows 2q and 2q + 1 of column g, then of column g + 8
// Rows of 6-bit elements have 12 bytes of them, of 4-bit elements 8, lowest bits first; the rest of
// the 16 is padding.
#include <cstring>

#include "emitter.hpp"
#include "fault.hpp"
#include "matrix.hpp"
#include "memory.hpp"
#include "ops/isa.hpp"

namespace softgpu::engine {
namespace {

using ptx::Type;

// Flow::sync has the member mask where memory instructions have the address: the address waits
// here, and a copy of the Op that locate() understands is made of it.
constexpr unsigned kWaitingAddress = 7;
constexpr u32 kRowBytes = 16;

bool bind_address(Emitter& e, const Form& f, const ptx::Operand& operand, Op& op) {
  if (!set_memory_operand(e, f, operand, op)) return false;
  op.o[kWaitingAddress] = op.o[kAddress];
  join_warp(e, op);
  return true;
}

// Rows of matrices in shared memory: a generic address has to point there.
void locate_rows(Warp& w, const Op& op, u32 lanes, bool is_write, Located& at) {
  Op access = op;
  access.o[kAddress] = op.o[kWaitingAddress];
  locate(w, access, lanes, kRowBytes, is_write, at);
  if (static_cast<MemorySpace>(op.small) == MemorySpace::shared) return;
  for (u32 l = 0; l < kLanes; ++l) {
    const u64 window = (at.address[l] >> kWindowShift) << kWindowShift;
    if (((lanes >> l) & 1U) != 0 && window != kSharedWindow) {
      raise_access(w, op, l, FaultKind::illegal_address, {at.address[l], kRowBytes, is_write});
    }
  }
}

constexpr u32 lanes_below(u32 count) {
  return count >= kLanes ? kAllLanes : (1U << count) - 1;
}

// Bits of an element in memory, 16 or (widened to) 8 in a register; rows of a matrix.
template <u32 Bits, u32 Rows>
void load_rows(Warp& w, const Op& op, u8 (*rows)[kRowBytes]) {
  const u32 count = op.count * Rows;
  Located at;
  locate_rows(w, op, lanes_below(count), false, at);
  w.worker->bytes_read += u64{count} * kRowBytes;
  for (u32 r = 0; r < count; ++r) {
    u8 row[kRowBytes];
    std::memcpy(row, at.host[r], kRowBytes);
    if constexpr (Bits >= 8) {
      std::memcpy(rows[r], row, kRowBytes);
    } else {
      for (u32 i = 0; i < 16; ++i) {
        const u32 bit = i * Bits;
        const u32 pair = row[bit / 8] | (static_cast<u32>(row[bit / 8 + 1]) << 8);
        rows[r][i] = static_cast<u8>((pair >> (bit % 8)) & ((1U << Bits) - 1));
      }
    }
  }
}

template <u32 Bits>
void load_matrix(Warp& w, const Op& op, u32 mask) {
  require_whole_warp(w, op, mask);
  u8 rows[kLanes][kRowBytes];
  load_rows<Bits, 8>(w, op, rows);
  for (u32 j = 0; j < op.count; ++j) {
    u32* d = w.at<u32>(op.o[j]);
    for (u32 l = 0; l < kLanes; ++l) std::memcpy(&d[l], &rows[j * 8 + l / 4][l % 4 * 4], 4);
  }
}
void load_matrix_transposed(Warp& w, const Op& op, u32 mask) {
  require_whole_warp(w, op, mask);
  u8 rows[kLanes][kRowBytes];
  load_rows<16, 8>(w, op, rows);
  for (u32 j = 0; j < op.count; ++j) {
    u32* d = w.at<u32>(op.o[j]);
    for (u32 l = 0; l < kLanes; ++l) {
      u16 pair[2];
      std::memcpy(&pair[0], &rows[j * 8 + l % 4 * 2][l / 4 * 2], 2);
      std::memcpy(&pair[1], &rows[j * 8 + l % 4 * 2 + 1][l / 4 * 2], 2);
      d[l] = pair[0] | (static_cast<u32>(pair[1]) << 16);
    }
  }
}
template <u32 Bits>
void load_bytes_transposed(Warp& w, const Op& op, u32 mask) {
  require_whole_warp(w, op, mask);
  u8 rows[kLanes][kRowBytes];
  load_rows<Bits, 16>(w, op, rows);
  for (u32 r = 0; r < 2U * op.count; ++r) {
    u32* d = w.at<u32>(op.o[r]);
    for (u32 l = 0; l < kLanes; ++l) {
      u32 word = 0;
      for (u32 i = 0; i < 4; ++i) {
        word |= static_cast<u32>(rows[r / 2 * 16 + l % 4 * 4 + i][l / 4 + r % 2 * 8]) << (8 * i);
      }
      d[l] = word;
    }
  }
}

void store_rows(Warp& w, const Op& op, const u8 (*rows)[kRowBytes]) {
  const u32 count = op.count * 8U;
  Located at;
  locate_rows(w, op, lanes_below(count), true, at);
  w.worker->bytes_written += u64{count} * kRowBytes;
  for (u32 r = 0; r < count; ++r) std::memcpy(at.host[r], rows[r], kRowBytes);
}
void store_matrix(Warp& w, const Op& op, u32 mask) {
  require_whole_warp(w, op, mask);
  u8 rows[kLanes][kRowBytes];
  for (u32 j = 0; j < op.count; ++j) {
    const u32* s = w.at<const u32>(op.o[j]);
    for (u32 l = 0; l < kLanes; ++l) std::memcpy(&rows[j * 8 + l / 4][l % 4 * 4], &s[l], 4);
  }
  store_rows(w, op, rows);
}
void store_matrix_transposed(Warp& w, const Op& op, u32 mask) {
  require_whole_warp(w, op, mask);
  u8 rows[kLanes][kRowBytes];
  for (u32 j = 0; j < op.count; ++j) {
    const u32* s = w.at<const u32>(op.o[j]);
    for (u32 l = 0; l < kLanes; ++l) {
      const u16 pair[2] = {static_cast<u16>(s[l]), static_cast<u16>(s[l] >> 16)};
      std::memcpy(&rows[j * 8 + l % 4 * 2][l / 4 * 2], &pair[0], 2);
      std::memcpy(&rows[j * 8 + l % 4 * 2 + 1][l / 4 * 2], &pair[1], 2);
    }
  }
  store_rows(w, op, rows);
}
void store_bytes_transposed(Warp& w, const Op& op, u32 mask) {
  require_whole_warp(w, op, mask);
  u8 rows[kLanes][kRowBytes];
  for (u32 j = 0; j < op.count; ++j) {
    const u32* s = w.at<const u32>(op.o[j]);
    for (u32 l = 0; l < kLanes; ++l) {
      for (u32 i = 0; i < 4; ++i) {
        rows[j * 8 + l % 4 * 2 + i % 2][l / 4 + i / 2 * 8] = static_cast<u8>(s[l] >> (8 * i));
      }
    }
  }
  store_rows(w, op, rows);
}

void transpose_registers(Warp& w, const Op& op, u32 mask) {
  require_whole_warp(w, op, mask);
  u16 matrix[8][8];
  const u32* s = w.at<const u32>(op.o[1]);
  for (u32 l = 0; l < kLanes; ++l) {
    matrix[l / 4][l % 4 * 2] = static_cast<u16>(s[l]);
    matrix[l / 4][l % 4 * 2 + 1] = static_cast<u16>(s[l] >> 16);
  }
  u32* d = w.at<u32>(op.o[0]);
  for (u32 l = 0; l < kLanes; ++l) {
    d[l] = matrix[l % 4 * 2][l / 4] | (static_cast<u32>(matrix[l % 4 * 2 + 1][l / 4]) << 16);
  }
}

Handler move_body(const Form& f, bool is_store) {
  const bool transposed = f.has(".trans");
  if (is_store) {
    if (f.has(".b8")) return &store_bytes_transposed;
    return transposed ? &store_matrix_transposed : &store_matrix;
  }
  if (f.has(".b16")) return transposed ? &load_matrix_transposed : &load_matrix<16>;
  if (f.has(".b8")) return &load_bytes_transposed<8>;
  if (f.has(".b6x16_p32")) return transposed ? &load_bytes_transposed<6> : &load_matrix<6>;
  return transposed ? &load_bytes_transposed<4> : &load_matrix<4>;
}

bool emit_move(Emitter& e, const Form& f, Op& op, bool is_store) {
  const auto& operands = e.instruction().operands;
  if (operands.size() != 2) return e.refuse("two operands are expected");
  op.count = f.has(".x4") ? 4 : (f.has(".x2") ? 2 : 1);
  const u32 registers = f.has(".m16n16") ? 2U * op.count : op.count;
  if (!bind_address(e, f, operands[is_store ? 0 : 1], op) ||
      !bind_fragment(e, operands[is_store ? 1 : 0], Element::none, registers, !is_store, op.o)) {
    return false;
  }
  op.run = move_body(f, is_store);
  e.append(op);
  return true;
}
bool emit_ldmatrix(Emitter& e, const Form& f, Op& op) {
  return emit_move(e, f, op, false);
}
bool emit_stmatrix(Emitter& e, const Form& f, Op& op) {
  return emit_move(e, f, op, true);
}

// wmma.load and wmma.store
// -------------------------------------------------------------------------------------------------

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

// The bytes of one access of each lane: elements from `first` on of tile `t`.
void locate_unit(Warp& w, const Op& op, const FragmentPlan& p, const u64* base, const u32* steps,
                 u32 t, u32 first, bool is_write, Located& at) {
  for (u32 l = 0; l < kLanes; ++l) {
    const u64 outer = p.outer[t] + l / 4, inner = p.inner[t] + l % 4 * p.per_tile + first;
    const u64 step = steps != nullptr ? steps[l] : p.default_step;
    const u64 steps_before = p.along != 0 ? outer : inner, beside = p.along != 0 ? inner : outer;
    at.address[l] = base[l] + (steps_before * step * p.step_bits + beside * p.bits) / 8;
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
  u64 base[kLanes];
  addresses_of(w, addressing, base);
  u32 steps[kLanes];
  if (p.step != kNoOperand) std::memcpy(steps, w.at<const u32>(p.step), sizeof steps);
  u64& bytes = IsStore ? w.worker->bytes_written : w.worker->bytes_read;
  for (u32 t = 0; t < p.tiles; ++t) {
    for (u32 first = 0; first < p.per_tile; first += p.unit) {
      Located at;
      locate_unit(w, op, p, base, p.step != kNoOperand ? steps : nullptr, t, first, IsStore, at);
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
  if (!bind_address(e, f, operands[is_store ? 0 : 1], op)) return false;
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

#define SOFTGPU_SHARED " {.shared|.shared::cta}"
#define SOFTGPU_SPACE " {.global|.shared|.shared::cta} "
#define SOFTGPU_LOAD "wmma .load "
#define SOFTGPU_SYNC " .sync .aligned "
#define SOFTGPU_WIDE_SHAPES ".m16n16k16|.m32n8k16|.m8n32k16"

constexpr Row kRows[] = {
    {"ldmatrix" SOFTGPU_SYNC ".m8n8 .x1|.x2|.x4 {.trans}" SOFTGPU_SHARED " .b16", "", nullptr,
     emit_ldmatrix},
    {"ldmatrix" SOFTGPU_SYNC ".m16n16 .x1|.x2 .trans" SOFTGPU_SHARED " .b8", "", nullptr,
     emit_ldmatrix},
    {"ldmatrix" SOFTGPU_SYNC ".m16n16 .x1|.x2 .trans" SOFTGPU_SHARED
     " .b8x16 .b6x16_p32|.b4x16_p64",
     "", nullptr, emit_ldmatrix},
    {"ldmatrix" SOFTGPU_SYNC ".m8n16 .x1|.x2|.x4" SOFTGPU_SHARED " .b8x16 .b6x16_p32|.b4x16_p64",
     "", nullptr, emit_ldmatrix},
    {"stmatrix" SOFTGPU_SYNC ".m8n8 .x1|.x2|.x4 {.trans}" SOFTGPU_SHARED " .b16", "", nullptr,
     emit_stmatrix},
    {"stmatrix" SOFTGPU_SYNC ".m16n8 .x1|.x2|.x4 .trans" SOFTGPU_SHARED " .b8", "", nullptr,
     emit_stmatrix},
    {"movmatrix" SOFTGPU_SYNC ".m8n8 .trans .b16", "d.b32 s.b32",
     [](const Form&) -> Handler { return &transpose_registers; },
     [](Emitter& e, const Form&, Op& op) {
       join_warp(e, op);
       return true;
     }},

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

std::span<const Row> rows_matrix_moves() {
  return kRows;
}

}  // namespace softgpu::engine
