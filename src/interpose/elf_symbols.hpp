// SPDX-License-Identifier: MIT
// A lookup in one loaded object's dynamic symbol table, without the loader's help: for what the
// loader cannot be asked (where dlsym is, when dlsym is us), and for the SONAME of an object.
#pragma once

#include <link.h>

namespace nonans::interpose {

// The defined function `name` in the loaded object at `base` (its load bias) with dynamic section
// `dynamic`; of several versions the default one. Null if there is none, or the object has no hash
// table.
void* find_symbol(ElfW(Addr) base, const ElfW(Dyn) * dynamic, const char* name) noexcept;

// DT_SONAME, or null.
const char* soname(ElfW(Addr) base, const ElfW(Dyn) * dynamic) noexcept;

}  // namespace nonans::interpose
