// SPDX-License-Identifier: MIT
// __managed__ variables: memory of the host that belongs to a module and is not the program's to
// free.
#pragma once

#include <map>

#include "driver/context.hpp"
#include "engine/managed_space.hpp"

namespace softgpu::driver {

// The address space of a module that has managed variables: its context's, and memory for them.
class ModuleSpace final : public engine::AddressSpace, public engine::ManagedSpace {
 public:
  explicit ModuleSpace(Context& context) : context_(context) {}
  const engine::Range* find(uint64_t address) const override {
    return context_.space.find(address);
  }
  uint64_t allocate(uint64_t size) override { return context_.space.allocate(size); }
  uint64_t allocate_managed(uint64_t size) override;
  void release(uint64_t address) override;

 private:
  Context& context_;
  std::map<uint64_t, uint64_t> buffers_;  // address -> buffer id, of managed variables
};

bool is_managed_variable(const Allocation& allocation);

}  // namespace softgpu::driver
