// SPDX-License-Identifier: MIT
// What CUPTI shows, in the registry of buffers and the store of code; and whose calls it is heard
// for.
#include "interpose/runtime/cupti_receiver.hpp"

#include <cstring>

#include "interpose/own_work.hpp"
#include "interpose/runtime/runtime.hpp"
#include "runtime/fake_entries.hpp"
#include "support/catch.hpp"

using namespace nonans;
using namespace nonans::interpose;
using cupti::Memory;
using fake::context;

namespace {

constexpr const char* kPtx = R"(.version 7.0
.target sm_75
.address_size 64
.visible .entry nothing() { ret; }
)";

struct Scene {
  fake::Driver driver;
  Runtime& runtime = *Runtime::start();
  CuptiReceiver receiver{runtime};

  Scene() { driver.current = context(900); }
  void allocate(uint64_t base, Memory memory, CUstream stream = nullptr) {
    receiver.allocated({base, 4096, memory, driver.current, stream, false});
  }
  void show(uint32_t module_id) {
    receiver.image_shown(driver.current, module_id, kPtx, std::strlen(kPtx));
  }
};

CUmodule module(uint64_t number) {
  return reinterpret_cast<CUmodule>(0xd0000 + number * 0x100);
}

}  // namespace

TEST_CASE("CUPTI is heard for calls of the program's that no hook is around") {
  Scene scene;
  CHECK(scene.receiver.concerned());
  {
    const Guard guard;  // as the trampoline of a hook holds it
    CHECK_FALSE(scene.receiver.concerned());
  }
  {
    const OwnWork mark;
    CHECK_FALSE(scene.receiver.concerned());
  }
  CHECK(scene.receiver.concerned());
}

TEST_CASE("an allocation that CUPTI shows is a buffer of its context until it is freed") {
  Scene scene;
  scene.allocate(0x7000000, Memory::device);
  const auto buffer = scene.runtime.buffers.find(0x7000fff);
  REQUIRE(buffer);
  CHECK(buffer->base == 0x7000000);
  CHECK(buffer->kind == memory::BufferKind::device);
  CHECK(buffer->context == handle_key(context(900)));
  CHECK(buffer->device == 0);
  CHECK(buffer->repairable());
  scene.receiver.freeing(0x7000000);
  CHECK_FALSE(scene.runtime.buffers.find(0x7000000));
  scene.receiver.freeing(0x7000000);  // again, by its hook
}

TEST_CASE("host and managed memory that CUPTI shows is never repaired") {
  Scene scene;
  for (const Memory memory : {Memory::host, Memory::managed}) {
    scene.allocate(0x7000000, memory);
    const auto buffer = scene.runtime.buffers.find(0x7000000);
    REQUIRE(buffer);
    CHECK_FALSE(buffer->repairable());
    scene.receiver.freeing(0x7000000);
  }
}

TEST_CASE("an allocation in a capture is left unknown, and so is one whose stream will not say") {
  Scene scene;
  scene.driver.capture = CU_STREAM_CAPTURE_STATUS_ACTIVE;
  scene.allocate(0x7100000, Memory::pool);
  CHECK_FALSE(scene.runtime.buffers.find(0x7100000));
  scene.driver.capture = CU_STREAM_CAPTURE_STATUS_NONE;
  scene.driver.failures["cuStreamIsCapturing"] = CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
  scene.allocate(0x7100000, Memory::pool);
  CHECK_FALSE(scene.runtime.buffers.find(0x7100000));
  scene.driver.failures.clear();
  scene.allocate(0x7100000, Memory::pool);
  CHECK(scene.runtime.buffers.find(0x7100000));
  scene.receiver.freeing(0x7100000);
}

TEST_CASE("an image belongs to the handle that its load returns") {
  Scene scene;
  scene.receiver.code_call_begins();
  scene.show(1);
  scene.receiver.module_returned(module(1));
  CHECK(scene.runtime.code.kernel(handle_key(module(1)), "nothing") != nullptr);
  // Nothing was shown since: another handle gets nothing.
  scene.receiver.module_returned(module(2));
  CHECK(scene.runtime.code.kernel(handle_key(module(2)), "nothing") == nullptr);
  // By CUPTI's number, as when its context goes.
  scene.receiver.module_id_going(1);
  CHECK(scene.runtime.code.kernel(handle_key(module(1)), "nothing") == nullptr);
}

TEST_CASE("an image that was shown inside a launch is not taken for that of the next load") {
  Scene scene;
  scene.show(1);  // a library's, loaded by the launch of its first kernel
  scene.receiver.code_call_begins();
  scene.receiver.module_returned(module(3));
  CHECK(scene.runtime.code.kernel(handle_key(module(3)), "nothing") == nullptr);
}

TEST_CASE("what lived in a context goes with it, and what stood at its address before it came") {
  Scene scene;
  for (const bool created : {false, true}) {
    scene.allocate(0x7200000, Memory::device);
    scene.receiver.code_call_begins();
    scene.show(4);
    scene.receiver.module_returned(module(4));
    if (created)
      scene.receiver.context_created(context(900));
    else
      scene.receiver.context_going(context(900));
    CHECK_FALSE(scene.runtime.buffers.find(0x7200000));
    CHECK(scene.runtime.code.kernel(handle_key(module(4)), "nothing") == nullptr);
  }
}

TEST_CASE("of a library that is loaded into several contexts the image is taken once") {
  Scene scene;
  const auto library = reinterpret_cast<CUlibrary>(0xd9000);
  scene.receiver.code_call_begins();
  scene.show(5);
  scene.show(6);
  scene.receiver.library_returned(library);
  CHECK(scene.receiver.images() == 1);
  CHECK(scene.runtime.code.kernel(handle_key(library), "nothing") != nullptr);
  // Of no context: it stays when one goes.
  scene.receiver.context_going(context(900));
  CHECK(scene.runtime.code.kernel(handle_key(library), "nothing") != nullptr);
  scene.receiver.library_going(library);
  CHECK(scene.runtime.code.kernel(handle_key(library), "nothing") == nullptr);
}
