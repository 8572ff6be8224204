// SPDX-License-Identifier: MIT
#include "interpose/runtime/code_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "image/fatbin.hpp"
#include "image/ptx/ast.hpp"

namespace nonans::interpose {

struct CodeStore::Image {
  std::mutex mutex;  // everything below
  std::vector<std::string> ptx;
  bool same_code = true;
  bool analysed = false;
  uint64_t context = 0;
  std::unordered_map<std::string, Kernel*> kernels;
  std::vector<uint64_t> variables;
};

namespace {

// PTX beyond this is not kept: some libraries carry hundreds of MiB, which would be copied at every
// start.
constexpr uint64_t kMaxPtx = 64u << 20;
constexpr off_t kMaxFile = off_t{256} << 20;

// Machine code for `arch` runs on `sm` if the major version is the same and the minor is not newer.
bool runs_on(uint32_t arch, uint32_t sm) {
  return arch / 10 == sm / 10 && arch <= sm;
}

bool read_file(const char* path, std::string& bytes) {
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  struct stat about;
  bool good = fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size <= kMaxFile;
  if (good) bytes.resize(static_cast<size_t>(about.st_size));
  for (size_t at = 0; good && at < bytes.size();) {
    const ssize_t got = ::read(file, bytes.data() + at, bytes.size() - at);
    if (got > 0)
      at += static_cast<size_t>(got);
    else if (got == 0 || errno != EINTR)
      good = false;
  }
  ::close(file);
  return good;
}

}  // namespace

void CodeStore::unreadable(const std::string& why) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = unreadable_++ == 0;
  }
  if (first)
    say_("nonans: cannot read the code of an image that the program loaded (" + why +
         "); its kernels run unwatched");
}

void CodeStore::loaded(uint64_t module, const void* bytes, size_t size, uint32_t sm,
                       uint64_t context) {
  auto image = std::make_shared<Image>();
  image->context = context;
  {
    const std::lock_guard lock(mutex_);
    modules_[module] = image;
    ++images_;
  }
  const auto listing = image::open(bytes, size);
  if (!listing) return unreadable(listing.error);
  uint32_t machine_code = 0;  // the architecture of what the driver takes, if it takes machine code
  uint32_t best_ptx = 0;
  bool has_ptx = false;
  for (const image::Entry& entry : listing->entries) {
    if (entry.kind == image::Kind::elf && runs_on(entry.arch, sm))
      machine_code = std::max(machine_code, entry.arch);
    if (entry.kind != image::Kind::ptx || entry.arch > sm) continue;
    has_ptx = true;
    best_ptx = std::max(best_ptx, entry.arch);
  }
  if (!has_ptx) return;  // machine code only: nothing to analyse yet
  const auto has = [&](uint32_t arch) {
    return std::any_of(listing->entries.begin(), listing->entries.end(),
                       [&](const image::Entry& entry) {
                         return entry.kind == image::Kind::ptx && entry.arch == arch;
                       });
  };
  if (machine_code != 0 && has(machine_code)) best_ptx = machine_code;
  image->same_code = machine_code == 0 || machine_code == best_ptx;
  for (const image::Entry& entry : listing->entries) {
    if (entry.kind != image::Kind::ptx || entry.arch != best_ptx) continue;
    if (std::max<uint64_t>(entry.uncompressed_size, entry.stored.size()) > kMaxPtx)
      return unreadable("more than 64 MiB of PTX");
    auto text = image::extract(entry);
    if (!text) return unreadable(text.error);
    const std::lock_guard lock(image->mutex);
    image->ptx.push_back(std::move(*text));
  }
}

void CodeStore::loaded_file(uint64_t module, const char* path, uint32_t sm, uint64_t context) {
  std::string bytes;
  if (!read_file(path, bytes)) return unreadable(std::string(path) + " cannot be read");
  loaded(module, bytes.data(), bytes.size(), sm, context);
}

