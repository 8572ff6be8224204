// SPDX-License-Identifier: MIT
// Runs a program to its end and says what came out.
//
//   Finished done = run({NONANS_COMMAND, "run", "--", "true"}, {{"LD_PRELOAD", "/x/y.so"}});
//   CHECK(done.exit_code == 0);
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace nonans::test {

struct Finished {
  int exit_code = -1;  // 128 + signal if a signal ended it, as a shell says
  std::string out, err;
};

// `environment` is set on top of ours; NONANS_*, LD_PRELOAD and LD_LIBRARY_PATH of ours are not
// handed on.
Finished run(const std::vector<std::string>& command,
             const std::map<std::string, std::string>& environment = {});

// A folder that goes with the object.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Writes a file below the folder, making folders on the way, and returns its path.
  std::string write(const std::string& name, const std::string& content) const;

 private:
  std::filesystem::path path_;
};

}  // namespace nonans::test
