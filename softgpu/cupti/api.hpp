// SPDX-License-Identifier: MIT
// How every function of this library ends: its result becomes the thread's last error.
//
//   CUptiResult cuptiGetVersion(uint32_t* version) {
//     if (!version) return answer(CUPTI_ERROR_INVALID_PARAMETER);
//     …
//     return answer(CUPTI_SUCCESS);
#pragma once

// Makes CUPTI's headers declare their functions with default visibility.
#define CUPTI_LIB
#include <cupti.h>
#undef CUPTI_LIB

#include <string>
#include <string_view>

namespace softgpu::cupti {

// Remembers an error for cuptiGetLastError and passes the result on.
CUptiResult answer(CUptiResult result) noexcept;

// One line on stderr, "softgpu: …", once for each text.
void say_once(const std::string& message) noexcept;

// A copy of the name that stays for the life of the process: records refer to it. Empty without
// memory for it.
const char* lasting(std::string_view name) noexcept;

}  // namespace softgpu::cupti
