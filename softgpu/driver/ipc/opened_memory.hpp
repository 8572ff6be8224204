// SPDX-License-Identifier: MIT
// Memory of another process, opened in this one: by cuIpcOpenMemHandle or cuMemPoolImportPointer.
//
//   RemoteMemory where;
//   if (!name_memory(allocation, where)) …               // in the process that owns it
//   CUdeviceptr p;
//   open_memory(where, context, Opened::by_handle, p);   // in another
//   close_memory(p, Opened::by_handle);
#pragma once

#include "driver/context.hpp"
#include "driver/ipc/remote_file.hpp"
#include "driver/memory.hpp"

namespace softgpu::driver {

struct RemoteMemory {
  RemoteFile file;
  uint64_t offset, size;  // of the allocation in the file
};
static_assert(sizeof(RemoteMemory) <= CU_IPC_HANDLE_SIZE);

// Waits until no launch runs. False: no memory or no descriptor left.
bool name_memory(const Allocation& allocation, RemoteMemory& out);

enum class Opened { by_handle, from_pool };
// INVALID_VALUE: not a name of memory. INVALID_CONTEXT: it is this process's own, or another
// context has opened memory of that process. MAP_FAILED: the memory is gone, or out of reach. The
// same memory opened again by the same context is counted, and has the same address.
CUresult open_memory(const RemoteMemory& memory, Context& context, Opened how, CUdeviceptr& out);
// False: not opened like that.
bool close_memory(CUdeviceptr address, Opened how);
bool is_opened(CUdeviceptr address, Opened how);
// A context goes away.
void close_memory_of(const Context& context);

}  // namespace softgpu::driver
