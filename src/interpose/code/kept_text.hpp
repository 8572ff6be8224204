// SPDX-License-Identifier: MIT
// The PTX of an image between its load and the first question about its kernels.
//
//   ImageMemory memory;
//   std::optional<KeptText> kept = KeptText::keep(entry, Lifetime::call, memory);   // at the load
//   auto text = kept->text();                                  // once, when a kernel is looked up
//
// cuModuleLoadData promises nobody that the image lives on, and most programs of the runtime API
// load all that their libraries hold and use little of it. So:
//
//  referenced  where the bytes stay by themselves: constant data of the program and of its
//              libraries (that is where nvcc puts fatbins), and images of CU_LIBRARY_BINARY_IS_
//              PRESERVED. Costs nothing but a hash. Memory may be gone all the same (dlclose, a
//              broken promise): it is read through the kernel and compared with the hash, so that
//              the answer then is an error, and never a fault or other code.
//  copied      all else, as packed as it came, or packed with LZ4 where that pays. At most
//              ImageMemory::kMost bytes in the whole process; beyond that, nothing is kept.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "image/fatbin.hpp"
#include "interpose/code/content_hash.hpp"

namespace nonans::interpose {

// What all copies together may take, and do.
class ImageMemory {
 public:
  static constexpr uint64_t kMost = 64u << 20;

  bool take(uint64_t bytes) noexcept {
    uint64_t held = held_.load(std::memory_order_relaxed);
    do {
      if (bytes > most_ || held > most_ - bytes) return false;
    } while (!held_.compare_exchange_weak(held, held + bytes, std::memory_order_relaxed));
    return true;
  }
  void give(uint64_t bytes) noexcept { held_.fetch_sub(bytes, std::memory_order_relaxed); }
  uint64_t held() const noexcept { return held_.load(std::memory_order_relaxed); }

  explicit ImageMemory(uint64_t most = kMost) : most_(most) {}

 private:
  uint64_t most_;
  std::atomic<uint64_t> held_{0};
};

// How long the caller's bytes are good: for the load call, or until the library is unloaded.
enum class Lifetime : uint8_t { call, preserved };

class KeptText {
 public:
  // Nothing if it would have to be copied and there is no room left in `memory`, which must outlive
  // the object.
  static std::optional<KeptText> keep(const image::Entry& entry, Lifetime lifetime,
                                      ImageMemory& memory);
  KeptText(KeptText&& other) noexcept;
  KeptText& operator=(KeptText&&) = delete;
  ~KeptText();

  image::Outcome<std::string> text() const;
  bool referenced() const { return copy_.empty(); }
  // Stored bytes that are referenced, or copied.
  uint64_t bytes() const { return entry_.stored.size(); }

 private:
  KeptText() = default;

  image::Entry entry_;  // `stored` refers to the caller's bytes, or to copy_
  std::string copy_;
  ContentHash hash_;  // of what is referenced
  ImageMemory* memory_ = nullptr;
  uint64_t taken_ = 0;
};

}  // namespace nonans::interpose