void CodeStore::alias(uint64_t module, uint64_t of) {
  const std::lock_guard lock(mutex_);
  const auto found = modules_.find(of);
  if (found != modules_.end()) modules_[module] = found->second;
}

std::shared_ptr<CodeStore::Image> CodeStore::find(uint64_t module) const {
  const std::lock_guard lock(mutex_);
  const auto found = modules_.find(module);
  return found == modules_.end() ? nullptr : found->second;
}

// With the image's lock held.
void CodeStore::analyse(Image& image) {
  image.analysed = true;
  for (std::string& text : image.ptx) {
    const auto parsed = image::ptx::parse(text, "image");
    if (!parsed) {
      unreadable(parsed.error().to_string());
      continue;
    }
    for (analyze::KernelProfile& profile : analyze::profile_ptx(*parsed)) {
      const std::string name = profile.name;
      if (profile.optimiser_like) optimiser_found_();
      if (Kernel* kernel = kernels_.add(std::move(profile), image.same_code))
        image.kernels[name] = kernel;
    }
  }
  image.ptx.clear();
  image.ptx.shrink_to_fit();
}

Kernel* CodeStore::kernel(uint64_t module, const std::string& name) {
  const std::shared_ptr<Image> image = find(module);
  if (!image) return nullptr;
  const std::lock_guard lock(image->mutex);
  if (!image->analysed) analyse(*image);
  const auto found = image->kernels.find(name);
  return found == image->kernels.end() ? nullptr : found->second;
}

void CodeStore::bind(const std::shared_ptr<Image>& image, uint64_t handle, Kernel* kernel) {
  {
    const std::lock_guard lock(mutex_);
    owners_[handle] = image;
  }
  kernels_.bind(handle, kernel);
}

void CodeStore::bind(uint64_t module, uint64_t handle, Kernel* kernel) {
  if (const std::shared_ptr<Image> image = find(module)) bind(image, handle, kernel);
}

void CodeStore::bind_same(uint64_t handle, uint64_t known) {
  std::shared_ptr<Image> owner;
  {
    const std::lock_guard lock(mutex_);
    const auto found = owners_.find(known);
    if (found != owners_.end()) owner = found->second;
  }
  Kernel* kernel = owner ? kernels_.find(known) : nullptr;
  if (kernel)
    bind(owner, handle, kernel);
  else
    kernels_.unbind(handle);
}

void CodeStore::own_variable(uint64_t module, uint64_t address) {
  const std::shared_ptr<Image> image = find(module);
  if (!image) return;
  const std::lock_guard lock(image->mutex);
  image->variables.push_back(address);
}

std::vector<uint64_t> CodeStore::unloading(uint64_t module) {
  std::shared_ptr<Image> image;
  {
    const std::lock_guard lock(mutex_);
    const auto found = modules_.find(module);
    if (found == modules_.end()) return {};
    image = found->second;
    modules_.erase(found);
    for (const auto& [handle, other] : modules_)
      if (other == image) return {};  // its library is still loaded
    for (auto it = owners_.begin(); it != owners_.end();) {
      if (it->second != image) {
        ++it;
        continue;
      }
      kernels_.unbind(it->first);
      it = owners_.erase(it);
    }
  }
  const std::lock_guard lock(image->mutex);
  return std::move(image->variables);
}

void CodeStore::forget_context(uint64_t context) {
  std::vector<uint64_t> gone;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [module, image] : modules_)
      if (image->context == context && context != 0) gone.push_back(module);
  }
  for (const uint64_t module : gone)
    static_cast<void>(unloading(module));  // the buffers go with the context
}

uint64_t CodeStore::images() const {
  const std::lock_guard lock(mutex_);
  return images_;
}
uint64_t CodeStore::images_unreadable() const {
  const std::lock_guard lock(mutex_);
  return unreadable_;
}

}  // namespace nonans::interpose
