// SPDX-License-Identifier: MIT
// Any PTX that parses: the software device loads it or refuses it with a reason.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <vector>

#include "engine/engine.hpp"

namespace {

using namespace softgpu::engine;

// Module variables may be as large as they like; memory is not.
constexpr uint64_t kMostMemory = 1U << 24;

class Heap final : public AddressSpace {
 public:
  const Range* find(uint64_t address) const override {
    auto after = ranges_.upper_bound(address);
    if (after == ranges_.begin()) return nullptr;
    const Range& range = std::prev(after)->second;
    return address - range.address < range.size ? &range : nullptr;
  }
  uint64_t allocate(uint64_t size) override {
    if (size > kMostMemory - used_) return 0;
    used_ += size;
    storage_.push_back(std::make_unique<std::vector<std::byte>>(size + 1));
    const uint64_t address = next_;
    next_ += kMostMemory;
    ranges_[address] = {address, size, storage_.back()->data(), true};
    return address;
  }
  void release(uint64_t address) override {
    if (ranges_.erase(address) != 1) std::abort();
  }

 private:
  std::map<uint64_t, Range> ranges_;
  std::vector<std::unique_ptr<std::vector<std::byte>>> storage_;
  uint64_t used_ = 0, next_ = 0x7000'0000'0000;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ptx::Result parsed = ptx::parse({reinterpret_cast<const char*>(data), size}, "fuzz.ptx");
  if (!parsed) return 0;
  Heap heap;
  LoadError error;
  const auto program = Program::load(std::move(*parsed), heap, error, (size & 1) != 0);
  if (!program && error.message.empty()) std::abort();
  return 0;
}
