// SPDX-License-Identifier: MIT
// Which devices there are and how each is called: numbers, UUIDs, PCI addresses, names. All of it
// is what the driver says (driver/device_identity.hpp).
#include "driver/device_identity.hpp"

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>

#include "nvml/state.hpp"

using namespace softgpu;
using namespace softgpu::nvml;

namespace {

nvmlReturn_t count(unsigned* out) {
  return entry([&]() -> nvmlReturn_t {
    if (!out) return NVML_ERROR_INVALID_ARGUMENT;
    *out = device_count();
    return NVML_SUCCESS;
  });
}

nvmlReturn_t by_index(unsigned index, nvmlDevice_t* out) {
  return entry([&]() -> nvmlReturn_t {
    if (!out || index >= device_count()) return NVML_ERROR_INVALID_ARGUMENT;
    *out = handle_of(index);
    return NVML_SUCCESS;
  });
}

// The first device for which is_it(number), or NOT_FOUND.
template <typename Is>
nvmlReturn_t find(nvmlDevice_t* out, Is&& is_it) {
  for (unsigned i = 0; i < device_count(); ++i)
    if (is_it(static_cast<int>(i))) {
      *out = handle_of(i);
      return NVML_SUCCESS;
    }
  return NVML_ERROR_NOT_FOUND;
}

std::string uuid_of(int number) {
  return "GPU-" + driver::uuid_text(driver::device_uuid(number));
}

// "domain:bus:device.function", without the function, or without the domain; in hexadecimal.
bool read_address(const char* text, driver::PciAddress& out, unsigned& function) {
  int used = 0;
  const auto whole = [&] { return used > 0 && text[used] == '\0'; };
  function = 0;
  if (std::sscanf(text, "%x:%x:%x.%x%n", &out.domain, &out.bus, &out.slot, &function, &used) == 4 &&
      whole())
    return true;
  used = 0;
  function = 0;
  if (std::sscanf(text, "%x:%x:%x%n", &out.domain, &out.bus, &out.slot, &used) == 3 && whole())
    return true;
  used = 0;
  out.domain = 0;
  return std::sscanf(text, "%x:%x.%x%n", &out.bus, &out.slot, &function, &used) == 3 && whole();
}

nvmlReturn_t by_address(const char* text, nvmlDevice_t* out) {
  return entry([&]() -> nvmlReturn_t {
    driver::PciAddress wanted;
    unsigned function = 0;
    if (!text || !out || !read_address(text, wanted, function)) return NVML_ERROR_INVALID_ARGUMENT;
    return find(out, [&](int number) {
      const driver::PciAddress a = driver::pci_address(number);
      return a.domain == wanted.domain && a.bus == wanted.bus && a.slot == wanted.slot &&
             function == 0;
    });
  });
}

// There is no card, so the numbers of maker and model are 0.
nvmlPciInfo_t pci_info(const Device& device) {
  const driver::PciAddress a = driver::pci_address(device.number);
  nvmlPciInfo_t info = {};
  info.domain = a.domain;
  info.bus = a.bus;
  info.device = a.slot;
  std::snprintf(info.busIdLegacy, sizeof info.busIdLegacy, NVML_DEVICE_PCI_BUS_ID_LEGACY_FMT,
                a.domain & 0xffff, a.bus & 0xff, a.slot & 0xff);
  std::snprintf(info.busId, sizeof info.busId, NVML_DEVICE_PCI_BUS_ID_FMT, a.domain, a.bus, a.slot);
  return info;
}

// The structure of the first two versions ended before busId; a caller of theirs may have no room
// for it.
nvmlReturn_t old_pci_info(nvmlDevice_t handle, nvmlPciInfo_t* out) {
  return with_device(handle, [&](const Device& device) -> nvmlReturn_t {
    if (!out) return NVML_ERROR_INVALID_ARGUMENT;
    const nvmlPciInfo_t info = pci_info(device);
    std::memcpy(out, &info, offsetof(nvmlPciInfo_t, busId));
    return NVML_SUCCESS;
  });
}

}  // namespace

nvmlReturn_t nvmlDeviceGetCount(unsigned int* out) {
  return count(out);
}
nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int* out) {
  return count(out);
}
nvmlReturn_t nvmlDeviceGetHandleByIndex(unsigned int index, nvmlDevice_t* out) {
  return by_index(index, out);
}
nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t* out) {
  return by_index(index, out);
}
nvmlReturn_t nvmlDeviceGetHandleByPciBusId(const char* text, nvmlDevice_t* out) {
  return by_address(text, out);
}
nvmlReturn_t nvmlDeviceGetHandleByPciBusId_v2(const char* text, nvmlDevice_t* out) {
  return by_address(text, out);
}

