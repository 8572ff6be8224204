// SPDX-License-Identifier: MIT
#include "interpose/code/code_store.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "image/ptx/ast.hpp"
#include "interpose/code/discovery.hpp"
#include "interpose/code/image_choice.hpp"

namespace nonans::interpose {

struct CodeStore::Image {
  std::mutex mutex;  // everything below
  std::vector<KeptText> texts;
  bool same_code = true;
  std::unordered_map<std::string, Kernel*> kernels;
  std::vector<uint64_t> variables;
};

namespace {

// PTX beyond this is not analysed: a parsed text takes many times its size.
constexpr uint64_t kMaxPtx = 64u << 20;

}  // namespace

void CodeStore::unreadable(const std::string& why) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = statistics_.unreadable++ == 0;
  }
  if (first)
    say_("nonans: cannot read the code of an image that the program loaded (" + why +
         "); its kernels run unwatched");
}

void CodeStore::no_room() {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = statistics_.no_room++ == 0;
  }
  if (first)
    say_("nonans: the program loaded more code than is kept for a look at it (" +
         std::to_string(ImageMemory::kMost >> 20) +
         " MiB of copies); kernels of further images run unwatched");
}

void CodeStore::loaded(uint64_t module, const LoadedImage& loaded) {
  auto image = std::make_shared<Image>();
  {
    const std::lock_guard lock(mutex_);
    forget(module);  // an unload that nobody told us of
    modules_[module] = {image, loaded.context, false};
    ++statistics_.images;
  }
  const auto listing = image::open(loaded.bytes, loaded.size);
  if (!listing) return unreadable(listing.error);
  const ImageChoice choice = choose_ptx(*listing, loaded.sm);
  const std::lock_guard held(image->mutex);
  image->same_code = choice.same_code;
  for (const image::Entry* entry : choice.ptx) {
    if (std::max<uint64_t>(entry->uncompressed_size, entry->stored.size()) > kMaxPtx)
      return unreadable("more than 64 MiB of PTX");
    std::optional<KeptText> kept = KeptText::keep(*entry, loaded.lifetime, memory_);
    if (!kept) return no_room();
    {
      const std::lock_guard lock(mutex_);
      (kept->referenced() ? statistics_.referenced_bytes : statistics_.copied_bytes) +=
          kept->bytes();
    }
    image->texts.push_back(std::move(*kept));
  }
}

void CodeStore::loaded_file(uint64_t module, const char* path, const FileVersion& version,
                            LoadedImage loaded_from) {
  const image::Outcome<std::string> bytes = read_version(path, version);
  if (!bytes) {
    {
      const std::lock_guard lock(mutex_);
      forget(module);
      ++statistics_.images;
    }
    return unreadable(bytes.error);
  }
  loaded_from.bytes = bytes->data();
  loaded_from.size = bytes->size();
  loaded(module, loaded_from);
}

// With the lock held.
void CodeStore::alias_to(const std::shared_ptr<Image>& image, uint64_t module, uint64_t context) {
  const auto there = modules_.find(module);
  if (there != modules_.end() && there->second.image == image) return;
  forget(module);
  modules_[module] = {image, context, true};
}

void CodeStore::alias(uint64_t module, uint64_t of, uint64_t context) {
  const std::lock_guard lock(mutex_);
  const auto found = modules_.find(of);
  if (found != modules_.end()) alias_to(found->second.image, module, context);
}

void CodeStore::alias_of_function(uint64_t module, uint64_t function, uint64_t context) {
  const std::lock_guard lock(mutex_);
  const auto found = owners_.find(function);
  if (found != owners_.end()) alias_to(found->second.image, module, context);
}

std::shared_ptr<CodeStore::Image> CodeStore::find(uint64_t module) const {
  const std::lock_guard lock(mutex_);
  const auto found = modules_.find(module);
  return found == modules_.end() ? nullptr : found->second.image;
}

// With the image's lock held.
void CodeStore::share(Image& image, const std::vector<Kernel*>& kernels) {
  for (Kernel* kernel : kernels) image.kernels[kernel->profile.name] = kernel;
}

void CodeStore::analyse(Image& image, const std::string& text) {
  ContentHash key = hash_of(std::as_bytes(std::span<const char>(text.data(), text.size())));
  key.low = (key.low & ~uint64_t{1}) | (image.same_code ? 1 : 0);
  {
    const std::lock_guard lock(mutex_);
    const auto known = analysed_.find(key);
    if (known != analysed_.end()) return share(image, known->second);
  }
  const auto parsed = image::ptx::parse(text, "image");
  if (!parsed) return unreadable(parsed.error().to_string());
  std::vector<Kernel*> kernels;
  for (analyze::KernelProfile& profile : analyze::profile_ptx(*parsed)) {
    if (profile.optimiser_like) optimiser_found_();
    if (Kernel* kernel = kernels_.add(std::move(profile), image.same_code))
      kernels.push_back(kernel);
  }
  share(image, kernels);
  if (kernels.empty()) return;  // so that what is remembered is bounded by the table of kernels
  const std::lock_guard lock(mutex_);
  analysed_.emplace(key, std::move(kernels));
}

