// SPDX-License-Identifier: MIT
// What is written and read, and where, for the kernels people write. Extents are what the CUDA
// source says, worked out by hand for each launch.
#include <set>

#include "support/catch.hpp"
#include "unit/analyze/samples.hpp"

using namespace nonans;
using namespace nonans::analyze;
using namespace nonans::test;

namespace {

constexpr uint64_t kOut = 0x7f0000000000, kIn = 0x7f0010000000, kIn2 = 0x7f0020000000;

const Access& only_write(const KernelProfile& p) {
  REQUIRE(p.writes.size() == 1);
  return p.writes[0];
}

void check_dense(const Access& w, const LaunchShape& shape, uint64_t first, uint64_t bytes) {
  const Extent e = evaluate(w, shape);
  REQUIRE(e.may.known);
  CHECK(e.may.begin == first);
  CHECK(e.may.end == first + bytes);
  REQUIRE(e.must.known);
  CHECK(e.exact);
  CHECK(e.must.base == first);
  CHECK(e.must.rows == 1);
  CHECK(e.must.row_bytes == bytes);
}

void check_rows(const Access& w, const LaunchShape& shape, uint64_t first, uint64_t rows,
                uint64_t row_bytes, uint64_t pitch) {
  const Extent e = evaluate(w, shape);
  REQUIRE(e.must.known);
  CHECK(e.exact);
  CHECK(e.must.base == first);
  CHECK(e.must.rows == rows);
  CHECK(e.must.row_bytes == row_bytes);
  CHECK(e.must.pitch == pitch);
  CHECK(e.may.begin == first);
  CHECK(e.may.end == first + (rows - 1) * pitch + row_bytes);
}

}  // namespace

TEST_CASE("elementwise kernels write exactly [0, n)") {
  for (int arch : kArchs) {
    for (const char* name : {"add_f32", "add_early_return"}) {
      const KernelProfile& p = sample(arch, name);
      CHECK(p.complete_writes);
      CHECK(p.complete_reads);
      CHECK_FALSE(p.publishes);
      CHECK(p.reads.size() == 2);
      CHECK(only_write(p).param_index == 0);
      Arguments a;
      a.pointer(kOut).pointer(kIn).pointer(kIn2).i32(1000);
      check_dense(p.writes[0], a.launch({4, 1, 1}, {256, 1, 1}), kOut, 4000);
      // The grid covers less than n.
      check_dense(p.writes[0], a.launch({2, 1, 1}, {256, 1, 1}), kOut, 2048);
      // Nothing to do.
      Arguments none;
      none.pointer(kOut).pointer(kIn).pointer(kIn2).i32(-5);
      const Extent e = evaluate(p.writes[0], none.launch({4, 1, 1}, {256, 1, 1}));
      CHECK(e.may.known);
      CHECK(e.may.begin == e.may.end);
      CHECK(e.exact);
      CHECK(e.must.bytes() == 0);
    }
  }
}

TEST_CASE("unsigned, 64-bit and missing guards") {
  for (int arch : kArchs) {
    Arguments u;
    u.pointer(kOut).pointer(kIn).u32(777);
    check_dense(only_write(sample(arch, "add_unsigned")), u.launch({8, 1, 1}, {128, 1, 1}), kOut,
                777 * 4);
    Arguments s;
    s.pointer(kOut).pointer(kIn).u64(777);
    check_dense(only_write(sample(arch, "add_size_t")), s.launch({8, 1, 1}, {128, 1, 1}), kOut,
                777 * 4);
    Arguments n;
    n.pointer(kOut).pointer(kIn);
    check_dense(only_write(sample(arch, "add_unguarded")), n.launch({3, 1, 1}, {64, 1, 1}), kOut,
                3 * 64 * 8);
    Arguments r;
    r.pointer(kOut).pointer(kIn).i32(100).i32(300);
    check_dense(only_write(sample(arch, "range_guard")), r.launch({2, 1, 1}, {256, 1, 1}),
                kOut + 400, 800);
  }
}

TEST_CASE("a guard on a product of parameters") {
  for (int arch : kArchs) {
    Arguments a;
    a.pointer(kOut).pointer(kIn).pointer(kIn2).i32(30).i32(33);
    check_dense(only_write(sample(arch, "bias_relu_f16")), a.launch({4, 1, 1}, {256, 1, 1}), kOut,
                30 * 33 * 2);
  }
}

