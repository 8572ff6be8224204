// SPDX-License-Identifier: MIT
// A library with an NVTX of its own (each that includes the headers has one), in a domain of its
// own, with registered names.
#include <nvtx3/nvToolsExt.h>

namespace {

nvtxDomainHandle_t domain() {
  static nvtxDomainHandle_t const made = nvtxDomainCreateA("library");
  return made;
}
nvtxStringHandle_t name() {
  static nvtxStringHandle_t const made = nvtxDomainRegisterStringW(domain(), L"gr\u00f6\u00dfe");
  return made;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int library_begin() {
  nvtxEventAttributes_t attributes = {};
  attributes.version = NVTX_VERSION;
  attributes.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
  attributes.messageType = NVTX_MESSAGE_TYPE_REGISTERED;
  attributes.message.registered = name();
  return nvtxDomainRangePushEx(domain(), &attributes);
}
extern "C" __attribute__((visibility("default"))) int library_end() {
  return nvtxDomainRangePop(domain());
}
