// SPDX-License-Identifier: MIT
// Start, fork and exit of a process, with counting bodies and a fake driver.
//
//   probe_lifecycle fork_before | fork_after | exit | exit_inside | off
#include <cuda.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string_view>

#include "bodies.hpp"
#include "interpose/lifecycle.hpp"
#include "probe.hpp"

using namespace nonans::interpose;
using probe::expect;

namespace {

int handler_calls = 0;
StopReason handler_reason{};

void on_stop(StopReason why) noexcept {
  ++handler_calls;
  handler_reason = why;
}

// Calls the driver once; true if our body saw it. Either way the call must arrive.
bool body_sees_a_call() {
  int before = bodies::seen.allocations;
  long arrived = fake_find("cuMemAlloc_v2")->calls;
  CUdeviceptr p;
  cuMemAlloc(&p, 8);
  expect(fake_find("cuMemAlloc_v2")->calls == arrived + 1, "the call did not arrive at the driver");
  return bodies::seen.allocations == before + 1;
}

// Runs `check` in a forked child and hands its failures on.
template <typename Check>
void in_child(Check check) {
  std::fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    probe::failures = 0;
    check();
    std::fflush(stdout);
    _exit(probe::failures == 0 ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %d", status);
}

// A destructor of an object older than the first driver call, as a framework's singletons are.
struct Late {
  ~Late() {
    if (!armed) return;
    expect(handler_calls == 1 && handler_reason == StopReason::exit,
           "stop handlers ran %d times before destructors", handler_calls);
    expect(!body_sees_a_call(), "a body ran after the end");
    if (probe::failures != 0) {
      std::fflush(stdout);
      _exit(1);
    }
  }
  bool armed = false;
} late;

// The same, of a process that ends inside a hook, in a signal handler that interrupted it: what the
// handlers would wait for, this thread may hold.
struct Inside {
  ~Inside() {
    if (armed && handler_calls != 0) _exit(1);
  }
  bool armed = false;
} inside;

}  // namespace

int main(int argc, char** argv) {
  std::string_view what = argc > 1 ? argv[1] : "";
  lifecycle::add_stop_handler(on_stop);
  if (what == "fork_before") {
    in_child([] {
      expect(body_sees_a_call(),
             "a child that was forked before the first driver call is not watched");
      expect(handler_calls == 0, "a stop handler ran");
    });
    expect(body_sees_a_call(), "the parent is not watched");
  } else if (what == "fork_after") {
    expect(body_sees_a_call(), "the parent is not watched");
    in_child([] {
      expect(handler_calls == 1 && handler_reason == StopReason::fork_child,
             "stop handlers ran %d times", handler_calls);
      expect(!body_sees_a_call(), "a body ran in the child of a process that had used the driver");
      in_child(
          [] { expect(!body_sees_a_call() && handler_calls == 1, "a grandchild is watched"); });
    });
    expect(handler_calls == 0 && body_sees_a_call(), "the parent stopped too");
  } else if (what == "exit") {
    expect(body_sees_a_call(), "not watched");
    late.armed = true;
    return probe::failures == 0 ? 0 : 1;  // and on into ~Late
  } else if (what == "exit_inside") {
    expect(body_sees_a_call(), "not watched");
    inside.armed = true;
    const Guard guard;
    std::exit(probe::failures == 0 ? 0 : 1);
  } else if (what == "off") {  // run with NONANS_MODE=off
    expect(!body_sees_a_call(), "watched although switched off");
    expect(handler_calls == 0, "a stop handler ran");
  } else {
    std::printf("the comment at the top of probe_lifecycle.cpp lists the checks\n");
    return 2;
  }
  return probe::failures == 0 ? 0 : 1;
}
