// SPDX-License-Identifier: MIT
#include "interpose/routing.hpp"

#include <atomic>
#include <string_view>

#include "interpose/driver_library.hpp"
#include "interpose/identity.hpp"
#include "interpose/notice.hpp"

namespace nonans::interpose {

namespace {

// Of a base, or of the function of that very name.
bool any_hooked(std::string_view symbol) {
  for (const api::DriverFunction& f : api::variants_of(symbol)) {
    if ((f.base == symbol || f.name == symbol) && f.hook >= 0) return true;
  }
  return false;
}

}  // namespace

void* route_answer(const Resolver& resolver, const char* symbol, void* answer, int version,
                   uint64_t flags) noexcept {
  if (is_trampoline(answer)) return answer;
  // A runtime makes hundreds of requests of one resolver, and asking whose it is reads a whole
  // symbol table.
  static constinit std::atomic<void*> last_resolver = nullptr;
  if (last_resolver.load(std::memory_order_acquire) != resolver.entry()) {
    const link_map* provider = module_of(resolver.entry());
    if (is_driver(provider)) remember_driver(provider);
    last_resolver.store(resolver.entry(), std::memory_order_release);
  }
  const ExportTable* exports = driver_exports();
  const bool hooked = any_hooked(symbol);
  // An unhooked base is only interesting where the driver answers with an exported entry of a
  // hooked one.
  if (!hooked && (exports == nullptr || exports->at(answer).empty())) return answer;
  const auto stream =
      (flags & kPerThreadFlag) != 0 ? api::StreamFlavour::per_thread : api::StreamFlavour::legacy;
  auto fn = identify(resolver, exports, symbol, answer, version, stream);
  if (!fn) {
    if (hooked) note(Notice::unknown_abi, symbol);
    return answer;
  }
  const int hook = api::function(*fn).hook;
  if (hook < 0) return answer;
  slots[hook].store(answer, std::memory_order_release);
  return kTrampolines[hook];
}

}  // namespace nonans::interpose
