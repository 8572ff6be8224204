// SPDX-License-Identifier: MIT
// /etc/ld.so.cache, as ldconfig writes it: where the loader looks for a library before it tries its
// default folders.
//
//   std::vector<std::string> paths = in_loader_cache(bytes, "libcuda.so.1");     // of this
//   machine's kind, best first
//
// The format is glibc's (sysdeps/generic/dl-cache.h): 20 bytes of magic and version
// "glibc-ld.so.cache1.1", the number of libraries, the length of the strings; from byte 48 on 24
// bytes per library: flags, offset of the name, offset of the path, a word no longer used, 8 bytes
// of hardware capability. Offsets count from the start of this header. A file of the older format
// begins with "ld.so-1.7.0" and entries of 12 bytes, and carries the newer one behind them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nonans::interpose::shadow {

// Empty for bytes that are no such file; offsets that lead outside are passed over.
std::vector<std::string> in_loader_cache(std::span<const char> bytes, std::string_view name);

}  // namespace nonans::interpose::shadow
