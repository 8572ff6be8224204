// SPDX-License-Identifier: MIT
#include "interpose/code/kept_text.hpp"

#include <utility>

#include "image/compress.hpp"
#include "interpose/code/own_memory.hpp"

namespace nonans::interpose {
namespace {

constexpr size_t kWorthPacking = 4096;

std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}

// A sandbox may forbid to read ourselves through the kernel: then nothing can be referenced.
bool can_be_read_later(const void* bytes) noexcept {
  std::byte first;
  return read_own_memory(&first, bytes, 1);
}

}  // namespace

std::optional<KeptText> KeptText::keep(const image::Entry& entry, Lifetime lifetime,
                                       ImageMemory& memory) {
  KeptText kept;
  kept.entry_ = entry;
  kept.memory_ = &memory;
  if (entry.stored.empty() || ((lifetime == Lifetime::preserved ||
                                is_constant_data(entry.stored.data(), entry.stored.size())) &&
                               can_be_read_later(entry.stored.data()))) {
    kept.hash_ = hash_of(entry.stored);
    return kept;
  }
  const std::string_view stored(reinterpret_cast<const char*>(entry.stored.data()),
                                entry.stored.size());
  if (entry.compression == image::Compression::none && stored.size() >= kWorthPacking)
    kept.copy_ = image::compress_lz4(stored, stored.size() / 4 * 3);
  if (!kept.copy_.empty()) {
    kept.entry_.compression = image::Compression::lz4;
    kept.entry_.uncompressed_size = stored.size();
  }
  const uint64_t size = kept.copy_.empty() ? stored.size() : kept.copy_.size();
  if (!memory.take(size)) return std::nullopt;
  kept.taken_ = size;
  if (kept.copy_.empty()) kept.copy_ = stored;
  kept.entry_.stored = as_bytes(kept.copy_);
  return kept;
}

KeptText::KeptText(KeptText&& other) noexcept
    : entry_(std::move(other.entry_)),
      copy_(std::move(other.copy_)),
      hash_(other.hash_),
      memory_(other.memory_),
      taken_(std::exchange(other.taken_, 0)) {
  if (!copy_.empty()) entry_.stored = as_bytes(copy_);  // a short string moves with its object
}

KeptText::~KeptText() {
  if (taken_ != 0) memory_->give(taken_);
}

image::Outcome<std::string> KeptText::text() const {
  if (!referenced()) return image::extract(entry_);
  std::string bytes(entry_.stored.size(), '\0');
  if (!read_own_memory(bytes.data(), entry_.stored.data(), bytes.size()))
    return {std::nullopt, "the memory that held the image is gone"};
  if (hash_of(as_bytes(bytes)) != hash_)
    return {std::nullopt, "the memory that held the image holds something else now"};
  if (entry_.compression == image::Compression::none) {
    while (!bytes.empty() && bytes.back() == '\0') bytes.pop_back();
    return {std::move(bytes), {}};
  }
  image::Entry read = entry_;
  read.stored = as_bytes(bytes);
  return image::extract(read);
}

}  // namespace nonans::interpose
