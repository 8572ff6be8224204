// SPDX-License-Identifier: MIT
#include "conversion_forms.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace conformance {
namespace {

using Names = std::initializer_list<const char*>;
using Kinds = std::initializer_list<Kind>;

constexpr Kinds kIntegers = {Kind::u8, Kind::u16, Kind::u32, Kind::u64,
                             Kind::s8, Kind::s16, Kind::s32, Kind::s64};
constexpr Kinds kFloats = {Kind::f16, Kind::bf16, Kind::f32, Kind::f64};

Source source_of(Kind kind) {
  switch (kind) {
    case Kind::f32:
      return Source::single;
    case Kind::u32:
    case Kind::s32:
      return Source::word;
    case Kind::u64:
    case Kind::s64:
      return Source::quad;
    case Kind::f64:
      return Source::wide;
    default:
      return Source::half;
  }
}
Rounding rounding_of(const std::string& name) {
  if (name == ".rz" || name == ".rzi") return Rounding::rz;
  if (name == ".rm" || name == ".rmi") return Rounding::rm;
  if (name == ".rp" || name == ".rpi") return Rounding::rp;
  return name == ".rna" ? Rounding::rna : Rounding::rn;
}
std::string dot(Kind kind) {
  return std::string(".") + name_of(kind);
}

class List {
 public:
  std::vector<ConversionForm> forms;

  // Every combination of a rounding and a set of modifiers ("", ".ftz", ".ftz.sat" …).
  void scalar(Names roundings, Names modifiers, Kind to, Kind from) {
    for (const std::string rounding : roundings) {
      for (const std::string mods : modifiers) {
        add("cvt" + rounding + mods + dot(to) + dot(from), Shape::one, from, to, rounding, mods,
            std::max(8U, to == Kind::tf32 ? 32 : bits_of(to)));
      }
    }
  }
  void pair(Shape shape, Names roundings, Names modifiers, Kind to, Kind from) {
    const std::string source = dot(from) + (shape == Shape::from_two ? "" : "x2");
    for (const std::string rounding : roundings) {
      for (const std::string mods : modifiers) {
        add("cvt" + rounding + mods + dot(to) + "x2" + source, shape, from, to, rounding, mods,
            2 * bits_of(to));
      }
    }
  }

