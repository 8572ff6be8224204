// SPDX-License-Identifier: MIT
#include "driver/launch.hpp"
#include "driver/green/green_context.hpp"

#include <algorithm>
#include <cstring>

#include "driver/capture/capture.hpp"
#include "driver/device_limits.hpp"
#include "driver/driver_state.hpp"
#include "driver/green/green_context.hpp"
#include "driver/memory.hpp"
#include "driver/modelled_time.hpp"
#include "driver/trace/work.hpp"

namespace softgpu::driver {
namespace {

std::atomic<uint64_t> g_next_grid_id{1};

CUresult code_of(engine::FaultKind kind) {
  switch (kind) {
    case engine::FaultKind::illegal_address:
      return CUDA_ERROR_ILLEGAL_ADDRESS;
    case engine::FaultKind::misaligned_address:
      return CUDA_ERROR_MISALIGNED_ADDRESS;
    case engine::FaultKind::invalid_pc:
      return CUDA_ERROR_INVALID_PC;
    case engine::FaultKind::hardware_stack_error:
      return CUDA_ERROR_HARDWARE_STACK_ERROR;
    case engine::FaultKind::illegal_instruction:
      return CUDA_ERROR_ILLEGAL_INSTRUCTION;
    case engine::FaultKind::assertion:
      return CUDA_ERROR_ASSERT;
    case engine::FaultKind::trap:
      return CUDA_ERROR_LAUNCH_FAILED;
    case engine::FaultKind::deadlock:
      return CUDA_ERROR_LAUNCH_TIMEOUT;
    case engine::FaultKind::unsupported:
      return CUDA_ERROR_NOT_SUPPORTED;
  }
  return CUDA_ERROR_LAUNCH_FAILED;
}

class LaunchOperation final : public StreamOperation, public TracedWork {
 public:
  LaunchOperation(std::shared_ptr<Context> context, FunctionPtr function,
                  const LaunchRequest& request, std::vector<std::byte> params,
                  std::shared_ptr<engine::GraphConditions> conditions)
      : StreamOperation(std::move(context)),
        function_(std::move(function)),
        params_(std::move(params)),
        conditions_(std::move(conditions)) {
    launch_.grid = request.grid;
    launch_.block = request.block;
    launch_.dynamic_shared = request.dynamic_shared;
    launch_.cooperative = request.cooperative;
    launch_.params = params_;
    launch_.grid_id = g_next_grid_id.fetch_add(1);
    launch_.modes = device_settings().modes;
  }

 private:
  void run(Context& context) override {
    {
      const TracedWork::Run times(*this);
      const LaunchGuard guard(memory());
      try {
        if (device_settings().modelled_clock)
          run_modelled(context);
        else
          run_kernel(context);
      } catch (const std::exception& e) {
        context.break_with(CUDA_ERROR_LAUNCH_FAILED, function_->kernel->name + ": " + e.what());
      }
    }
    let_go();
  }
  void run_kernel(Context& context) {
    if (const auto fault =
            engine::run(*function_->kernel, launch_, context.space, conditions_.get()))
      context.break_with(code_of(fault->kind), fault->message);
  }
  void run_modelled(Context& context) {
    const int64_t gap = modelled_gap(*this), start = ready_at() + gap;
    model::WorkCounter counter(kModelEpoch + static_cast<uint64_t>(start));
    launch_.observer = &counter;
    run_kernel(context);
    takes(gap + modelled_kernel(function_->kernel->name, launch_.grid_id, start, counter.work()));
  }
  void skipped(Context&) override { let_go(); }
  bool describe(Activity& activity) const override {
    const engine::Kernel& kernel = *function_->kernel;
    activity.kind = ActivityKind::kernel;
    activity.name = kernel.name.c_str();
    activity.grid_id = launch_.grid_id;
    const engine::Dim3 &g = launch_.grid, &b = launch_.block;
    for (const auto& [at, value] : {std::pair{0, g.x}, {1, g.y}, {2, g.z}})
      activity.grid[at] = value;
    for (const auto& [at, value] : {std::pair{0, b.x}, {1, b.y}, {2, b.z}})
      activity.block[at] = value;
    activity.registers = kernel.registers;
    activity.static_shared = kernel.static_shared;
    activity.dynamic_shared = launch_.dynamic_shared;
    activity.local_bytes = kernel.local_bytes;
    activity.cooperative = launch_.cooperative;
    return true;
  }
  // Streams remember their last operation: it must not keep an unloaded module alive.
  void let_go() {
    function_.reset();
    params_ = {};
    launch_.params = {};
    conditions_.reset();
  }

