// SPDX-License-Identifier: MIT
// How processes and threads end, and what interrupts them.
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "lifecycle/scene.hpp"

extern char** environ;

namespace lifecycle {
namespace {

void one_launch() {
  init();
  retain();
  Scene scene;
  scene.run();
  scene.show("out");
}

int return_from_main() {
  one_launch();
  return 7;
}
int underscore_exit() {
  one_launch();
  _exit(7);
}
int quick() {
  one_launch();
  std::quick_exit(7);
}
int exit_in_thread() {
  one_launch();
  std::thread([] { std::exit(7); }).join();
  return 1;
}
int terminated() {
  one_launch();
  kill(getpid(), SIGTERM);
  pause();
  return 1;
}
int aborted() {
  one_launch();
  std::abort();
}

// The main thread ends, another goes on launching and ends the process.
pthread_t main_thread;
void* after_main(void*) {
  pthread_join(main_thread, nullptr);
  retain();
  Scene scene;
  scene.run();
  scene.show("after main");
  std::exit(7);
}
int main_ends_first() {
  init();
  main_thread = pthread_self();
  pthread_t other;
  pthread_create(&other, nullptr, after_main, nullptr);
  pthread_exit(nullptr);
}

// Nobody reads what is written to stderr, and this program writes nothing there.
int deaf_stderr() {
  int ends[2];
  if (pipe(ends) != 0) return 1;
  dup2(ends[1], STDERR_FILENO);
  close(ends[0]);
  close(ends[1]);
  one_launch();
  return 7;
}

std::atomic<long> alarms{0};
void count(int) {
  alarms.fetch_add(1);
}
// Timers of both kinds, with handlers that do nothing and calls that are not restarted.
int signal_storm() {
  init();
  retain();
  struct sigaction action {};
  action.sa_handler = count;
  sigaction(SIGALRM, &action, nullptr);
  sigaction(SIGPROF, &action, nullptr);
  const itimerval often{{0, 300}, {0, 300}};
  setitimer(ITIMER_REAL, &often, nullptr);
  setitimer(ITIMER_PROF, &often, nullptr);
  for (int round = 0; round < 40; ++round) {
    Scene scene;
    for (int i = 0; i < 10; ++i) scene.launch();
    scene.run();
    if (round == 39) scene.show("out");
    scene.close();
  }
  const itimerval never{};
  setitimer(ITIMER_REAL, &never, nullptr);
  setitimer(ITIMER_PROF, &never, nullptr);
  return alarms.load() > 10 ? 0 : 1;
}

struct Trouble : std::runtime_error {
  using std::runtime_error::runtime_error;
};
void launch_and_throw(Scene& scene, int depth) {
  scene.run();
  if (depth == 0) throw Trouble("of the program's own");
  launch_and_throw(scene, depth - 1);
}
void in_callback(void* data) {
  try {
    throw Trouble("in a callback");
  } catch (const Trouble& trouble) {
    *static_cast<std::string*>(data) = trouble.what();
  }
}
int exceptions() {
  init();
  retain();
  Scene scene;
  try {
    launch_and_throw(scene, 5);
  } catch (const Trouble& trouble) {
    std::printf("caught: %s\n", trouble.what());
  }
  std::string said;
  check(cu(cuLaunchHostFunc)(nullptr, in_callback, &said), "cuLaunchHostFunc");
  scene.run();
  std::printf("caught: %s\n", said.c_str());
  scene.show("out");
  return 0;
}

int short_threads() {
  init();
  CUcontext context = retain();
  for (int round = 0; round < 50; ++round) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        check(cu(cuCtxSetCurrent)(context), "cuCtxSetCurrent");
        Scene scene;
        scene.run();
        if (round == 49 && t == 0) scene.show("out");
        if (t % 2) pthread_exit(nullptr);
      });
    for (std::thread& thread : threads) thread.join();
  }
  return 0;
}

int wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
// The child of a process that has not used CUDA uses it; then the parent does.
int fork_before() {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    one_launch();
    std::exit(9);
  }
  std::printf("child %d\n", wait_for(child));
  one_launch();
  return 0;
}
// The child of one that has: it may do anything but CUDA, and ends in every way.
int fork_after() {
  one_launch();
  std::fflush(stdout);
  for (int way = 0; way < 4; ++way) {
    // The last one without the C library: no handler of pthread_atfork runs.
    const auto child =
        static_cast<pid_t>(way == 3 ? syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) : fork());
    if (child == 0) {
      if (way == 0) std::exit(9);
      if (way == 1) _exit(9);
      if (way == 2) {
        CUdeviceptr p;
        std::printf("in the child %d\n", cu(cuMemAlloc)(&p, 16) != CUDA_SUCCESS);
        return 9;
      }
      std::exit(9);
    }
    std::printf("child %d\n", wait_for(child));
    std::fflush(stdout);
  }
  Scene again;
  again.run();
  again.show("again");
  return 0;
}
// While threads are inside hooks, and so may hold our locks.
int fork_busy() {
  init();
  CUcontext context = retain();
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      check(cu(cuCtxSetCurrent)(context), "cuCtxSetCurrent");
      while (!stop) {
        Scene scene;
        scene.run();
        scene.close();
      }
    });
  int good = 0;
  for (int i = 0; i < 20; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      void* library = dlopen("libcuda.so.1", RTLD_NOW);
      CUdeviceptr p;
      const bool fails = cu(cuMemAlloc)(&p, 16) != CUDA_SUCCESS;
      std::exit(library && dlsym(library, "cuMemFree_v2") && fails ? 9 : 1);
    }
    good += wait_for(child) == 9;
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  std::printf("%d children\n", good);
  return 0;
}
int fork_and_exec() {
  one_launch();
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    execl("/bin/true", "true", nullptr);
    _exit(1);
  }
  std::printf("child %d\n", wait_for(child));
  std::fflush(stdout);
  pid_t spawned = 0;
  char shell[] = "sh", flag[] = "-c", what[] = "echo from the shell";
  char* arguments[] = {shell, flag, what, nullptr};
  if (posix_spawn(&spawned, "/bin/sh", nullptr, nullptr, arguments, environ) != 0) return 1;
  std::printf("spawned %d\n", wait_for(spawned));
  return 0;
}

}  // namespace

const Scenario kEndings[] = {
    {"return", return_from_main},
    {"_exit", underscore_exit},
    {"quick_exit", quick},
    {"exit-in-thread", exit_in_thread},
    {"sigterm", terminated},
    {"abort", aborted},
    {"main-ends-first", main_ends_first},
    {"deaf-stderr", deaf_stderr},
    {"signals", signal_storm},
    {"exceptions", exceptions},
    {"threads", short_threads},
    {"fork-before", fork_before},
    {"fork-after", fork_after},
    {"fork-busy", fork_busy},
    {"fork-exec", fork_and_exec},
    {nullptr, nullptr},
};

}  // namespace lifecycle