nvmlReturn_t nvmlDeviceGetHandleByUUID(const char* uuid, nvmlDevice_t* out) {
  return entry([&]() -> nvmlReturn_t {
    if (!uuid || !out) return NVML_ERROR_INVALID_ARGUMENT;
    return find(out, [&](int number) { return uuid_of(number) == uuid; });
  });
}

nvmlReturn_t nvmlDeviceGetHandleByUUIDV(const nvmlUUID_t* uuid, nvmlDevice_t* out) {
  return entry([&]() -> nvmlReturn_t {
    if (!uuid || !out) return NVML_ERROR_INVALID_ARGUMENT;
    if (uuid->version != NVML_STRUCT_VERSION(UUID, 1)) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    if (uuid->type == NVML_UUID_TYPE_ASCII)
      return find(out, [&](int number) {
        return uuid_of(number) ==
               std::string(uuid->value.str, strnlen(uuid->value.str, sizeof uuid->value.str));
      });
    if (uuid->type != NVML_UUID_TYPE_BINARY) return NVML_ERROR_INVALID_ARGUMENT;
    return find(out, [&](int number) {
      const driver::Uuid bytes = driver::device_uuid(number);
      return std::memcmp(bytes.data(), uuid->value.bytes, bytes.size()) == 0;
    });
  });
}

// No device has a serial number.
nvmlReturn_t nvmlDeviceGetHandleBySerial(const char* serial, nvmlDevice_t* out) {
  return entry([&]() -> nvmlReturn_t {
    return serial && out ? NVML_ERROR_NOT_FOUND : NVML_ERROR_INVALID_ARGUMENT;
  });
}

nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t handle, char* name, unsigned int length) {
  return with_device(handle,
                     [&](const Device&) { return copy_text(name, length, driver::kDeviceName); });
}

nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t handle, char* uuid, unsigned int length) {
  return with_device(handle, [&](const Device& device) {
    return copy_text(uuid, length, uuid_of(device.number).c_str());
  });
}

nvmlReturn_t nvmlDeviceGetIndex(nvmlDevice_t handle, unsigned int* index) {
  return tell(handle, index, [](const Device& d) { return static_cast<unsigned>(d.number); });
}

nvmlReturn_t nvmlDeviceGetBoardId(nvmlDevice_t handle, unsigned int* id) {
  return tell(handle, id, [](const Device& d) {
    const driver::PciAddress a = driver::pci_address(d.number);
    return a.domain << 16 | a.bus << 8 | a.slot;
  });
}

nvmlReturn_t nvmlDeviceGetBrand(nvmlDevice_t handle, nvmlBrandType_t* brand) {
  return tell(handle, brand, [](const Device&) { return NVML_BRAND_UNKNOWN; });
}

// softgpu-partial: the numbers of maker and model are 0
nvmlReturn_t nvmlDeviceGetPciInfo(nvmlDevice_t handle, nvmlPciInfo_t* out) {
  return old_pci_info(handle, out);
}
nvmlReturn_t nvmlDeviceGetPciInfo_v2(nvmlDevice_t handle, nvmlPciInfo_t* out) {
  return old_pci_info(handle, out);
}
nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t handle, nvmlPciInfo_t* out) {
  return tell(handle, out, [](const Device& device) { return pci_info(device); });
}

// softgpu-partial: the numbers of maker, model and class are 0
nvmlReturn_t nvmlDeviceGetPciInfoExt(nvmlDevice_t handle, nvmlPciInfoExt_t* out) {
  return with_device(handle, [&](const Device& device) -> nvmlReturn_t {
    if (!out) return NVML_ERROR_INVALID_ARGUMENT;
    if (out->version != NVML_STRUCT_VERSION(PciInfoExt, 1))
      return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    const nvmlPciInfo_t info = pci_info(device);
    *out = {};
    out->version = NVML_STRUCT_VERSION(PciInfoExt, 1);
    out->domain = info.domain;
    out->bus = info.bus;
    out->device = info.device;
    std::memcpy(out->busId, info.busId, sizeof out->busId);
    return NVML_SUCCESS;
  });
}
