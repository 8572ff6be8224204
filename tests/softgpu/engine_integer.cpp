// SPDX-License-Identifier: MIT
// Integer arithmetic, bit fields, permutations and carry chains against the semantics as the ISA
// writes them, bit by bit (9.7.1, 9.7.2, 9.7.8, 9.7.9.7).
#include <functional>

#include "evaluate.hpp"
#include "reference.hpp"

using namespace softgpu::test;
using u32 = uint32_t;
using u64 = uint64_t;
using s32 = int32_t;
using s64 = int64_t;

namespace {

void check3(const std::string& form, const std::function<u32(u32, u32, u32)>& want) {
  const auto a = interesting_u32();
  const auto b = rotated(a, 13), c = rotated(a, 101);
  const auto got = evaluate<u32>(form, {"u32", "u32", "u32"}, "u32", a, b, c);
  size_t wrong = 0;
  for (size_t i = 0; i < a.size(); ++i) wrong += got[i] != want(a[i], b[i], c[i]) ? 1 : 0;
  INFO(form);
  CHECK(wrong == 0);
}
s32 s(u32 x) {
  return static_cast<s32>(x);
}
u32 u(s64 x) {
  return static_cast<u32>(x);
}
u32 clamp(s64 x) {
  return u(std::min<s64>(std::max<s64>(x, -2147483648LL), 2147483647LL));
}
s64 s24(u32 x) {
  return s(x << 8) >> 8;
}

}  // namespace

TEST_CASE("32-bit integer arithmetic") {
  check3("add.u32 %d, %a0, %a1;", [](u32 a, u32 b, u32) { return a + b; });
  check3("add.sat.s32 %d, %a0, %a1;", [](u32 a, u32 b, u32) { return clamp(s64{s(a)} + s(b)); });
  check3("sub.sat.s32 %d, %a0, %a1;", [](u32 a, u32 b, u32) { return clamp(s64{s(a)} - s(b)); });
  check3("mul.lo.s32 %d, %a0, %a1;", [](u32 a, u32 b, u32) { return u(s64{s(a)} * s(b)); });
  check3("mul.hi.s32 %d, %a0, %a1;", [](u32 a, u32 b, u32) { return u((s64{s(a)} * s(b)) >> 32); });
  check3("mul.hi.u32 %d, %a0, %a1;",
         [](u32 a, u32 b, u32) { return static_cast<u32>((u64{a} * b) >> 32); });
  check3("mad.lo.u32 %d, %a0, %a1, %a2;", [](u32 a, u32 b, u32 c) { return a * b + c; });
  check3("mad.hi.s32 %d, %a0, %a1, %a2;",
         [](u32 a, u32 b, u32 c) { return u((s64{s(a)} * s(b)) >> 32) + c; });
  check3("mad.hi.sat.s32 %d, %a0, %a1, %a2;",
         [](u32 a, u32 b, u32 c) { return clamp(((s64{s(a)} * s(b)) >> 32) + s(c)); });
  check3("mul24.lo.s32 %d, %a0, %a1;", [](u32 a, u32 b, u32) { return u(s24(a) * s24(b)); });
  check3("mul24.hi.s32 %d, %a0, %a1;",
         [](u32 a, u32 b, u32) { return u((s24(a) * s24(b)) >> 16); });
  check3("mad24.hi.u32 %d, %a0, %a1, %a2;", [](u32 a, u32 b, u32 c) {
    return static_cast<u32>((u64{a & 0xffffffU} * (b & 0xffffffU)) >> 16) + c;
  });
  check3("sad.s32 %d, %a0, %a1, %a2;",
         [](u32 a, u32 b, u32 c) { return c + (s(a) < s(b) ? b - a : a - b); });
  check3("div.u32 %d, %a0, %a1;", [](u32 a, u32 b, u32) { return b == 0 ? 0xffffffffU : a / b; });
  check3("rem.u32 %d, %a0, %a1;", [](u32 a, u32 b, u32) { return b == 0 ? a : a % b; });
  check3("div.s32 %d, %a0, %a1;",
         [](u32 a, u32 b, u32) { return b == 0 ? 0xffffffffU : u(s64{s(a)} / s64{s(b)}); });
  check3("rem.s32 %d, %a0, %a1;",
         [](u32 a, u32 b, u32) { return b == 0 ? a : u(s64{s(a)} % s64{s(b)}); });
  check3("abs.s32 %d, %a0;", [](u32 a, u32, u32) { return s(a) < 0 ? 0 - a : a; });
  check3("min.s32 %d, %a0, %a1;", [](u32 a, u32 b, u32) { return s(a) < s(b) ? a : b; });
  check3("max.u32 %d, %a0, %a1;", [](u32 a, u32 b, u32) { return a > b ? a : b; });
  check3("slct.u32.s32 %d, %a0, %a1, %a2;", [](u32 a, u32 b, u32 c) { return s(c) >= 0 ? a : b; });
}

