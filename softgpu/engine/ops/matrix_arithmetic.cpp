// SPDX-License-Identifier: MIT
// The arithmetic of mma and wmma.mma: D = A * B + C over the tiles of matrix.hpp.
//
// The ISA demands of .f16, .bf16, .tf32 and the formats of 8 bits and fewer that products are
// exact to at least single precision and sums have at least the precision of the accumulator; the
// order is open. Here products are exact (at most 24 x 24 bits in an f64), the sum is
//     ((C + a0*b0) + a1*b1) + …   in f64, k ascending,
// and the result is rounded once, to nearest even. Of f16 inputs even the sum is exact while the
// largest and the smallest product lie within a factor of 2^26. Hardware sums in about 24 bits,
// often with truncation, and errs by up to K last places of an f32; here it is K * 2^-29 of one,
// and half a one for the last rounding.
// Subnormal inputs and results count; a NaN result is the canonical one. Of tf32 the low 13 bits
// of the register are ignored.
//   .f64   each step is one fused multiply-add in the rounding mode of the instruction, k ascending
//   .s32   sums are exact, then wrapped to 32 bits or clamped (.satfinite)
//   .b1    C + popcount of the xor (or and) of rows
//
// Block scaling (9.7.14.3). A row of A falls into 1, 2 or 4 chunks along k, a column of B too; each
// is multiplied with a factor of its own before it takes part, here while still in f64, which is
// exact. Factors are bytes: chunk c has byte `byte-id` + c of a register that one lane holds:
//   row m of A      lane (m % 8) * 4 + 2 * thread-id-a + m / 8
//   column n of B   lane n * 4 + thread-id-b
//
// A register is first decoded for all lanes, element by element: a[e * 32 + lane]. A needs no
// more, the kernel takes its values one at a time. B is turned so that the eight n of one k lie
// side by side. An accumulator tile is 8 x 8, row by row.
#include "matrix.hpp"

#include "ops/numeric.hpp"

