// SPDX-License-Identifier: MIT
#include "fixture.hpp"

TEST_CASE("variables are copied to and from") {
  OK(cudaDeviceReset());  // back to what the image says
  int value = 0;
  OK(cudaMemcpyFromSymbol(&value, kernels::counter_symbol(), sizeof value, 0,
                          cudaMemcpyDeviceToHost));
  CHECK(value == 7);
  value = 9;
  OK(cudaMemcpyToSymbol(kernels::counter_symbol(), &value, sizeof value, 0,
                        cudaMemcpyHostToDevice));
  value = 0;
  OK(cudaMemcpyFromSymbol(&value, kernels::counter_symbol(), sizeof value, 0, cudaMemcpyDefault));
  CHECK(value == 9);
}

TEST_CASE("kernels read what was copied to a constant, and the rest as it was") {
  OK(cudaDeviceReset());
  const float changed[2] = {20, 30};
  OK(cudaMemcpyToSymbol(kernels::table_symbol(), changed, sizeof changed, sizeof(float),
                        cudaMemcpyHostToDevice));
  Buffer<float> out(4);
  kernels::copy_table(out.get());
  CHECK(out.read() == std::vector<float>{1, 20, 30, 4});
}

TEST_CASE("asynchronous copies to a variable") {
  cudaStream_t stream = nullptr;
  OK(cudaStreamCreate(&stream));
  int in = 11, out = 0;
  OK(cudaMemcpyToSymbolAsync(kernels::counter_symbol(), &in, sizeof in, 0, cudaMemcpyHostToDevice,
                             stream));
  OK(cudaMemcpyFromSymbolAsync(&out, kernels::counter_symbol(), sizeof out, 0,
                               cudaMemcpyDeviceToHost, stream));
  OK(cudaStreamSynchronize(stream));
  CHECK(out == 11);
  OK(cudaStreamDestroy(stream));
}

TEST_CASE("a variable's address and size") {
  void* address = nullptr;
  size_t size = 0;
  OK(cudaGetSymbolAddress(&address, kernels::table_symbol()));
  OK(cudaGetSymbolSize(&size, kernels::table_symbol()));
  CHECK(size == 4 * sizeof(float));
  const float value = 5;
  OK(cudaMemcpy(address, &value, sizeof value, cudaMemcpyHostToDevice));
  float back = 0;
  OK(cudaMemcpyFromSymbol(&back, kernels::table_symbol(), sizeof back, 0, cudaMemcpyDeviceToHost));
  CHECK(back == 5);
}

TEST_CASE("what is no variable, not inside or the wrong way round is refused") {
  int local = 0;
  size_t size = 0;
  void* address = nullptr;
  FAILS(cudaGetSymbolAddress(&address, &local), cudaErrorInvalidSymbol);
  FAILS(cudaGetSymbolSize(&size, &local), cudaErrorInvalidSymbol);
  FAILS(cudaMemcpyToSymbol(kernels::counter_symbol(), &local, sizeof local, 1,
                           cudaMemcpyHostToDevice),
        cudaErrorInvalidValue);
  FAILS(cudaMemcpyToSymbol(kernels::counter_symbol(), &local, sizeof local, 0,
                           cudaMemcpyDeviceToHost),
        cudaErrorInvalidMemcpyDirection);
}

TEST_CASE("a managed variable is one memory for host and device") {
  OK(cudaDeviceReset());
  kernels::add_to_count(0);  // loads it anew
  OK(cudaDeviceSynchronize());
  CHECK(kernels::read_count() == 3);
  kernels::add_to_count(4);
  OK(cudaDeviceSynchronize());
  CHECK(kernels::read_count() == 7);
  kernels::write_count(20);
  kernels::add_to_count(1);
  OK(cudaDeviceSynchronize());
  CHECK(kernels::read_count() == 21);
  void* address = nullptr;
  size_t size = 0;
  OK(cudaGetSymbolAddress(&address, kernels::count_address()));
  CHECK(address == kernels::count_address());
  OK(cudaGetSymbolSize(&size, kernels::count_address()));
  CHECK(size == sizeof(int));
  cudaPointerAttributes attributes;
  OK(cudaPointerGetAttributes(&attributes, address));
  CHECK(attributes.type == cudaMemoryTypeManaged);
  FAILS(cudaFree(address), cudaErrorInvalidValue);  // a variable is not the program's to free
}
