// SPDX-License-Identifier: MIT
// The devices that NVML tells of are those that the driver has.
#include <unistd.h>

#include <cstring>

#include "softgpu/nvml/library.hpp"

namespace {

std::string name_of(nvmlDevice_t device) {
  char text[96] = "";
  CHECK(NVML(nvmlDeviceGetName)(device, text, sizeof text) == NVML_SUCCESS);
  return text;
}
std::string uuid_of(nvmlDevice_t device) {
  char text[96] = "";
  CHECK(NVML(nvmlDeviceGetUUID)(device, text, sizeof text) == NVML_SUCCESS);
  return text;
}
nvmlPciInfo_t pci_of(nvmlDevice_t device) {
  nvmlPciInfo_t info;
  std::memset(&info, 0xee, sizeof info);
  CHECK(NVML(nvmlDeviceGetPciInfo_v3)(device, &info) == NVML_SUCCESS);
  return info;
}

std::string driver_uuid(CUdevice device) {
  CUuuid uuid = {};
  CHECK(CUDA(cuDeviceGetUuid_v2)(&uuid, device) == CUDA_SUCCESS);
  std::string text = "GPU-";
  for (int i = 0; i < 16; ++i) {
    char digits[4];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(uuid.bytes[i]));
    text += digits;
    if (i == 3 || i == 5 || i == 7 || i == 9) text += '-';
  }
  return text;
}

template <typename T, typename F>
T told(F* function, nvmlDevice_t device) {
  T value = {};
  CHECK(function(device, &value) == NVML_SUCCESS);
  return value;
}

}  // namespace

TEST_CASE("names, UUIDs and PCI addresses are the driver's") {
  const Nvml nvml;
  REQUIRE(CUDA(cuInit)(0) == CUDA_SUCCESS);
  int devices = 0;
  CUDA(cuDeviceGetCount)(&devices);
  REQUIRE(devices == 2);
  for (int i = 0; i < devices; ++i) {
    const nvmlDevice_t device = nvml.device(static_cast<unsigned>(i));
    char name[256], address[32];
    CUDA(cuDeviceGetName)(name, sizeof name, i);
    CHECK(name_of(device) == name);
    CHECK(uuid_of(device) == driver_uuid(i));
    CUDA(cuDeviceGetPCIBusId)(address, sizeof address, i);
    const nvmlPciInfo_t pci = pci_of(device);
    CHECK(std::string(pci.busId) == "0000" + std::string(address));
    CHECK(std::string(pci.busIdLegacy) == address);
    int bus = 0;
    CUDA(cuDeviceGetAttribute)(&bus, CU_DEVICE_ATTRIBUTE_PCI_BUS_ID, i);
    CHECK(pci.bus == static_cast<unsigned>(bus));
    CHECK(told<unsigned>(NVML(nvmlDeviceGetIndex), device) == static_cast<unsigned>(i));
  }
  CHECK(uuid_of(nvml.device(0)) != uuid_of(nvml.device(1)));
}

TEST_CASE("a device is found by index, UUID and PCI address") {
  const Nvml nvml;
  const nvmlDevice_t second = nvml.device(1);
  nvmlDevice_t found = nullptr;
  CHECK(NVML(nvmlDeviceGetHandleByUUID)(uuid_of(second).c_str(), &found) == NVML_SUCCESS);
  CHECK(found == second);
  CHECK(NVML(nvmlDeviceGetHandleByUUID)("GPU-00000000-0000-0000-0000-000000000000", &found) ==
        NVML_ERROR_NOT_FOUND);
  nvmlUUID_t uuid = {};
  uuid.version = NVML_STRUCT_VERSION(UUID, 1);
  uuid.type = NVML_UUID_TYPE_ASCII;
  std::snprintf(uuid.value.str, sizeof uuid.value.str, "%s", uuid_of(second).c_str());
  found = nullptr;
  CHECK(NVML(nvmlDeviceGetHandleByUUIDV)(&uuid, &found) == NVML_SUCCESS);
  CHECK(found == second);
  uuid.version = 7;
  CHECK(NVML(nvmlDeviceGetHandleByUUIDV)(&uuid, &found) == NVML_ERROR_ARGUMENT_VERSION_MISMATCH);

  const nvmlPciInfo_t pci = pci_of(second);
  char brief[32], without_function[32];
  std::snprintf(brief, sizeof brief, "%x:%x.0", pci.bus, pci.device);
  std::snprintf(without_function, sizeof without_function, "%x:%x:%x", pci.domain, pci.bus,
                pci.device);
  for (const char* const text :
       {static_cast<const char*>(pci.busId), static_cast<const char*>(pci.busIdLegacy),
        static_cast<const char*>(brief), static_cast<const char*>(without_function)}) {
    INFO(text);
    found = nullptr;
    CHECK(NVML(nvmlDeviceGetHandleByPciBusId_v2)(text, &found) == NVML_SUCCESS);
    CHECK(found == second);
  }
  CHECK(NVML(nvmlDeviceGetHandleByPciBusId_v2)("0000:01:00.0", &found) == NVML_ERROR_NOT_FOUND);
  for (const char* const text : {"", "nonsense", "0000:50:00.0 or so", "50"})
    CHECK(NVML(nvmlDeviceGetHandleByPciBusId_v2)(text, &found) == NVML_ERROR_INVALID_ARGUMENT);
  CHECK(NVML(nvmlDeviceGetHandleByIndex_v2)(2, &found) == NVML_ERROR_INVALID_ARGUMENT);
  CHECK(NVML(nvmlDeviceGetHandleBySerial)("1", &found) == NVML_ERROR_NOT_FOUND);
}

