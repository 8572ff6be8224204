// SPDX-License-Identifier: MIT
// `softgpu run` and `softgpu env`: which libraries the program gets, which settings, and what the
// user is told when it cannot be started.
#include <filesystem>

#include "e2e/process.hpp"
#include "support/catch.hpp"

using nonans::test::Finished;
using nonans::test::run;
using nonans::test::Scratch;
namespace fs = std::filesystem;

namespace {

const std::string kSoftgpu = SOFTGPU_COMMAND;
const std::string kFound = FOUND_PROGRAM;
const std::string kFolder = SOFTGPU_FOLDER;
const std::string kDriver = kFolder + "/libcuda.so.1";

Finished softgpu_run(std::vector<std::string> options, const std::vector<std::string>& command,
                     const std::map<std::string, std::string>& environment = {}) {
  std::vector<std::string> words = {kSoftgpu, "run"};
  words.insert(words.end(), options.begin(), options.end());
  words.push_back("--");
  words.insert(words.end(), command.begin(), command.end());
  return run(words, environment);
}

std::string seen(const std::string& variable, const std::vector<std::string>& options) {
  const Finished done =
      softgpu_run(options, {"/bin/sh", "-c", "printf %s \"${" + variable + "-unset}\""});
  INFO(done.err);
  CHECK(done.exit_code == 0);
  return done.out;
}

}  // namespace

TEST_CASE("the program finds the software device's driver") {
  const Finished done = softgpu_run({"--cc", "8.0", "--memory", "3G"}, {kFound});
  CHECK(done.exit_code == 0);
  CHECK(done.err.empty());
  CHECK(done.out == kDriver + " 1 8.0 3221225472\n");
}

TEST_CASE("the device comes before another driver in the library path") {
  const Scratch scratch;
  scratch.write("libcuda.so.1", "another driver");
  const std::string other = scratch.path().string();
  const Finished done = softgpu_run({}, {kFound}, {{"LD_LIBRARY_PATH", other}});
  CHECK(done.out.starts_with(kDriver));
  const Finished path =
      softgpu_run({}, {"/bin/sh", "-c", "echo \"$LD_LIBRARY_PATH\""}, {{"LD_LIBRARY_PATH", other}});
  CHECK(path.out == kFolder + ":" + other + "\n");
}

TEST_CASE("run inside run names the folder once") {
  const Finished done =
      softgpu_run({}, {kSoftgpu, "run", "--", "/bin/sh", "-c", "echo \"$LD_LIBRARY_PATH\""});
  CHECK(done.out == kFolder + "\n");
}

TEST_CASE("run hands on arguments and exit code") {
  CHECK(softgpu_run({}, {"/bin/sh", "-c", "exit 7"}).exit_code == 7);
  CHECK(softgpu_run({}, {"/bin/sh", "-c", "kill -TERM $$"}).exit_code == 128 + 15);
  CHECK(softgpu_run({}, {"printf", "[%s]", "--cc", "", "--", "a b"}).out == "[--cc][][--][a b]");
  CHECK(run({kSoftgpu, "run", "printf", "[%s]", "x", "--", "y"}).out == "[x][--][y]");
}

TEST_CASE("a program that cannot be started is named, with the exit code of a shell") {
  const Finished missing = softgpu_run({}, {"/nonexistent/program"});
  CHECK(missing.exit_code == 127);
  CHECK(missing.err == "softgpu: cannot run /nonexistent/program: No such file or directory\n");
  const Scratch scratch;
  const std::string text = scratch.write("text", "not a program");
  const Finished refused = softgpu_run({}, {text});
  CHECK(refused.exit_code == 126);
  CHECK(refused.err == "softgpu: cannot run " + text + ": Permission denied\n");
  const Finished nothing = run({kSoftgpu, "run"});
  CHECK(nothing.exit_code == 2);
  CHECK(nothing.err.find("Usage: softgpu run") != std::string::npos);
}

TEST_CASE("an option reaches the program as its variable") {
  CHECK(seen("SOFTGPU_CC", {"--cc", "7.5"}) == "7.5");
  CHECK(seen("SOFTGPU_MEMORY", {"--memory=512M"}) == "512M");
  CHECK(seen("SOFTGPU_DEVICES", {"--devices", "2"}) == "2");
  CHECK(seen("SOFTGPU_THREADS", {"--threads", "1"}) == "1");
  CHECK(seen("SOFTGPU_CHECK", {"--check", "race,init"}) == "race,init");
  CHECK(seen("SOFTGPU_BOUNDS", {"--bounds", "page"}) == "page");
  CHECK(seen("SOFTGPU_SCHED", {"--sched", "7"}) == "7");
  CHECK(seen("SOFTGPU_WEAK", {"--weak", "1"}) == "1");
  CHECK(seen("SOFTGPU_TRACE", {"--trace", "/tmp/a b"}) == "/tmp/a b");
  CHECK(seen("SOFTGPU_BOUNDS", {"--cc", "8.0"}) == "unset");
}

TEST_CASE("a value that the device would not take stops before the program starts") {
  for (const auto& [option, value, variable] : {std::tuple{"--cc", "nine", "SOFTGPU_CC"},
                                                {"--memory", "lots", "SOFTGPU_MEMORY"},
                                                {"--devices", "0", "SOFTGPU_DEVICES"},
                                                {"--threads", "2x", "SOFTGPU_THREADS"},
                                                {"--check", "spelling", "SOFTGPU_CHECK"},
                                                {"--bounds", "loose", "SOFTGPU_BOUNDS"},
                                                {"--sched", "-1", "SOFTGPU_SCHED"},
                                                {"--weak", "2", "SOFTGPU_WEAK"}}) {
    const Finished done = softgpu_run({std::string(option) + "=" + value}, {"echo", "started"});
    INFO(option);
    CHECK(done.exit_code == 2);
    CHECK(done.out.empty());
    CHECK(done.err.starts_with(std::string("softgpu: ") + variable));
    CHECK(done.err.find(value) != std::string::npos);
  }
  CHECK(run({kSoftgpu, "run", "--speed", "--", "echo", "started"}).exit_code == 2);
}

TEST_CASE("env prints what run sets, for a shell") {
  const Finished done =
      run({"/bin/sh", "-c",
           "eval \"$('" + kSoftgpu + "' env --cc 8.6 --trace \"it's\")\"; " +
               "printf '%s|' \"$LD_LIBRARY_PATH\" \"$SOFTGPU_CC\" \"$SOFTGPU_TRACE\""});
  CHECK(done.out == kFolder + "|8.6|it's|");
}

TEST_CASE("nonans run and softgpu run start each other") {
  const std::string print = "echo \"$LD_PRELOAD\"; exec '" + kFound + "'";
  const std::string expected = std::string(NONANS_LIBRARY) + "\n" + kDriver;
  const Finished outside = run(
      {NONANS_COMMAND, "run", "--", kSoftgpu, "run", "--cc", "8.0", "--", "/bin/sh", "-c", print});
  INFO(outside.err);
  CHECK(outside.exit_code == 0);
  CHECK(outside.out.starts_with(expected));
  CHECK(outside.out.find(" 8.0 ") != std::string::npos);
  const Finished inside =
      softgpu_run({"--cc", "8.0"}, {NONANS_COMMAND, "run", "--", "/bin/sh", "-c", print});
  INFO(inside.err);
  CHECK(inside.exit_code == 0);
  CHECK(inside.out.starts_with(expected));
  CHECK(inside.out.find(" 8.0 ") != std::string::npos);
}
