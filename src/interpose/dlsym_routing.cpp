// SPDX-License-Identifier: MIT
// What dlsym and dlvsym answer, and why they are not plain C functions.
//
// Overriding dlsym. A preloaded library that exports `dlsym` is asked before libc, so every lookup
// of the process comes by here: once per symbol for most programs, tens of thousands for an
// interpreter. All but a few dozen names are none of our business, and those must be answered
// exactly as if we did not exist.
//
// That is harder than forwarding the call. dlsym(RTLD_NEXT, …) means "the next object after the
// *caller*", and RTLD_DEFAULT searches the caller's scope; libc learns who the caller is from its
// return address. Called from a C wrapper it sees the wrapper: RTLD_NEXT then finds the caller's
// own symbol, an interposer calls itself, and the stack runs over. Compilers hide the mistake by
// turning the call into a jump at -O2, and show it at -O0. So the exported functions are assembler
// (dlsym_x86_64.S, dlsym_aarch64.S): they save the arguments, ask nonans_route_dlsym(), and then
// either return our answer or *jump* to the real function with stack and registers as they came.
//
// When is the answer ours? The name is of a hooked driver function; the real lookup found it; what
// it found lies in the driver (by SONAME); and the one who asks is not the driver, which looks up
// its own functions. A prefix test on "cu" would catch cudnnCreate and cublasCreate; a name test
// alone would catch a program's own cuInit.
//
// Lookups that depend on the caller are answered in three steps, since the real lookup cannot be
// made in the caller's name. What lies beyond us in the global scope is RTLD_NEXT seen from here;
// what lies in the caller's own dependencies is found through a handle on the caller. If neither
// leads to the driver, the stub jumps, or, where the jump would find our export although the driver
// is not in the caller's reach, the answer is null with dlerror set: a program that probes for CUDA
// by dlsym(RTLD_DEFAULT, "cuInit") must not be told that it is there.
//
// The same is done for four functions of libcupti (cupti_entries.hpp), with libcupti in the place
// of the driver.
//
// Not covered: an object opened with RTLD_DEEPBIND binds dlsym to libc itself (the shadow is there
// for it); a caller behind the driver in the load order that uses RTLD_NEXT gets the driver's own
// entry, unwatched.
//
// In the SONAME shadow (shadow/real_driver.hpp) we are what "libcuda.so.1" leads to, and the driver
// behind us is in nobody's scope. A lookup that ends at one of our exports is answered with what
// the driver has of that name, as if it had been made there; a name that we do not know is looked
// up in the driver.
#include <dlfcn.h>

#include "cupti/library.hpp"
#include "interpose/cupti_entries.hpp"
#include "interpose/driver_library.hpp"
#include "interpose/real_dlsym.hpp"
#include "interpose/routing.hpp"

namespace nonans::interpose {

namespace {

constexpr DlsymAnswer kJump = {nullptr, 0};
DlsymAnswer decided(void* value) {
  return {value, 1};
}

// What is asked for, and whose it is: an index of kTrampolines, or of cupti_entries.hpp.
struct Target {
  enum Owner { none, driver, cupti } owner = none;
  int index = -1;

  bool owned_by(const link_map* module) const {
    return owner == driver ? is_driver(module) : nonans::cupti::is_cupti(module);
  }
};

bool is_ours(const void* address) {
  return is_trampoline(address) || is_cupti_entry(address);
}

struct Question {
  void* handle;
  const char* name;
  const char* version;  // null: dlsym
  const link_map* caller;
  Target target;

