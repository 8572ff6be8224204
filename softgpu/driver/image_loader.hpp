// SPDX-License-Identifier: MIT
// From the bytes a program hands over to a parsed PTX module, and what is told about it on the way.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "driver/cuda_api.hpp"
#include "image/ptx/ast.hpp"

namespace softgpu::driver {

struct LoadedImage {
  CUresult code = CUDA_SUCCESS;
  std::string log;  // what is wrong, one line
  std::optional<nonans::image::ptx::Module> module;
};

// A fatbin, a cubin or PTX text. Without a size (kUnknownSize) the headers say how long it is.
//   no PTX for this device in it   NO_BINARY_FOR_GPU     malformed PTX        INVALID_PTX
//   neither of the three           INVALID_IMAGE         PTX beyond ISA 9.0 UNSUPPORTED_PTX_VERSION
LoadedImage load_image(const void* image, size_t size);

// The whole file, or nullopt: FILE_NOT_FOUND.
std::optional<std::string> read_file(const char* path);

// The log buffers among the JIT options, and writing to them. The two size options are in-out: the
// bytes written.
class JitLogs {
 public:
  // INVALID_VALUE for an option that cuda.h does not know.
  CUresult read(unsigned count, const CUjit_option* options, void** values);
  void error(const std::string& text) { write(error_, text); }
  void finish();  // writes the sizes; call once, also on success
  // The caller gave a place for errors: it means to deal with them.
  bool wants_errors() const { return error_.data && error_.size > 0; }

 private:
  struct Buffer {
    char* data = nullptr;
    size_t size = 0, used = 0;
    void** size_slot = nullptr;
  };
  static void write(Buffer& buffer, const std::string& text);
  Buffer info_, error_;
};

// Puts the error into the caller's log buffer or, without one, says it once on stderr; passes the
// code on.
CUresult report_load_error(CUresult code, const std::string& message, JitLogs& logs);

}  // namespace softgpu::driver
