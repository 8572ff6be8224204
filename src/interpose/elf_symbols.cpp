// SPDX-License-Identifier: MIT
// The gABI's dynamic section and GNU's symbol hash (DT_GNU_HASH): a Bloom filter, then buckets of
// chains of hash values; the lowest bit of a value ends its chain. The versions follow the LSB:
// DT_VERSYM holds 16 bits per symbol, the top one set for versions that are not the default
// ("hidden").
#include "interpose/elf_symbols.hpp"

#include <cstdint>

namespace nonans::interpose {

namespace {

constexpr ElfW(Half) kHiddenVersion = 0x8000;

struct Tables {
  const ElfW(Sym) * symbols = nullptr;
  const char* strings = nullptr;
  const uint32_t* gnu_hash = nullptr;
  const ElfW(Half) * versions = nullptr;
  const ElfW(Word) * hash = nullptr;
  ElfW(Xword) soname = 0;
};

Tables read_tables(ElfW(Addr) base, const ElfW(Dyn) * dynamic) {
  Tables t;
  for (const ElfW(Dyn)* d = dynamic; d != nullptr && d->d_tag != DT_NULL; ++d) {
    // glibc rewrites the addresses in place when it loads an object, but not those of the vDSO,
    // which are relative.
    ElfW(Addr) address = d->d_un.d_ptr < base ? d->d_un.d_ptr + base : d->d_un.d_ptr;
    switch (d->d_tag) {
      case DT_SYMTAB:
        t.symbols = reinterpret_cast<const ElfW(Sym)*>(address);
        break;
      case DT_STRTAB:
        t.strings = reinterpret_cast<const char*>(address);
        break;
      case DT_GNU_HASH:
        t.gnu_hash = reinterpret_cast<const uint32_t*>(address);
        break;
      case DT_HASH:
        t.hash = reinterpret_cast<const ElfW(Word)*>(address);
        break;
      case DT_VERSYM:
        t.versions = reinterpret_cast<const ElfW(Half)*>(address);
        break;
      case DT_SONAME:
        t.soname = d->d_un.d_val;
        break;
      default:
        break;
    }
  }
  return t;
}

uint32_t gnu_hash_of(const char* name) {
  uint32_t h = 5381;
  for (; *name != '\0'; ++name) h = h * 33 + static_cast<unsigned char>(*name);
  return h;
}

// By hand: real_dlsym.cpp tells why no library function may be called here.
bool same(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return *a == *b;
}

// Keeps the best match seen so far: the default version of the name, or else any.
struct Match {
  const Tables& tables;
  const char* name;
  const ElfW(Sym) * found = nullptr;
  bool is_default = false;

  void offer(uint32_t index) {
    const ElfW(Sym)& s = tables.symbols[index];
    if (is_default || s.st_shndx == SHN_UNDEF || ELF64_ST_TYPE(s.st_info) != STT_FUNC) return;
    if (!same(tables.strings + s.st_name, name)) return;
    found = &s;
    is_default = tables.versions == nullptr || (tables.versions[index] & kHiddenVersion) == 0;
  }
};

void search_gnu_hash(const Tables& t, Match& match) {
  const uint32_t buckets = t.gnu_hash[0], first = t.gnu_hash[1], bloom_words = t.gnu_hash[2];
  const uint32_t* bucket = t.gnu_hash + 4 + bloom_words * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
  const uint32_t* chain = bucket + buckets;
  if (buckets == 0) return;
  const uint32_t wanted = gnu_hash_of(match.name);
  uint32_t index = bucket[wanted % buckets];
  if (index < first) return;
  for (;; ++index) {
    uint32_t value = chain[index - first];
    if ((value | 1) == (wanted | 1)) match.offer(index);
    if ((value & 1) != 0) return;
  }
}

}  // namespace

void* find_symbol(ElfW(Addr) base, const ElfW(Dyn) * dynamic, const char* name) noexcept {
  Tables t = read_tables(base, dynamic);
  if (t.symbols == nullptr || t.strings == nullptr) return nullptr;
  Match match{t, name};
  if (t.gnu_hash != nullptr) {
    search_gnu_hash(t, match);
  } else if (t.hash != nullptr) {
    // DT_HASH's second word is the number of symbols; one walk over all is enough for the one time
    // this runs.
    for (uint32_t i = 0; i < t.hash[1]; ++i) match.offer(i);
  }
  return match.found == nullptr ? nullptr : reinterpret_cast<void*>(base + match.found->st_value);
}

const char* soname(ElfW(Addr) base, const ElfW(Dyn) * dynamic) noexcept {
  Tables t = read_tables(base, dynamic);
  return t.strings == nullptr || t.soname == 0 ? nullptr : t.strings + t.soname;
}

}  // namespace nonans::interpose
