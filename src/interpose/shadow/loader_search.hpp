// SPDX-License-Identifier: MIT
// Where the loader would look for a library, for somebody who stands in its place.
//
//   for (const std::string& path : loader_candidates("libcuda.so.1")) …       // full paths, best
//   first; they may not exist
//
// The order of ld.so(8), seen from the program: the program's DT_RPATH or DT_RUNPATH and
// LD_LIBRARY_PATH, as the loader itself lists them (RTLD_DI_SERINFO: it knows what $ORIGIN meant
// and what the environment was at the start), then /etc/ld.so.cache, then the default folders. Not
// seen: DT_RUNPATH of the library that asks, and the glibc-hwcaps folders.
#pragma once

#include <string>
#include <vector>

namespace nonans::interpose::shadow {

std::vector<std::string> loader_candidates(const char* name);

// `folders` as RTLD_DI_SERINFO lists them: how many at their end are the loader's defaults. They
// stand there once, in one piece; the same folder before them is somebody's wish.
size_t count_default_folders(const std::vector<std::string>& folders);

}  // namespace nonans::interpose::shadow
