// SPDX-License-Identifier: MIT
// The fatbin container. A program carries a wrapper (24 bytes, in .nvFatBinSegment) that points to
// the container:
//
//   wrapper    u32 0x466243b1, u32 version 1, pointer to the container, pointer to a file name
//   container  u32 0xBA55ED50, u16 1, u16 header size 16, u64 payload size; then the entries, each
//   8-byte aligned entry      0 u16 kind (1 PTX, 2 ELF, 8 LTO-IR)      4 u32 header size, at least
//   64
//              8 u64 stored size, padded to 8          16 u32 exact packed size, 0 if not packed
//             28 u32 arch, decimal                     32 u32 name offset, 36 u32 name length
//             40 u64 flags: 0x2000 LZ4, 0x8000 zstd    56 u64 unpacked size, 0 if not packed
//
// Found by compiling with nvcc and reading; NVIDIA documents none of it.
#include "image/fatbin.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "image/bytes.hpp"
#include "image/decompress.hpp"
#include "image/elf_extent.hpp"

namespace nonans::image {
namespace {

constexpr uint32_t kWrapperMagic = 0x466243b1;
constexpr uint32_t kFatbinMagic = 0xBA55ED50;
constexpr uint64_t kFatbinHeader = 16;
constexpr uint64_t kEntryHeader = 64;
constexpr uint64_t kFlagLz4 = 0x2000;
constexpr uint64_t kFlagZstd = 0x8000;
constexpr uint64_t kLargestExtract = uint64_t{1} << 30;

Outcome<Listing> failed(std::string why) {
  return {std::nullopt, std::move(why)};
}

std::string at(uint64_t offset) {
  return "offset " + std::to_string(offset) + ": ";
}

Kind kind_from(uint16_t number) {
  switch (number) {
    case 1:
      return Kind::ptx;
    case 2:
      return Kind::elf;
    case 8:
      return Kind::lto;
    default:
      return Kind::unknown;
  }
}

// Reads the entry at `offset` and moves behind it; an error message or "".
std::string read_entry(const Bytes& bytes, uint64_t& offset, Entry& entry) {
  if (!bytes.holds(offset, kEntryHeader)) return bytes.past(offset, kEntryHeader, "entry header");
  const uint64_t header = bytes.read<uint32_t>(offset + 4);
  const uint64_t stored = bytes.read<uint64_t>(offset + 8);
  const uint64_t packed = bytes.read<uint32_t>(offset + 16);
  const uint64_t flags = bytes.read<uint64_t>(offset + 40);
  const uint64_t unpacked = bytes.read<uint64_t>(offset + 56);
  if (header < kEntryHeader) {
    return at(offset + 4) + "entry header size " + std::to_string(header) + " is less than 64";
  }
  if (!bytes.holds(offset, header)) return bytes.past(offset, header, "entry header");
  if (!bytes.holds(offset + header, stored)) {
    return bytes.past(offset + header, stored, "entry");
  }
  if (packed > stored) {
    return at(offset + 16) + "packed size " + std::to_string(packed) + " exceeds the " +
           std::to_string(stored) + " bytes of the entry";
  }
  entry.kind = kind_from(bytes.read<uint16_t>(offset));
  entry.arch = bytes.read<uint32_t>(offset + 28);
  entry.uncompressed_size = unpacked;
  if ((flags & kFlagLz4) != 0) {
    entry.compression = Compression::lz4;
  } else if ((flags & kFlagZstd) != 0) {
    entry.compression = Compression::zstd;
  } else if (packed != 0 || unpacked != 0) {
    entry.compression = Compression::unknown;
  }
  entry.offset = offset + header;
  entry.stored = {bytes.data + offset + header, packed != 0 ? packed : stored};
  const uint64_t name = bytes.read<uint32_t>(offset + 32);
  const uint64_t name_length = bytes.read<uint32_t>(offset + 36);
  if (name != 0 && name_length != 0) {
    if (name > header || name_length > header - name) {
      return at(offset + 32) + "the name of the entry lies outside its header";
    }
    const auto* text = reinterpret_cast<const char*>(bytes.data + offset + name);
    entry.name = std::string(text, name_length);
    entry.name.resize(std::min(entry.name.find('\0'), entry.name.size()));
  }
  offset += header + stored;
  return {};
}

Outcome<Listing> open_fatbin(Bytes bytes) {
  if (!bytes.holds(0, kFatbinHeader)) return failed(bytes.past(0, kFatbinHeader, "fatbin header"));
  const auto version = bytes.read<uint16_t>(4);
  const uint64_t header = bytes.read<uint16_t>(6);
  const auto payload = bytes.read<uint64_t>(8);
  if (version != 1) return failed(at(4) + "unknown fatbin version " + std::to_string(version));
  if (header < kFatbinHeader) {
    return failed(at(6) + "fatbin header size " + std::to_string(header) + " is less than 16");
  }
  if (!bytes.holds(header, payload)) return failed(bytes.past(header, payload, "fatbin payload"));
  Listing listing;
  listing.is_fatbin = true;
  listing.size = header + payload;
  bytes.size = header + payload;  // entries stay inside the payload
  for (uint64_t offset = header; offset < bytes.size;) {
    Entry entry;
    if (std::string error = read_entry(bytes, offset, entry); !error.empty()) {
      return failed(std::move(error));
    }
    listing.entries.push_back(std::move(entry));
  }
  return {std::move(listing), {}};
}

Outcome<Listing> open_wrapper(const Bytes& bytes) {
  if (bytes.size != kUnknownSize) {
    return failed(at(0) +
                  "a fatbin wrapper holds a pointer, which means nothing outside its process");
  }
  const auto version = bytes.read<uint32_t>(4);
  if (version != 1) return failed(at(4) + "unknown wrapper version " + std::to_string(version));
  const Bytes inner{bytes.read<const std::byte*>(8), kUnknownSize};
  if (inner.data == nullptr) return failed(at(8) + "the wrapper points nowhere");
  if (inner.read<uint32_t>(0) != kFatbinMagic) {
    return failed(at(8) + "the wrapper does not point to a fatbin");
  }
  return open_fatbin(inner);
}

Outcome<Listing> open_elf(const Bytes& bytes) {
  const Outcome<ElfExtent> extent = elf_extent(bytes, 0);
  if (!extent) return failed(extent.error);
  Listing listing;
  listing.outer = Kind::elf;
  listing.size = extent->size;
  Entry entry;
  entry.kind = Kind::elf;
  entry.arch = extent->arch;
  entry.stored = {bytes.data, extent->size};
  listing.entries.push_back(std::move(entry));
  return {std::move(listing), {}};
}

// Does PTX begin here, after blanks and comments? Reads no further than the first byte that says
// no.
bool is_ptx(const Bytes& bytes) {
  const auto get = [&](size_t i) {
    return i < bytes.size ? static_cast<char>(bytes.data[i]) : '\0';
  };
  size_t i = 0;
  for (;;) {
    const char c = get(i);
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      ++i;
    } else if (c == '/' && get(i + 1) == '/') {
      while (get(i) != '\0' && get(i) != '\n') ++i;
    } else if (c == '/' && get(i + 1) == '*') {
      i += 2;
      while (get(i) != '\0' && !(get(i) == '*' && get(i + 1) == '/')) ++i;
      if (get(i) != '\0') i += 2;
    } else {
      break;
    }
  }
  constexpr std::string_view kVersion = ".version";
  for (size_t k = 0; k < kVersion.size(); ++k) {
    if (get(i + k) != kVersion[k]) return false;
  }
  return true;
}

// The number in `.target sm_90a`; 0 if there is none.
uint32_t ptx_target(std::string_view text) {
  const size_t target = text.find(".target");
  if (target == std::string_view::npos) return 0;
  const size_t sm = text.find("sm_", target);
  if (sm == std::string_view::npos) return 0;
  uint32_t arch = 0;
  for (size_t i = sm + 3; i < text.size() && std::isdigit(static_cast<unsigned char>(text[i]));
       ++i) {
    if (arch > 10000) return 0;
    arch = arch * 10 + static_cast<uint32_t>(text[i] - '0');
  }
  return arch;
}

Outcome<Listing> open_ptx(const Bytes& bytes) {
  const auto* text = reinterpret_cast<const char*>(bytes.data);
  const size_t length =
      bytes.size == kUnknownSize ? std::strlen(text) : ::strnlen(text, bytes.size);
  Listing listing;
  listing.outer = Kind::ptx;
  listing.size = length;
  Entry entry;
  entry.kind = Kind::ptx;
  entry.arch = ptx_target({text, length});
  entry.stored = {bytes.data, length};
  listing.entries.push_back(std::move(entry));
  return {std::move(listing), {}};
}

}  // namespace

