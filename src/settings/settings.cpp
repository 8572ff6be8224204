// SPDX-License-Identifier: MIT
#include "settings/settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "settings/table.hpp"

namespace nonans {
namespace {

constexpr std::string_view kPrefix = "NONANS_";

// Levenshtein distance, with a swap of neighbours counted as one (the commonest slip: MOED for
// MODE).
size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

std::string unknown_name(std::string_view name) {
  const detail::SettingRow* nearest = nullptr;
  size_t best = 0;
  for (const detail::SettingRow& row : detail::setting_rows()) {
    const size_t here = distance(name.substr(kPrefix.size()),
                                 std::string_view(row.info.variable).substr(kPrefix.size()));
    if (!nearest || here < best) {
      nearest = &row;
      best = here;
    }
  }
  return std::string(name) + " is not a setting; did you mean " + nearest->info.variable + "?";
}

std::string bad_value(const SettingInfo& info, std::string_view value) {
  std::string text = std::string(info.variable) + "=" + std::string(value) +
                     " is not understood; it takes " + info.values;
  if (*info.fallback) text += std::string("; using ") + info.fallback;
  return text;
}

}  // namespace

Settings Settings::from_variables(std::span<const char* const> variables,
                                  std::vector<std::string>& warnings) {
  Settings settings;
  for (const char* variable : variables) {
    const std::string_view text = variable;
    const size_t equals = text.find('=');
    if (!text.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    const std::string_view name = text.substr(0, equals), value = text.substr(equals + 1);
    const auto rows = detail::setting_rows();
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const auto& r) { return name == r.info.variable; });
    if (row == rows.end())
      warnings.push_back(unknown_name(name));
    else if (!row->apply(settings, value))
      warnings.push_back(bad_value(row->info, value));
  }
  // The policy that repairs nothing is the mode that repairs nothing.
  if (settings.policy_name == "observe" && settings.mode == resolve::Mode::resolve)
    settings.mode = resolve::Mode::observe;
  if (settings.sources == Sources::cupti && settings.cupti == CuptiUse::off) {
    warnings.push_back("NONANS_SOURCES=cupti needs CUPTI, and NONANS_CUPTI is off; using hooks");
    settings.sources = Sources::hooks;
  }
  if (settings.sources == Sources::hooks) settings.cupti = CuptiUse::off;
  if (settings.sources == Sources::cupti) settings.cupti = CuptiUse::load;
  return settings;
}

Settings Settings::from_environment(std::vector<std::string>& warnings) {
  size_t count = 0;
  while (environ && environ[count]) ++count;
  return from_variables({environ, count}, warnings);
}

}  // namespace nonans
