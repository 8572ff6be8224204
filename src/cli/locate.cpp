// SPDX-License-Identifier: MIT
#include "cli/locate.hpp"

#include <filesystem>
#include <set>
#include <stdexcept>

namespace nonans::cli {
namespace {

namespace fs = std::filesystem;

// `name` in the library folder beside our bin folder: the one of the installation, or plain lib as
// in the build tree.
fs::path find_beside(const fs::path& name, const char* what) {
  fs::path root = fs::path(own_path()).parent_path().parent_path();
  std::string tried;
  for (const fs::path& folder : std::set<fs::path>{NONANS_LIBDIR, "lib"}) {
    fs::path candidate = root / folder / name;
    std::error_code ignored;
    if (fs::exists(candidate, ignored)) return candidate;
    tried += "\n  " + candidate.string();
  }
  throw std::runtime_error(std::string(what) + " is not there; looked at" + tried);
}

}  // namespace

std::string own_path() {
  return fs::read_symlink("/proc/self/exe").string();
}

std::string find_library() {
  return find_beside("libnonans.so", "libnonans.so").string();
}

std::string find_shadow() {
  return find_beside("libnonans-shadow.so", "libnonans-shadow.so").string();
}

std::string find_soft_device() {
  return find_beside("nonans/softgpu/libcuda.so.1", "the software device").parent_path().string();
}

}  // namespace nonans::cli
