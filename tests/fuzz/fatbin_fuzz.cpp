// SPDX-License-Identifier: MIT
// Any bytes as a fatbin, a cubin or a PTX text: listed or refused with an offset; entries lie
// inside the bytes, and what is extracted has the size that was promised.
#include <cstdint>
#include <cstdlib>

#include "image/fatbin.hpp"

namespace {

void need(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace nonans::image;
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  const Outcome<Listing> listing = open(bytes, size);
  if (!listing) {
    need(listing.error.starts_with("offset ") || data == nullptr);
    return 0;
  }
  need(listing->size <= size);
  for (const Entry& entry : listing->entries) {
    need(entry.stored.data() >= bytes && entry.stored.size() <= size);
    need(entry.stored.data() + entry.stored.size() <= bytes + size);
    if (entry.uncompressed_size > 1u << 20) continue;  // large ones only cost time
    const Outcome<std::string> content = extract(entry);
    need(content ? content.error.empty() : content.error.starts_with("offset "));
    if (content && entry.compression == Compression::none) {
      need(content->size() <= entry.stored.size());
    }
  }
  return 0;
}
