// SPDX-License-Identifier: MIT
#include "cli/doctor.hpp"

#include <fmt/format.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "cli/child.hpp"
#include "cli/environment.hpp"
#include "cli/locate.hpp"
#include "cli/probe.hpp"
#include "cli/report.hpp"
#include "settings/settings.hpp"

namespace nonans::cli {
namespace {

namespace fs = std::filesystem;

// A folder of our own that goes when we go.
class ScratchFolder {
 public:
  ScratchFolder() : path_((fs::temp_directory_path() / "nonans-doctor-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) {
      throw std::runtime_error(path_ + ": " + std::strerror(errno));
    }
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// The "name=value" lines of the probe. A name can come several times.
std::vector<std::string> values_of(const std::string& lines, const std::string& name) {
  std::vector<std::string> values;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with(name + "=")) values.push_back(line.substr(name.size() + 1));
  }
  return values;
}
std::string value_of(const std::string& lines, const std::string& name) {
  std::vector<std::string> values = values_of(lines, name);
  return values.empty() ? "" : values.front();
}

void say(const char* name, const std::string& value) {
  fmt::print("{:<10} {}\n", name, value);
}

std::string driver_line(const std::string& lines) {
  std::string path = value_of(lines, "driver");
  if (path.empty()) return "none: " + value_of(lines, "driver_error");
  std::error_code ignored;
  fs::path resolved = fs::canonical(path, ignored);
  if (!resolved.empty() && resolved != path) path += " -> " + resolved.string();
  std::string version = value_of(lines, "version");
  if (version.empty()) return path;
  int number = std::stoi(version);
  return fmt::format("{}, CUDA {}.{}", path, number / 1000, number % 1000 / 10);
}

bool say_active(const std::string& lines, const std::string& library) {
  std::string owner = value_of(lines, "launch_is_in");
  if (owner.empty()) {
    say("active", "not known: the child did not come that far");
    return false;
  }
  std::error_code ignored;
  bool active = fs::equivalent(owner, library, ignored);
  say("active", active
                    ? "yes: a child process that looks up cuLaunchKernel gets ours"
                    : "NO: a child process that looks up cuLaunchKernel gets the one in " + owner);
  return active;
}

// What the library wrote about the kernel of the probe.
uint64_t seen_nans(const std::string& events_path) {
  uint64_t nans = 0;
  if (!fs::exists(events_path)) return nans;
  for (const events::Event& event : read_events(events_path).events) {
    if (event.kernel_symbol == kProbeKernel || event.kernel == kProbeKernel) nans += event.nan;
  }
  return nans;
}

bool say_self_test(const ChildOutput& child, const std::string& events_path) {
  std::string value = value_of(child.out, "self_test");
  if (value.empty()) {
    std::string error = value_of(child.out, "self_test_error");
    if (error.empty()) error = value_of(child.out, "device_error");
    if (error.empty()) error = value_of(child.out, "driver_error");
    if (child.signal != 0) error = fmt::format("the child died of signal {}", child.signal);
    say("self-test", "NOT run: " + error);
    return false;
  }
  uint64_t nans = seen_nans(events_path);
  bool repaired = value == "0";
  say("self-test", fmt::format("{}: a kernel divided 0 by 0: {} NaN seen, {}",
                               nans > 0 && repaired ? "ok" : "FAILED", nans,
                               repaired ? "repaired to 0" : "not repaired: " + value));
  return nans > 0 && repaired;
}

void say_stderr(const std::string& text) {
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) say("  it said", line);
}

void say_settings() {
  std::vector<std::string> warnings;
  Settings settings = Settings::from_environment(warnings);
  if (settings.mode == resolve::Mode::off)
    say("note", "NONANS_MODE=off is set: programs run as without NoNans");
  if (settings.mode == resolve::Mode::observe)
    say("note", "NONANS_MODE=observe is set: nothing will be repaired");
  for (const std::string& warning : warnings) say("note", warning);
  std::string events = settings.events_path.empty() ? default_events_path() : settings.events_path;
  say("events", events + " (made at the first event)");
  if (getauxval(AT_SECURE) != 0) {
    say("note", "this process has raised rights: the loader ignores LD_PRELOAD for such programs");
  }
}

}  // namespace

int examine(Device wanted) {
  fmt::print("nonans {}\n", NONANS_VERSION);
  std::string library = find_library();
  say("library", library);
  std::fflush(stdout);

  use_device(choose_device(wanted));
  preload(library);
  ScratchFolder scratch;
  std::string events = scratch.file("events.jsonl");
  ChildOutput child = run_self(kProbeArgument, {"NONANS_MODE=resolve", "NONANS_POLICY=auto",
                                                "NONANS_QUIET=0", "NONANS_EVENTS=" + events});
  say("driver", driver_line(child.out));
  std::string device = value_of(child.out, "device");
  std::string no_device = value_of(child.out, "device_error");
  if (device.empty()) device = no_device.empty() ? "none" : "none: " + no_device;
  say("device", device);
  for (const std::string& image : values_of(child.out, "image")) say("image", image);
  bool active = say_active(child.out, library);
  bool works = say_self_test(child, events);
  say_stderr(child.err);
  say_settings();
  return active && works ? 0 : 1;
}

}  // namespace nonans::cli
