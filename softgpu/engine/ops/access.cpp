// SPDX-License-Identifier: MIT
// The bodies of ld and st: between registers and memory.
//
//   $load, $store    o[0 …] the elements of the vector, o[kAddress] the base register
//   $store.sinks     … of which some are missing
//
// Most accesses hit the allocation that the same instruction hit before, the block's shared memory,
// the parameters or the thread's stack (window.hpp): those find their bytes here, all lanes at
// once. Three shapes are told apart,
//   one place for all lanes   one bounds check, one load        parameters, broadcasts
//   lane after lane           one bounds check, a plain copy    x[i] by thread i
//   anything else             a bounds check for each lane
// Whatever does not fit (another allocation, another space, an address that is out of bounds or
// misaligned) goes through locate(), which knows everything and names what is wrong. Nothing has
// been done yet when that happens.
#include "memory.hpp"
#include "ops/lanes.hpp"
#include "window.hpp"

namespace softgpu::engine::SOFTGPU_ISA {
namespace {

using ptx::Type;

enum class Shape : u8 { elsewhere, one_place, in_a_row, apart };

// Offsets in the window, for all shapes but `elsewhere`.
struct Reach {
  alignas(64) u64 offset[kLanes];
  std::byte* host = nullptr;
};

// Accesses of `size` bytes, a power of two.
[[gnu::always_inline]] inline Shape reach(const Warp& w, const Op& op, u32 mask, u32 size,
                                          bool is_write, Reach& out) {
  const Window window = usual_window(w, op, is_write);
  if (window.size < size) return Shape::elsewhere;
  const u64 limit = window.size - size;
  out.host = window.host;
  u64* offset = out.offset;
  const u32 base = op.o[kAddress];
  if (base == kNoOperand && window.stride == 0) {
    offset[0] = op.imm - window.address;
    return offset[0] > limit || (op.imm & (size - 1)) != 0 ? Shape::elsewhere : Shape::one_place;
  }
  if (base == kNoOperand) {
    for (u32 l = 0; l < kLanes; ++l) offset[l] = op.imm - window.address;
  } else if (op.address_is_wide) {
    const u64* registers = w.at<const u64>(base);
    const u64 add = op.imm - window.address;
    for (u32 l = 0; l < kLanes; ++l) offset[l] = registers[l] + add;
  } else {
    const u32* registers = w.at<const u32>(base);
    const u32 add = static_cast<u32>(op.imm);
    for (u32 l = 0; l < kLanes; ++l) offset[l] = u64{registers[l] + add} - window.address;
  }
  u64 low_bits = 0, outside = 0;
  if (mask == kAllLanes && window.stride == 0) {
    u64 moved = 0, uneven = 0;
    for (u32 l = 0; l < kLanes; ++l) {
      moved |= offset[l] ^ offset[0];
      uneven |= offset[l] ^ (offset[0] + u64{l} * size);
    }
    if (moved == 0 || uneven == 0) {
      const u64 last = moved == 0 ? 0 : u64{kLanes - 1} * size;
      if (offset[0] > limit || last > limit - offset[0] ||
          ((offset[0] + window.address) & (size - 1)) != 0) {
        return Shape::elsewhere;
      }
      return moved == 0 ? Shape::one_place : Shape::in_a_row;
    }
    for (u32 l = 0; l < kLanes; ++l) {
      outside |= offset[l] > limit ? 1 : 0;
      low_bits |= offset[l] + window.address;
    }
  } else {
    for (u32 rest = mask; rest != 0; rest &= rest - 1) {
      const u32 l = static_cast<u32>(__builtin_ctz(rest));
      outside |= offset[l] > limit ? 1 : 0;
      low_bits |= offset[l] + window.address;
    }
  }
  if (outside != 0 || (low_bits & (size - 1)) != 0) return Shape::elsewhere;
  if (window.stride != 0) {
    for (u32 l = 0; l < kLanes; ++l) offset[l] += l * window.stride;
  }
  return Shape::apart;
}

// Each element is a relaxed atomic access: one aligned host instruction.
template <class T>
[[gnu::always_inline]] inline T read(const std::byte* host) {
  if constexpr (sizeof(T) <= 8) {
    return __atomic_load_n(reinterpret_cast<const T*>(host), __ATOMIC_RELAXED);
  } else {
    T value;
    __builtin_memcpy(&value, host, sizeof value);
    return value;
  }
}
template <class T>
[[gnu::always_inline]] inline void write(std::byte* host, T value) {
  if constexpr (sizeof(T) <= 8) {
    __atomic_store_n(reinterpret_cast<T*>(host), value, __ATOMIC_RELAXED);
  } else {
    __builtin_memcpy(host, &value, sizeof value);
  }
}
template <class T>
using SlotOf = std::conditional_t<sizeof(T) < 4, u32, T>;

// A copy whose parts of 4 and 8 bytes are each one host access, as vector moves are on x86-64.
#if defined(__SANITIZE_THREAD__)
constexpr bool kCopyRows = false;  // it would be taken for a plain, racing copy
#else
constexpr bool kCopyRows = true;
#endif

template <class T>
void load_body(Warp& w, const Op& op, u32 mask) {
  const u32 size = static_cast<u32>(sizeof(T)) * op.count;
  w.worker->bytes_read += u64{size} * static_cast<u64>(__builtin_popcount(mask));
  Reach at;
  const Shape shape = reach(w, op, mask, size, false, at);
  if (shape == Shape::elsewhere) {
    Located located;
    locate(w, op, mask, size, false, located);
    for (u32 e = 0; e < op.count; ++e) {
      SlotOf<T>* d = w.at<SlotOf<T>>(op.o[e]);
      for (u32 rest = mask; rest != 0; rest &= rest - 1) {
        const int l = __builtin_ctz(rest);
        d[l] = read<T>(located.host[l] + e * sizeof(T));
      }
    }
    return;
  }
  for (u32 e = 0; e < op.count; ++e) {
    SlotOf<T>* d = w.at<SlotOf<T>>(op.o[e]);
    const std::byte* from = at.host + e * sizeof(T);
    if (shape == Shape::one_place) {
      const SlotOf<T> value = read<T>(from + at.offset[0]);
      for (u32 l = 0; l < kLanes; ++l) d[l] = ((mask >> l) & 1U) != 0 ? value : d[l];
    } else if (shape == Shape::in_a_row) {
      from += at.offset[0];
      if (kCopyRows && sizeof(T) >= 4 && op.count == 1) {
        __builtin_memcpy(d, from, sizeof(T) * kLanes);
      } else {
        for (u32 l = 0; l < kLanes; ++l) d[l] = read<T>(from + l * size);
      }
    } else if (mask == kAllLanes) {
      for (u32 l = 0; l < kLanes; ++l) d[l] = read<T>(from + at.offset[l]);
    } else {
      for (u32 rest = mask; rest != 0; rest &= rest - 1) {
        const int l = __builtin_ctz(rest);
        d[l] = read<T>(from + at.offset[l]);
      }
    }
  }
}

// With Sinks, elements that are kNoOperand ("_" in the vector) are not written.
template <class T, bool Sinks>
void store_body(Warp& w, const Op& op, u32 mask) {
  const u32 size = static_cast<u32>(sizeof(T)) * op.count;
  w.worker->bytes_written += u64{size} * static_cast<u64>(__builtin_popcount(mask));
  Reach at;
  const Shape shape = reach(w, op, mask, size, true, at);
  if (kCopyRows && shape == Shape::in_a_row && sizeof(T) >= 4 && op.count == 1) {
    __builtin_memcpy(at.host + at.offset[0], w.at<const T>(op.o[0]), sizeof(T) * kLanes);
    return;
  }
  // Lane by lane, so that of several lanes that store to one place the highest wins with its whole
  // vector.
  if (shape == Shape::elsewhere) {
    Located located;
    locate(w, op, mask, size, true, located);
    for (u32 rest = mask; rest != 0; rest &= rest - 1) {
      const int l = __builtin_ctz(rest);
      for (u32 e = 0; e < op.count; ++e) {
        if (Sinks && op.o[e] == kNoOperand) continue;
        write<T>(located.host[l] + e * sizeof(T),
                 static_cast<T>(w.at<const SlotOf<T>>(op.o[e])[l]));
      }
    }
    return;
  }
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    std::byte* to = at.host + at.offset[shape == Shape::one_place ? 0 : l];
    for (u32 e = 0; e < op.count; ++e) {
      if (Sinks && op.o[e] == kNoOperand) continue;
      write<T>(to + e * sizeof(T), static_cast<T>(w.at<const SlotOf<T>>(op.o[e])[l]));
    }
  }
}

Handler load_of(const Form& f) {
  if (f.type(0) == Type::b128) return &load_body<u128>;
  return for_type<u8, u16, u32, u64>(f.type(0), []<class T>() -> Handler { return &load_body<T>; });
}
template <bool Sinks>
Handler store(Type type) {
  if (type == Type::b128) return &store_body<u128, Sinks>;
  return for_type<u8, u16, u32, u64>(type,
                                     []<class T>() -> Handler { return &store_body<T, Sinks>; });
}
Handler store_of(const Form& f) {
  return f.has(".sinks") ? store<true>(f.type(0)) : store<false>(f.type(0));
}

constexpr Row kRows[] = {
    {"$load .b8|.b16|.b32|.b64|.b128", "", load_of},
    {"$store {.sinks} .b8|.b16|.b32|.b64|.b128", "", store_of},
};

}  // namespace

std::span<const Row> rows_access() {
  return kRows;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
