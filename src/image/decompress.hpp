// SPDX-License-Identifier: MIT
// The two compressions of fatbin entries.
//
//   auto text = decompress_zstd(entry.stored, entry.uncompressed_size);
//   if (!text) complain(text.error);
//
// Gives exactly `size` bytes or an error; needs memory in proportion to what really comes out,
// whatever `size` claims.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "image/fatbin.hpp"

namespace nonans::image {

// One LZ4 block without a frame.
Outcome<std::string> decompress_lz4(std::span<const std::byte> packed, uint64_t size);
// One zstd frame.
Outcome<std::string> decompress_zstd(std::span<const std::byte> packed, uint64_t size);

}  // namespace nonans::image
