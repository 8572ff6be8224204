// SPDX-License-Identifier: MIT
#include <algorithm>

#include "api/function.hpp"

namespace nonans::api {

namespace {

constexpr DriverFunction kFunctions[] = {
#define NONANS_DRIVER_FUNCTION(ident, name, base, version, stream, internal, hook, reason) \
  {name, base, version, StreamFlavour::stream, internal, hook, reason},
#include "api/generated/driver_functions.def"
};
static_assert(std::size(kFunctions) == kFunctionCount);

constexpr bool before(const DriverFunction& a, const DriverFunction& b) {
  return std::string_view(a.name) < std::string_view(b.name);
}
static_assert(std::is_sorted(std::begin(kFunctions), std::end(kFunctions), before),
              "find_exported() searches by halves");

}  // namespace

std::span<const DriverFunction> functions() {
  return kFunctions;
}

const DriverFunction* find_exported(std::string_view name) {
  auto less = [](const DriverFunction& f, std::string_view wanted) { return f.name < wanted; };
  auto found = std::lower_bound(std::begin(kFunctions), std::end(kFunctions), name, less);
  return found != std::end(kFunctions) && found->name == name ? found : nullptr;
}

std::span<const DriverFunction> variants_of(std::string_view base) {
  // The variants of a base need not be neighbours (cuGraphInstantiateWithFlags sorts between
  // cuGraphInstantiate and its _v2), but they all begin with it: the span may hold strangers, which
  // callers skip by comparing the base.
  auto less = [](const DriverFunction& f, std::string_view wanted) { return f.name < wanted; };
  auto first = std::lower_bound(std::begin(kFunctions), std::end(kFunctions), base, less);
  auto last = first;
  while (last != std::end(kFunctions) && std::string_view(last->name).starts_with(base)) ++last;
  return {first, last};
}

const DriverFunction* find_requested(std::string_view base, int version, StreamFlavour stream) {
  const DriverFunction* best = nullptr;
  auto better = [](const DriverFunction& f, const DriverFunction& than) {
    if (f.stream != than.stream) return f.stream == StreamFlavour::per_thread;
    return f.version > than.version;
  };
  for (const DriverFunction& f : variants_of(base)) {
    if (f.base != base || f.version > version) continue;
    if (f.stream == StreamFlavour::per_thread && stream == StreamFlavour::legacy) continue;
    if (best == nullptr || better(f, *best)) best = &f;
  }
  return best;
}

}  // namespace nonans::api
