// SPDX-License-Identifier: MIT
// The SONAME shadow: the probes of the other ways in, with the shadow preloaded; and where the
// driver behind it is found.
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "interpose/shadow/loader_cache.hpp"
#include "interpose/shadow/loader_search.hpp"
#include "run.hpp"
#include "support/catch.hpp"

using namespace nonans::interpose::shadow;
namespace fs = std::filesystem;

namespace {

std::string fake(const std::string& driver) {
  return std::string(FAKE_DRIVERS) + "/" + driver + "/libcuda.so.1";
}

RunOptions on_driver(const std::string& driver) {
  return {.driver = driver, .environment = {"NONANS_MODE=off", "PROBE_SHADOWS=" + fake(driver)}};
}

#define CHECK_PROBE(...)                \
  do {                                  \
    Outcome outcome = run(__VA_ARGS__); \
    INFO(outcome.output);               \
    CHECK(outcome.status == 0);         \
  } while (false)

const char* const kDrivers[] = {"plain", "private",   "folded",      "shared",       "noptsz",
                                "newer", "versioned", "old_private", "named_private"};

void append(std::string& bytes, const void* data, size_t size) {
  bytes.append(static_cast<const char*>(data), size);
}

// A cache as ldconfig writes it, of (flags, name, path, hardware).
struct Cached {
  uint32_t flags;
  const char* name;
  const char* path;
  uint64_t hardware = 0;
};
std::string cache_of(const std::vector<Cached>& libraries) {
  std::string strings;
  std::vector<std::pair<uint32_t, uint32_t>> offsets;
  const auto base = static_cast<uint32_t>(48 + libraries.size() * 24);
  for (const Cached& c : libraries) {
    const auto name = static_cast<uint32_t>(base + strings.size());
    strings += std::string(c.name) + '\0';
    offsets.emplace_back(name, static_cast<uint32_t>(base + strings.size()));
    strings += std::string(c.path) + '\0';
  }
  std::string bytes = "glibc-ld.so.cache1.1";
  const auto count = static_cast<uint32_t>(libraries.size());
  const auto length = static_cast<uint32_t>(strings.size());
  append(bytes, &count, 4);
  append(bytes, &length, 4);
  bytes.resize(48);
  for (size_t i = 0; i < libraries.size(); ++i) {
    const uint32_t words[] = {libraries[i].flags, offsets[i].first, offsets[i].second, 0};
    append(bytes, words, sizeof words);
    append(bytes, &libraries[i].hardware, 8);
  }
  return bytes + strings;
}

#if defined(__x86_64__)
constexpr uint32_t kHere = 0x0303, kElsewhere = 0x0a03;
#else
constexpr uint32_t kHere = 0x0a03, kElsewhere = 0x0303;
#endif

}  // namespace

TEST_CASE("under the shadow every way in leads to the trampolines and to the driver behind it") {
  for (const char* driver : kDrivers) {
    INFO(driver);
    CHECK_PROBE({PROBE_LOOKUP, "dlsym"}, on_driver(driver));
    CHECK_PROBE({PROBE_RESOLVER, "every"}, on_driver(driver));
    CHECK_PROBE({PROBE_LINKED, "references"}, on_driver(driver));
    CHECK_PROBE({PROBE_LINKED, "scoped"}, on_driver(driver));
    CHECK_PROBE({PROBE_LINKED, "resolver"}, on_driver(driver));
  }
}

TEST_CASE(
    "an object opened with RTLD_DEEPBIND, which dlsym interposition cannot reach, is reached") {
  for (const char* driver : kDrivers) {
    INFO(driver);
    CHECK_PROBE({PROBE_SHADOW, "deepbind", DEEPBIND_MODULE, DEEPBIND_LINKED_MODULE},
                on_driver(driver));
  }
  // The check can fail: without the shadow libc's dlsym finds the driver's own entries.
  CHECK(run({PROBE_SHADOW, "deepbind", DEEPBIND_MODULE, DEEPBIND_LINKED_MODULE}, {.preload = false})
            .status == 1);
}

TEST_CASE("the driver behind the shadow finds itself, and nobody waits for anybody") {
  CHECK_PROBE({PROBE_LOOKUP, "self"}, on_driver("plain"));
  CHECK_PROBE({PROBE_LINKED, "self"}, on_driver("plain"));
  CHECK_PROBE({PROBE_LOOKUP, "threads"}, on_driver("plain"));
  CHECK_PROBE({PROBE_SHADOW, "threads", DEEPBIND_LINKED_MODULE}, on_driver("plain"));
}

TEST_CASE("the real CUDA runtime finds its driver through the shadow") {
  for (const char* program : {PROBE_CUDART, PROBE_CUDART_SHARED}) {
    for (const char* driver : {"plain", "private", "old", "newer", "stub"}) {
      INFO(program << " on " << driver);
      Outcome without =
          run({program}, {.driver = driver, .preload = false, .environment = {"FAKE_INIT=100"}});
      Outcome with =
          run({program}, {.driver = driver, .environment = {"FAKE_INIT=100", "NONANS_MODE=off"}});
      CHECK(with.output == without.output);
      CHECK(with.status == without.status);
    }
  }
}

