// SPDX-License-Identifier: MIT
// Stores through tensor maps: where they go by cuda.h's formula for an element's address, that they
// are looked at and not repaired, and that a map nobody knows takes every proof with it.
#include <cstring>
#include <set>

#include "resolve/tensor_region.hpp"
#include "support/catch.hpp"
#include "unit/resolve/planner_case.hpp"

using namespace nonans;
using namespace nonans::resolve;
using namespace nonans::test;
using memory::TensorElement;
using memory::TensorMap;

namespace {

constexpr uint64_t kTensor = 0x20000000, kOther = 0x30000000;
constexpr uint64_t kSize = 0x10000;

TensorMap matrix(uint64_t columns, uint64_t rows, uint64_t pitch,
                 TensorElement element = TensorElement::f32, uint8_t bits = 32) {
  return {.address = kTensor,
          .element = element,
          .element_bits = bits,
          .rank = 2,
          .dims = {columns, rows},
          .strides = {pitch}};
}

struct TensorCase : Case {
  memory::TensorMaps maps;

  TensorCase() {
    place.tensor_maps = &maps;
    for (const uint64_t base : {kTensor, kOther})
      buffers.add({.base = base, .size = kSize, .context = kContext, .device = kDevice});
  }
  // The next argument: a map, which is recorded unless it is to be a stranger.
  analyze::TensorAccess map(const TensorMap& facts, bool recorded = true) {
    const analyze::TensorAccess access{.param_offset = static_cast<uint16_t>(arguments.size() * 8),
                                       .param_index = static_cast<int16_t>(arguments.size())};
    uint64_t bytes[16] = {arguments.size() + 1, facts.address, 42};
    arguments.insert(arguments.end(), std::begin(bytes), std::end(bytes));
    if (recorded) maps.record(bytes, facts);
    return access;
  }
  void store(const TensorMap& facts, bool recorded = true) {
    profile.tensor_stores.push_back(map(facts, recorded));
  }
};

// Every byte, one by one, as cuda.h says where elements stand.
std::set<uint64_t> bytes_of(const TensorMap& map) {
  std::set<uint64_t> all;
  const auto dim = [&](unsigned d) { return d < map.rank ? map.dims[d] : 1; };
  const unsigned size = map.element_bits / 8;
  for (uint64_t i4 = 0; i4 < dim(4); ++i4)
    for (uint64_t i3 = 0; i3 < dim(3); ++i3)
      for (uint64_t i2 = 0; i2 < dim(2); ++i2)
        for (uint64_t i1 = 0; i1 < dim(1); ++i1)
          for (uint64_t i0 = 0; i0 < dim(0) * size; ++i0)
            all.insert(map.address + i0 + i1 * map.strides[0] + i2 * map.strides[1] +
                       i3 * map.strides[2] + i4 * map.strides[3]);
  return all;
}
std::set<uint64_t> bytes_of(const Region& region) {
  std::set<uint64_t> all;
  for (uint64_t r = 0; r < region.rows; ++r)
    for (uint64_t b = 0; b < region.row_bytes; ++b) all.insert(region.base + r * region.pitch + b);
  return all;
}

TensorMap tensor(std::array<uint64_t, 5> dims, std::array<uint64_t, 4> strides, uint8_t rank) {
  return {.address = kTensor,
          .element = TensorElement::f16,
          .element_bits = 16,
          .rank = rank,
          .dims = dims,
          .strides = strides};
}

}  // namespace

TEST_CASE("a tensor's bytes as rows, where they are rows") {
  const TensorMap map =
      GENERATE(tensor({64}, {}, 1), tensor({64, 10}, {128}, 2), tensor({60, 10}, {128}, 2),
               tensor({60, 1}, {16}, 2), tensor({60, 1, 7}, {16, 256}, 3),
               tensor({8, 4, 5}, {16, 64}, 3),                 // dense
               tensor({8, 4, 5}, {32, 128}, 3),                // padded rows, planes without a gap
               tensor({8, 4, 5}, {16, 128}, 3),                // dense planes, a gap after each
               tensor({8, 4, 5}, {128, 16}, 3),                // the same bytes, dimensions swapped
               tensor({8, 2, 3, 2, 2}, {16, 32, 96, 192}, 5),  // dense
               tensor({4, 2, 3, 2, 2}, {16, 32, 96, 192}, 5));
  const std::optional<Region> region = region_of(map);
  REQUIRE(region);
  REQUIRE(bytes_of(*region) == bytes_of(map));
}

