// SPDX-License-Identifier: MIT
#include "image/compress.hpp"

#include <lz4.h>

#include <algorithm>

namespace nonans::image {

std::string compress_lz4(std::string_view bytes, size_t most) {
  if (bytes.size() > static_cast<size_t>(LZ4_MAX_INPUT_SIZE)) return {};
  most = std::min<size_t>(most, static_cast<size_t>(LZ4_MAX_INPUT_SIZE));
  std::string out(most, '\0');
  const int got = LZ4_compress_default(bytes.data(), out.data(), static_cast<int>(bytes.size()),
                                       static_cast<int>(most));
  if (got <= 0) return {};
  out.resize(static_cast<size_t>(got));
  out.shrink_to_fit();
  return out;
}

}  // namespace nonans::image
