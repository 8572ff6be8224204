// SPDX-License-Identifier: MIT
// The environment variables of the software device, and the options of `softgpu run` that set them.
// What values they take is known to the device alone: probe.hpp asks it.
#pragma once

#include <span>

namespace softgpu::command {

struct Variable {
  const char* name;    // "SOFTGPU_CC"
  const char* option;  // "--cc"
  const char* values;  // "X.Y", for the help
  const char* help;
};

std::span<const Variable> variables();

}  // namespace softgpu::command
