// SPDX-License-Identifier: MIT
// Fatbins, cubins and bare PTX: real ones from nvcc in every compression, cut and damaged
// everywhere, and ones built here field by field. The layout is described at the top of
// src/image/fatbin.cpp.
#include <lz4.h>
#include <zstd.h>

#include <cstring>
#include <memory>

#include "image/fatbin.hpp"
#include "sample_files.hpp"

using namespace nonans::image;
using image_test::sample;

namespace {

struct EntryFields {
  uint16_t kind = 1;
  uint32_t arch = 90;
  uint64_t flags = 0;
  uint32_t packed = 0;
  uint64_t unpacked = 0;
  std::string bytes;
};

template <typename T>
void put(std::string& out, size_t at, T value) {
  std::memcpy(out.data() + at, &value, sizeof value);
}

std::string make_entry(const EntryFields& fields) {
  std::string entry(64, '\0');
  const size_t stored = (fields.bytes.size() + 7) / 8 * 8;
  put<uint16_t>(entry, 0, fields.kind);
  put<uint32_t>(entry, 4, 64);
  put<uint64_t>(entry, 8, stored);
  put<uint32_t>(entry, 16, fields.packed);
  put<uint32_t>(entry, 28, fields.arch);
  put<uint64_t>(entry, 40, fields.flags);
  put<uint64_t>(entry, 56, fields.unpacked);
  entry += fields.bytes;
  entry.resize(64 + stored, '\0');
  return entry;
}

std::string make_fatbin(const std::string& entries) {
  std::string out(16, '\0');
  put<uint32_t>(out, 0, 0xBA55ED50);
  put<uint16_t>(out, 4, 1);
  put<uint16_t>(out, 6, 16);
  put<uint64_t>(out, 8, entries.size());
  return out + entries;
}

std::string ptx_for(uint32_t arch) {
  return ".version 8.0\n.target sm_" + std::to_string(arch) + "\n.address_size 64\n";
}

// In memory that ends with the bytes, so that ASan sees a read of one byte too many.
Outcome<Listing> open_exactly(std::string_view bytes, std::unique_ptr<char[]>& keep) {
  keep = std::make_unique<char[]>(bytes.size());
  std::memcpy(keep.get(), bytes.data(), bytes.size());
  return open(keep.get(), bytes.size());
}

std::string open_error(const std::string& bytes) {
  const auto listing = open(bytes.data(), bytes.size());
  return listing ? "no error" : listing.error;
}

}  // namespace

TEST_CASE("nvcc's fatbins in every compression hold the same PTX") {
  const std::string plain = sample("none.fatbin");
  const auto expected = ptx_of(plain.data(), plain.size(), 90);
  REQUIRE(static_cast<bool>(expected));
  REQUIRE(expected->size() == 2);
  CHECK(expected->at(0).find(".target sm_90") != std::string::npos);
  CHECK(expected->at(1).find(".target sm_75") != std::string::npos);
  struct Case {
    const char* file;
    Compression ptx;
  };
  for (const Case& c : {Case{"none.fatbin", Compression::none},
                        {"speed.fatbin", Compression::lz4},
                        {"size.fatbin", Compression::zstd},
                        {"default.fatbin", Compression::zstd}}) {
    CAPTURE(c.file);
    const std::string bytes = sample(c.file);
    const auto listing = open(bytes.data(), bytes.size());
    REQUIRE(static_cast<bool>(listing));
    CHECK(listing->is_fatbin);
    CHECK(listing->size == bytes.size());
    REQUIRE(listing->entries.size() == 3);
    size_t elves = 0;
    for (const Entry& entry : listing->entries) {
      const auto content = extract(entry);
      REQUIRE(static_cast<bool>(content));
      if (entry.kind == Kind::elf) {
        ++elves;
        CHECK(entry.arch == 75);
        CHECK(content->substr(0, 4) ==
              "\x7f"
              "ELF");
      } else {
        CHECK(entry.kind == Kind::ptx);
        CHECK(entry.compression == c.ptx);
        CHECK(content->back() != '\0');
      }
    }
    CHECK(elves == 1);
    const auto texts = ptx_of(bytes.data(), bytes.size(), 90);
    REQUIRE(static_cast<bool>(texts));
    CHECK(*texts == *expected);
  }
}

