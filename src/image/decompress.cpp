// SPDX-License-Identifier: MIT
#include "image/decompress.hpp"

#include <lz4.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace nonans::image {
namespace {

Outcome<std::string> failed(std::string why) {
  return {std::nullopt, std::move(why)};
}

}  // namespace

Outcome<std::string> decompress_lz4(std::span<const std::byte> packed, uint64_t size) {
  constexpr uint64_t kMost = std::numeric_limits<int>::max();
  if (packed.size() > kMost || size > kMost) return failed("an LZ4 block of more than 2 GiB");
  // A byte of LZ4 gives at most 255: a larger claim is wrong, and no memory is spent on it.
  if (size / 255 > packed.size()) {
    return failed(std::to_string(packed.size()) + " bytes of LZ4 cannot hold " +
                  std::to_string(size));
  }
  std::string out(size, '\0');
  const int got = LZ4_decompress_safe(reinterpret_cast<const char*>(packed.data()), out.data(),
                                      static_cast<int>(packed.size()), static_cast<int>(size));
  if (got < 0) return failed("corrupt LZ4 data");
  if (static_cast<uint64_t>(got) != size) {
    return failed("the LZ4 data hold " + std::to_string(got) + " bytes, not " +
                  std::to_string(size));
  }
  return {std::move(out), {}};
}

Outcome<std::string> decompress_zstd(std::span<const std::byte> packed, uint64_t size) {
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                   &ZSTD_freeDCtx);
  if (context == nullptr) return failed("out of memory");
  constexpr size_t kChunk = size_t{128} << 10;
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  std::string out;
  size_t left = 1;  // 0 when the frame is complete
  while (left != 0) {
    const size_t before = out.size();
    const size_t room = std::min<uint64_t>(kChunk, size - before + 1);  // one more than allowed
    out.resize(before + room);
    ZSTD_outBuffer chunk{out.data() + before, room, 0};
    const size_t consumed = in.pos;
    left = ZSTD_decompressStream(context.get(), &chunk, &in);
    if (ZSTD_isError(left)) {
      return failed(std::string("corrupt zstd data: ") + ZSTD_getErrorName(left));
    }
    out.resize(before + chunk.pos);
    if (out.size() > size) {
      return failed("the zstd data hold more than " + std::to_string(size) + " bytes");
    }
    if (left != 0 && chunk.pos == 0 && in.pos == consumed) return failed("truncated zstd data");
  }
  if (out.size() != size) {
    return failed("the zstd data hold " + std::to_string(out.size()) + " bytes, not " +
                  std::to_string(size));
  }
  return {std::move(out), {}};
}

}  // namespace nonans::image
