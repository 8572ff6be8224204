// SPDX-License-Identifier: MIT
#include "settings/table.hpp"

#include <array>
#include <cstring>
#include <utility>

namespace nonans::detail {
namespace {

using resolve::Mode;

template <typename T, size_t N>
bool choose(const std::pair<const char*, T> (&choices)[N], std::string_view value, T& out) {
  for (const auto& [name, meaning] : choices) {
    if (value == name) {
      out = meaning;
      return true;
    }
  }
  return false;
}

bool apply_mode(Settings& settings, std::string_view value) {
  return choose<Mode>({{"off", Mode::off},
                       {"observe", Mode::observe},
                       {"resolve", Mode::resolve},
                       {"auto", Mode::resolve}},
                      value, settings.mode);
}

// NaN has no sign and no size: under `saturate` it becomes 0, as under the others. −Inf is touched
// only by the two policies that were asked for by name: it is what masks are made of.
bool apply_policy(Settings& settings, std::string_view value) {
  const resolve::Policy automatic{};
  if (!choose<resolve::Policy>(
          {{"auto", automatic},
           {"zero", {.nan = NN_ZERO, .pos_inf = NN_ZERO, .neg_inf = NN_ZERO}},
           {"saturate", {.nan = NN_ZERO, .pos_inf = NN_SATURATE, .neg_inf = NN_SATURATE}},
           {"observe", automatic}},
          value, settings.policy))
    return false;
  settings.policy_name = value;
  return true;
}

bool apply_events(Settings& settings, std::string_view value) {
  if (value.empty()) return false;
  settings.events_path = value;
  return true;
}

bool apply_debug(Settings& settings, std::string_view value) {
  return choose<DebugLevel>({{"off", DebugLevel::off},
                             {"warn", DebugLevel::warn},
                             {"info", DebugLevel::info},
                             {"trace", DebugLevel::trace}},
                            value, settings.debug);
}

// Read by the shadow itself, long before there are settings (interpose/shadow/real_driver.cpp).
bool apply_driver(Settings&, std::string_view value) {
  return !value.empty();
}

bool apply_quiet(Settings& settings, std::string_view value) {
  return choose<bool>({{"0", false}, {"1", true}}, value, settings.quiet);
}

bool apply_cupti(Settings& settings, std::string_view value) {
  return choose<CuptiUse>(
      {{"auto", CuptiUse::mapped}, {"on", CuptiUse::load}, {"off", CuptiUse::off}}, value,
      settings.cupti);
}

bool apply_sources(Settings& settings, std::string_view value) {
  return choose<Sources>(
      {{"auto", Sources::both}, {"hooks", Sources::hooks}, {"cupti", Sources::cupti}}, value,
      settings.sources);
}

constexpr SettingRow kRows[] = {
    {{"NONANS_MODE", "--mode", "auto", "off|observe|resolve|auto",
      "what to do about non-finite values: nothing, report them, or also repair what is proven; "
      "auto is resolve"},
     apply_mode},
    {{"NONANS_POLICY", "--policy", "auto", "auto|zero|saturate|observe",
      "what a repair writes: auto turns NaN into 0 and +Inf into the largest finite value and "
      "leaves -Inf; zero writes 0 for all three; saturate is auto with -Inf included; observe "
      "repairs nothing"},
     apply_policy},
    {{"NONANS_EVENTS", "--events", "", "PATH",
      "file that gets one line of JSON per event, created at the first one; %h is the host, %p the "
      "process, %r the rank; default: nonans/events-%h-%p.jsonl in the XDG state folder"},
     apply_events},
    {{"NONANS_DEBUG", "--debug", "warn", "off|warn|info|trace",
      "what is said on stderr while running: nothing, the first event of each kind and place, the "
      "first event whatever its cause, every event"},
     apply_debug},
    {{"NONANS_DRIVER", "--driver", "", "PATH",
      "under --shadow: the driver's libcuda.so.1, where the one that the loader would find is not "
      "the right one"},
     apply_driver},
    {{"NONANS_QUIET", "--quiet", "0", "0|1",
      "1: no line at the first context and no summary at exit"},
     apply_quiet},
    {{"NONANS_CUPTI", "--cupti", "auto", "auto|on|off",
      "NVIDIA's CUPTI, which shows images and allocations that pass the hooks by: auto uses a "
      "libcupti that the program has loaded, on also loads one, off uses none; the program's own "
      "profiler always comes first"},
     apply_cupti},
    {{"NONANS_SOURCES", "--sources", "auto", "auto|hooks|cupti",
      "where images and buffers are learned from, for tests and for finding faults: auto is both, "
      "hooks is without CUPTI, cupti is from CUPTI alone (which shows machine code where an image "
      "has some for the device, and machine code is not analysed yet)"},
     apply_sources},
};

template <size_t... I>
constexpr auto infos_of(std::index_sequence<I...>) {
  return std::array<SettingInfo, sizeof...(I)>{kRows[I].info...};
}
constexpr auto kInfos = infos_of(std::make_index_sequence<std::size(kRows)>{});

}  // namespace

std::span<const SettingRow> setting_rows() {
  return kRows;
}

}  // namespace nonans::detail

namespace nonans {

std::span<const SettingInfo> settings_table() {
  return detail::kInfos;
}

std::string settings_help() {
  std::string text;
  for (const SettingInfo& info : settings_table()) {
    text += std::string("  ") + info.flag + " " + info.values + "   (" + info.variable;
    if (*info.fallback) text += std::string(", default ") + info.fallback;
    text += std::string(")\n      ") + info.help + "\n";
  }
  return text;
}

std::string settings_markdown() {
  std::string text =
      "# Settings\n"
      "\n"
      "Each setting is an environment variable of the library and a flag of `nonans run`. This "
      "page "
      "is generated\n"
      "from the table in src/settings/table.cpp. A variable that begins with `NONANS_` and is not "
      "listed here gets a\n"
      "warning; a value that is not listed gets a warning and the default.\n"
      "\n"
      "| variable | flag | values | default | what it does |\n"
      "|---|---|---|---|---|\n";
  for (const SettingInfo& info : settings_table()) {
    std::string values;
    for (const char* c = info.values; *c; ++c)
      values += *c == '|' ? std::string("`, `") : std::string(1, *c);
    text += std::string("| `") + info.variable + "` | `" + info.flag + "` | `" + values + "` | " +
            (*info.fallback ? std::string("`") + info.fallback + "`" : "") + " | " + info.help +
            " |\n";
  }
  return text;
}

}  // namespace nonans
