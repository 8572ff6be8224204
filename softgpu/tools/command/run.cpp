// SPDX-License-Identifier: MIT
#include "command/run.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <stdexcept>

#include "command/locate.hpp"

namespace softgpu::command {
namespace {

// A value that the device would pass over is an error where somebody typed it just now.
bool device_takes(const std::string& folder, const Settings& settings) {
  if (settings.empty()) return true;
  const Probe found = probe(folder, settings);
  if (!found.error.empty()) throw std::runtime_error(found.error);
  bool all = true;
  for (const auto& [variable, value] : settings) {
    std::string complaint = complaint_about(found, variable);
    if (complaint.empty()) continue;
    complaint = complaint.substr(0, complaint.find("; "));  // what would happen instead
    std::cerr << "softgpu: " << complaint << '\n';
    all = false;
  }
  return all;
}

// LD_LIBRARY_PATH with the folder in front. An empty entry means the current folder, so none is
// made.
std::string search_path(const std::string& folder) {
  if (folder.find_first_of(":;") != std::string::npos) {
    throw std::runtime_error("LD_LIBRARY_PATH cannot name " + folder +
                             ": the path holds a colon or a semicolon; move the installation");
  }
  const char* const present = std::getenv("LD_LIBRARY_PATH");
  const std::string rest = present != nullptr ? present : "";
  if (rest.empty() || rest == folder) return folder;
  return rest.starts_with(folder + ":") ? rest : folder + ":" + rest;
}

std::string quoted(const std::string& value) {
  std::string text = "'";
  for (const char c : value) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

// Returns only if the program could not be started: the exit code to leave with.
int start(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  const int error = errno;
  std::cerr << "softgpu: cannot run " << command[0] << ": " << std::strerror(error) << '\n';
  return error == ENOENT ? kExitNotFound : kExitNotExecutable;
}

}  // namespace

int run(const Settings& settings, const std::vector<std::string>& command) {
  if (command.empty()) {
    std::cerr << "softgpu run: what is to be run? Usage: softgpu run [options] -- PROGRAM "
                 "[arguments]\n";
    return kExitUsage;
  }
  const std::string folder = library_folder();
  if (!device_takes(folder, settings)) return kExitUsage;
  for (const auto& [name, value] : settings) setenv(name.c_str(), value.c_str(), 1);
  setenv("LD_LIBRARY_PATH", search_path(folder).c_str(), 1);
  return start(command);
}

int print_environment(const Settings& settings) {
  const std::string folder = library_folder();
  if (!device_takes(folder, settings)) return kExitUsage;
  std::cout << "export LD_LIBRARY_PATH=" << quoted(search_path(folder)) << '\n';
  for (const auto& [name, value] : settings)
    std::cout << "export " << name << '=' << quoted(value) << '\n';
  return 0;
}

}  // namespace softgpu::command
