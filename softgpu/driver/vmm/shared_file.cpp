// SPDX-License-Identifier: MIT
#include "driver/vmm/shared_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <utility>

namespace softgpu::driver {
namespace {

constexpr char kMagic[16] = "softgpu-memory1";
constexpr uint64_t kPage = 4096;

}  // namespace

SharedFile::SharedFile(SharedFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), trailer_(other.trailer_) {}

SharedFile& SharedFile::operator=(SharedFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  trailer_ = other.trailer_;
  return *this;
}

SharedFile::~SharedFile() {
  if (fd_ >= 0) close(fd_);
}

SharedFile SharedFile::make(SharedKind kind, uint64_t size, uint32_t handle_types) {
  SharedFile file;
  const int fd = memfd_create("softgpu-shared", MFD_CLOEXEC);
  if (fd < 0) return file;
  SharedTrailer t{};
  std::memcpy(t.magic, kMagic, sizeof kMagic);
  t.kind = kind;
  t.handle_types = handle_types;
  t.size = size;
  const bool random = getrandom(t.id.data(), sizeof t.id, 0) == sizeof t.id;
  if (!random || ftruncate(fd, static_cast<off_t>(size + kPage)) != 0 ||
      pwrite(fd, &t, sizeof t, static_cast<off_t>(size)) != sizeof t) {
    close(fd);
    return file;
  }
  file.fd_ = fd;
  file.trailer_ = t;
  return file;
}

std::optional<SharedFile> SharedFile::open(int fd) {
  struct stat s {};
  if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode) || s.st_size < static_cast<off_t>(kPage) ||
      s.st_size % static_cast<off_t>(kPage) != 0)
    return std::nullopt;
  SharedTrailer t{};
  const uint64_t size = static_cast<uint64_t>(s.st_size) - kPage;
  if (pread(fd, &t, sizeof t, static_cast<off_t>(size)) != sizeof t) return std::nullopt;
  if (std::memcmp(t.magic, kMagic, sizeof kMagic) != 0 || t.size != size) return std::nullopt;
  SharedFile file;
  file.fd_ = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (file.fd_ < 0) return std::nullopt;
  file.trailer_ = t;
  return file;
}

bool SharedFile::fill(const std::byte* from, uint64_t size) const {
  for (uint64_t done = 0; done < size;) {
    const ssize_t n = pwrite(fd_, from + done, size - done, static_cast<off_t>(done));
    if (n <= 0) return false;
    done += static_cast<uint64_t>(n);
  }
  return true;
}

int SharedFile::duplicate() const {
  return fcntl(fd_, F_DUPFD_CLOEXEC, 0);
}

}  // namespace softgpu::driver
