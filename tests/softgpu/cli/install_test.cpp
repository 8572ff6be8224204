// SPDX-License-Identifier: MIT
// `cmake --install`: everything is there, nothing of it points back at the build, and it works from
// a folder that it was moved to.
#include <elf.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "e2e/process.hpp"
#include "support/catch.hpp"

using nonans::test::Finished;
using nonans::test::run;
using nonans::test::Scratch;
namespace fs = std::filesystem;

namespace {

// An installation that has been moved away from where it was installed to.
class Installation {
 public:
  Installation() : root_(scratch_.path() / "moved") {
    const fs::path first = scratch_.path() / "first";
    const Finished done =
        run({CMAKE_PROGRAM, "--install", BUILD_FOLDER, "--prefix", first.string()});
    INFO(done.err);
    REQUIRE(done.exit_code == 0);
    fs::rename(first, root_);
  }
  fs::path file(const std::string& name) const { return root_ / name; }
  std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    for (const auto& entry : fs::recursive_directory_iterator(root_))
      if (entry.is_regular_file()) all.push_back(entry.path());
    return all;
  }

 private:
  Scratch scratch_;
  fs::path root_;
};

const Installation& installation() {
  static const Installation one;
  return one;
}

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The parts of an ELF file that are loaded when it runs: debug information is not.
std::string loaded_bytes(const std::string& file) {
  Elf64_Ehdr header;
  std::memcpy(&header, file.data(), sizeof header);
  std::string loaded;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr part;
    std::memcpy(&part, file.data() + header.e_phoff + i * sizeof part, sizeof part);
    if (part.p_type == PT_LOAD) loaded += file.substr(part.p_offset, part.p_filesz);
  }
  return loaded;
}

const std::string kLibraries = INSTALLED_LIBRARIES;

}  // namespace

TEST_CASE("an installation holds commands, libraries, documentation and licence") {
  for (const std::string name : {"bin/nonans", "bin/softgpu", "share/doc/nonans/README.md",
                                 "share/doc/nonans/LICENSE", "share/doc/nonans/docs/softgpu.md"})
    CHECK(fs::is_regular_file(installation().file(name)));
  CHECK(fs::is_regular_file(installation().file(kLibraries + "/libnonans.so")));
  // Every library that the build put beside libcuda.so.1 is installed beside it.
  for (const auto& entry : fs::directory_iterator(SOFTGPU_FOLDER)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_symlink()) continue;  // for linking
    INFO(name);
    CHECK(fs::is_regular_file(installation().file(kLibraries + "/nonans/softgpu/" + name)));
  }
}

TEST_CASE("nothing that runs knows where it was built") {
  for (const fs::path& path : installation().files()) {
    const std::string file = bytes_of(path);
    if (!file.starts_with(ELFMAG)) continue;
    INFO(path);
    const std::string loaded = loaded_bytes(file);
    CHECK(loaded.size() > 1000);
    CHECK(loaded.find(BUILD_FOLDER) == std::string::npos);
    CHECK(loaded.find(SOURCE_FOLDER) == std::string::npos);
  }
}

TEST_CASE("an installation works where it was moved to") {
  const std::string softgpu = installation().file("bin/softgpu");
  const std::string folder = installation().file(kLibraries + "/nonans/softgpu");
  const Finished found = run({softgpu, "run", "--cc", "8.0", "--", FOUND_PROGRAM});
  INFO(found.err);
  CHECK(found.exit_code == 0);
  CHECK(found.out.starts_with(folder + "/libcuda.so.1 1 8.0 "));

  const Finished info = run({softgpu, "info", "--json"});
  CHECK(info.exit_code == 0);
  for (const auto& [name, path] : nlohmann::json::parse(info.out)["libraries"].items())
    if (!path.is_null()) CHECK(path == folder + "/" + name);

  const Finished doctor = run({installation().file("bin/nonans"), "doctor", "--device", "soft"});
  INFO(doctor.out << doctor.err);
  CHECK(doctor.exit_code == 0);
  CHECK(doctor.out.find(installation().file(kLibraries + "/libnonans.so")) != std::string::npos);
  CHECK(doctor.out.find(folder + "/libcuda.so.1") != std::string::npos);
}
