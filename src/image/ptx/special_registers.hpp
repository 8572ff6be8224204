// SPDX-License-Identifier: MIT
// The special registers of PTX ISA 9.0, section 10.
#pragma once

#include <string_view>

namespace nonans::image::ptx {

// "%tid", "%laneid", "%envreg31", "%pm7_64" …; without a component.
bool is_special_register(std::string_view name);
// Those with .x .y .z .w components: %tid, %ntid, %ctaid, …
bool has_components(std::string_view special_register);

}  // namespace nonans::image::ptx
