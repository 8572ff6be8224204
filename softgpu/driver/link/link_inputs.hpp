// SPDX-License-Identifier: MIT
// From what cuLinkAddData accepts to PTX texts: text itself, fatbins, host objects with device code
// in them, and archives of such objects.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "driver/cuda_api.hpp"

namespace softgpu::driver {

struct LinkInput {
  std::string name;  // "libfoo.a(bar.o)"
  std::string ptx;
};

struct LinkInputs {
  CUresult code = CUDA_SUCCESS;
  std::string error;  // one line
  std::vector<LinkInput> inputs;
  // It is CUDA's device runtime library, which holds machine code only: what this device has of it
  // (device_runtime.hpp) takes its place.
  bool is_device_runtime = false;
};

LinkInputs read_link_input(CUjitInputType type, const void* data, size_t size,
                           const std::string& name);

}  // namespace softgpu::driver
