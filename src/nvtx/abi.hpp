// SPDX-License-Identifier: MIT
// What crosses between a program's NVTX and a tool, as nvtxDetail/nvtxTypes.h and nvToolsExt.h
// (NVTX 3, CUDA 13.0) lay it down. Written out here so that the library builds without those
// headers; tests/unit/nvtx/abi_test.cpp holds it against them.
//
// NVTX is compiled into each program and library that uses it. At its first call there, it opens
// the library that NVTX_INJECTION64_PATH names and calls InitializeInjectionNvtx2 with a function
// that gives out tables; the tool writes its own functions into `*table[id]` of those it wants.
// What it leaves alone does nothing from then on.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nonans::nvtx::abi {

enum : uint32_t { kExportCallbacks = 1 };
enum : int { kModuleCore = 1, kModuleCore2 = 5 };

enum CoreId : unsigned {
  kRangePushEx = 8,
  kRangePushA = 9,
  kRangePushW = 10,
  kRangePop = 11,
};
enum Core2Id : unsigned {
  kDomainRangePushEx = 4,
  kDomainRangePop = 5,
  kDomainRegisterStringA = 10,
  kDomainRegisterStringW = 11,
  kDomainCreateA = 12,
  kDomainCreateW = 13,
  kDomainDestroy = 14,
};

enum : int32_t { kMessageAscii = 1, kMessageUnicode = 2, kMessageRegistered = 3 };

// nvtxEventAttributes_t of version 2 and 3.
struct EventAttributes {
  uint16_t version;
  uint16_t size;  // of the structure, as its writer knows it
  uint32_t category;
  int32_t color_type;
  uint32_t color;
  int32_t payload_type;
  int32_t reserved;
  uint64_t payload;
  int32_t message_type;
  const void* message;  // const char*, const wchar_t*, or what RegisterString gave
};

using FunctionPointer = void (*)();
using FunctionTable = FunctionPointer**;

struct ExportCallbacks {
  size_t struct_size;
  // 0: no such module.
  int (*get_module_function_table)(int module, FunctionTable* table, unsigned* size);
};

using GetExportTable = const void* (*)(uint32_t id);

}  // namespace nonans::nvtx::abi
