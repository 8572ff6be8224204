// SPDX-License-Identifier: MIT
#include "nvml/driver_facts.hpp"

#include <cuda.h>
#include <dlfcn.h>

#include "driver/device_table.hpp"

namespace softgpu::nvml {

DriverFacts driver_facts(int device_number) {
  DriverFacts facts;
  void* const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
  if (library == nullptr) return facts;
  const auto get_table =
      reinterpret_cast<decltype(&cuGetExportTable)>(dlsym(library, "cuGetExportTable"));
  const void* table = nullptr;
  if (get_table != nullptr && get_table(&table, &driver::kDeviceTableId) == CUDA_SUCCESS) {
    driver::DeviceUse use;
    if (static_cast<const driver::DeviceTable*>(table)->use(device_number, &use)) {
      facts.has_context = use.contexts > 0;
      facts.used = use.memory;
    }
  }
  dlclose(library);
  return facts;
}

}  // namespace softgpu::nvml
