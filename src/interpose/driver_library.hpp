// SPDX-License-Identifier: MIT
// Which loaded object is the CUDA driver.
#pragma once

#include <link.h>

namespace nonans::interpose {

// The object that holds an address, null for none (code made at run time). Takes the loader's lock.
const link_map* module_of(const void* address) noexcept;
// This library.
const link_map* ourselves() noexcept;

// Its SONAME (or, without one, its file name) begins with "libcuda.so". Not so libcudart.so,
// libcudadebugger.so.1.
bool is_driver(const link_map* module) noexcept;

// Did the loader place `first` before `second`? Null counts as first.
bool loaded_before(const link_map* first, const link_map* second) noexcept;

// A handle for dlsym on an object that is already loaded; adds a reference to it that is never
// given back, so that what we know about the driver stays true. Null if that fails.
void* handle_of(const link_map* module) noexcept;

// The driver of this process. Routing remembers the one that it first saw answer; otherwise the
// libcuda.so.1 that is loaded, if one is. Never loads it.
void remember_driver(const link_map* module) noexcept;
void* driver_handle() noexcept;

}  // namespace nonans::interpose
