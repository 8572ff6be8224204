// SPDX-License-Identifier: MIT
// The engine of the software device: takes a parsed PTX module, runs its kernels. Knows nothing of
// the driver API.
//
//   auto program = engine::Program::load(std::move(module), space, error);  // places the variables
//   const engine::Kernel* k = program->find_kernel("saxpy");
//   engine::Launch launch{.grid = {n / 256, 1, 1}, .block = {256, 1, 1}, .params = arguments};
//   if (auto fault = engine::run(*k, launch, space)) report(*fault);
//
// run() spreads the blocks over all host cores and returns when the last one has ended.
//
// Threads: run() may be called from several threads at once (kernels on different streams run
// concurrently). Program is immutable after load() but for the contents of its global variables,
// which live in device memory.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image/ptx/ast.hpp"

namespace softgpu::engine {

namespace ptx = nonans::image::ptx;

// One live range of device-visible memory. `address` is what kernels see; `host` is where its bytes
// are in this process (another mapping: the device address itself is PROT_NONE for the host, except
// for host-registered memory where the two are equal).
struct Range {
  uint64_t address = 0;
  uint64_t size = 0;  // exact bytes
  std::byte* host = nullptr;
  bool writable = true;
};

// What memory the device can see. Implemented by the driver (softgpu/driver/memory). find() is
// called from many worker threads during a launch and must not block; the returned pointer stays
// valid as long as the range is live, and a range is not removed while a launch that may use it
// runs unless the program itself frees it too early.
class AddressSpace {
 public:
  virtual ~AddressSpace() = default;
  // The live range that holds `address`, or nullptr.
  virtual const Range* find(uint64_t address) const = 0;
  // Memory for a module's variables. Zeroed; 256-byte aligned or more. Returns 0 when there is none
  // left.
  virtual uint64_t allocate(uint64_t size) = 0;
  virtual void release(uint64_t address) = 0;
};

struct Dim3 {
  uint32_t x = 1, y = 1, z = 1;
};

class Observer;  // observer.hpp

// How a launch departs from the plain order of things, to provoke what hardware may do (modes.hpp).
struct Modes {
  std::optional<uint64_t> schedule;  // a seed: blocks, warps and lanes run in a random order
  bool weak = false;                 // plain stores and loads go through a buffer of their block
};

struct Launch {
  Dim3 grid, block;
  uint32_t dynamic_shared = 0;  // bytes
  std::span<const std::byte>
      params;                // the parameter block in the kernel's layout (offsets of ast Variable)
  bool cooperative = false;  // all blocks resident together
  uint64_t grid_id = 0;
  Modes modes;
  Observer* observer = nullptr;  // sees this launch, beside those of observe() (observer.hpp)
};

enum class FaultKind : uint8_t {
  illegal_address,       // 700
  misaligned_address,    // 716
  invalid_pc,            // 718
  hardware_stack_error,  // 714
  illegal_instruction,   // 715
  assertion,             // 710
  trap,                  // 719 launch failed
  deadlock,              // 702 launch timeout: everything is blocked
  unsupported,           // an instruction form the engine lacks reached execution
};

struct Fault {
  FaultKind kind = FaultKind::trap;
  std::string kernel;
  std::string instruction;  // "st.global.f32"
  ptx::Position at;         // line in the PTX
  ptx::SourceLine source;   // line in the program's own source, when `.loc` told
  uint64_t address = 0;
  uint32_t size = 0;  // bytes of the access
  bool is_write = false;
  Dim3 block, thread;
  std::string message;  // one line that says all of the above
};

struct Variable {
  std::string name;
  uint64_t address = 0;
  uint64_t size = 0;
};

// Counters of finished launches, for modelling cost. Relaxed atomics.
struct Counters {
  std::atomic<uint64_t> launches{0}, instructions{0}, thread_instructions{0}, bytes_read{0},
      bytes_written{0};
};

struct KernelImpl;  // decoded code

struct Kernel {
  std::string name;
  std::vector<ptx::Variable> params;  // offset, size, align
  uint64_t param_bytes = 0;
  uint32_t static_shared = 0;   // bytes
  uint32_t local_bytes = 0;     // per thread
  uint32_t max_threads = 1024;  // from .maxntid / .reqntid, else 1024
  uint32_t registers = 0;       // an estimate: the driver reports it as NUM_REGS
  uint32_t constant_bytes = 0;
  std::unique_ptr<KernelImpl> impl;
  Kernel();
  ~Kernel();
};

struct LoadError {
  std::string message;  // "kernel.ptx:14:9: unsupported instruction 'tex.2d.v4.f32.f32'"
  bool unsupported =
      false;  // true: valid PTX that this engine does not do -> CUDA_ERROR_NOT_SUPPORTED
};

class Program {
 public:
  // Decodes every function (an unsupported form is a load error naming opcode, form and line),
  // places the module's .global and .const variables through `space` and writes their initial
  // values. `fail_late`: an unsupported form becomes a fault when reached instead of a load error.
  static std::unique_ptr<Program> load(ptx::Module module, AddressSpace& space, LoadError& error,
                                       bool fail_late = false);
  ~Program();  // releases the variables' memory
  const Kernel* find_kernel(std::string_view name) const;
  const Variable* find_variable(std::string_view name) const;
  std::span<const std::unique_ptr<Kernel>> kernels() const;

  struct Impl;
  explicit Program(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

// Runs the grid to its end. Blocks the caller; uses the shared worker pool. nullopt = success.
std::optional<Fault> run(const Kernel& kernel, const Launch& launch, AddressSpace& space);

const Counters& counters();

}  // namespace softgpu::engine
