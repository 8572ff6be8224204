// SPDX-License-Identifier: MIT
#include "unit/analyze/samples.hpp"

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace nonans::test {
namespace {

image::ptx::Module parse(const std::string& text, const std::string& name) {
  image::ptx::Result parsed = image::ptx::parse(text, name);
  if (!parsed) throw std::runtime_error(parsed.error().to_string());
  return std::move(*parsed);
}

}  // namespace

const analyze::KernelProfile& sample(int arch, const std::string& kernel) {
  static std::map<int, std::map<std::string, analyze::KernelProfile>> all;
  auto& profiles = all[arch];
  if (profiles.empty()) {
    const std::string path = NONANS_SAMPLES + std::to_string(arch) + ".ptx";
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    for (auto& p : analyze::profile_ptx(parse(text.str(), path), 5000))
      profiles[p.name] = std::move(p);
  }
  const auto found = profiles.find(kernel);
  if (found == profiles.end()) throw std::runtime_error("no kernel " + kernel + " in the samples");
  return found->second;
}

analyze::KernelProfile profile_of(const std::string& ptx) {
  auto profiles = analyze::profile_ptx(parse(ptx, "test.ptx"), 5000);
  if (profiles.size() != 1) throw std::runtime_error("expected one kernel");
  return std::move(profiles[0]);
}

analyze::KernelProfile profile_of_body(const std::string& params, const std::string& body) {
  return profile_of(
      ".version 8.4\n.target sm_90\n.address_size 64\n"
      ".visible .entry k(" +
      params +
      ")\n{\n"
      ".reg .pred %p<10>; .reg .b16 %rs<20>; .reg .b32 %r<40>; .reg .f32 %f<20>; .reg .f64 "
      "%fd<10>;\n"
      ".reg .b64 %rd<40>;\n" +
      body + "\n}\n");
}

}  // namespace nonans::test
