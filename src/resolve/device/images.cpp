// SPDX-License-Identifier: MIT
#include "resolve/device/images.hpp"

namespace nonans::resolve {
namespace {

#include "embedded.inc"

// CUDA 13 changed the ELF ABI of cubins; older drivers refuse it.
constexpr int kNewFormat = 13000;

bool runs_on(const DeviceImage& image, int major, int minor) {
  return !image.is_ptx && image.arch / 10 == major && image.arch % 10 <= minor;
}

void offer(DeviceImageList& list, bool new_format, int major, int minor) {
  const auto of_set = [&](const DeviceImage& image) {
    return (image.toolkit >= kNewFormat) == new_format;
  };
  for (int m = minor; m >= 0; --m)
    for (const DeviceImage& image : kImages)
      if (of_set(image) && runs_on(image, major, minor) && image.arch % 10 == m) list.push(image);
  for (const DeviceImage& image : kImages)
    if (of_set(image) && image.is_ptx) list.push(image);
}

}  // namespace

std::span<const DeviceImage> all_device_images() {
  return kImages;
}

DeviceImageList device_images(int driver_version, int major, int minor) {
  DeviceImageList list;
  if (driver_version >= kNewFormat) offer(list, true, major, minor);
  offer(list, false, major, minor);
  return list;
}

}  // namespace nonans::resolve
