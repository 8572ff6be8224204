// SPDX-License-Identifier: MIT
#include "driver/jit_options.hpp"

#include <algorithm>
#include <bitset>
#include <cstring>

#include "driver/driver_state.hpp"

namespace softgpu::driver {

CUresult JitOptions::read(unsigned count, const CUjit_option* options, void** values) {
  begun_ = std::chrono::steady_clock::now();
  if (count > 0 && (!options || !values)) return CUDA_ERROR_INVALID_VALUE;
  std::bitset<CU_JIT_NUM_OPTIONS> given;
  for (unsigned i = 0; i < count; ++i) {
    if (options[i] < 0 || options[i] >= CU_JIT_NUM_OPTIONS) return CUDA_ERROR_INVALID_VALUE;
    given.set(options[i]);
    // An unsigned int lies in the low half of the pointer.
    const auto number = static_cast<unsigned>(reinterpret_cast<uintptr_t>(values[i]));
    switch (options[i]) {
      case CU_JIT_INFO_LOG_BUFFER:
        info_.data = static_cast<char*>(values[i]);
        break;
      case CU_JIT_ERROR_LOG_BUFFER:
        error_.data = static_cast<char*>(values[i]);
        break;
      case CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES:
        info_.size = number;
        info_.slot = &values[i];
        break;
      case CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES:
        error_.size = number;
        error_.slot = &values[i];
        break;
      case CU_JIT_WALL_TIME:
        time_slot_ = &values[i];
        break;
      case CU_JIT_MAX_REGISTERS:
        max_registers_ = number;
        break;
      case CU_JIT_LOG_VERBOSE:
        verbose_ = number != 0;
        break;
      case CU_JIT_GLOBAL_SYMBOL_NAMES:
      case CU_JIT_GLOBAL_SYMBOL_ADDRESSES:
        say_once("global symbols",
                 "CU_JIT_GLOBAL_SYMBOL_NAMES: giving host addresses to symbols is not supported");
        return CUDA_ERROR_NOT_SUPPORTED;
      default:
        break;  // optimisation, line tables, caching: nothing here depends on them
    }
  }
  if (given[CU_JIT_THREADS_PER_BLOCK] && given[CU_JIT_TARGET]) return CUDA_ERROR_INVALID_VALUE;
  of_link_ = given[CU_JIT_WALL_TIME] || given[CU_JIT_INFO_LOG_BUFFER] ||
             given[CU_JIT_ERROR_LOG_BUFFER] || given[CU_JIT_TARGET_FROM_CUCONTEXT] ||
             given[CU_JIT_TARGET];
  for (Log* log : {&info_, &error_}) {
    if (log->data && log->size > 0) log->data[0] = '\0';
    if (log->slot) *log->slot = nullptr;
  }
  return CUDA_SUCCESS;
}

// Messages are lines; what does not fit is cut off.
void JitOptions::append(Log& log, const std::string& text) {
  if (!log.data || log.size == 0) return;
  const std::string line = (log.used == 0 ? "" : "\n") + text;
  const size_t at = log.used == 0 ? 0 : log.used - 1;
  const size_t length = std::min(line.size(), log.size - 1 - at);
  std::memcpy(log.data + at, line.data(), length);
  log.data[at + length] = '\0';
  log.used = at + length + 1;
  if (log.slot) *log.slot = reinterpret_cast<void*>(log.used);
}

// A float in the first bytes of the value.
void JitOptions::finish() {
  if (!time_slot_) return;
  const std::chrono::duration<float, std::milli> spent = std::chrono::steady_clock::now() - begun_;
  const float value = spent.count();
  std::memcpy(time_slot_, &value, sizeof value);
}

}  // namespace softgpu::driver
