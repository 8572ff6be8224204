// SPDX-License-Identifier: MIT
// Where the libraries of the software device are, seen from the running `softgpu`.
#pragma once

#include <string>
#include <vector>

namespace softgpu::command {

// Folder that holds libcuda.so.1: beside our bin folder, in an installation as in the build tree.
// Throws std::runtime_error naming the places looked at.
std::string library_folder();

// The names under which programs load the device's libraries.
const std::vector<std::string>& library_names();

}  // namespace softgpu::command
