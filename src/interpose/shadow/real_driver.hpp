// SPDX-License-Identifier: MIT
// The SONAME shadow: NoNans as libcuda.so.1.
//
// dlsym and cuGetProcAddress are how nearly all programs come by the driver, and libnonans.so
// stands in both. It cannot stand where a program keeps dlsym for itself: an object opened with
// RTLD_DEEPBIND binds dlsym to libc, some tools export a dlsym of their own, some carry libc's
// address around. What all of them must do is load libcuda.so.1. A library of that DT_SONAME that
// is in the process already is what the loader hands out when it is asked for that name, before it
// looks at any folder, DT_RPATH or not. libnonans-shadow.so is such a library: all of libnonans.so,
// and an export for every other name that a driver has, which jumps on to the real one
// (forwards.hpp).
//
//   LD_PRELOAD=libnonans-shadow.so python train.py            what `nonans run --shadow` does
//
// The real driver is opened by its full path when it is first needed, which the loader therefore
// does not take for us: by NONANS_DRIVER if that is set, else where the loader would have found it
// (loader_search.hpp). It is opened RTLD_LOCAL, as nobody but us is to find names in it.
//
// What differs from not being there: a program sees a driver even where none is installed (its
// calls are then refused with CUDA_ERROR_SHARED_OBJECT_SYMBOL_NOT_FOUND, and one line says so), and
// functions of drivers newer than CUDA 13.0 are found by dlsym only where our dlsym is asked. Hence
// it is a fallback and not the default.
#pragma once

#include <string>

namespace nonans::interpose::shadow {

// Opens the first candidate that is a driver and not a shadow; null, and one notice, if there is
// none. Not remembered: that is driver_library.hpp's.
void* open_real_driver() noexcept;

}  // namespace nonans::interpose::shadow
