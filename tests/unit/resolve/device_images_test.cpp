// SPDX-License-Identifier: MIT
// What a driver will look at before it takes an image: ELF ABI, architecture, PTX version. Facts:
// the ELF ABI of cubins changed from 7 to 8 with CUDA 13; PTX ISA 8.4 is CUDA 12.4's (PTX ISA,
// "Release notes"), which R550 still takes.
#include "resolve/device/images.hpp"

#include <elf.h>

#include <cstring>
#include <set>
#include <string>

#include "resolve/scan_abi.h"
#include "support/catch.hpp"

using nonans::resolve::all_device_images;
using nonans::resolve::device_images;
using nonans::resolve::DeviceImage;
using nonans::resolve::DeviceImageList;

namespace {

std::string text_of(const DeviceImage& image) {
  return {reinterpret_cast<const char*>(image.bytes.data()), image.bytes.size()};
}

template <typename T>
T at(const DeviceImage& image, size_t offset) {
  REQUIRE(offset + sizeof(T) <= image.bytes.size());
  T value;
  std::memcpy(&value, image.bytes.data() + offset, sizeof value);
  return value;
}

struct Section {
  std::string name;
  Elf64_Shdr header;
};

std::vector<Section> sections_of(const DeviceImage& image) {
  const auto elf = at<Elf64_Ehdr>(image, 0);
  std::vector<Section> sections;
  const auto header = [&](size_t i) {
    return at<Elf64_Shdr>(image, elf.e_shoff + i * sizeof(Elf64_Shdr));
  };
  const Elf64_Shdr names = header(elf.e_shstrndx);
  for (size_t i = 0; i < elf.e_shnum; ++i) {
    const Elf64_Shdr h = header(i);
    sections.push_back({text_of(image).c_str() + names.sh_offset + h.sh_name, h});
  }
  return sections;
}

// The first value of attribute `wanted` in a .nv.info section: {u8 format, u8 attribute, u16 value
// or size} records; format 4 has `size` bytes behind it. With `skip` the value stands that far into
// them (behind a symbol index).
int attribute(const DeviceImage& image, const std::string& section, uint8_t wanted, size_t skip) {
  for (const Section& s : sections_of(image)) {
    if (s.name != section) continue;
    for (size_t p = s.header.sh_offset; p < s.header.sh_offset + s.header.sh_size;) {
      const auto format = at<uint8_t>(image, p), attribute = at<uint8_t>(image, p + 1);
      const auto value = at<uint16_t>(image, p + 2);
      if (attribute == wanted) return format == 4 ? at<int>(image, p + 4 + skip) : value;
      p += format == 4 ? 4u + value : 4u;
    }
  }
  return -1;
}

std::vector<std::string> names(const DeviceImageList& list) {
  std::vector<std::string> out;
  for (const DeviceImage& image : list) out.emplace_back(image.name);
  return out;
}

}  // namespace

TEST_CASE("device images: each cubin has the ELF ABI and architecture its drivers expect") {
  size_t cubins = 0;
  for (const DeviceImage& image : all_device_images()) {
    if (image.is_ptx) continue;
    ++cubins;
    INFO(image.name);
    const auto elf = at<Elf64_Ehdr>(image, 0);
    CHECK(std::memcmp(elf.e_ident, ELFMAG, SELFMAG) == 0);
    CHECK(elf.e_machine == 190);
    const bool new_format = image.toolkit >= 13000;
    CHECK(int{elf.e_ident[EI_ABIVERSION]} == (new_format ? 8 : 7));
    CHECK(int(new_format ? elf.e_flags >> 8 & 0xff : elf.e_flags & 0xff) == image.arch);
  }
  CHECK(cubins == 15);
}

TEST_CASE("device images: no PTX is newer than the driver it is meant for") {
  size_t texts = 0;
  for (const DeviceImage& image : all_device_images()) {
    if (!image.is_ptx) continue;
    ++texts;
    INFO(image.name);
    const std::string text = text_of(image);
    const size_t at = text.find("\n.version ");
    REQUIRE(at != std::string::npos);
    const double version = std::stod(text.substr(at + 10));
    CHECK(version <= (image.toolkit >= 13000 ? 9.0 : 8.4));
    CHECK(text.find("\n.target sm_75") != std::string::npos);
    CHECK(text.find(".entry nonans_scan(") != std::string::npos);
    CHECK(image.bytes.data()[image.bytes.size()] == 0);  // the NUL behind the end
  }
  CHECK(texts == 2);
}

TEST_CASE("device images: the kernel takes the parameters of the ABI and uses no local memory") {
  for (const DeviceImage& image : all_device_images()) {
    INFO(image.name);
    if (image.is_ptx) {
      const std::string text = text_of(image);
      CHECK(text.find("nonans_scan_param_0[" + std::to_string(sizeof(nn_scan_params)) + "]") !=
            std::string::npos);
      CHECK(text.find(".local") == std::string::npos);
      CHECK(text.find(".nc.") == std::string::npos);
    } else {
      CHECK(attribute(image, ".nv.info.nonans_scan", 0x19, 0) == int(sizeof(nn_scan_params)));
      CHECK(attribute(image, ".nv.info", 0x11, 4) == 0);  // frame size
    }
  }
}

TEST_CASE("device images: a device is offered its own cubin, then lower minors, then PTX") {
  using Names = std::vector<std::string>;
  CHECK(names(device_images(12040, 8, 6)) ==
        Names{"sm_86, CUDA 12.4", "sm_80, CUDA 12.4", "PTX, CUDA 12.4"});
  CHECK(names(device_images(13000, 9, 0)) ==
        Names{"sm_90, CUDA 13.0", "PTX, CUDA 13.0", "sm_90, CUDA 12.4", "PTX, CUDA 12.4"});
  CHECK(names(device_images(12080, 10, 0)) == Names{"PTX, CUDA 12.4"});
  CHECK(names(device_images(13000, 12, 1)) ==
        Names{"sm_121, CUDA 13.0", "sm_120, CUDA 13.0", "PTX, CUDA 13.0", "PTX, CUDA 12.4"});
  for (const DeviceImage& image : device_images(12040, 8, 0)) CHECK(image.toolkit == 12040);
}
