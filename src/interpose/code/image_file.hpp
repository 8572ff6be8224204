// SPDX-License-Identifier: MIT
// An image that the driver loads from a file by its name (cuModuleLoad, cuLibraryLoadFromFile).
//
//   const FileVersion before = file_version(path);
//   …the driver loads it…
//   auto bytes = read_version(path, before);     // an error if it is not the same file any more
//
// We read the file a second time, and a build system may replace it at any moment: what we read is
// taken for what the driver read only if name, size and times say the same before the driver's call
// and after ours.
#pragma once

#include <sys/stat.h>

#include <string>

#include "image/fatbin.hpp"

namespace nonans::interpose {

struct FileVersion {
  bool known = false;  // a regular file of at most 256 MiB
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  timespec modified{}, changed{};
};

FileVersion file_version(const char* path) noexcept;
image::Outcome<std::string> read_version(const char* path, const FileVersion& version);

}  // namespace nonans::interpose
