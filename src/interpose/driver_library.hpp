// SPDX-License-Identifier: MIT
// Which loaded object is the CUDA driver.
#pragma once

#include <link.h>

namespace nonans::interpose {

// The object that holds an address, null for none (code made at run time). Takes the loader's lock.
const link_map* module_of(const void* address) noexcept;
// This library.
const link_map* ourselves() noexcept;

// Its SONAME (or, without one, its file name) begins with "libcuda.so", and it is not this library,
// which as the shadow has that name too. Not so libcudart.so, libcudadebugger.so.1.
bool is_driver(const link_map* module) noexcept;

// Did the loader place `first` before `second`? Null counts as first.
bool loaded_before(const link_map* first, const link_map* second) noexcept;

// A handle for dlsym on an object that is already loaded; adds a reference to it that is never
// given back, so that what we know about the driver stays true. Null if that fails.
void* handle_of(const link_map* module) noexcept;

// The driver of this process. Routing remembers the one that it first saw answer; otherwise what
// find_driver() gives.
void remember_driver(const link_map* module) noexcept;
void* driver_handle() noexcept;

// Two things in which libnonans.so and its SONAME shadow (shadow/real_driver.hpp) differ. In
// libnonans.so: false, and the libcuda.so.1 that is loaded, if one is, which is never loaded for
// us.
bool is_shadow() noexcept;
void* find_driver() noexcept;

}  // namespace nonans::interpose
