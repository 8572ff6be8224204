// SPDX-License-Identifier: MIT
// What every entry of the fault-injecting driver does (faulty_driver.h says what it is for).
#pragma once

#include <cuda.h>

#include <atomic>
#include <cstdint>
#include <type_traits>

#include "faulty_driver.h"

namespace faulty {

enum class Way : uint8_t { exported, answered };

struct Function {
  const char* name;
  void* exported;
  void* answered;
  void* real = nullptr;  // in the driver behind us
  std::atomic<long> calls[3] = {};
  std::atomic<long> locked = {};
};
// Generated, sorted by name.
extern Function functions[];
extern const int function_count;

class Call {
 public:
  static constexpr int kWords = 4;  // arguments that objects are told by are among the first

  Call(int index, Way way, const void* from, const uint64_t* words, int count) noexcept;
  bool refused() const { return refused_; }
  CUresult code() const { return code_; }
  CUresult finished(CUresult result) noexcept;

 private:
  Function& function_;
  faulty_who who_;
  uint64_t words_[kWords] = {};
  bool refused_ = false;
  bool refused_after_ = false;
  CUresult code_ = CUDA_SUCCESS;
};

// Structures by value say nothing about objects.
template <typename T>
uint64_t word(T value) noexcept {
  if constexpr (std::is_pointer_v<T>)
    return reinterpret_cast<uint64_t>(value);
  else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>)
    return static_cast<uint64_t>(value);
  else
    return 0;
}

template <typename Pfn, typename... Args>
CUresult forward(int index, Way way, const void* from, Args... args) noexcept {
  const uint64_t words[sizeof...(args) + 1] = {word(args)...};
  Call call(index, way, from, words, static_cast<int>(sizeof...(args)));
  if (call.refused()) return call.code();
  const auto real = reinterpret_cast<Pfn>(functions[index].real);
  return call.finished(real ? real(args...) : CUDA_ERROR_NOT_FOUND);
}

}  // namespace faulty