TEST_CASE("CUDA_VISIBLE_DEVICES means nothing to NVML") {
  setenv("CUDA_VISIBLE_DEVICES", "1", 1);
  const Nvml nvml;
  unsigned count = 0;
  CHECK(NVML(nvmlDeviceGetCount_v2)(&count) == NVML_SUCCESS);
  CHECK(count == 2);
  unsetenv("CUDA_VISIBLE_DEVICES");
}

TEST_CASE("a text that does not fit is refused") {
  const Nvml nvml;
  char text[96] = "untouched";
  CHECK(NVML(nvmlDeviceGetUUID)(nvml.device(0), text, 40) == NVML_ERROR_INSUFFICIENT_SIZE);
  CHECK(text == std::string("untouched"));
  CHECK(NVML(nvmlDeviceGetUUID)(nvml.device(0), text, 41) == NVML_SUCCESS);
  CHECK(NVML(nvmlDeviceGetName)(nvml.device(0), text, 4) == NVML_ERROR_INSUFFICIENT_SIZE);
  CHECK(NVML(nvmlSystemGetDriverVersion)(text, 2) == NVML_ERROR_INSUFFICIENT_SIZE);
}

TEST_CASE("the old PCI structure is not written past its end") {
  const Nvml nvml;
  nvmlPciInfo_t info;
  std::memset(&info, 0xee, sizeof info);
  CHECK(NVML(nvmlDeviceGetPciInfo_v2)(nvml.device(1), &info) == NVML_SUCCESS);
  CHECK(info.bus == pci_of(nvml.device(1)).bus);
  CHECK(static_cast<unsigned char>(info.busId[0]) == 0xee);
}

TEST_CASE("versions are those of the driver") {
  const Nvml nvml;
  int from_nvml = 0, from_driver = 0;
  CHECK(NVML(nvmlSystemGetCudaDriverVersion_v2)(&from_nvml) == NVML_SUCCESS);
  CUDA(cuDriverGetVersion)(&from_driver);
  CHECK(from_nvml == from_driver);
  char driver[80], nvml_version[80];
  CHECK(NVML(nvmlSystemGetDriverVersion)(driver, sizeof driver) == NVML_SUCCESS);
  CHECK(std::atof(driver) >= 580);  // the first branch with CUDA 13.0
  CHECK(NVML(nvmlSystemGetNVMLVersion)(nvml_version, sizeof nvml_version) == NVML_SUCCESS);
  CHECK(nvml_version == "13." + std::string(driver));
}

TEST_CASE("a device is of the compute capability that the environment names") {
  const std::tuple<const char*, int, int, unsigned> known[] = {
      {"7.0", 7, 0, NVML_DEVICE_ARCH_VOLTA},  {"7.5", 7, 5, NVML_DEVICE_ARCH_TURING},
      {"8.6", 8, 6, NVML_DEVICE_ARCH_AMPERE}, {"8.9", 8, 9, NVML_DEVICE_ARCH_ADA},
      {"9.0", 9, 0, NVML_DEVICE_ARCH_HOPPER}, {"12.0", 12, 0, NVML_DEVICE_ARCH_BLACKWELL}};
  for (const auto& [text, major, minor, architecture] : known) {
    const Nvml nvml("1", "1G", text);
    int got_major = 0, got_minor = 0;
    CHECK(NVML(nvmlDeviceGetCudaComputeCapability)(nvml.device(0), &got_major, &got_minor) ==
          NVML_SUCCESS);
    CHECK(got_major == major);
    CHECK(got_minor == minor);
    CHECK(told<nvmlDeviceArchitecture_t>(NVML(nvmlDeviceGetArchitecture), nvml.device(0)) ==
          architecture);
  }
}