TEST_CASE("16-bit and 64-bit integer arithmetic") {
  const auto a = interesting_u32();
  const auto b = rotated(a, 29);
  std::vector<uint16_t> a16, b16;
  std::vector<u64> a64, b64;
  for (size_t i = 0; i < a.size(); ++i) {
    a16.push_back(static_cast<uint16_t>(a[i]));
    b16.push_back(static_cast<uint16_t>(b[i]));
    a64.push_back((u64{a[i]} << 32) | b[i]);
    b64.push_back((u64{b[(i + 5) % b.size()]} << 32) | a[i]);
  }
  const auto low16 =
      evaluate<uint16_t>("mul.lo.s16 %d, %a0, %a1;", {"u16", "u16"}, "u16", a16, b16);
  const auto shift16 = evaluate<uint16_t>("and.b32 %t0, %i, 31; shr.s16 %d, %a0, %t0;",
                                          {"u16", "u16"}, "u16", a16, b16);
  const auto wide16 = evaluate<u32>("mul.wide.s16 %d, %a0, %a1;", {"u16", "u16"}, "u32", a16, b16);
  const auto hi64 = evaluate<u64>("mul.hi.s64 %d, %a0, %a1;", {"u64", "u64"}, "u64", a64, b64);
  const auto div64 = evaluate<u64>("div.s64 %d, %a0, %a1;", {"u64", "u64"}, "u64", a64, b64);
  const auto wide32 = evaluate<u64>("mul.wide.s32 %d, %a0, %a1;", {"u32", "u32"}, "u64", a, b);
  const auto mad32 = evaluate<u64>("cvt.u64.u32 %l0, %a0; mad.wide.u32 %d, %a0, %a1, %l0;",
                                   {"u32", "u32"}, "u64", a, b);
  size_t wrong = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const int x = static_cast<int16_t>(a16[i]), y = static_cast<int16_t>(b16[i]);
    const u32 n = static_cast<u32>(i) & 31U;
    wrong += low16[i] != static_cast<uint16_t>(x * y) ? 1 : 0;
    wrong += shift16[i] != static_cast<uint16_t>(x >> std::min(n, 15U)) ? 1 : 0;
    wrong += wide16[i] != static_cast<u32>(x * y) ? 1 : 0;
    __extension__ typedef __int128 wide;
    const wide product = static_cast<wide>(static_cast<s64>(a64[i])) * static_cast<s64>(b64[i]);
    wrong += hi64[i] != static_cast<u64>(product >> 64) ? 1 : 0;
    const s64 d = static_cast<s64>(b64[i]);
    const u64 quotient = d == 0    ? ~0ULL
                         : d == -1 ? 0 - a64[i]
                                   : static_cast<u64>(static_cast<s64>(a64[i]) / d);
    wrong += div64[i] != quotient ? 1 : 0;
    wrong += wide32[i] != static_cast<u64>(s64{s(a[i])} * s(b[i])) ? 1 : 0;
    wrong += mad32[i] != u64{a[i]} * b[i] + a[i] ? 1 : 0;
  }
  CHECK(wrong == 0);
}

