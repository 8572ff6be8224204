// SPDX-License-Identifier: MIT
#include "interpose/shadow/loader_search.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "interpose/shadow/loader_cache.hpp"

namespace nonans::interpose::shadow {
namespace {

constexpr const char* kCache = "/etc/ld.so.cache";

bool is_default(const std::string& folder) {
  for (std::string_view known :
#if defined(__x86_64__)
       {"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib",
        "/usr/lib"}
#else
       {"/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64", "/lib",
        "/usr/lib"}
#endif
  ) {
    if (folder == known) return true;
  }
  return false;
}

std::vector<std::string> search_folders() {
  std::vector<std::string> folders;
  void* program = dlopen(nullptr, RTLD_LAZY);
  if (program == nullptr) return folders;
  Dl_serinfo size;
  if (dlinfo(program, RTLD_DI_SERINFOSIZE, &size) == 0) {
    std::unique_ptr<void, decltype(&std::free)> room(std::malloc(size.dls_size), std::free);
    auto* info = static_cast<Dl_serinfo*>(room.get());
    if (info != nullptr && dlinfo(program, RTLD_DI_SERINFOSIZE, info) == 0 &&
        dlinfo(program, RTLD_DI_SERINFO, info) == 0) {
      for (unsigned i = 0; i < info->dls_cnt; ++i)
        folders.emplace_back(info->dls_serpath[i].dls_name);
    }
  }
  dlclose(program);
  return folders;
}

std::vector<std::string> cached(const char* name) {
  std::vector<std::string> found;
  const int file = open(kCache, O_RDONLY | O_CLOEXEC);
  if (file < 0) return found;
  struct stat status;
  if (fstat(file, &status) == 0 && status.st_size > 0) {
    const auto size = static_cast<size_t>(status.st_size);
    void* bytes = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes != MAP_FAILED) {
      found = in_loader_cache({static_cast<const char*>(bytes), size}, name);
      munmap(bytes, size);
    }
  }
  close(file);
  return found;
}

}  // namespace

size_t count_default_folders(const std::vector<std::string>& folders) {
  size_t count = 0;
  while (count < folders.size()) {
    const auto candidate = folders.end() - 1 - static_cast<std::ptrdiff_t>(count);
    if (!is_default(*candidate)) break;
    if (std::find(candidate + 1, folders.end(), *candidate) != folders.end()) break;
    ++count;
  }
  return count;
}

std::vector<std::string> loader_candidates(const char* name) {
  const std::vector<std::string> folders = search_folders();
  const size_t wished = folders.size() - count_default_folders(folders);
  std::vector<std::string> paths;
  for (size_t i = 0; i < folders.size(); ++i) {
    if (i == wished) {
      for (std::string& path : cached(name)) paths.push_back(std::move(path));
    }
    paths.push_back(folders[i] + "/" + name);
  }
  if (wished == folders.size()) {
    for (std::string& path : cached(name)) paths.push_back(std::move(path));
  }
  return paths;
}

}  // namespace nonans::interpose::shadow
