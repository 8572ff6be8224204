// SPDX-License-Identifier: MIT
// `nonans run`: what the program it starts gets to see, and what the user is told when it cannot be
// started.
#include <unistd.h>

#include <filesystem>

#include "process.hpp"
#include "support/catch.hpp"

using nonans::test::Finished;
using nonans::test::run;
using nonans::test::Scratch;
namespace fs = std::filesystem;

namespace {

const std::string kNonans = NONANS_COMMAND;

// What `variable` is in a program under `nonans run`; "unset" if it is not set.
std::string seen(const std::string& variable, std::vector<std::string> settings,
                 const std::map<std::string, std::string>& environment = {}) {
  std::vector<std::string> command = {kNonans, "run", "--device", "gpu"};
  command.insert(command.end(), settings.begin(), settings.end());
  command.insert(command.end(), {"--", "/bin/sh", "-c", "printf %s \"${" + variable + "-unset}\""});
  Finished done = run(command, environment);
  INFO(done.err);
  CHECK(done.exit_code == 0);
  return done.out;
}

// An installation with a library and a software device that are only files; for questions about
// paths.
std::string install_into(const fs::path& folder) {
  fs::create_directories(folder / "bin");
  fs::create_directories(folder / "lib/nonans/softgpu");
  fs::copy_file(kNonans, folder / "bin/nonans");
  fs::copy_file(NONANS_LIBRARY, folder / "lib/libnonans.so");
  fs::copy_file(NONANS_LIBRARY, folder / "lib/nonans/softgpu/libcuda.so.1");
  return (folder / "bin/nonans").string();
}

}  // namespace

TEST_CASE("run hands on the exit code of the program") {
  CHECK(run({kNonans, "run", "--device", "gpu", "--", "sh", "-c", "exit 7"}).exit_code == 7);
  CHECK(run({kNonans, "run", "--device", "gpu", "--", "true"}).exit_code == 0);
  CHECK(run({kNonans, "run", "--device", "gpu", "--", "sh", "-c", "kill -TERM $$"}).exit_code ==
        128 + 15);
}

TEST_CASE("run prints nothing of its own for a program without CUDA") {
  Finished done = run({kNonans, "run", "--device", "gpu", "--", "echo", "hello"});
  CHECK(done.out == "hello\n");
  CHECK(done.err.empty());
}

TEST_CASE("run preloads the library") {
  CHECK(seen("LD_PRELOAD", {}) == NONANS_LIBRARY);
}

TEST_CASE("run keeps what is preloaded already, in front") {
  Scratch scratch;
  std::string other = (scratch.path() / "other.so").string();
  fs::copy_file(NONANS_LIBRARY, other);
  CHECK(seen("LD_PRELOAD", {}, {{"LD_PRELOAD", other}}) == other + ":" + NONANS_LIBRARY);
}

TEST_CASE("run inside run preloads the library once") {
  Finished done = run({kNonans, "run", "--device", "gpu", "--", kNonans, "run", "--device", "gpu",
                       "--", "sh", "-c", "printf %s \"$LD_PRELOAD\""});
  CHECK(done.out == NONANS_LIBRARY);
}

TEST_CASE("a setting given as a flag reaches the program as its variable") {
  CHECK(seen("NONANS_MODE", {"--mode", "observe"}) == "observe");
  CHECK(seen("NONANS_MODE", {"--mode=off"}) == "off");
  CHECK(seen("NONANS_EVENTS", {"--events", "/tmp/with space.jsonl"}) == "/tmp/with space.jsonl");
  CHECK(seen("NONANS_POLICY", {"--mode", "observe"}) == "unset");
}

TEST_CASE("a flag wins over the environment, and what is not given stays") {
  CHECK(seen("NONANS_MODE", {"--mode", "off"}, {{"NONANS_MODE", "observe"}}) == "off");
  CHECK(seen("NONANS_MODE", {}, {{"NONANS_MODE", "observe"}}) == "observe");
}

TEST_CASE("run --device gpu leaves the search path of libraries alone") {
  CHECK(seen("LD_LIBRARY_PATH", {}) == "unset");
  CHECK(seen("LD_LIBRARY_PATH", {}, {{"LD_LIBRARY_PATH", "/somewhere"}}) == "/somewhere");
}