namespace softgpu::engine::SOFTGPU_ISA {
namespace {

constexpr u32 kMostA = 2048, kMostB = 1024, kMostC = 256;  // elements

// The choice between results is made on their bits: one between floating-point values keeps the
// compiler from doing eight lanes at a time.
SOFTGPU_INLINE u32 chosen(bool condition, u32 yes, u32 no) {
  const u32 mask = 0U - static_cast<u32>(condition);
  return (yes & mask) | (no & ~mask);
}
// What the largest codes of a format are: infinity and NaNs, one NaN, or numbers like all others.
enum class Top : u8 { infinity, nan, number };
// The value of a code; bits above it do not count.
template <u32 ExponentBits, u32 MantissaBits, Top Largest>
SOFTGPU_INLINE float narrow_value(u32 code) {
  constexpr u32 kSign = ExponentBits + MantissaBits;
  constexpr u32 kBias = (1U << (ExponentBits - 1)) - 1;
  constexpr u32 kRebias = (127 - kBias) << 23;
  constexpr u32 kInfinity = ((1U << ExponentBits) - 1) << MantissaBits;
  const u32 magnitude = code & ((1U << kSign) - 1);
  u32 normal = (magnitude << (23 - MantissaBits)) + kRebias;
  if (Largest == Top::infinity) normal += chosen(magnitude >= kInfinity, kRebias, 0);
  if (Largest == Top::nan) normal = chosen(magnitude == (1U << kSign) - 1, kNan32, normal);
  // The place of the last bit of a subnormal: 2^(1 - bias - mantissa bits).
  const float last = f32((127U + 1 - kBias - MantissaBits) << 23);
  const float subnormal = static_cast<float>(static_cast<s32>(magnitude)) * last;
  const u32 sign = ((code >> kSign) & 1U) << 31;
  return f32(chosen(magnitude < (1U << MantissaBits), bits(subnormal), normal) | sign);
}
SOFTGPU_INLINE float half_value(u32 code) {
  return narrow_value<5, 10, Top::infinity>(code);
}
SOFTGPU_INLINE float e4m3_value(u32 code) {
  return narrow_value<4, 3, Top::nan>(code);
}

// Rounds an f64 once: to odd in f32, then to nearest even in f16 (see numeric.hpp).
SOFTGPU_INLINE u32 half_code(double value) {
  const u32 odd = bits(to_odd(value));
  const u32 f = odd & 0x7fffffffU;
  const u32 magic = 126U << 23;
  const u32 subnormal = bits(f32(f) + f32(magic)) - magic;
  const u32 normal = (f - (112U << 23) + 0xfffU + ((f >> 13) & 1U)) >> 13;
  u32 code = chosen(f < (113U << 23), subnormal, normal);
  code = chosen(f >= (143U << 23), 0x7c00U, code) | ((odd >> 16) & 0x8000U);
  return chosen(f > 0x7f800000U, kNan16, code);
}
SOFTGPU_INLINE u32 float_code(double value) {
  const u32 near = bits(static_cast<float>(value));
  return chosen((near & 0x7fffffffU) > 0x7f800000U, kNan32, near);
}

template <class T, class F>
SOFTGPU_INLINE void decode_words(const u32* words, T* out, u32 count, u32 bits_each, F f) {
  for (u32 e = 0; e < count; ++e) {
    const u32 shift = e * bits_each;
    decltype(f(0U)) values[kLanes];
    for (u32 l = 0; l < kLanes; ++l) values[l] = f(words[l] >> shift);
    T* row = out + e * kLanes;
    for (u32 l = 0; l < kLanes; ++l) row[l] = static_cast<T>(values[l]);
  }
}
// One register of floating-point elements.
void decode(Element type, const u32* words, double* out) {
  switch (type) {
    case Element::f16:
      decode_words(words, out, 2, 16, half_value);
      break;
    case Element::bf16:
      decode_words(words, out, 2, 16, [](u32 v) { return f32(v << 16); });
      break;
    case Element::tf32:
      decode_words(words, out, 1, 32, [](u32 v) { return f32(v & 0xffffe000U); });
      break;
    case Element::e4m3:
      decode_words(words, out, 4, 8, e4m3_value);
      break;
    case Element::e5m2:
      decode_words(words, out, 4, 8, narrow_value<5, 2, Top::infinity>);
      break;
    case Element::e3m2:
      decode_words(words, out, 4, 8, narrow_value<3, 2, Top::number>);
      break;
    case Element::e2m3:
      decode_words(words, out, 4, 8, narrow_value<2, 3, Top::number>);
      break;
    case Element::e2m1:
      decode_words(words, out, 4, 8, [](u32 v) { return narrow_value<2, 1, Top::number>(v >> 2); });
      break;
    default:
      decode_words(words, out, 8, 4, narrow_value<2, 1, Top::number>);
      break;
  }
}
// One register of integers.
void decode(Element type, const u32* words, s32* out) {
  switch (type) {
    case Element::s8:
      decode_words(words, out, 4, 8, [](u32 v) { return static_cast<s8>(v); });
      break;
    case Element::u8:
      decode_words(words, out, 4, 8, [](u32 v) { return static_cast<u8>(v); });
      break;
    case Element::s4:
      decode_words(words, out, 8, 4, [](u32 v) { return static_cast<s32>(v << 28) >> 28; });
      break;
    case Element::u4:
      decode_words(words, out, 8, 4, [](u32 v) { return v & 15U; });
      break;
    default:
      decode_words(words, out, 1, 32, [](u32 v) { return static_cast<s32>(v); });
      break;
  }
}

struct Tiles {
  u32 rows, columns, inner, elements;  // in tiles: along m, n, k; E
};
Tiles tiles_of(const MatrixPlan& p) {
  const u32 e = elements_per_register(p.a);
  return {p.m / 8, p.n / 8, p.k / (4 * e), e};
}

// To a[(row tile * inner tiles + inner tile) * E * 32 …].
template <class T, class Read>
SOFTGPU_INLINE void gather_a(const Tiles& x, T* a, Read read) {
  const u32 at_once = x.rows < 2 ? x.rows : 2;  // 16 rows together
  u32 next = 0;
  for (u32 row = 0; row < x.rows; row += at_once) {
    for (u32 k = 0; k < x.inner; ++k) {
      for (u32 r = 0; r < at_once; ++r) {
        read(next++, a + ((row + r) * x.inner + k) * x.elements * kLanes);
      }
    }
  }
}
// To b[((column tile * inner tiles + inner tile) * E + e) * 32 + quarter * 8 + n].
template <class T, class Read>
SOFTGPU_INLINE void gather_b(const Tiles& x, T* b, Read read) {
  alignas(64) T lanes[8 * kLanes];
  for (u32 next = 0; next < x.columns * x.inner; ++next) {
    read(next, lanes);
    T* to = b + next * x.elements * kLanes;
    for (u32 e = 0; e < x.elements; ++e) {
      for (u32 quarter = 0; quarter < 4; ++quarter) {
        for (u32 n = 0; n < 8; ++n) {
          to[e * kLanes + quarter * 8 + n] = lanes[e * kLanes + n * 4 + quarter];
        }
      }
    }
  }
}

template <class T>
using Vector [[gnu::vector_size(32), gnu::aligned(8), gnu::may_alias]] = T;

struct MultiplyAdd {
  template <class T>
  SOFTGPU_INLINE void step(Vector<T>& sum, T a, const Vector<T>& b) {
    sum += a * b;
  }
};
struct FusedMultiplyAdd {
  template <class T>
  SOFTGPU_INLINE void step(Vector<T>& sum, T a, const Vector<T>& b) {
    for (int j = 0; j < 4; ++j) sum[j] = __builtin_fma(a, b[j], sum[j]);
  }
};
SOFTGPU_INLINE void add_count(Vector<u32>& sum, Vector<u32>& v) {
  v -= (v >> 1) & 0x55555555U;
  v = (v & 0x33333333U) + ((v >> 2) & 0x33333333U);
  v = (v + (v >> 4)) & 0x0f0f0f0fU;
  sum += (v * 0x01010101U) >> 24;
}
struct CountXor {
  template <class T>
  SOFTGPU_INLINE void step(Vector<T>& sum, T a, const Vector<T>& b) {
    Vector<T> differing = a ^ b;
    add_count(sum, differing);
  }
};
struct CountAnd {
  template <class T>
  SOFTGPU_INLINE void step(Vector<T>& sum, T a, const Vector<T>& b) {
    Vector<T> common = a & b;
    add_count(sum, common);
  }
};

// c[tile][8][8] += A * B, k ascending for each element. Four rows at a time: as many sums as fit
// into the vector registers.
template <class Step, class T>
SOFTGPU_INLINE void multiply(const Tiles& x, const T* a, const T* b, T* c) {
  constexpr u32 kVectors = 8 * sizeof(T) / 32;
  constexpr u32 kEach = 32 / sizeof(T);
  for (u32 tile = 0; tile < x.rows * x.columns; ++tile) {
    const T* a_tiles = a + (tile % x.rows) * x.inner * x.elements * kLanes;
    const T* b_tiles = b + (tile / x.rows) * x.inner * x.elements * kLanes;
    for (u32 first = 0; first < 8; first += 4) {
      T* out = c + tile * 64 + first * 8;
      Vector<T> sum[4][kVectors];
      for (u32 r = 0; r < 4; ++r) {
        for (u32 v = 0; v < kVectors; ++v) {
          sum[r][v] = *reinterpret_cast<const Vector<T>*>(out + r * 8 + v * kEach);
        }
      }
      for (u32 k = 0; k < x.inner; ++k) {
        const T* from_a = a_tiles + k * x.elements * kLanes;
        const T* from_b = b_tiles + k * x.elements * kLanes;
        for (u32 quarter = 0; quarter < 4; ++quarter) {
          for (u32 e = 0; e < x.elements; ++e) {
            const T* row = from_b + e * kLanes + quarter * 8;
            const T* values = from_a + e * kLanes + first * 4 + quarter;
            for (u32 v = 0; v < kVectors; ++v) {
              const Vector<T> n = *reinterpret_cast<const Vector<T>*>(row + v * kEach);
              for (u32 r = 0; r < 4; ++r) Step::template step<T>(sum[r][v], values[r * 4], n);
            }
          }
        }
      }
      for (u32 r = 0; r < 4; ++r) {
        for (u32 v = 0; v < kVectors; ++v) {
          *reinterpret_cast<Vector<T>*>(out + r * 8 + v * kEach) = sum[r][v];
        }
      }
    }
  }
}

// Accumulator tiles from registers and back.
void load_float_tiles(Warp& w, const MatrixPlan& p, u32 tiles, double* c) {
  for (u32 t = 0; t < tiles; ++t, c += 64) {
    const bool is_half = p.c == Element::f16;
    const u32* even = w.at<const u32>(p.c_registers[is_half ? t : 2 * t]);
    const u32* odd = is_half ? even : w.at<const u32>(p.c_registers[2 * t + 1]);
    float low[kLanes], high[kLanes];
    for (u32 l = 0; l < kLanes; ++l) {
      low[l] = is_half ? half_value(even[l]) : f32(even[l]);
      high[l] = is_half ? half_value(odd[l] >> 16) : f32(odd[l]);
    }
    for (u32 l = 0; l < kLanes; ++l) {
      c[2 * l] = static_cast<double>(low[l]);
      c[2 * l + 1] = static_cast<double>(high[l]);
    }
  }
}
template <class F>
SOFTGPU_INLINE void round_tile(const double* d, u32* low, u32* high, F code_of) {
  u32 codes[64];
  for (u32 i = 0; i < 64; ++i) codes[i] = code_of(d[i]);
  for (u32 l = 0; l < kLanes; ++l) {
    low[l] = codes[2 * l];
    high[l] = codes[2 * l + 1];
  }
}
void store_float_tiles(Warp& w, const MatrixPlan& p, u32 tiles, const double* d) {
  for (u32 t = 0; t < tiles; ++t, d += 64) {
    if (p.d == Element::f16) {
      u32 low[kLanes], high[kLanes];
      round_tile(d, low, high, half_code);
      u32* words = w.at<u32>(p.d_registers[t]);
      for (u32 l = 0; l < kLanes; ++l) words[l] = low[l] | (high[l] << 16);
    } else {
      round_tile(d, w.at<u32>(p.d_registers[2 * t]), w.at<u32>(p.d_registers[2 * t + 1]),
                 float_code);
    }
  }
}

double scale_value(const MatrixPlan& p, u32 code) {
  if (p.scale_is_e4m3 != 0) return static_cast<double>(e4m3_value(code & 0x7fU));
  const u64 biased = u64{code} + 1023 - 127;  // .ue8m0: a power of two
  return code == 0xff ? __builtin_nan("") : f64(biased << 52);
}
// The selectors are the same in all lanes.
double scale_of(Warp& w, const MatrixPlan& p, bool is_a, u32 line, u32 chunk) {
  const u32 byte = w.at<const u32>(is_a ? p.a_byte : p.b_byte)[0];
  const u32 thread = w.at<const u32>(is_a ? p.a_thread : p.b_thread)[0];
  const u32 lane = line % 8 * 4 + (is_a ? (thread & 1U) * 2 + line / 8 : thread & 3U);
  const u32 word = w.at<const u32>(is_a ? p.a_scales : p.b_scales)[lane];
  return scale_value(p, (word >> ((byte + chunk) % 4 * 8)) & 0xffU);
}
void scale_blocks(Warp& w, const MatrixPlan& p, const Tiles& x, double* a, double* b) {
  for (u32 tile = 0; tile < x.inner; ++tile) {
    for (u32 quarter = 0; quarter < 4; ++quarter) {
      // A quarter of a tile never spans two chunks: they have 16 elements at least.
      const u32 chunk = (tile * 4 + quarter) * x.elements * p.chunks / p.k;
      for (u32 row = 0; row < p.m; ++row) {
        const double scale = scale_of(w, p, true, row, chunk);
        double* from = a + (row / 8 * x.inner + tile) * x.elements * kLanes + row % 8 * 4 + quarter;
        for (u32 e = 0; e < x.elements; ++e) from[e * kLanes] *= scale;
      }
      for (u32 n = 0; n < p.n; ++n) {
        const double scale = scale_of(w, p, false, n, chunk);
        double* from = b + (n / 8 * x.inner + tile) * x.elements * kLanes + quarter * 8 + n % 8;
        for (u32 e = 0; e < x.elements; ++e) from[e * kLanes] *= scale;
      }
    }
  }
}

void multiply_floats(Warp& w, const Op& op, u32 mask) {
  const MatrixPlan& p = matrix_plan(w, op, mask);
  const Tiles x = tiles_of(p);
  alignas(64) double a[kMostA], b[kMostB], c[kMostC];
  gather_a(x, a, [&](u32 i, double* to) { decode(p.a, w.at<const u32>(p.a_registers[i]), to); });
  gather_b(x, b, [&](u32 i, double* to) { decode(p.b, w.at<const u32>(p.b_registers[i]), to); });
  if (p.chunks != 0) scale_blocks(w, p, x, a, b);
  load_float_tiles(w, p, x.rows * x.columns, c);
  multiply<MultiplyAdd>(x, a, b, c);
  store_float_tiles(w, p, x.rows * x.columns, c);
}

void multiply_doubles(Warp& w, const Op& op, u32 mask) {
  const MatrixPlan& p = matrix_plan(w, op, mask);
  const Tiles x = tiles_of(p);
  alignas(64) double a[256], b[128], c[128];
  const auto copy = [&](u32 slot, double* to) {
    for (u32 l = 0; l < kLanes; ++l) to[l] = w.at<const double>(slot)[l];
  };
  gather_a(x, a, [&](u32 i, double* to) { copy(p.a_registers[i], to); });
  gather_b(x, b, [&](u32 i, double* to) { copy(p.b_registers[i], to); });
  for (u32 i = 0; i < 2 * x.rows * x.columns; ++i) {
    for (u32 l = 0; l < kLanes; ++l) {
      c[i / 2 * 64 + 2 * l + i % 2] = w.at<const double>(p.c_registers[i])[l];
    }
  }
  multiply<FusedMultiplyAdd>(x, a, b, c);
  for (u32 i = 0; i < 2 * x.rows * x.columns; ++i) {
    for (u32 l = 0; l < kLanes; ++l) {
      w.at<double>(p.d_registers[i])[l] = c[i / 2 * 64 + 2 * l + i % 2];
    }
  }
}

// D = C + the sums, which fit 32 bits by themselves: at most 128 products of at most 2^16.
void add_sums(Warp& w, const MatrixPlan& p, u32 tiles, const s32* sums) {
  for (u32 i = 0; i < 2 * tiles; ++i) {
    const s32* addends = w.at<const s32>(p.c_registers[i]);
    s32* d = w.at<s32>(p.d_registers[i]);
    const s32* sum = sums + i / 2 * 64 + i % 2;
    for (u32 l = 0; l < kLanes; ++l) {
      const s64 exact = static_cast<s64>(addends[l]) + sum[2 * l];
      constexpr s64 kLargest = 0x7fffffff, kSmallest = -kLargest - 1;
      const s64 clamped = exact > kLargest ? kLargest : (exact < kSmallest ? kSmallest : exact);
      d[l] = static_cast<s32>(p.saturate != 0 ? clamped : exact);
    }
  }
}
void multiply_integers(Warp& w, const Op& op, u32 mask) {
  const MatrixPlan& p = matrix_plan(w, op, mask);
  const Tiles x = tiles_of(p);
  alignas(64) s32 a[kMostA], b[kMostB], sums[kMostC] = {};
  gather_a(x, a, [&](u32 i, s32* to) { decode(p.a, w.at<const u32>(p.a_registers[i]), to); });
  gather_b(x, b, [&](u32 i, s32* to) { decode(p.b, w.at<const u32>(p.b_registers[i]), to); });
  multiply<MultiplyAdd>(x, a, b, sums);
  add_sums(w, p, x.rows * x.columns, sums);
}
void multiply_bits(Warp& w, const Op& op, u32 mask) {
  const MatrixPlan& p = matrix_plan(w, op, mask);
  const Tiles x = tiles_of(p);
  alignas(64) u32 a[kMostA], b[kMostB], sums[kMostC] = {};
  const auto copy = [&](u32 slot, u32* to) {
    for (u32 l = 0; l < kLanes; ++l) to[l] = w.at<const u32>(slot)[l];
  };
  gather_a(x, a, [&](u32 i, u32* to) { copy(p.a_registers[i], to); });
  gather_b(x, b, [&](u32 i, u32* to) { copy(p.b_registers[i], to); });
  if (p.bit_and != 0) {
    multiply<CountAnd>(x, a, b, sums);
  } else {
    multiply<CountXor>(x, a, b, sums);
  }
  add_sums(w, p, x.rows * x.columns, reinterpret_cast<const s32*>(sums));
}

// mma.m8n8k4 with .f16: four multiplications at once, the i-th by lanes 4i … 4i+3 (rows or columns
// 0 to 3 of A, B and D) and 16+4i … (4 to 7). With q = lane % 4, h = 4 in the upper half:
//   A .row  element i of a lane is A[q + h][i]          .col  A[i + h][q]
//   B .col  element i of a lane is B[i][q + h]          .row  B[q][i + h]
//   .f16 accumulators: element i is C[q + h][i]
//   .f32: C[(q & 1) + (i & 2) + h][(i & 4) + (q & 2) + (i & 1)]
void multiply_quad_pairs(Warp& w, const Op& op, u32 mask) {
  const MatrixPlan& p = matrix_plan(w, op, mask);
  const auto half = [&](const u32* slots, u32 i, u32 lane) {
    const u32 word = w.at<const u32>(slots[i / 2])[lane];
    return static_cast<double>(half_value(word >> (i % 2 * 16)));
  };
  const auto place = [](Element type, u32 i, u32 lane) {
    const u32 q = lane % 4, h = lane / 16 * 4;
    return type == Element::f16 ? (q + h) * 8 + i
                                : ((q & 1) + (i & 2) + h) * 8 + (i & 4) + (q & 2) + (i & 1);
  };
  double a[4][8][4], b[4][4][8], c[4][64];
  for (u32 lane = 0; lane < kLanes; ++lane) {
    const u32 pair = lane / 4 % 4, q = lane % 4, h = lane / 16 * 4;
    for (u32 i = 0; i < 4; ++i) {
      const double in_a = half(p.a_registers, i, lane), in_b = half(p.b_registers, i, lane);
      (p.a_is_column != 0 ? a[pair][i + h][q] : a[pair][q + h][i]) = in_a;
      (p.b_is_row != 0 ? b[pair][q][i + h] : b[pair][i][q + h]) = in_b;
    }
    for (u32 i = 0; i < 8; ++i) {
      c[pair][place(p.c, i, lane)] =
          p.c == Element::f16 ? half(p.c_registers, i, lane)
                              : static_cast<double>(w.at<const float>(p.c_registers[i])[lane]);
    }
  }
  for (u32 pair = 0; pair < 4; ++pair) {
    for (u32 m = 0; m < 8; ++m) {
      for (u32 k = 0; k < 4; ++k) {
        for (u32 n = 0; n < 8; ++n) c[pair][m * 8 + n] += a[pair][m][k] * b[pair][k][n];
      }
    }
  }
  for (u32 lane = 0; lane < kLanes; ++lane) {
    const u32 pair = lane / 4 % 4;
    for (u32 i = 0; i < 8; ++i) {
      const double sum = c[pair][place(p.d, i, lane)];
      const u32 value = p.d == Element::f32 ? float_code(sum) : half_code(sum);
      if (p.d == Element::f32) {
        w.at<u32>(p.d_registers[i])[lane] = value;
      } else {
        u32& word = w.at<u32>(p.d_registers[i / 2])[lane];
        word = i % 2 == 0 ? value : word | (value << 16);
      }
    }
  }
}

constexpr Row kRows[] = {
    {"$mma .f32", "", [](const Form&) -> Handler { return &multiply_floats; }},
    {"$mma .f16x2", "", [](const Form&) -> Handler { return &multiply_quad_pairs; }},
    {"$mma .f64 {.rn|.rz|.rm|.rp}", "", with_rounding<&multiply_doubles>},
    {"$mma .s32", "", [](const Form&) -> Handler { return &multiply_integers; }},
    {"$mma .b1", "", [](const Form&) -> Handler { return &multiply_bits; }},
};

}  // namespace

std::span<const Row> rows_matrix_arithmetic() {
  return kRows;
}

}  // namespace softgpu::engine::SOFTGPU_ISA
