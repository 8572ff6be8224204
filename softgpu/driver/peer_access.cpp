// SPDX-License-Identifier: MIT
#include "driver/peer_access.hpp"

#include <algorithm>
#include <mutex>

#include "driver/entry.hpp"

namespace softgpu::driver {
namespace {

// Of all changes to all lists: they are rare.
std::mutex& changes() {
  static std::mutex* const mutex = new std::mutex;
  return *mutex;
}

}  // namespace

bool PeerContexts::holds(uint64_t context_id) const {
  return std::any_of(ids_.begin(), ids_.end(), [&](const std::atomic<uint64_t>& id) {
    return id.load(std::memory_order_acquire) == context_id;
  });
}

CUresult PeerContexts::add(uint64_t context_id) {
  const std::lock_guard lock(changes());
  if (holds(context_id)) return CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED;
  const auto free = std::find_if(ids_.begin(), ids_.end(),
                                 [](const std::atomic<uint64_t>& id) { return id.load() == 0; });
  if (free == ids_.end()) return CUDA_ERROR_TOO_MANY_PEERS;
  free->store(context_id, std::memory_order_release);
  return CUDA_SUCCESS;
}

CUresult PeerContexts::remove(uint64_t context_id) {
  const std::lock_guard lock(changes());
  const auto it = std::find_if(ids_.begin(), ids_.end(), [&](const std::atomic<uint64_t>& id) {
    return id.load() == context_id;
  });
  if (it == ids_.end()) return CUDA_ERROR_PEER_ACCESS_NOT_ENABLED;
  it->store(0, std::memory_order_release);
  return CUDA_SUCCESS;
}

void forget_peer(const Context& context) {
  for (const auto& other : contexts().all()) other->peers.remove(context.id);
}

CUresult apply(const CUmemAccessDesc* descriptors, size_t count, int owner, DeviceAccess& access) {
  if (count > 0 && !descriptors) return CUDA_ERROR_INVALID_VALUE;
  for (size_t i = 0; i < count; ++i) {
    const CUmemAccessDesc& d = descriptors[i];
    if (d.location.type != CU_MEM_LOCATION_TYPE_DEVICE) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(d.location.id)) return CUDA_ERROR_INVALID_DEVICE;
    const bool all = d.flags == CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
    const bool less =
        d.flags == CU_MEM_ACCESS_FLAGS_PROT_NONE || d.flags == CU_MEM_ACCESS_FLAGS_PROT_READ;
    if (!all && !(less && d.location.id != owner)) return CUDA_ERROR_INVALID_VALUE;
  }
  for (size_t i = 0; i < count; ++i) access.set(descriptors[i].location.id, descriptors[i].flags);
  return CUDA_SUCCESS;
}

