// SPDX-License-Identifier: MIT
#include "memory.hpp"

#include <stdexcept>

namespace train {
namespace {
constexpr size_t kPoolBytes = size_t{64} << 20;
constexpr size_t kBlockBytes = 512;
}  // namespace

Memory::Memory(const Driver& cuda, bool pool) : cuda_(cuda) {
  if (pool) pool_ = from_driver(kPoolBytes);
}

Memory::~Memory() {
  for (CUdeviceptr address : owned_) cuda_.MemFree(address);
}

CUdeviceptr Memory::from_driver(size_t bytes) {
  CUdeviceptr address = 0;
  cuda_.check(cuda_.MemAlloc(&address, bytes), "cuMemAlloc");
  owned_.push_back(address);
  cuda_.check(cuda_.MemsetD8(address, 0, bytes), "cuMemsetD8");
  return address;
}

CUdeviceptr Memory::allocate(size_t bytes) {
  if (pool_ == 0) return from_driver(bytes);
  size_t rounded = (bytes + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
  if (rounded > kPoolBytes - used_) throw std::runtime_error("the pool of 64 MiB is used up");
  CUdeviceptr address = pool_ + used_;
  used_ += rounded;
  return address;
}

}  // namespace train
