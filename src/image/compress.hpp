// SPDX-License-Identifier: MIT
// Packs what has to be kept for a while.
//
//   std::string packed = compress_lz4(text);        // empty: it would not become smaller
//   auto again = decompress_lz4(as_bytes(packed), text.size());
//
// LZ4 because it is fast: PTX shrinks to a quarter or a fifth at about 500 MB/s.
#pragma once

#include <string>
#include <string_view>

namespace nonans::image {

// One LZ4 block without a frame. Empty if the result would be larger than `most` bytes, or the
// input is more than an LZ4 block holds.
std::string compress_lz4(std::string_view bytes, size_t most);

}  // namespace nonans::image
