// SPDX-License-Identifier: MIT
#include "cli/report.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <stdexcept>

namespace nonans::cli {

EventFile read_events(const std::string& path) {
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error(path + ": " + std::strerror(errno));
  EventFile file{.path = path, .events = {}, .bad = {}};
  std::string line;
  for (uint64_t number = 1; std::getline(stream, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    events::Event event;
    std::string error;
    if (events::from_json_line(line, event, error)) {
      file.events.push_back(std::move(event));
    } else {
      file.bad.push_back({number, error});
    }
  }
  if (stream.bad()) throw std::runtime_error(path + ": " + std::strerror(errno));
  return file;
}

std::vector<KernelSummary> by_kernel(const EventFile& file) {
  std::vector<KernelSummary> kernels;
  for (const events::Event& event : file.events) {
    auto at = std::find_if(kernels.begin(), kernels.end(),
                           [&](const KernelSummary& k) { return k.kernel == event.kernel; });
    if (at == kernels.end()) {
      at = kernels.insert(at, KernelSummary{});
      at->kernel = event.kernel;
      at->first_step = event.step;
    }
    ++at->events;
    at->origins += event.origin == events::Origin::origin ? 1 : 0;
    at->repaired += event.resolution == events::Resolution::repaired ? 1 : 0;
    at->would_repair += event.resolution == events::Resolution::would_repair ? 1 : 0;
    at->refused += event.resolution == events::Resolution::refused ? 1 : 0;
    at->observed += event.resolution == events::Resolution::observed ? 1 : 0;
    at->values += event.nan + event.pos_inf + event.neg_inf;
    at->values_repaired += event.resolution == events::Resolution::repaired ? event.repaired : 0;
    at->last_step = std::max(at->last_step, event.step);
  }
  return kernels;
}

const events::Event* first_origin(const EventFile& file) {
  auto at = std::find_if(file.events.begin(), file.events.end(), [](const events::Event& event) {
    return event.origin == events::Origin::origin;
  });
  return at == file.events.end() ? nullptr : &*at;
}

int report(const std::string& path, bool as_json) {
  EventFile file = read_events(path);
  std::cout << (as_json ? to_json(file) : to_text(file)) << std::flush;
  for (const BadLine& line : file.bad) {
    std::cerr << file.path << ':' << line.number << ": " << line.reason << '\n';
  }
  return file.bad.empty() ? 0 : 1;
}

}  // namespace nonans::cli
