// SPDX-License-Identifier: MIT
// cp.async.bulk.tensor: which parameter holds the map. The forms are those of the PTX ISA ("Data
// Movement and Conversion Instructions: Tensor copy"); ptxas for sm_90 takes each of them.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "unit/analyze/samples.hpp"

using namespace nonans;
using namespace nonans::analyze;
using namespace nonans::test;

namespace {

constexpr const char* kParams =
    ".param .align 64 .b8 m[128], .param .align 64 .b8 s[320], .param .u64 o, .param .u32 n";

// %rd1: m; %rd2: s, a struct with maps at 64 and 192; %r10: shared memory.
KernelProfile tensor_kernel(const std::string& body) {
  return profile_of_body(kParams, R"(
    .shared .align 128 .b8 tile[4096]; .shared .align 8 .b64 bar;
    mov.b64 %rd11, m; cvta.param.u64 %rd1, %rd11; mov.b64 %rd12, s; cvta.param.u64 %rd2, %rd12;
    mov.u32 %r1, %ctaid.x; mov.u32 %r2, %ctaid.y; mov.u32 %r10, tile; mov.u32 %r11, bar;
    ld.param.u64 %rd3, [o]; ld.param.u32 %r3, [n];
)" + body);
}

}  // namespace

TEST_CASE("a store through a map that is a parameter names the parameter") {
  const KernelProfile p = tensor_kernel(
      "cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%rd1, {%r1, %r2}], [%r10]; ret;");
  CHECK(p.complete_writes);
  CHECK(p.complete_reads);
  CHECK(p.writes.empty());
  CHECK(p.tensor_loads.empty());
  REQUIRE(p.tensor_stores.size() == 1);
  CHECK(p.tensor_stores[0].param_offset == 0);
  CHECK(p.tensor_stores[0].param_index == 0);
  CHECK_FALSE(p.tensor_stores[0].reduction);
}

TEST_CASE("every rank and mode of the store") {
  const auto [form, coordinates] =
      GENERATE(std::pair("1d.global.shared::cta.tile.bulk_group", "%r1"),
               std::pair("3d.global.shared::cta.tile.bulk_group", "%r1, %r2, %r3"),
               std::pair("4d.global.shared::cta.im2col_no_offs.bulk_group", "%r1, %r2, %r3, %r1"),
               std::pair("5d.global.shared::cta.bulk_group", "%r1, %r2, %r3, %r1, %r2"));
  const KernelProfile p = tensor_kernel(std::string("cp.async.bulk.tensor.") + form + " [%rd1, {" +
                                        coordinates + "}], [%r10]; ret;");
  CHECK(p.complete_writes);
  CHECK(p.tensor_stores.size() == 1);
}

TEST_CASE("maps inside a structure, chosen by a branch: each that can be meant") {
  const KernelProfile p = tensor_kernel(R"(
    setp.gt.s32 %p1, %r3, 3; @%p1 bra A; add.s64 %rd4, %rd12, 64; bra.uni B;
    A: add.s64 %rd4, %rd12, 192;
    B: cvta.param.u64 %rd5, %rd4;
    cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%rd5, {%r1, %r2}], [%r10];
    cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%rd5, {%r2, %r1}], [%r10]; ret;)");
  CHECK(p.complete_writes);
  REQUIRE(p.tensor_stores.size() == 2);
  std::vector<unsigned> offsets;
  for (const TensorAccess& store : p.tensor_stores) {
    CHECK(store.param_index == 1);
    offsets.push_back(store.param_offset);
  }
  std::sort(offsets.begin(), offsets.end());
  CHECK(offsets == std::vector<unsigned>{128 + 64, 128 + 192});
}

TEST_CASE("a reduction is a store that reads what was there") {
  const KernelProfile p = tensor_kernel(
      "cp.reduce.async.bulk.tensor.2d.global.shared::cta.add.tile.bulk_group"
      " [%rd1, {%r1, %r2}], [%r10]; ret;");
  CHECK(p.complete_writes);
  CHECK_FALSE(p.complete_reads);
  REQUIRE(p.tensor_stores.size() == 1);
  CHECK(p.tensor_stores[0].reduction);
}

TEST_CASE("loads are listed, and what they bring in is not called known") {
  const KernelProfile p = tensor_kernel(R"(
    cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes
        [%r10], [%rd1, {%r1, %r2}], [%r11];
    cp.async.bulk.prefetch.tensor.2d.L2.global [%rd2, {%r1, %r2}]; ret;)");
  CHECK(p.complete_writes);
  CHECK_FALSE(p.complete_reads);
  CHECK(p.tensor_stores.empty());
  REQUIRE(p.tensor_loads.size() == 1);
  CHECK(p.tensor_loads[0].param_index == 0);
}

TEST_CASE("a map anywhere else: nobody knows where the store goes") {
  const std::string store =
      "cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%rd5, {%r1, %r2}], [%r10]; ret;";
  // In global memory, behind a pointer; at a place that the index of the block decides; partly
  // behind the end of its parameter; one of two, of which only one is a parameter.
  for (const std::string body :
       {"cvta.to.global.u64 %rd4, %rd3; cvta.global.u64 %rd5, %rd4; ",
        "mul.wide.u32 %rd4, %r1, 128; add.s64 %rd5, %rd2, %rd4; ", "add.s64 %rd5, %rd2, 256; ",
        "add.s64 %rd5, %rd1, 64; ",
        "setp.gt.s32 %p1, %r3, 3; cvta.to.global.u64 %rd4, %rd3; cvta.global.u64 %rd6, %rd4; "
        "selp.b64 %rd5, %rd1, %rd6, %p1; "}) {
    CAPTURE(body);
    const KernelProfile p = tensor_kernel(body + store);
    CHECK_FALSE(p.complete_writes);
    CHECK(p.tensor_stores.empty());
    REQUIRE(p.unknown.size() == 1);
    CHECK(p.unknown[0].find("tensor map") != std::string::npos);
  }
}

TEST_CASE("other bulk stores are as unknown as before") {
  const KernelProfile p = tensor_kernel(
      "cvta.to.global.u64 %rd4, %rd3;"
      "cp.async.bulk.global.shared::cta.bulk_group [%rd4], [%r10], 128; ret;");
  CHECK_FALSE(p.complete_writes);
  CHECK(p.tensor_stores.empty());
}
