// SPDX-License-Identifier: MIT
#include "settings/settings.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "support/catch.hpp"

using nonans::DebugLevel;
using nonans::Settings;
using nonans::resolve::Mode;

namespace {

Settings read(std::vector<const char*> variables, std::vector<std::string>& warnings) {
  return Settings::from_variables(variables, warnings);
}

Settings read_clean(std::vector<const char*> variables) {
  std::vector<std::string> warnings;
  Settings settings = read(std::move(variables), warnings);
  CHECK(warnings.empty());
  return settings;
}

// Sets a variable of this process for the length of a test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old, had_ = true;
    value ? setenv(name, value, 1) : unsetenv(name);
  }
  ~Variable() { had_ ? setenv(name_, old_.c_str(), 1) : unsetenv(name_); }

 private:
  const char* name_;
  std::string old_;
  bool had_ = false;
};

}  // namespace

TEST_CASE("settings: without variables, resolve with the automatic policy") {
  const Settings settings = read_clean({"HOME=/root", "PATH=/bin"});
  CHECK(settings.mode == Mode::resolve);
  CHECK(settings.policy.nan == NN_ZERO);
  CHECK(settings.policy.pos_inf == NN_SATURATE);
  CHECK(settings.policy.neg_inf == NN_KEEP);
  CHECK(settings.debug == DebugLevel::warn);
  CHECK_FALSE(settings.quiet);
  CHECK(settings.events_path.empty());
}

TEST_CASE("settings: each documented value is taken") {
  CHECK(read_clean({"NONANS_MODE=off"}).mode == Mode::off);
  CHECK(read_clean({"NONANS_MODE=observe"}).mode == Mode::observe);
  CHECK(read_clean({"NONANS_MODE=resolve"}).mode == Mode::resolve);
  CHECK(read_clean({"NONANS_MODE=auto"}).mode == Mode::resolve);
  CHECK(read_clean({"NONANS_DEBUG=off"}).debug == DebugLevel::off);
  CHECK(read_clean({"NONANS_DEBUG=trace"}).debug == DebugLevel::trace);
  CHECK(read_clean({"NONANS_QUIET=1"}).quiet);
  CHECK(read_clean({"NONANS_EVENTS=/x/%p=%r.jsonl"}).events_path == "/x/%p=%r.jsonl");
  const Settings zero = read_clean({"NONANS_POLICY=zero"});
  CHECK(zero.policy_name == "zero");
  CHECK(zero.policy.pos_inf == NN_ZERO);
  CHECK(zero.policy.neg_inf == NN_ZERO);
  const Settings saturate = read_clean({"NONANS_POLICY=saturate"});
  CHECK(saturate.policy.nan == NN_ZERO);
  CHECK(saturate.policy.neg_inf == NN_SATURATE);
}

TEST_CASE("settings: every value the table lists is accepted, so the help cannot lie") {
  for (const nonans::SettingInfo& info : nonans::settings_table()) {
    std::stringstream values(info.values);
    for (std::string value; std::getline(values, value, '|');) {
      const std::string variable = std::string(info.variable) + "=" + value;
      std::vector<std::string> warnings;
      const char* list[] = {variable.c_str()};
      Settings::from_variables(list, warnings);
      INFO(variable);
      CHECK(warnings.empty());
    }
    if (*info.fallback) CHECK(std::string(info.values).find(info.fallback) != std::string::npos);
  }
}

TEST_CASE("settings: the policy that repairs nothing never repairs") {
  CHECK(read_clean({"NONANS_POLICY=observe"}).mode == Mode::observe);
  CHECK(read_clean({"NONANS_POLICY=observe", "NONANS_MODE=resolve"}).mode == Mode::observe);
  CHECK(read_clean({"NONANS_POLICY=observe", "NONANS_MODE=off"}).mode == Mode::off);
}

TEST_CASE("settings: an unknown name warns with the nearest one") {
  std::vector<std::string> warnings;
  read({"NONANS_MOED=observe", "NONANS_POLICIES=zero", "NONANS_QUIT=1"}, warnings);
  REQUIRE(warnings.size() == 3);
  CHECK(warnings[0] == "NONANS_MOED is not a setting; did you mean NONANS_MODE?");
  CHECK(warnings[1] == "NONANS_POLICIES is not a setting; did you mean NONANS_POLICY?");
  CHECK(warnings[2] == "NONANS_QUIT is not a setting; did you mean NONANS_QUIET?");
}

TEST_CASE("settings: a bad value warns and keeps the default") {
  std::vector<std::string> warnings;
  const Settings settings =
      read({"NONANS_MODE=fix", "NONANS_QUIET=yes", "NONANS_EVENTS="}, warnings);
  CHECK(settings.mode == Mode::resolve);
  CHECK_FALSE(settings.quiet);
  REQUIRE(warnings.size() == 3);
  CHECK(warnings[0] ==
        "NONANS_MODE=fix is not understood; it takes off|observe|resolve|auto; using auto");
}

TEST_CASE("settings: from_environment reads the process") {
  const Variable mode("NONANS_MODE", "observe");
  std::vector<std::string> warnings;
  CHECK(Settings::from_environment(warnings).mode == Mode::observe);
}

TEST_CASE("settings: names and flags are unique and belong together") {
  std::set<std::string> names;
  for (const nonans::SettingInfo& info : nonans::settings_table()) {
    CHECK(names.insert(info.variable).second);
    CHECK(names.insert(info.flag).second);
    CHECK(std::string(info.variable).starts_with("NONANS_"));
    CHECK(std::string(info.flag).starts_with("--"));
    CHECK(std::string(info.help).find('\n') == std::string::npos);
    CHECK(nonans::settings_help().find(info.help) != std::string::npos);
  }
}

TEST_CASE("settings: docs/settings.md is the table") {
  std::ifstream file(NONANS_SOURCE_DIR "/docs/settings.md");
  std::stringstream text;
  text << file.rdbuf();
  CHECK(text.str() == nonans::settings_markdown());
}

TEST_CASE("settings: paths expand host, process, rank and percent") {
  for (const char* name : {"RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK",
                           "MV2_COMM_WORLD_RANK"})
    unsetenv(name);
  char host[256] = {};
  gethostname(host, sizeof host - 1);
  CHECK(nonans::expand_path("/a/%h/%p-%r.%%%x%") ==
        "/a/" + std::string(host) + "/" + std::to_string(getpid()) + "-0.%%x%");
  const Variable mpi("OMPI_COMM_WORLD_RANK", "3");
  CHECK(nonans::expand_path("%r") == "3");
  const Variable torch("RANK", "../../etc");
  CHECK(nonans::expand_path("%r") == "3");
}

TEST_CASE("settings: the default events path follows the XDG state folder") {
  const Variable home("HOME", "/home/ada");
  {
    const Variable state("XDG_STATE_HOME", "/var/st%te");
    CHECK(nonans::default_events_path() == "/var/st%%te/nonans/events-%h-%p.jsonl");
  }
  {
    const Variable state("XDG_STATE_HOME", "relative");
    CHECK(nonans::default_events_path() == "/home/ada/.local/state/nonans/events-%h-%p.jsonl");
  }
  const Variable state("XDG_STATE_HOME", nullptr);
  const Variable nowhere("HOME", nullptr);
  CHECK(nonans::default_events_path() ==
        "/tmp/nonans-" + std::to_string(getuid()) + "/events-%h-%p.jsonl");
}