 private:
  void add(std::string spelling, Shape shape, Kind from, Kind to, const std::string& rounding,
           const std::string& mods, unsigned result_bits) {
    const auto has = [&](const char* mod) {
      return (mods + ".").find(std::string(mod) + ".") != std::string::npos;
    };
    const Conversion element{.from = from,
                             .to = to,
                             .rounding = rounding_of(rounding),
                             .integral = rounding.ends_with('i'),
                             .ftz = has(".ftz"),
                             .sat = has(".sat"),
                             .relu = has(".relu"),
                             .satfinite = has(".satfinite")};
    forms.push_back({std::move(spelling), source_of(from), shape, element, result_bits});
  }
};

// Whether `to` lacks values of `from`: only then integers have .sat.
bool may_saturate(Kind to, Kind from) {
  if (is_signed(from) && !is_signed(to)) return true;
  return is_signed(from) == is_signed(to) ? bits_of(from) > bits_of(to)
                                          : bits_of(from) >= bits_of(to);
}

void add_integers(List& list) {
  const Names to_float = {".rn", ".rz", ".rm", ".rp"},
              to_integer = {".rni", ".rzi", ".rmi", ".rpi"};
  for (const Kind i : kIntegers) {
    for (const Kind other : kIntegers) {
      list.scalar({""}, {""}, i, other);
      if (may_saturate(i, other)) list.scalar({""}, {".sat"}, i, other);
    }
    list.scalar(to_float, {"", ".ftz", ".sat", ".ftz.sat"}, Kind::f32, i);
    list.scalar(to_float, {"", ".sat"}, Kind::f64, i);
    list.scalar(to_float, {"", ".sat"}, Kind::f16, i);
    list.scalar(to_integer, {"", ".ftz", ".sat", ".ftz.sat"}, i, Kind::f32);
    list.scalar(to_integer, {"", ".sat"}, i, Kind::f16);
    list.scalar(to_integer, {"", ".sat"}, i, Kind::f64);
    if (bits_of(i) > 8) {
      list.scalar(to_float, {""}, Kind::bf16, i);
      list.scalar(to_integer, {""}, i, Kind::bf16);
    }
  }
  list.scalar(to_integer, {"", ".ftz", ".sat", ".ftz.sat"}, Kind::f32, Kind::f32);
  list.scalar(to_integer, {"", ".sat"}, Kind::f16, Kind::f16);
  list.scalar(to_integer, {"", ".sat"}, Kind::f64, Kind::f64);
  list.scalar(to_integer, {""}, Kind::bf16, Kind::bf16);
}

void add_floats(List& list) {
  const Names all = {".rn", ".rz", ".rm", ".rp"};
  list.scalar({""}, {"", ".ftz", ".sat", ".ftz.sat"}, Kind::f32, Kind::f16);
  list.scalar({""}, {"", ".ftz", ".sat", ".ftz.sat"}, Kind::f32, Kind::f32);
  list.scalar({""}, {"", ".ftz"}, Kind::f32, Kind::bf16);
  list.scalar({""}, {"", ".ftz", ".sat", ".ftz.sat"}, Kind::f64, Kind::f32);
  list.scalar({""}, {"", ".sat"}, Kind::f64, Kind::f16);
  list.scalar({""}, {"", ".sat"}, Kind::f64, Kind::f64);
  list.scalar({""}, {""}, Kind::f64, Kind::bf16);
  list.scalar({""}, {"", ".sat"}, Kind::f16, Kind::f16);
  list.scalar({""}, {""}, Kind::bf16, Kind::bf16);
  list.scalar(all, {"", ".ftz"}, Kind::f32, Kind::bf16);
  list.scalar(all, {""}, Kind::f64, Kind::bf16);
  list.scalar(all, {"", ".ftz", ".sat", ".ftz.sat"}, Kind::f32, Kind::f64);
  list.scalar(all, {"", ".ftz", ".sat", ".ftz.sat"}, Kind::f16, Kind::f32);
  list.scalar(all, {"", ".sat"}, Kind::f16, Kind::f64);
  list.scalar(all, {"", ".ftz"}, Kind::bf16, Kind::f32);
  list.scalar(all, {""}, Kind::bf16, Kind::f64);
  list.scalar(all, {""}, Kind::bf16, Kind::f16);
  list.scalar(all, {""}, Kind::f16, Kind::bf16);
  list.scalar({".rna"}, {"", ".satfinite"}, Kind::tf32, Kind::f32);
  list.scalar({".rn", ".rz"}, {"", ".relu"}, Kind::tf32, Kind::f32);
  for (const Kind half : {Kind::f16, Kind::bf16}) {
    const Names clamps = {".relu", ".satfinite", ".relu.satfinite"};
    list.scalar({".rn", ".rz"}, clamps, half, Kind::f32);
    list.pair(Shape::from_two, {".rn", ".rz"}, {""}, half, Kind::f32);
    list.pair(Shape::from_two, {".rn", ".rz"}, clamps, half, Kind::f32);
  }
  for (const Kind byte : {Kind::e4m3, Kind::e5m2}) {
    const Names finite = {".satfinite", ".satfinite.relu"};
    list.pair(Shape::from_two, {".rn"}, finite, byte, Kind::f32);
    list.pair(Shape::from_pair, {".rn"}, finite, byte, Kind::f16);
    list.pair(Shape::from_pair, {".rn"}, {"", ".relu"}, Kind::f16, byte);
  }
}

constexpr uint64_t kLowBytes = 0xc040ff81807f0100;  // looked up with a hash; 0x40 becomes the hash

uint32_t hash_of(uint32_t index) {
  const uint32_t h = index * 0x9e3779b1U;
  return h ^ (h >> 15);
}
// `bits` bits of index above a byte at or near a tie.
uint32_t code_of(uint32_t index, uint32_t hash, unsigned bits) {
  const uint32_t choice = hash & 7;
  const auto byte =
      choice == 6 ? hash >> 24 : static_cast<uint32_t>(kLowBytes >> (8 * choice)) & 0xff;
  return (index << (32 - bits)) | (byte << (24 - bits));
}

// The PTX of hash_of, code_of and input_of: keep them together. Values are left in %h (16 bits),
// %r, %r2 (32) and %l (64).
std::string input_text(Source source, unsigned bits) {
  std::string text = "  mul.lo.u32 %x, %i, 0x9e3779b1; shr.u32 %y, %x, 15; xor.b32 %x, %x, %y;\n";
  if (source == Source::half) {
    return text +
           "  cvt.u16.u32 %h, %i; shl.b32 %y, %x, 16; and.b32 %r, %i, 0xffff;"
           " or.b32 %r, %r, %y;\n";
  }
  text +=
      "  and.b32 %y, %x, 7; shl.b32 %z, %y, 3; shr.u64 %l, 0xc040ff81807f0100, %z;\n"
      "  cvt.u32.u64 %z, %l; and.b32 %z, %z, 0xff; shr.u32 %w, %x, 24;\n"
      "  setp.eq.u32 %p, %y, 6; selp.b32 %z, %w, %z, %p;\n"
      "  shl.b32 %z, %z, " +
      std::to_string(24 - bits) + "; shl.b32 %r, %i, " + std::to_string(32 - bits) +
      "; or.b32 %r, %r, %z;\n"
      "  mad.lo.u32 %r2, %r, 0x19660d, 0x3c6ef35f;\n";
  if (source == Source::single) return text;
  text += "  shr.u32 %y, %x, 3; and.b32 %y, %y, 3;\n";  // which pattern stands below
  if (source == Source::wide) {
    text +=
        "  and.b32 %z, %r2, 0x1fffffff; setp.eq.u32 %p, %y, 0; selp.b32 %z, 0, %z, %p;\n"
        "  setp.eq.u32 %p, %y, 1; selp.b32 %z, 0x10000000, %z, %p;\n"
        "  setp.eq.u32 %p, %y, 2; selp.b32 %z, 1, %z, %p;\n"
        "  and.b32 %w, %r, 0x7fffffff; shr.u32 %y, %w, 23; add.u32 %x, %y, 896;\n"
        "  setp.eq.u32 %p, %y, 255; selp.b32 %x, 2047, %x, %p;\n"
        "  and.b32 %w, %r, 0x7fffff; cvt.u64.u32 %l, %w; shl.b64 %l, %l, 29;\n"
        "  cvt.u64.u32 %l2, %z; or.b64 %l, %l, %l2;\n"
        "  cvt.u64.u32 %l2, %x; shl.b64 %l2, %l2, 52; or.b64 %l, %l, %l2;\n"
        "  shr.u32 %w, %r, 31; cvt.u64.u32 %l2, %w; shl.b64 %l2, %l2, 63; or.b64 %l, %l, %l2;\n";
    return text;
  }
  const bool quad = source == Source::quad;
  // %l: code above the pattern; then shifted right, perhaps negated.
  text +=
      "  cvt.u64.u32 %l, %r; shl.b64 %l, %l, 32;\n"
      "  mov.b32 %z, %r2; setp.eq.u32 %p, %y, 0; selp.b32 %z, 0, %z, %p;\n"
      "  and.b32 %w, %x, 0x800; or.b32 %w, %w, 0x400;\n"
      "  setp.eq.u32 %p, %y, 1; selp.b32 %z, %w, %z, %p;\n"
      "  setp.eq.u32 %p, %y, 2; selp.b32 %z, 0x80000000, %z, %p;\n"
      "  cvt.u64.u32 %l2, %z; or.b64 %l, %l, %l2;\n";
  text += quad ? "" : "  shr.u64 %l, %l, 32;\n";
  text += std::string("  shr.u32 %y, %x, 8; and.b32 %y, %y, ") + (quad ? "63" : "31") +
          "; shr.u64 %l, %l, %y;\n"
          "  shr.u32 %y, %x, 14; and.b32 %y, %y, 1; setp.ne.u32 %p, %y, 0;\n"
          "  @%p neg.s64 %l, %l;\n"
          "  shr.u32 %y, %i, 4; mov.b64 %l2, 1; shl.b64 %l2, %l2, %y; and.b32 %y, %i, 15;\n"
          "  cvt.u64.u32 %l3, %y; add.u64 %l2, %l2, %l3; sub.u64 %l2, %l2, 8;\n"
          "  setp.lt.u32 %p, %i, " +
          std::string(quad ? "1024" : "512") + "; selp.b64 %l, %l2, %l, %p;\n";
  text += quad ? "" : "  cvt.u32.u64 %r, %l;\n";
  return text;
}

const char* register_of(unsigned bits) {
  return bits == 64 ? "l" : (bits == 32 ? "r" : "h");
}

}  // namespace

