// SPDX-License-Identifier: MIT
// Bodies of atom and red.
#pragma once

#include "code.hpp"

namespace softgpu::engine {

struct Form;

// The body for one element of the form's (last) type. o: old value (or none), b, c.
Handler atomic_body_of(const Form& form);

}  // namespace softgpu::engine