TEST_CASE("bit fields follow the pseudo-code of the ISA") {
  check3("and.b32 %t0, %a1, 63; and.b32 %t1, %a2, 63; bfe.u32 %d, %a0, %t0, %t1;",
         [](u32 a, u32 b, u32 c) {
           u32 d = 0;
           for (u32 i = 0; i < 32 && i < (c & 63); ++i) {
             if ((b & 63) + i <= 31) d |= ((a >> ((b & 63) + i)) & 1U) << i;
           }
           return d;
         });
  check3("and.b32 %t0, %a1, 63; and.b32 %t1, %a2, 63; bfe.s32 %d, %a0, %t0, %t1;",
         [](u32 a, u32 b, u32 c) {
           const u32 pos = b & 63, len = c & 63;
           const u32 sign = len == 0 ? 0 : (a >> std::min(pos + len - 1, 31U)) & 1U;
           u32 d = 0;
           for (u32 i = 0; i < 32; ++i)
             d |= (i < len && pos + i <= 31 ? (a >> (pos + i)) & 1U : sign) << i;
           return d;
         });
  check3("and.b32 %t0, %a2, 31; shr.u32 %t1, %a2, 8; bfi.b32 %d, %a0, %a1, %t0, %t1;",
         [](u32 a, u32 b, u32 c) {
           u32 d = b;
           const u32 pos = c & 31, len = (c >> 8) & 0xff;
           for (u32 i = 0; i < len && pos + i <= 31; ++i) {
             d = (d & ~(1U << (pos + i))) | (((a >> i) & 1U) << (pos + i));
           }
           return d;
         });
  check3("bfind.s32 %d, %a0;", [](u32 a, u32, u32) {
    if (s(a) < 0) a = ~a;
    for (int i = 31; i >= 0; --i) {
      if (((a >> i) & 1U) != 0) return static_cast<u32>(i);
    }
    return 0xffffffffU;
  });
  check3("bfind.shiftamt.u32 %d, %a0;", [](u32 a, u32, u32) {
    for (int i = 31; i >= 0; --i) {
      if (((a >> i) & 1U) != 0) return static_cast<u32>(31 - i);
    }
    return 0xffffffffU;
  });
  check3("brev.b32 %d, %a0;", [](u32 a, u32, u32) {
    u32 r = 0;
    for (u32 i = 0; i < 32; ++i) r |= ((a >> i) & 1U) << (31 - i);
    return r;
  });
  check3("popc.b32 %d, %a0;", [](u32 a, u32, u32) { return static_cast<u32>(std::popcount(a)); });
  check3("clz.b32 %d, %a0;", [](u32 a, u32, u32) { return static_cast<u32>(std::countl_zero(a)); });
  check3("and.b32 %t0, %a1, 63; and.b32 %t1, %a2, 63; bmsk.clamp.b32 %d, %t0, %t1;",
         [](u32, u32 b, u32 c) {
           u32 d = 0;  // bits [b, b + c) that exist
           for (u32 i = 0; i < 32; ++i) d |= i >= (b & 63) && i < (b & 63) + (c & 63) ? 1U << i : 0;
           return d;
         });
  check3("lop3.b32 %d, %a0, %a1, %a2, 0xca;",
         [](u32 a, u32 b, u32 c) { return (a & b) | (~a & c); });
  check3("lop3.b32 %d, %a0, %a1, %a2, 0x96;", [](u32 a, u32 b, u32 c) { return a ^ b ^ c; });
  check3("and.b32 %t0, %a2, 63; shf.l.clamp.b32 %d, %a0, %a1, %t0;", [](u32 a, u32 b, u32 c) {
    const u32 n = std::min(c & 63, 32U);
    return n == 0 ? b : (n == 32 ? a : (b << n) | (a >> (32 - n)));
  });
  check3("shf.r.wrap.b32 %d, %a0, %a1, %a2;", [](u32 a, u32 b, u32 c) {
    const u32 n = c & 31;
    return n == 0 ? a : (b << (32 - n)) | (a >> n);
  });
  check3("prmt.b32 %d, %a0, %a1, %a2;", [](u32 a, u32 b, u32 c) {
    u32 d = 0;
    for (u32 i = 0; i < 4; ++i) {
      const u32 selector = (c >> (4 * i)) & 0xf, index = selector & 7;
      u32 byte = ((index < 4 ? a : b) >> (8 * (index & 3))) & 0xff;
      if ((selector & 8) != 0) byte = (byte & 0x80) != 0 ? 0xff : 0;
      d |= byte << (8 * i);
    }
    return d;
  });
  check3("and.b32 %t0, %a2, 3; prmt.b32.b4e %d, %a0, %a1, %t0;", [](u32 a, u32 b, u32 c) {
    const u64 both = (u64{b} << 32) | a;
    u32 d = 0;  // byte i is byte (c - i) mod 8
    for (u32 i = 0; i < 4; ++i)
      d |= (static_cast<u32>(both >> (8 * (((c & 3) + 8 - i) % 8))) & 0xff) << (8 * i);
    return d;
  });
  check3("shl.b32 %d, %a0, %a1;", [](u32 a, u32 b, u32) { return b > 31 ? 0 : a << b; });
  check3("shr.s32 %d, %a0, %a1;", [](u32 a, u32 b, u32) { return u(s(a) >> std::min(b, 31U)); });
  check3("dp4a.s32.u32 %d, %a0, %a1, %a2;", [](u32 a, u32 b, u32 c) {
    for (u32 i = 0; i < 4; ++i)
      c += u(static_cast<int8_t>(a >> (8 * i)) * s64{static_cast<uint8_t>(b >> (8 * i))});
    return c;
  });
  check3("dp2a.hi.u32.s32 %d, %a0, %a1, %a2;", [](u32 a, u32 b, u32 c) {
    for (u32 i = 0; i < 2; ++i)
      c += u(s64{static_cast<uint16_t>(a >> (16 * i))} * static_cast<int8_t>(b >> (16 + 8 * i)));
    return c;
  });
}

