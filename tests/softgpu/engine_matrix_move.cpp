// SPDX-License-Identifier: MIT
// ldmatrix, stmatrix and movmatrix (PTX ISA 9.7.14.5.15 to 17): every element is its own number.
#include "matrix_harness.hpp"

using namespace softgpu::test;

namespace {

// Shared memory filled with the bytes 16 * row + column (mod 251 so that rows differ), rows given
// to the lanes in a scrambled order: lane l names row kRow[l].
constexpr uint32_t kRow[32] = {5,  0,  7,  2,  1,  6,  3,  4,  12, 9,  15, 8,  10, 14, 11, 13,
                               30, 17, 22, 16, 19, 31, 24, 21, 18, 25, 20, 27, 29, 23, 28, 26};

uint8_t byte_at(uint32_t row, uint32_t column) {
  return static_cast<uint8_t>((row * 16 + column) * 37 % 251);
}
// A: the 16 bytes of the row of lane l, in four registers; B: the row's number.
Fragments filled_rows() {
  Fragments in({{"b32", 4}, {"b32", 1}});
  for (uint32_t lane = 0; lane < 32; ++lane) {
    for (uint32_t c = 0; c < 16; ++c) in.set(0, lane, c, 8, byte_at(lane, c));
    in.at(1, 0, lane) = kRow[lane];
  }
  return in;
}
const std::string kFill =
    "mul.wide.u32 %off, %lane, 16;\n  mov.u64 %addr, tile;\n  add.s64 %addr, %addr, %off;\n"
    "  st.shared.v4.b32 [%addr], {A};\n  bar.warp.sync 0xffffffff;\n"
    "  mul.wide.u32 %off, %B0, 16;\n  mov.u64 %addr, tile;\n  add.s64 %addr, %addr, %off;\n  ";
const std::string kGeneric = "cvta.shared.u64 %addr, %addr;\n  ";

Fragments load(const std::string& form, uint32_t registers) {
  const bool generic = form.find(".shared") == std::string::npos;
  INFO(form);
  return run_matrix(kFill + (generic ? kGeneric : "") + form + " {R}, [%addr];", {"b32", registers},
                    filled_rows());
}

// Elements of 6 or 4 bits of a row, lowest bits first.
uint32_t narrow_at(uint32_t row, uint32_t column, uint32_t bits) {
  uint32_t value = 0;
  for (uint32_t i = 0; i < bits; ++i) {
    const uint32_t bit = column * bits + i;
    value |= ((byte_at(row, bit / 8) >> (bit % 8)) & 1U) << i;
  }
  return value;
}

}  // namespace

TEST_CASE("ldmatrix.m8n8: one, two and four matrices, each row where its lane says") {
  for (const char* space : {"", ".shared", ".shared::cta"}) {
    for (const uint32_t count : {1U, 2U, 4U}) {
      const std::string times = ".x" + std::to_string(count);
      Fragments d = load("ldmatrix.sync.aligned.m8n8" + times + space + ".b16", count);
      Fragments t = load("ldmatrix.sync.aligned.m8n8" + times + ".trans" + space + ".b16", count);
      for (uint32_t lane = 0; lane < 32; ++lane) {
        for (uint32_t j = 0; j < count; ++j) {
          for (uint32_t i = 0; i < 2; ++i) {
            const auto element = [&](uint32_t row, uint32_t column) {
              const uint32_t r = kRow[j * 8 + row];
              return byte_at(r, column * 2) |
                     (static_cast<uint32_t>(byte_at(r, column * 2 + 1)) << 8);
            };
            REQUIRE(d.get(0, lane, j * 2 + i, 16) == element(lane / 4, lane % 4 * 2 + i));
            REQUIRE(t.get(0, lane, j * 2 + i, 16) == element(lane % 4 * 2 + i, lane / 4));
          }
        }
      }
    }
  }
}

TEST_CASE("ldmatrix.m16n16: four rows of one column to a register, of .b8, 6 and 4 bits") {
  for (const auto& [type, bits] : {std::pair{".b8", 8U}, std::pair{".b8x16.b6x16_p32", 6U},
                                   std::pair{".b8x16.b4x16_p64", 4U}}) {
    for (const uint32_t count : {1U, 2U}) {
      Fragments d =
          load("ldmatrix.sync.aligned.m16n16.x" + std::to_string(count) + ".trans.shared" + type,
               2 * count);
      for (uint32_t lane = 0; lane < 32; ++lane) {
        for (uint32_t r = 0; r < 2 * count; ++r) {
          for (uint32_t i = 0; i < 4; ++i) {
            const uint32_t row = kRow[r / 2 * 16 + lane % 4 * 4 + i];
            REQUIRE(d.get(0, lane, r * 4 + i, 8) == narrow_at(row, lane / 4 + r % 2 * 8, bits));
          }
        }
      }
    }
  }
}

TEST_CASE("ldmatrix.m8n16: narrow elements widened to bytes") {
  for (const auto& [type, bits] :
       {std::pair{".b8x16.b6x16_p32", 6U}, std::pair{".b8x16.b4x16_p64", 4U}}) {
    for (const uint32_t count : {1U, 2U, 4U}) {
      Fragments d =
          load("ldmatrix.sync.aligned.m8n16.x" + std::to_string(count) + ".shared" + type, count);
      for (uint32_t lane = 0; lane < 32; ++lane) {
        for (uint32_t j = 0; j < count; ++j) {
          for (uint32_t i = 0; i < 4; ++i) {
            const uint32_t row = kRow[j * 8 + lane / 4];
            REQUIRE(d.get(0, lane, j * 4 + i, 8) == narrow_at(row, lane % 4 * 4 + i, bits));
          }
        }
      }
    }
  }
}

