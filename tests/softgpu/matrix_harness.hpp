// SPDX-License-Identifier: MIT
// Runs one matrix instruction on one warp.
//
//   Fragments in{{"b32", 4}, {"b32", 2}, {"f32", 4}};           // A, B, C
//   in.at(0, 3, lane) = 0x3c003c00;                             // register 3 of A
//   auto d = run_matrix("mma.sync.aligned.m16n8k16…", {"f32", 4}, in);
//   d.at(0, 1, lane)
//
// The positions of elements are those of the PTX ISA, 9.7.14.5, written out as there.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "harness.hpp"

namespace softgpu::test {

struct FragmentType {
  std::string type;  // of a register: "b32", "f32", "s32", "f64"
  uint32_t registers;
};

// The registers of 32 lanes, each in 64 bits.
class Fragments {
 public:
  Fragments(std::vector<FragmentType> types) : types_(std::move(types)) {
    for (const FragmentType& t : types_) {
      first_.push_back(count_);
      count_ += t.registers;
    }
    words_.resize(static_cast<size_t>(count_) * 32);
  }
  uint64_t& at(size_t fragment, uint32_t reg, uint32_t lane) {
    return words_[(first_[fragment] + reg) * 32 + lane];
  }
  // Sets element i of `bits` in a fragment of packed registers.
  void set(size_t fragment, uint32_t lane, uint32_t i, uint32_t bits, uint64_t value) {
    const uint32_t per = bits < 32 ? 32 / bits : 1;
    const uint64_t mask = bits == 64 ? ~0ULL : (1ULL << bits) - 1;
    uint64_t& word = at(fragment, i / per, lane);
    const uint32_t shift = i % per * bits;
    word = (word & ~(mask << shift)) | ((value & mask) << shift);
  }
  uint64_t get(size_t fragment, uint32_t lane, uint32_t i, uint32_t bits) {
    const uint32_t per = bits < 32 ? 32 / bits : 1;
    const uint64_t mask = bits == 64 ? ~0ULL : (1ULL << bits) - 1;
    return (at(fragment, i / per, lane) >> (i % per * bits)) & mask;
  }
  const std::vector<FragmentType>& types() const { return types_; }
  std::vector<uint64_t>& words() { return words_; }

 private:
  std::vector<FragmentType> types_;
  std::vector<uint32_t> first_;
  uint32_t count_ = 0;
  std::vector<uint64_t> words_;
};

// `body` names the fragments %a, %b, %c … as {A}, {B}, {C} and the result {D}.
inline std::string matrix_kernel(const std::string& body, const FragmentType& result,
                                 const std::vector<FragmentType>& in) {
  std::string text = ".version 9.0\n.target sm_120a\n.address_size 64\n";
  text += ".visible .entry k(.param .u64 in, .param .u64 out)\n{\n";
  text += "  .reg .b64 %in, %out, %off, %addr; .reg .b32 %lane, %s; .reg .pred %p;\n";
  text += "  .shared .align 16 .b8 tile[1024];\n";
  std::string filled = body;
  const auto put = [&](const std::string& name, const FragmentType& f) {
    std::string list = "{";
    for (uint32_t r = 0; r < f.registers; ++r) {
      list += (r == 0 ? "" : ", ") + ("%" + name) + std::to_string(r);
    }
    list += "}";
    const std::string mark = "{" + name + "}";
    for (size_t at = filled.find(mark); at != std::string::npos; at = filled.find(mark)) {
      filled.replace(at, mark.size(), list);
    }
    text += "  .reg ." + f.type + " %" + name + "<" + std::to_string(f.registers) + ">;\n";
  };
  for (size_t f = 0; f < in.size(); ++f) put(std::string(1, static_cast<char>('A' + f)), in[f]);
  put("R", result);
  text += "  ld.param.u64 %in, [in];\n  ld.param.u64 %out, [out];\n  mov.u32 %lane, %tid.x;\n";
  text +=
      "  mul.wide.u32 %off, %lane, 8;\n  add.s64 %in, %in, %off;\n  add.s64 %out, %out, %off;\n";
  uint32_t offset = 0;
  for (size_t f = 0; f < in.size(); ++f) {
    for (uint32_t r = 0; r < in[f].registers; ++r, offset += 256) {
      text += "  ld.global." + in[f].type + " %" + std::string(1, static_cast<char>('A' + f)) +
              std::to_string(r) + ", [%in+" + std::to_string(offset) + "];\n";
    }
  }
  text += "  " + filled + "\n";
  for (uint32_t r = 0; r < result.registers; ++r) {
    text += "  st.global." + result.type + " [%out+" + std::to_string(r * 256) + "], %R" +
            std::to_string(r) + ";\n";
  }
  return text + "  ret;\n}\n";
}

inline Fragments run_matrix(const std::string& body, const FragmentType& result, Fragments in) {
  Device device;
  device.load(matrix_kernel(body, result, in.types()));
  Fragments out({result});
  const uint64_t to = device.upload(out.words());
  device.run("k", {1}, {32}, device.upload(in.words()), to);
  out.words() = device.download<uint64_t>(to, out.words().size());
  return out;
}

struct Place {
  uint32_t row, column;
};
// Element i of A (row, k): groupID = lane >> 2, threadID_in_group = lane % 4; registers go down
// eight rows first when there are 16, then along k.
inline Place place_in_a(uint32_t m, uint32_t bits, uint32_t lane, uint32_t i) {
  const uint32_t per = bits < 32 ? 32 / bits : 1;
  const uint32_t reg = i / per, group = lane >> 2, in_group = lane % 4;
  const uint32_t down = m == 16 ? reg % 2 : 0, along = m == 16 ? reg / 2 : reg;
  return {group + 8 * down, in_group * per + i % per + along * 4 * per};
}
// Element i of B (k, n).
inline Place place_in_b(uint32_t bits, uint32_t lane, uint32_t i) {
  const uint32_t per = bits < 32 ? 32 / bits : 1;
  return {lane % 4 * per + i % per + i / per * 4 * per, lane >> 2};
}
// Element i of C and D.
inline Place place_in_c(uint32_t lane, uint32_t i) {
  return {(lane >> 2) + i / 2 * 8, lane % 4 * 2 + i % 2};
}

// A small generator: the same numbers on every host.
class Numbers {
 public:
  explicit Numbers(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ULL + 1) {}
  uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ * 0x2545f4914f6cdd1dULL;
  }
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>((next() >> 20) % static_cast<uint64_t>(high - low + 1));
  }

 private:
  uint64_t state_;
};

}  // namespace softgpu::test