  void* look(void* where) const { return lookup(where, name, version); }
};

// `found` lies in `provider`, the owner: hand out what stands in for it, real entry first.
DlsymAnswer substitute(const Question& q, void* found, const link_map* provider) {
  if (q.target.owner == Target::cupti) return decided(cupti_entry_for(q.target.index, found));
  remember_driver(provider);
  slots[q.target.index].store(found, std::memory_order_release);
  return decided(kTrampolines[q.target.index]);
}

// The driver's entry as the caller would find it if we were not there: in the global scope beyond
// us, or through the caller's own dependencies. The last lookup made is the one that decided, so
// that dlerror() is as it should be.
void* beyond_us(const Question& q) {
  if (void* found = q.look(RTLD_NEXT)) return found;
  void* handle = q.caller != nullptr && q.caller->l_name[0] != '\0' ? handle_of(q.caller) : nullptr;
  if (handle == nullptr) return q.look(RTLD_NEXT);
  void* found = q.look(handle);
  dlclose(handle);
  return found != nullptr && !is_ours(found) ? found : q.look(RTLD_NEXT);
}

// The search would pass by us, from the front of the global scope or from a caller that was loaded
// before us.
DlsymAnswer route_past_us(const Question& q) {
  void* found = beyond_us(q);
  if (found == nullptr) return decided(nullptr);
  const link_map* provider = module_of(found);
  // Not the driver but a wrapper around it: our export comes first, and its slot will hold that
  // wrapper.
  return q.target.owned_by(provider) ? substitute(q, found, provider) : kJump;
}

DlsymAnswer route_default(const Question& q) {
  void* first = q.look(RTLD_DEFAULT);
  if (first == nullptr || is_ours(first)) return route_past_us(q);
  // Somebody before us defines it: the program itself, another tool, or a driver that was preloaded
  // too.
  const link_map* provider = module_of(first);
  return q.target.owned_by(provider) ? substitute(q, first, provider) : kJump;
}

DlsymAnswer route_next(const Question& q) {
  if (loaded_before(q.caller, ourselves())) return route_past_us(q);
  void* found = beyond_us(q);
  const link_map* provider = module_of(found);
  if (!q.target.owned_by(provider) || loaded_before(provider, q.caller)) return kJump;
  return substitute(q, found, provider);
}

DlsymAnswer route_handle(const Question& q) {
  void* found = q.look(q.handle);
  // dlopen(NULL) searches the global scope and so finds our export first, driver or no driver.
  if (is_ours(found)) return route_past_us(q);
  const link_map* provider = module_of(found);
  return q.target.owned_by(provider) ? substitute(q, found, provider) : decided(found);
}

// The driver looks up its own entries, or somebody inside a hook does, for himself: never a
// trampoline. Our exports stand in front of the driver in the global scope, so jumping is right
// only where it would not meet them.
DlsymAnswer route_insider(const Question& q) {
  if (q.handle == RTLD_NEXT && !loaded_before(q.caller, ourselves())) return kJump;
  return is_ours(q.look(q.handle)) ? decided(beyond_us(q)) : kJump;
}

// Names that a driver function may have.
bool looks_like_the_drivers(const char* name) {
  return name != nullptr && name[0] == 'c' && name[1] == 'u' && name[2] >= 'A' && name[2] <= 'Z';
}

// None for nearly every name; most calls end at the first test.
Target target_of(const char* name) {
  if (name == nullptr || name[0] != 'c' || name[1] != 'u') return {};
  if (name[2] == 'p' && name[3] == 't' && name[4] == 'i') {
    const int entry = cupti_entry_named(name);
    return entry < 0 ? Target{} : Target{Target::cupti, entry};
  }
  if (!looks_like_the_drivers(name)) return {};
  const api::DriverFunction* f = api::find_exported(name);
  return f == nullptr || f->hook < 0 ? Target{} : Target{Target::driver, f->hook};
}

// Whose lookups are answered as if we were not there. Being inside a hook says nothing about
// CUPTI: a tool's callback may ask for it there.
bool is_insider(const Question& q) {
  return (q.target.owner == Target::driver && Guard::inside()) || q.target.owned_by(q.caller) ||
         q.caller == ourselves();
}

bool is_handle_of_us(void* handle) {
  if (handle == RTLD_DEFAULT || handle == RTLD_NEXT) return false;
  const link_map* module = nullptr;
  return dlinfo(handle, RTLD_DI_LINKMAP, &module) == 0 && module == ourselves();
}

// In the shadow: what the driver itself has of that name, or null and dlerror().
DlsymAnswer from_behind(const Question& q, bool insider) {
  void* driver = insider && is_driver(q.caller) ? handle_of(q.caller) : driver_handle();
  // A lookup that finds nothing either, for dlerror().
  if (driver == nullptr) return decided(q.look(RTLD_NEXT));
  void* found = q.look(driver);
  if (found == nullptr || q.target.owner == Target::none || insider) return decided(found);
  slots[q.target.index].store(found, std::memory_order_release);
  return decided(kTrampolines[q.target.index]);
}

// RTLD_NEXT. The driver counts as the last object of all, although we stand in front of most: a
// wrapper that was linked before libcuda finds it there.
DlsymAnswer route_next_in_shadow(const Question& q, bool insider) {
  if (loaded_before(q.caller, ourselves())) {
    const link_map* first = module_of(q.look(RTLD_DEFAULT));
    // Somebody between the caller and us.
    if (first != ourselves() && !loaded_before(first, q.caller) && first != q.caller) return kJump;
    return from_behind(q, insider);
  }
  return q.look(RTLD_NEXT) == nullptr ? from_behind(q, insider) : kJump;
}

DlsymAnswer route_in_shadow(const Question& q) {
  const bool insider = Guard::inside() || is_driver(q.caller) || q.caller == ourselves();
  if (q.handle == RTLD_NEXT && is_driver(q.caller)) return kJump;  // nothing lies behind it
  if (q.handle == RTLD_NEXT) return route_next_in_shadow(q, insider);
  void* found = q.look(q.handle);
  const link_map* provider = module_of(found);
  if (provider == ourselves()) return from_behind(q, insider);
  if (found == nullptr && is_handle_of_us(q.handle)) return from_behind(q, insider);
  // A driver that was opened by its full path.
  if (q.target.owner == Target::driver && !insider && is_driver(provider))
    return substitute(q, found, provider);
  return kJump;
}

DlsymAnswer route(void* handle, const char* name, const char* version, const void* caller) {
  if (!find_real_dlsym()) return decided(nullptr);
  const Target target = target_of(name);
  if (is_shadow() && target.owner != Target::cupti && looks_like_the_drivers(name))
    return route_in_shadow({handle, name, version, module_of(caller), target});
  if (target.owner == Target::none) return kJump;
  Question q{handle, name, version, module_of(caller), target};
  if (is_insider(q)) return route_insider(q);
  if (handle == RTLD_DEFAULT) return route_default(q);
  if (handle == RTLD_NEXT) return route_next(q);
  return route_handle(q);
}

}  // namespace

}  // namespace nonans::interpose

nonans::interpose::DlsymAnswer nonans_route_dlsym(void* handle, const char* name,
                                                  const void* caller) noexcept {
  return nonans::interpose::route(handle, name, nullptr, caller);
}

nonans::interpose::DlsymAnswer nonans_route_dlvsym(void* handle, const char* name,
                                                   const char* version,
                                                   const void* caller) noexcept {
  // A null version is libc's to refuse.
  if (version == nullptr && nonans::interpose::find_real_dlsym()) return nonans::interpose::kJump;
  return nonans::interpose::route(handle, name, version, caller);
}