// With the image's lock held.
void CodeStore::analyse(Image& image) {
  const std::vector<KeptText> texts = std::move(image.texts);
  image.texts.clear();
  for (const KeptText& kept : texts) {
    const image::Outcome<std::string> text = kept.text();
    if (text)
      analyse(image, *text);
    else
      unreadable(text.error);
  }
}

Kernel* CodeStore::kernel(uint64_t module, const std::string& name) {
  const std::shared_ptr<Image> image = find(module);
  if (!image) return nullptr;
  const std::lock_guard lock(image->mutex);
  analyse(*image);
  const auto found = image->kernels.find(name);
  return found == image->kernels.end() ? nullptr : found->second;
}

void CodeStore::bind(const std::shared_ptr<Image>& image, uint64_t handle, Kernel* kernel,
                     uint64_t context) {
  const std::lock_guard lock(mutex_);
  if (!image) {
    owners_.erase(handle);
    return kernels_.unbind(handle);
  }
  owners_[handle] = {image, context};
  if (kernel)
    kernels_.bind(handle, kernel);
  else
    kernels_.bind_unknown(handle);
}

void CodeStore::bind(uint64_t module, uint64_t handle, Kernel* kernel, uint64_t context) {
  bind(find(module), handle, kernel, context);
}

void CodeStore::bind_same(uint64_t handle, uint64_t known, uint64_t context) {
  std::shared_ptr<Image> owner;
  {
    const std::lock_guard lock(mutex_);
    const auto found = owners_.find(known);
    if (found != owners_.end()) owner = found->second.image;
  }
  bind(owner, handle, owner ? kernels_.find(known) : nullptr, context);
}

void CodeStore::discovered(uint64_t module, const ContentHash& name, uint64_t handle,
                           const std::function<bool()>& still_good) {
  const std::shared_ptr<Image> image = find(module);
  if (!image || !still_good()) return;
  Kernel* kernel = nullptr;
  {
    const std::lock_guard lock(image->mutex);
    analyse(*image);
    for (const auto& [known, candidate] : image->kernels)
      if (hash_of_name(known.c_str()) == name) kernel = candidate;
  }
  const std::lock_guard lock(mutex_);
  const auto owner = modules_.find(module);
  if (owner == modules_.end() || owner->second.image != image || !still_good()) return;
  owners_[handle] = {image, owner->second.context};
  if (!kernel) return kernels_.bind_unknown(handle);
  kernels_.bind(handle, kernel);
  ++statistics_.discovered;
}

void CodeStore::own_variable(uint64_t module, uint64_t address) {
  const std::shared_ptr<Image> image = find(module);
  if (!image) return;
  const std::lock_guard lock(image->mutex);
  image->variables.push_back(address);
}

// A library goes with its modules; a library's module goes alone.
std::shared_ptr<CodeStore::Image> CodeStore::forget(uint64_t module) {
  const auto found = modules_.find(module);
  if (found == modules_.end()) return nullptr;
  const Module going = found->second;
  modules_.erase(found);
  if (going.is_alias) return nullptr;
  std::erase_if(modules_, [&](const auto& other) { return other.second.image == going.image; });
  std::erase_if(owners_, [&](const auto& owner) {
    if (owner.second.image != going.image) return false;
    kernels_.unbind(owner.first);
    return true;
  });
  return going.image;
}

std::vector<uint64_t> CodeStore::unloading(uint64_t module) {
  std::shared_ptr<Image> image;
  {
    const std::lock_guard lock(mutex_);
    image = forget(module);
  }
  if (!image) return {};
  // Waits for an analysis that reads the image: what the caller promised ends with this call.
  const std::lock_guard lock(image->mutex);
  image->texts.clear();
  return std::move(image->variables);
}

void CodeStore::forget_context(uint64_t context) {
  if (context == 0) return;
  std::vector<uint64_t> gone;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [module, held] : modules_)
      if (held.context == context) gone.push_back(module);
    std::erase_if(owners_, [&](const auto& owner) {
      if (owner.second.context != context) return false;
      kernels_.unbind(owner.first);
      return true;
    });
  }
  for (const uint64_t module : gone)
    static_cast<void>(unloading(module));  // the buffers go with the context
}

CodeStatistics CodeStore::statistics() const {
  const std::lock_guard lock(mutex_);
  CodeStatistics now = statistics_;
  now.held_bytes = memory_.held();
  return now;
}

}  // namespace nonans::interpose