TEST_CASE("multiprocessors have as many cores as their compute capability says") {
  const Nvml nvml("1", "1G", "8.0");
  REQUIRE(CUDA(cuInit)(0) == CUDA_SUCCESS);
  int multiprocessors = 0;
  CUDA(cuDeviceGetAttribute)(&multiprocessors, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 0);
  CHECK(told<unsigned>(NVML(nvmlDeviceGetNumGpuCores), nvml.device(0)) ==
        64u * static_cast<unsigned>(multiprocessors));
}

TEST_CASE("what the devices are to each other is what the driver lets them do") {
  const Nvml nvml;
  REQUIRE(CUDA(cuInit)(0) == CUDA_SUCCESS);
  const nvmlDevice_t first = nvml.device(0), second = nvml.device(1);
  int access = 0;
  CUDA(cuDeviceCanAccessPeer)(&access, 0, 1);
  for (const auto what :
       {NVML_P2P_CAPS_INDEX_READ, NVML_P2P_CAPS_INDEX_WRITE, NVML_P2P_CAPS_INDEX_ATOMICS}) {
    nvmlGpuP2PStatus_t status = NVML_P2P_STATUS_UNKNOWN;
    CHECK(NVML(nvmlDeviceGetP2PStatus)(first, second, what, &status) == NVML_SUCCESS);
    CHECK((status == NVML_P2P_STATUS_OK) == (access == 1));
  }
  nvmlGpuP2PStatus_t status = NVML_P2P_STATUS_UNKNOWN;
  CHECK(NVML(nvmlDeviceGetP2PStatus)(first, second, NVML_P2P_CAPS_INDEX_NVLINK, &status) ==
        NVML_SUCCESS);
  CHECK(status == NVML_P2P_STATUS_NOT_SUPPORTED);

  nvmlGpuTopologyLevel_t level = NVML_TOPOLOGY_SYSTEM;
  CHECK(NVML(nvmlDeviceGetTopologyCommonAncestor)(first, first, &level) == NVML_SUCCESS);
  CHECK(level == NVML_TOPOLOGY_INTERNAL);
  CHECK(NVML(nvmlDeviceGetTopologyCommonAncestor)(first, second, &level) == NVML_SUCCESS);
  unsigned count = 0;
  CHECK(NVML(nvmlDeviceGetTopologyNearestGpus)(first, level, &count, nullptr) == NVML_SUCCESS);
  REQUIRE(count == 1);
  nvmlDevice_t nearest = nullptr;
  CHECK(NVML(nvmlDeviceGetTopologyNearestGpus)(first, level, &count, &nearest) == NVML_SUCCESS);
  CHECK(nearest == second);
}

TEST_CASE("every core of the host is near to a device") {
  const Nvml nvml;
  unsigned long set[64];
  CHECK(NVML(nvmlDeviceGetCpuAffinity)(nvml.device(0), 64, set) == NVML_SUCCESS);
  long cores = 0;
  for (const unsigned long word : set) cores += __builtin_popcountl(word);
  CHECK(cores == sysconf(_SC_NPROCESSORS_CONF));
}

TEST_CASE("fields have a code each") {
  const Nvml nvml;
  nvmlFieldValue_t fields[3] = {};
  fields[0].fieldId = NVML_FI_DEV_NVLINK_LINK_COUNT;
  fields[1].fieldId = NVML_FI_DEV_MEMORY_TEMP;
  fields[2].fieldId = 100000;
  CHECK(NVML(nvmlDeviceGetFieldValues)(nvml.device(0), 3, fields) == NVML_SUCCESS);
  CHECK(fields[0].nvmlReturn == NVML_SUCCESS);
  CHECK(fields[0].valueType == NVML_VALUE_TYPE_UNSIGNED_INT);
  CHECK(fields[0].value.uiVal == 0);
  CHECK(fields[0].timestamp > 1'500'000'000'000'000);  // microseconds since 1970
  CHECK(fields[1].nvmlReturn == NVML_ERROR_NOT_SUPPORTED);
  CHECK(fields[2].nvmlReturn == NVML_ERROR_INVALID_ARGUMENT);
  CHECK(NVML(nvmlDeviceGetFieldValues)(nvml.device(0), 0, fields) == NVML_ERROR_INVALID_ARGUMENT);
}

TEST_CASE("a process is known by its name") {
  const Nvml nvml;
  char name[256] = "", brief[5] = "";
  const auto self = static_cast<unsigned>(getpid());
  CHECK(NVML(nvmlSystemGetProcessName)(self, name, sizeof name) == NVML_SUCCESS);
  CHECK(std::string(name).find("softgpu_nvml_test") != std::string::npos);
  CHECK(NVML(nvmlSystemGetProcessName)(self, brief, sizeof brief) == NVML_SUCCESS);
  CHECK(std::string(brief) == std::string(name).substr(0, 4));
  CHECK(NVML(nvmlSystemGetProcessName)(0x7fffffff, name, sizeof name) == NVML_ERROR_NOT_FOUND);
}
