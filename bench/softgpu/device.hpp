// SPDX-License-Identifier: MIT
// The engine over plain host memory, for measuring it without a driver.
//
//   Device device(path_of_ptx);
//   const uint64_t x = device.allocate(4096);
//   device.run("scale", {64}, {256}, x, 2.0F);   // arguments by value; throws on a fault
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace bench {

class Memory final : public softgpu::engine::AddressSpace {
 public:
  const softgpu::engine::Range* find(uint64_t address) const override;
  uint64_t allocate(uint64_t size) override;
  void release(uint64_t) override {}

 private:
  struct Aligned {
    alignas(256) std::byte bytes[256];
  };
  std::vector<softgpu::engine::Range> ranges_;
  std::vector<std::unique_ptr<Aligned[]>> storage_;
  uint64_t next_ = 0x7f00'0000'0000ULL;
};

class Device {
 public:
  explicit Device(const std::string& ptx_path);
  uint64_t allocate(uint64_t bytes) { return memory_.allocate(bytes); }
  template <class T>
  void fill(uint64_t address, const std::vector<T>& values) {
    std::memcpy(memory_.find(address)->host, values.data(), values.size() * sizeof(T));
  }

  template <class... Args>
  void run(const std::string& kernel, softgpu::engine::Dim3 grid, softgpu::engine::Dim3 block,
           Args... args) {
    const softgpu::engine::Kernel& k = find(kernel);
    std::vector<std::byte> params(k.param_bytes);
    size_t i = 0;
    (put(params, k, i++, &args, sizeof args), ...);
    launch(k, grid, block, params);
  }

 private:
  const softgpu::engine::Kernel& find(const std::string& name) const;
  static void put(std::vector<std::byte>& params, const softgpu::engine::Kernel& kernel, size_t i,
                  const void* value, size_t size);
  void launch(const softgpu::engine::Kernel& kernel, softgpu::engine::Dim3 grid,
              softgpu::engine::Dim3 block, const std::vector<std::byte>& params);

  Memory memory_;
  std::unique_ptr<softgpu::engine::Program> program_;
};

}  // namespace bench
