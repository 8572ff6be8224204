// SPDX-License-Identifier: MIT
// A receiver that writes down what it is told, a line each.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "cupti/receiver.hpp"

class Recording final : public nonans::cupti::Receiver {
 public:
  std::vector<std::string> heard;
  bool wants = true;
  bool throws = false;

  bool concerned() noexcept override { return wants; }
  void allocated(const nonans::cupti::Allocation& a) override {
    static constexpr const char* kNames[] = {"device", "pool", "managed", "host"};
    say(kNames[static_cast<int>(a.memory)], " ", a.base, "+", a.size, " in ", number(a.context));
    if (a.memory == nonans::cupti::Memory::pool)
      say("stream ", number(a.stream), a.per_thread_default_stream ? " per thread" : "");
  }
  void freeing(uint64_t base) override { say("free ", base); }
  void code_call_begins() override { say("code call"); }
  void image_shown(CUcontext context, uint32_t id, const void* bytes, size_t size) override {
    say("image ", id, " '", std::string(static_cast<const char*>(bytes), size), "' in ",
        number(context));
  }
  void module_returned(CUmodule module) override { say("module ", number(module)); }
  void library_returned(CUlibrary library) override { say("library ", number(library)); }
  void kernel_used(CUkernel kernel) override { say("kernel ", number(kernel)); }
  void module_going(CUmodule module) override { say("module going ", number(module)); }
  void library_going(CUlibrary library) override { say("library going ", number(library)); }
  void module_id_going(uint32_t id) override { say("image going ", id); }
  void context_created(CUcontext context) override { say("context ", number(context)); }
  void context_going(CUcontext context) override { say("context going ", number(context)); }
  void launched(bool graph) override { say(graph ? "graph launch" : "launch"); }

 private:
  template <typename Handle>
  static uint64_t number(Handle handle) {
    return reinterpret_cast<uint64_t>(handle);
  }
  template <typename... Parts>
  void say(Parts... parts) {
    if (throws) throw std::bad_alloc();
    std::ostringstream line;
    (line << ... << parts);
    heard.push_back(line.str());
  }
};
