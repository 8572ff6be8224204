// SPDX-License-Identifier: MIT
// cuIpc*: memory and events of one process in another.
#include <cstring>

#include "driver/entry.hpp"
#include "driver/event.hpp"
#include "driver/ipc/opened_memory.hpp"
#include "driver/ipc/shared_event.hpp"

namespace softgpu::driver {
namespace {

static_assert(sizeof(RemoteFile) <= CU_IPC_HANDLE_SIZE);

template <typename Handle, typename Name>
void write_handle(Handle& handle, const Name& name) {
  std::memset(&handle, 0, sizeof handle);
  std::memcpy(&handle, &name, sizeof name);
}
template <typename Name, typename Handle>
Name read_handle(const Handle& handle) {
  Name name{};
  std::memcpy(&name, &handle, sizeof name);
  return name;
}

CUresult open(CUdeviceptr* out, const CUipcMemHandle& handle, unsigned flags) {
  return with_context_unsafe([&](Context& context) -> CUresult {
    if (!out || flags != CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS) return CUDA_ERROR_INVALID_VALUE;
    return open_memory(read_handle<RemoteMemory>(handle), context, Opened::by_handle, *out);
  });
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

// Any address of the allocation will do, and the handle is that of its beginning.
CUresult cuIpcGetMemHandle(CUipcMemHandle* out, CUdeviceptr address) {
  return with_context([&](Context&) -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    const auto found = memory().find(address);
    if (!found || found->kind != MemoryKind::device) return CUDA_ERROR_INVALID_VALUE;
    RemoteMemory name{};
    if (!name_memory(*found, name)) return CUDA_ERROR_OUT_OF_MEMORY;
    write_handle(*out, name);
    return CUDA_SUCCESS;
  });
}

CUresult cuIpcOpenMemHandle(CUdeviceptr* out, CUipcMemHandle handle, unsigned int flags) {
  return open(out, handle, flags);
}
CUresult cuIpcOpenMemHandle_v2(CUdeviceptr* out, CUipcMemHandle handle, unsigned int flags) {
  return open(out, handle, flags);
}

// Waits for the context's work, like cuMemFree.
CUresult cuIpcCloseMemHandle(CUdeviceptr address) {
  return with_context_unsafe([&](Context& context) -> CUresult {
    if (const CUresult r = context.synchronize(); r != CUDA_SUCCESS) return r;
    return close_memory(address, Opened::by_handle) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}

CUresult cuIpcGetEventHandle(CUipcEventHandle* out, CUevent handle) {
  return with_context([&](Context&) -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    const EventPtr event = events().find(handle);
    if (!event || !event->shared) return CUDA_ERROR_INVALID_HANDLE;
    const SharedFile& file = event->shared->file();
    write_handle(*out, name_of(file.fd(), file.trailer().id));
    return CUDA_SUCCESS;
  });
}

CUresult cuIpcOpenEventHandle(CUevent* out, CUipcEventHandle handle) {
  return with_context([&](Context& context) -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    const auto name = read_handle<RemoteFile>(handle);
    if (!is_remote_file(name)) return CUDA_ERROR_INVALID_HANDLE;
    if (is_own(name)) return CUDA_ERROR_INVALID_CONTEXT;
    auto file = open_remote(name, SharedKind::event);
    if (!file) return CUDA_ERROR_MAP_FAILED;
    auto event = std::make_shared<Event>();
    event->context = context.shared_from_this();
    event->flags = CU_EVENT_DISABLE_TIMING | CU_EVENT_INTERPROCESS;
    event->shared = SharedEvent::open(std::move(*file));
    if (!event->shared) return CUDA_ERROR_MAP_FAILED;
    event->handle = events().insert(event);
    *out = event->handle;
    return CUDA_SUCCESS;
  });
}
