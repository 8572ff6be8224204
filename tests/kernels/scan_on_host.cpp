// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <memory>
#include <new>

#include "host_device.hpp"
#include "scan_device.hpp"

// Device code is written for nvcc's warnings, not for these.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wint-to-pointer-cast"
#include "resolve/device/scan.cu"
#pragma GCC diagnostic pop

namespace scan_test {
namespace {

class HostDevice final : public Device {
 public:
  ~HostDevice() override { release(); }
  uint64_t allocate(size_t bytes) override {
    // Not rounded up: the sanitizer then sees a read of one byte too many.
    void* memory = nullptr;
    if (posix_memalign(&memory, 256, bytes ? bytes : 1) != 0) throw std::bad_alloc();
    live_.push_back(memory);
    return reinterpret_cast<uintptr_t>(memory);
  }
  void release() override {
    for (void* memory : live_) std::free(memory);
    live_.clear();
  }
  void write(uint64_t address, const void* bytes, size_t size) override {
    std::memcpy(nonans_device::pointer(address), bytes, size);
  }
  void read(uint64_t address, void* bytes, size_t size) override {
    std::memcpy(bytes, nonans_device::pointer(address), size);
  }
  void launch(nn_scan_params params, unsigned blocks) override {
    params.ring_host = reinterpret_cast<uintptr_t>(ring_.get());
    gridDim.x = blocks;
    for (blockIdx.x = 0; blockIdx.x < blocks; ++blockIdx.x) nonans_scan(params);
  }
  nn_ring_host& ring() override { return *ring_; }
  int random_cases() const override { return 5000; }

 private:
  std::vector<void*> live_;
  std::unique_ptr<nn_ring_host> ring_ = std::make_unique<nn_ring_host>();
};

}  // namespace

Device& test_device() {
  static HostDevice device;
  return device;
}

}  // namespace scan_test
