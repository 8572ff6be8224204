// SPDX-License-Identifier: MIT
// Where the files of this installation are, seen from the running `nonans`.
#pragma once

#include <string>

namespace nonans::cli {

// Full path of libnonans.so, or of its SONAME shadow. Throws std::runtime_error naming the places
// looked at.
std::string find_library();
std::string find_shadow();
// Folder that holds the software device's libcuda.so.1. Throws like find_library().
std::string find_soft_device();
// Full path of the running program.
std::string own_path();

}  // namespace nonans::cli
