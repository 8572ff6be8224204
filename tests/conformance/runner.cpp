// SPDX-License-Identifier: MIT
// Runs conformance triples (case.py says what is in one) on a CUDA driver and compares bytes.
//
//   conformance_runner TRIPLES [--driver libcuda.so.1] [--results FILE] [--only TEXT] [--verbose]
//
// Prints each failure with the first element that differs. FILE gets one line for each triple:
// "pass|fail|refused TAB form TAB name TAB reason"; "refused" is a module that the driver does not
// load. Exit status 1 if anything failed. Works on any driver: what passes on a GPU must pass on
// the software device.
//
// A triple whose PTX is for sm_100a runs in a process of its own kind: one child for each target,
// which asks the software device to be of that compute capability. A GPU is what it is; there, the
// triples of other targets come back as refused.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "compare.hpp"
#include "driver.hpp"

namespace {

using conformance::Driver;
using nlohmann::json;
using Bytes = std::vector<unsigned char>;

struct Outcome {
  enum class Kind { pass, fail, refused } kind = Kind::pass;
  std::string reason;
};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Bytes from_hex(const std::string& text) {
  Bytes bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<unsigned char>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

class Runner {
 public:
  explicit Runner(const Driver& driver) : cu_(driver) {
    CUcontext context = nullptr;
    if (cu_.init(0) != CUDA_SUCCESS || cu_.device_get(&device_, 0) != CUDA_SUCCESS ||
        cu_.retain(&context, device_) != CUDA_SUCCESS || cu_.set_current(context) != CUDA_SUCCESS) {
      std::fprintf(stderr, "no device\n");
      std::exit(2);
    }
  }

  Outcome run(const json& test, const unsigned char* blob, const std::string& ptx) {
    CUmodule module = nullptr;
    if (const CUresult code = cu_.load(&module, ptx.c_str()); code != CUDA_SUCCESS) {
      return {Outcome::Kind::refused, "module not loaded: " + cu_.name(code)};
    }
    Outcome outcome = in_module(test, blob, module);
    if (sick_) {  // a fault ends a context; the next test needs a new one
      CUcontext context = nullptr;
      cu_.reset(device_);
      cu_.retain(&context, device_);
      cu_.set_current(context);
      sick_ = false;
    } else {
      cu_.unload(module);
    }
    return outcome;
  }

 private:
  Outcome in_module(const json& test, const unsigned char* blob, CUmodule module) {
    CUfunction kernel = nullptr;
    CUresult code = cu_.function(&kernel, module, test["kernel"].get<std::string>().c_str());
    if (code != CUDA_SUCCESS) return {Outcome::Kind::fail, "no kernel: " + cu_.name(code)};
    std::vector<CUdeviceptr> buffers;
    for (const json& b : test["buffers"]) {
      CUdeviceptr address = 0;
      const size_t size = b["size"];
      cu_.alloc(&address, std::max<size_t>(size, 1));
      if (size != 0) cu_.upload(address, blob + b["at"].get<size_t>(), size);
      buffers.push_back(address);
    }
    std::vector<Bytes> values;
    for (const json& p : test["params"]) {
      if (p.contains("buffer")) {
        const CUdeviceptr address = buffers[p["buffer"].get<size_t>()];
        Bytes bytes(sizeof address);
        std::memcpy(bytes.data(), &address, sizeof address);
        values.push_back(bytes);
      } else {
        values.push_back(from_hex(p["bytes"]));
      }
    }
    std::vector<void*> arguments;
    for (Bytes& value : values) arguments.push_back(value.data());
    const json &g = test["grid"], &b = test["block"];
    const unsigned shared = test["shared"];
    if (shared > 48 * 1024) {
      cu_.set_attribute(kernel, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                        static_cast<int>(shared));
    }
    code = test["cooperative"].get<bool>()
               ? cu_.launch_cooperative(kernel, g[0], g[1], g[2], b[0], b[1], b[2], shared, nullptr,
                                        arguments.data())
               : cu_.launch(kernel, g[0], g[1], g[2], b[0], b[1], b[2], shared, nullptr,
                            arguments.data(), nullptr);
    if (code == CUDA_SUCCESS) code = cu_.synchronize();
    Outcome outcome;
    if (const int wanted = test["error"]; static_cast<int>(code) != wanted) {
      outcome = {Outcome::Kind::fail, "the launch gave " + cu_.name(code) + ", expected " +
                                          cu_.name(static_cast<CUresult>(wanted))};
    }
    if (code != CUDA_SUCCESS) {
      sick_ = true;
      return outcome;
    }
    for (size_t i = 0; i < buffers.size() && outcome.kind == Outcome::Kind::pass; ++i) {
      const json& buffer = test["buffers"][i];
      Bytes got(buffer["size"].get<size_t>());
      if (!got.empty()) cu_.download(got.data(), buffers[i], got.size());
      const auto wrong = conformance::difference(
          buffer["compare"], {got.data(), got.size()},
          {blob + buffer["expect"].get<size_t>(), buffer["expect_size"].get<size_t>()});
      if (!wrong.empty()) {
        outcome = {Outcome::Kind::fail, "buffer " + std::to_string(i) + ": " + wrong};
      }
    }
    for (const CUdeviceptr address : buffers) cu_.free(address);
    return outcome;
  }

  const Driver& cu_;
  CUdevice device_ = 0;
  bool sick_ = false;
};

using Counts = std::array<size_t, 3>;  // passed, failed, refused

Counts run_all(const std::vector<std::filesystem::path>& tests, const std::string& driver,
               const std::string& results, bool verbose) {
  const Driver cu(driver);
  Runner runner(cu);
  std::ofstream out(results.empty() ? "/dev/null" : results, std::ios::app);
  Counts count{};
  const char* const words[3] = {"pass", "fail", "refused"};
  for (const std::filesystem::path& path : tests) {
    const std::string text = read_file(path);
    const size_t newline = text.find('\n');
    const json test = json::parse(text.substr(0, newline));
    std::filesystem::path ptx = path;
    ptx.replace_extension(".ptx");
    const Outcome outcome = runner.run(
        test, reinterpret_cast<const unsigned char*>(text.data()) + newline + 1, read_file(ptx));
    const auto kind = static_cast<size_t>(outcome.kind);
    ++count[kind];
    out << words[kind] << '\t' << test["form"].get<std::string>() << '\t' << path.stem().string()
        << '\t' << outcome.reason << '\n';
    if (kind != 0 || verbose) {
      std::printf("%s: %s [PTX ISA %s] %s\n", words[kind], path.stem().c_str(),
                  test["section"].get<std::string>().c_str(), outcome.reason.c_str());
    }
  }
  return count;
}

// "sm_100a", from the .target line of the PTX beside a .test file.
std::string target_of(std::filesystem::path path) {
  const std::string text = read_file(path.replace_extension(".ptx"));
  const size_t at = text.find("\n.target ");
  if (at == std::string::npos) return "";
  const size_t from = at + std::strlen("\n.target ");
  return text.substr(from, text.find_first_of(" ,\n", from) - from);
}

// One child process for each target, one after the other.
Counts run_children(const std::map<std::string, std::vector<std::filesystem::path>>& by_target,
                    const std::string& driver, const std::string& results, bool verbose) {
  void* const shared =
      mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    std::perror("mmap");
    std::exit(2);
  }
  Counts total{};
  for (const auto& [target, tests] : by_target) {
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
      const int number = std::atoi(target.c_str() + std::min<size_t>(3, target.size()));
      const std::string capability =
          std::to_string(number / 10) + '.' + std::to_string(number % 10);
      if (number != 0) setenv("SOFTGPU_CC", capability.c_str(), 1);
      const Counts counts = run_all(tests, driver, results, verbose);
      std::memcpy(shared, &counts, sizeof counts);
      std::exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
        WEXITSTATUS(status) != 0) {
      std::printf("the run of the %zu triples for %s ended early\n", tests.size(), target.c_str());
      std::exit(2);
    }
    Counts counts{};
    std::memcpy(&counts, shared, sizeof counts);
    for (size_t i = 0; i < total.size(); ++i) total[i] += counts[i];
  }
  return total;
}

}  // namespace