Outcome<Listing> open(const void* bytes, size_t size) {
  const Bytes image{static_cast<const std::byte*>(bytes), size};
  if (bytes == nullptr) return failed("no image: a null pointer");
  if (is_ptx(image)) return open_ptx(image);
  if (!image.holds(0, 4)) return failed(image.past(0, 4, "an image"));
  switch (image.read<uint32_t>(0)) {
    case kWrapperMagic:
      return open_wrapper(image);
    case kFatbinMagic:
      return open_fatbin(image);
    case kElfMagic:
      return open_elf(image);
    default:
      return failed(at(0) + "neither a fatbin, nor an ELF image, nor PTX text");
  }
}

Outcome<std::string> extract(const Entry& entry) {
  Outcome<std::string> out;
  const uint64_t size =
      entry.compression == Compression::none ? entry.stored.size() : entry.uncompressed_size;
  if (size > kLargestExtract) {
    out.error =
        at(entry.offset) + "an entry of " + std::to_string(size) + " bytes is larger than 1 GiB";
    return out;
  }
  switch (entry.compression) {
    case Compression::none:
      out.value.emplace(reinterpret_cast<const char*>(entry.stored.data()), entry.stored.size());
      break;
    case Compression::lz4:
      out = decompress_lz4(entry.stored, size);
      break;
    case Compression::zstd:
      out = decompress_zstd(entry.stored, size);
      break;
    case Compression::unknown:
      out.error = "the entry is compressed in a way that is not known here";
      break;
  }
  if (!out) out.error = at(entry.offset) + out.error;
  if (out && entry.kind == Kind::ptx) {
    while (!out->empty() && out->back() == '\0') out->pop_back();
  }
  return out;
}

