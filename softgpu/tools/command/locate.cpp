// SPDX-License-Identifier: MIT
#include "command/locate.hpp"

#include <filesystem>
#include <stdexcept>

namespace softgpu::command {

namespace fs = std::filesystem;

std::string library_folder() {
  const fs::path root = fs::read_symlink("/proc/self/exe").parent_path().parent_path();
  std::string tried;
  for (const char* const library_directory : {SOFTGPU_LIBDIR, "lib"}) {
    const fs::path folder = root / library_directory / "nonans/softgpu";
    std::error_code ignored;
    if (fs::exists(folder / "libcuda.so.1", ignored)) return folder.string();
    tried += "\n  " + folder.string();
  }
  throw std::runtime_error("libcuda.so.1 is not there; looked into" + tried);
}

const std::vector<std::string>& library_names() {
  static const std::vector<std::string> names = {"libcuda.so.1",    "libcudart.so.12",
                                                 "libcudart.so.13", "libcupti.so.12",
                                                 "libcupti.so.13",  "libnvidia-ml.so.1"};
  return names;
}

}  // namespace softgpu::command
