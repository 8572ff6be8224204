// SPDX-License-Identifier: MIT
#include "command/probe.hpp"

#include <cuda.h>
#include <dlfcn.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "driver/device_identity.hpp"
#include "driver/device_table.hpp"

namespace softgpu::command {
namespace {

using nlohmann::json;

struct Pipe {
  int ends[2];
  Pipe() {
    if (pipe(ends) != 0) throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
  }
  ~Pipe() {
    close(ends[0]);
    if (ends[1] >= 0) close(ends[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int read_end() const { return ends[0]; }
  void close_write_end() {
    close(ends[1]);
    ends[1] = -1;
  }
};

// Both at once: a child that fills one pipe while we wait for the other would stand still for ever.
void drain(const Pipe& first, std::string& first_text, const Pipe& second,
           std::string& second_text) {
  pollfd waits[] = {{first.read_end(), POLLIN, 0}, {second.read_end(), POLLIN, 0}};
  std::string* const texts[] = {&first_text, &second_text};
  for (int open = 2; open > 0;) {
    if (poll(waits, 2, -1) < 0 && errno != EINTR) return;
    for (int i = 0; i < 2; ++i) {
      if (waits[i].fd < 0 || waits[i].revents == 0) continue;
      char buffer[4096];
      const ssize_t count = read(waits[i].fd, buffer, sizeof buffer);
      if (count > 0) {
        texts[i]->append(buffer, static_cast<size_t>(count));
      } else if (count == 0 || errno != EINTR) {
        waits[i].fd = -1;  // poll passes negative descriptors by
        --open;
      }
    }
  }
}

template <typename F>
F* function(void* library, const char* name) {
  return reinterpret_cast<F*>(dlsym(library, name));
}

json device_of(void* library, CUdevice device) {
  char name[256] = "", pci[32] = "";
  CUuuid uuid = {};
  size_t memory = 0;
  function<decltype(cuDeviceGetName)>(library, "cuDeviceGetName")(name, sizeof name, device);
  function<decltype(cuDeviceGetPCIBusId)>(library, "cuDeviceGetPCIBusId")(pci, sizeof pci, device);
  function<decltype(cuDeviceGetUuid_v2)>(library, "cuDeviceGetUuid_v2")(&uuid, device);
  function<decltype(cuDeviceTotalMem_v2)>(library, "cuDeviceTotalMem_v2")(&memory, device);
  driver::Uuid bytes;
  std::memcpy(bytes.data(), uuid.bytes, bytes.size());
  const auto attribute = [&](CUdevice_attribute which) {
    int value = 0;
    function<decltype(cuDeviceGetAttribute)>(library, "cuDeviceGetAttribute")(&value, which,
                                                                              device);
    return value;
  };
  return {{"name", name},
          {"uuid", "GPU-" + driver::uuid_text(bytes)},
          {"pci", pci},
          {"major", attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)},
          {"minor", attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)},
          {"memory", memory},
          {"multiprocessors", attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)}};
}

json ask(const std::string& path) {
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return {{"error", dlerror()}};
  const CUresult initialised = function<decltype(cuInit)>(library, "cuInit")(0);
  if (initialised != CUDA_SUCCESS)
    return {{"error", "cuInit: error " + std::to_string(initialised)}};
  int version = 0, count = 0;
  function<decltype(cuDriverGetVersion)>(library, "cuDriverGetVersion")(&version);
  function<decltype(cuDeviceGetCount)>(library, "cuDeviceGetCount")(&count);
  const void* table = nullptr;
  if (function<decltype(cuGetExportTable)>(library, "cuGetExportTable")(
          &table, &driver::kDeviceTableId) != CUDA_SUCCESS)
    return {{"error", path + " is not the software device's"}};
  json answer = {{"version", version},
                 {"threads", static_cast<const driver::DeviceTable*>(table)->threads()},
                 {"devices", json::array()}};
  for (CUdevice device = 0; device < count; ++device)
    answer["devices"].push_back(device_of(library, device));
  return answer;
}

// In the child. Leaves by _exit: what our parent process set up is not ours to take down.
[[noreturn]] void be_a_program(const std::string& folder, const Settings& settings, const Pipe& out,
                               const Pipe& err) {
  for (const auto& [name, value] : settings) setenv(name.c_str(), value.c_str(), 1);
  unsetenv("SOFTGPU_TRACE");
  dup2(err.ends[1], STDERR_FILENO);
  const std::string answer = ask(folder + "/libcuda.so.1").dump();
  const bool written =
      write(out.ends[1], answer.data(), answer.size()) == static_cast<ssize_t>(answer.size());
  _exit(written ? 0 : 1);
}

}  // namespace

Probe probe(const std::string& folder, const Settings& settings) {
  Pipe out, err;
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
  if (child == 0) be_a_program(folder, settings, out, err);
  out.close_write_end();
  err.close_write_end();
  std::string answer, said;
  drain(out, answer, err, said);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }

  Probe result;
  std::istringstream lines(said);
  for (std::string line; std::getline(lines, line);)
    result.said.push_back(line.starts_with("softgpu: ") ? line.substr(9) : line);
  const json found = json::parse(answer, nullptr, false);
  if (found.is_discarded()) {
    result.error = "a process that loads " + folder + "/libcuda.so.1 ends without an answer";
    return result;
  }
  result.error = found.value("error", "");
  result.driver_version = found.value("version", 0);
  result.threads = found.value("threads", 0u);
  for (const json& d : found.value("devices", json::array()))
    result.devices.push_back({d["name"], d["uuid"], d["pci"], d["major"], d["minor"], d["memory"],
                              d["multiprocessors"]});
  return result;
}

std::string complaint_about(const Probe& probe, const std::string& variable) {
  for (const std::string& line : probe.said) {
    const bool refused = line.find(" is not understood") != std::string::npos;
    if (line.starts_with(variable + ":") || (line.starts_with(variable + "=") && refused))
      return line;
  }
  return "";
}

}  // namespace softgpu::command
