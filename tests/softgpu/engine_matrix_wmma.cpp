// SPDX-License-Identifier: MIT
// wmma (PTX ISA 9.7.14.4): load A, B and C from memory, multiply, store D, for every shape, type
// and layout. How the fragments lie in registers is open, so only memory is compared.
#include <cmath>

#include "matrix_harness.hpp"

using namespace softgpu::test;

namespace {

struct Wmma {
  uint32_t m, n, k;
  std::string ab, c, d;
  uint32_t a_registers, b_registers;
};

// Memory in elements of `bits`, a row or column every `step` elements.
class Matrix {
 public:
  Matrix(uint32_t rows, uint32_t columns, uint32_t bits, bool row_major, uint32_t extra)
      : bits_(bits), row_major_(row_major), step_((row_major ? columns : rows) + extra) {
    bytes_.resize(static_cast<size_t>(row_major ? rows : columns) * step_ * bits / 8 + 16);
  }
  void set(uint32_t row, uint32_t column, uint64_t code) {
    const size_t bit = index(row, column) * bits_;
    for (uint32_t i = 0; i < bits_; ++i) {
      uint8_t& byte = bytes_[(bit + i) / 8];
      const uint32_t shift = static_cast<uint32_t>((bit + i) % 8);
      byte = static_cast<uint8_t>((byte & ~(1U << shift)) | (((code >> i) & 1U) << shift));
    }
  }
  uint64_t get(uint32_t row, uint32_t column) const {
    const size_t bit = index(row, column) * bits_;
    uint64_t code = 0;
    for (uint32_t i = 0; i < bits_; ++i) {
      code |= static_cast<uint64_t>((bytes_[(bit + i) / 8] >> ((bit + i) % 8)) & 1U) << i;
    }
    return code;
  }
  std::vector<uint8_t>& bytes() { return bytes_; }
  uint32_t step() const { return step_; }

