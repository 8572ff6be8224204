// SPDX-License-Identifier: MIT
// Lazy loading: the first use of a function waits for the context, and a capture does not allow it
// (CUDA programming guide, "Lazy Loading"; cuda.h on cuModuleEnumerateFunctions and cuFuncLoad).
#include <atomic>
#include <chrono>
#include <thread>

#include "softgpu/graph_fixture.hpp"

namespace {

CUmodule load(const std::string& text) {
  CUmodule m = nullptr;
  REQUIRE(CU(cuModuleLoadData)(&m, text.c_str()) == CUDA_SUCCESS);
  return m;
}

CUfunction first_of(CUmodule m) {
  CUfunction f = nullptr;
  REQUIRE(CU(cuModuleEnumerateFunctions)(&f, 1, m) == CUDA_SUCCESS);
  return f;
}

CUfunctionLoadingState state_of(CUfunction f) {
  CUfunctionLoadingState state = CU_FUNCTION_LOADING_STATE_MAX;
  CHECK(CU(cuFuncIsLoaded)(&state, f) == CUDA_SUCCESS);
  return state;
}

CUfunction kernel_of_library() {
  CUlibrary library = nullptr;
  CUkernel kernel = nullptr;
  REQUIRE(CU(cuLibraryLoadData)(&library, ptx::kFill.c_str(), nullptr, nullptr, 0, nullptr, nullptr,
                                0) == CUDA_SUCCESS);
  REQUIRE(CU(cuLibraryGetKernel)(&kernel, library, "fill") == CUDA_SUCCESS);
  return reinterpret_cast<CUfunction>(kernel);
}

// Runs `use` beside a stream that is held. True if it came back only after the stream was let go.
template <typename Use>
bool waits_for_the_context(const Gpu& gpu, Use use) {
  Gate gate;
  gate.put_on(gpu.stream(CU_STREAM_NON_BLOCKING));
  std::atomic<bool> let_go{false};
  std::promise<void> started;
  auto waited = std::async(std::launch::async, [&] {
    CU(cuCtxSetCurrent)(gpu.context);
    started.set_value();
    use();
    return let_go.load();
  });
  started.get_future().wait();
  // Time for a call that does not wait to come back too early. A longer stop of this thread cannot
  // make the test fail, only weaker.
  waited.wait_for(std::chrono::milliseconds(50));
  let_go = true;
  gate.open();
  return waited.get();
}

}  // namespace

TEST_CASE("functions are loaded one by one, by their first use") {
  const Gpu gpu;
  CUmoduleLoadingMode mode{};
  REQUIRE(CU(cuModuleGetLoadingMode)(&mode) == CUDA_SUCCESS);
  REQUIRE(mode == CU_MODULE_LAZY_LOADING);

  const CUmodule m = load(ptx::kGlobals);  // bump and other
  CUfunction both[2] = {};
  REQUIRE(CU(cuModuleEnumerateFunctions)(both, 2, m) == CUDA_SUCCESS);
  CHECK(state_of(both[0]) == CU_FUNCTION_LOADING_STATE_UNLOADED);
  CHECK(CU(cuFuncLoad)(both[0]) == CUDA_SUCCESS);
  CHECK(state_of(both[0]) == CU_FUNCTION_LOADING_STATE_LOADED);
  CHECK(state_of(both[1]) == CU_FUNCTION_LOADING_STATE_UNLOADED);
  CHECK(CU(cuLaunchKernel)(both[1], 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr) ==
        CUDA_SUCCESS);
  CHECK(state_of(both[1]) == CU_FUNCTION_LOADING_STATE_LOADED);

  const CUmodule by_name = load(ptx::kFill);
  CUfunction fill = nullptr;
  REQUIRE(CU(cuModuleGetFunction)(&fill, by_name, "fill") == CUDA_SUCCESS);
  CHECK(state_of(fill) == CU_FUNCTION_LOADING_STATE_LOADED);

  CUfunctionLoadingState state{};
  CHECK(CU(cuFuncIsLoaded)(nullptr, fill) == CUDA_ERROR_INVALID_VALUE);
  CHECK(CU(cuFuncIsLoaded)(&state, nullptr) == CUDA_ERROR_INVALID_HANDLE);
}

