// SPDX-License-Identifier: MIT
// Which part of an image runs on a device, as far as PTX can tell.
//
//   ImageChoice choice = choose_ptx(*listing, 90);
//   for (const image::Entry* entry : choice.ptx) …;   if (!choice.same_code) …prove nothing…
//
// A fatbin often holds machine code (SASS) for the device beside PTX, and the driver takes that.
// SASS and PTX of one architecture come from one compilation. If the SASS is of another
// architecture than any PTX in the image, `#if __CUDA_ARCH__` may have made other code: the kernel
// is still looked at, but nothing is proven.
#pragma once

#include <cstdint>
#include <vector>

#include "image/fatbin.hpp"

namespace nonans::interpose {

struct ImageChoice {
  std::vector<const image::Entry*> ptx;  // of one architecture; empty: machine code only
  bool same_code = true;                 // what runs was compiled from this PTX
};

// The pointers are into `listing`.
ImageChoice choose_ptx(const image::Listing& listing, uint32_t sm);

}  // namespace nonans::interpose
