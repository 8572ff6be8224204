// SPDX-License-Identifier: MIT
// Registers that share slots: random programs give the same results as with a slot for each
// register.
#include <random>

#include "engine/code.hpp"
#include "engine/slots.hpp"
#include "harness.hpp"

using namespace softgpu::test;

namespace {

// Restores the default when a check throws.
struct Unshared {
  Unshared() { softgpu::engine::share_slots(false); }
  ~Unshared() { softgpu::engine::share_slots(true); }
};

// Random structured control flow over a few registers of each class; some are never written before
// they are read. Everything that is computed goes through %acc, which is stored at the end.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string kernel() {
    text_ =
        ".version 8.8\n.target sm_90\n.address_size 64\n"
        ".func (.reg .b32 %out) twist(.reg .b32 %in, .reg .b32 %by)\n{\n"
        "  .reg .pred %p; .reg .b32 %a, %b, %c;\n"
        "  setp.lt.u32 %p, %in, %by;\n  mul.lo.u32 %a, %in, 2654435761;\n"
        "  @%p bra SMALL;\n  add.u32 %b, %a, %by;\n  xor.b32 %out, %b, %in;\n  ret;\n"
        "SMALL:\n  sub.u32 %c, %a, %by;\n  shl.b32 %out, %c, 3;\n  ret;\n}\n"
        ".visible .entry k(.param .u64 out)\n{\n"
        "  .reg .pred %p<6>, %q; .reg .b16 %h<6>; .reg .b32 %r<10>, %acc, %id, %n<4>;\n"
        "  .reg .b64 %l<6>, %ptr;\n"
        "  mov.u32 %id, %tid.x;\n  mov.u32 %acc, %id;\n";
    for (unsigned r = 0; r < 5; ++r) {
      line("mad.lo.u32 %r" + std::to_string(r) + ", %id, " + number() + ", " + number());
    }
    for (unsigned p = 0; p < 3; ++p) {
      line("setp.gt.u32 %p" + std::to_string(p) + ", %r" + std::to_string(p) + ", " + number());
    }
    for (unsigned l = 0; l < 3; ++l)
      line("mul.wide.u32 %l" + std::to_string(l) + ", " + r() + ", 77");
    block(3, true);
    for (unsigned i = 0; i < 4; ++i) line("add.u32 %acc, %acc, " + r());
    line("cvt.u32.u64 %r0, " + l());
    line("xor.b32 %acc, %acc, %r0");
    text_ +=
        "  ld.param.u64 %ptr, [out];\n  mad.wide.u32 %ptr, %id, 4, %ptr;\n"
        "  st.global.u32 [%ptr], %acc;\n  ret;\n}\n";
    return text_;
  }

 private:
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  std::string number() { return std::to_string(random_() & 0x7fffffffU); }
  std::string r() { return "%r" + std::to_string(below(10)); }
  std::string l() { return "%l" + std::to_string(below(6)); }
  std::string h() { return "%h" + std::to_string(below(6)); }
  std::string p() { return "%p" + std::to_string(below(6)); }
  void line(const std::string& instruction) { text_ += "  " + instruction + ";\n"; }

  void plain(bool converged) {
    const std::string guard =
        below(4) == 0 ? "@" + std::string(below(2) ? "!" : "") + p() + " " : "";
    switch (below(converged ? 17 : 15)) {
      case 0:
        return line(guard + "add.u32 " + r() + ", " + r() + ", " + r());
      case 1:
        return line(guard + "mad.lo.u32 " + r() + ", " + r() + ", " + number() + ", " + r());
      case 2:
        return line(guard + "setp.lt.u32 " + p() + "|" + p() + ", " + r() + ", " + r());
      case 3:
        return line(guard + "selp.b32 " + r() + ", " + r() + ", " + r() + ", " + p());
      case 4:
        return line(guard + "mov.b64 " + l() + ", {" + r() + ", " + r() + "}");
      case 5:
        return line(guard + "mov.b64 {" + r() + ", " + r() + "}, " + l());
      case 6:
        return line(guard + "add.u64 " + l() + ", " + l() + ", " + l());
      case 7:
        return line(guard + "mul.wide.u32 " + l() + ", " + r() + ", " + r());
      case 8:
        return line(guard + "cvt.u16.u32 " + h() + ", " + r());
      case 9:
        return line(guard + "cvt.s32.s16 " + r() + ", " + h());
      case 10:
        return line(guard + "and.pred " + p() + ", " + p() + ", " + p());
      case 11:
        return line(guard + "mov.u32 " + r() + ", %laneid");
      case 12:
        return line(guard + "mov.b32 " + r() + ", {" + h() + ", " + h() + "}");
      case 13: {
        line("xor.b32 %acc, %acc, " + r());
        return line("mul.lo.u32 %acc, %acc, 16777619");
      }
      case 15:
        return line("shfl.sync.bfly.b32 " + r() + "|" + p() + ", " + r() + ", " +
                    std::to_string(below(32)) + ", 31, -1");
      case 14:
        return line("call (" + r() + "), twist, (" + r() + ", " + r() + ")");
      default:
        return line("bar.red.popc.u32 " + r() + ", 0, " + p());
    }
  }

  void block(unsigned depth, bool converged) {
    for (unsigned n = 3 + below(8); n > 0; --n) {
      const unsigned kind = below(depth == 0 ? 6 : 9);
      const std::string label = "L" + std::to_string(labels_++);
      if (kind < 6) {
        plain(converged);
      } else if (kind == 6) {  // if, with or without else
        const bool otherwise = below(2) != 0;
        line("setp.ne.u32 %q, " + r() + ", " + r());
        line("@%q bra " + label);
        block(depth - 1, false);
        if (otherwise) line("bra " + label + "E");
        text_ += label + ":\n";
        if (otherwise) {
          block(depth - 1, false);
          text_ += label + "E:\n";
        }
      } else {  // a loop; as many rounds for all lanes, or as many as the lane likes
        const std::string counter = "%n" + std::to_string(depth);
        const bool even = kind == 7;
        line(even ? "mov.u32 " + counter + ", 2" : "and.b32 " + counter + ", " + r() + ", 3");
        text_ += label + ":\n";
        block(depth - 1, converged && even);
        line("setp.ne.u32 %q, " + counter + ", 0");
        line("@%q sub.u32 " + counter + ", " + counter + ", 1");
        line("@%q bra " + label);
      }
    }
  }

  std::mt19937 random_;
  std::string text_;
  unsigned labels_ = 0;
};

