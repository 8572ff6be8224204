// SPDX-License-Identifier: MIT
// User objects: something of the program's that lives as long as the graphs that use it.
//
// References are counted. The program's own are numbers it must keep track of; a graph's are held
// by UserObjectReferences, which copies with clones and executable graphs and gives back when
// destroyed. The destructor callback runs on a worker thread, where no API call is allowed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "driver/cuda_api.hpp"
#include "driver/handles.hpp"

namespace softgpu::driver {

struct UserObject {
  CUuserObject handle = nullptr;
  CUhostFn destroy = nullptr;
  void* data = nullptr;
  uint64_t references = 0;  // under `mutex`
  std::mutex mutex;
};
using UserObjectPtr = std::shared_ptr<UserObject>;

class UserObjectReferences {
 public:
  UserObjectReferences() = default;
  UserObjectReferences(const UserObjectReferences& other);
  UserObjectReferences& operator=(const UserObjectReferences& other);
  UserObjectReferences(UserObjectReferences&& other) noexcept { held_.swap(other.held_); }
  ~UserObjectReferences();

  // Takes `count` references over.
  void adopt(const UserObjectPtr& object, uint64_t count);
  // False if fewer are held.
  bool release(const UserObjectPtr& object, uint64_t count);

 private:
  std::map<UserObjectPtr, uint64_t> held_;
};

}  // namespace softgpu::driver
