// SPDX-License-Identifier: MIT
// What a launch hook must not do: ask the kernel for anything, take memory from the heap. The scene
// is that of the benchmark (bench/hooks/scene.hpp): the library's own code from the trampoline
// down, over a driver that returns at once.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "scene.hpp"
#include "support/catch.hpp"

using nonans::bench::direct;
using nonans::bench::Scene;
using nonans::bench::trampoline;
using nonans::bench::watch_nothing;

// Every way to the heap of this program ends here: operator new too.
namespace {
constinit long allocations = 0;
}
extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void* malloc(size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  ++allocations;
  return __libc_realloc(old, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** out, size_t alignment, size_t size) {
  ++allocations;
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}
}

namespace {

constexpr int kLaunches = 50'000;

// From here on the kernel ends this process at any call but that to end it.
bool forbid_system_calls() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
  sock_fprog filter = {sizeof program / sizeof *program, program};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

constexpr int kMadeNone = 0, kAllocated = 1, kNotForbidden = 2;

// How a child ends that does `work` with system calls forbidden: an exit code, or 128 + the signal.
template <typename Prepare, typename Work>
int alone(Prepare prepare, Work work) {
  const pid_t child = fork();
  if (child == 0) {
    auto scene = prepare();
    work(scene, 1'000);  // first times are over
    if (!forbid_system_calls()) _exit(kNotForbidden);
    const long before = allocations;
    work(scene, kLaunches);
    _exit(allocations == before ? kMadeNone : kAllocated);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::unique_ptr<Scene> known_kernel() {
  return std::make_unique<Scene>(10'000);
}
void launches(std::unique_ptr<Scene>& scene, int count) {
  for (int i = 0; i < count; ++i) scene->launch(trampoline);
}

void pass(int count) {
  void* params[] = {nullptr};
  for (int i = 0; i < count; ++i)
    trampoline(nullptr, 1, 1, 1, 1, 1, 1, 0, nullptr, params, nullptr);
}

}  // namespace

TEST_CASE("a hook that passes on makes no system call and takes no memory") {
  for (bool off : {true, false}) {
    INFO("switched off " << off);
    auto prepare = [off] {
      watch_nothing(off);
      return 0;
    };
    CHECK(alone(prepare, [](int, int count) { pass(count); }) == kMadeNone);
  }
}

TEST_CASE("a launch that is looked at makes no system call and takes no memory") {
  auto prepare = [] {
    auto scene = known_kernel();
    const uint64_t before = Scene::scans();
    scene->launch(trampoline);
    if (Scene::scans() != before + 1) std::abort();  // nothing was looked at
    return scene;
  };
  CHECK(alone(prepare, launches) == kMadeNone);
}

TEST_CASE("the two checks can fail") {
  auto nothing = [] { return 0; };
  CHECK(alone(nothing, [](int, int count) {
          if (count == kLaunches) static_cast<void>(getppid());
        }) == 128 + SIGSYS);
  CHECK(alone(nothing, [](int, int) {
          // Through a volatile pointer: the compiler may leave out a pair that it sees through.
          void* (*volatile take)(size_t) = &malloc;
          std::free(take(64));
        }) == kAllocated);
}
