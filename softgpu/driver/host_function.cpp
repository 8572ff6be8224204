// SPDX-License-Identifier: MIT
// Functions of the program that run in a stream. They run on a worker thread, where no API call is
// allowed.
#include "driver/host_function.hpp"

#include "driver/capture/capture.hpp"
#include "driver/entry.hpp"

namespace softgpu::driver {
namespace {

// cuLaunchHostFunc: not called when the context is broken.
class HostFunction final : public StreamOperation {
 public:
  HostFunction(std::shared_ptr<Context> context, CUhostFn function, void* data)
      : StreamOperation(std::move(context)), function_(function), data_(data) {}

 private:
  void run(Context&) override {
    const HostCallbackScope scope;
    function_(data_);
  }
  CUhostFn function_;
  void* data_;
};

// cuStreamAddCallback: called with the error when the context is broken.
class Callback final : public StreamOperation {
 public:
  Callback(std::shared_ptr<Context> context, CUstreamCallback function, CUstream stream, void* data)
      : StreamOperation(std::move(context)), function_(function), stream_(stream), data_(data) {}

 private:
  void call(CUresult status) {
    const HostCallbackScope scope;
    function_(stream_, status, data_);
  }
  void run(Context&) override { call(CUDA_SUCCESS); }
  void skipped(Context& context) override { call(context.sticky()); }

  CUstreamCallback function_;
  CUstream stream_;
  void* data_;
};

template <DefaultStream V>
CUresult launch_host_function(CUstream handle, CUhostFn function, void* data) {
  return with_stream(handle, V, [&](Context& context, const StreamPtr& stream) -> CUresult {
    if (!function) return CUDA_ERROR_INVALID_VALUE;
    const auto node = captured(stream, [&](Graph&, Work& work) {
      work = HostWork{function, data};
      return CUDA_SUCCESS;
    });
    if (node) return *node;
    enqueue(stream, make_host_function(context.shared_from_this(), function, data));
    return CUDA_SUCCESS;
  });
}

template <DefaultStream V>
CUresult add_callback(CUstream handle, CUstreamCallback function, void* data, unsigned flags) {
  return with_stream(handle, V, [&](Context& context, const StreamPtr& stream) -> CUresult {
    if (!function || flags != 0) return CUDA_ERROR_INVALID_VALUE;
    if (const CUresult r = refuse_as_node(stream); r != CUDA_SUCCESS) return r;
    enqueue(stream, std::make_shared<Callback>(context.shared_from_this(), function, handle, data));
    return CUDA_SUCCESS;
  });
}

constexpr auto kLegacy = DefaultStream::legacy;
constexpr auto kPerThread = DefaultStream::per_thread;

}  // namespace

OperationPtr make_host_function(const std::shared_ptr<Context>& context, CUhostFn function,
                                void* data) {
  return std::make_shared<HostFunction>(context, function, data);
}

}  // namespace softgpu::driver

using namespace softgpu::driver;

CUresult cuLaunchHostFunc(CUstream s, CUhostFn fn, void* data) {
  return launch_host_function<kLegacy>(s, fn, data);
}
CUresult cuLaunchHostFunc_ptsz(CUstream s, CUhostFn fn, void* data) {
  return launch_host_function<kPerThread>(s, fn, data);
}
CUresult cuStreamAddCallback(CUstream s, CUstreamCallback fn, void* data, unsigned int flags) {
  return add_callback<kLegacy>(s, fn, data, flags);
}
CUresult cuStreamAddCallback_ptsz(CUstream s, CUstreamCallback fn, void* data, unsigned int flags) {
  return add_callback<kPerThread>(s, fn, data, flags);
}
