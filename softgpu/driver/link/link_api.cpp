// SPDX-License-Identifier: MIT
// cuLink*: PTX in, PTX out. What a program gets to load is text again, since text is what this
// device runs.
#include <string>

#include "driver/entry.hpp"
#include "driver/image_loader.hpp"
#include "driver/link/device_runtime.hpp"
#include "driver/link/link_inputs.hpp"
#include "driver/link/ptx_linker.hpp"

namespace softgpu::driver {
namespace {

struct Link {
  std::mutex mutex;
  JitOptions jit;
  PtxLinker linker;
  bool has_device_runtime = false;
  std::string result;
};
using LinkTable = HandleTable<Link, CUlinkState, HandleKind::link>;
LinkTable& links() {
  static LinkTable* const table = new LinkTable;
  return *table;
}

CUresult create(unsigned count, CUjit_option* options, void** values, CUlinkState* out) {
  return with_context([&](Context&) -> CUresult {
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    auto link = std::make_shared<Link>();
    if (const CUresult r = link->jit.read(count, options, values); r != CUDA_SUCCESS) return r;
    *out = links().insert(std::move(link));
    return CUDA_SUCCESS;
  });
}

CUresult add(CUlinkState state, CUjitInputType type, const void* data, size_t size,
             const char* name, unsigned count, CUjit_option* options, void** values) {
  return with_context([&](Context&) -> CUresult {
    const auto link = links().find(state);
    if (!link) return CUDA_ERROR_INVALID_HANDLE;
    if (!data || size == 0 || type < 0 || type >= CU_JIT_NUM_INPUT_TYPES)
      return CUDA_ERROR_INVALID_VALUE;
    JitOptions own;
    if (const CUresult r = own.read(count, options, values); r != CUDA_SUCCESS) return r;
    if (own.is_of_link()) return CUDA_ERROR_INVALID_VALUE;
    const std::lock_guard lock(link->mutex);
    LinkInputs read = read_link_input(type, data, size, name && *name ? name : "input");
    if (read.code != CUDA_SUCCESS)
      return report_load_error(read.code, "link: " + read.error, link->jit);
    const unsigned limit =
        own.max_registers() != 0 ? own.max_registers() : link->jit.max_registers();
    for (LinkInput& input : read.inputs) {
      link->jit.info("link: " + input.name + ": " + std::to_string(input.ptx.size()) +
                     " bytes of PTX");
      link->linker.add(input.name, std::move(input.ptx), limit);
    }
    if (read.is_device_runtime && !link->has_device_runtime) {
      link->linker.add("device runtime", device_runtime_ptx());
      link->has_device_runtime = true;
    }
    return CUDA_SUCCESS;
  });
}

CUresult add_file(CUlinkState state, CUjitInputType type, const char* path, unsigned count,
                  CUjit_option* options, void** values) {
  return entry([&]() -> CUresult {
    if (!path) return CUDA_ERROR_INVALID_VALUE;
    const auto bytes = read_file(path);
    return bytes ? add(state, type, bytes->data(), bytes->size(), path, count, options, values)
                 : CUDA_ERROR_FILE_NOT_FOUND;
  });
}

}  // namespace
}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuLinkCreate(unsigned int count, CUjit_option* options, void** values, CUlinkState* out) {
  return create(count, options, values, out);
}
CUresult cuLinkCreate_v2(unsigned int count, CUjit_option* options, void** values,
                         CUlinkState* out) {
  return create(count, options, values, out);
}
// softgpu-partial: takes PTX, and fat binaries, objects and libraries that hold PTX
CUresult cuLinkAddData(CUlinkState state, CUjitInputType type, void* data, size_t size,
                       const char* name, unsigned int count, CUjit_option* options, void** values) {
  return add(state, type, data, size, name, count, options, values);
}
CUresult cuLinkAddData_v2(CUlinkState state, CUjitInputType type, void* data, size_t size,
                          const char* name, unsigned int count, CUjit_option* options,
                          void** values) {
  return add(state, type, data, size, name, count, options, values);
}
// softgpu-partial: takes PTX, and fat binaries, objects and libraries that hold PTX
CUresult cuLinkAddFile(CUlinkState state, CUjitInputType type, const char* path, unsigned int count,
                       CUjit_option* options, void** values) {
  return add_file(state, type, path, count, options, values);
}
CUresult cuLinkAddFile_v2(CUlinkState state, CUjitInputType type, const char* path,
                          unsigned int count, CUjit_option* options, void** values) {
  return add_file(state, type, path, count, options, values);
}

// The result belongs to the link state. It ends in a NUL that the size counts, as PTX text is
// passed around. A symbol that is missing or defined twice is an error that cuda.h has no code for;
// drivers give UNKNOWN, and the log says which.
// softgpu-partial: yields PTX instead of a cubin
CUresult cuLinkComplete(CUlinkState state, void** out, size_t* size) {
  return with_context([&](Context&) -> CUresult {
    const auto link = links().find(state);
    if (!link) return CUDA_ERROR_INVALID_HANDLE;
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    const std::lock_guard lock(link->mutex);
    if (link->linker.empty()) return CUDA_ERROR_INVALID_IMAGE;
    LinkedPtx linked = link->linker.link();
    link->jit.finish();
    if (!linked.error.empty())
      return report_load_error(CUDA_ERROR_UNKNOWN, "link: " + linked.error, link->jit);
    if (const auto parsed = nonans::image::ptx::parse(linked.text, "linked"); !parsed)
      return report_load_error(CUDA_ERROR_NOT_SUPPORTED,
                               "link: the inputs cannot be merged: " + parsed.error().to_string(),
                               link->jit);
    link->result = std::move(linked.text);
    *out = link->result.data();
    if (size) *size = link->result.size() + 1;
    return CUDA_SUCCESS;
  });
}

CUresult cuLinkDestroy(CUlinkState state) {
  return with_context([&](Context&) -> CUresult {
    return links().remove(state) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
  });
}