 private:
  size_t index(uint32_t row, uint32_t column) const {
    return row_major_ ? static_cast<size_t>(row) * step_ + column
                      : static_cast<size_t>(column) * step_ + row;
  }
  uint32_t bits_;
  bool row_major_;
  uint32_t step_;
  std::vector<uint8_t> bytes_;
};

uint32_t bits_of(const std::string& type) {
  if (type == "b1") return 1;
  if (type == "s4" || type == "u4") return 4;
  if (type == "s8" || type == "u8") return 8;
  if (type == "f16" || type == "bf16") return 16;
  return type == "f64" ? 64 : 32;
}
uint64_t code_of(const std::string& type, int64_t value) {
  const double x = static_cast<double>(value);
  uint64_t wide = 0;
  uint32_t word = 0;
  std::memcpy(&wide, &x, 8);
  const float narrow = static_cast<float>(value);
  std::memcpy(&word, &narrow, 4);
  if (type == "f64") return wide;
  if (type == "f32" || type == "tf32") return word;
  if (type == "bf16") return word >> 16;
  if (type == "f16") {  // small integers: rebias the exponent
    return value == 0 ? 0
                      : ((word >> 16) & 0x8000U) | (((word & 0x7fffffffU) - (112U << 23)) >> 13);
  }
  return static_cast<uint64_t>(value) & ((1ULL << bits_of(type)) - 1);
}
std::string register_type(const std::string& type) {
  return type == "f64" || type == "f32" || type == "s32" ? type : "b32";
}

std::string list(const std::string& name, uint32_t n) {
  std::string text = "{";
  for (uint32_t i = 0; i < n; ++i) text += (i == 0 ? "%" : ", %") + name + std::to_string(i);
  return text + "}";
}
uint32_t accumulators(const Wmma& w, const std::string& type) {
  return w.m * w.n / 32 / (type == "f16" ? 2 : 1);
}

// The kernel: parameters a, b, c, d and the four steps. `space`: matrices A and B go through shared
// memory unless it is generic or global.
std::string kernel(const Wmma& w, bool a_row, bool b_row, bool c_row, const std::string& operation,
                   const std::string& types, const std::string& after, const std::string& space,
                   bool steps) {
  const auto layout = [](bool row) { return std::string(row ? ".row" : ".col"); };
  const std::string shape =
      ".m" + std::to_string(w.m) + "n" + std::to_string(w.n) + "k" + std::to_string(w.k);
  std::string text = ".version 9.0\n.target sm_90a\n.address_size 64\n.visible .entry k(";
  for (const char* p : {"a", "b", "c", "d"}) text += std::string(".param .u64 ") + p + ", ";
  text += ".param .u32 sa, .param .u32 sb, .param .u32 sc, .param .u32 sd)\n{\n";
  text += "  .reg .b64 %p<4>; .reg .b32 %s<4>;\n";
  text += "  .reg ." + register_type(w.ab) + " %a<8>, %b<8>;\n";
  text += "  .reg ." + register_type(w.c) + " %c<8>;\n  .reg ." + register_type(w.d) + " %d<8>;\n";
  const char* names[] = {"a", "b", "c", "d"};
  for (int i = 0; i < 4; ++i) {
    const std::string n = std::to_string(i);
    text += "  ld.param.u64 %p" + n + ", [" + names[i] + "];\n  ld.param.u32 %s" + n + ", [s" +
            names[i] + "];\n";
  }
  const auto step = [&](int i) { return steps ? ", %s" + std::to_string(i) : std::string(); };
  text += "  wmma.load.a.sync.aligned" + layout(a_row) + shape + space + "." + w.ab + " " +
          list("a", w.a_registers) + ", [%p0]" + step(0) + ";\n";
  text += "  wmma.load.b.sync.aligned" + layout(b_row) + shape + space + "." + w.ab + " " +
          list("b", w.b_registers) + ", [%p1]" + step(1) + ";\n";
  text += "  wmma.load.c.sync.aligned" + layout(c_row) + shape + space + "." + w.c + " " +
          list("c", accumulators(w, w.c)) + ", [%p2]" + step(2) + ";\n";
  text += "  wmma.mma" + operation + ".sync.aligned" + layout(a_row) + layout(b_row) + shape +
          types + after + " " + list("d", accumulators(w, w.d)) + ", " + list("a", w.a_registers) +
          ", " + list("b", w.b_registers) + ", " + list("c", accumulators(w, w.c)) + ";\n";
  text += "  wmma.store.d.sync.aligned" + layout(!c_row) + shape + space + "." + w.d + " [%p3], " +
          list("d", accumulators(w, w.d)) + step(3) + ";\n  ret;\n}\n";
  return text;
}

void check(const Wmma& w, bool a_row, bool b_row, bool c_row, const std::string& types,
           const std::string& after, const std::string& space, bool steps,
           const std::string& operation = "") {
  const std::string text = kernel(w, a_row, b_row, c_row, operation, types, after, space, steps);
  INFO(text);
  const uint32_t in_bits = bits_of(w.ab);
  const uint32_t extra = steps ? (in_bits < 8 ? 128 / in_bits : 16) : 0;
  Matrix a(w.m, w.k, in_bits, a_row, extra), b(w.k, w.n, in_bits, b_row, extra);
  Matrix c(w.m, w.n, bits_of(w.c), c_row, steps ? 8 : 0);
  Matrix d(w.m, w.n, bits_of(w.d), !c_row, steps ? 4 : 0);
  Numbers numbers(w.m * 100 + w.k + in_bits);
  const int64_t low = w.ab == "b1" || w.ab[0] == 'u' ? 0 : -7, high = w.ab == "b1" ? 1 : 7;
  std::vector<int64_t> va(w.m * w.k), vb(w.k * w.n), vc(w.m * w.n);
  for (auto& x : va) x = numbers.between(low, high);
  for (auto& x : vb) x = numbers.between(low, high);
  for (auto& x : vc) x = numbers.between(-50, 50);
  for (uint32_t m = 0; m < w.m; ++m) {
    for (uint32_t k = 0; k < w.k; ++k) a.set(m, k, code_of(w.ab, va[m * w.k + k]));
    for (uint32_t n = 0; n < w.n; ++n) c.set(m, n, code_of(w.c, vc[m * w.n + n]));
  }
  for (uint32_t k = 0; k < w.k; ++k) {
    for (uint32_t n = 0; n < w.n; ++n) b.set(k, n, code_of(w.ab, vb[k * w.n + n]));
  }
  Device device;
  device.load(text);
  const uint64_t out = device.upload(d.bytes());
  device.run("k", {1}, {32}, device.upload(a.bytes()), device.upload(b.bytes()),
             device.upload(c.bytes()), out, a.step(), b.step(), c.step(), d.step());
  Matrix expected = d;
  for (uint32_t m = 0; m < w.m; ++m) {
    for (uint32_t n = 0; n < w.n; ++n) {
      int64_t sum = vc[m * w.n + n];
      for (uint32_t k = 0; k < w.k; ++k) {
        const int64_t x = va[m * w.k + k], y = vb[k * w.n + n];
        sum += operation == ".xor.popc" ? x ^ y : x * y;
      }
      expected.set(m, n, code_of(w.d, sum));
    }
  }
  d.bytes() = device.download<uint8_t>(out, d.bytes().size());
  // All bytes: what lies between the rows is not touched.
  REQUIRE(d.bytes() == expected.bytes());
}

struct Shape {
  uint32_t m, n;
};
constexpr Shape kShapes[] = {{16, 16}, {32, 8}, {8, 32}};

// All layouts; with and without strides; generic and global addresses.
void check_layouts(const Wmma& w, const std::string& types, const std::string& after) {
  for (uint32_t layout = 0; layout < 8; ++layout) {
    const bool a_row = (layout & 1) != 0, b_row = (layout & 2) != 0, c_row = (layout & 4) != 0;
    check(w, a_row, b_row, c_row, types, after, layout % 3 == 0 ? "" : ".global", true);
    check(w, a_row, b_row, c_row, types, after, layout % 3 == 0 ? ".global" : "", false);
  }
}

}  // namespace

