// SPDX-License-Identifier: MIT
// lifecycle_program IMAGE SCENARIO
#include <elf.h>
#include <link.h>

#include <cstring>

#include "lifecycle/scene.hpp"

namespace lifecycle {

// A look-up that no dlsym serves: the symbol table of the loaded driver, read by hand.
void* entry_past_us(const char* name) {
  auto* const map = static_cast<const link_map*>(dlopen("libcuda.so.1", RTLD_NOW));
  const ElfW(Sym)* symbols = nullptr;
  const char* strings = nullptr;
  const uint32_t* hash = nullptr;
  for (const ElfW(Dyn)* d = map->l_ld; d->d_tag != DT_NULL; ++d) {
    if (d->d_tag == DT_SYMTAB) symbols = reinterpret_cast<const ElfW(Sym)*>(d->d_un.d_ptr);
    if (d->d_tag == DT_STRTAB) strings = reinterpret_cast<const char*>(d->d_un.d_ptr);
    if (d->d_tag == DT_GNU_HASH) hash = reinterpret_cast<const uint32_t*>(d->d_un.d_ptr);
  }
  if (!symbols || !strings || !hash) return nullptr;
  // DT_GNU_HASH: buckets, first hashed symbol, bloom words, shift; then bloom, buckets, chains.
  const uint32_t buckets = hash[0], first = hash[1], bloom = hash[2];
  const uint32_t* bucket = hash + 4 + bloom * (sizeof(ElfW(Addr)) / 4);
  const uint32_t* chain = bucket + buckets;
  for (uint32_t b = 0; b < buckets; ++b)
    for (uint32_t i = bucket[b]; i >= first; ++i) {
      if (std::strcmp(strings + symbols[i].st_name, name) == 0)
        return reinterpret_cast<void*>(map->l_addr + symbols[i].st_value);
      if (chain[i - first] & 1) break;
    }
  return nullptr;
}

}  // namespace lifecycle

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  lifecycle::read_image(argv[1]);
  for (const lifecycle::Scenario* list :
       {lifecycle::kEndings, lifecycle::kContexts, lifecycle::kOthers})
    for (; list->name; ++list)
      if (std::strcmp(list->name, argv[2]) == 0) return list->run();
  std::fprintf(stderr, "no scenario %s\n", argv[2]);
  return 2;
}
