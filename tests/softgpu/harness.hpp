// SPDX-License-Identifier: MIT
// Runs PTX text on the engine over a plain heap of device memory, without a driver.
//
//   Device device;
//   auto x = device.upload(std::vector<float>{1, 2, 3});
//   device.load(ptx_text);
//   device.run("scale", {1}, {32}, x, 2.0F, 3U);        // arguments by value, in order
//   std::vector<float> y = device.download<float>(x, 3);
#pragma once

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "support/catch.hpp"

namespace softgpu::test {

namespace ptx = nonans::image::ptx;

class Heap final : public engine::AddressSpace {
 public:
  const engine::Range* find(uint64_t address) const override {
    auto after = ranges_.upper_bound(address);
    if (after == ranges_.begin()) return nullptr;
    const engine::Range& range = std::prev(after)->second;
    return address - range.address < range.size ? &range : nullptr;
  }
  uint64_t allocate(uint64_t size) override {
    const uint64_t address = next_;
    next_ += (size + 4095) / 4096 * 4096 + 4096;  // a hole behind each allocation
    storage_.push_back(std::make_unique<std::vector<std::max_align_t>>(
        (size + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t) + 16));
    void* host = storage_.back()->data();
    size_t room = storage_.back()->size() * sizeof(std::max_align_t);
    host = std::align(64, size, host, room);
    std::memset(host, 0, size);
    ranges_[address] = {address, size, static_cast<std::byte*>(host), true};
    return address;
  }
  void release(uint64_t address) override { ranges_.erase(address); }

 private:
  std::map<uint64_t, engine::Range> ranges_;
  std::vector<std::unique_ptr<std::vector<std::max_align_t>>> storage_;
  uint64_t next_ = 0x7f0000000000ULL;
};

class Device {
 public:
  Heap heap;

  // nullopt = loaded.
  std::optional<engine::LoadError> try_load(const std::string& text) {
    ptx::Result parsed = ptx::parse(text, "test.ptx");
    if (!parsed) return engine::LoadError{parsed.error().to_string(), false};
    engine::LoadError error;
    program_ = engine::Program::load(std::move(*parsed), heap, error);
    if (!program_) return error;
    return std::nullopt;
  }
  void load(const std::string& text) {
    const auto error = try_load(text);
    INFO((error ? error->message : std::string()));
    REQUIRE(!error);
  }

  // PTX that nvcc made at build time.
  void load_file(const std::string& path) {
    std::ifstream file(path);
    REQUIRE(file);
    std::stringstream text;
    text << file.rdbuf();
    load(text.str());
  }

  template <class... Args>
  std::optional<engine::Fault> try_run(const std::string& kernel, engine::Dim3 grid,
                                       engine::Dim3 block, Args... args) {
    return launch(kernel, {grid, block, dynamic_shared, {}, cooperative, 1, modes, observer},
                  args...);
  }
  template <class... Args>
  void run(const std::string& kernel, engine::Dim3 grid, engine::Dim3 block, Args... args) {
    const auto fault = try_run(kernel, grid, block, args...);
    INFO((fault ? fault->message : std::string()));
    REQUIRE(!fault);
  }

  template <class T>
  uint64_t upload(const std::vector<T>& values) {
    const uint64_t address = heap.allocate(std::max<size_t>(values.size() * sizeof(T), 1));
    std::memcpy(host(address), values.data(), values.size() * sizeof(T));
    return address;
  }
  template <class T>
  std::vector<T> download(uint64_t address, size_t count) {
    std::vector<T> values(count);
    std::memcpy(values.data(), host(address), count * sizeof(T));
    return values;
  }
  std::byte* host(uint64_t address) {
    const engine::Range* range = heap.find(address);
    REQUIRE(range != nullptr);
    return range->host + (address - range->address);
  }
  const engine::Program& program() const { return *program_; }

  uint32_t dynamic_shared = 0;
  bool cooperative = false;
  engine::Modes modes;
  engine::Observer* observer = nullptr;

 private:
  template <class... Args>
  std::optional<engine::Fault> launch(const std::string& name, engine::Launch launch,
                                      Args... args) {
    const engine::Kernel* kernel = program_->find_kernel(name);
    REQUIRE(kernel != nullptr);
    REQUIRE(kernel->params.size() == sizeof...(Args));
    std::vector<std::byte> block(kernel->param_bytes);
    size_t i = 0;
    const auto put = [&](const auto& value) {
      REQUIRE(kernel->params[i].size == sizeof value);
      std::memcpy(block.data() + kernel->params[i].offset, &value, sizeof value);
      ++i;
    };
    (put(args), ...);
    launch.params = block;
    return engine::run(*kernel, launch, heap);
  }

  std::unique_ptr<engine::Program> program_;
};

// A kernel `k(in…, out)` whose body works on 32-bit or 64-bit elements, one per thread of one block
// of 32:
//   unary_kernel({"f32", "f32"}, "u32", "add.f32 %d, %a0, %a1;")
// Sources are loaded into %a0, %a1, %a2 as registers of the given types, %d is stored.
inline std::string element_kernel(const std::vector<std::string>& sources,
                                  const std::string& result, const std::string& body) {
  const auto width = [](const std::string& type) {
    return type.ends_with("64") ? 8 : (type.ends_with("16") ? 2 : 4);
  };
  const auto bits = [&](const std::string& type) { return ".b" + std::to_string(8 * width(type)); };
  std::string text = ".version 8.8\n.target sm_100a\n.address_size 64\n.visible .entry k(";
  for (size_t i = 0; i < sources.size(); ++i) text += ".param .u64 in" + std::to_string(i) + ", ";
  text += ".param .u64 out, .param .u32 n)\n{\n";
  text +=
      "  .reg .pred %p<8>; .reg .b32 %i, %n, %t<8>; .reg .b64 %ptr, %off, %l<8>; .reg .b16 "
      "%h<8>;\n";
  for (size_t i = 0; i < sources.size(); ++i) {
    text += "  .reg " + bits(sources[i]) + " %a" + std::to_string(i) + ";\n";
  }
  text += "  .reg " + bits(result) + " %d;\n";
  text += "  .reg .b32 %cta, %width;\n";
  text += "  mov.u32 %i, %tid.x; mov.u32 %cta, %ctaid.x; mov.u32 %width, %ntid.x;\n";
  text += "  mad.lo.u32 %i, %cta, %width, %i;\n  ld.param.u32 %n, [n];\n";
  text += "  setp.ge.u32 %p0, %i, %n;\n  @%p0 ret;\n";
  for (size_t i = 0; i < sources.size(); ++i) {
    const std::string n = std::to_string(i);
    text += "  ld.param.u64 %ptr, [in" + n + "];\n  mul.wide.u32 %off, %i, " +
            std::to_string(width(sources[i])) + ";\n  add.s64 %ptr, %ptr, %off;\n  ld.global" +
            bits(sources[i]) + " %a" + n + ", [%ptr];\n";
  }
  text += "  " + body + "\n";
  text += "  ld.param.u64 %ptr, [out];\n  mul.wide.u32 %off, %i, " + std::to_string(width(result)) +
          ";\n  add.s64 %ptr, %ptr, %off;\n  st.global" + bits(result) +
          " [%ptr], %d;\n  ret;\n}\n";
  return text;
}

}  // namespace softgpu::test
