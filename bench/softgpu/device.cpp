// SPDX-License-Identifier: MIT
#include "device.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "image/ptx/ast.hpp"

namespace bench {

namespace engine = softgpu::engine;

const engine::Range* Memory::find(uint64_t address) const {
  for (const engine::Range& range : ranges_) {
    if (address - range.address < range.size) return &range;
  }
  return nullptr;
}

uint64_t Memory::allocate(uint64_t size) {
  const uint64_t blocks = size / sizeof(Aligned) + 1;
  storage_.push_back(std::make_unique<Aligned[]>(blocks));
  const uint64_t address = next_;
  next_ += (blocks + 1) * sizeof(Aligned);
  ranges_.push_back({address, size, storage_.back()[0].bytes, true});
  return address;
}

Device::Device(const std::string& ptx_path) {
  std::ifstream file(ptx_path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto parsed = engine::ptx::parse(text, ptx_path);
  if (!parsed) throw std::runtime_error(parsed.error().to_string());
  engine::LoadError error;
  program_ = engine::Program::load(std::move(*parsed), memory_, error);
  if (!program_) throw std::runtime_error(error.message);
}

const engine::Kernel& Device::find(const std::string& name) const {
  const engine::Kernel* kernel = program_->find_kernel(name);
  if (kernel == nullptr) throw std::runtime_error("no kernel " + name);
  return *kernel;
}

void Device::put(std::vector<std::byte>& params, const engine::Kernel& kernel, size_t i,
                 const void* value, size_t size) {
  if (i >= kernel.params.size() || kernel.params[i].size != size) {
    throw std::runtime_error("argument " + std::to_string(i) + " of " + kernel.name +
                             " has another size");
  }
  std::memcpy(params.data() + kernel.params[i].offset, value, size);
}

void Device::launch(const engine::Kernel& kernel, engine::Dim3 grid, engine::Dim3 block,
                    const std::vector<std::byte>& params) {
  engine::Launch launch;
  launch.grid = grid;
  launch.block = block;
  launch.params = params;
  if (const auto fault = engine::run(kernel, launch, memory_)) {
    throw std::runtime_error(fault->message);
  }
}

}  // namespace bench
