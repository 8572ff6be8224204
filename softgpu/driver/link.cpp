// SPDX-License-Identifier: MIT
// cuLink*: PTX in, PTX out. What a program gets to load is text again, since text is what this
// device runs.
//
// Several inputs are merged as a linker would see them when their names do not collide: one header,
// then the bodies.
// `.extern` declarations stay; a definition elsewhere in the same text satisfies them. Whatever the
// merged text cannot express (two private variables of one name) is refused by parsing it.
#include <cstring>
#include <string>
#include <string_view>

#include "driver/entry.hpp"
#include "driver/image_loader.hpp"
#include "image/fatbin.hpp"
#include "image/ptx/ast.hpp"

namespace softgpu::driver {
namespace {

namespace image = nonans::image;

struct Link {
  std::mutex mutex;
  JitLogs logs;
  std::vector<std::string> inputs;
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
    if (const CUresult r = link->logs.read(count, options, values); r != CUDA_SUCCESS) return r;
    *out = links().insert(std::move(link));
    return CUDA_SUCCESS;
  });
}

CUresult add(CUlinkState state, CUjitInputType type, const void* data, size_t size) {
  return with_context([&](Context&) -> CUresult {
    const auto link = links().find(state);
    if (!link) return CUDA_ERROR_INVALID_HANDLE;
    if (!data || size == 0) return CUDA_ERROR_INVALID_VALUE;
    if (type != CU_JIT_INPUT_PTX && type != CU_JIT_INPUT_FATBINARY) {
      say_once("link input",
               "linking anything but PTX (cubins, objects, libraries, LTO) is not supported");
      return CUDA_ERROR_NOT_SUPPORTED;
    }
    const DeviceSettings& device = device_settings();
    const std::lock_guard lock(link->mutex);
    auto texts =
        image::ptx_of(data, size, static_cast<uint32_t>(device.cc_major * 10 + device.cc_minor));
    if (!texts)
      return report_load_error(CUDA_ERROR_INVALID_IMAGE, "link: " + texts.error, link->logs);
    if (texts->empty())
      return report_load_error(CUDA_ERROR_NO_BINARY_FOR_GPU,
                               "link: an input holds no PTX for this device", link->logs);
    auto parsed = image::ptx::parse(texts->front(), "link");
    if (!parsed)
      return report_load_error(CUDA_ERROR_INVALID_PTX, parsed.error().to_string(), link->logs);
    link->inputs.push_back(std::move(texts->front()));
    return CUDA_SUCCESS;
  });
}

// The text without its .version, .target and .address_size lines.
void append_body(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const size_t start = line.find_first_not_of(" \t\r");
    const std::string_view word =
        start == std::string_view::npos ? std::string_view() : line.substr(start);
    const bool header = word.starts_with(".version") || word.starts_with(".target") ||
                        word.starts_with(".address_size");
    if (!header) out.append(line).push_back('\n');
  }
}

// The newest header among the inputs: the merged text may use whatever any of them uses.
std::string merge(const std::vector<std::string>& inputs) {
  if (inputs.size() == 1) return inputs.front();
  unsigned major = 0, minor = 0;
  std::string target;
  for (const std::string& text : inputs) {
    const auto parsed = image::ptx::parse(text, "link");
    if (!parsed) continue;
    if (std::pair(parsed->version_major, parsed->version_minor) > std::pair(major, minor)) {
      major = parsed->version_major;
      minor = parsed->version_minor;
    }
    if (std::pair(parsed->target.size(), parsed->target) >
        std::pair(target.size(), std::string_view(target)))
      target = parsed->target;
  }
  std::string out = ".version " + std::to_string(major) + "." + std::to_string(minor) +
                    "\n.target " + target + "\n.address_size 64\n";
  for (const std::string& text : inputs) append_body(out, text);
  return out;
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
// softgpu-partial: takes PTX and fat binaries only
CUresult cuLinkAddData(CUlinkState state, CUjitInputType type, void* data, size_t size, const char*,
                       unsigned int, CUjit_option*, void**) {
  return add(state, type, data, size);
}
CUresult cuLinkAddData_v2(CUlinkState state, CUjitInputType type, void* data, size_t size,
                          const char*, unsigned int, CUjit_option*, void**) {
  return add(state, type, data, size);
}

namespace {
CUresult add_file(CUlinkState state, CUjitInputType type, const char* path) {
  return entry([&]() -> CUresult {
    if (!path) return CUDA_ERROR_INVALID_VALUE;
    const auto bytes = read_file(path);
    return bytes ? add(state, type, bytes->data(), bytes->size()) : CUDA_ERROR_FILE_NOT_FOUND;
  });
}
}  // namespace

// softgpu-partial: takes PTX and fat binaries only
CUresult cuLinkAddFile(CUlinkState state, CUjitInputType type, const char* path, unsigned int,
                       CUjit_option*, void**) {
  return add_file(state, type, path);
}
CUresult cuLinkAddFile_v2(CUlinkState state, CUjitInputType type, const char* path, unsigned int,
                          CUjit_option*, void**) {
  return add_file(state, type, path);
}

// The result belongs to the link state. It ends in a NUL that the size counts, as PTX text is
// passed around.
// softgpu-partial: yields PTX instead of a cubin
CUresult cuLinkComplete(CUlinkState state, void** out, size_t* size) {
  return with_context([&](Context&) -> CUresult {
    const auto link = links().find(state);
    if (!link) return CUDA_ERROR_INVALID_HANDLE;
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    const std::lock_guard lock(link->mutex);
    if (link->inputs.empty()) return CUDA_ERROR_INVALID_IMAGE;
    link->result = merge(link->inputs);
    if (link->inputs.size() > 1) {
      const auto parsed = image::ptx::parse(link->result, "linked");
      if (!parsed)
        return report_load_error(CUDA_ERROR_NOT_SUPPORTED,
                                 "link: the inputs cannot be merged: " + parsed.error().to_string(),
                                 link->logs);
    }
    link->logs.finish();
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
