// SPDX-License-Identifier: MIT
// Handles: what a CUstream, CUmodule … of this driver is.
//
// A handle is a number with its kind in it, never an address, and is not used twice: a destroyed,
// foreign or made-up handle is always recognised and answered with CUDA_ERROR_INVALID_HANDLE.
// (Hardware drivers hand out addresses and may crash on such a handle.) The numbers stay clear of
// 0, 1 and 2, which are special as streams.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

namespace softgpu::driver {

enum class HandleKind : uint64_t {
  context = 1,
  stream,
  event,
  module,
  function,
  library,
  kernel,
  pool,
  link,
  graph,
  graph_node,
  graph_exec,
  conditional,
  user_object,
  green_context,
  resource_descriptor
};

template <typename T, typename Handle, HandleKind kind>
class HandleTable {
 public:
  Handle insert(std::shared_ptr<T> object) {
    const std::unique_lock lock(mutex_);
    const uint64_t number = kBase | (static_cast<uint64_t>(kind) << 40) | (++serial_ << 4);
    Handle handle = reinterpret_cast<Handle>(number);
    objects_.emplace(number, std::move(object));
    return handle;
  }
  // Makes a removed handle name an object again (the primary context keeps its handle through
  // resets).
  void restore(Handle handle, std::shared_ptr<T> object) {
    const std::unique_lock lock(mutex_);
    objects_[reinterpret_cast<uint64_t>(handle)] = std::move(object);
  }
  // nullptr if the handle is not a live one of this kind.
  std::shared_ptr<T> find(Handle handle) const {
    const std::shared_lock lock(mutex_);
    const auto it = objects_.find(reinterpret_cast<uint64_t>(handle));
    return it == objects_.end() ? nullptr : it->second;
  }
  std::shared_ptr<T> remove(Handle handle) {
    const std::unique_lock lock(mutex_);
    const auto it = objects_.find(reinterpret_cast<uint64_t>(handle));
    if (it == objects_.end()) return nullptr;
    auto object = std::move(it->second);
    objects_.erase(it);
    return object;
  }
  // Each object once, also if it has two handles (the primary context and what is converted from
  // its green contexts).
  std::vector<std::shared_ptr<T>> all() const {
    const std::shared_lock lock(mutex_);
    std::vector<std::shared_ptr<T>> out;
    out.reserve(objects_.size());
    for (const auto& [number, object] : objects_) out.push_back(object);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }
  bool empty() const {
    const std::shared_lock lock(mutex_);
    return objects_.empty();
  }

 private:
  static constexpr uint64_t kBase = 0x5000'0000'0000;
  mutable std::shared_mutex mutex_;
  uint64_t serial_ = 0;
  std::unordered_map<uint64_t, std::shared_ptr<T>> objects_;
};

}  // namespace softgpu::driver