TEST_CASE("an image without a known length is bounded by its own headers") {
  const std::string fatbin = sample("size.fatbin");
  const auto listing = open(fatbin.data(), kUnknownSize);
  REQUIRE(static_cast<bool>(listing));
  CHECK(listing->size == fatbin.size());
  CHECK(listing->entries.size() == 3);
  const std::string cubin = sample("sm_90.cubin");
  CHECK(open(cubin.data(), kUnknownSize)->size == cubin.size());
  const std::string ptx = sample("sm_75.ptx");
  CHECK(open(ptx.c_str(), kUnknownSize)->size == ptx.size());
}

TEST_CASE("a wrapper leads to its fatbin") {
  struct Wrapper {
    uint32_t magic, version;
    const void* data;
    const void* name;
  };
  const std::string fatbin = sample("none.fatbin");
  Wrapper wrapper{0x466243b1, 1, fatbin.data(), nullptr};
  const auto listing = open(&wrapper, kUnknownSize);
  REQUIRE(static_cast<bool>(listing));
  CHECK(listing->entries.size() == 3);
  CHECK(ptx_of(&wrapper, kUnknownSize, 75)->size() == 2);
  CHECK(open(&wrapper, sizeof wrapper).error.find("offset 0: a fatbin wrapper holds a pointer") ==
        0);
  wrapper.version = 2;
  CHECK(open(&wrapper, kUnknownSize).error == "offset 4: unknown wrapper version 2");
  wrapper = {0x466243b1, 1, nullptr, nullptr};
  CHECK(open(&wrapper, kUnknownSize).error == "offset 8: the wrapper points nowhere");
  wrapper.data = "nothing of the sort";
  CHECK(open(&wrapper, kUnknownSize).error == "offset 8: the wrapper does not point to a fatbin");
}

TEST_CASE("a bare cubin and a bare PTX text are images of one entry") {
  const std::string cubin = sample("sm_90.cubin");
  const auto elf = open(cubin.data(), cubin.size());
  REQUIRE(static_cast<bool>(elf));
  CHECK(elf->outer == Kind::elf);
  CHECK(elf->size == cubin.size());
  REQUIRE(elf->entries.size() == 1);
  CHECK(elf->entries[0].arch == 90);
  CHECK(*extract(elf->entries[0]) == cubin);
  CHECK(ptx_of(cubin.data(), cubin.size(), 90)->empty());

  for (const std::string lead : {"", "\n \t", "// hello\n", "/* .version */ // again\n\r\n"}) {
    const std::string text = lead + ptx_for(86) + std::string(3, '\0');
    const auto ptx = open(text.data(), text.size());
    REQUIRE(static_cast<bool>(ptx));
    CHECK(ptx->outer == Kind::ptx);
    CHECK_FALSE(ptx->is_fatbin);
    CHECK(ptx->entries[0].arch == 86);
    CHECK(*extract(ptx->entries[0]) == lead + ptx_for(86));
  }
}

TEST_CASE("PTX is ranked for a compute capability") {
  std::string entries;
  for (uint32_t arch : {75u, 120u, 90u, 80u, 100u}) {
    entries += make_entry({.arch = arch, .bytes = ptx_for(arch)});
  }
  const std::string fatbin = make_fatbin(entries);
  const auto order = [&](uint32_t sm) {
    std::string out;
    const auto texts = ptx_of(fatbin.data(), fatbin.size(), sm);
    REQUIRE(static_cast<bool>(texts));
    for (const std::string& text : *texts) {
      const size_t at = text.find("sm_") + 3;
      out += text.substr(at, text.find('\n', at) - at) + " ";
    }
    return out;
  };
  CHECK(order(90) == "90 80 75 100 120 ");
  CHECK(order(89) == "80 75 90 100 120 ");
  CHECK(order(121) == "120 100 90 80 75 ");
  CHECK(order(50) == "75 80 90 100 120 ");
}

TEST_CASE("entries of other kinds are listed and left alone") {
  const std::string fatbin = make_fatbin(make_entry({.kind = 8, .bytes = "lto"}) +
                                         make_entry({.kind = 64, .bytes = "what"}));
  const auto listing = open(fatbin.data(), fatbin.size());
  REQUIRE(static_cast<bool>(listing));
  CHECK(listing->entries[0].kind == Kind::lto);
  CHECK(listing->entries[1].kind == Kind::unknown);
  CHECK(ptx_of(fatbin.data(), fatbin.size(), 90)->empty());
  const std::string nothing = make_fatbin("");
  CHECK(open(nothing.data(), nothing.size())->entries.empty());
}

