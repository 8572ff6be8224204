// SPDX-License-Identifier: MIT
// Matrices between memory and the registers of a warp: ldmatrix, stmatrix, movmatrix
// (ISA 9.7.14.5.15 to 17).
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

bool bind_matrix_address(Emitter& e, const Form& f, const ptx::Operand& operand, Op& op) {
  if (!set_memory_operand(e, f, operand, op)) return false;
  op.o[kWaitingAddress] = op.o[kAddress];
  join_warp(e, op);
  return true;
}

namespace {

constexpr u32 kRowBytes = 16;

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
  if (!bind_matrix_address(e, f, operands[is_store ? 0 : 1], op) ||
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

#define SOFTGPU_SHARED " {.shared|.shared::cta}"
#define SOFTGPU_SYNC " .sync .aligned "

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
};

}  // namespace

std::span<const Row> rows_matrix_moves() {
  return kRows;
}

}  // namespace softgpu::engine
