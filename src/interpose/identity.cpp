// SPDX-License-Identifier: MIT
#include "interpose/identity.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <new>

#include "interpose/driver_library.hpp"
#include "interpose/real_dlsym.hpp"

namespace nonans::interpose {

using api::DriverFunction;
using api::Fn;
using api::StreamFlavour;

ExportTable::ExportTable(void* handle) noexcept {
  for (const DriverFunction& f : api::functions()) {
    if (void* address = lookup(handle, f.name)) entries_[size_++] = {address, api::index_of(f)};
  }
  std::sort(entries_, entries_ + size_,
            [](const Entry& a, const Entry& b) { return std::less<>()(a.address, b.address); });
}

std::span<const ExportTable::Entry> ExportTable::at(void* address) const noexcept {
  auto first = std::lower_bound(
      entries_, entries_ + size_, address,
      [](const Entry& e, void* wanted) { return std::less<>()(e.address, wanted); });
  auto last = first;
  while (last != entries_ + size_ && last->address == address) ++last;
  return {first, last};
}

const ExportTable* driver_exports() noexcept {
  static constinit std::atomic<const ExportTable*> table = nullptr;
  const ExportTable* known = table.load(std::memory_order_acquire);
  if (known != nullptr) return known;
  void* handle = driver_handle();
  if (handle == nullptr) return nullptr;
  auto* built = new (std::nothrow) ExportTable(handle);
  if (built != nullptr && !table.compare_exchange_strong(known, built, std::memory_order_acq_rel))
    delete built;
  return table.load(std::memory_order_acquire);
}

namespace {

// Of several names of one base at one address: what the request means, if it is among them; else
// the newest.
Fn choose(std::span<const ExportTable::Entry> names, std::string_view base, int version,
          StreamFlavour stream) {
  const DriverFunction* best = nullptr;
  const DriverFunction* requested = api::find_requested(base, version, stream);
  for (const auto& entry : names) {
    const DriverFunction& f = api::function(entry.fn);
    if (f.base != base) continue;
    if (&f == requested) return entry.fn;
    if (best == nullptr || f.version > best->version) best = &f;
  }
  return api::index_of(*best);
}

// Step 3. The variant whose own request is answered with this address.
std::optional<Fn> ask_back(const Resolver& resolver, std::string_view base, void* answer,
                           int version, StreamFlavour stream) {
  int below = version + 1;
  for (;;) {
    // The versions of the base from the newest that the request admits, one round each.
    int newest = -1;
    for (const DriverFunction& f : api::variants_of(base)) {
      if (f.base == base && f.version < below) newest = std::max(newest, f.version);
    }
    if (newest < 0) return std::nullopt;
    for (const DriverFunction& f : api::variants_of(base)) {
      if (f.base != base || f.version != newest) continue;
      if (f.stream == StreamFlavour::per_thread && stream != StreamFlavour::per_thread) continue;
      // Exactly: a driver without this twin answers with the legacy entry, whose turn is yet to
      // come.
      if (resolver.ask_exactly(f) == answer) return api::index_of(f);
    }
    below = newest;
  }
}

// Step 2. "cuMemAlloc_v2" is an exported name and no base, and means that very ABI at every
// version.
std::optional<Fn> by_exported_name(std::string_view symbol) {
  const DriverFunction* f = api::find_exported(symbol);
  if (f == nullptr || f->base == symbol) return std::nullopt;
  return api::index_of(*f);
}

}  // namespace

std::optional<Fn> identify(const Resolver& resolver, const ExportTable* exports, const char* base,
                           void* answer, int version, StreamFlavour stream) noexcept {
  std::span<const ExportTable::Entry> names;
  if (exports != nullptr) names = exports->at(answer);
  auto of_base = [&](const ExportTable::Entry& e) {
    return std::string_view(api::function(e.fn).base) == base;
  };
  if (std::any_of(names.begin(), names.end(), of_base)) return choose(names, base, version, stream);
  if (auto fn = by_exported_name(base)) return fn;
  if (auto fn = ask_back(resolver, base, answer, version, stream)) return fn;
  if (names.size() == 1) return names.front().fn;
  return std::nullopt;
}

}  // namespace nonans::interpose
