// SPDX-License-Identifier: MIT
// Functions that the device itself provides (ISA, CUDA C++: formatted output, assertions).
//
//   vprintf(const char* format, void* arguments)
//     The arguments lie in a buffer, each aligned to its size: int and unsigned 4 bytes; long,
//     pointers and double 8.
//   __assertfail(message, file, line, function, char_size)
//   malloc(size), free(pointer)
//     Each allocation is a range of its own, so that overruns fault; what a program does not free
//     goes with its module.
//   cudaGraphSetConditional(handle, value)
#include <cstdio>
#include <cstring>

#include "fault.hpp"
#include "graph_conditions.hpp"
#include "grid_workspace.hpp"
#include "memory.hpp"
#include "scheduler.hpp"
#include "watch.hpp"

namespace softgpu::engine {
namespace {

constexpr size_t kLongestString = 4096;

std::string string_at(Warp& w, const Op& op, u32 lane, u64 address) {
  std::string text;
  while (text.size() < kLongestString) {
    const char c = static_cast<char>(*host_bytes(w, op, lane, address++, 1));
    if (c == '\0') break;
    text.push_back(c);
  }
  return text;
}

template <class T>
T value_at(Warp& w, const Op& op, u32 lane, u64 address) {
  T value;
  std::memcpy(&value, host_bytes(w, op, lane, address, sizeof value), sizeof value);
  return value;
}

// One conversion of the format at `spec` ("%-8.3lf"), with the argument read from the buffer.
class Formatter {
 public:
  Formatter(Warp& w, const Op& op, u32 lane, u64 arguments)
      : w_(w), op_(op), lane_(lane), next_(arguments) {}

  std::string run(const std::string& format) {
    std::string out;
    for (size_t i = 0; i < format.size(); ++i) {
      if (format[i] != '%') {
        out.push_back(format[i]);
        continue;
      }
      if (i + 1 < format.size() && format[i + 1] == '%') {
        out.push_back('%');
        ++i;
        continue;
      }
      std::string spec = "%";
      bool is_long = false;
      for (++i; i < format.size() && std::strchr("-+ #0123456789.*lhzjt", format[i]) != nullptr;
           ++i) {
        if (std::strchr("lhzjt", format[i]) != nullptr) {
          is_long = is_long || (format[i] != 'h');
        } else if (format[i] == '*') {
          spec += std::to_string(take<s32>());
        } else {
          spec.push_back(format[i]);
        }
      }
      if (i == format.size()) break;
      out += convert(spec, format[i], is_long);
    }
    return out;
  }
  // Arguments that the format has used so far.
  s32 taken() const { return taken_; }

 private:
  template <class T>
  T take() {
    next_ = (next_ + sizeof(T) - 1) / sizeof(T) * sizeof(T);
    const T value = value_at<T>(w_, op_, lane_, next_);
    next_ += sizeof(T);
    ++taken_;
    return value;
  }
  template <class T>
  static std::string print(const std::string& spec, T value) {
    char text[512];
    std::snprintf(text, sizeof text, spec.c_str(), value);
    return text;
  }
  std::string convert(const std::string& spec, char kind, bool is_long) {
    switch (kind) {
      case 'd':
      case 'i': {
        const long long value = is_long ? take<s64>() : take<s32>();
        return print(spec + "lld", value);
      }
      case 'u':
      case 'o':
      case 'x':
      case 'X': {
        const unsigned long long value = is_long ? take<u64>() : take<u32>();
        return print(spec + "ll" + kind, value);
      }
      case 'c':
        return print(spec + kind, take<s32>());
      case 'p':
        return print(spec + kind, reinterpret_cast<void*>(take<u64>()));
      case 's': {
        const std::string text = string_at(w_, op_, lane_, take<u64>());
        return spec == "%" ? text : print(spec + kind, text.c_str());
      }
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
      case 'a':
      case 'A':
        return print(spec + kind, take<double>());
      default:
        return spec + kind;
    }
  }

  Warp& w_;
  const Op& op_;
  u32 lane_;
  u64 next_;
  s32 taken_ = 0;
};

}  // namespace

namespace {

u64 device_malloc(GridInfo& grid, u64 size) {
  DeviceHeap& heap = *grid.code->heap;
  const std::lock_guard lock(heap.mutex);
  const u64 address = size == 0 ? 0 : grid.space->allocate(size);
  if (address != 0) {
    heap.live.insert(address);
    if (grid.watch != nullptr) {
      for (const auto& observer : grid.watch->observers) observer->allocated(address, size);
    }
  }
  return address;
}

// False: not something that device_malloc gave out.
bool device_free(GridInfo& grid, u64 address) {
  DeviceHeap& heap = *grid.code->heap;
  const std::lock_guard lock(heap.mutex);
  if (heap.live.erase(address) == 0) return address == 0;
  grid.space->release(address);
  return true;
}

}  // namespace

void run_builtin(Warp& w, const Op& op, const CallSite& site, Builtin builtin, u32 mask) {
  for (u32 rest = mask; rest != 0; rest &= rest - 1) {
    const u32 lane = static_cast<u32>(__builtin_ctz(rest));
    std::byte* frame = w.block->stack(w, lane) + w.frame->local_base[lane];
    const auto argument = [&](size_t i) {
      u64 value = 0;
      std::memcpy(&value, frame + site.args[i].offset, std::min<size_t>(site.args[i].size, 8));
      return value;
    };
    if (builtin == Builtin::vprintf) {
      // The result: the number of arguments, -1 for a null format.
      s32 count = -1;
      if (argument(0) != 0) {
        Formatter formatter(w, op, lane, argument(1));
        const std::string text = formatter.run(string_at(w, op, lane, argument(0)));
        std::fwrite(text.data(), 1, text.size(), stdout);
        count = formatter.taken();
      }
      if (!site.results.empty()) std::memcpy(frame + site.results[0].offset, &count, sizeof count);
      tell_copied(w, op, lane, w.frame->local_base[lane], site.results);
    } else if (builtin == Builtin::malloc) {
      const u64 address = device_malloc(*w.block->grid, argument(0));
      if (!site.results.empty()) {
        std::memcpy(frame + site.results[0].offset, &address, sizeof address);
      }
      tell_copied(w, op, lane, w.frame->local_base[lane], site.results);
    } else if (builtin == Builtin::free) {
      if (!device_free(*w.block->grid, argument(0))) {
        raise_access(w, op, lane, FaultKind::illegal_address, {argument(0), 1, true});
      }
    } else if (builtin == Builtin::set_conditional) {
      GraphConditions* const conditions = graph_conditions(*w.block->grid);
      if (!conditions || !conditions->set(argument(0), static_cast<u32>(argument(1))))
        raise_access(w, op, lane, FaultKind::illegal_address, {argument(0), 4, true});
    } else {
      const std::string message = string_at(w, op, lane, argument(0));
      const std::string file = string_at(w, op, lane, argument(1));
      const std::string function = string_at(w, op, lane, argument(3));
      raise(w, op, lane, FaultKind::assertion,
            "assertion `" + message + "` failed in " + function + " at " + file + ":" +
                std::to_string(static_cast<u32>(argument(2))));
    }
  }
}

}  // namespace softgpu::engine
