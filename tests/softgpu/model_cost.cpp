// SPDX-License-Identifier: MIT
// The arithmetic of the modelled clock, against the published figures of an H100 SXM5 (data sheet:
// 3.35 TB/s, 66.9 TFLOPS of FP32, 33.5 of FP64, 989.4 of dense FP16 matrix products, 494.7 of TF32,
// 1978.9 of FP8, 64 GB/s each way over PCIe, 450 over NVLink).
#include "model/cost.hpp"
#include "support/catch.hpp"

using namespace softgpu::model;
namespace ptx = softgpu::engine::ptx;

namespace {

// The instructions of a function body.
struct Body {
  explicit Body(const std::string& text)
      : module(*ptx::parse(".version 8.7\n.target sm_90a\n.address_size 64\n.visible .entry k() {\n"
                           ".reg .b16 %h<9>; .reg .f32 %f<9>; .reg .f64 %d<9>; .reg .b32 %r<19>; "
                           ".reg .b64 %l<9>; .reg .pred %p;\n" +
                           text + "\n}")) {}
  const ptx::Instruction& operator[](size_t i) const { return module.functions[0].body.at(i); }
  ptx::Module module;
};

// A peak rate holds for a grid that fills the device.
Work full() {
  Work work;
  work.blocks = 1000;
  return work;
}

Approx about(double value) {
  return Approx(value).epsilon(0.002);
}

}  // namespace

TEST_CASE("memory moves at the bandwidth of the data sheet") {
  Work work = full();
  work.global_bytes = 3'350'000'000;
  const Estimate e = kernel_time(work);
  CHECK(e.seconds == about(1e-3));
  CHECK(std::string(e.bound) == "memory");
  CHECK(copy_time(3'350'000'000, Route::within_device) == about(2e-3));
  CHECK(copy_time(64'000'000, Route::to_or_from_host) == about(1e-3));
  CHECK(copy_time(450'000'000, Route::between_devices) == about(1e-3));
  CHECK(fill_time(3'350'000'000) == about(1e-3));
}

TEST_CASE("arithmetic goes at the peak rates of the data sheet") {
  const auto seconds = [](Unit unit, uint64_t threads) {
    Work work = full();
    work.threads[static_cast<size_t>(unit)] = threads;
    return kernel_time(work).seconds;
  };
  // A fused multiplication and addition is two operations.
  CHECK(seconds(Unit::single, 66'900'000'000'000 / 2) == about(1));
  CHECK(seconds(Unit::double_, 33'500'000'000'000 / 2) == about(1));
  CHECK(seconds(Unit::special, 16 * 132) == about(1 / 1.98e9));
  const auto matrix = [](Matrix type, uint64_t operations) {
    Work work = full();
    work.matrix[static_cast<size_t>(type)] = operations;
    return kernel_time(work).seconds;
  };
  CHECK(matrix(Matrix::half, 989'400'000'000'000) == about(1));
  CHECK(matrix(Matrix::tf32, 494'700'000'000'000) == about(1));
  CHECK(matrix(Matrix::byte, 1'978'900'000'000'000) == about(1));
  CHECK(matrix(Matrix::double_, 66'900'000'000'000) == about(1));
}

TEST_CASE("the slowest part is the time, and few blocks use few multiprocessors") {
  Work work = full();
  work.global_bytes = 3'350'000;  // 1 us
  work.warp_instructions = uint64_t{132} * 4 * 1980 * 3;
  CHECK(kernel_time(work).seconds == about(3e-6));
  CHECK(std::string(kernel_time(work).bound) == "issue");
  work.blocks = 66;  // half the device
  CHECK(kernel_time(work).seconds == about(6e-6));
  work.warp_instructions = 0;
  CHECK(kernel_time(work).seconds == about(1e-6));  // the memory is everybody's
  CHECK(kernel_time(Work{}).seconds == 0);
}

TEST_CASE("instructions go to their units") {
  const Body b(
      "fma.rn.f32 %f1, %f2, %f3, %f4;\n add.f64 %d1, %d2, %d3;\n add.s32 %r1, %r2, %r3;\n"
      "ex2.approx.f32 %f1, %f2;\n cvt.rn.f32.s32 %f1, %r1;\n cvt.f64.f32 %d1, %f1;\n"
      "ld.global.f32 %f1, [%l1];\n shfl.sync.idx.b32 %r1, %r2, 0, 31, -1;\n"
      "setp.lt.f64 %p, %d1, %d2;\n mad.wide.u32 %l1, %r1, %r2, %l2;\n fma.rn.f16 %h1, %h2, %h3, "
      "%h4;");
  const Unit expected[] = {Unit::single,  Unit::double_,      Unit::integer, Unit::special,
                           Unit::convert, Unit::convert_wide, Unit::other,   Unit::shuffle,
                           Unit::double_, Unit::integer,      Unit::single};
  for (size_t i = 0; i < std::size(expected); ++i) {
    INFO(b[i].spelling());
    CHECK(unit_of(b[i]) == expected[i]);
  }
}

TEST_CASE("matrix products count two operations for each product, by the type of the factors") {
  const Body b(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%f1,%f2,%f3,%f4}, {%r1,%r2,%r3,%r4}, "
      "{%r5,%r6}, {%f1,%f2,%f3,%f4};\n"
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f1,%f2,%f3,%f4}, {%r1,%r2,%r3,%r4}, "
      "{%r5,%r6}, {%f1,%f2,%f3,%f4};\n"
      "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%r1,%r2,%r3,%r4}, {%r5,%r6,%r7,%r8}, "
      "{%r9,%r10}, {%r1,%r2,%r3,%r4};\n"
      "mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%d1,%d2}, {%d3}, {%d4}, {%d1,%d2};\n"
      "wmma.mma.sync.aligned.row.col.m16n16k16.f32.f32 {%f1,%f2,%f3,%f4,%f5,%f6,%f7,%f8}, "
      "{%r1,%r2,%r3,%r4,%r5,%r6,%r7,%r8}, {%r1,%r2,%r3,%r4,%r5,%r6,%r7,%r8}, "
      "{%f1,%f2,%f3,%f4,%f5,%f6,%f7,%f8};\n"
      "add.f32 %f1, %f2, %f3;");
  const struct {
    uint64_t operations;
    Matrix type;
  } expected[] = {{2 * 16 * 8 * 16, Matrix::half},
                  {2 * 16 * 8 * 8, Matrix::tf32},
                  {2 * 16 * 8 * 32, Matrix::byte},
                  {2 * 8 * 8 * 4, Matrix::double_},
                  {2 * 16 * 16 * 16, Matrix::half}};
  Matrix type{};
  for (size_t i = 0; i < std::size(expected); ++i) {
    INFO(b[i].spelling());
    CHECK(matrix_operations(b[i], type) == expected[i].operations);
    CHECK(type == expected[i].type);
  }
  CHECK(matrix_operations(b[5], type) == 0);
}
