// SPDX-License-Identifier: MIT
// Tensor maps: what the application said when it had one encoded is kept under the bytes that the
// driver made of it, so that a launch which passes them by value can be understood.
#include <algorithm>

#include "api/generated/hooks.hpp"
#include "interpose/hooks/quietly.hpp"

namespace nonans::interpose::hooks {
namespace {

using memory::TensorElement;
using memory::TensorMap;

static_assert(sizeof(CUtensorMap) == TensorMap::kBytes);

struct Element {
  TensorElement type = TensorElement::other;
  uint8_t bits = 0;
};

// Bits in global memory (cuda.h at cuTensorMapEncodeTiled). The two ALIGN16B types pad 16 values to
// 16 bytes. FTZ only changes what arrives in shared memory; TFLOAT32 is stored as binary32.
Element element_of(CUtensorMapDataType type) {
  switch (type) {
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT16:
      return {TensorElement::f16, 16};
    case CU_TENSOR_MAP_DATA_TYPE_BFLOAT16:
      return {TensorElement::bf16, 16};
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT32:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT32_FTZ:
    case CU_TENSOR_MAP_DATA_TYPE_TFLOAT32:
    case CU_TENSOR_MAP_DATA_TYPE_TFLOAT32_FTZ:
      return {TensorElement::f32, 32};
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT64:
      return {TensorElement::f64, 64};
    case CU_TENSOR_MAP_DATA_TYPE_UINT8:
    case CU_TENSOR_MAP_DATA_TYPE_16U4_ALIGN16B:
    case CU_TENSOR_MAP_DATA_TYPE_16U6_ALIGN16B:
      return {TensorElement::other, 8};
    case CU_TENSOR_MAP_DATA_TYPE_16U4_ALIGN8B:
      return {TensorElement::other, 4};
    case CU_TENSOR_MAP_DATA_TYPE_UINT16:
      return {TensorElement::other, 16};
    case CU_TENSOR_MAP_DATA_TYPE_UINT32:
    case CU_TENSOR_MAP_DATA_TYPE_INT32:
      return {TensorElement::other, 32};
    case CU_TENSOR_MAP_DATA_TYPE_UINT64:
    case CU_TENSOR_MAP_DATA_TYPE_INT64:
      return {TensorElement::other, 64};
  }
  return {};  // of a newer toolkit: not recorded
}

// Maps are encoded right before launches, by some libraries for each: nothing but the table is
// touched once the runtime is there.
template <typename Work>
void with_runtime(Work work) noexcept {
  if (Runtime::get() != nullptr) {
    quietly_if_running(work);
  } else {
    quietly(work);
  }
}

// The three encoders say the same of global memory; they differ in what of it one instruction
// moves.
void record(const CUtensorMap* bytes, CUtensorMapDataType type, cuuint32_t rank,
            const void* address, const cuuint64_t* dims, const cuuint64_t* strides,
            CUtensorMapInterleave interleave) noexcept {
  const Element element = element_of(type);
  if (element.bits == 0 || rank == 0 || rank > TensorMap::kMaxRank) return;
  TensorMap facts{.address = reinterpret_cast<uint64_t>(address),
                  .element = element.type,
                  .element_bits = element.bits,
                  .rank = static_cast<uint8_t>(rank),
                  .interleaved = interleave != CU_TENSOR_MAP_INTERLEAVE_NONE};
  std::copy_n(dims, rank, facts.dims.begin());
  if (rank > 1) std::copy_n(strides, rank - 1, facts.strides.begin());
  with_runtime([&](Runtime& runtime) { runtime.tensor_maps.record(bytes, facts); });
}

}  // namespace

CUresult cuTensorMapEncodeTiled(const HookCall&, PFN_cuTensorMapEncodeTiled_v12000 real,
                                CUtensorMap* tensorMap, CUtensorMapDataType tensorDataType,
                                cuuint32_t tensorRank, void* globalAddress,
                                const cuuint64_t* globalDim, const cuuint64_t* globalStrides,
                                const cuuint32_t* boxDim, const cuuint32_t* elementStrides,
                                CUtensorMapInterleave interleave, CUtensorMapSwizzle swizzle,
                                CUtensorMapL2promotion l2Promotion,
                                CUtensorMapFloatOOBfill oobFill) {
  const CUresult result =
      real(tensorMap, tensorDataType, tensorRank, globalAddress, globalDim, globalStrides, boxDim,
           elementStrides, interleave, swizzle, l2Promotion, oobFill);
  if (result == CUDA_SUCCESS)
    record(tensorMap, tensorDataType, tensorRank, globalAddress, globalDim, globalStrides,
           interleave);
  return result;
}

CUresult cuTensorMapEncodeIm2col(const HookCall&, PFN_cuTensorMapEncodeIm2col_v12000 real,
                                 CUtensorMap* tensorMap, CUtensorMapDataType tensorDataType,
                                 cuuint32_t tensorRank, void* globalAddress,
                                 const cuuint64_t* globalDim, const cuuint64_t* globalStrides,
                                 const int* pixelBoxLowerCorner, const int* pixelBoxUpperCorner,
                                 cuuint32_t channelsPerPixel, cuuint32_t pixelsPerColumn,
                                 const cuuint32_t* elementStrides, CUtensorMapInterleave interleave,
                                 CUtensorMapSwizzle swizzle, CUtensorMapL2promotion l2Promotion,
                                 CUtensorMapFloatOOBfill oobFill) {
  const CUresult result =
      real(tensorMap, tensorDataType, tensorRank, globalAddress, globalDim, globalStrides,
           pixelBoxLowerCorner, pixelBoxUpperCorner, channelsPerPixel, pixelsPerColumn,
           elementStrides, interleave, swizzle, l2Promotion, oobFill);
  if (result == CUDA_SUCCESS)
    record(tensorMap, tensorDataType, tensorRank, globalAddress, globalDim, globalStrides,
           interleave);
  return result;
}

CUresult cuTensorMapEncodeIm2colWide(
    const HookCall&, PFN_cuTensorMapEncodeIm2colWide_v12080 real, CUtensorMap* tensorMap,
    CUtensorMapDataType tensorDataType, cuuint32_t tensorRank, void* globalAddress,
    const cuuint64_t* globalDim, const cuuint64_t* globalStrides, int pixelBoxLowerCornerWidth,
    int pixelBoxUpperCornerWidth, cuuint32_t channelsPerPixel, cuuint32_t pixelsPerColumn,
    const cuuint32_t* elementStrides, CUtensorMapInterleave interleave,
    CUtensorMapIm2ColWideMode mode, CUtensorMapSwizzle swizzle, CUtensorMapL2promotion l2Promotion,
    CUtensorMapFloatOOBfill oobFill) {
  const CUresult result =
      real(tensorMap, tensorDataType, tensorRank, globalAddress, globalDim, globalStrides,
           pixelBoxLowerCornerWidth, pixelBoxUpperCornerWidth, channelsPerPixel, pixelsPerColumn,
           elementStrides, interleave, mode, swizzle, l2Promotion, oobFill);
  if (result == CUDA_SUCCESS)
    record(tensorMap, tensorDataType, tensorRank, globalAddress, globalDim, globalStrides,
           interleave);
  return result;
}

// The map is changed in place. What it was stays recorded: copies of it may be about.
CUresult cuTensorMapReplaceAddress(const HookCall&, PFN_cuTensorMapReplaceAddress_v12000 real,
                                   CUtensorMap* tensorMap, void* globalAddress) {
  std::optional<TensorMap> facts;
  if (Runtime* runtime = Runtime::get(); runtime != nullptr && tensorMap != nullptr)
    facts = runtime->tensor_maps.find(tensorMap);
  const CUresult result = real(tensorMap, globalAddress);
  if (result == CUDA_SUCCESS && facts) {
    facts->address = reinterpret_cast<uint64_t>(globalAddress);
    with_runtime([&](Runtime& runtime) { runtime.tensor_maps.record(tensorMap, *facts); });
  }
  return result;
}

}  // namespace nonans::interpose::hooks