TEST_CASE("vectors and unrolled stores are one wide access") {
  for (int arch : kArchs) {
    Arguments a;
    a.pointer(kOut).pointer(kIn).i32(100);
    check_dense(only_write(sample(arch, "vector4")), a.launch({1, 1, 1}, {128, 1, 1}), kOut, 1600);
    check_dense(only_write(sample(arch, "vector_half8")), a.launch({1, 1, 1}, {128, 1, 1}), kOut,
                1600);
    CHECK(only_write(sample(arch, "vector_half8")).width == 16);
    // base + 3 < n: with n = 102 the threads 0..24 write.
    Arguments b;
    b.pointer(kOut).pointer(kIn).i32(102);
    check_dense(only_write(sample(arch, "unrolled4")), b.launch({1, 1, 1}, {64, 1, 1}), kOut,
                25 * 16);
  }
}

TEST_CASE("two and three dimensions") {
  for (int arch : kArchs) {
    Arguments a;
    a.pointer(kOut).pointer(kIn).i32(40).i32(50);
    check_dense(only_write(sample(arch, "grid2d")), a.launch({4, 3, 1}, {16, 16, 1}), kOut,
                40 * 50 * 4);
    // A grid that is too narrow leaves a gap in each row.
    check_rows(only_write(sample(arch, "grid2d")), a.launch({2, 3, 1}, {16, 16, 1}), kOut, 40,
               32 * 4, 200);
    Arguments pitched;
    pitched.pointer(kOut).pointer(kIn).i32(40).i32(50).i32(64);
    check_rows(only_write(sample(arch, "grid2d_pitch")), pitched.launch({4, 3, 1}, {16, 16, 1}),
               kOut, 40, 200, 256);
    Arguments cube;
    cube.pointer(kOut).pointer(kIn).i32(10).i32(11).i32(12);
    check_dense(only_write(sample(arch, "grid3d")), cube.launch({2, 2, 2}, {8, 8, 8}), kOut,
                10 * 11 * 12 * 4);
    check_dense(only_write(sample(arch, "transpose")), a.launch({4, 3, 1}, {16, 16, 1}), kOut,
                40 * 50 * 4);
    Arguments third;
    third.pointer(kOut).pointer(kIn).i32(20);
    check_rows(only_write(sample(arch, "every_third")), third.launch({1, 1, 1}, {32, 1, 1}),
               kOut + 4, 20, 4, 12);
  }
}

TEST_CASE("a matrix product writes C whole, whatever its loops do") {
  for (int arch : kArchs) {
    for (const char* name : {"gemm_naive", "gemm_tiled"}) {
      const KernelProfile& p = sample(arch, name);
      CHECK(p.complete_writes);
      CHECK(p.complete_reads);
      CHECK(only_write(p).hazards & kAccumulate);
      Arguments a;
      a.pointer(kOut).pointer(kIn).pointer(kIn2).i32(33).i32(47).i32(20);
      check_dense(p.writes[0], a.launch({3, 3, 1}, {16, 16, 1}), kOut, 33 * 47 * 4);
      std::set<int> roots;
      for (const Access& r : p.reads) roots.insert(r.param_index);
      CHECK(roots == std::set<int>{1, 2});
    }
    Arguments h;
    h.pointer(kOut).pointer(kIn).pointer(kIn2).pointer(kIn2).i32(33).i32(47).i32(20);
    check_dense(only_write(sample(arch, "gemm_f16")), h.launch({3, 3, 1}, {16, 16, 1}), kOut,
                33 * 47 * 2);
  }
}

TEST_CASE("one output per block, one output at all") {
  for (int arch : kArchs) {
    Arguments a;
    a.pointer(kOut).pointer(kIn).i32(100000);
    check_dense(only_write(sample(arch, "sum_per_block")), a.launch({30, 1, 1}, {256, 1, 1}), kOut,
                120);
    Arguments b;
    b.pointer(kOut).pointer(kIn);
    check_dense(only_write(sample(arch, "one_result")), b.launch({30, 1, 1}, {256, 1, 1}), kOut, 4);
    Arguments l;
    l.pointer(kOut).pointer(kIn).pointer(kIn2).pointer(kIn2).i32(64).f32(1e-5f);
    check_dense(only_write(sample(arch, "layernorm_row")), l.launch({10, 1, 1}, {64, 1, 1}), kOut,
                10 * 64 * 4);
  }
}

