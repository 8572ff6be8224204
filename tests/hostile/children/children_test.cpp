// SPDX-License-Identifier: MIT
// The preload reaches every child of a training script. Programs that have nothing to do with CUDA
// must not be able to tell: no thread, no file, no output, less than a millisecond.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "report.hpp"
#include "support/catch.hpp"

using nonans::test::Finished;
using nonans::test::Scratch;

namespace {

namespace fs = std::filesystem;

struct Child {
  Finished done;
  std::string calls;        // what call_watch.c noted
  std::string left_behind;  // files below the home folder
};

Child run_child(const std::vector<std::string>& command, const std::string& preload,
                std::map<std::string, std::string> environment = {}) {
  const Scratch notes, home;
  const std::string path = (notes.path() / "calls").string();
  environment.emplace("HOME", home.path().string());
  environment.emplace("CALL_WATCH", path);
  // Whatever would be written by default lies below the home folder.
  for (const char* name : {"XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "TMPDIR"})
    environment.emplace(name, home.path().string());
  if (!preload.empty()) environment.emplace("LD_PRELOAD", preload);
  Child child{nonans::test::run(command, environment), "", ""};
  std::ifstream file(path);
  child.calls.assign(std::istreambuf_iterator<char>(file), {});
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(home.path()))
    child.left_behind += entry.path().string() + "\n";
  return child;
}

const std::string kWatched = CALL_WATCH_LIBRARY " " NONANS_LIBRARY;

// From the start of /bin/true to its end, half of the runs shorter and half longer.
class Timer {
 public:
  explicit Timer(bool preload) {
    for (char** entry = environ; *entry != nullptr; ++entry)
      if (std::strncmp(*entry, "LD_PRELOAD=", 11) != 0) environment_.push_back(*entry);
    if (preload) environment_.push_back(preload_.data());
    environment_.push_back(nullptr);
  }
  void once() {
    char name[] = "true";
    char* arguments[] = {name, nullptr};
    pid_t child = 0;
    int status = 0;
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(posix_spawn(&child, "/bin/true", nullptr, nullptr, arguments, environment_.data()) ==
            0);
    waitpid(child, &status, 0);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    REQUIRE(status == 0);
    times_.push_back(took.count());
  }
  double median() {
    std::sort(times_.begin(), times_.end());
    return times_[times_.size() / 2];
  }

 private:
  std::string preload_ = "LD_PRELOAD=" NONANS_LIBRARY;
  std::vector<char*> environment_;
  std::vector<double> times_;
};

}  // namespace

TEST_CASE("a child that is no CUDA program: no file, no thread, no output") {
  const std::vector<std::string> command =
      GENERATE(std::vector<std::string>{"/bin/true"},
               std::vector<std::string>{"/bin/sh", "-c", "echo one; /bin/true; (exit 3)"},
               std::vector<std::string>{PYTHON, "-c",
                                        "import os, sys, threading; print(sys.argv)\n"
                                        "print(len(os.listdir('/proc/self/task')))\n"
                                        "print(sorted(os.listdir('/proc/self/fd')))\n"},
               std::vector<std::string>{"/bin/ls", "/proc/self/fd"},
               std::vector<std::string>{"/bin/grep", "Threads", "/proc/self/status"},
               // Looks for CUDA, as frameworks do, and finds none.
               std::vector<std::string>{
                   PYTHON, "-c", "import ctypes; print(hasattr(ctypes.CDLL(None), 'cuInit'))"});
  const Child without = run_child(command, "");
  const Child with = run_child(command, kWatched);
  INFO(command.back() << "\n" << with.done.out << with.done.err << with.calls);
  CHECK(with.done.exit_code == without.done.exit_code);
  CHECK(with.done.out == without.done.out);
  CHECK(with.done.err == without.done.err);
  CHECK(with.left_behind == "");
  // At least one process was watched to its end, and none was seen to do anything.
  std::istringstream lines(with.calls);
  int watched = 0;
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(line.rfind("watched ", 0) == 0);
    ++watched;
  }
  CHECK(watched >= 1);
}

TEST_CASE("a CUDA program is seen to open files, write and have a thread") {
  const Child child = run_child({OWN_FAILURES, PTX_IMAGE, "workload"}, kWatched,
                                {{"LD_LIBRARY_PATH", FAULTY_FOLDER}});
  INFO(child.done.out << child.done.err << child.calls);
  CHECK(child.done.exit_code == 0);
  for (const char* name : {"\nopen ", "\nmemfd ", "\nmkdir ", "\nwrite ", "\npthread_create "}) {
    INFO(name);
    CHECK(child.calls.find(name) != std::string::npos);
  }
  CHECK(child.left_behind.find("nonans") != std::string::npos);
}

TEST_CASE("a child that is no CUDA program: less than a millisecond") {
  // Both kinds in turns, so that they meet the same load; the quietest of five attempts counts.
  constexpr int kRuns = 61;
  double least = 1e9;
  for (int attempt = 0; attempt < 5 && least >= 1.0; ++attempt) {
    Timer without(false), with(true);
    for (int i = 0; i < kRuns; ++i) {
      without.once();
      with.once();
    }
    const double more = with.median() - without.median();
    WARN("a child takes " << without.median() << " ms, preloaded " << more << " ms more");
    least = std::min(least, more);
  }
  CHECK(least < 1.0);
}
