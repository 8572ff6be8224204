// SPDX-License-Identifier: MIT
#include "interpose/runtime/scan_launch.hpp"

#include <cstring>

#include "api/generated/real.hpp"

namespace nonans::interpose {
namespace {

// As a number: one that a newer cuda.h names is no value of our enumeration.
unsigned id_of(const CUlaunchAttribute& attribute) noexcept {
  unsigned id;
  static_assert(sizeof id == sizeof attribute.id);
  std::memcpy(&id, &attribute.id, sizeof id);
  return id;
}

bool is_copied(unsigned id) noexcept {
  return id == CU_LAUNCH_ATTRIBUTE_PRIORITY || id == CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN ||
         id == CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP;
}

}  // namespace

bool releases_early(const CUlaunchConfig* config) noexcept {
  if (!config || !config->attrs) return false;
  for (unsigned i = 0; i < config->numAttrs; ++i) {
    const unsigned id = id_of(config->attrs[i]);
    if (id == CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT ||
        id == CU_LAUNCH_ATTRIBUTE_LAUNCH_COMPLETION_EVENT)
      return true;
  }
  return false;
}

void unprove(nn_scan_params& scan) noexcept {
  for (unsigned i = 0; i < scan.n_outputs; ++i) {
    scan.outputs[i].flags &= static_cast<nn_u8>(~(NN_REPAIR | NN_F16_WAITS));
    scan.outputs[i].flags |= NN_MAY_ONLY;
  }
}

CUresult launch_scan(CUfunction kernel, uint32_t blocks, CUstream stream,
                     api::StreamFlavour flavour, const CUlaunchConfig* config,
                     nn_scan_params& scan) noexcept {
  void* params[] = {&scan};
  CUlaunchAttribute copied[3];
  unsigned count = 0;
  if (config && config->attrs)
    for (unsigned i = 0; i < config->numAttrs && count < 3; ++i)
      if (is_copied(id_of(config->attrs[i]))) copied[count++] = config->attrs[i];
  const auto launch_ex = real::cuLaunchKernelEx(flavour);
  if (count != 0 && launch_ex) {
    const CUlaunchConfig ours{.gridDimX = blocks,
                              .gridDimY = 1,
                              .gridDimZ = 1,
                              .blockDimX = NN_SCAN_THREADS,
                              .blockDimY = 1,
                              .blockDimZ = 1,
                              .sharedMemBytes = 0,
                              .hStream = stream,
                              .attrs = copied,
                              .numAttrs = count};
    return launch_ex(&ours, kernel, params, nullptr);
  }
  const auto launch = real::cuLaunchKernel(flavour);
  if (!launch) return CUDA_ERROR_NOT_FOUND;
  return launch(kernel, blocks, 1, 1, NN_SCAN_THREADS, 1, 1, 0, stream, params, nullptr);
}

}  // namespace nonans::interpose