std::vector<ConversionForm> conversion_forms() {
  List list;
  add_integers(list);
  add_floats(list);
  return std::move(list.forms);
}

unsigned index_bits(Source source, unsigned bits) {
  // f64 is beyond what is asked for; its bits cannot be exhausted anyway.
  return source == Source::half ? 16 : std::min(bits, source == Source::wide ? 20U : 24U);
}

Input input_of(Source source, uint32_t index, unsigned bits) {
  const uint32_t hash = hash_of(index);
  if (source == Source::half) return {(index & 0xffff) | (uint64_t{hash} << 16 & 0xffff0000), 0};
  const uint32_t code = code_of(index, hash, bits), other = code * 0x19660dU + 0x3c6ef35fU;
  if (source == Source::single) return {code, other};
  const uint32_t choice = (hash >> 3) & 3;
  if (source == Source::wide) {
    const std::array<uint64_t, 4> below = {0, 0x10000000, 1, other & 0x1fffffffU};
    const uint64_t exponent = (code >> 23) & 0xff;
    const uint64_t wide = exponent == 255 ? 2047 : exponent + 896;
    return {
        uint64_t{code >> 31} << 63 | wide << 52 | uint64_t{code & 0x7fffffU} << 29 | below[choice],
        0};
  }
  const bool quad = source == Source::quad;
  if (index < (quad ? 1024U : 512U)) {
    const uint64_t near = (uint64_t{1} << (index >> 4)) + (index & 15) - 8;
    return {quad ? near : near & 0xffffffff, 0};
  }
  const std::array<uint32_t, 4> below = {0, (hash & 0x800U) | 0x400U, 0x80000000U, other};
  uint64_t value = quad ? uint64_t{code} << 32 | below[choice] : code;
  value >>= (hash >> 8) & (quad ? 63 : 31);
  if (((hash >> 14) & 1) != 0) value = 0 - value;
  return {quad ? value : value & 0xffffffff, 0};
}

