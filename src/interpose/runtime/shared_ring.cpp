// SPDX-License-Identifier: MIT
#include "interpose/runtime/shared_ring.hpp"

#include <sys/mman.h>
#include <unistd.h>

namespace nonans::interpose {

bool SharedRing::open() noexcept {
  const int fd = memfd_create("nonans-ring", MFD_CLOEXEC);
  void* pages = MAP_FAILED;
  if (fd >= 0) {
    if (ftruncate(fd, kBytes) == 0)
      pages = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);  // the mapping keeps the pages
  }
  if (pages == MAP_FAILED)
    pages = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return false;
  ring_ = static_cast<nn_ring_host*>(pages);
  ring_->abi_version = NN_ABI_VERSION;
  ring_->capacity = NN_RING_RECORDS;
  return true;
}

void SharedRing::close() noexcept {
  if (ring_) munmap(ring_, kBytes);
  ring_ = nullptr;
}

}  // namespace nonans::interpose
