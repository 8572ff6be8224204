// SPDX-License-Identifier: MIT
// Memory of this process that somebody else may take away.
//
//   if (!is_constant_data(image, size)) …copy it now…
//   …later…   if (!read_own_memory(copy.data(), image, size)) …it is not mapped any more…
//
// Constant data of the program and of its libraries stays where it is until the library is closed
// (dlclose). We do not hold a library open for that: its destructors would run late, or never. The
// kernel copies for us instead, and answers with an error where a plain read would be a fault. What
// is mapped there by then may be something else: compare (content_hash.hpp).
#pragma once

#include <cstddef>

namespace nonans::interpose {

// Do the bytes lie in a read-only segment of a loaded object? Takes the loader's list lock.
bool is_constant_data(const void* bytes, size_t size) noexcept;

// False: not all of it is there, or the kernel does not let us (a sandbox).
bool read_own_memory(void* to, const void* from, size_t size) noexcept;

}  // namespace nonans::interpose
