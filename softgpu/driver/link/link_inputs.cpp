// SPDX-License-Identifier: MIT
// An object is an ELF file of the host (System V ABI, chapter 4). nvcc puts the fatbins of
// relocatable device code into its section __nv_relfatbin and those of whole programs into
// .nv_fatbin, one after the other. An archive (ar) begins with "!<arch>\n"; a header of 60 bytes of
// text stands before each member, which begins at an even offset. Members "/" and "//" are its
// symbols and its long names.
#include "driver/link/link_inputs.hpp"

#include <ar.h>
#include <elf.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>

#include "driver/driver_state.hpp"
#include "driver/image_loader.hpp"
#include "image/bytes.hpp"
#include "image/fatbin.hpp"

namespace softgpu::driver {
namespace {

namespace image = nonans::image;
using image::Bytes;

Bytes part(const Bytes& whole, uint64_t offset, uint64_t size) {
  return {whole.data + offset, static_cast<size_t>(size)};
}

// "foo.o/" or, for one of more than 15 characters, "/12": where it begins in the archive's member
// "//". A name ends with a slash in both places.
std::string member_name(std::string_view called, std::string_view long_names) {
  if (called.starts_with('/')) {
    size_t offset = 0;
    std::from_chars(called.data() + 1, called.data() + called.size(), offset);
    called = long_names.substr(std::min(offset, long_names.size()));
  }
  return std::string(called.substr(0, called.find_first_of("/ \n")));
}

class Reader {
 public:
  explicit Reader(LinkInputs& out) : out_(out) {
    const DeviceSettings& device = device_settings();
    sm_ = static_cast<uint32_t>(device.cc_major * 10 + device.cc_minor);
  }

  bool ptx(const Bytes& bytes, const std::string& name) {
    auto texts = image::ptx_of(bytes.data, bytes.size, sm_);
    if (!texts) return fail(CUDA_ERROR_INVALID_IMAGE, name + ": " + texts.error);
    if (texts->empty())
      return fail(CUDA_ERROR_NO_BINARY_FOR_GPU, name + " holds no PTX for sm_" +
                                                    std::to_string(sm_) +
                                                    " or below, and this device links PTX only");
    return text(std::move(texts->front()), name);
  }

