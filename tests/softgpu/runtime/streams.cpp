// SPDX-License-Identifier: MIT
#include "fixture.hpp"

namespace {

struct Stream {
  cudaStream_t handle = nullptr;
  explicit Stream(unsigned flags = cudaStreamDefault) {
    OK(cudaStreamCreateWithFlags(&handle, flags));
  }
  ~Stream() { cudaStreamDestroy(handle); }
};

void set_to_one(void* where) {
  *static_cast<volatile int*>(where) = 1;
}

void keep_status(cudaStream_t, cudaError_t status, void* where) {
  *static_cast<cudaError_t*>(where) = status;
}

}  // namespace

TEST_CASE("streams wait for events of others") {
  Stream a(cudaStreamNonBlocking), b(cudaStreamNonBlocking);
  cudaEvent_t event = nullptr;
  OK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
  Buffer<float> values(64);
  {
    Held held(a.handle);
    kernels::add(values.get(), 64, 1, 1, 64, a.handle);
    OK(cudaEventRecord(event, a.handle));
    OK(cudaStreamWaitEvent(b.handle, event, 0));
    kernels::add(values.get(), 64, 2, 1, 64, b.handle);
    CHECK(cudaStreamQuery(b.handle) == cudaErrorNotReady);
    CHECK(cudaEventQuery(event) == cudaErrorNotReady);
    cudaGetLastError();
  }
  OK(cudaStreamSynchronize(b.handle));
  OK(cudaEventQuery(event));
  CHECK(values.read()[0] == 3);
  OK(cudaEventDestroy(event));
}

TEST_CASE("time passes between events") {
  Stream stream;
  cudaEvent_t start = nullptr, end = nullptr;
  OK(cudaEventCreate(&start));
  OK(cudaEventCreate(&end));
  OK(cudaEventRecord(start, stream.handle));
  Buffer<float> values(1 << 16);
  kernels::add(values.get(), 1 << 16, 1, 1 << 10, 64, stream.handle);
  OK(cudaEventRecord(end, stream.handle));
  OK(cudaEventSynchronize(end));
  float milliseconds = -1;
  OK(cudaEventElapsedTime(&milliseconds, start, end));
  CHECK(milliseconds > 0);
  OK(cudaEventDestroy(start));
  OK(cudaEventDestroy(end));
}

TEST_CASE("host functions and callbacks run in the stream's order") {
  Stream stream(cudaStreamNonBlocking);
  int ran = 0;
  cudaError_t status = cudaErrorUnknown;
  {
    Held held(stream.handle);
    OK(cudaLaunchHostFunc(stream.handle, set_to_one, &ran));
    OK(cudaStreamAddCallback(stream.handle, keep_status, &status, 0));
    CHECK(static_cast<volatile int&>(ran) == 0);
  }
  OK(cudaStreamSynchronize(stream.handle));
  CHECK(ran == 1);
  CHECK(status == cudaSuccess);
}

TEST_CASE("a stream knows its flags, priority, id and device") {
  int least = 0, greatest = 0, priority = 1, device = -1;
  unsigned flags = 0;
  unsigned long long first = 0, second = 0;
  OK(cudaDeviceGetStreamPriorityRange(&least, &greatest));
  CHECK(greatest <= least);
  cudaStream_t stream = nullptr;
  OK(cudaStreamCreateWithPriority(&stream, cudaStreamNonBlocking, greatest));
  OK(cudaStreamGetPriority(stream, &priority));
  CHECK(priority == greatest);
  OK(cudaStreamGetFlags(stream, &flags));
  CHECK(flags == cudaStreamNonBlocking);
  OK(cudaStreamGetId(stream, &first));
  OK(cudaStreamGetId(nullptr, &second));
  CHECK(first != second);
  OK(cudaStreamGetDevice(stream, &device));
  CHECK(device == 0);
  OK(cudaStreamDestroy(stream));
}

TEST_CASE("the legacy stream waits for blocking streams and not for others") {
  Stream blocking, apart(cudaStreamNonBlocking);
  Buffer<float> values(64);
  OK(cudaDeviceSynchronize());
  {
    Held held(apart.handle);
    kernels::add(values.get(), 64, 1, 1, 64);
    OK(cudaStreamSynchronize(nullptr));
  }
  {
    Held held(blocking.handle);
    kernels::add(values.get(), 64, 1, 1, 64);
    CHECK(cudaStreamQuery(nullptr) == cudaErrorNotReady);
    cudaGetLastError();
  }
  CHECK(values.read()[0] == 2);
}
