// SPDX-License-Identifier: MIT
#include "driver/image_loader.hpp"

#include <dlfcn.h>

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

LoadedImage fail(CUresult code, std::string log) {
  return {code, std::move(log), std::nullopt, nullptr};
}

// An ELF image is machine code. Programs that link with nvJitLink load what it made.
std::string why_no_ptx(const void* bytes, size_t size, uint32_t sm) {
  const auto listed = image::open(bytes, size);
  const std::string device = "sm_" + std::to_string(sm);
  if (!listed || listed->outer != image::Kind::elf)
    return "the image holds no PTX for " + device + " or below, and this device runs PTX only";
  std::string why = "the image is machine code (a cubin), and this device runs PTX only";
  for (const char* name : {"libnvJitLink.so.13", "libnvJitLink.so.12"})
    if (dlopen(name, RTLD_LAZY | RTLD_NOLOAD))
      why +=
          "; nvJitLink, which this process has loaded, makes such images: without it (pip "
          "uninstall nvidia-nvjitlink, or the software device's own in LD_PRELOAD) programs "
          "link with the driver, which gives PTX";
  return why;
}

// The machine code that a device of this compute capability would run: of its own major version, of
// the highest minor version not above its own.
std::shared_ptr<const std::string> cubin_for(const void* bytes, size_t size, uint32_t sm) {
  const auto listed = image::open(bytes, size);
  if (!listed) return nullptr;
  const image::Entry* best = nullptr;
  for (const image::Entry& e : listed->entries)
    if (e.kind == image::Kind::elf && e.arch / 10 == sm / 10 && e.arch <= sm &&
        (!best || e.arch > best->arch))
      best = &e;
  if (!best) return nullptr;
  auto code = image::extract(*best);
  return code ? std::make_shared<const std::string>(std::move(*code)) : nullptr;
}

}  // namespace

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

LoadedImage load_image(const void* bytes, size_t size, unsigned max_registers) {
  const DeviceSettings& device = device_settings();
  const auto sm = static_cast<uint32_t>(device.cc_major * 10 + device.cc_minor);
  auto texts = image::ptx_of(bytes, size, sm);
  if (!texts) return fail(CUDA_ERROR_INVALID_IMAGE, "not a CUDA image: " + texts.error);
  if (texts->empty()) return fail(CUDA_ERROR_NO_BINARY_FOR_GPU, why_no_ptx(bytes, size, sm));
  auto parsed = ptx::parse(texts->front(), "ptx");
  if (!parsed) return fail(CUDA_ERROR_INVALID_PTX, parsed.error().to_string());
  ptx::Module& m = *parsed;
  if (m.version_major > 9 || (m.version_major == 9 && m.version_minor > 0))
    return fail(CUDA_ERROR_UNSUPPORTED_PTX_VERSION, "PTX ISA " + std::to_string(m.version_major) +
                                                        "." + std::to_string(m.version_minor) +
                                                        " is newer than 9.0");
  if (!target_fits(m.target.substr(0, m.target.find(','))))
    return fail(CUDA_ERROR_NO_BINARY_FOR_GPU,
                "PTX for " + std::string(m.target) + " does not run on sm_" + std::to_string(sm));
  for (ptx::Function& f : m.functions)
    if (f.is_entry && f.maxnreg == 0) f.maxnreg = max_registers;
  auto shown = cubin_for(bytes, size, sm);
  if (!shown) shown = std::make_shared<const std::string>(std::move(texts->front()));
  return {CUDA_SUCCESS, {}, std::move(*parsed), std::move(shown)};
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

CUresult report_load_error(CUresult code, const std::string& message, JitOptions& options) {
  options.error(message);
  if (!options.wants_errors()) say_once("load " + message, message);
  return code;
}

}  // namespace softgpu::driver