TEST_CASE("wmma: f16 in all shapes, layouts and accumulator types") {
  for (const Shape s : kShapes) {
    for (const char* d : {"f16", "f32"}) {
      for (const char* c : {"f16", "f32"}) {
        check_layouts({s.m, s.n, 16, "f16", c, d, 8, 8}, std::string(".") + d + "." + c, "");
      }
    }
  }
}

TEST_CASE("wmma: bf16, tf32 and f64") {
  for (const Shape s : kShapes) {
    check_layouts({s.m, s.n, 16, "bf16", "f32", "f32", s.m / 4, s.n / 4}, ".f32.bf16.bf16.f32", "");
  }
  check_layouts({16, 16, 8, "tf32", "f32", "f32", 4, 4}, ".f32.tf32.tf32.f32", "");
  for (const char* rounding : {"", ".rn", ".rz", ".rm", ".rp"}) {
    check_layouts({8, 8, 4, "f64", "f64", "f64", 1, 1}, ".f64.f64.f64.f64", rounding);
  }
}

TEST_CASE("wmma: integers of 8, 4 and 1 bits") {
  for (const char* saturate : {"", ".satfinite"}) {
    for (const char* type : {"s8", "u8"}) {
      const std::string types = std::string(".s32.") + type + "." + type + ".s32";
      for (const Shape s : kShapes) {
        check_layouts({s.m, s.n, 16, type, "s32", "s32", s.m / 8, s.n / 8}, types, saturate);
      }
    }
    for (const char* type : {"s4", "u4"}) {
      const std::string types = std::string(".s32.") + type + "." + type + ".s32";
      const Wmma w{8, 8, 32, type, "s32", "s32", 1, 1};
      for (const bool c_row : {false, true}) {
        check(w, true, false, c_row, types, saturate, ".global", true);
        check(w, true, false, c_row, types, saturate, "", false);
      }
    }
  }
  for (const char* operation : {".xor.popc", ".and.popc"}) {
    const Wmma w{8, 8, 128, "b1", "s32", "s32", 1, 1};
    check(w, true, false, true, ".s32.b1.b1.s32", "", ".global", true, operation);
    check(w, true, false, false, ".s32.b1.b1.s32", "", "", false, operation);
  }
}

TEST_CASE("wmma: shared memory, and a fault where the matrix leaves its allocation") {
  const std::string text =
      ".version 9.0\n.target sm_90a\n.address_size 64\n"
      ".visible .entry k(.param .u64 in, .param .u64 out)\n{\n"
      "  .reg .b64 %in, %out; .reg .f32 %f<8>; .reg .b32 %sh;\n"
      "  .shared .align 32 .b8 tile[1024];\n"
      "  ld.param.u64 %in, [in]; ld.param.u64 %out, [out];\n  mov.u32 %sh, tile;\n"
      "  wmma.load.c.sync.aligned.row.m16n16k16.global.f32 {%f0,%f1,%f2,%f3,%f4,%f5,%f6,%f7}, "
      "[%in];\n"
      "  wmma.store.d.sync.aligned.col.m16n16k16.shared.f32 [%sh], "
      "{%f0,%f1,%f2,%f3,%f4,%f5,%f6,%f7};\n"
      "  bar.warp.sync 0xffffffff;\n"
      "  wmma.load.c.sync.aligned.row.m16n16k16.shared.f32 {%f0,%f1,%f2,%f3,%f4,%f5,%f6,%f7}, "
      "[tile];\n"
      "  wmma.store.d.sync.aligned.row.m16n16k16.f32 [%out], {%f0,%f1,%f2,%f3,%f4,%f5,%f6,%f7};\n"
      "  ret;\n}\n";
  Device device;
  device.load(text);
  std::vector<float> in(256);
  for (size_t i = 0; i < 256; ++i) in[i] = static_cast<float>(i);
  const uint64_t out = device.upload(std::vector<float>(256));
  device.run("k", {1}, {32}, device.upload(in), out);
  const auto got = device.download<float>(out, 256);
  for (size_t i = 0; i < 256; ++i) REQUIRE(got[i] == in[i % 16 * 16 + i / 16]);

  const uint64_t small = device.upload(std::vector<float>(255));
  const auto fault = device.try_run("k", {1}, {32}, small, out);
  REQUIRE(fault);
  CHECK(fault->kind == softgpu::engine::FaultKind::illegal_address);
  CHECK(fault->address == small + 255 * 4);
}
