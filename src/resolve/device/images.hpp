// SPDX-License-Identifier: MIT
// The scan kernel as the driver can load it: cubins for the architectures we compile for, and PTX
// for the rest, each built twice, by a 12.4 and by a 13.0 compiler.
//
//   int version;  cuDriverGetVersion(&version);                    // 12040, 13000, …
//   for (const DeviceImage& image : device_images(version, major, minor))
//     if (cuModuleLoadData(&module, image.bytes.data()) == CUDA_SUCCESS) break;   // the first that
//     loads
//
// Why two sets: a 13.0 cubin has a newer ELF ABI and needs driver R580; 12.4 PTX (ISA 8.4) and
// cubins load on every driver from 12.4 on, 13.x included, but no 12.4 compiler knows sm_100 and
// later. So a 13.x driver is offered the new set, then the old one; an older driver the old one
// only.
//
// The entry is `nonans_scan`, its one parameter an nn_scan_params by value (resolve/scan_abi.h).
// Bytes are static and NUL-terminated after their end, as cuModuleLoadData wants PTX. No
// allocation; thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace nonans::resolve {

inline constexpr const char* kScanEntry = "nonans_scan";

struct DeviceImage {
  std::span<const unsigned char> bytes;
  bool is_ptx = false;
  int arch = 0;           // 10 * major + minor the image was compiled for; 75 for PTX
  int toolkit = 0;        // 12040 or 13000
  const char* name = "";  // "sm_90, CUDA 12.4"
};

// Every image, for tests and `nonans doctor`.
std::span<const DeviceImage> all_device_images();

// What to try on a device, best first: the cubin of its compute capability, cubins of lower minors
// of the same major (the hardware runs them), PTX.
class DeviceImageList {
 public:
  const DeviceImage* begin() const { return images_.data(); }
  const DeviceImage* end() const { return images_.data() + count_; }
  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  const DeviceImage& operator[](size_t i) const { return images_[i]; }
  void push(const DeviceImage& image) { images_[count_++] = image; }

 private:
  std::array<DeviceImage, 24> images_{};
  size_t count_ = 0;
};
DeviceImageList device_images(int driver_version, int major, int minor);

}  // namespace nonans::resolve
