// SPDX-License-Identifier: MIT
// The hook bodies of tensor maps: what cuda.h says of each encoder's arguments is what a launch
// finds by the bytes; a refused call leaves nothing. The encoder here is a fake one: it writes the
// address and a number into the map, which is opaque to us.
#include <cstring>

#include "api/generated/hooks.hpp"
#include "interpose/runtime/runtime.hpp"
#include "runtime/fake_entries.hpp"
#include "support/catch.hpp"

using namespace nonans;
using namespace nonans::interpose;
using fake::Call;
using memory::TensorElement;
using memory::TensorMap;

namespace {

CUresult answer = CUDA_SUCCESS;
uint64_t serial = 0;

CUresult fake_encode(CUtensorMap* map, const void* address) {
  if (answer != CUDA_SUCCESS) return answer;
  map->opaque[0] = reinterpret_cast<uint64_t>(address);
  map->opaque[1] = ++serial;
  return CUDA_SUCCESS;
}

CUresult fake_tiled(CUtensorMap* map, CUtensorMapDataType, cuuint32_t, void* address,
                    const cuuint64_t*, const cuuint64_t*, const cuuint32_t*, const cuuint32_t*,
                    CUtensorMapInterleave, CUtensorMapSwizzle, CUtensorMapL2promotion,
                    CUtensorMapFloatOOBfill) {
  return fake_encode(map, address);
}

CUresult tiled(CUtensorMap* map, CUtensorMapDataType type, cuuint32_t rank,
               const cuuint64_t* strides,
               CUtensorMapInterleave interleave = CU_TENSOR_MAP_INTERLEAVE_NONE) {
  const cuuint64_t dims[5] = {64, 100, 3, 2, 7};
  const cuuint32_t box[5] = {64, 8, 1, 1, 1}, steps[5] = {1, 1, 1, 1, 1};
  return hooks::cuTensorMapEncodeTiled(
      Call(), fake_tiled, map, type, rank, reinterpret_cast<void*>(0x40000000), dims, strides, box,
      steps, interleave, CU_TENSOR_MAP_SWIZZLE_NONE, CU_TENSOR_MAP_L2_PROMOTION_NONE,
      CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
}

struct Scene {
  fake::Driver driver;
  Scene() {
    answer = CUDA_SUCCESS;
    Runtime::start();
  }
  static std::optional<TensorMap> found(const CUtensorMap& map) {
    return Runtime::get()->tensor_maps.find(&map);
  }
};

const cuuint64_t kStrides[4] = {256, 25600, 76800, 153600};

}  // namespace

TEST_CASE("a tiled map: dims in elements, strides of the dimensions from 1 on in bytes") {
  Scene scene;
  CUtensorMap map = {};
  REQUIRE(tiled(&map, CU_TENSOR_MAP_DATA_TYPE_FLOAT32, 3, kStrides) == CUDA_SUCCESS);
  const std::optional<TensorMap> facts = Scene::found(map);
  REQUIRE(facts == TensorMap{.address = 0x40000000,
                             .element = TensorElement::f32,
                             .element_bits = 32,
                             .rank = 3,
                             .dims = {64, 100, 3},
                             .strides = {256, 25600}});
  // Passed by value: a copy is the same map.
  const CUtensorMap copy = map;
  REQUIRE(Scene::found(copy) == facts);
}

TEST_CASE("one dimension has no stride, and the pointer may be null; five have four") {
  Scene scene;
  CUtensorMap map = {};
  REQUIRE(tiled(&map, CU_TENSOR_MAP_DATA_TYPE_FLOAT16, 1, nullptr) == CUDA_SUCCESS);
  REQUIRE(Scene::found(map)->rank == 1);
  REQUIRE(Scene::found(map)->strides == decltype(TensorMap::strides){});
  REQUIRE(tiled(&map, CU_TENSOR_MAP_DATA_TYPE_FLOAT16, 5, kStrides) == CUDA_SUCCESS);
  REQUIRE(Scene::found(map)->dims == decltype(TensorMap::dims){64, 100, 3, 2, 7});
  REQUIRE(Scene::found(map)->strides == decltype(TensorMap::strides){256, 25600, 76800, 153600});
}

TEST_CASE("element types: floats by name, everything else is none that is known") {
  Scene scene;
  struct Row {
    CUtensorMapDataType type;
    TensorElement element;
    unsigned bits;
  };
  const Row row = GENERATE(Row{CU_TENSOR_MAP_DATA_TYPE_UINT8, TensorElement::other, 8},
                           Row{CU_TENSOR_MAP_DATA_TYPE_UINT16, TensorElement::other, 16},
                           Row{CU_TENSOR_MAP_DATA_TYPE_UINT32, TensorElement::other, 32},
                           Row{CU_TENSOR_MAP_DATA_TYPE_INT32, TensorElement::other, 32},
                           Row{CU_TENSOR_MAP_DATA_TYPE_UINT64, TensorElement::other, 64},
                           Row{CU_TENSOR_MAP_DATA_TYPE_INT64, TensorElement::other, 64},
                           Row{CU_TENSOR_MAP_DATA_TYPE_FLOAT16, TensorElement::f16, 16},
                           Row{CU_TENSOR_MAP_DATA_TYPE_FLOAT32, TensorElement::f32, 32},
                           Row{CU_TENSOR_MAP_DATA_TYPE_FLOAT64, TensorElement::f64, 64},
                           Row{CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, TensorElement::bf16, 16},
                           Row{CU_TENSOR_MAP_DATA_TYPE_FLOAT32_FTZ, TensorElement::f32, 32},
                           Row{CU_TENSOR_MAP_DATA_TYPE_TFLOAT32, TensorElement::f32, 32},
                           Row{CU_TENSOR_MAP_DATA_TYPE_TFLOAT32_FTZ, TensorElement::f32, 32},
                           Row{CU_TENSOR_MAP_DATA_TYPE_16U4_ALIGN8B, TensorElement::other, 4},
                           Row{CU_TENSOR_MAP_DATA_TYPE_16U4_ALIGN16B, TensorElement::other, 8},
                           Row{CU_TENSOR_MAP_DATA_TYPE_16U6_ALIGN16B, TensorElement::other, 8});
  CUtensorMap map = {};
  REQUIRE(tiled(&map, row.type, 2, kStrides) == CUDA_SUCCESS);
  REQUIRE(Scene::found(map)->element == row.element);
  REQUIRE(Scene::found(map)->element_bits == row.bits);
}

TEST_CASE("interleaved layouts are told apart") {
  Scene scene;
  CUtensorMap map = {};
  tiled(&map, CU_TENSOR_MAP_DATA_TYPE_FLOAT16, 3, kStrides, CU_TENSOR_MAP_INTERLEAVE_16B);
  REQUIRE(Scene::found(map)->interleaved);
  tiled(&map, CU_TENSOR_MAP_DATA_TYPE_FLOAT16, 3, kStrides);
  REQUIRE_FALSE(Scene::found(map)->interleaved);
}

TEST_CASE("im2col maps describe the same tensor") {
  Scene scene;
  const cuuint64_t dims[4] = {32, 28, 28, 8};
  const cuuint64_t strides[3] = {64, 1792, 50176};
  const int lower[2] = {-1, -1}, upper[2] = {1, 1};
  const cuuint32_t steps[4] = {1, 1, 1, 1};
  CUtensorMap map = {};
  SECTION("im2col") {
    REQUIRE(
        hooks::cuTensorMapEncodeIm2col(
            Call(),
            [](CUtensorMap* out, CUtensorMapDataType, cuuint32_t, void* address, const cuuint64_t*,
               const cuuint64_t*, const int*, const int*, cuuint32_t, cuuint32_t, const cuuint32_t*,
               CUtensorMapInterleave, CUtensorMapSwizzle, CUtensorMapL2promotion,
               CUtensorMapFloatOOBfill) { return fake_encode(out, address); },
            &map, CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, 4, reinterpret_cast<void*>(0x50000000), dims,
            strides, lower, upper, 32, 64, steps, CU_TENSOR_MAP_INTERLEAVE_NONE,
            CU_TENSOR_MAP_SWIZZLE_NONE, CU_TENSOR_MAP_L2_PROMOTION_NONE,
            CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE) == CUDA_SUCCESS);
  }
  SECTION("im2col, wide") {
    REQUIRE(hooks::cuTensorMapEncodeIm2colWide(
                Call(),
                [](CUtensorMap* out, CUtensorMapDataType, cuuint32_t, void* address,
                   const cuuint64_t*, const cuuint64_t*, int, int, cuuint32_t, cuuint32_t,
                   const cuuint32_t*, CUtensorMapInterleave, CUtensorMapIm2ColWideMode,
                   CUtensorMapSwizzle, CUtensorMapL2promotion,
                   CUtensorMapFloatOOBfill) { return fake_encode(out, address); },
                &map, CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, 4, reinterpret_cast<void*>(0x50000000),
                dims, strides, -1, 1, 32, 64, steps, CU_TENSOR_MAP_INTERLEAVE_NONE,
                CU_TENSOR_MAP_IM2COL_WIDE_MODE_W, CU_TENSOR_MAP_SWIZZLE_128B,
                CU_TENSOR_MAP_L2_PROMOTION_NONE,
                CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE) == CUDA_SUCCESS);
  }
  REQUIRE(Scene::found(map) == TensorMap{.address = 0x50000000,
                                         .element = TensorElement::bf16,
                                         .element_bits = 16,
                                         .rank = 4,
                                         .dims = {32, 28, 28, 8},
                                         .strides = {64, 1792, 50176}});
}

TEST_CASE("another address makes another map of the same tensor; the old one stays known") {
  Scene scene;
  CUtensorMap map = {};
  tiled(&map, CU_TENSOR_MAP_DATA_TYPE_FLOAT64, 2, kStrides);
  const CUtensorMap before = map;
  TensorMap facts = *Scene::found(before);
  const auto replace = [](CUtensorMap* out, void* address) { return fake_encode(out, address); };
  answer = CUDA_ERROR_INVALID_VALUE;
  REQUIRE(hooks::cuTensorMapReplaceAddress(Call(), replace, &map,
                                           reinterpret_cast<void*>(0x60000000)) == answer);
  REQUIRE(Scene::found(map) == facts);
  answer = CUDA_SUCCESS;
  REQUIRE(hooks::cuTensorMapReplaceAddress(Call(), replace, &map,
                                           reinterpret_cast<void*>(0x60000000)) == CUDA_SUCCESS);
  REQUIRE(Scene::found(before) == facts);
  facts.address = 0x60000000;
  REQUIRE(Scene::found(map) == facts);
  // A map that nobody knows stays unknown with another address; null is the driver's to refuse.
  CUtensorMap foreign = {};
  foreign.opaque[5] = 1;
  hooks::cuTensorMapReplaceAddress(Call(), replace, &foreign, reinterpret_cast<void*>(0x1000));
  REQUIRE_FALSE(Scene::found(foreign));
  answer = CUDA_ERROR_INVALID_VALUE;
  REQUIRE(hooks::cuTensorMapReplaceAddress(Call(), replace, nullptr, nullptr) == answer);
}

TEST_CASE("a refused call records nothing and reads none of its arguments") {
  Scene scene;
  answer = GENERATE(CUDA_ERROR_DEINITIALIZED, CUDA_ERROR_NOT_INITIALIZED,
                    CUDA_ERROR_INVALID_CONTEXT, CUDA_ERROR_INVALID_VALUE);
  CUtensorMap map = {};
  map.opaque[3] = 0x1234;
  REQUIRE(tiled(&map, CU_TENSOR_MAP_DATA_TYPE_FLOAT32, 2, nullptr) == answer);
  REQUIRE_FALSE(Scene::found(map));
  REQUIRE(tiled(nullptr, CU_TENSOR_MAP_DATA_TYPE_FLOAT32, 99, nullptr) == answer);
}