TEST_CASE("without a driver every call is refused, and one line says why") {
  RunOptions none{.driver = "", .environment = {"NONANS_DRIVER=/no/such/libcuda.so.1"}};
  Outcome outcome = run({PROBE_SHADOW, "missing", DEEPBIND_MODULE, DEEPBIND_LINKED_MODULE}, none);
  INFO(outcome.output);
  CHECK(outcome.status == 0);
  const size_t first = outcome.output.find("nonans: no CUDA driver could be opened");
  REQUIRE(first != std::string::npos);
  CHECK(outcome.output.find("/no/such/libcuda.so.1", first) != std::string::npos);
  CHECK(outcome.output.find("no CUDA driver could be opened", first + 10) == std::string::npos);
}

TEST_CASE("the driver is the one that the loader would have found") {
  auto found = [](RunOptions options) {
    std::string output = run({PROBE_SHADOW, "path"}, options).output;
    return output.substr(0, output.find('\n'));
  };
  const fs::path folder = fs::temp_directory_path() / ("nonans_shadow_" + std::to_string(getpid()));
  fs::create_directories(folder / "ourselves");
  // A folder that leads to the shadow itself is passed over, and so is a file that is no library.
  fs::create_symlink(NONANS_LIBRARY, folder / "ourselves/libcuda.so.1");
  fs::create_directories(folder / "copy");
  fs::copy_file(NONANS_LIBRARY, folder / "copy/libcuda.so.1");
  fs::create_directories(folder / "text");
  std::ofstream(folder / "text/libcuda.so.1") << "not a library\n";

  CHECK(found({.driver = "plain"}) == fake("plain"));
  const std::string fakes = FAKE_DRIVERS;
  auto library_path = [&](const std::string& value) {
    return RunOptions{.driver = "", .environment = {"LD_LIBRARY_PATH=" + value}};
  };
  CHECK(found(library_path(fakes + "/old:" + fakes + "/plain")) == fake("old"));
  CHECK(found(library_path("/no/such:" + fakes + "/noptsz")) == fake("noptsz"));
  for (const char* first : {"ourselves", "copy", "text"}) {
    INFO(first);
    CHECK(found(library_path((folder / first).string() + ":" + fakes + "/plain")) == fake("plain"));
  }
  CHECK(found({.driver = "plain", .environment = {"NONANS_DRIVER=" + fake("old")}}) == fake("old"));
  fs::remove_all(folder);
}

TEST_CASE("the loader's defaults are told from the same folders wished for") {
  const std::vector<std::string> defaults = {"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu",
                                             "/lib", "/usr/lib"};
#if defined(__x86_64__)
  CHECK(count_default_folders(defaults) == 4);
  std::vector<std::string> wished = {"/opt/cuda", "/usr/lib"};
  wished.insert(wished.end(), defaults.begin(), defaults.end());
  CHECK(count_default_folders(wished) == 4);
#endif
  CHECK(count_default_folders({}) == 0);
  CHECK(count_default_folders({"/opt/cuda"}) == 0);
}

TEST_CASE("the loader's cache: this machine's libraries of that very name") {
  const std::string bytes = cache_of({{kElsewhere, "libcuda.so.1", "/usr/lib32/libcuda.so.1"},
                                      {kHere, "libcuda.so.1", "/special/libcuda.so.1", 1ull << 62},
                                      {kHere, "libcuda.so.1", "/usr/lib/nvidia/libcuda.so.1"},
                                      {kHere, "libcuda.so.10", "/usr/lib/libcuda.so.10"}});
  CHECK(in_loader_cache(bytes, "libcuda.so.1") ==
        std::vector<std::string>{"/usr/lib/nvidia/libcuda.so.1", "/special/libcuda.so.1"});
  CHECK(in_loader_cache(bytes, "libcuda.so").empty());

  // The older format in front: 12 bytes a library, then the newer header at a multiple of 8.
  std::string older = "ld.so-1.7.0";
  older.resize(12);
  const uint32_t one = 1;
  append(older, &one, 4);
  older.resize(32);
  CHECK(in_loader_cache(older + bytes, "libcuda.so.1").size() == 2);

  // Cut anywhere, or with a count that is a lie: nothing outside is read (AddressSanitizer
  // watches).
  for (size_t length = 0; length < bytes.size(); ++length) {
    const std::vector<char> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
    CHECK(in_loader_cache(cut, "libcuda.so.1").size() <= 2);
  }
  std::string lying = bytes;
  const uint32_t many = 0xffffffff;
  std::memcpy(lying.data() + 20, &many, 4);
  std::memcpy(lying.data() + 48 + 4, &many, 4);
  CHECK(in_loader_cache(lying, "libcuda.so.1").size() <= 2);
  CHECK(in_loader_cache({}, "libcuda.so.1").empty());
}

TEST_CASE("the loader's cache of this machine holds its C library") {
  std::ifstream file("/etc/ld.so.cache", std::ios::binary);
  if (!file) return;  // none on this system
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const std::vector<std::string> found = in_loader_cache(bytes, "libc.so.6");
  REQUIRE_FALSE(found.empty());
  CHECK(fs::exists(found.front()));
}