TEST_CASE("what is no rows, or nobody knows, has no region") {
  TensorMap map = tensor({8, 4, 5}, {32, 160}, 3);  // gaps of two sizes
  REQUIRE_FALSE(region_of(map));
  map = tensor({8, 4}, {0}, 2);  // broadcast
  REQUIRE_FALSE(region_of(map));
  map = tensor({16, 4}, {16}, 2);  // rows overlap
  REQUIRE_FALSE(region_of(map));
  map = tensor({8, 4, 5}, {16, 64}, 3);
  map.interleaved = true;
  REQUIRE_FALSE(region_of(map));
  map = tensor({3}, {}, 1);
  map.element_bits = 4;  // one and a half bytes
  REQUIRE_FALSE(region_of(map));
  const uint64_t most = uint64_t{1} << 32, far = (uint64_t{1} << 40) - 16;
  map = tensor({most, most, most, most, most}, {far, far, far, far}, 5);
  REQUIRE_FALSE(region_of(map));
  map = tensor({8, most, most}, {16, most * 16}, 3);  // 2^68 bytes
  REQUIRE_FALSE(region_of(map));
  map = tensor({64}, {}, 1);
  map.address = UINT64_MAX - 15;
  REQUIRE_FALSE(region_of(map));
}

TEST_CASE("a store through a known map is looked at, all of the tensor, and never repaired") {
  TensorCase c;
  c.store(matrix(60, 10, 256));
  const Plan plan = c.plan();
  REQUIRE(plan.outputs == 1);
  const nn_region& out = c.scan.outputs[0];
  REQUIRE(out.base == kTensor);
  REQUIRE(out.rows == 10);
  REQUIRE(out.row_elems == 60);
  REQUIRE(out.pitch == 256);
  REQUIRE(out.type == static_cast<uint8_t>(ElementType::f32));
  REQUIRE(out.flags == NN_MAY_ONLY);
  REQUIRE(plan.by_evidence[static_cast<size_t>(Evidence::tensor_map)] == 1);
  REQUIRE(plan.writes_unknown == 0);
  REQUIRE(plan.provable_bytes == 0);
  REQUIRE(plan.written_bytes == 2400);
  REQUIRE(plan.scanned_bytes == 2400);
}

TEST_CASE("each float type of a map") {
  const auto [element, bits, type] =
      GENERATE(std::tuple(TensorElement::f16, 16, ElementType::f16),
               std::tuple(TensorElement::bf16, 16, ElementType::bf16),
               std::tuple(TensorElement::f64, 64, ElementType::f64));
  TensorCase c;
  c.store(matrix(64, 4, 1024, element, static_cast<uint8_t>(bits)));
  REQUIRE(c.plan().outputs == 1);
  REQUIRE(c.scan.outputs[0].type == static_cast<uint8_t>(type));
  REQUIRE(c.scan.outputs[0].row_elems == 64);
  REQUIRE(c.scan.outputs[0].pitch == 1024);
}

TEST_CASE("a type that is no float's is not looked at, and not called integers") {
  TensorCase c;
  c.store(matrix(64, 4, 128, TensorElement::other, 16));
  const Plan plan = c.plan();
  REQUIRE(plan.outputs == 0);
  REQUIRE(plan.writes_unknown == 1);
  REQUIRE(plan.written_bytes == 512);
}

