// SPDX-License-Identifier: MIT
// The second way into a process, for where LD_PRELOAD is not possible: CUDA_INJECTION64_PATH names
// a library that the driver opens in cuInit, and whose InitializeInjection it calls.
//
// By then NVIDIA's runtime has asked for all its driver functions (it does so before cuInit) and
// keeps the answers, and a library opened by another library stands in front of nobody. So no hook
// of ours can run, and no scan can follow a launch: from a CUPTI callback nothing may be launched.
// What is left is to watch through CUPTI, and to say once that it is no more than that: launches,
// images and allocations are counted, and no value is looked at.
//
// The place for a subscriber is held as other tools of this kind hold it (Nsight Systems among
// them): our exported cuptiSubscribe is not in front of the program's either, so its own profiler
// finds the place taken.
//
// In a process that was preloaded too, the hooks do the work and this does nothing.
#include <gnu/libc-version.h>

#include <atomic>
#include <string>
#include <vector>

#include "api/generated/real.hpp"
#include "cupti/observer.hpp"
#include "cupti/session.hpp"
#include "cupti/slot.hpp"
#include "interpose/driver_library.hpp"
#include "interpose/lifecycle.hpp"
#include "interpose/runtime/runtime.hpp"
#include "settings/settings.hpp"

namespace nonans::interpose {
namespace {

// Never destroyed: callbacks may come until the very end.
struct Injected {
  cupti::Observer observer{&lifecycle::on};
  cupti::Session session;

  Injected() : session(observer, cupti::process_slot(), options()) {}
  static cupti::SessionOptions options() {
    return {.use = cupti::Use::load,
            .launches = true,
            .driver_version = version,
            .gives_up = nullptr,
            .find = {}};
  }
  static int version() noexcept {
    int version = 0;
    if (const auto get_version = real::cuDriverGetVersion()) get_version(&version);
    return version;
  }
};

constinit std::atomic<Injected*> injected{nullptr};

// Libraries that are preloaded come before the C library, those that are opened later behind it.
bool preloaded() noexcept {
  return loaded_before(ourselves(), module_of(reinterpret_cast<void*>(&gnu_get_libc_version)));
}

void at_end(StopReason why) noexcept {
  Injected* const here = injected.exchange(nullptr);
  if (!here || why != StopReason::exit || !here->session.attached()) return;
  try {
    say("nonans: seen through CUPTI: " + here->observer.summary());
  } catch (...) {  // out of memory at the very end: the program ends all the same
  }
}

void start() {
  std::vector<std::string> warnings;
  const Settings settings = Settings::from_environment(warnings);
  for (const std::string& warning : warnings) say("nonans: " + warning);
  if (settings.mode == resolve::Mode::off) return lifecycle::give_up();
  const std::string opening = "nonans 0.1.0: loaded by CUDA_INJECTION64_PATH";
  if (settings.cupti == CuptiUse::off) {
    say(opening + ", but CUPTI is switched off: nothing is observed");
    return lifecycle::give_up();
  }
  auto* made = new Injected;
  made->session.look();
  if (!made->session.attached()) {
    say(opening + ", but CUPTI is " + made->session.words() + ": nothing is observed");
    return lifecycle::give_up();  // `made` stays: who knows what CUPTI remembers of it
  }
  injected.store(made);
  if (settings.quiet) return;
  lifecycle::add_stop_handler(&at_end);
  say(opening +
      ": counts launches, images and allocations through CUPTI; values are looked at and repaired "
      "with LD_PRELOAD only");
}

}  // namespace
}  // namespace nonans::interpose

// NVIDIA's samples return 1 from theirs; a failure here is ours and not the program's.
extern "C" __attribute__((visibility("default"))) int InitializeInjection(void) {
  using namespace nonans::interpose;
  if (preloaded() || lifecycle::on() || !lifecycle::begin()) return 1;
  try {
    start();
  } catch (...) {  // out of memory
    lifecycle::give_up();
  }
  return 1;
}
