// SPDX-License-Identifier: MIT
#include "driver/image_loader.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

#include "driver/driver_state.hpp"
#include "image/fatbin.hpp"

namespace softgpu::driver {
namespace {

namespace image = nonans::image;
namespace ptx = nonans::image::ptx;

// Whether PTX for `target` may be compiled for this device: sm_80 runs on 8.0 and all later ones,
// sm_90a on 9.0 only, sm_100f on its family (same major, this minor or later).
bool target_fits(std::string_view target) {
  const DeviceSettings& device = device_settings();
  const int sm = device.cc_major * 10 + device.cc_minor;
  if (target.substr(0, 3) != "sm_") return false;
  target.remove_prefix(3);
  int wanted = 0;
  const auto [end, error] = std::from_chars(target.data(), target.data() + target.size(), wanted);
  if (error != std::errc{}) return false;
  const std::string_view suffix(end, static_cast<size_t>(target.data() + target.size() - end));
  if (suffix == "a") return wanted == sm;
  if (suffix == "f") return wanted / 10 == device.cc_major && wanted <= sm;
  return suffix.empty() && wanted <= sm;
}

LoadedImage fail(CUresult code, std::string log) {
  return {code, std::move(log), std::nullopt};
}

}  // namespace

LoadedImage load_image(const void* bytes, size_t size) {
  const DeviceSettings& device = device_settings();
  const auto sm = static_cast<uint32_t>(device.cc_major * 10 + device.cc_minor);
  auto texts = image::ptx_of(bytes, size, sm);
  if (!texts) return fail(CUDA_ERROR_INVALID_IMAGE, "not a CUDA image: " + texts.error);
  if (texts->empty())
    return fail(CUDA_ERROR_NO_BINARY_FOR_GPU, "the image holds no PTX for sm_" +
                                                  std::to_string(sm) +
                                                  " or below, and this device runs PTX only");
  auto parsed = ptx::parse(texts->front(), "ptx");
  if (!parsed) return fail(CUDA_ERROR_INVALID_PTX, parsed.error().to_string());
  const ptx::Module& m = *parsed;
  if (m.version_major > 9 || (m.version_major == 9 && m.version_minor > 0))
    return fail(CUDA_ERROR_UNSUPPORTED_PTX_VERSION, "PTX ISA " + std::to_string(m.version_major) +
                                                        "." + std::to_string(m.version_minor) +
                                                        " is newer than 9.0");
  if (!target_fits(m.target.substr(0, m.target.find(','))))
    return fail(CUDA_ERROR_NO_BINARY_FOR_GPU,
                "PTX for " + std::string(m.target) + " does not run on sm_" + std::to_string(sm));
  return {CUDA_SUCCESS, {}, std::move(*parsed)};
}

std::optional<std::string> read_file(const char* path) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path, "rbe"), &std::fclose);
  if (!file) return std::nullopt;
  std::string out;
  char block[65536];
  for (size_t n = 0; (n = std::fread(block, 1, sizeof block, file.get())) > 0;)
    out.append(block, n);
  if (std::ferror(file.get())) return std::nullopt;
  return out;
}

CUresult JitLogs::read(unsigned count, const CUjit_option* options, void** values) {
  if (count > 0 && (!options || !values)) return CUDA_ERROR_INVALID_VALUE;
  const auto number = [&](unsigned i) {
    return static_cast<size_t>(reinterpret_cast<uintptr_t>(values[i]) & 0xffffffff);
  };
  for (unsigned i = 0; i < count; ++i) {
    if (options[i] < 0 || options[i] >= CU_JIT_NUM_OPTIONS) return CUDA_ERROR_INVALID_VALUE;
    switch (options[i]) {
      case CU_JIT_INFO_LOG_BUFFER:
        info_.data = static_cast<char*>(values[i]);
        break;
      case CU_JIT_ERROR_LOG_BUFFER:
        error_.data = static_cast<char*>(values[i]);
        break;
      case CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES:
        info_.size = number(i);
        info_.size_slot = &values[i];
        break;
      case CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES:
        error_.size = number(i);
        error_.size_slot = &values[i];
        break;
      default:
        break;  // optimisation levels, targets, caching: nothing here depends on them
    }
  }
  for (Buffer* b : {&info_, &error_})
    if (b->data && b->size > 0) b->data[0] = '\0';
  return CUDA_SUCCESS;
}

void JitLogs::write(Buffer& buffer, const std::string& text) {
  if (!buffer.data || buffer.size == 0) return;
  buffer.used = std::min(text.size(), buffer.size - 1);
  std::memcpy(buffer.data, text.data(), buffer.used);
  buffer.data[buffer.used++] = '\0';
}

void JitLogs::finish() {
  for (Buffer* b : {&info_, &error_})
    if (b->size_slot) *b->size_slot = reinterpret_cast<void*>(b->used);
}

CUresult report_load_error(CUresult code, const std::string& message, JitLogs& logs) {
  logs.error(message);
  logs.finish();
  if (!logs.wants_errors()) say_once("load " + message, message);
  return code;
}

}  // namespace softgpu::driver
