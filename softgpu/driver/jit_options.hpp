// SPDX-License-Identifier: MIT
// The options of the compiler and the linker: which ones mean something here, and what they get
// back. cuda.h calls some of the values in-out.
//
//   JitOptions jit;
//   if (CUresult r = jit.read(count, options, values); r != CUDA_SUCCESS) return r;
//   jit.error("kernel.ptx:3:1: …");              // CU_JIT_ERROR_LOG_BUFFER, and its size
//   jit.finish();                                // CU_JIT_WALL_TIME
//
// The options of cuLinkCreate live as long as the link: logs and time accumulate. The sizes of the
// logs are written when the options are read (nothing is in them yet) and then only with a message:
// Python's cuda-core keeps the buffers for the life of a link, but the values for the call only.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "driver/cuda_api.hpp"

namespace softgpu::driver {

class JitOptions {
 public:
  // INVALID_VALUE for an option that cuda.h does not know and for two that it forbids to combine.
  // NOT_SUPPORTED for those that would change what the code does.
  CUresult read(unsigned count, const CUjit_option* options, void** values);

  void error(const std::string& text) { append(error_, text); }
  void info(const std::string& text) {
    if (verbose_) append(info_, text);
  }
  void finish();  // the time since read()

  // The caller gave a place for errors: it means to deal with them.
  bool wants_errors() const { return error_.data && error_.size > 0; }
  unsigned max_registers() const { return max_registers_; }  // 0: no limit given
  // Has it options that belong to a link as a whole, and not to one of its inputs?
  bool is_of_link() const { return of_link_; }

 private:
  struct Log {
    char* data = nullptr;
    size_t size = 0, used = 0;  // `used` counts the NUL
    void** slot = nullptr;      // where the size was given
  };
  static void append(Log& log, const std::string& text);

  Log info_, error_;
  void** time_slot_ = nullptr;
  std::chrono::steady_clock::time_point begun_;
  unsigned max_registers_ = 0;
  bool verbose_ = false, of_link_ = false;
};

}  // namespace softgpu::driver