TEST_CASE("the first use of an unloaded function waits for everything in its context") {
  const Gpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  Words w(p, 7, 1);
  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING);
  const CUfunction kernel = kernel_of_library();
  CHECK(waits_for_the_context(gpu, [&] { CHECK(w.launch(kernel, s) == CUDA_SUCCESS); }));

  const CUfunction listed = first_of(load(ptx::kFill));
  CHECK(waits_for_the_context(gpu, [&] { CHECK(w.launch(listed, s) == CUDA_SUCCESS); }));

  const CUmodule m = load(ptx::kFill);
  CUfunction named = nullptr;
  CHECK(waits_for_the_context(
      gpu, [&] { CHECK(CU(cuModuleGetFunction)(&named, m, "fill") == CUDA_SUCCESS); }));

  const CUfunction asked = first_of(load(ptx::kFill));
  int registers = 0;
  CHECK(waits_for_the_context(gpu, [&] {
    CHECK(CU(cuFuncGetAttribute)(&registers, CU_FUNC_ATTRIBUTE_NUM_REGS, asked) == CUDA_SUCCESS);
  }));
}

TEST_CASE("the second use of a function does not wait") {
  const Gpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  Words w(p, 7, 1);
  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING);
  const CUfunction kernel = kernel_of_library();
  REQUIRE(w.launch(kernel, s) == CUDA_SUCCESS);
  Gate gate;
  gate.put_on(gpu.stream(CU_STREAM_NON_BLOCKING));
  // With the other stream held: were the launch to wait, this test would not end.
  REQUIRE(w.launch(kernel, s) == CUDA_SUCCESS);
  REQUIRE(CU(cuStreamSynchronize)(s) == CUDA_SUCCESS);
}

TEST_CASE("a capture does not allow the first use of a function, unless its mode is relaxed") {
  const GraphGpu gpu;
  const CUdeviceptr p = gpu.alloc(4);
  Words w(p, 7, 1);
  const CUstream s = gpu.stream(CU_STREAM_NON_BLOCKING);
  for (const bool by_name : {false, true}) {
    const CUmodule m = load(ptx::kFill);
    const CUfunction listed = first_of(m);
    const auto use = [&] {
      CUfunction f = nullptr;
      return by_name ? CU(cuModuleGetFunction)(&f, m, "fill") : w.launch(listed, s);
    };
    CUgraph graph = nullptr;
    REQUIRE(CU(cuStreamBeginCapture_v2)(s, CU_STREAM_CAPTURE_MODE_GLOBAL) == CUDA_SUCCESS);
    CHECK(use() == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    CHECK(CU(cuStreamEndCapture)(s, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
    CHECK(state_of(listed) == CU_FUNCTION_LOADING_STATE_UNLOADED);

    REQUIRE(CU(cuStreamBeginCapture_v2)(s, CU_STREAM_CAPTURE_MODE_RELAXED) == CUDA_SUCCESS);
    CHECK(use() == CUDA_SUCCESS);
    CHECK(CU(cuStreamEndCapture)(s, &graph) == CUDA_SUCCESS);

    REQUIRE(CU(cuStreamBeginCapture_v2)(s, CU_STREAM_CAPTURE_MODE_GLOBAL) == CUDA_SUCCESS);
    CHECK(use() == CUDA_SUCCESS);
    CHECK(CU(cuStreamEndCapture)(s, &graph) == CUDA_SUCCESS);
  }
}

TEST_CASE("a broken context answers the first use with its fault") {
  const Gpu gpu;
  const CUfunction listed = first_of(load(ptx::kFill));
  Words w(16, 7, 1);  // nothing is there
  REQUIRE(w.launch(gpu.function(ptx::kFill, "fill"), nullptr) == CUDA_SUCCESS);
  CHECK(CU(cuFuncLoad)(listed) == CUDA_ERROR_ILLEGAL_ADDRESS);
}
