// SPDX-License-Identifier: MIT
// How long an ELF image is and which SM it is for, from its headers alone (cuModuleLoadData passes
// no length).
//
//   Outcome<ElfExtent> extent = elf_extent(bytes, 0);
//   bytes.subspan(0, extent->size) is the whole image
#pragma once

#include <cstdint>

#include "image/bytes.hpp"

namespace nonans::image {

struct ElfExtent {
  uint64_t size = 0;  // end of the last header table, segment or section
  uint32_t arch = 0;  // decimal SM; 0 if the ABI version is not known
};

inline constexpr uint32_t kElfMagic = 0x464c457f;  // "\x7f" "ELF"

// The ELF64 image that begins at `offset`; error offsets count from the beginning of `bytes`.
Outcome<ElfExtent> elf_extent(const Bytes& bytes, uint64_t offset);

}  // namespace nonans::image