int main(int argc, char** argv) {
  std::string folder, driver = "libcuda.so.1", results, only;
  bool verbose = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool has_value = i + 1 < argc;
    if (word == "--driver" && has_value) {
      driver = argv[++i];
    } else if (word == "--results" && has_value) {
      results = argv[++i];
    } else if (word == "--only" && has_value) {
      only = argv[++i];
    } else if (word == "--verbose") {
      verbose = true;
    } else if (folder.empty() && word[0] != '-') {
      folder = word;
    } else {
      folder.clear();
      break;
    }
  }
  if (folder.empty()) {
    std::fprintf(
        stderr, "usage: %s TRIPLES [--driver LIBCUDA] [--results FILE] [--only TEXT] [--verbose]\n",
        argv[0]);
    return 2;
  }
  std::vector<std::filesystem::path> tests;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".test" &&
        entry.path().filename().string().find(only) != std::string::npos) {
      tests.push_back(entry.path());
    }
  }
  std::sort(tests.begin(), tests.end());
  std::map<std::string, std::vector<std::filesystem::path>> by_target;
  for (const std::filesystem::path& path : tests) by_target[target_of(path)].push_back(path);
  if (!results.empty()) std::ofstream(results).flush();
  const Counts total = run_children(by_target, driver, results, verbose);
  std::printf("%zu triples: %zu passed, %zu failed, %zu refused\n", tests.size(), total[0],
              total[1], total[2]);
  return total[0] == tests.size() && !tests.empty() ? 0 : 1;
}