Outcome<std::vector<std::string>> ptx_of(const void* bytes, size_t size, uint32_t sm) {
  Outcome<std::vector<std::string>> texts;
  const Outcome<Listing> listing = open(bytes, size);
  if (!listing) {
    texts.error = listing.error;
    return texts;
  }
  std::vector<const Entry*> ranked;
  for (const Entry& entry : listing->entries) {
    if (entry.kind == Kind::ptx) ranked.push_back(&entry);
  }
  std::stable_sort(ranked.begin(), ranked.end(), [sm](const Entry* a, const Entry* b) {
    const bool a_fits = a->arch <= sm;
    const bool b_fits = b->arch <= sm;
    if (a_fits != b_fits) return a_fits;
    return a_fits ? a->arch > b->arch : a->arch < b->arch;
  });
  texts.value.emplace();
  for (const Entry* entry : ranked) {
    Outcome<std::string> text = extract(*entry);
    if (text) {
      texts->push_back(std::move(*text));
    } else if (texts.error.empty()) {
      texts.error = "PTX for sm_" + std::to_string(entry->arch) + ": " + text.error;
    }
  }
  if (texts->empty() && !texts.error.empty()) {
    texts.value.reset();
  } else {
    texts.error.clear();
  }
  return texts;
}

}  // namespace nonans::image
