// SPDX-License-Identifier: MIT
// The images that the application loaded, and what analysis makes of them.
//
//   store.loaded(handle_key(module), image, image::kUnknownSize, sm, context);  // after a good
//   load: takes the PTX out Kernel* k = store.kernel(handle_key(module), "saxpy"); // get-function:
//   analysed on first use store.unloading(handle_key(module)); // before the real unload
//
// The PTX is copied at load time, since nobody promises that the image lives on, and is dropped
// once analysed. Analysis is CPU work of at most 20 ms a kernel, done in the get-function hook and
// never in a launch.
//
// Is the PTX what runs? A fatbin often holds machine code (SASS) for the device beside PTX, and the
// driver takes that. SASS and PTX of one architecture come from one compilation. If the SASS is of
// another architecture than any PTX in the image, `#if __CUDA_ARCH__` may have made other code: the
// kernel is still looked at, but nothing is proven (Kernel::same_code is false).
//
// Anything odd (a corrupt container, PTX that does not parse) leaves the image's kernels unknown,
// says so once, and counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "interpose/runtime/kernel_table.hpp"

namespace nonans::interpose {

class CodeStore {
 public:
  using Say = std::function<void(std::string_view line)>;

  // `optimiser_found` is called when an analysed kernel looks like an optimiser's.
  CodeStore(KernelTable& kernels, Say say, std::function<void()> optimiser_found)
      : kernels_(kernels), say_(std::move(say)), optimiser_found_(std::move(optimiser_found)) {}

  void loaded(uint64_t module, const void* image, size_t size, uint32_t sm, uint64_t context);
  void loaded_file(uint64_t module, const char* path, uint32_t sm, uint64_t context);
  // A second handle for the same code: the module behind a library.
  void alias(uint64_t module, uint64_t of);
  // Null if the module is not known, or its kernel is not.
  Kernel* kernel(uint64_t module, const std::string& name);
  // `handle` (a CUfunction or CUkernel of this module) stands for `kernel` until the module goes.
  void bind(uint64_t module, uint64_t handle, Kernel* kernel);
  // `handle` stands for the same kernel as `known` (cuKernelGetFunction).
  void bind_same(uint64_t handle, uint64_t known);
  // A variable of the module was handed out: its address goes with the module.
  void own_variable(uint64_t module, uint64_t address);
  // The addresses of its variables that were handed out.
  std::vector<uint64_t> unloading(uint64_t module);
  // Modules of a context that goes; libraries (context 0) stay.
  void forget_context(uint64_t context);

  uint64_t images() const;             // seen
  uint64_t images_unreadable() const;  // of those, could not be understood

 private:
  struct Image;
  std::shared_ptr<Image> find(uint64_t module) const;
  void analyse(Image& image);
  void bind(const std::shared_ptr<Image>& image, uint64_t handle, Kernel* kernel);
  void unreadable(const std::string& why);

  KernelTable& kernels_;
  Say say_;
  std::function<void()> optimiser_found_;
  mutable std::mutex mutex_;  // the maps and counters; never held while analysing
  std::unordered_map<uint64_t, std::shared_ptr<Image>> modules_;  // by module or library
  std::unordered_map<uint64_t, std::shared_ptr<Image>> owners_;   // by function or kernel
  uint64_t images_ = 0, unreadable_ = 0;
};

}  // namespace nonans::interpose