TEST_CASE("carry chains make 96-bit sums, differences and products") {
  const auto a = interesting_u32();
  const auto b = rotated(a, 3), c = rotated(a, 77);
  __extension__ typedef unsigned __int128 wide;
  const auto number = [](u32 low, u32 middle, u32 high) {
    return static_cast<wide>(low) | (static_cast<wide>(middle) << 32) |
           (static_cast<wide>(high) << 64);
  };
  const std::vector<std::string> three = {"u32", "u32", "u32"};
  const auto sum =
      evaluate<u32>("add.cc.u32 %t0, %a0, %a1; addc.cc.u32 %t1, %a1, %a2; addc.u32 %d, %a2, %a0;",
                    three, "u32", a, b, c);
  const auto difference =
      evaluate<u32>("sub.cc.u32 %t0, %a0, %a1; subc.cc.u32 %t1, %a1, %a2; subc.u32 %d, %a2, %a0;",
                    three, "u32", a, b, c);
  // (c:b:a) + a * b, upper word
  const auto product = evaluate<u32>(
      "mad.lo.cc.u32 %t0, %a0, %a1, %a0; madc.hi.cc.u32 %t1, %a0, %a1, %a1; addc.u32 %d, %a2, 0;",
      three, "u32", a, b, c);
  size_t wrong = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const wide x = number(a[i], b[i], c[i]), y = number(b[i], c[i], a[i]);
    wrong += sum[i] != static_cast<u32>((x + y) >> 64) ? 1 : 0;
    wrong += difference[i] != static_cast<u32>((x - y) >> 64) ? 1 : 0;
    wrong +=
        product[i] != static_cast<u32>((x + static_cast<wide>(u64{a[i]} * b[i])) >> 64) ? 1 : 0;
  }
  CHECK(wrong == 0);
}

TEST_CASE("vectors are packed and unpacked little end first") {
  const std::vector<u32> a = {0x11223344U}, b = {0x55667788U};
  CHECK(evaluate<u64>("mov.b64 %d, {%a0, %a1};", {"u32", "u32"}, "u64", a, b)[0] ==
        0x5566778811223344ULL);
  CHECK(evaluate<u32>("mov.b64 %l0, {%a0, %a1}; mov.b64 {%t0, %d}, %l0;", {"u32", "u32"}, "u32", a,
                      b)[0] == 0x55667788U);
  CHECK(evaluate<u32>("mov.b32 {%h0, %h1}, %a0; mov.b32 %d, {%h1, %h0};", {"u32", "u32"}, "u32", a,
                      b)[0] == 0x33441122U);
  CHECK(evaluate<u32>(
            "mov.b64 %l0, {%a0, %a1}; mov.b64 {%h0, _, _, %h3}, %l0; mov.b32 %d, {%h0, %h3};",
            {"u32", "u32"}, "u32", a, b)[0] == 0x55663344U);
}

TEST_CASE("narrow loads extend and narrow stores truncate") {
  const std::vector<u32> a = {0x8180ff7fU};
  CHECK(evaluate<u64>("ld.param.u64 %l0, [in0]; ld.global.s8 %d, [%l0+2];", {"u32"}, "u64", a)[0] ==
        0xffffffffffffff80ULL);
  CHECK(evaluate<u32>("ld.param.u64 %l0, [in0]; ld.global.s16 %d, [%l0+2];", {"u32"}, "u32",
                      a)[0] == 0xffff8180U);
  CHECK(evaluate<u32>("ld.param.u64 %l0, [in0]; ld.global.u8 %d, [%l0+3];", {"u32"}, "u32", a)[0] ==
        0x81U);
  CHECK(evaluate<u32>("ld.param.u64 %l0, [in0]; mov.b64 %l1, 0x123456789; st.global.u16 [%l0], "
                      "%l1; ld.global.u32 %d, [%l0];",
                      {"u32"}, "u32", a)[0] == 0x81806789U);
}
