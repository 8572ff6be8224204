// SPDX-License-Identifier: MIT
// How a handle of 64 bytes names a file of another process.
//
// CUipcMemHandle and its kin travel through any channel, so they cannot carry a descriptor. They
// carry where it is: /proc/PID/fd/N, and the file's random name, by which a descriptor that was
// closed and given to something else meanwhile is recognised. The exporting process has to live,
// and both have to belong to the same user and see the same process numbers, as with hardware
// drivers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "driver/vmm/shared_file.hpp"

namespace softgpu::driver {

struct RemoteFile {
  char magic[8];
  int32_t process, descriptor;
  std::array<uint64_t, 2> id;
};

RemoteFile name_of(int descriptor, const std::array<uint64_t, 2>& id);
bool is_remote_file(const RemoteFile& name);  // is it one at all?
bool is_own(const RemoteFile& name);          // of this process
// nullopt: not there any more, or not to be reached.
std::optional<SharedFile> open_remote(const RemoteFile& name, SharedKind kind);

}  // namespace softgpu::driver
