// SPDX-License-Identifier: MIT
#include "driver/ipc/remote_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <string>

namespace softgpu::driver {
namespace {

constexpr char kMagic[8] = "softgpu";

}  // namespace

RemoteFile name_of(int descriptor, const std::array<uint64_t, 2>& id) {
  RemoteFile name{};
  std::memcpy(name.magic, kMagic, sizeof kMagic);
  name.process = getpid();
  name.descriptor = descriptor;
  name.id = id;
  return name;
}

bool is_remote_file(const RemoteFile& name) {
  return std::memcmp(name.magic, kMagic, sizeof kMagic) == 0;
}

bool is_own(const RemoteFile& name) {
  return name.process == getpid();
}

std::optional<SharedFile> open_remote(const RemoteFile& name, SharedKind kind) {
  const std::string path =
      "/proc/" + std::to_string(name.process) + "/fd/" + std::to_string(name.descriptor);
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  auto file = SharedFile::open(fd);
  close(fd);
  if (!file || file->trailer().kind != kind || file->trailer().id != name.id) return std::nullopt;
  return file;
}

}  // namespace softgpu::driver