CUmemAccess_flags access_to(const Allocation& allocation, const Context& context) {
  if (!allocation.device_only()) return CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
  if (allocation.kind == MemoryKind::mapped) {
    const Allocation* const a = memory().find_visible(allocation.address, context.device);
    if (!a || (a->context_id != 0 && a->context_id != context.id))
      return CU_MEM_ACCESS_FLAGS_PROT_NONE;
    return a->writable ? CU_MEM_ACCESS_FLAGS_PROT_READWRITE : CU_MEM_ACCESS_FLAGS_PROT_READ;
  }
  if (allocation.access) return allocation.access->of(context.device);
  const bool granted =
      allocation.context_id == context.id || context.peers.holds(allocation.context_id);
  return granted ? CU_MEM_ACCESS_FLAGS_PROT_READWRITE : CU_MEM_ACCESS_FLAGS_PROT_NONE;
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

namespace {

CUresult check_pair(CUdevice from, CUdevice to) {
  const bool two = is_device(from) && is_device(to) && from != to;
  return two ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

// What the engine does atomically, in host memory, on a peer and on the device itself alike.
unsigned capabilities_of(CUatomicOperation operation) {
  constexpr unsigned kSizes = CU_ATOMIC_CAPABILITY_SCALAR_32 | CU_ATOMIC_CAPABILITY_SCALAR_64;
  constexpr unsigned kBoth = CU_ATOMIC_CAPABILITY_SIGNED | CU_ATOMIC_CAPABILITY_UNSIGNED;
  switch (operation) {
    case CU_ATOMIC_OPERATION_INTEGER_ADD:
    case CU_ATOMIC_OPERATION_INTEGER_MIN:
    case CU_ATOMIC_OPERATION_INTEGER_MAX:
      return kSizes | kBoth | CU_ATOMIC_CAPABILITY_REDUCTION;
    case CU_ATOMIC_OPERATION_INTEGER_INCREMENT:
    case CU_ATOMIC_OPERATION_INTEGER_DECREMENT:
      return CU_ATOMIC_CAPABILITY_SCALAR_32 | CU_ATOMIC_CAPABILITY_UNSIGNED |
             CU_ATOMIC_CAPABILITY_REDUCTION;
    case CU_ATOMIC_OPERATION_AND:
    case CU_ATOMIC_OPERATION_OR:
    case CU_ATOMIC_OPERATION_XOR:
      return kSizes | CU_ATOMIC_CAPABILITY_UNSIGNED | CU_ATOMIC_CAPABILITY_REDUCTION;
    case CU_ATOMIC_OPERATION_EXCHANGE:
    case CU_ATOMIC_OPERATION_CAS:
      return kSizes | CU_ATOMIC_CAPABILITY_UNSIGNED;
    case CU_ATOMIC_OPERATION_FLOAT_ADD:
      return kSizes | CU_ATOMIC_CAPABILITY_SIGNED | CU_ATOMIC_CAPABILITY_REDUCTION;
    default:  // PTX has no atomic minimum and maximum of f32
      return 0;
  }
}

CUresult put_capabilities(unsigned* out, const CUatomicOperation* operations, unsigned count) {
  if (!out || !operations || count == 0) return CUDA_ERROR_INVALID_VALUE;
  for (unsigned i = 0; i < count; ++i) {
    if (operations[i] < 0 || operations[i] >= CU_ATOMIC_OPERATION_MAX)
      return CUDA_ERROR_INVALID_VALUE;
    out[i] = capabilities_of(operations[i]);
  }
  return CUDA_SUCCESS;
}

}  // namespace

CUresult cuDeviceCanAccessPeer(int* can, CUdevice device, CUdevice peer) {
  return entry([&]() -> CUresult {
    if (!can) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(device) || !is_device(peer)) return CUDA_ERROR_INVALID_DEVICE;
    *can = device != peer;  // a device is no peer of itself
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetP2PAttribute(int* value, CUdevice_P2PAttribute attribute, CUdevice from,
                                 CUdevice to) {
  return entry([&]() -> CUresult {
    if (!value) return CUDA_ERROR_INVALID_VALUE;
    if (const CUresult r = check_pair(from, to); r != CUDA_SUCCESS) return r;
    switch (attribute) {
      case CU_DEVICE_P2P_ATTRIBUTE_PERFORMANCE_RANK:
        *value = 0;
        return CUDA_SUCCESS;
      case CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED:
      case CU_DEVICE_P2P_ATTRIBUTE_NATIVE_ATOMIC_SUPPORTED:
        *value = 1;
        return CUDA_SUCCESS;
      case CU_DEVICE_P2P_ATTRIBUTE_CUDA_ARRAY_ACCESS_SUPPORTED:
      case CU_DEVICE_P2P_ATTRIBUTE_ONLY_PARTIAL_NATIVE_ATOMIC_SUPPORTED:
        *value = 0;
        return CUDA_SUCCESS;
      default:
        return CUDA_ERROR_INVALID_VALUE;
    }
  });
}

CUresult cuDeviceGetP2PAtomicCapabilities(unsigned int* out, const CUatomicOperation* operations,
                                          unsigned int count, CUdevice from, CUdevice to) {
  return entry([&]() -> CUresult {
    if (const CUresult r = check_pair(from, to); r != CUDA_SUCCESS) return r;
    return put_capabilities(out, operations, count);
  });
}

CUresult cuDeviceGetHostAtomicCapabilities(unsigned int* out, const CUatomicOperation* operations,
                                           unsigned int count, CUdevice device) {
  return entry([&]() -> CUresult {
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    return put_capabilities(out, operations, count);
  });
}

CUresult cuCtxEnablePeerAccess(CUcontext peer, unsigned int flags) {
  return with_context([&](Context& context) -> CUresult {
    if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
    const auto other = contexts().find(peer);
    if (!other || other.get() == &context) return CUDA_ERROR_INVALID_CONTEXT;
    if (other->device == context.device) return CUDA_ERROR_PEER_ACCESS_UNSUPPORTED;
    return context.peers.add(other->id);
  });
}

CUresult cuCtxDisablePeerAccess(CUcontext peer) {
  return with_context([&](Context& context) -> CUresult {
    const auto other = contexts().find(peer);
    return other ? context.peers.remove(other->id) : CUDA_ERROR_INVALID_CONTEXT;
  });
}
