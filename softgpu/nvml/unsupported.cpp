// SPDX-License-Identifier: MIT
// Every exported name has a definition here that says it is not supported. They are weak: a
// function defined in any other file of this library replaces its own. So what is missing is what
// nobody wrote, and there is no second list.
//
// NOT_SUPPORTED is what NVML answers for a sensor that a device does not have, and programs expect
// it; so nothing is said on stderr. What a device made of host cores cannot know (temperature,
// power, clocks, links) stays here instead of being made up.
//
// This file must not see nvml.h: the definitions take no arguments, which is safe in the C calling
// convention (the caller removes what it passed) and spares the types.
namespace softgpu::nvml {
bool initialised();
}

namespace {

int not_supported() {
  return softgpu::nvml::initialised() ? 3 : 1;  // NVML_ERROR_NOT_SUPPORTED, …_UNINITIALIZED
}

}  // namespace

extern "C" {
#define NVML_FUNCTION(name)                                 \
  __attribute__((weak, visibility("default"))) int name() { \
    return not_supported();                                 \
  }
#include "nvml/generated/functions.inc"
#undef NVML_FUNCTION
}
