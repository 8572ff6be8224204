// SPDX-License-Identifier: MIT
// Memory for __managed__ variables (`.global .attribute(.managed)`), which host code uses by the
// same address.
//
// An AddressSpace that has such memory derives from this class as well; Program::load() asks for it
// by dynamic_cast. In a space without it a managed variable lies in ordinary memory.
#pragma once

#include <cstdint>

namespace softgpu::engine {

class ManagedSpace {
 public:
  virtual ~ManagedSpace() = default;
  // As AddressSpace::allocate(); given back through AddressSpace::release().
  virtual uint64_t allocate_managed(uint64_t size) = 0;
};

}  // namespace softgpu::engine
