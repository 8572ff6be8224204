// SPDX-License-Identifier: MIT
// How the names of NVTX ranges reach us, and what happens to them.
//
// The way in. A program's NVTX asks NVTX_INJECTION64_PATH once per library it is compiled into, at
// the first NVTX call made there, which is often long before the first CUDA call. So the variable
// must be set before main: the one thing that this library does in a constructor. It looks at
// three environment variables and its own path, and adds one variable; it opens nothing and starts
// nothing.
//
// Staying out. If the variable is set already, another tool (Nsight Systems) wants the names: it
// keeps them. In processes that do not want us (set-user-ID, NONANS_MODE=off) nothing is set.
//
// Children. They inherit the variable as they inherit LD_PRELOAD; both name the same file. A child
// from whose environment somebody took LD_PRELOAD but not this one has its NVTX open us late, when
// nothing can be hooked any more. Such a process did not ask for us: InitializeInjectionNvtx2 then
// declines (returns 0), and NVTX does what it does without a tool, nothing.
//
// What is taken. Push/pop ranges, which belong to the thread that launches. Start/end ranges may
// begin and end on different threads and say nothing about who launched what; marks have no
// extent. Both are left alone, and so do nothing.
#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <pthread.h>
#include <sys/auxv.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

#include "nvtx/abi.hpp"
#include "nvtx/names.hpp"
#include "nvtx/range_stack.hpp"
#include "nvtx/thread_ranges.hpp"

