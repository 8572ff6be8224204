// SPDX-License-Identifier: MIT
// The nonans command. Only this file knows what its command line looks like.
//
//   nonans run -- python train.py        run a program under NoNans
//   nonans doctor                        would that work here?
//   nonans report events.jsonl           what happened
#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <string_view>

#include "cli/doctor.hpp"
#include "cli/probe.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "settings/settings.hpp"

namespace nonans::cli {
namespace {

void add_device_option(CLI::App& command, Device& device) {
  CLI::CheckedTransformer names(std::vector<std::pair<std::string, Device>>{
      {"auto", Device::automatic}, {"gpu", Device::gpu}, {"soft", Device::soft}});
  names.description("");
  command
      .add_option("--device", device,
                  "soft: the software device; gpu: the installed driver; auto: the driver if it "
                  "has a device, else soft")
      ->transform(names)
      ->type_name("auto|gpu|soft");
}

void add_settings(CLI::App& command, RunOptions& options) {
  for (const SettingInfo& info : settings_table()) {
    std::string help = std::string(info.help) + " (" + info.variable + ")";
    auto keep = [&options, variable = info.variable](const std::string& value) {
      options.settings[variable] = value;
    };
    CLI::Option* option = command.add_option_function<std::string>(info.flag, keep, help);
    option->type_name(info.values);
    if (std::string_view(info.values).find('|') != std::string_view::npos) {
      CLI::IsMember member(CLI::detail::split(info.values, '|'));
      member.description("");  // the values are the type name already
      option->check(member);
    }
  }
}

// The words of the program to run. `parsed` is what CLI11 made of the arguments before the first
// "--", `rest` what stands from there on: version 2.1 of CLI11 takes arguments behind a "--" apart
// again, so it never sees them.
std::vector<std::string> command_words(std::vector<std::string> parsed,
                                       const std::vector<std::string>& rest) {
  // In `nonans run PROGRAM -- x` the separator is the program's.
  bool ours = parsed.empty() && !rest.empty();
  parsed.insert(parsed.end(), rest.begin() + (ours ? 1 : 0), rest.end());
  return parsed;
}

class CommandLine {
 public:
  explicit CommandLine(std::vector<std::string> rest) : rest_(std::move(rest)) {
    app_.set_version_flag("--version", "nonans " NONANS_VERSION);
    app_.require_subcommand(1);
    add_run();
    add_doctor();
    add_report();
  }

  int parse(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app_.exit(error) == 0 ? 0 : kExitUsage;
    }
    return exit_code_;
  }

 private:
  void add_run() {
    CLI::App* command = app_.add_subcommand("run", "run a program under NoNans");
    command->footer("Usage: nonans run [settings] -- PROGRAM [arguments]");
    command->prefix_command();
    add_device_option(*command, run_.device);
    command->add_flag("--shadow", run_.shadow,
                      "stand in for libcuda.so.1 itself, for programs that find the driver past "
                      "LD_PRELOAD's dlsym (RTLD_DEEPBIND)");
    add_settings(*command, run_);
    command->callback([this, command] {
      std::vector<std::string> parsed = command->remaining();
      if (!parsed.empty() && parsed[0].starts_with('-')) {
        std::cerr << "nonans run: unknown setting " << parsed[0] << "; see nonans run --help\n";
        exit_code_ = kExitUsage;
      } else {
        exit_code_ = run(run_, command_words(std::move(parsed), rest_));
      }
    });
  }
  void add_doctor() {
    CLI::App* command =
        app_.add_subcommand("doctor", "say whether NoNans works here, by trying it");
    add_device_option(*command, run_.device);
    command->callback([this] { exit_code_ = examine(run_.device); });
  }
  void add_report() {
    CLI::App* command = app_.add_subcommand("report", "say what an events file tells");
    command->add_option("FILE", report_path_, "events, as NONANS_EVENTS names it")->required();
    command->add_flag("--json", report_as_json_, "print JSON instead of text");
    command->callback([this] { exit_code_ = report(report_path_, report_as_json_); });
  }

  CLI::App app_{
      "NoNans: finds NaN and Inf where a CUDA kernel makes them, and repairs what is proven."};
  std::vector<std::string> rest_;
  RunOptions run_;
  std::string report_path_;
  bool report_as_json_ = false;
  int exit_code_ = 0;
};

}  // namespace
}  // namespace nonans::cli

int main(int argc, char** argv) {
  using namespace nonans::cli;
  // The child of `nonans doctor`. Nobody else calls it, so it is not part of the help.
  if (argc == 2 && std::string_view(argv[1]) == kProbeArgument) return run_probe();
  try {
    char** separator = std::find(argv, argv + argc, std::string_view("--"));
    return CommandLine({separator, argv + argc}).parse(static_cast<int>(separator - argv), argv);
  } catch (const std::exception& error) {
    std::cerr << "nonans: " << error.what() << '\n';
    return 1;
  }
}