  FunctionPtr function_;
  std::vector<std::byte> params_;
  std::shared_ptr<engine::GraphConditions> conditions_;
  engine::Launch launch_;
};

// A launch as a node: with its attributes, and the priority of its stream.
KernelWork captured_kernel(const Stream& stream, const FunctionPtr& function,
                           const LaunchRequest& request, const std::vector<std::byte>& params) {
  KernelWork work;
  work.func = function->handle;
  work.function = function;
  work.context = stream.context;
  work.request = request;
  work.request.kernel_params = work.request.extra = nullptr;
  work.request.attributes = {};
  work.params = params;
  work.as_buffer = request.extra != nullptr;
  work.attributes[CU_LAUNCH_ATTRIBUTE_PRIORITY].priority = stream.priority;
  if (request.cooperative) work.attributes[CU_LAUNCH_ATTRIBUTE_COOPERATIVE].cooperative = 1;
  for (const CUlaunchAttribute& a : request.attributes)
    if (a.id != CU_LAUNCH_ATTRIBUTE_IGNORE) work.attributes[a.id] = a.value;
  return work;
}

uint64_t threads_of(const engine::Dim3& block) {
  return uint64_t{block.x} * block.y * block.z;
}

}  // namespace

CUresult gather_parameters(const engine::Kernel& kernel, void** kernel_params, void** extra,
                           std::vector<std::byte>& out) {
  out.assign(kernel.param_bytes, std::byte{0});
  if (kernel_params && extra) return CUDA_ERROR_INVALID_VALUE;
  if (kernel_params) {
    for (size_t i = 0; i < kernel.params.size(); ++i) {
      const auto& p = kernel.params[i];
      if (!kernel_params[i]) return CUDA_ERROR_INVALID_VALUE;
      std::memcpy(out.data() + p.offset, kernel_params[i], p.size);
    }
    return CUDA_SUCCESS;
  }
  if (!extra) return kernel.params.empty() ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;

  // {KEY, value, KEY, value, …, END}; the size is passed by address.
  const void* buffer = nullptr;
  size_t size = 0;
  for (void** at = extra; *at != CU_LAUNCH_PARAM_END; at += 2) {
    if (*at == CU_LAUNCH_PARAM_BUFFER_POINTER)
      buffer = at[1];
    else if (*at == CU_LAUNCH_PARAM_BUFFER_SIZE && at[1])
      size = *static_cast<const size_t*>(at[1]);
    else
      return CUDA_ERROR_INVALID_VALUE;
  }
  // Padding behind the last parameter may be missing; a parameter may not.
  const auto& params = kernel.params;
  const uint64_t needed = params.empty() ? 0 : params.back().offset + params.back().size;
  if (size < needed || (needed > 0 && !buffer)) return CUDA_ERROR_INVALID_VALUE;
  if (needed > 0) std::memcpy(out.data(), buffer, std::min<uint64_t>(size, kernel.param_bytes));
  return CUDA_SUCCESS;
}

int blocks_per_multiprocessor(const Function& function, uint32_t threads, uint64_t dynamic_shared) {
  const DeviceLimits& l = device_limits();
  const engine::Kernel& k = *function.kernel;
  if (threads == 0 || threads > l.threads_per_block || threads > k.max_threads) return 0;
  const uint64_t shared = k.static_shared + dynamic_shared;
  if (shared > std::max<uint64_t>(l.shared_per_block,
                                  function.max_dynamic_shared + uint64_t{k.static_shared}))
    return 0;
  // Registers are given per warp, in units of 256.
  const uint64_t warps = (threads + l.warp - 1) / l.warp;
  const uint64_t per_warp = (std::max<uint64_t>(k.registers, 16) * l.warp + 255) / 256 * 256;
  uint64_t blocks = std::min<uint64_t>(l.blocks_per_multiprocessor,
                                       l.threads_per_multiprocessor / (warps * l.warp));
  blocks =
      std::min(blocks, std::max<uint64_t>(l.registers_per_multiprocessor / (per_warp * warps), 1));
  const uint64_t held = shared + l.shared_reserved_per_block;
  if (held > 0) blocks = std::min(blocks, l.shared_per_multiprocessor / held);
  return static_cast<int>(blocks);
}

CUresult check_shape(const Function& function, const LaunchRequest& r) {
  const DeviceLimits& l = device_limits();
  const engine::Kernel& k = *function.kernel;
  for (const engine::Dim3& d : {r.grid, r.block})
    if (d.x == 0 || d.y == 0 || d.z == 0) return CUDA_ERROR_INVALID_VALUE;
  if (r.grid.x > l.grid_x || r.grid.y > l.grid_y || r.grid.z > l.grid_z)
    return CUDA_ERROR_INVALID_VALUE;
  if (r.block.x > l.block_x || r.block.y > l.block_y || r.block.z > l.block_z)
    return CUDA_ERROR_INVALID_VALUE;
  const uint64_t threads = threads_of(r.block);
  if (threads > l.threads_per_block) return CUDA_ERROR_INVALID_VALUE;
  if (threads > k.max_threads) return CUDA_ERROR_INVALID_VALUE;
  // Up to 48 KiB in all comes for the asking, more only through MAX_DYNAMIC_SHARED_SIZE_BYTES.
  const uint64_t shared = uint64_t{r.dynamic_shared} + k.static_shared;
  const bool allowed =
      shared <= l.shared_per_block || r.dynamic_shared <= function.max_dynamic_shared;
  if (!allowed || shared > std::max(l.shared_per_block_optin, l.shared_per_block))
    return CUDA_ERROR_INVALID_VALUE;
  if (r.cooperative) {
    const auto resident = static_cast<uint64_t>(
        blocks_per_multiprocessor(function, static_cast<uint32_t>(threads), r.dynamic_shared));
    const uint64_t blocks = uint64_t{r.grid.x} * r.grid.y * r.grid.z;
    const int multiprocessors =
        r.multiprocessors ? r.multiprocessors : device_settings().multiprocessors;
    if (blocks > resident * static_cast<uint64_t>(multiprocessors))
      return CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE;
  }
  return CUDA_SUCCESS;
}

CUresult launch(const StreamPtr& stream, const FunctionPtr& function,
                const LaunchRequest& request) {
  if (function->module->context != stream->context) return CUDA_ERROR_INVALID_HANDLE;
  LaunchRequest bounded = request;
  if (stream->green) bounded.multiprocessors = stream->green->multiprocessors();
  if (const CUresult r = check_shape(*function, bounded); r != CUDA_SUCCESS) return r;
  std::vector<std::byte> params;
  const CUresult r =
      gather_parameters(*function->kernel, request.kernel_params, request.extra, params);
  if (r != CUDA_SUCCESS) return r;
  const auto node = captured(stream, [&](Graph&, Work& work) {
    work = captured_kernel(*stream, function, request, params);
    return CUDA_SUCCESS;
  });
  if (node) return *node;
  enqueue(stream, make_launch(stream->context, function, request, std::move(params)));
  return CUDA_SUCCESS;
}

OperationPtr make_launch(const std::shared_ptr<Context>& context, const FunctionPtr& function,
                         const LaunchRequest& request, std::vector<std::byte> params,
                         std::shared_ptr<engine::GraphConditions> conditions) {
  return std::make_shared<LaunchOperation>(context, function, request, std::move(params),
                                           std::move(conditions));
}

}  // namespace softgpu::driver
