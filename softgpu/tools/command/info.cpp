// SPDX-License-Identifier: MIT
#include "command/info.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "command/locate.hpp"
#include "command/variables.hpp"
#include "driver/device_shape.hpp"

extern char** environ;

namespace softgpu::command {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Library {
  std::string name, path;  // an empty path: not there
};

struct SetVariable {
  std::string name, value, problem;  // no problem: empty
};

struct Report {
  Probe probe;
  std::vector<Library> libraries;
  std::vector<SetVariable> variables;
  std::string clock;  // what keeps the device's time
  bool good() const {
    return probe.error.empty() &&
           std::all_of(variables.begin(), variables.end(),
                       [](const SetVariable& v) { return v.problem.empty(); });
  }
};

// The probe does not open the file.
std::string trace_problem(const std::string& path) {
  std::error_code ignored;
  const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : ".";
  const bool there = fs::exists(path, ignored);
  if (access(there ? path.c_str() : folder.c_str(), W_OK) == 0 && !fs::is_directory(path, ignored))
    return "";
  return "SOFTGPU_TRACE=" + path + " cannot be written";
}

std::string problem_of(const std::string& name, const std::string& value, const Probe& probe) {
  if (value.empty()) return "";  // counts as not set
  const auto known = variables();
  if (std::none_of(known.begin(), known.end(), [&](const Variable& v) { return name == v.name; }))
    return name + " is no variable of this device";
  return name == "SOFTGPU_TRACE" ? trace_problem(value) : complaint_about(probe, name);
}

Report examine(const Settings& settings) {
  const std::string folder = library_folder();
  for (const auto& [name, value] : settings) setenv(name.c_str(), value.c_str(), 1);
  Report report;
  report.probe = probe(folder, settings);
  std::vector<std::string> told_by_probe;
  report.clock = driver::clock_name(driver::read_device_shape(told_by_probe));
  for (const std::string& name : library_names()) {
    const std::string path = folder + "/" + name;
    std::error_code ignored;
    report.libraries.push_back({name, fs::exists(path, ignored) ? path : ""});
  }
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const size_t equals = text.find('=');
    if (!text.starts_with("SOFTGPU_") || equals == std::string::npos) continue;
    const std::string name = text.substr(0, equals), value = text.substr(equals + 1);
    report.variables.push_back({name, value, problem_of(name, value, report.probe)});
  }
  std::sort(report.variables.begin(), report.variables.end(),
            [](const SetVariable& a, const SetVariable& b) { return a.name < b.name; });
  return report;
}

std::string version_text(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

std::string size_text(uint64_t bytes) {
  for (const auto& [shift, unit] : {std::pair{30, "GiB"}, {20, "MiB"}, {10, "KiB"}})
    if (bytes >> shift != 0 && bytes % (uint64_t{1} << shift) == 0)
      return fmt::format("{} {}", bytes >> shift, unit);
  return fmt::format("{} bytes", bytes);
}

void say(const std::string& name, const std::string& value) {
  fmt::print("{:<10} {}\n", name, value);
}

void print_text(const Report& report) {
  const Probe& p = report.probe;
  fmt::print("softgpu {}\n", SOFTGPU_VERSION);
  say("driver", p.error.empty() ? "CUDA " + version_text(p.driver_version) : "NONE: " + p.error);
  for (size_t i = 0; i < p.devices.size(); ++i) {
    const ProbedDevice& d = p.devices[i];
    say(fmt::format("device {}", i), d.name);
    say("", fmt::format("compute capability {}.{}, {}, {} multiprocessors", d.major, d.minor,
                        size_text(d.memory), d.multiprocessors));
    say("", fmt::format("PCI {}, {}", d.pci, d.uuid));
  }
  if (p.error.empty())
    say("engine", fmt::format("{} host {}", p.threads, p.threads == 1 ? "thread" : "threads"));
  say("clock", report.clock);
  const char* heading = "libraries";
  for (const Library& l : report.libraries) {
    say(heading, l.path.empty() ? l.name + ": not there" : l.path);
    heading = "";
  }
  heading = "variables";
  if (report.variables.empty()) say(heading, "none set");
  for (const SetVariable& v : report.variables) {
    say(heading, v.problem.empty() ? v.name + "=" + v.value : "BAD: " + v.problem);
    heading = "";
  }
  for (const std::string& line : p.said)
    if (std::none_of(report.variables.begin(), report.variables.end(),
                     [&](const SetVariable& v) { return v.problem == line; }))
      say("note", line);
}

void print_json(const Report& report) {
  json out = {{"version", SOFTGPU_VERSION},      {"driver_version", report.probe.driver_version},
              {"threads", report.probe.threads}, {"clock", report.clock},
              {"devices", json::array()},        {"libraries", json::object()},
              {"variables", json::array()}};
  if (!report.probe.error.empty()) out["error"] = report.probe.error;
  for (const ProbedDevice& d : report.probe.devices)
    out["devices"].push_back({{"name", d.name},
                              {"uuid", d.uuid},
                              {"pci", d.pci},
                              {"compute_capability", fmt::format("{}.{}", d.major, d.minor)},
                              {"memory", d.memory},
                              {"multiprocessors", d.multiprocessors}});
  for (const Library& l : report.libraries)
    out["libraries"][l.name] = l.path.empty() ? json() : json(l.path);
  for (const SetVariable& v : report.variables) {
    json entry = {{"name", v.name}, {"value", v.value}, {"valid", v.problem.empty()}};
    if (!v.problem.empty()) entry["problem"] = v.problem;
    out["variables"].push_back(entry);
  }
  fmt::print("{}\n", out.dump(2, ' ', false, json::error_handler_t::replace));
}

}  // namespace

int info(const Settings& settings, bool as_json) {
  const Report report = examine(settings);
  as_json ? print_json(report) : print_text(report);
  return report.good() ? 0 : 1;
}

}  // namespace softgpu::command
