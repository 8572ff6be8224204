// SPDX-License-Identifier: MIT
// Plausible arguments for any driver function, by the types of its parameters.
//
//   Arguments arguments(handles, Kind::valid);
//   generic_calls[i].call(entry, arguments);
//   arguments.untouched()          // nothing was written through any of the pointers
//
//   handles              a live one of that type; null where there is none to be had
//   CUdeviceptr          the address of a live allocation
//   const char*          the name of a kernel; const void*: an image; numbers: 0, sizes: 1
//   pointers             a block of 4 KiB each. What is read by the types (structures, const) holds
//                        zeros, arrays of const handles hold live ones; what is written (handles,
//                        addresses) holds 0xa5…, so that whoever reads it before the result is
//                        known comes to grief
#pragma once

#include <cuda.h>

#include <array>
#include <cstring>
#include <deque>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace hostile {

// One live handle per type.
struct Handles {
  std::tuple<CUcontext, CUmodule, CUfunction, CUkernel, CUlibrary, CUstream, CUevent, CUgraph,
             CUgraphNode, CUgraphExec, CUmemoryPool>
      all = {};
  CUdeviceptr memory = 0;
  const void* image = nullptr;
};

template <typename T, typename Tuple>
struct is_one_of;
template <typename T, typename... Ts>
struct is_one_of<T, std::tuple<Ts...>> : std::disjunction<std::is_same<T, Ts>...> {};
template <typename T>
inline constexpr bool is_live_handle = is_one_of<T, decltype(Handles::all)>::value;

template <typename T>
concept complete = requires {
  sizeof(T);
};

class Arguments {
 public:
  enum class Kind { valid, null };
  Arguments(const Handles& handles, Kind kind) : handles_(handles), kind_(kind) {}

  template <typename T>
  T make([[maybe_unused]] std::string_view type, [[maybe_unused]] int position) {
    if (kind_ == Kind::null) return T{};
    if constexpr (is_live_handle<T>) {
      return std::get<T>(handles_.all);
    } else if constexpr (std::is_same_v<T, const char*>) {
      return "square";
    } else if constexpr (std::is_same_v<T, const void*>) {
      return handles_.image;
    } else if constexpr (std::is_pointer_v<T>) {
      return pointer<T>(position);
    } else if constexpr (std::is_integral_v<T>) {
      if (type.starts_with("CUdeviceptr")) return static_cast<T>(handles_.memory);
      return static_cast<T>(type == "size_t");
    } else {
      return T{};
    }
  }

  bool untouched() const {
    for (const Block& block : blocks_)
      if (block.now != block.before) return false;
    return true;
  }

 private:
  struct Block {
    alignas(64) std::array<unsigned char, 4096> now;
    std::array<unsigned char, 4096> before;
  };

  template <typename T>
  T pointer(int position) {
    using Pointee = std::remove_pointer_t<T>;
    if constexpr (std::is_function_v<Pointee> || (!complete<Pointee> && !std::is_void_v<Pointee>)) {
      return nullptr;  // a callback, or a handle that we have none of
    } else {
      Block& block = blocks_.emplace_back();
      block.now.fill(0);
      if constexpr (std::is_pointer_v<Pointee>) {
        // Lists of pointers (a launch's arguments, a loader's options) are never the first
        // argument.
        const bool is_list = std::is_same_v<Pointee, void*> && position > 0;
        if (!std::is_const_v<Pointee> && !is_list) block.now.fill(0xa5);
      }
      if constexpr (std::is_const_v<Pointee> && is_live_handle<std::remove_const_t<Pointee>>) {
        const auto handle = std::get<std::remove_const_t<Pointee>>(handles_.all);
        std::memcpy(block.now.data(), &handle, sizeof handle);
      }
      block.before = block.now;
      return reinterpret_cast<T>(block.now.data());
    }
  }

  const Handles& handles_;
  Kind kind_;
  std::deque<Block> blocks_;  // they stay where they are
};

struct GenericCall {
  const char* name;  // exported
  CUresult (*call)(void* entry, Arguments& arguments);
  std::vector<CUresult> errors;
  bool documented;  // false: cuda.h lists none
};
// Generated, one per exported name.
extern const GenericCall generic_calls[];
extern const int generic_call_count;

}  // namespace hostile
