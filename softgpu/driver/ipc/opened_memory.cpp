// SPDX-License-Identifier: MIT
#include "driver/ipc/opened_memory.hpp"

#include <map>

#include "driver/driver_state.hpp"

namespace softgpu::driver {
namespace {

struct Open {
  RemoteMemory what;
  Opened how;
  uint64_t context_id;
  unsigned references;
};

struct Table {
  std::mutex mutex;
  std::map<CUdeviceptr, Open> opened;
};
Table& table() {
  static Table* const instance = new Table;
  return *instance;
}

}  // namespace

bool name_memory(const Allocation& allocation, RemoteMemory& out) {
  const auto piece = memory().share(allocation.address);
  if (!piece) return false;
  out.file = name_of(piece->fd, piece->id);
  out.offset = allocation.address - piece->start;
  out.size = allocation.size;
  return true;
}

CUresult open_memory(const RemoteMemory& what, Context& context, Opened how, CUdeviceptr& out) {
  if (!is_remote_file(what.file) || what.size == 0) return CUDA_ERROR_INVALID_VALUE;
  if (is_own(what.file)) return CUDA_ERROR_INVALID_CONTEXT;
  Table& t = table();
  const std::lock_guard lock(t.mutex);
  for (auto& [address, open] : t.opened) {
    if (open.what.file.process != what.file.process) continue;
    if (open.context_id != context.id) return CUDA_ERROR_INVALID_CONTEXT;
    if (open.what.file.id != what.file.id || open.what.offset != what.offset || open.how != how)
      continue;
    ++open.references;
    out = address;
    return CUDA_SUCCESS;
  }
  auto file = open_remote(what.file, SharedKind::device_memory);
  if (!file || what.offset > file->trailer().size || what.size > file->trailer().size - what.offset)
    return CUDA_ERROR_MAP_FAILED;
  const uint64_t address = memory().mappings().open(
      PhysicalMemory::import(std::move(*file), context.device), what.offset, what.size, context);
  if (address == 0) return CUDA_ERROR_MAP_FAILED;
  t.opened.emplace(address, Open{what, how, context.id, 1});
  out = address;
  return CUDA_SUCCESS;
}

bool close_memory(CUdeviceptr address, Opened how) {
  Table& t = table();
  const std::lock_guard lock(t.mutex);
  const auto it = t.opened.find(address);
  if (it == t.opened.end() || it->second.how != how) return false;
  if (--it->second.references > 0) return true;
  t.opened.erase(it);
  memory().mappings().close(address);
  return true;
}

bool is_opened(CUdeviceptr address, Opened how) {
  Table& t = table();
  const std::lock_guard lock(t.mutex);
  const auto it = t.opened.find(address);
  return it != t.opened.end() && it->second.how == how;
}

void close_memory_of(const Context& context) {
  Table& t = table();
  const std::lock_guard lock(t.mutex);
  for (auto it = t.opened.begin(); it != t.opened.end();) {
    if (it->second.context_id != context.id) {
      ++it;
      continue;
    }
    memory().mappings().close(it->first);
    it = t.opened.erase(it);
  }
}

}  // namespace softgpu::driver