TEST_CASE("run --device soft puts the software device first and keeps the rest") {
  Scratch scratch;
  std::string nonans = install_into(scratch.path());
  std::string folder = (scratch.path() / "lib/nonans/softgpu").string();
  Finished done =
      run({nonans, "run", "--device", "soft", "--", "sh", "-c", "printf %s \"$LD_LIBRARY_PATH\""},
          {{"LD_LIBRARY_PATH", "/somewhere"}});
  CHECK(done.out == folder + ":/somewhere");
  // An empty variable would add an empty entry, which means the current folder.
  done =
      run({nonans, "run", "--device", "soft", "--", "sh", "-c", "printf %s \"$LD_LIBRARY_PATH\""},
          {{"LD_LIBRARY_PATH", ""}});
  CHECK(done.out == folder);
}

TEST_CASE("run --device auto says that it falls back to the software device") {
  Scratch scratch;
  std::string nonans = install_into(scratch.path() / "install");
  // A libcuda.so.1 that cannot be loaded stands in for a machine without a driver, whatever is
  // installed here.
  scratch.write("broken/libcuda.so.1", "not a library");
  Finished done = run({nonans, "run", "--", "sh", "-c", "printf %s \"$LD_LIBRARY_PATH\""},
                      {{"LD_LIBRARY_PATH", (scratch.path() / "broken").string()}});
  CHECK(done.exit_code == 0);
  CHECK(done.out.starts_with((scratch.path() / "install/lib/nonans/softgpu").string()));
  CHECK(done.err.find("using the software device") != std::string::npos);
}

TEST_CASE("arguments reach the program as they are") {
  const std::string show = "for a; do printf '[%s]' \"$a\"; done";
  Finished done = run({kNonans, "run", "--device", "gpu", "--", "sh", "-c", show, "sh", "--mode",
                       "x", "--", "-h", "a b", ""});
  CHECK(done.out == "[--mode][x][--][-h][a b][]");
  // Without a separator the first word that is no setting begins the program.
  done = run({kNonans, "run", "--device", "gpu", "sh", "-c", show, "sh", "--", "--mode", "--"});
  CHECK(done.out == "[--][--mode][--]");
}

TEST_CASE("a program that is not there") {
  Finished done = run({kNonans, "run", "--device", "gpu", "--", "no-such-program"});
  CHECK(done.exit_code == 127);
  CHECK(done.err == "nonans: cannot run no-such-program: No such file or directory\n");
}

TEST_CASE("a file that is no program") {
  Scratch scratch;
  std::string file = scratch.write("data", "text");
  Finished done = run({kNonans, "run", "--device", "gpu", "--", file});
  CHECK(done.exit_code == 126);
  CHECK(done.err == "nonans: cannot run " + file + ": Permission denied\n");
}

TEST_CASE("mistakes on the command line") {
  Finished done = run({kNonans, "run"});
  CHECK(done.exit_code == 2);
  CHECK(done.err.find("what is to be run?") != std::string::npos);
  done = run({kNonans, "run", "--"});
  CHECK(done.exit_code == 2);
  done = run({kNonans, "run", "--moed", "off", "--", "true"});
  CHECK(done.exit_code == 2);
  CHECK(done.err.find("unknown setting --moed") != std::string::npos);
  done = run({kNonans, "run", "--mode", "of", "--", "true"});
  CHECK(done.exit_code == 2);
  CHECK(done.err.find("--mode: of not in {off,observe,resolve,auto}") != std::string::npos);
  done = run({kNonans, "run", "--device", "cloud", "--", "true"});
  CHECK(done.exit_code == 2);
  CHECK(done.err.find("cloud") != std::string::npos);
}

TEST_CASE("a setuid program is run, with a warning that it ignores the preload") {
  Scratch scratch;
  std::string program = (scratch.path() / "program").string();
  fs::copy_file(fs::canonical("/bin/true"), program);
  fs::permissions(program, fs::perms::set_uid, fs::perm_options::add);
  Finished done = run({kNonans, "run", "--device", "gpu", "--", program});
  CHECK(done.exit_code == 0);
  CHECK(done.err.find(program + " is setuid or setgid") != std::string::npos);
}

TEST_CASE("an installation path that LD_PRELOAD cannot name") {
  Scratch scratch;
  std::string nonans = install_into(scratch.path() / "two words");
  Finished done = run({nonans, "run", "--device", "gpu", "--", "true"});
  CHECK(done.exit_code == 1);
  CHECK(done.err.find("a colon or a space") != std::string::npos);
}

TEST_CASE("an installation without its library says where it looked") {
  Scratch scratch;
  std::string nonans = install_into(scratch.path());
  fs::remove(scratch.path() / "lib/libnonans.so");
  Finished done = run({nonans, "run", "--device", "gpu", "--", "true"});
  CHECK(done.exit_code == 1);
  CHECK(done.err.find((scratch.path() / "lib/libnonans.so").string()) != std::string::npos);
}
