// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/report.hpp"

namespace nonans::cli {
namespace {

std::string table(const std::vector<KernelSummary>& kernels) {
  size_t width = 6;
  for (const KernelSummary& k : kernels) width = std::max(width, k.kernel.size());
  std::string text = fmt::format("{:<{}}  {:>8} {:>8} {:>8} {:>8} {:>8}  {}\n", "kernel", width,
                                 "events", "origins", "repaired", "refused", "observed", "steps");
  for (const KernelSummary& k : kernels) {
    text +=
        fmt::format("{:<{}}  {:>8} {:>8} {:>8} {:>8} {:>8}  {}\n", k.kernel, width, k.events,
                    k.origins, k.repaired, k.refused, k.observed + k.would_repair,
                    k.first_step == k.last_step ? fmt::format("{}", k.first_step)
                                                : fmt::format("{}-{}", k.first_step, k.last_step));
  }
  return text;
}

// Why values were left as they are, each reason once with its count.
std::string reasons(const EventFile& file) {
  std::map<std::string, uint64_t> counts;
  for (const events::Event& event : file.events) {
    if (event.resolution == events::Resolution::refused && !event.reason.empty())
      ++counts[event.reason];
  }
  std::string text;
  for (const auto& [reason, count] : counts) text += fmt::format("  {} times: {}\n", count, reason);
  return text.empty() ? text : "\nnot repaired:\n" + text;
}

nlohmann::ordered_json to_json_object(const KernelSummary& k) {
  return {{"kernel", k.kernel},
          {"events", k.events},
          {"origins", k.origins},
          {"repaired", k.repaired},
          {"would_repair", k.would_repair},
          {"refused", k.refused},
          {"observed", k.observed},
          {"values", k.values},
          {"values_repaired", k.values_repaired},
          {"first_step", k.first_step},
          {"last_step", k.last_step}};
}

}  // namespace

std::string to_text(const EventFile& file) {
  std::string text = fmt::format("{}: {} events", file.path, file.events.size());
  if (!file.bad.empty()) text += fmt::format(", {} lines not understood", file.bad.size());
  text += '\n';
  if (file.events.empty()) return text;
  uint64_t values = 0, repaired = 0, would_repair = 0;
  std::vector<KernelSummary> kernels = by_kernel(file);
  for (const KernelSummary& k : kernels) {
    values += k.values;
    repaired += k.values_repaired;
    would_repair += k.would_repair;
  }
  text += fmt::format("{} non-finite values, {} of them repaired\n", values, repaired);
  if (would_repair > 0) {
    text += fmt::format("{} events would have been repaired in mode resolve\n", would_repair);
  }
  const events::Event* first = first_origin(file);
  text += "\nfirst origin:\n  ";
  text += first == nullptr ? "none: no event says that its kernel made the value\n"
                           : events::to_sentence(*first) + "\n";
  return text + '\n' + table(kernels) + reasons(file);
}

std::string to_json(const EventFile& file) {
  nlohmann::ordered_json json;
  json["file"] = file.path;
  json["events"] = file.events.size();
  const events::Event* first = first_origin(file);
  if (first == nullptr) {
    json["first_origin"] = nullptr;
  } else {
    json["first_origin"] = nlohmann::ordered_json::parse(events::to_json_line(*first));
  }
  json["kernels"] = nlohmann::ordered_json::array();
  for (const KernelSummary& k : by_kernel(file)) json["kernels"].push_back(to_json_object(k));
  json["bad_lines"] = nlohmann::ordered_json::array();
  for (const BadLine& line : file.bad) {
    json["bad_lines"].push_back({{"line", line.number}, {"reason", line.reason}});
  }
  return json.dump(2) + '\n';
}

}  // namespace nonans::cli
