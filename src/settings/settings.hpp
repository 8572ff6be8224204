// SPDX-License-Identifier: MIT
// Every setting, from one table: the environment variables of the library, the flags of `nonans
// run`, docs/settings.md.
//
//   Settings s = Settings::from_environment(warnings);  // never fails: a bad value only warns
//   for (const SettingInfo& info : settings_table()) …  // name, flag, default, values, help
//
// Reading the environment allocates: done once, when the first context appears, never in a launch
// hook.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "resolve/planner.hpp"

namespace nonans {

struct SettingInfo {
  const char* variable;  // "NONANS_MODE"
  const char* flag;      // "--mode"
  const char* fallback;  // "auto"
  const char* values;    // "off|observe|resolve|auto"
  const char* help;      // one line
};
std::span<const SettingInfo> settings_table();
// The table as text for --help, and as docs/settings.md (a test compares the two).
std::string settings_help();
std::string settings_markdown();

enum class DebugLevel : uint8_t { off, warn, info, trace };

// NONANS_CUPTI: whose libcupti is used.
enum class CuptiUse : uint8_t { off, mapped, load };
// NONANS_SOURCES: where images and buffers are learned from.
enum class Sources : uint8_t { both, hooks, cupti };

struct Settings {
  resolve::Mode mode = resolve::Mode::resolve;
  resolve::Policy policy;
  std::string policy_name = "auto";
  std::string
      events_path;  // as given, %h %p %r not expanded; empty = default under the XDG state folder
  DebugLevel debug = DebugLevel::warn;
  bool quiet = false;  // NONANS_QUIET=1: no banner, no summary
  CuptiUse cupti = CuptiUse::mapped;
  Sources sources = Sources::both;  // hooks: cupti is off; cupti: cupti is load

  // Reads NONANS_*; appends one line per unknown name ("NONANS_MOED is not a setting; did you mean
  // NONANS_MODE?") or bad value to `warnings`.
  static Settings from_environment(std::vector<std::string>& warnings);
  // The same from a list of "NAME=value" strings; names without the prefix NONANS_ are not ours and
  // are passed over.
  static Settings from_variables(std::span<const char* const> variables,
                                 std::vector<std::string>& warnings);
};

// Expands %h (host), %p (pid), %r (rank from the usual launchers, else 0) and %% in a path.
std::string expand_path(const std::string& pattern);
// $XDG_STATE_HOME/nonans/events-%h-%p.jsonl, else ~/.local/state/nonans/…, else
// /tmp/nonans-<uid>/…, not yet expanded.
std::string default_events_path();

}  // namespace nonans
