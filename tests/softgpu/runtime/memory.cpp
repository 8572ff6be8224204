// SPDX-License-Identifier: MIT
#include <cstring>
#include <numeric>

#include "fixture.hpp"

namespace {

std::vector<unsigned char> bytes(size_t count) {
  std::vector<unsigned char> out(count);
  std::iota(out.begin(), out.end(), static_cast<unsigned char>(1));
  return out;
}

}  // namespace

TEST_CASE("nothing is allocated for no bytes, and nothing is freed by a null pointer") {
  void* memory = &memory;
  OK(cudaMalloc(&memory, 0));
  CHECK(memory == nullptr);
  OK(cudaFree(nullptr));
  OK(cudaFreeHost(nullptr));
}

TEST_CASE("wrong frees and sizes are refused") {
  int local = 0;
  void* memory = nullptr;
  FAILS(cudaFree(&local), cudaErrorInvalidValue);
  OK(cudaMalloc(&memory, 16));
  OK(cudaFree(memory));
  FAILS(cudaFree(memory), cudaErrorInvalidValue);
  FAILS(cudaMalloc(&memory, size_t{1} << 50), cudaErrorMemoryAllocation);
  FAILS(cudaMalloc(nullptr, 16), cudaErrorInvalidValue);
}

TEST_CASE("copies of every kind") {
  const auto in = bytes(64);
  Buffer<unsigned char> a(64), b(64);
  std::vector<unsigned char> out(64), direct(64);
  OK(cudaMemcpy(a.get(), in.data(), 64, cudaMemcpyHostToDevice));
  OK(cudaMemcpy(b.get(), a.get(), 64, cudaMemcpyDeviceToDevice));
  OK(cudaMemcpy(out.data(), b.get(), 64, cudaMemcpyDeviceToHost));
  CHECK(out == in);
  OK(cudaMemcpy(direct.data(), in.data(), 64, cudaMemcpyHostToHost));
  CHECK(direct == in);
  OK(cudaMemset(a.get(), 0xFF, 64));
  OK(cudaMemcpy(a.get(), in.data() + 32, 32, cudaMemcpyDefault));
  OK(cudaMemcpy(out.data(), a.get(), 64, cudaMemcpyDefault));
  CHECK(out[0] == in[32]);
  CHECK(out[32] == 0xFF);
}