TEST_CASE("names of entries") {
  std::string entry = make_entry({.bytes = ptx_for(90)});
  entry.insert(64, "file.cu\0", 8);
  put<uint32_t>(entry, 4, 72);
  put<uint32_t>(entry, 32, 64);
  put<uint32_t>(entry, 36, 7);
  const std::string good = make_fatbin(entry);
  CHECK(open(good.data(), good.size())->entries[0].name == "file.cu");
  put<uint32_t>(entry, 36, 9);
  CHECK(open_error(make_fatbin(entry)) ==
        "offset 48: the name of the entry lies outside its header");
}

TEST_CASE("a size that does not fit is named with its offset") {
  const std::string entry = make_entry({.bytes = std::string(16, 'x')});
  CHECK(open(nullptr, 0).error == "no image: a null pointer");
  CHECK(open_error("") == "offset 0: an image needs 4 bytes, 0 are there");
  CHECK(open_error("abcd") == "offset 0: neither a fatbin, nor an ELF image, nor PTX text");
  CHECK(open_error(make_fatbin("").substr(0, 9)) ==
        "offset 0: fatbin header needs 16 bytes, 9 are there");
  std::string bad = make_fatbin(entry);
  put<uint16_t>(bad, 4, 7);
  CHECK(open_error(bad) == "offset 4: unknown fatbin version 7");
  bad = make_fatbin(entry);
  put<uint16_t>(bad, 6, 8);
  CHECK(open_error(bad) == "offset 6: fatbin header size 8 is less than 16");
  bad = make_fatbin(entry);
  put<uint64_t>(bad, 8, 81);
  CHECK(open_error(bad) == "offset 16: fatbin payload needs 81 bytes, 80 are there");
  put<uint64_t>(bad, 8, ~uint64_t{0});
  CHECK(open_error(bad).starts_with("offset 16: fatbin payload needs 18446744073709551615 bytes"));
  bad = make_fatbin(entry);
  put<uint32_t>(bad, 16 + 4, 63);
  CHECK(open_error(bad) == "offset 20: entry header size 63 is less than 64");
  put<uint32_t>(bad, 16 + 4, 81);
  CHECK(open_error(bad) == "offset 16: entry header needs 81 bytes, 80 are there");
  bad = make_fatbin(entry);
  put<uint64_t>(bad, 16 + 8, 17);
  CHECK(open_error(bad) == "offset 80: entry needs 17 bytes, 16 are there");
  put<uint64_t>(bad, 16 + 8, ~uint64_t{0} - 60);
  CHECK(open_error(bad).starts_with("offset 80: entry needs 18446744073709551555 bytes"));
  bad = make_fatbin(entry);
  put<uint32_t>(bad, 16 + 16, 17);
  CHECK(open_error(bad) == "offset 32: packed size 17 exceeds the 16 bytes of the entry");
  CHECK(open_error(make_fatbin(entry + "12345678")) ==
        "offset 96: entry header needs 64 bytes, 8 are there");
}

TEST_CASE("damaged compressed entries are refused, and cost no memory for what they claim") {
  const std::string text = ptx_for(90) + std::string(5000, ' ');
  std::string lz4(static_cast<size_t>(LZ4_compressBound(static_cast<int>(text.size()))), '\0');
  lz4.resize(static_cast<size_t>(LZ4_compress_default(
      text.data(), lz4.data(), static_cast<int>(text.size()), static_cast<int>(lz4.size()))));
  std::string zstd(ZSTD_compressBound(text.size()), '\0');
  zstd.resize(ZSTD_compress(zstd.data(), zstd.size(), text.data(), text.size(), 3));
  const auto error = [&](uint64_t flags, const std::string& bytes, uint64_t unpacked) {
    const std::string fatbin =
        make_fatbin(make_entry({.flags = flags,
                                .packed = static_cast<uint32_t>(bytes.size()),
                                .unpacked = unpacked,
                                .bytes = bytes}));
    const auto listing = open(fatbin.data(), fatbin.size());
    REQUIRE(static_cast<bool>(listing));
    const auto content = extract(listing->entries.at(0));
    if (content) CHECK(*content == text);
    return content ? "" : content.error;
  };
  CHECK(error(0x2000, lz4, text.size()).empty());
  CHECK(error(0x8000, zstd, text.size()).empty());
  CHECK(error(0x2000, lz4, text.size() + 1).starts_with("offset 80: the LZ4 data hold "));
  CHECK(error(0x2000, lz4, text.size() - 1) == "offset 80: corrupt LZ4 data");
  CHECK(error(0x2000, lz4, 1u << 30).find("of LZ4 cannot hold 1073741824") != std::string::npos);
  CHECK(error(0x2000, lz4, (1ull << 30) + 1) ==
        "offset 80: an entry of 1073741825 bytes is larger than 1 GiB");
  CHECK(error(0x8000, zstd, text.size() - 1).find("hold more than") != std::string::npos);
  CHECK(error(0x8000, zstd, text.size() + 1).find("the zstd data hold") != std::string::npos);
  CHECK(error(0x8000, zstd, 1u << 30).find("the zstd data hold") != std::string::npos);
  CHECK(error(0x8000, zstd.substr(0, zstd.size() - 2), text.size()) ==
        "offset 80: truncated zstd data");
  CHECK(error(0x8000, "not zstd at all!", 100).starts_with("offset 80: corrupt zstd data: "));
  CHECK(error(0x100, lz4, text.size()) ==
        "offset 80: the entry is compressed in a way that is not known here");
}

