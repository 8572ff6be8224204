// SPDX-License-Identifier: MIT
#include "cli/child.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace nonans::cli {
namespace {

struct Pipe {
  int read_end = -1, write_end = -1;
  Pipe() {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close_end(read_end);
    close_end(write_end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

// Reads both at once: a child that fills one pipe while we wait for the other would stand still for
// ever.
void drain(Pipe& first, std::string& first_text, Pipe& second, std::string& second_text) {
  pollfd waits[] = {{first.read_end, POLLIN, 0}, {second.read_end, POLLIN, 0}};
  std::string* texts[] = {&first_text, &second_text};
  for (int open = 2; open > 0;) {
    if (poll(waits, 2, -1) < 0 && errno != EINTR) return;
    for (int i = 0; i < 2; ++i) {
      if (waits[i].fd < 0 || waits[i].revents == 0) continue;
      char buffer[4096];
      ssize_t count = read(waits[i].fd, buffer, sizeof buffer);
      if (count > 0) {
        texts[i]->append(buffer, static_cast<size_t>(count));
      } else if (count == 0 || errno != EINTR) {
        waits[i].fd = -1;  // poll passes negative descriptors by
        --open;
      }
    }
  }
}

}  // namespace

ChildOutput run_self(const std::string& argument, const std::vector<std::string>& environment) {
  Pipe out, err;
  pid_t child = fork();
  if (child < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
  if (child == 0) {
    for (const std::string& entry : environment) {
      size_t equals = entry.find('=');
      setenv(entry.substr(0, equals).c_str(), entry.c_str() + equals + 1, 1);
    }
    dup2(out.write_end, STDOUT_FILENO);
    dup2(err.write_end, STDERR_FILENO);
    execl("/proc/self/exe", "nonans", argument.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  Pipe::close_end(out.write_end);
  Pipe::close_end(err.write_end);
  ChildOutput result;
  drain(out, result.out, err, result.err);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  return result;
}

}  // namespace nonans::cli
