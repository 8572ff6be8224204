// SPDX-License-Identifier: MIT
// The softgpu command. Only this file knows what its command line looks like.
//
//   softgpu run --memory 2G -- ./program     run a program on the software device
//   softgpu info                             which device would it find?
//   eval "$(softgpu env --cc 8.0)"           let this shell's programs find it
#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>
#include <string_view>

#include "command/info.hpp"
#include "command/run.hpp"
#include "command/variables.hpp"

namespace softgpu::command {
namespace {

void add_variables(CLI::App& command, Settings& settings) {
  for (const Variable& v : variables()) {
    const auto keep = [&settings, name = v.name](const std::string& value) {
      settings[name] = value;
    };
    command
        .add_option_function<std::string>(v.option, keep, std::string(v.help) + " (" + v.name + ")")
        ->type_name(v.values);
  }
}

// The words of the program to run. `parsed` is what CLI11 made of the arguments before the first
// "--", `rest` what stands from there on: version 2.1 of CLI11 takes arguments behind a "--" apart
// again, so it never sees them.
std::vector<std::string> command_words(std::vector<std::string> parsed,
                                       const std::vector<std::string>& rest) {
  // In `softgpu run PROGRAM -- x` the separator is the program's.
  const bool ours = parsed.empty() && !rest.empty();
  parsed.insert(parsed.end(), rest.begin() + (ours ? 1 : 0), rest.end());
  return parsed;
}

class CommandLine {
 public:
  explicit CommandLine(std::vector<std::string> rest) : rest_(std::move(rest)) {
    app_.set_version_flag("--version", "softgpu " SOFTGPU_VERSION);
    app_.require_subcommand(1);
    add_run();
    add_info();
    add_env();
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
    CLI::App* const command = app_.add_subcommand("run", "run a program on the software device");
    command->footer("Usage: softgpu run [options] -- PROGRAM [arguments]");
    command->prefix_command();
    add_variables(*command, settings_);
    command->callback([this, command] {
      std::vector<std::string> parsed = command->remaining();
      if (!parsed.empty() && parsed[0].starts_with('-')) {
        std::cerr << "softgpu run: unknown option " << parsed[0] << "; see softgpu run --help\n";
        exit_code_ = kExitUsage;
      } else {
        exit_code_ = run(settings_, command_words(std::move(parsed), rest_));
      }
    });
  }
  void add_info() {
    CLI::App* const command =
        app_.add_subcommand("info", "say which device programs find, by asking it");
    add_variables(*command, settings_);
    command->add_flag("--json", as_json_, "print JSON instead of text");
    command->callback([this] { exit_code_ = info(settings_, as_json_); });
  }
  void add_env() {
    CLI::App* const command =
        app_.add_subcommand("env", "print what `softgpu run` sets, as lines for a shell");
    add_variables(*command, settings_);
    command->callback([this] { exit_code_ = print_environment(settings_); });
  }

  CLI::App app_{"softgpu: a CUDA device in software."};
  std::vector<std::string> rest_;
  Settings settings_;
  bool as_json_ = false;
  int exit_code_ = 0;
};

}  // namespace
}  // namespace softgpu::command

int main(int argc, char** argv) {
  using namespace softgpu::command;
  try {
    char** const separator = std::find(argv, argv + argc, std::string_view("--"));
    return CommandLine({separator, argv + argc}).parse(static_cast<int>(separator - argv), argv);
  } catch (const std::exception& error) {
    std::cerr << "softgpu: " << error.what() << '\n';
    return 1;
  }
}
