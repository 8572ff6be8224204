// SPDX-License-Identifier: MIT
#include "observe/checks.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string_view>

#include "observe/init_check.hpp"
#include "observe/race_check.hpp"
#include "observe/write_set.hpp"

namespace softgpu::observe {
namespace {

void say(const std::string& report) {
  const std::string line = "softgpu: " + report + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

nlohmann::json pairs(const IntervalSet& set) {
  nlohmann::json out = nlohmann::json::array();
  for (const Interval& i : set.intervals()) out.push_back({i.address, i.size});
  return out;
}

std::string line_of(const LaunchBytes& bytes) {
  nlohmann::json line{
      {"kernel", bytes.kernel},
      {"grid", {bytes.grid.x, bytes.grid.y, bytes.grid.z}},
      {"block", {bytes.block.x, bytes.block.y, bytes.block.z}},
      {"written", pairs(bytes.written)},
      {"read", pairs(bytes.read)},
  };
  if (!bytes.fault.empty()) line["fault"] = bytes.fault;
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

// Each launch's line is written at once: a program may end without telling.
class Trace final : public LaunchBytesObserver {
 public:
  explicit Trace(std::FILE* file)
      : LaunchBytesObserver([this](LaunchBytes&& bytes) { write(line_of(bytes)); }), file_(file) {}

  void write(const std::string& line) {
    const std::lock_guard lock(mutex_);
    std::fwrite(line.data(), 1, line.size(), file_);
    std::fflush(file_);
  }

 private:
  std::mutex mutex_;
  std::FILE* file_;
};

// Set once, before any launch.
Trace* g_trace = nullptr;

}  // namespace

bool traced() {
  return g_trace != nullptr;
}

void write_to_trace(const std::string& line) {
  if (g_trace) g_trace->write(line + "\n");
}

void turn_on(const char* check, const char* trace, std::vector<std::string>& complaints) {
  std::string_view names = check == nullptr ? "" : check;
  // Observers live as long as the process.
  bool race = false, init = false;
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(','));
    names.remove_prefix(std::min(name.size() + 1, names.size()));
    if (name == "race") {
      race = true;
    } else if (name == "init") {
      init = true;
    } else if (!name.empty()) {
      complaints.push_back("SOFTGPU_CHECK: there is no checker '" + std::string(name) +
                           "' (race, init)");
    }
  }
  if (race) engine::observe(new RaceCheck(say));
  if (init) engine::observe(new InitCheck(say));
  if (trace == nullptr || *trace == '\0') return;
  std::FILE* const file = std::fopen(trace, "we");
  if (file == nullptr) {
    complaints.push_back("SOFTGPU_TRACE=" + std::string(trace) +
                         " cannot be written: " + std::strerror(errno));
    return;
  }
  g_trace = new Trace(file);
  engine::observe(g_trace);
}

}  // namespace softgpu::observe