TEST_CASE("parameters by value") {
  for (int arch : kArchs) {
    const KernelProfile& p = sample(arch, "by_value");
    REQUIRE(p.writes.size() == 2);
    CHECK(p.writes[0].param_offset == 8);
    CHECK(p.writes[1].param_offset == 24);
    CHECK(p.writes[1].param_index == 0);
    Arguments a;
    a.i32(50).pointer(kOut).pointer(kIn).pointer(kIn2);
    check_dense(p.writes[0], a.launch({1, 1, 1}, {64, 1, 1}), kOut, 200);
    check_dense(p.writes[1], a.launch({1, 1, 1}, {64, 1, 1}), kIn2, 100);
    CHECK(only_write(sample(arch, "table_static")).param_offset == 16);
  }
}

TEST_CASE("calls are followed, printf writes nothing of ours") {
  for (int arch : kArchs) {
    Arguments a;
    a.pointer(kOut).pointer(kIn).i32(50);
    CHECK(sample(arch, "calls_a_function").complete_writes);
    check_dense(only_write(sample(arch, "calls_a_function")), a.launch({1, 1, 1}, {64, 1, 1}), kOut,
                200);
    CHECK(sample(arch, "prints").complete_writes);
    check_dense(only_write(sample(arch, "prints")), a.launch({1, 1, 1}, {64, 1, 1}), kOut, 200);
  }
}

TEST_CASE("both arms of a branch on data are one write") {
  for (int arch : kArchs) {
    Arguments a;
    a.pointer(kOut).pointer(kIn).i32(50);
    check_dense(only_write(sample(arch, "both_arms")), a.launch({1, 1, 1}, {64, 1, 1}), kOut, 200);
  }
}

TEST_CASE("what cannot be told is said, never guessed") {
  for (int arch : kArchs) {
    for (const char* name :
         {"pointer_to_pointer", "table_dynamic", "module_variable", "calls_through_table"}) {
      INFO(name);
      CHECK_FALSE(sample(arch, name).complete_writes);
      CHECK_FALSE(sample(arch, name).unknown.empty());
    }
    Arguments a;
    a.pointer(kOut).pointer(kIn).pointer(kIn2).i32(50);
    const Extent scattered =
        evaluate(only_write(sample(arch, "scatter")), a.launch({1, 1, 1}, {64, 1, 1}));
    CHECK_FALSE(scattered.may.known);
    CHECK_FALSE(scattered.must.known);
    CHECK(scattered.root == kOut);

    Arguments d;
    d.pointer(kOut).pointer(kIn).i32(50);
    const Extent on_data =
        evaluate(only_write(sample(arch, "data_dependent")), d.launch({1, 1, 1}, {64, 1, 1}));
    CHECK(on_data.may.known);
    CHECK(on_data.may.end - on_data.may.begin == 200);
    CHECK_FALSE(on_data.must.known);
    CHECK_FALSE(on_data.exact);

    const KernelProfile& either = sample(arch, "either_buffer");
    REQUIRE(either.writes.size() == 2);
    CHECK(either.writes[0].param_index != either.writes[1].param_index);
    for (const Access& w : either.writes) CHECK_FALSE(w.conditions_known);

    for (const Access& w : sample(arch, "shared_or_global").writes) CHECK(w.param_index == 0);
  }
}

TEST_CASE("atomics and publishing kernels are told") {
  for (int arch : kArchs) {
    CHECK(only_write(sample(arch, "atomic_sum")).kind == AccessKind::atomic);
    CHECK(only_write(sample(arch, "atomic_sum")).type == ElementType::f32);
    CHECK(only_write(sample(arch, "atomic_histogram")).type == ElementType::integer);
    CHECK_FALSE(only_write(sample(arch, "atomic_histogram")).offset_known);
    CHECK(sample(arch, "publishes_flag").publishes);
    CHECK_FALSE(sample(arch, "atomic_sum").publishes);
  }
}

TEST_CASE("an optimiser looks like one") {
  for (int arch : kArchs) {
    CHECK(sample(arch, "adam").optimiser_like);
    CHECK(sample(arch, "adam").writes.size() == 3);
    CHECK_FALSE(sample(arch, "sgd").optimiser_like);
    CHECK_FALSE(sample(arch, "layernorm_row").optimiser_like);
  }
}
