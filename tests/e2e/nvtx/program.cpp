// SPDX-License-Identifier: MIT
// A program that names its work by NVTX and launches kernels that overflow, each into a buffer of
// its own. What NVTX gives back goes to stdout.
//
//   nvtx_program IMAGE [early]      early: the first NVTX call comes before the first CUDA call
//   nvtx_program IMAGE captured     launches become nodes of a graph, which is replayed twice
#include <nvtx3/nvToolsExt.h>

#include <cstring>
#include <thread>

#include "../launch/setting.hpp"

extern "C" int library_begin();
extern "C" int library_end();

namespace {

nvtxEventAttributes_t wide(const wchar_t* text) {
  nvtxEventAttributes_t attributes = {};
  attributes.version = NVTX_VERSION;
  attributes.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
  attributes.messageType = NVTX_MESSAGE_TYPE_UNICODE;
  attributes.message.unicode = text;
  return attributes;
}

// The names are those at the capture, not those at the replay.
void capture_and_replay(const Setting& setting) {
  const CUfunction square = setting.function("square");
  Buffer<float> in(some_too_large()), first(kN), second(kN);
  CUstream stream = nullptr;
  CUgraph graph = nullptr;
  CUgraphExec exec = nullptr;
  check(cu(cuStreamCreate)(&stream, CU_STREAM_NON_BLOCKING), "cuStreamCreate");
  check(cu(cuStreamBeginCapture)(stream, CU_STREAM_CAPTURE_MODE_GLOBAL), "cuStreamBeginCapture");
  nvtxRangePushA("layer3");
  launch_square(square, first.address(), in.address(), stream);
  nvtxRangePushA("softmax");
  launch_square(square, second.address(), in.address(), stream);
  nvtxRangePop();
  nvtxRangePop();
  check(cu(cuStreamEndCapture)(stream, &graph), "cuStreamEndCapture");
  check(cu(cuGraphInstantiate)(&exec, graph, 0), "cuGraphInstantiate");
  check(cu(cuGraphDestroy)(graph), "cuGraphDestroy");
  nvtxRangePushA("replay");
  for (int i = 0; i < 2; ++i) check(cu(cuGraphLaunch)(exec, stream), "cuGraphLaunch");
  nvtxRangePop();
  check(cu(cuStreamSynchronize)(stream), "cuStreamSynchronize");
  check(cu(cuGraphExecDestroy)(exec), "cuGraphExecDestroy");
}

}  // namespace

int main(int argc, char** argv) {
  const bool early = argc == 3 && std::strcmp(argv[2], "early") == 0;
  if (early) std::printf("early %d\n", nvtxRangePushA("program"));
  const Setting setting(argv[1]);
  if (argc == 3 && std::strcmp(argv[2], "captured") == 0) {
    capture_and_replay(setting);
    return 0;
  }
  const CUfunction square = setting.function("square");
  Buffer<float> in(some_too_large()), out(kN);
  const auto launch = [&] {
    launch_square(square, out.address(), in.address());
    synchronize();
  };

  launch();  // outside of every range but the early one
  std::printf("push %d\n", nvtxRangePushA("layer3"));
  launch();
  std::printf("push %d\n", nvtxRangePushW(L"softmax"));
  launch();
  std::printf("library %d\n", library_begin());
  launch();
  const nvtxEventAttributes_t attributes = wide(L"inner");
  std::printf("push %d\n", nvtxRangePushEx(&attributes));
  launch();
  std::printf("library %d\n", library_end());
  launch();
  std::thread([&] {
    check(cu(cuCtxSetCurrent)(setting.context()), "cuCtxSetCurrent");
    launch();  // a thread has ranges of its own
    nvtxRangePushA("worker");
    launch();
  }).join();
  for (int i = 0; i < 3; ++i) std::printf("pop %d\n", nvtxRangePop());
  launch();
  nvtxMarkA("a mark names nothing");
  const nvtxRangeId_t id = nvtxRangeStartA("a process range names nothing");
  launch();
  nvtxRangeEnd(id);
  if (early) std::printf("early %d\n", nvtxRangePop());
  return 0;
}
