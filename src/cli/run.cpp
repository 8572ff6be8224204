// SPDX-License-Identifier: MIT
#include "cli/run.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <sstream>

#include "cli/locate.hpp"

namespace nonans::cli {
namespace {

// The file that execvp would run, empty if there is none.
std::string search_path(const std::string& command) {
  if (command.find('/') != std::string::npos) return command;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/bin:/usr/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string candidate = (folder.empty() ? "." : folder) + "/" + command;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

// The loader ignores LD_PRELOAD for programs that gain rights by being started.
void warn_if_setuid(const std::string& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) == 0 && (status.st_mode & (S_ISUID | S_ISGID)) != 0) {
    std::cerr << "nonans: " << file
              << " is setuid or setgid: the loader ignores LD_PRELOAD for it, so NoNans will not "
                 "be active\n";
  }
}

// Returns only if the program could not be started: the exit code to leave with.
int start(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  int error = errno;
  std::cerr << "nonans: cannot run " << command[0] << ": " << std::strerror(error) << '\n';
  return error == ENOENT ? kExitNotFound : kExitNotExecutable;
}

}  // namespace

int run(const RunOptions& options, const std::vector<std::string>& command) {
  if (command.empty()) {
    std::cerr
        << "nonans run: what is to be run? Usage: nonans run [settings] -- PROGRAM [arguments]\n";
    return kExitUsage;
  }
  const std::string library = options.shadow ? find_shadow() : find_library();
  warn_if_setuid(search_path(command[0]));
  use_device(choose_device(options.device));
  for (const auto& [variable, value] : options.settings) setenv(variable.c_str(), value.c_str(), 1);
  preload(library);
  return start(command);
}

}  // namespace nonans::cli
