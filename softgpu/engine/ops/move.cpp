// SPDX-License-Identifier: MIT
// Copies and the pieces that the decoder builds other instructions from. Names that start with '$'
// are no PTX opcodes: nothing but the emitter asks for them.
//
//   $copy            d = s
//   $extract         d = bits [imm, imm + width of d) of s          mov.b64 {a, b}, c
//   $insert          those bits of d = s                            mov.b64 c, {a, b}
//   $local_address   d = s + offset of the lane's local frame
#include "ops/lanes.hpp"

namespace softgpu::engine::SOFTGPU_ISA {
namespace {

using ptx::Type;

template <class T>
void copy_body(Warp& w, const Op& op, u32 mask) {
  T* d = w.at<T>(op.o[0]);
  const T* s = w.at<const T>(op.o[1]);
#pragma GCC ivdep
  for (u32 l = 0; l < kLanes; ++l) d[l] = (mask & (1U << l)) != 0 ? s[l] : d[l];
}

// D, S: slot types; W: the piece.
template <class D, class S, class W>
void extract_body(Warp& w, const Op& op, u32 mask) {
  D* d = w.at<D>(op.o[0]);
  const S* s = w.at<const S>(op.o[1]);
  const u32 shift = static_cast<u32>(op.imm);
  for (u32 l = 0; l < kLanes; ++l) {
    if ((mask & (1U << l)) != 0) d[l] = static_cast<W>(s[l] >> shift);
  }
}
template <class D, class S, class W>
void insert_body(Warp& w, const Op& op, u32 mask) {
  D* d = w.at<D>(op.o[0]);
  const S* s = w.at<const S>(op.o[1]);
  const u32 shift = static_cast<u32>(op.imm);
  const D keep = static_cast<D>(~(static_cast<D>(static_cast<W>(~W{0})) << shift));
  for (u32 l = 0; l < kLanes; ++l) {
    if ((mask & (1U << l)) != 0) {
      d[l] = static_cast<D>((d[l] & keep) | (static_cast<D>(static_cast<W>(s[l])) << shift));
    }
  }
}
template <class Big>
Handler extract_from(Type small) {
  switch (small) {
    case Type::b8:
      return &extract_body<u32, Big, u8>;
    case Type::b16:
      return &extract_body<u32, Big, u16>;
    case Type::b32:
      return &extract_body<u32, Big, u32>;
    case Type::b64:
      return &extract_body<u64, Big, u64>;
    default:
      return nullptr;
  }
}
template <class Big>
Handler insert_into(Type small) {
  switch (small) {
    case Type::b8:
      return &insert_body<Big, u32, u8>;
    case Type::b16:
      return &insert_body<Big, u32, u16>;
    case Type::b32:
      return &insert_body<Big, u32, u32>;
    case Type::b64:
      return &insert_body<Big, u64, u64>;
    default:
      return nullptr;
  }
}

void local_address_body(Warp& w, const Op& op, u32 mask) {
  u64* d = w.at<u64>(op.o[0]);
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    d[l] = op.imm + w.frame->local_base[l];
  }
}

constexpr Row kRows[] = {
    {"$copy .b16|.b32|.b64|.b128", "d0 s0",
     [](const Form& f) -> Handler {
       switch (f.type(0)) {
         case Type::b128:
           return &copy_body<u128>;
         case Type::b64:
           return &copy_body<u64>;
         default:
           return &copy_body<u32>;
       }
     }},
    {"$extract .b8|.b16|.b32|.b64 .b16|.b32|.b64|.b128", "d0 s1",
     [](const Form& f) {
       switch (f.type(1)) {
         case Type::b128:
           return extract_from<u128>(f.type(0));
         case Type::b64:
           return extract_from<u64>(f.type(0));
         default:
           return extract_from<u32>(f.type(0));
       }
     }},
    {"$insert .b16|.b32|.b64|.b128 .b8|.b16|.b32|.b64", "d0 s1",
     [](const Form& f) {
       switch (f.type(0)) {
         case Type::b128:
           return insert_into<u128>(f.type(1));
         case Type::b64:
           return insert_into<u64>(f.type(1));
         default:
           return insert_into<u32>(f.type(1));
       }
     }},
    {"$local_address .b64", "d0", [](const Form&) -> Handler { return &local_address_body; }},
};

}  // namespace

std::span<const Row> rows_move() {
  return kRows;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
