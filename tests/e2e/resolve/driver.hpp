// SPDX-License-Identifier: MIT
// What the test program needs of the CUDA driver, found as most programs find it: dlopen and dlsym.
#pragma once

#include <cuda.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

inline void* driver_entry(const char* name) {
  static void* const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  void* found = library ? dlsym(library, name) : nullptr;
  if (!found) {
    std::fprintf(stderr, "program: no %s\n", name);
    std::exit(3);
  }
  return found;
}

#define NAME_OF_EXPANDED(name) #name
#define NAME_OF(name) NAME_OF_EXPANDED(name)
// cu(cuMemAlloc)(…): the entry that cuda.h means by the name.
#define cu(name) (reinterpret_cast<decltype(&::name)>(driver_entry(NAME_OF(name))))

inline void check(CUresult result, const char* what) {
  if (result == CUDA_SUCCESS) return;
  std::fprintf(stderr, "program: %s: error %d\n", what, static_cast<int>(result));
  std::exit(4);
}

template <typename T>
class Buffer {
 public:
  explicit Buffer(size_t count) : count_(count) {
    check(cu(cuMemAlloc)(&address_, count * sizeof(T)), "cuMemAlloc");
  }
  explicit Buffer(const std::vector<T>& values) : Buffer(values.size()) { put(values); }
  ~Buffer() {
    if (address_) cu(cuMemFree)(address_);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  void put(const std::vector<T>& values) {
    check(cu(cuMemcpyHtoD)(address_, values.data(), values.size() * sizeof(T)), "cuMemcpyHtoD");
  }
  std::vector<T> get() const {
    std::vector<T> values(count_);
    check(cu(cuMemcpyDtoH)(values.data(), address_, count_ * sizeof(T)), "cuMemcpyDtoH");
    return values;
  }
  CUdeviceptr address() const { return address_; }
  size_t size() const { return count_; }

 private:
  CUdeviceptr address_ = 0;
  size_t count_;
};

// Bits of every value on one line: what the test compares.
template <typename T>
void print(const char* name, const std::vector<T>& values) {
  std::printf("%s", name);
  for (const T& value : values) {
    unsigned long long bits = 0;
    __builtin_memcpy(&bits, &value, sizeof value);
    std::printf(" %llx", bits);
  }
  std::printf("\n");
}
template <typename T>
void print(const char* name, const Buffer<T>& buffer) {
  print(name, buffer.get());
}