TEST_CASE("stmatrix puts back what ldmatrix gave, and leaves the rest of memory alone") {
  for (const uint32_t count : {1U, 2U, 4U}) {
    for (const char* form : {".m8n8", ".m8n8.trans", ".m16n8.trans"}) {
      const bool bytes = std::string(form).find("16") != std::string::npos;
      const bool transposed = std::string(form).find("trans") != std::string::npos;
      const std::string text = std::string("stmatrix.sync.aligned") + form + ".x" +
                               std::to_string(count) + ".shared" + (bytes ? ".b8" : ".b16");
      INFO(text);
      // Registers of distinct bytes are stored over the rows; then each lane reads its own row.
      Fragments in({{"b32", 4}, {"b32", 1}, {"b32", count}});
      Fragments rows = filled_rows();
      for (uint32_t lane = 0; lane < 32; ++lane) {
        for (uint32_t r = 0; r < 4; ++r) in.at(0, r, lane) = rows.at(0, r, lane);
        in.at(1, 0, lane) = kRow[lane];
        for (uint32_t i = 0; i < 4 * count; ++i)
          in.set(2, lane, i, 8, (lane * 4 + i * 128 + 3) % 256);
      }
      Fragments d = run_matrix(
          kFill + text +
              " [%addr], {C};\n  bar.warp.sync 0xffffffff;\n  mul.wide.u32 %off, %lane, 16;\n"
              "  mov.u64 %addr, tile;\n  add.s64 %addr, %addr, %off;\n"
              "  ld.shared.v4.b32 {R}, [%addr];",
          {"b32", 4}, in);
      std::vector<std::array<uint8_t, 16>> expected(32);
      for (uint32_t row = 0; row < 32; ++row) {
        for (uint32_t c = 0; c < 16; ++c) expected[row][c] = byte_at(row, c);
      }
      for (uint32_t lane = 0; lane < 32; ++lane) {
        for (uint32_t j = 0; j < count; ++j) {
          for (uint32_t i = 0; i < 4; ++i) {
            const uint32_t q = lane % 4, g = lane / 4;
            uint32_t row = g, column = q * 4 + i;
            if (transposed) {
              row = q * 2 + i / 2;
              column = g * 2 + i % 2;
            }
            if (bytes) {
              row = q * 2 + i % 2;
              column = g + i / 2 * 8;
            }
            expected[kRow[j * 8 + row]][column] =
                static_cast<uint8_t>(in.get(2, lane, j * 4 + i, 8));
          }
        }
      }
      for (uint32_t row = 0; row < 32; ++row) {
        for (uint32_t c = 0; c < 16; ++c) REQUIRE(d.get(0, row, c, 8) == expected[row][c]);
      }
    }
  }
}

TEST_CASE("movmatrix transposes eight by eight") {
  Fragments in({{"b32", 1}});
  for (uint32_t lane = 0; lane < 32; ++lane) {
    for (uint32_t i = 0; i < 2; ++i) in.set(0, lane, i, 16, lane / 4 * 256 + lane % 4 * 2 + i);
  }
  Fragments d = run_matrix("movmatrix.sync.aligned.m8n8.trans.b16 %R0, %A0;", {"b32", 1}, in);
  for (uint32_t lane = 0; lane < 32; ++lane) {
    for (uint32_t i = 0; i < 2; ++i) {
      REQUIRE(d.get(0, lane, i, 16) == (lane % 4 * 2 + i) * 256 + lane / 4);
    }
  }
}

TEST_CASE("ldmatrix: rows out of shared memory or not on 16 bytes are faults") {
  const auto run = [](const std::string& body) {
    Device device;
    device.load(matrix_kernel(body, {"b32", 1}, {}));
    const uint64_t out = device.upload(std::vector<uint64_t>(32));
    const auto fault = device.try_run("k", {1}, {32}, out, out);
    REQUIRE(fault);
    return *fault;
  };
  using softgpu::engine::FaultKind;
  const std::string load = "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {R}, [%addr];";
  CHECK(run("mov.u64 %addr, 8;\n  " + load).kind == FaultKind::misaligned_address);
  CHECK(run("mov.u64 %addr, 1024;\n  " + load).kind == FaultKind::illegal_address);
  // A generic address in global memory.
  CHECK(run("ld.param.u64 %addr, [out];\n  ldmatrix.sync.aligned.m8n8.x1.b16 {R}, [%addr];").kind ==
        FaultKind::illegal_address);
  // Lanes that give no row may hold anything.
  Device device;
  device.load(
      matrix_kernel("mov.u64 %addr, tile;\n  setp.ge.u32 %p, %lane, 8;\n  @%p mov.u64 "
                    "%addr, 0x7fffffff;\n  " +
                        load,
                    {"b32", 1}, {}));
  const uint64_t out = device.upload(std::vector<uint64_t>(32));
  device.run("k", {1}, {32}, out, out);
}
