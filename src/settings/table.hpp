// SPDX-License-Identifier: MIT
// The one table: what a setting is called, what it takes, and what a value of it does. settings.cpp
// reads the environment with it, table.cpp prints it. A row is only here if it changes what the
// library does.
#pragma once

#include <span>
#include <string_view>

#include "settings/settings.hpp"

namespace nonans::detail {

struct SettingRow {
  SettingInfo info;
  // Puts `value` into `settings`; false: not a value of this setting, nothing was changed.
  bool (*apply)(Settings& settings, std::string_view value);
};

std::span<const SettingRow> setting_rows();

}  // namespace nonans::detail
