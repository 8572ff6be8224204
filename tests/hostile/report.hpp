// SPDX-License-Identifier: MIT
// Programs on the fault-injecting driver, and its report (faulty_driver.h) of what was called.
//
//   const Ran ran = run_faulty({PROGRAM, "x"}, {.plan = "cuMemAlloc_v2 library 1 before 2"});
//   CHECK(ran.said("live memory") == 0);
#pragma once

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "process.hpp"

namespace hostile {

struct Ran {
  nonans::test::Finished done;
  std::map<std::string, long> report;  // "made cuInit application" → 1; "live memory" → 2

  long said(const std::string& what) const {
    const auto found = report.find(what);
    return found == report.end() ? 0 : found->second;
  }
  // The sum over all whose name begins so.
  long all(const std::string& prefix) const {
    long sum = 0;
    for (const auto& [name, count] : report)
      if (name.rfind(prefix, 0) == 0) sum += count;
    return sum;
  }
  std::string text() const {
    std::ostringstream all;
    all << "exit " << done.exit_code << "\nstdout: " << done.out << "\nstderr: " << done.err;
    for (const auto& [name, count] : report) all << name << " " << count << "\n";
    return all.str();
  }
};

struct How {
  std::string plan = {};
  std::string preload = LOCK_WATCH " " NONANS_LIBRARY;
  std::map<std::string, std::string> environment = {};
};

inline Ran run_faulty(const std::vector<std::string>& command, const How& how = {}) {
  const nonans::test::Scratch scratch;
  const std::string path = (scratch.path() / "report").string();
  std::map<std::string, std::string> environment = how.environment;
  environment.emplace("LD_LIBRARY_PATH", FAULTY_FOLDER);
  environment.emplace("FAULTY_REPORT", path);
  environment.emplace("NONANS_EVENTS", (scratch.path() / "events.jsonl").string());
  if (!how.preload.empty()) environment.emplace("LD_PRELOAD", how.preload);
  if (!how.plan.empty()) environment.emplace("FAULTY_PLAN", how.plan);
  Ran ran{nonans::test::run(command, environment), {}};
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t space = line.rfind(' ');
    ran.report[line.substr(0, space)] = std::stol(line.substr(space + 1));
  }
  return ran;
}

}  // namespace hostile
