// SPDX-License-Identifier: MIT
// The calling thread's range stack (range_stack.hpp), made at its first push and freed with the
// thread.
//
//   push_range(0, "layer3");       // level of the range in its domain
//   …current_label()…              // labels.hpp
//   pop_range(0);
//
// A push may allocate, once per thread; kNoRange when it cannot.
#pragma once

#include <cstdint>
#include <string_view>

namespace nonans::nvtx {

int push_range(uint32_t domain, std::string_view name) noexcept;
int pop_range(uint32_t domain) noexcept;

}  // namespace nonans::nvtx