TEST_CASE("the other writes of the launch keep their proof if the map is known") {
  TensorCase c;
  c.write(kOther, ElementType::f32, exact(kOther, kOther + 256));
  SECTION("known, elsewhere") {
    c.store(matrix(64, 4, 256));
    const Plan plan = c.plan();
    REQUIRE(plan.outputs == 2);
    REQUIRE(c.scan.outputs[0].base == kOther);
    REQUIRE(c.scan.outputs[0].flags == NN_REPAIR);
    REQUIRE(plan.provable_bytes == 256);
    REQUIRE(plan.writes_unknown == 0);
  }
  SECTION("known, over the same bytes with another type") {
    TensorMap map = matrix(64, 4, 256, TensorElement::bf16, 16);
    map.address = kOther + 128;
    c.store(map);
    c.plan();
    for (uint32_t i = 0; i < 2; ++i) REQUIRE((c.scan.outputs[i].flags & NN_REPAIR) == 0);
  }
  SECTION("unknown") {
    c.store(matrix(64, 4, 256), false);
    const Plan plan = c.plan();
    REQUIRE(plan.outputs == 1);
    REQUIRE(c.scan.outputs[0].flags == NN_INPUTS_UNKNOWN);
    REQUIRE(plan.writes_unknown == 1);
    REQUIRE(plan.provable_bytes == 0);
  }
  SECTION("known, but no rows") {
    TensorMap map = matrix(64, 4, 256);
    map.interleaved = true;
    c.store(map);
    const Plan plan = c.plan();
    REQUIRE(plan.writes_unknown == 1);
    REQUIRE(plan.provable_bytes == 0);
  }
  SECTION("no table") {
    c.store(matrix(64, 4, 256));
    c.place.tensor_maps = nullptr;
    REQUIRE(c.plan().provable_bytes == 0);
  }
  SECTION("an argument block that ends inside the map") {
    c.store(matrix(64, 4, 256));
    c.arguments.pop_back();
    REQUIRE(c.plan().provable_bytes == 0);
  }
}

TEST_CASE("a reduction through a map: the old values went in") {
  TensorCase c;
  c.store(matrix(64, 4, 256));
  c.profile.tensor_stores[0].reduction = true;
  c.plan();
  REQUIRE(c.scan.outputs[0].flags == (NN_MAY_ONLY | NN_IN_PLACE | NN_INPUTS_UNKNOWN));
}

TEST_CASE("a tensor is clipped to its buffer, by whole rows, and the rest is counted") {
  TensorCase c;
  c.store(matrix(60, kSize / 256 + 3, 256));
  const Plan plan = c.plan();
  REQUIRE(plan.writes_unknown == 1);
  REQUIRE(c.scan.outputs[0].rows == kSize / 256);
  const nn_region& out = c.scan.outputs[0];
  REQUIRE(out.base + (out.rows - 1) * out.pitch + out.row_elems * 4 <= kTensor + kSize);
}

TEST_CASE("a tensor in no buffer, or in memory of others, is left alone and counted") {
  TensorCase c;
  TensorMap map = matrix(64, 4, 256);
  SECTION("no buffer") {
    map.address = 0x70000000;
  }
  SECTION("another device") {
    map.address = 0x40000000;
    c.buffers.add({.base = map.address, .size = kSize, .context = 0xc1, .device = 3});
  }
  c.store(map);
  const Plan plan = c.plan();
  REQUIRE(plan.outputs == 0);
  REQUIRE(plan.writes_unknown == 1);
  // Also where nothing is looked at the place is known: the other write keeps its proof.
  c.write(kOther, ElementType::f32, exact(kOther, kOther + 256));
  REQUIRE(c.plan().provable_bytes == 256);
}

TEST_CASE("loads through known maps are inputs to look at; the verdict stays open") {
  TensorCase c;
  c.profile.complete_reads = false;  // as the analysis has it with such loads
  c.write(kOther, ElementType::f32, exact(kOther, kOther + 256));
  c.profile.tensor_loads.push_back(c.map(matrix(64, 4, 256)));
  SECTION("of what is not written") {
    const Plan plan = c.plan();
    REQUIRE(plan.inputs == 1);
    REQUIRE(c.scan.inputs[0].base == kTensor);
    REQUIRE((c.scan.outputs[0].flags & NN_INPUTS_UNKNOWN) != 0);
    REQUIRE(plan.provable_bytes == 0);
  }
  SECTION("of what is written") {
    c.store(matrix(64, 4, 256));
    const Plan plan = c.plan();
    REQUIRE(plan.inputs == 0);
    for (uint32_t i = 0; i < plan.outputs; ++i)
      if (c.scan.outputs[i].base == kTensor) REQUIRE((c.scan.outputs[i].flags & NN_IN_PLACE) != 0);
  }
}

TEST_CASE("more stores than can be told apart: no proof") {
  TensorCase c;
  for (int i = 0; i < 50; ++i) c.store(matrix(64, 4, 256));
  c.write(kOther, ElementType::f32, exact(kOther, kOther + 256));
  const Plan plan = c.plan();
  REQUIRE(plan.provable_bytes == 0);
  REQUIRE(plan.writes_unknown > 0);
}