std::string kernel_of(Source source, std::span<const ConversionForm> forms, unsigned bits,
                      uint32_t threads) {
  std::string text =
      ".version 9.0\n.target sm_90\n.address_size 64\n"
      ".visible .entry k(.param .u64 out, .param .u32 base)\n{\n"
      "  .reg .pred %p; .reg .b16 %h, %dh; .reg .b32 %i, %x, %y, %z, %w, %r, %r2, %dr;\n"
      "  .reg .b64 %l, %l2, %l3, %dl, %thread, %to, %at;\n"
      "  mov.u32 %i, %ctaid.x; mov.u32 %x, %ntid.x; mov.u32 %y, %tid.x;\n"
      "  mad.lo.u32 %i, %i, %x, %y; cvt.u64.u32 %thread, %i;\n"
      "  ld.param.u64 %to, [out]; ld.param.u32 %x, [base]; add.u32 %i, %i, %x;\n" +
      input_text(source, bits);
  for (size_t n = 0; n < forms.size(); ++n) {
    const ConversionForm& form = forms[n];
    const std::string d = std::string("%d") + register_of(form.result_bits);
    std::string operands;
    if (form.shape == Shape::from_two) {
      operands = "%r, %r2";
    } else {
      const unsigned width = bits_of(form.element.from) * (form.shape == Shape::from_pair ? 2 : 1);
      operands = std::string("%") + register_of(width);
    }
    text += "  " + form.spelling + " " + d + ", " + operands + ";\n  mad.lo.u64 %at, %thread, " +
            std::to_string(form.result_bits / 8) + ", %to; st.global.b" +
            std::to_string(form.result_bits) + " [%at+" + std::to_string(n * threads * 8) + "], " +
            d + ";\n";
  }
  return text + "  ret;\n}\n";
}

}  // namespace conformance