struct Outcome {
  std::vector<uint32_t> results;
  uint32_t frame_bytes = 0;
};
Outcome run(const std::string& text) {
  Device device;
  device.load(text);
  const uint32_t threads = 96;
  const uint64_t out = device.upload(std::vector<uint32_t>(threads));
  device.run("k", {1}, {threads}, out);
  const auto& impl = *device.program().find_kernel("k")->impl;
  return {device.download<uint32_t>(out, threads), impl.code->functions[impl.function].frame_bytes};
}

}  // namespace

TEST_CASE("random programs compute the same whether registers share slots or not") {
  size_t smaller = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    const std::string text = Generator(seed).kernel();
    const Outcome shared = run(text);
    const Outcome apart = [&] {
      const Unshared unshared;
      return run(text);
    }();
    INFO("seed " << seed << "\n" << text);
    REQUIRE(shared.results == apart.results);
    CHECK(shared.frame_bytes <= apart.frame_bytes);
    smaller += shared.frame_bytes < apart.frame_bytes ? 1 : 0;
  }
  CHECK(smaller > 0);
}

TEST_CASE("a long chain of values needs few slots") {
  std::string text =
      ".version 8.8\n.target sm_90\n.address_size 64\n.visible .entry k(.param .u64 out)\n{\n"
      "  .reg .b32 %r<1001>; .reg .b64 %ptr;\n  mov.u32 %r0, %tid.x;\n";
  for (unsigned i = 1; i <= 1000; ++i) {
    text += "  add.u32 %r" + std::to_string(i) + ", %r" + std::to_string(i - 1) + ", 1;\n";
  }
  text +=
      "  ld.param.u64 %ptr, [out];\n  mov.u32 %r0, %tid.x;\n  mad.wide.u32 %ptr, %r0, 4, %ptr;\n"
      "  st.global.u32 [%ptr], %r1000;\n  ret;\n}\n";
  const Outcome outcome = run(text);
  CHECK(outcome.frame_bytes <= 2048);
  for (uint32_t i = 0; i < outcome.results.size(); ++i) REQUIRE(outcome.results[i] == i + 1000);
}

TEST_CASE("a register that is read before it is written reads as zero in every block") {
  // %late is written at the end of the loop's body and read at its start.
  Device device;
  device.load(
      ".version 8.8\n.target sm_90\n.address_size 64\n.visible .entry k(.param .u64 out)\n{\n"
      "  .reg .pred %p; .reg .b32 %a, %b, %i, %late, %sum; .reg .b64 %ptr;\n"
      "  mov.u32 %a, 7;\n  add.u32 %b, %a, 9;\n  mov.u32 %sum, 0;\n  mov.u32 %i, 0;\n"
      "LOOP:\n  add.u32 %sum, %sum, %late;\n  add.u32 %late, %b, %i;\n  add.u32 %i, %i, 1;\n"
      "  setp.lt.u32 %p, %i, 3;\n  @%p bra LOOP;\n"
      "  ld.param.u64 %ptr, [out];\n  mov.u32 %a, %ctaid.x;\n  mad.wide.u32 %ptr, %a, 4, %ptr;\n"
      "  st.global.u32 [%ptr], %sum;\n  ret;\n}\n");
  const uint64_t out = device.upload(std::vector<uint32_t>(64));
  device.run("k", {64}, {1}, out);
  CHECK(device.download<uint32_t>(out, 64) == std::vector<uint32_t>(64, 16 + 17));
}
