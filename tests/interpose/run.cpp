// SPDX-License-Identifier: MIT
#include "run.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

Outcome run(const std::vector<std::string>& command, const RunOptions& options) {
  std::vector<std::string> environment;
  for (char** e = environ; *e != nullptr; ++e) {
    std::string entry = *e;
    bool ours = entry.starts_with("LD_PRELOAD=") || entry.starts_with("LD_LIBRARY_PATH=") ||
                entry.starts_with("NONANS_");
    if (!ours) environment.push_back(entry);
  }
  if (options.preload) environment.push_back(std::string("LD_PRELOAD=") + NONANS_LIBRARY);
  if (!options.driver.empty()) {
    environment.push_back(std::string("LD_LIBRARY_PATH=") + FAKE_DRIVERS + "/" + options.driver);
  }
#ifdef __SANITIZE_ADDRESS__
  // The programs carry the runtime; that we are loaded before it is what preloading means.
  environment.push_back("ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0");
#endif
  environment.insert(environment.end(), options.environment.begin(), options.environment.end());
  std::vector<char*> argv, envp;
  for (const std::string& a : command) argv.push_back(const_cast<char*>(a.c_str()));
  for (const std::string& e : environment) envp.push_back(const_cast<char*>(e.c_str()));
  argv.push_back(nullptr);
  envp.push_back(nullptr);

  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("pipe");
  pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close(ends[1]);
  Outcome outcome;
  char buffer[4096];
  for (ssize_t got; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
    outcome.output.append(buffer, static_cast<size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}
