// SPDX-License-Identifier: MIT
#include "image/elf_extent.hpp"

#include <elf.h>

#include <algorithm>

namespace nonans::image {
namespace {

constexpr uint16_t kCudaMachine = 190;  // EM_CUDA

Outcome<ElfExtent> failed(std::string why) {
  return {std::nullopt, std::move(why)};
}

std::string at(uint64_t offset) {
  return "offset " + std::to_string(offset) + ": ";
}

// Where the SM number is in e_flags depends on the ABI version that e_ident[8] gives.
uint32_t arch_of(const Elf64_Ehdr& header) {
  switch (header.e_ident[EI_ABIVERSION]) {
    case 7:
      return header.e_flags & 0xff;
    case 8:
      return header.e_flags >> 8 & 0xff;
    default:
      return 0;
  }
}

}  // namespace

Outcome<ElfExtent> elf_extent(const Bytes& bytes, uint64_t offset) {
  if (!bytes.holds(offset, sizeof(Elf64_Ehdr))) {
    return failed(bytes.past(offset, sizeof(Elf64_Ehdr), "ELF header"));
  }
  const auto header = bytes.read<Elf64_Ehdr>(offset);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return failed(at(offset) + "the ELF image is not 64-bit little-endian");
  }
  if (header.e_machine != kCudaMachine) {
    return failed(at(offset) + "the ELF image is for machine " + std::to_string(header.e_machine) +
                  ", not for CUDA (190)");
  }
  ElfExtent extent;
  extent.arch = arch_of(header);
  extent.size = sizeof(Elf64_Ehdr);
  // Everything is relative to the image; `room` is what there is of it.
  const uint64_t room = bytes.size == kUnknownSize ? kUnknownSize : bytes.size - offset;
  const auto cover = [&](uint64_t start, uint64_t length) {
    if (start > room || length > room - start) return false;
    extent.size = std::max(extent.size, start + length);
    return true;
  };
  const auto runs_past = [&](const char* what) {
    return failed(at(offset) + what + " of the ELF image " +
                  (room == kUnknownSize ? "lies beyond memory"
                                        : "runs past its " + std::to_string(room) + " bytes"));
  };

  if (header.e_phoff != 0 && header.e_phnum != 0) {
    if (header.e_phentsize != sizeof(Elf64_Phdr)) {
      return failed(at(offset) + "the ELF image has program headers of an unknown size");
    }
    if (!cover(header.e_phoff, uint64_t{header.e_phnum} * sizeof(Elf64_Phdr))) {
      return runs_past("the program header table");
    }
    for (uint64_t i = 0; i < header.e_phnum; ++i) {
      const auto segment = bytes.read<Elf64_Phdr>(offset + header.e_phoff + i * sizeof(Elf64_Phdr));
      if (!cover(segment.p_offset, segment.p_filesz)) return runs_past("a segment");
    }
  }
  if (header.e_shoff != 0) {
    if (header.e_shentsize != sizeof(Elf64_Shdr)) {
      return failed(at(offset) + "the ELF image has section headers of an unknown size");
    }
    if (!cover(header.e_shoff, sizeof(Elf64_Shdr))) return runs_past("the section header table");
    // More than 65,279 sections: the number stands in the first one (System V ABI, chapter 4).
    uint64_t count = header.e_shnum;
    if (count == 0) count = bytes.read<Elf64_Shdr>(offset + header.e_shoff).sh_size;
    if (count > room / sizeof(Elf64_Shdr) || !cover(header.e_shoff, count * sizeof(Elf64_Shdr))) {
      return runs_past("the section header table");
    }
    for (uint64_t i = 0; i < count; ++i) {
      const auto section = bytes.read<Elf64_Shdr>(offset + header.e_shoff + i * sizeof(Elf64_Shdr));
      if (section.sh_type == SHT_NOBITS || section.sh_type == SHT_NULL) continue;
      if (!cover(section.sh_offset, section.sh_size)) return runs_past("a section");
    }
  }
  return {extent, {}};
}

}  // namespace nonans::image
