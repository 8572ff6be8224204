// SPDX-License-Identifier: MIT
// The images that the application loaded, and what analysis makes of them.
//
//   store.loaded(handle_key(module), {.bytes = image, .sm = 90, .context = key});  // a good load
//   Kernel* k = store.kernel(handle_key(module), "saxpy");  // get-function: analysed on first use
//   store.bind(handle_key(module), handle_key(function), k, key);
//   store.unloading(handle_key(module));                    // before the real unload
//
// Images are kept as kept_text.hpp says until one of their kernels is looked up. Analysis is CPU
// work of at most 20 ms a kernel, done in the get-function hook and never in a launch. Kernels of
// equal text are shared: a program that loads one image into ten contexts, or over and over, has
// it analysed once.
//
// Handles. A module's kernels are known by their CUfunctions, a library's by CUkernels (of no
// context) and by the CUfunctions of each context. All of them are forgotten with the module or
// library, those of a context also with the context; a driver gives the numbers out again.
//
// Anything odd (a corrupt container, PTX that does not parse, memory that is gone) leaves the
// image's kernels unknown, says so once, and counts.
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

#include "image/fatbin.hpp"
#include "interpose/code/image_file.hpp"
#include "interpose/code/kept_text.hpp"
#include "interpose/runtime/kernel_table.hpp"

namespace nonans::interpose {

struct LoadedImage {
  const void* bytes = nullptr;
  size_t size = image::kUnknownSize;
  uint32_t sm = 0;       // compute capability, 10 * major + minor
  uint64_t context = 0;  // 0: of none, a library
  Lifetime lifetime = Lifetime::call;
};

struct CodeStatistics {
  uint64_t images = 0;      // seen
  uint64_t unreadable = 0;  // of those, could not be understood, or not any more
  uint64_t no_room = 0;     // of those, were not kept
  uint64_t referenced_bytes = 0, copied_bytes = 0;  // of PTX, as stored, in all
  uint64_t held_bytes = 0;                          // copies that are kept now
  uint64_t discovered = 0;                          // functions that were launched unannounced
};

class CodeStore {
 public:
  using Say = std::function<void(std::string_view line)>;

  // `optimiser_found` is called when an analysed kernel looks like an optimiser's.
  CodeStore(KernelTable& kernels, Say say, std::function<void()> optimiser_found,
            uint64_t most_copied = ImageMemory::kMost)
      : memory_(most_copied),
        kernels_(kernels),
        say_(std::move(say)),
        optimiser_found_(std::move(optimiser_found)) {}

  void loaded(uint64_t module, const LoadedImage& image);
  // `version` was taken before the driver read the file. Bytes and size of `image` are not used.
  void loaded_file(uint64_t module, const char* path, const FileVersion& version,
                   LoadedImage image);
  // A second handle for the same code: the module behind a library, in one context.
  void alias(uint64_t module, uint64_t of, uint64_t context);
  // Null if the module is not known, or its kernel is not.
  Kernel* kernel(uint64_t module, const std::string& name);
  // `handle` (a CUfunction or CUkernel of this module) stands for `kernel` until the module or the
  // context goes. A null kernel makes it unknown: a reused handle must not keep its old meaning.
  void bind(uint64_t module, uint64_t handle, Kernel* kernel, uint64_t context);
  // `handle` stands for the same kernel as `known` (cuKernelGetFunction).
  void bind_same(uint64_t handle, uint64_t known, uint64_t context);
  // A function of this module that was not announced, by the hash of its name. Bound if it is
  // `still_good` once the image is analysed.
  void discovered(uint64_t module, const ContentHash& name, uint64_t handle,
                  const std::function<bool()>& still_good);
  // `module` is where `function` comes from, as the driver says.
  void alias_of_function(uint64_t module, uint64_t function, uint64_t context);
  // A variable of the module was handed out: its address goes with the module.
  void own_variable(uint64_t module, uint64_t address);
  // The addresses of its variables that were handed out.
  std::vector<uint64_t> unloading(uint64_t module);
  // Modules and functions of a context that goes; libraries (context 0) stay.
  void forget_context(uint64_t context);

  CodeStatistics statistics() const;

 private:
  struct Image;
  struct Module {
    std::shared_ptr<Image> image;
    uint64_t context = 0;
    bool is_alias = false;
  };
  struct Owner {
    std::shared_ptr<Image> image;
    uint64_t context = 0;
  };
  std::shared_ptr<Image> find(uint64_t module) const;
  void alias_to(const std::shared_ptr<Image>& image, uint64_t module, uint64_t context);
  void analyse(Image& image);
  void analyse(Image& image, const std::string& text);
  void share(Image& image, const std::vector<Kernel*>& kernels);
  void bind(const std::shared_ptr<Image>& image, uint64_t handle, Kernel* kernel, uint64_t context);
  std::shared_ptr<Image> forget(uint64_t module);  // with the lock held
  void unreadable(const std::string& why);
  void no_room();

  ImageMemory memory_;
  KernelTable& kernels_;
  Say say_;
  std::function<void()> optimiser_found_;
  mutable std::mutex mutex_;                      // what follows; never held while analysing
  std::unordered_map<uint64_t, Module> modules_;  // by module or library
  std::unordered_map<uint64_t, Owner> owners_;    // by function or kernel
  // What was analysed, by text (and, in its lowest bit, whether it is what runs).
  std::unordered_map<ContentHash, std::vector<Kernel*>, HashOfHash> analysed_;
  CodeStatistics statistics_;
};

}  // namespace nonans::interpose