TEST_CASE("one unreadable PTX does not hide another") {
  const std::string bad =
      make_entry({.arch = 90, .flags = 0x8000, .packed = 4, .unpacked = 10, .bytes = "oops"});
  const std::string both = make_fatbin(bad + make_entry({.arch = 80, .bytes = ptx_for(80)}));
  CHECK(ptx_of(both.data(), both.size(), 90)->size() == 1);
  const std::string alone = make_fatbin(bad);
  const auto none = ptx_of(alone.data(), alone.size(), 90);
  CHECK_FALSE(static_cast<bool>(none));
  CHECK(none.error.starts_with("PTX for sm_90: offset 80: "));
}

TEST_CASE("a fatbin cut at any length gives an error with an offset") {
  const std::string whole = make_fatbin(make_entry({.arch = 90, .bytes = ptx_for(90)}) +
                                        make_entry({.arch = 80, .bytes = ptx_for(80)}));
  const std::string compiled = sample("size.fatbin");
  std::unique_ptr<char[]> keep;
  for (const std::string& bytes : {whole, compiled}) {
    size_t without_offset = 0;
    for (size_t length = 0; length < bytes.size(); ++length) {
      const auto listing = open_exactly(std::string_view(bytes).substr(0, length), keep);
      if (listing || !listing.error.starts_with("offset ")) ++without_offset;
    }
    CHECK(without_offset == 0);
    CHECK(static_cast<bool>(open_exactly(bytes, keep)));
  }
}

TEST_CASE("a cubin cut at any length gives an error with an offset") {
  const std::string cubin = sample("sm_90.cubin");
  std::unique_ptr<char[]> keep;
  size_t without_offset = 0;
  for (size_t length = 0; length < cubin.size(); length += (length < 4096 ? 1 : 61)) {
    const auto listing = open_exactly(std::string_view(cubin).substr(0, length), keep);
    if (listing || !listing.error.starts_with("offset ")) ++without_offset;
  }
  CHECK(without_offset == 0);
}

TEST_CASE("a fatbin with any header byte changed is read or refused, never overrun") {
  const std::string compiled = sample("speed.fatbin");
  std::unique_ptr<char[]> keep;
  const size_t step = 64 + 16;
  for (size_t at = 0; at < compiled.size(); at += (at < step ? 1 : 97)) {
    for (int flip : {0x01, 0x80, 0xff}) {
      std::string changed = compiled;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      const auto listing = open_exactly(changed, keep);
      if (!listing) {
        CHECK(listing.error.starts_with("offset "));
        continue;
      }
      for (const Entry& entry : listing->entries) {
        const auto content = extract(entry);
        if (!content) CHECK(content.error.starts_with("offset "));
      }
    }
  }
}

TEST_CASE("ELF images that are no cubins") {
  std::string cubin = sample("sm_90.cubin");
  std::string changed = cubin;
  changed[18] = 62;  // e_machine: x86-64
  changed[19] = 0;
  CHECK(open_error(changed) == "offset 0: the ELF image is for machine 62, not for CUDA (190)");
  changed = cubin;
  changed[4] = 1;  // ELFCLASS32
  CHECK(open_error(changed) == "offset 0: the ELF image is not 64-bit little-endian");
  changed = cubin;
  changed[58] = 1;  // e_shentsize
  CHECK(open_error(changed) == "offset 0: the ELF image has section headers of an unknown size");
}