TEST_CASE("a kind that does not fit the addresses is refused") {
  const auto in = bytes(64);
  Buffer<unsigned char> a(64);
  FAILS(cudaMemcpy(a.get(), in.data(), 64, static_cast<cudaMemcpyKind>(5)),
        cudaErrorInvalidMemcpyDirection);
  CHECK(cudaMemcpy(const_cast<unsigned char*>(in.data()), in.data(), 64, cudaMemcpyHostToDevice) !=
        cudaSuccess);
  cudaGetLastError();
  OK(cudaMemcpy(nullptr, nullptr, 0, cudaMemcpyHostToDevice));
  FAILS(cudaMemcpy(a.get(), in.data(), 65, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
}

TEST_CASE("asynchronous copies and fills keep their stream's order") {
  cudaStream_t stream = nullptr;
  OK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  void* pinned = nullptr;
  OK(cudaHostAlloc(&pinned, 64, cudaHostAllocDefault));
  std::memset(pinned, 0, 64);
  {
    Buffer<unsigned char> a(64);
    Held held(stream);
    OK(cudaMemsetAsync(a.get(), 5, 64, stream));
    OK(cudaMemcpyAsync(pinned, a.get(), 64, cudaMemcpyDeviceToHost, stream));
    CHECK(static_cast<volatile unsigned char*>(pinned)[63] == 0);
    held.let_go();
    OK(cudaStreamSynchronize(stream));
    CHECK(static_cast<unsigned char*>(pinned)[63] == 5);
  }
  OK(cudaFreeHost(pinned));
  OK(cudaStreamDestroy(stream));
}

TEST_CASE("rectangles: pitched memory, copies and fills") {
  void* pitched = nullptr;
  size_t pitch = 0;
  OK(cudaMallocPitch(&pitched, &pitch, 10, 4));
  CHECK(pitch >= 10);
  const auto in = bytes(40);
  OK(cudaMemset2D(pitched, pitch, 0xEE, 10, 4));
  OK(cudaMemcpy2D(pitched, pitch, in.data(), 10, 5, 3, cudaMemcpyHostToDevice));
  std::vector<unsigned char> out(40);
  OK(cudaMemcpy2D(out.data(), 10, pitched, pitch, 10, 4, cudaMemcpyDeviceToHost));
  for (size_t y = 0; y < 4; ++y)
    for (size_t x = 0; x < 10; ++x)
      CHECK(out[y * 10 + x] == (x < 5 && y < 3 ? in[y * 10 + x] : 0xEE));
  FAILS(cudaMemcpy2D(pitched, 4, in.data(), 10, 5, 3, cudaMemcpyHostToDevice),
        cudaErrorInvalidPitchValue);
  FAILS(cudaMemset2D(pitched, 4, 0, 5, 3), cudaErrorInvalidPitchValue);
  OK(cudaFree(pitched));
}

TEST_CASE("boxes: 3D memory, a part of it copied and filled") {
  const cudaExtent extent{8, 4, 3};
  cudaPitchedPtr box{};
  OK(cudaMalloc3D(&box, extent));
  CHECK(box.xsize == 8);
  CHECK(box.ysize == 4);
  OK(cudaMemset3D(box, 1, extent));
  OK(cudaMemset3D(box, 2, {8, 2, 3}));  // the first two rows of each layer
  const auto in = bytes(8);
  cudaMemcpy3DParms copy{};
  copy.srcPtr = {const_cast<unsigned char*>(in.data()), 4, 4, 2};
  copy.dstPtr = box;
  copy.dstPos = {2, 1, 2};
  copy.extent = {4, 2, 1};
  copy.kind = cudaMemcpyHostToDevice;
  OK(cudaMemcpy3D(&copy));
  std::vector<unsigned char> out(96);
  cudaMemcpy3DParms back{};
  back.srcPtr = box;
  back.dstPtr = {out.data(), 8, 8, 4};
  back.extent = extent;
  back.kind = cudaMemcpyDeviceToHost;
  OK(cudaMemcpy3D(&back));
  for (size_t z = 0; z < 3; ++z)
    for (size_t y = 0; y < 4; ++y)
      for (size_t x = 0; x < 8; ++x) {
        const bool copied = z == 2 && (y == 1 || y == 2) && x >= 2 && x < 6;
        const int expected = copied ? in[(y - 1) * 4 + x - 2] : y < 2 ? 2 : 1;
        CHECK(int{out[z * 32 + y * 8 + x]} == expected);
      }
  OK(cudaFree(box.ptr));
}

TEST_CASE("pinned, registered and managed memory is seen by kernels") {
  void* pinned = nullptr;
  OK(cudaHostAlloc(&pinned, 64 * sizeof(float), cudaHostAllocMapped));
  std::vector<float> own(64);
  OK(cudaHostRegister(own.data(), 64 * sizeof(float), cudaHostRegisterDefault));
  void* managed = nullptr;
  OK(cudaMallocManaged(&managed, 64 * sizeof(float), cudaMemAttachGlobal));
  for (void* const memory : {pinned, static_cast<void*>(own.data()), managed}) {
    std::memset(memory, 0, 64 * sizeof(float));
    void* device = memory;
    if (memory != managed) OK(cudaHostGetDevicePointer(&device, memory, 0));
    kernels::add(static_cast<float*>(device), 64, 3, 1, 64);
    OK(cudaDeviceSynchronize());
    CHECK(static_cast<float*>(memory)[63] == 3);
  }
  unsigned flags = 0;
  OK(cudaHostGetFlags(&flags, pinned));
  CHECK((flags & cudaHostAllocMapped) != 0);
  OK(cudaFreeHost(pinned));
  OK(cudaHostUnregister(own.data()));
  OK(cudaFree(managed));
}

TEST_CASE("memory in use is counted") {
  size_t before = 0, after = 0, total = 0;
  OK(cudaMemGetInfo(&before, &total));
  Buffer<unsigned char> a(8 << 20);
  OK(cudaMemGetInfo(&after, &total));
  CHECK(before - after >= 8 << 20);
  CHECK(total >= before);
}
