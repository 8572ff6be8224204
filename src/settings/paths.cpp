// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "settings/settings.hpp"

namespace nonans {
namespace {

std::string host_name() {
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0 || !name[0]) return "localhost";
  return name;
}

// torchrun, Slurm, Open MPI, MPICH and Intel MPI, PMIx, MVAPICH. A value that is no number is
// passed over: it would become part of a file name.
std::string rank() {
  for (const char* variable : {"RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK",
                               "PMIX_RANK", "MV2_COMM_WORLD_RANK"}) {
    const char* value = std::getenv(variable);
    if (value && *value &&
        std::string_view(value).find_first_not_of("0123456789") == std::string_view::npos)
      return value;
  }
  return "0";
}

std::string escaped(std::string_view folder) {
  std::string out;
  for (const char c : folder) out += c == '%' ? std::string("%%") : std::string(1, c);
  return out;
}

}  // namespace

std::string expand_path(const std::string& pattern) {
  std::string out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char next = i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    if (pattern[i] != '%') {
      out += pattern[i];
    } else if (next == 'h' || next == 'p' || next == 'r' || next == '%') {
      out += next == 'h'   ? host_name()
             : next == 'p' ? std::to_string(getpid())
             : next == 'r' ? rank()
                           : "%";
      ++i;
    } else {
      out += '%';
    }
  }
  return out;
}

std::string default_events_path() {
  // The XDG base directory specification: a relative path there is invalid and is ignored.
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  std::string folder;
  if (state && state[0] == '/')
    folder = escaped(state) + "/nonans";
  else if (home && home[0] == '/')
    folder = escaped(home) + "/.local/state/nonans";
  else
    folder = "/tmp/nonans-" + std::to_string(getuid());
  return folder + "/events-%h-%p.jsonl";
}

}  // namespace nonans