  bool object(const Bytes& bytes, const std::string& name) {
    const auto damaged = [&](const char* what) {
      return fail(CUDA_ERROR_INVALID_IMAGE, name + ": " + what);
    };
    if (!bytes.holds(0, sizeof(Elf64_Ehdr)) || std::memcmp(bytes.data, ELFMAG, SELFMAG) != 0)
      return damaged("not an ELF object");
    const auto header = bytes.read<Elf64_Ehdr>(0);
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64)
      return damaged("not an object of this host");
    if (header.e_shentsize != sizeof(Elf64_Shdr) ||
        !bytes.holds(header.e_shoff, uint64_t{header.e_shnum} * sizeof(Elf64_Shdr)) ||
        header.e_shstrndx >= header.e_shnum)
      return damaged("its section headers lie outside the file");
    const auto section = [&](uint64_t i) {
      return bytes.read<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr));
    };
    const Elf64_Shdr names = section(header.e_shstrndx);
    if (!bytes.holds(names.sh_offset, names.sh_size)) return damaged("it has no section names");
    const std::string_view strings(reinterpret_cast<const char*>(bytes.data + names.sh_offset),
                                   names.sh_size);
    for (uint64_t i = 0; i < header.e_shnum; ++i) {
      const Elf64_Shdr s = section(i);
      if (s.sh_name >= strings.size() || s.sh_type != SHT_PROGBITS) continue;
      const std::string_view rest = strings.substr(s.sh_name);
      const std::string_view called = rest.substr(0, rest.find('\0'));
      if (called != "__nv_relfatbin" && called != ".nv_fatbin") continue;
      if (!bytes.holds(s.sh_offset, s.sh_size)) return damaged("a section lies outside the file");
      if (!fatbins(part(bytes, s.sh_offset, s.sh_size), name)) return false;
    }
    return true;
  }

  bool archive(const Bytes& bytes, const std::string& name) {
    if (!bytes.holds(0, SARMAG) || std::memcmp(bytes.data, ARMAG, SARMAG) != 0)
      return fail(CUDA_ERROR_INVALID_IMAGE, name + ": not an archive");
    std::string_view long_names;
    for (uint64_t at = SARMAG; at < bytes.size;) {
      if (!bytes.holds(at, sizeof(ar_hdr)))
        return fail(CUDA_ERROR_INVALID_IMAGE,
                    name + ": " + bytes.past(at, sizeof(ar_hdr), "member"));
      const auto header = bytes.read<ar_hdr>(at);
      uint64_t size = 0;
      std::from_chars(header.ar_size, header.ar_size + sizeof header.ar_size, size);
      at += sizeof(ar_hdr);
      if (std::memcmp(header.ar_fmag, ARFMAG, 2) != 0 || !bytes.holds(at, size))
        return fail(CUDA_ERROR_INVALID_IMAGE, name + ": " + bytes.past(at, size, "member"));
      const Bytes content = part(bytes, at, size);
      const std::string_view called(header.ar_name, sizeof header.ar_name);
      if (called.starts_with("// ")) {
        long_names = {reinterpret_cast<const char*>(content.data), content.size};
      } else if (!called.starts_with("/ ") && !called.starts_with("/SYM64/")) {
        const std::string member = member_name(called, long_names);
        if (member == "cuda_device_runtime.o")
          out_.is_device_runtime = true;
        else if (!object(content, name + "(" + member + ")"))
          return false;
      }
      at += size + size % 2;
    }
    return true;
  }

 private:
  bool fatbins(Bytes bytes, const std::string& name) {
    while (bytes.size >= 16) {
      const auto listed = image::open(bytes.data, bytes.size);
      if (!listed || !listed->is_fatbin || listed->size == 0)
        return fail(CUDA_ERROR_INVALID_IMAGE, name + ": " + listed.error);
      if (!ptx(part(bytes, 0, listed->size), name)) return false;
      const uint64_t next = std::min<uint64_t>((listed->size + 7) / 8 * 8, bytes.size);
      bytes = part(bytes, next, bytes.size - next);
    }
    return true;
  }

  bool text(std::string ptx, const std::string& name) {
    const auto parsed = image::ptx::parse(ptx, name);
    if (!parsed) return fail(CUDA_ERROR_INVALID_PTX, parsed.error().to_string());
    if (!target_fits(parsed->target))
      return fail(CUDA_ERROR_NO_BINARY_FOR_GPU, name + ": PTX for " + std::string(parsed->target) +
                                                    " does not run on sm_" + std::to_string(sm_));
    out_.inputs.push_back({name, std::move(ptx)});
    return true;
  }

  bool fail(CUresult code, std::string why) {
    out_.code = code;
    out_.error = std::move(why);
    return false;
  }

  LinkInputs& out_;
  uint32_t sm_ = 0;
};

}  // namespace

LinkInputs read_link_input(CUjitInputType type, const void* data, size_t size,
                           const std::string& name) {
  LinkInputs out;
  Reader reader(out);
  const Bytes bytes{static_cast<const std::byte*>(data), size};
  switch (type) {
    case CU_JIT_INPUT_PTX:
    case CU_JIT_INPUT_FATBINARY:
      reader.ptx(bytes, name);
      break;
    case CU_JIT_INPUT_OBJECT:
      reader.object(bytes, name);
      break;
    case CU_JIT_INPUT_LIBRARY:
      reader.archive(bytes, name);
      break;
    default:
      out.code = CUDA_ERROR_NOT_SUPPORTED;
      out.error = name + ": " + (type == CU_JIT_INPUT_CUBIN ? "machine code (a cubin)" : "LTO-IR") +
                  " is not linked by this device, which runs PTX only";
  }
  return out;
}

}  // namespace softgpu::driver
