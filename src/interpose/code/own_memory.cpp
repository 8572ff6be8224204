// SPDX-License-Identifier: MIT
#include "interpose/code/own_memory.hpp"

#include <link.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace nonans::interpose {
namespace {

struct Range {
  uintptr_t begin, end;
};

int covers(dl_phdr_info* info, size_t, void* data) {
  const auto* wanted = static_cast<const Range*>(data);
  for (ElfW(Half) i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
    if (wanted->begin >= begin && wanted->end <= begin + segment.p_filesz) return 1;
  }
  return 0;
}

}  // namespace

bool is_constant_data(const void* bytes, size_t size) noexcept {
  Range wanted{reinterpret_cast<uintptr_t>(bytes), reinterpret_cast<uintptr_t>(bytes) + size};
  return wanted.end >= wanted.begin && dl_iterate_phdr(covers, &wanted) != 0;
}

bool read_own_memory(void* to, const void* from, size_t size) noexcept {
  const int saved = errno;
  auto* out = static_cast<char*>(to);
  const auto* in = static_cast<const char*>(from);
  bool good = true;
  while (size > 0) {
    const iovec local{out, size}, remote{const_cast<char*>(in), size};
    const ssize_t got = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
    if (got <= 0) {
      good = false;
      break;
    }
    out += got;
    in += got;
    size -= static_cast<size_t>(got);
  }
  errno = saved;
  return good;
}

}  // namespace nonans::interpose
