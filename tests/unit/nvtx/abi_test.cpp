// SPDX-License-Identifier: MIT
// What src/nvtx/abi.hpp writes down, against NVIDIA's headers.
#include <nvtx3/nvToolsExt.h>

#include "nvtx/abi.hpp"
#include "support/catch.hpp"

using namespace nonans::nvtx;

TEST_CASE("nvtx: event attributes are laid out as nvToolsExt.h lays them out") {
  using Theirs = nvtxEventAttributes_t;
  using Ours = abi::EventAttributes;
  CHECK(sizeof(Ours) == sizeof(Theirs));
  CHECK(offsetof(Ours, version) == offsetof(Theirs, version));
  CHECK(offsetof(Ours, size) == offsetof(Theirs, size));
  CHECK(offsetof(Ours, message_type) == offsetof(Theirs, messageType));
  CHECK(offsetof(Ours, message) == offsetof(Theirs, message));
  CHECK(int{abi::kMessageAscii} == NVTX_MESSAGE_TYPE_ASCII);
  CHECK(int{abi::kMessageUnicode} == NVTX_MESSAGE_TYPE_UNICODE);
  CHECK(int{abi::kMessageRegistered} == NVTX_MESSAGE_TYPE_REGISTERED);
}

TEST_CASE("nvtx: the tables are those of nvtxTypes.h") {
  CHECK(sizeof(abi::ExportCallbacks) == sizeof(NvtxExportTableCallbacks));
  CHECK(offsetof(abi::ExportCallbacks, get_module_function_table) ==
        offsetof(NvtxExportTableCallbacks, GetModuleFunctionTable));
  CHECK(int{abi::kExportCallbacks} == NVTX_ETID_CALLBACKS);
  CHECK(int{abi::kModuleCore} == NVTX_CB_MODULE_CORE);
  CHECK(int{abi::kModuleCore2} == NVTX_CB_MODULE_CORE2);
  CHECK(int{abi::kRangePushEx} == NVTX_CBID_CORE_RangePushEx);
  CHECK(int{abi::kRangePushA} == NVTX_CBID_CORE_RangePushA);
  CHECK(int{abi::kRangePushW} == NVTX_CBID_CORE_RangePushW);
  CHECK(int{abi::kRangePop} == NVTX_CBID_CORE_RangePop);
  CHECK(int{abi::kDomainRangePushEx} == NVTX_CBID_CORE2_DomainRangePushEx);
  CHECK(int{abi::kDomainRangePop} == NVTX_CBID_CORE2_DomainRangePop);
  CHECK(int{abi::kDomainRegisterStringA} == NVTX_CBID_CORE2_DomainRegisterStringA);
  CHECK(int{abi::kDomainRegisterStringW} == NVTX_CBID_CORE2_DomainRegisterStringW);
  CHECK(int{abi::kDomainCreateA} == NVTX_CBID_CORE2_DomainCreateA);
  CHECK(int{abi::kDomainCreateW} == NVTX_CBID_CORE2_DomainCreateW);
  CHECK(int{abi::kDomainDestroy} == NVTX_CBID_CORE2_DomainDestroy);
}
