// SPDX-License-Identifier: MIT
// From the bytes a program hands over to a parsed PTX module, and what is told about it on the way.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "driver/cuda_api.hpp"
#include "driver/jit_options.hpp"
#include "image/ptx/ast.hpp"

namespace softgpu::driver {

struct LoadedImage {
  CUresult code = CUDA_SUCCESS;
  std::string log;  // what is wrong, one line
  std::optional<nonans::image::ptx::Module> module;
  // What a tool is shown as the module's code: the cubin of the image for this device, else the
  // PTX.
  std::shared_ptr<const std::string> code_image;
};

// A fatbin, a cubin or PTX text. Without a size (kUnknownSize) the headers say how long it is.
// `max_registers`: as if every kernel that gives no .maxnreg gave this one; 0 for none.
//   no PTX for this device in it   NO_BINARY_FOR_GPU     malformed PTX        INVALID_PTX
//   neither of the three           INVALID_IMAGE         PTX beyond ISA 9.0 UNSUPPORTED_PTX_VERSION
LoadedImage load_image(const void* image, size_t size, unsigned max_registers = 0);

// Whether PTX for `target` may be compiled for this device: sm_80 runs on 8.0 and all later ones,
// sm_90a on 9.0 only, sm_100f on its family (same major, this minor or later).
bool target_fits(std::string_view target);

// The whole file, or nullopt: FILE_NOT_FOUND.
std::optional<std::string> read_file(const char* path);

// Puts the error into the caller's log buffer or, without one, says it once on stderr; passes the
// code on.
CUresult report_load_error(CUresult code, const std::string& message, JitOptions& options);

}  // namespace softgpu::driver