namespace nonans::nvtx {
namespace {

constexpr char kVariable[] = "NVTX_INJECTION64_PATH";

constinit std::atomic<Names*> all_names = nullptr;

Names& names() noexcept {
  return *all_names.load(std::memory_order_acquire);
}

uint32_t id_of(const void* domain) noexcept {
  return domain == nullptr ? 0 : static_cast<const Domain*>(domain)->id;
}

int push(const void* domain, std::string_view name) noexcept {
  return push_range(id_of(domain), name);
}

int push_wide(const void* domain, const wchar_t* name) noexcept {
  char room[RangeStack::kName];
  return push(domain, name == nullptr ? std::string_view() : to_utf8(name, room, sizeof room));
}

int push_attributes(const void* domain, const abi::EventAttributes* attributes) noexcept {
  if (attributes == nullptr || attributes->size < sizeof *attributes ||
      attributes->message == nullptr)
    return push(domain, {});
  switch (attributes->message_type) {
    case abi::kMessageAscii:
      return push(domain, static_cast<const char*>(attributes->message));
    case abi::kMessageUnicode:
      return push_wide(domain, static_cast<const wchar_t*>(attributes->message));
    case abi::kMessageRegistered:
      return push(domain, static_cast<const String*>(attributes->message)->text);
    default:
      return push(domain, {});
  }
}

int pop(const void* domain) noexcept {
  return pop_range(id_of(domain));
}

int range_push_ex(const abi::EventAttributes* attributes) noexcept {
  return push_attributes(nullptr, attributes);
}
int range_push_a(const char* name) noexcept {
  return push(nullptr, name == nullptr ? std::string_view() : name);
}
int range_push_w(const wchar_t* name) noexcept {
  return push_wide(nullptr, name);
}
int range_pop() noexcept {
  return pop(nullptr);
}

// Null means to NVTX that there is no tool, and is a good argument everywhere: out of memory, names
// are lost and nothing else.
const void* register_string_a(const void*, const char* text) noexcept {
  try {
    return text == nullptr ? nullptr : names().string(std::string_view(text));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
const void* register_string_w(const void* domain, const wchar_t* text) noexcept {
  char room[RangeStack::kName + 1];
  if (text == nullptr) return nullptr;
  room[to_utf8(text, room, RangeStack::kName).size()] = '\0';
  return register_string_a(domain, room);
}
const void* domain_create_a(const char* name) noexcept {
  try {
    return names().domain(name == nullptr ? std::string_view() : name);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
const void* domain_create_w(const wchar_t* name) noexcept {
  char room[RangeStack::kName + 1];
  room[name == nullptr ? 0 : to_utf8(name, room, RangeStack::kName).size()] = '\0';
  return domain_create_a(room);
}
// A domain of the same name has the same handle, and may still be in use.
void domain_destroy(const void*) noexcept {}

struct Ours {
  unsigned id;
  abi::FunctionPointer function;
};
template <typename Function>
abi::FunctionPointer plain(Function* function) noexcept {
  return reinterpret_cast<abi::FunctionPointer>(function);
}

// False: this NVTX has no such module.
template <size_t kCount>
bool fill(const abi::ExportCallbacks& callbacks, int module, const Ours (&ours)[kCount]) noexcept {
  abi::FunctionTable table = nullptr;
  unsigned size = 0;
  if (!callbacks.get_module_function_table(module, &table, &size) || table == nullptr) return false;
  for (const Ours& entry : ours)
    if (entry.id < size && table[entry.id] != nullptr) *table[entry.id] = entry.function;
  return true;
}

bool attach(abi::GetExportTable get_export_table) noexcept {
  if (get_export_table == nullptr) return false;
  const auto* callbacks =
      static_cast<const abi::ExportCallbacks*>(get_export_table(abi::kExportCallbacks));
  if (callbacks == nullptr || callbacks->struct_size < sizeof *callbacks) return false;
  const Ours core[] = {{abi::kRangePushEx, plain(&range_push_ex)},
                       {abi::kRangePushA, plain(&range_push_a)},
                       {abi::kRangePushW, plain(&range_push_w)},
                       {abi::kRangePop, plain(&range_pop)}};
  const Ours core2[] = {{abi::kDomainRangePushEx, plain(&push_attributes)},
                        {abi::kDomainRangePop, plain(&pop)},
                        {abi::kDomainRegisterStringA, plain(&register_string_a)},
                        {abi::kDomainRegisterStringW, plain(&register_string_w)},
                        {abi::kDomainCreateA, plain(&domain_create_a)},
                        {abi::kDomainCreateW, plain(&domain_create_w)},
                        {abi::kDomainDestroy, plain(&domain_destroy)}};
  const bool first = fill(*callbacks, abi::kModuleCore, core);
  return fill(*callbacks, abi::kModuleCore2, core2) || first;
}

// Several libraries may initialise their NVTX at once; one makes the names.
bool prepare() noexcept {
  static constinit pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, [] {
    auto* made = new (std::nothrow) Names;
    all_names.store(made, std::memory_order_release);
  });
  return all_names.load(std::memory_order_acquire) != nullptr;
}

struct Position {
  ElfW(Addr) us, libc;
  bool before;
};

// In load order, preloaded objects come before the C library and opened ones after it.
int visit(dl_phdr_info* info, size_t, void* data) {
  auto* position = static_cast<Position*>(data);
  if (info->dlpi_addr == position->us) {
    position->before = true;
    return 1;
  }
  return info->dlpi_addr == position->libc;
}

const link_map* module_of(const void* address) noexcept {
  Dl_info info;
  void* map = nullptr;
  if (dladdr1(address, &info, &map, RTLD_DL_LINKMAP) == 0) return nullptr;
  return static_cast<const link_map*>(map);
}

bool loaded_at_start() noexcept {
  const link_map* us = module_of(&all_names);
  const link_map* libc = module_of(reinterpret_cast<const void*>(&gnu_get_libc_version));
  if (us == nullptr || libc == nullptr) return false;
  Position position{us->l_addr, libc->l_addr, false};
  dl_iterate_phdr(visit, &position);
  return position.before;
}

[[gnu::constructor]] void offer_ourselves() noexcept {
  if (getauxval(AT_SECURE) != 0) return;
  const char* mode = std::getenv("NONANS_MODE");
  if (mode != nullptr && std::string_view(mode) == "off") return;
  if (std::getenv(kVariable) != nullptr || !loaded_at_start()) return;
  const link_map* us = module_of(&all_names);
  if (std::strchr(us->l_name, '/') != nullptr) setenv(kVariable, us->l_name, 0);
}

}  // namespace

}  // namespace nonans::nvtx

// Called once by each library of the program that has NVTX compiled in. 0: no, thank you.
extern "C" [[gnu::visibility("default")]] int InitializeInjectionNvtx2(
    nonans::nvtx::abi::GetExportTable get_export_table) noexcept {
  using namespace nonans::nvtx;
  return loaded_at_start() && prepare() && attach(get_export_table) ? 1 : 0;
}
